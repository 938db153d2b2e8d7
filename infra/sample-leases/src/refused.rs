//! Files that are no lease that can be read: each has to be turned away, or to end in review, without harm.

use std::io::{Cursor, Write};

use md5::{Digest, Md5};
use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::block::Block;
use crate::terms::{Layout, Terms};

/// The most bytes that a lease may have.
const MOST_BYTES: usize = 10 * 1024 * 1024;

/// A lease that is followed by blanks until it has one byte more than 10 MB.
#[must_use]
pub fn one_byte_too_many(terms: &Terms) -> Vec<u8> {
    let mut file = crate::lease(terms, Layout::Prose);
    file.resize(MOST_BYTES + 1, b' ');
    file
}

/// A lease of 51 pages.
#[must_use]
pub fn fifty_one_pages(terms: &Terms) -> Vec<u8> {
    pages(terms, 51)
}

/// A lease with so many pages that are empty but for a line that it has `count` of them.
#[must_use]
pub fn pages(terms: &Terms, count: usize) -> Vec<u8> {
    let draft = crate::plain(terms, Layout::Prose);
    let mut pages = draft.pages();
    let rest = vec![
        Block::Paragraph("This page is left blank on purpose.".to_owned()),
        Block::NewPage,
    ];
    let mut rest = crate::setting::set(&draft.look, &rest);
    rest.truncate(1);
    while pages.len() < count {
        pages.extend(rest.iter().cloned());
    }
    crate::pdf::write(draft.look.make, &pages)
}

/// A PNG that is a PDF as well: a picture of one point, then a lease. Told by its first bytes, it is a PNG.
#[must_use]
pub fn png_and_pdf(terms: &Terms) -> Vec<u8> {
    let mut file = ONE_POINT_PNG.to_vec();
    file.extend(crate::lease(terms, Layout::Prose));
    file
}

/// A page for browsers with a script, behind which a lease stands near enough to the beginning that many readers of PDF
/// take it for one.
#[must_use]
pub fn html_and_pdf(terms: &Terms) -> Vec<u8> {
    let mut file = b"<!DOCTYPE html><html><body><script>document.title = 'lease'</script><!--\n".to_vec();
    file.extend(crate::lease(terms, Layout::Prose));
    file.extend(b"\n--></body></html>");
    file
}

/// A PDF whose one page inflates to about `bytes` of nothing: four gigabytes come from four megabytes.
#[must_use]
pub fn bomb(bytes: u64) -> Vec<u8> {
    around(&zeros(bytes), 1)
}

/// The same, deflated twice: four gigabytes come from some kilobytes.
#[must_use]
pub fn bomb_in_a_bomb(bytes: u64) -> Vec<u8> {
    let inner = zeros(bytes);
    around(&compress_to_vec_zlib(&inner, 9), 2)
}

/// A PDF whose objects are in a stream that inflates to about `bytes` of nothing: who looks for its pages has to inflate it.
#[must_use]
pub fn bomb_of_objects(bytes: u64) -> Vec<u8> {
    let [objects, references] = [1, 2].map(Ref::new);
    let stream = zeros(bytes);
    let mut pdf = Pdf::new();
    let mut packed = pdf.stream(objects, &stream);
    packed.filter(Filter::FlateDecode);
    packed
        .pair(Name(b"Type"), Name(b"ObjStm"))
        .pair(Name(b"N"), 2)
        .pair(Name(b"First"), 12);
    packed.finish();
    let mut trailer = pdf.stream(references, &[]);
    trailer
        .pair(Name(b"Type"), Name(b"XRef"))
        .pair(Name(b"Size"), 3)
        .pair(Name(b"Root"), Ref::new(5));
    trailer.finish();
    pdf.finish()
}

/// A lease that nobody opens without `password`: encrypted as PDF 1.4 has it, with RC4 and a key of 128 bits
/// (ISO 32000-1, 7.6.3).
#[must_use]
pub fn encrypted(terms: &Terms, password: &str) -> Vec<u8> {
    encrypted_for(terms, password, password)
}

/// A lease that everybody opens, and that only who knows `password` may change: encrypted all the same.
#[must_use]
pub fn locked(terms: &Terms, password: &str) -> Vec<u8> {
    encrypted_for(terms, password, "")
}

