//! A PDF (ISO 32000-2): how many pages it has, and whether a password protects it.
//!
//! Only what that takes is read: where objects are, the catalogue, and the tree of pages. No page is unpacked; the streams
//! that hold objects are, up to a limit. Objects are found by looking for them, and the last one of a number counts, so
//! that a file is readable whose table of objects is not.

mod syntax;

use std::collections::BTreeMap;

use domain::lease::{PAGES_AT_MOST, Reason};
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_zlib_with_limit};

use self::syntax::{Dict, Reader, Value};
use super::ends_like_an_archive;

/// How many bytes all the streams that hold objects may unpack to.
const UNPACKED_AT_MOST: usize = 32 * 1024 * 1024;
/// How many bytes are read in all, those that are read again included.
const READ_AT_MOST: usize = 96 * 1024 * 1024;
/// How many objects are looked at in search of the pages.
const NODES_AT_MOST: u32 = 5_000;
/// How deep the tree of pages may be.
const DEPTH_AT_MOST: usize = 64;
/// What mail programs and scanners leave behind the end.
const BEHIND_AT_MOST: usize = 1024;

/// Whether it can be read.
pub(super) fn inspect(bytes: &[u8]) -> Result<(), Reason> {
    let end = last(bytes, b"%%EOF").ok_or(Reason::FileDamaged)?;
    let behind = bytes[end + 5..].trim_ascii();
    if behind.len() > BEHIND_AT_MOST || ends_like_an_archive(bytes) {
        return Err(Reason::FileTypeUnsupported);
    }
    let mut file = File::scan(bytes)?;
    if file.trailers.iter().any(|trailer| trailer.encrypt) {
        return Err(Reason::FileEncrypted);
    }
    file.unpack()?;
    let pages = file.pages()?;
    if pages > PAGES_AT_MOST {
        Err(Reason::TooManyPages)
    } else if pages == 0 {
        Err(Reason::FileDamaged)
    } else {
        Ok(())
    }
}

/// Where an object is.
#[derive(Clone, Copy)]
struct Place {
    /// Where in the file it, or the stream that holds it, begins: the last one counts.
    rank: usize,
    /// The unpacked stream that holds it, if one does.
    stream: Option<usize>,
    /// Where it begins there.
    at: usize,
}

/// A stream that holds objects.
struct Packed {
    rank: usize,
    data: usize,
    end: usize,
    count: usize,
    first: usize,
}

struct File<'a> {
    bytes: &'a [u8],
    objects: BTreeMap<u32, Place>,
    packed: Vec<Packed>,
    unpacked: Vec<Vec<u8>>,
    trailers: Vec<Dict>,
    /// How many bytes may still be read.
    left: usize,
}

impl<'a> File<'a> {
    /// Finds the objects and the trailers.
    fn scan(bytes: &'a [u8]) -> Result<Self, Reason> {
        let mut file = Self {
            bytes,
            objects: BTreeMap::new(),
            packed: Vec::new(),
            unpacked: Vec::new(),
            trailers: Vec::new(),
            left: READ_AT_MOST,
        };
        let mut at = 0;
        while let Some(found) = bytes
            .get(at..)
            .and_then(|rest| rest.iter().position(is_of_interest))
        {
            let here = at + found;
            let rest = &bytes[here..];
            at = if rest.starts_with(b"obj") {
                file.object(here)?
            } else if rest.starts_with(b"trailer") {
                file.trailer(here + 7)?
            } else {
                here + 1
            };
        }
        Ok(file)
    }

    fn trailer(&mut self, at: usize) -> Result<usize, Reason> {
        let mut reader = Reader::new(self.bytes, at, self.left);
        let value = reader.value();
        self.left = reader.left();
        match value {
            Some(Value::Dict(dict)) => {
                self.trailers.push(*dict);
                Ok(reader.at())
            }
            _ if self.left == 0 => Err(Reason::FileDamaged),
            _ => Ok(at),
        }
    }

    /// Notes the object whose word `obj` is at `word`; where to go on.
    fn object(&mut self, word: usize) -> Result<usize, Reason> {
        let at = word + 3;
        let Some(number) = number_before(&self.bytes[..word]) else {
            return Ok(at);
        };
        self.note(
            number,
            Place {
                rank: word,
                stream: None,
                at,
            },
        );
        let mut reader = Reader::new(self.bytes, at, self.left);
        let value = reader.value();
        let data = reader.data_of_stream();
        self.left = reader.left();
        let Some(Value::Dict(dict)) = value else {
            return if self.left == 0 {
                Err(Reason::FileDamaged)
            } else {
                Ok(at)
            };
        };
        let Some(data) = data else {
            return Ok(reader.at());
        };
        let end = dict
            .length
            .and_then(|length| data.checked_add(length))
            .filter(|end| self.is_end_of_stream(*end));
        match dict.kind.as_deref() {
            Some(b"ObjStm") => {
                let end = match end {
                    Some(end) => end,
                    None => self.search_end_of_stream(data)?,
                };
                self.packed.push(Packed {
                    rank: word,
                    data,
                    end,
                    count: dict.count.unwrap_or_default(),
                    first: dict.first.unwrap_or_default(),
                });
            }
            Some(b"XRef") => self.trailers.push(*dict),
            _ => {}
        }
        Ok(end.unwrap_or(data))
    }