fn encrypted_for(terms: &Terms, owner: &str, user: &str) -> Vec<u8> {
    const PERMISSIONS: i32 = -3904;
    let id = Md5::digest(terms.landlord.as_bytes()).to_vec();
    let owner = twenty_times(&hashed(&padded(owner), 51), &padded(user));
    let mut seed = padded(user).to_vec();
    seed.extend(&owner);
    seed.extend(PERMISSIONS.to_le_bytes());
    seed.extend(&id);
    let key = hashed(&seed, 51);
    let user = {
        let mut seed = PADDING.to_vec();
        seed.extend(&id);
        let mut entry = twenty_times(&key, &Md5::digest(&seed));
        entry.resize(32, 0);
        entry
    };

    let [catalog, tree, page, stream, encryption] = [1, 2, 3, 4, 5].map(Ref::new);
    let draft = crate::plain(terms, Layout::Prose);
    let content = crate::pdf::content(draft.pages().first().map_or(&[][..], Vec::as_slice));
    let mut own = key.clone();
    own.extend([4, 0, 0, 0, 0]);
    let content = rc4(&Md5::digest(&own), &content);

    let mut pdf = Pdf::new();
    pdf.set_version(1, 4);
    pdf.set_file_id((id.clone(), id));
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).kids([page]).count(1);
    let fonts = (10..).map(Ref::new).zip(crate::pdf::FACES);
    let mut leaf = pdf.page(page);
    leaf.parent(tree)
        .media_box(Rect::new(0.0, 0.0, 612.0, 1008.0))
        .contents(stream);
    let mut resources = leaf.resources();
    let mut names = resources.fonts();
    for (id, face) in fonts.clone() {
        names.pair(Name(face.resource()), id);
    }
    names.finish();
    resources.finish();
    leaf.finish();
    for (id, face) in fonts {
        pdf.type1_font(id).base_font(Name(face.base_font()));
    }
    pdf.stream(stream, &content);
    let mut dictionary = pdf.indirect(encryption).dict();
    dictionary
        .pair(Name(b"Filter"), Name(b"Standard"))
        .pair(Name(b"V"), 2)
        .pair(Name(b"R"), 3)
        .pair(Name(b"Length"), 128)
        .pair(Name(b"P"), PERMISSIONS)
        .pair(Name(b"O"), Str(&owner))
        .pair(Name(b"U"), Str(&user));
    dictionary.finish();
    with_trailer_entry(pdf.finish(), b"/Encrypt 5 0 R ")
}

/// What a password is filled up with.
const PADDING: [u8; 32] = [
    0x28, 0xbf, 0x4e, 0x5e, 0x4e, 0x75, 0x8a, 0x41, 0x64, 0x00, 0x4e, 0x56, 0xff, 0xfa, 0x01, 0x08, 0x2e,
    0x2e, 0x00, 0xb6, 0xd0, 0x68, 0x3e, 0x80, 0x2f, 0x0c, 0xa9, 0xfe, 0x64, 0x53, 0x69, 0x7a,
];

fn padded(password: &str) -> [u8; 32] {
    let mut padded = [0; 32];
    for (to, from) in padded.iter_mut().zip(password.bytes().chain(PADDING)) {
        *to = from;
    }
    padded
}

/// A hash of a hash, so many times.
fn hashed(seed: &[u8], times: u32) -> Vec<u8> {
    let first = Md5::digest(seed);
    (1..times).fold(first.to_vec(), |hash, _| Md5::digest(&hash).to_vec())
}

/// Encrypts with the key, then with the key changed by 1, and so on up to 19.
fn twenty_times(key: &[u8], data: &[u8]) -> Vec<u8> {
    (0..20).fold(data.to_vec(), |data, round| {
        let key: Vec<u8> = key.iter().map(|byte| byte ^ round).collect();
        rc4(&key, &data)
    })
}

fn rc4(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut state: Vec<u8> = (0..=u8::MAX).collect();
    let mut j = 0u8;
    for i in 0..256 {
        j = j.wrapping_add(state[i]).wrapping_add(key[i % key.len()]);
        state.swap(i, usize::from(j));
    }
    let (mut i, mut j) = (0u8, 0u8);
    data.iter()
        .map(|byte| {
            i = i.wrapping_add(1);
            j = j.wrapping_add(state[usize::from(i)]);
            state.swap(usize::from(i), usize::from(j));
            let at = state[usize::from(i)].wrapping_add(state[usize::from(j)]);
            byte ^ state[usize::from(at)]
        })
        .collect()
}

/// A finished PDF with one more entry in its trailer, which stands behind all that is found by its place.
fn with_trailer_entry(mut file: Vec<u8>, entry: &[u8]) -> Vec<u8> {
    let root = b"/Root";
    let trailer = file.windows(root.len()).rposition(|window| window == root);
    if let Some(at) = trailer {
        file.splice(at..at, entry.iter().copied());
    }
    file
}

/// A Word document as it is saved today, with a sentence that would do for a lease.
///
/// # Errors
/// Those of the archive, which is in memory.
pub fn docx(terms: &Terms) -> Result<Vec<u8>, zip::result::ZipError> {
    let text = format!(
        "{} rents {} from {} for ${} per month.",
        terms.tenants.join(" and "),
        terms.home.street,
        terms.landlord,
        terms.rent.dollars()
    );
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:document \
         xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p>\
         </w:body></w:document>"
    );
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in [
        ("[Content_Types].xml", CONTENT_TYPES),
        ("_rels/.rels", RELATIONSHIPS),
        ("word/document.xml", document.as_str()),
    ] {
        archive.start_file(name, stored)?;
        archive.write_all(content.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}

const CONTENT_TYPES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Types \
    xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" \
    ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override PartName=\"/word/document.xml\" \
    ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";
const RELATIONSHIPS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Relationships \
    xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" \
    Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
    Target=\"word/document.xml\"/></Relationships>";

/// A Word document as it was saved twenty years ago: the head of a compound file ([MS-CFB] 2.2), and sectors of nothing.
#[must_use]
pub fn doc() -> Vec<u8> {
    let mut file = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    file.resize(24, 0);
    // Versions, byte order, sectors of 512 bytes and small ones of 64.
    for field in [0x003e_u16, 3, 0xfffe, 9, 6] {
        file.extend(field.to_le_bytes());
    }
    file.resize(44, 0);
    // One sector of the table, the directory in the second; no others.
    for field in [1_u32, 1, 0, 4096, 0xffff_fffe, 0, 0xffff_fffe, 0, 0] {
        file.extend(field.to_le_bytes());
    }
    file.resize(512, 0xff);
    file.resize(512 * 4, 0);
    file
}

/// Nothing.
#[must_use]
pub const fn empty() -> Vec<u8> {
    Vec::new()
}

/// A PDF of which the second half did not arrive.
#[must_use]
pub fn half(terms: &Terms) -> Vec<u8> {
    let mut file = crate::lease(terms, Layout::Prose);
    file.truncate(file.len() / 2);
    file
}

/// A picture of one white point.
#[rustfmt::skip]
const ONE_POINT_PNG: [u8; 67] = [
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0,
    0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 10, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0xf8, 0x0f, 0, 1, 1, 1, 0, 0xb1, 0x38,
    0xf6, 0x14, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

/// A PDF of one page with this content, which was deflated so many times.
fn around(content: &[u8], layers: usize) -> Vec<u8> {
    let [catalog, tree, page, stream] = [1, 2, 3, 4].map(Ref::new);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).kids([page]).count(1);
    pdf.page(page)
        .parent(tree)
        .media_box(Rect::new(0.0, 0.0, 612.0, 792.0))
        .contents(stream);
    let mut written = pdf.stream(stream, content);
    written
        .insert(Name(b"Filter"))
        .array()
        .items(std::iter::repeat_n(Name(b"FlateDecode"), layers));
    written.finish();
    pdf.finish()
}

/// A zlib stream of about `bytes` zero bytes: each byte of it stands for 1032.
///
/// One block with codes of its own (RFC 1951, 3.2.7), in which the pair "repeat 258 times" and "from one before" takes
/// two bits; so that every byte of the block is zero, and nothing has to be deflated.
fn zeros(bytes: u64) -> Vec<u8> {
    let mut bits = Bits::default();
    // zlib's header: deflate, a window of 32 KB, the fastest.
    let mut stream = vec![0x78, 0x01];
    // The last block, with codes of its own: 286 for literals and lengths, 1 for distances, 18 for code lengths.
    bits.push(1, 1);
    bits.push(2, 2);
    bits.push(286 - 257, 5);
    bits.push(0, 5);
    bits.push(18 - 4, 4);
    // Lengths of the codes for 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1: only 18, 2 and 1 occur.
    for length in [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2] {
        bits.push(length, 3);
    }
    // By these, 18 is `0`, 1 is `10` and 2 is `11`; codes stand with their first bit first.
    let many_zeros = |bits: &mut Bits, count: u32| {
        bits.push(0, 1);
        bits.push(count - 11, 7);
    };
    let one = 0b01;
    let two = 0b11;
    bits.push(two, 2); // the byte 0
    many_zeros(&mut bits, 138);
    many_zeros(&mut bits, 117);
    bits.push(two, 2); // the end of the block, 256
    many_zeros(&mut bits, 28);
    bits.push(one, 2); // the length 258, 285
    bits.push(one, 2); // the distance 1
    // So 285 is `0`, the byte 0 is `10` and the end is `11`; the one distance is `0`. One zero byte to repeat, after which
    // a byte is open with one bit in it.
    bits.push(0b01, 2);
    let rounds = bytes / 1032;
    bits.push(0, 7);
    stream.append(&mut bits.done);
    stream.resize(stream.len() + usize::try_from(rounds).unwrap_or(0), 0);
    // The eighth bit that makes four pairs with the seven above, and the end.
    bits.push(0, 1);
    bits.push(0b11, 2);
    bits.push(0, 5);
    stream.append(&mut bits.done);
    // Adler-32 (RFC 1950) of so many zero bytes: the second sum grows by one with each.
    let sum = (1 + 258 * 4 * (rounds + 1)) % 65_521;
    stream.extend(u16::try_from(sum).unwrap_or(0).to_be_bytes());
    stream.extend(1u16.to_be_bytes());
    stream
}

/// Bits, the lowest first.
#[derive(Default)]
struct Bits {
    done: Vec<u8>,
    open: u32,
    used: u32,
}

impl Bits {
    fn push(&mut self, value: u32, count: u32) {
        self.open |= value << self.used;
        self.used += count;
        while self.used >= 8 {
            self.done.push(u8::try_from(self.open & 0xff).unwrap_or(0));
            self.open >>= 8;
            self.used -= 8;
        }
    }
}

#[cfg(test)]
mod tests {
    use miniz_oxide::inflate::decompress_to_vec_zlib;

    use super::*;

    #[test]
    fn a_bomb_is_a_true_stream_of_nothing_that_is_a_thousand_times_as_long() {
        let stream = zeros(4_000_000);
        assert!(stream.len() < 5000, "{}", stream.len());
        let inflated = decompress_to_vec_zlib(&stream).unwrap();
        assert!(
            (4_000_000..4_010_000).contains(&inflated.len()),
            "{}",
            inflated.len()
        );
        assert!(inflated.iter().all(|byte| *byte == 0));
    }

    #[test]
    fn four_gigabytes_come_in_a_file_that_may_be_sent() {
        let file = bomb(4 << 30);
        assert!(file.len() < MOST_BYTES / 2, "{}", file.len());
        assert!(file.starts_with(b"%PDF-"));
    }

    #[test]
    fn the_cipher_is_rc4() {
        // https://www.rfc-editor.org/rfc/rfc6229, 40-bit key 0x0102030405: the first bytes of its stream.
        assert_eq!(rc4(&[1, 2, 3, 4, 5], &[0; 4]), [0xb2, 0x39, 0x63, 0x05]);
    }

    #[test]
    fn the_picture_of_one_point_is_one() {
        let chunk = |at: usize, length: usize| {
            let bytes = &ONE_POINT_PNG[at..at + 4 + length];
            let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
                (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
                    (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg())
                })
            });
            (!sum).to_be_bytes() == ONE_POINT_PNG[at + 4 + length..at + 8 + length]
        };
        assert!(chunk(12, 13) && chunk(37, 10) && chunk(59, 0));
        assert_eq!(decompress_to_vec_zlib(&ONE_POINT_PNG[41..51]).unwrap(), [0, 0xff]);
    }
}