    fn is_end_of_stream(&self, end: usize) -> bool {
        self.bytes.get(end..).is_some_and(|rest| {
            rest[..rest.len().min(16)]
                .trim_ascii_start()
                .starts_with(b"endstream")
        })
    }

    /// Where a stream ends that does not say how long it is.
    fn search_end_of_stream(&mut self, data: usize) -> Result<usize, Reason> {
        let rest = self.bytes.get(data..).unwrap_or_default();
        let length = rest
            .windows(9)
            .position(|window| window == b"endstream")
            .unwrap_or(rest.len());
        self.left = self.left.checked_sub(length).ok_or(Reason::FileDamaged)?;
        Ok(data + length)
    }

    fn note(&mut self, number: u32, place: Place) {
        let known = self.objects.entry(number).or_insert(place);
        if known.rank <= place.rank {
            *known = place;
        }
    }

    /// Unpacks the streams that hold objects, and finds what is in them.
    fn unpack(&mut self) -> Result<(), Reason> {
        let mut room = UNPACKED_AT_MOST;
        for packed in std::mem::take(&mut self.packed) {
            let data = self.bytes.get(packed.data..packed.end).unwrap_or_default();
            let plain = match decompress_to_vec_zlib_with_limit(data, room) {
                Ok(plain) => plain,
                // What is small and becomes large is made to do harm.
                Err(error) if error.status == TINFLStatus::HasMoreOutput => return Err(Reason::FileDamaged),
                // Another way of packing, or broken: what is in it is missed where it matters.
                Err(_) => continue,
            };
            room -= plain.len();
            let mut reader = Reader::new(&plain, 0, self.left);
            let stream = self.unpacked.len();
            let mut found = Vec::new();
            for _ in 0..packed.count {
                let (Some(Value::Whole(number)), Some(Value::Whole(offset))) =
                    (reader.value(), reader.value())
                else {
                    break;
                };
                let place = usize::try_from(offset)
                    .ok()
                    .and_then(|offset| offset.checked_add(packed.first));
                if let (Ok(number), Some(at)) = (u32::try_from(number), place) {
                    found.push((number, at));
                }
            }
            self.left = reader.left();
            if self.left == 0 {
                return Err(Reason::FileDamaged);
            }
            for (number, at) in found {
                self.note(
                    number,
                    Place {
                        rank: packed.rank,
                        stream: Some(stream),
                        at,
                    },
                );
            }
            self.unpacked.push(plain);
        }
        Ok(())
    }

    /// The object of this number.
    fn get(&mut self, number: u32) -> Option<Value> {
        let place = *self.objects.get(&number)?;
        let bytes = match place.stream {
            Some(stream) => self.unpacked.get(stream)?.as_slice(),
            None => self.bytes,
        };
        let mut reader = Reader::new(bytes, place.at, self.left);
        let value = reader.value();
        self.left = reader.left();
        value
    }

    fn dict(&mut self, number: u32) -> Result<Dict, Reason> {
        match self.get(number) {
            Some(Value::Dict(dict)) => Ok(*dict),
            _ => Err(Reason::FileDamaged),
        }
    }

    /// How many pages there are; one more than are taken, if there are more.
    fn pages(&mut self) -> Result<u32, Reason> {
        let root = self.trailers.iter().rev().find_map(|trailer| trailer.root);
        let root = root.ok_or(Reason::FileDamaged)?;
        let tree = self.dict(root)?.pages.ok_or(Reason::FileDamaged)?;
        let mut pages = 0;
        let mut nodes = 0;
        let mut path = vec![vec![tree]];
        while let Some(level) = path.last_mut() {
            let Some(number) = level.pop() else {
                path.pop();
                continue;
            };
            nodes += 1;
            if nodes > NODES_AT_MOST || path.len() > DEPTH_AT_MOST {
                return Err(Reason::FileDamaged);
            }
            let node = self.dict(number)?;
            let kids = match (node.kids, node.kids_at) {
                (Some(kids), _) => Some(kids),
                (None, Some(number)) => match self.get(number) {
                    Some(Value::List(list)) => Some(list.references),
                    _ => return Err(Reason::FileDamaged),
                },
                (None, None) => None,
            };
            match kids {
                Some(kids) => path.push(kids),
                None => pages += 1,
            }
            if pages > PAGES_AT_MOST {
                break;
            }
        }
        Ok(pages)
    }
}

fn is_of_interest(byte: &u8) -> bool {
    matches!(byte, b'o' | b't')
}

/// The number of the object whose word `obj` comes next: `12 0 obj`.
fn number_before(before: &[u8]) -> Option<u32> {
    let generation = before.trim_ascii_end();
    let number = without_number(generation)?;
    if number.len() == number.trim_ascii_end().len() {
        return None;
    }
    let number = number.trim_ascii_end();
    let digits = &number[without_number(number)?.len()..];
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// What comes before the digits at the end; at least one has to be there, and few enough.
fn without_number(text: &[u8]) -> Option<&[u8]> {
    let digits = text
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .take(11)
        .count();
    (1..=10).contains(&digits).then(|| &text[..text.len() - digits])
}

fn last(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).rposition(|window| window == wanted)
}
