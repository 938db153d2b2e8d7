//! Reading a template, once from its beginning to its end.

use domain::EmailAddress;
use domain::template::{Token, stands_in_a_line};

use super::problem::{Fault, Part, Place, Problem};
use super::{Address, Inline, Line, Piece};

/// How much of what stands between braces is repeated when it is no token, in characters.
const NAME_AT_MOST: usize = 60;
/// Punctuation that ends a sentence, and not the address before it.
const BEHIND_AN_ADDRESS: [char; 9] = ['.', ',', ';', ':', '!', '?', '\'', '*', ')'];

/// A character or a token, with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Atom {
    what: What,
    column: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Character(char),
    Token(Token),
}

/// Where problems are noted while one line is read.
struct Noting<'a> {
    part: Part,
    line: usize,
    problems: &'a mut Vec<Problem>,
}

impl Noting<'_> {
    fn note(&mut self, column: usize, fault: Fault) {
        self.problems.push(Problem {
            part: self.part,
            place: Some(Place {
                line: self.line,
                column,
            }),
            fault,
        });
    }
}

/// A text of one of the parts, if it is as long as it may be. What is too long is not looked at any further.
fn bounded<'a>(text: &'a str, part: Part, problems: &mut Vec<Problem>) -> Option<&'a str> {
    // A character has a byte at least: far too long a text is not even counted.
    let too_long = |text: &str| text.len() > 4 * part.at_most() || text.chars().count() > part.at_most();
    let fault = if too_long(text) {
        Fault::TooLong(part.at_most())
    } else if text.trim().is_empty() {
        Fault::Empty
    } else {
        return Some(text);
    };
    problems.push(Problem {
        part,
        place: None,
        fault,
    });
    None
}

pub(super) fn subject(text: &str, problems: &mut Vec<Problem>) -> Vec<Piece> {
    let part = Part::Subject;
    let Some(text) = bounded(text.trim(), part, problems) else {
        return Vec::new();
    };
    if text.contains(['\r', '\n']) {
        problems.push(Problem {
            part,
            place: None,
            fault: Fault::LineBreak,
        });
        return Vec::new();
    }
    let mut noting = Noting {
        part,
        line: 1,
        problems,
    };
    pieces(&atoms(text, &mut noting))
}

pub(super) fn body(text: &str, problems: &mut Vec<Problem>) -> Vec<Line> {
    let part = Part::Body;
    let Some(text) = bounded(text, part, problems) else {
        return Vec::new();
    };
    let lines = text.split('\n').enumerate();
    lines
        .map(|(number, line)| {
            let mut noting = Noting {
                part,
                line: number + 1,
                problems,
            };
            self::line(line.strip_suffix('\r').unwrap_or(line), &mut noting)
        })
        .collect()
}

fn line(text: &str, noting: &mut Noting<'_>) -> Line {
    let atoms = atoms(text, noting);
    let (mark, kind): (usize, fn(Vec<Inline>) -> Line) = match atoms.as_slice() {
        [first, second, _, ..] if first.is('#') && second.is(' ') => (2, Line::Heading),
        [first, second, _, ..] if first.is('-') && second.is(' ') => (2, Line::Item),
        atoms if atoms.iter().all(Atom::is_space) => return Line::Empty,
        _ => (0, Line::Text),
    };
    let rest = atoms.get(mark..).unwrap_or_default();
    kind(Within::default().inline(rest, noting))
}

impl Atom {
    fn is(&self, character: char) -> bool {
        self.what == What::Character(character)
    }

    fn is_space(&self) -> bool {
        matches!(self.what, What::Character(character) if character.is_whitespace())
    }

    /// Whether it is part of a word. A value's place is.
    fn is_word(&self) -> bool {
        match self.what {
            What::Character(character) => character.is_alphanumeric(),
            What::Token(_) => true,
        }
    }
}

/// The characters and the tokens of a line.
fn atoms(line: &str, noting: &mut Noting<'_>) -> Vec<Atom> {
    let characters: Vec<char> = line.chars().collect();
    let mut atoms = Vec::with_capacity(characters.len());
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        let column = at + 1;
        let braces = if matches!(character, '{' | '}') {
            run(&characters, at)
        } else {
            0
        };
        match (character, braces) {
            ('{', 2..) => match token(&characters, at, braces) {
                Ok((token, behind)) => {
                    atoms.push(Atom {
                        what: What::Token(token),
                        column,
                    });
                    at = behind;
                }
                Err((fault, behind)) => {
                    noting.note(column, fault);
                    at = behind;
                }
            },
            ('}', 2..) => {
                noting.note(column, Fault::Unopened);
                at += braces;
            }
            _ => {
                let tab = character == '\t' && noting.part == Part::Body;
                if !tab && !stands_in_a_line(character) {
                    noting.note(column, Fault::Control(character));
                }
                atoms.push(Atom {
                    what: What::Character(character),
                    column,
                });
                at += 1;
            }
        }
    }
    atoms
}

/// How often the character at a place is repeated there.
fn run(characters: &[char], at: usize) -> usize {
    let rest = characters.get(at..).unwrap_or_default();
    let first = rest.first();
    rest.iter()
        .take_while(|character| Some(*character) == first)
        .count()
}

/// The token whose braces open at a place, and where the text goes on.
fn token(characters: &[char], at: usize, braces: usize) -> Result<(Token, usize), (Fault, usize)> {
    let inside = characters.get(at + braces..).unwrap_or_default();
    let length = inside
        .iter()
        .take_while(|character| !matches!(character, '{' | '}'));
    let length = length.count();
    let closing = at + braces + length;
    let closed = match characters.get(closing) {
        Some('}') => run(characters, closing),
        _ => 0,
    };
    let behind = closing + closed;
    if closed < 2 {
        return Err((Fault::Unclosed, behind));
    }
    if braces > 2 || closed > 2 {
        return Err((Fault::TooManyBraces, behind));
    }
    let name: String = inside.iter().take(length).collect();
    let name = name.trim();
    if name.is_empty() {
        return Err((Fault::NoName, behind));
    }
    name.parse().map(|token| (token, behind)).map_err(|unknown| {
        let shown: String = name
            .chars()
            .filter(|character| stands_in_a_line(*character))
            .take(NAME_AT_MOST)
            .collect();
        let fault = Fault::UnknownToken { name: shown, unknown };
        (fault, behind)
    })
}

/// Texts and tokens, without regard to marks.
fn pieces(atoms: &[Atom]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for atom in atoms {
        match (atom.what, pieces.last_mut()) {
            (What::Token(token), _) => pieces.push(Piece::Token(token)),
            (What::Character(character), Some(Piece::Text(text))) => text.push(character),
            (What::Character(character), _) => pieces.push(Piece::Text(character.into())),
        }
    }
    pieces
}

/// Within what a part of a line stands. Nothing stands within its like, so that this ends.
#[derive(Clone, Copy, Debug, Default)]
struct Within {
    strong: bool,
    emphasis: bool,
    link: bool,
}

/// A part of a line that has a meaning, and how many atoms it is long.
type Found = Option<(Inline, usize)>;

impl Within {
    fn inline(self, atoms: &[Atom], noting: &mut Noting<'_>) -> Vec<Inline> {
        let mut inlines = Vec::new();
        let mut at = 0;
        // What has no end behind one place has none behind a later one: it is looked for once.
        let (mut strong, mut emphasis) = (!self.strong, !self.emphasis);
        while let Some(atom) = atoms.get(at) {
            let mut found = None;
            if !self.link {
                found = self.link(atoms, at, noting).or_else(|| bare(atoms, at, noting));
            }
            if found.is_none() && strong && opens(atoms, at, 2) {
                found = self.marked(atoms, at, 2, noting);
                strong = found.is_some();
            }
            if found.is_none() && emphasis && opens(atoms, at, 1) {
                found = self.marked(atoms, at, 1, noting);
                emphasis = found.is_some();
            }
            let length = match found {
                Some((inline, length)) => {
                    inlines.push(inline);
                    length
                }
                None => {
                    match (atom.what, inlines.last_mut()) {
                        (What::Token(token), _) => inlines.push(Inline::Token(token)),
                        (What::Character(character), Some(Inline::Text(text))) => text.push(character),
                        (What::Character(character), _) => inlines.push(Inline::Text(character.into())),
                    }
                    1
                }
            };
            at += length;
        }
        inlines
    }

    /// What stands between two marks of this many asterisks, the first of which is at a place.
    fn marked(self, atoms: &[Atom], at: usize, asterisks: usize, noting: &mut Noting<'_>) -> Found {
        let begin = at + asterisks;
        let end = (begin + 1..atoms.len()).find(|end| closes(atoms, *end, asterisks))?;
        let inner = atoms.get(begin..end)?;
        let inline = if asterisks == 2 {
            Inline::Strong(Self { strong: true, ..self }.inline(inner, noting))
        } else {
            Inline::Emphasis(
                Self {
                    emphasis: true,
                    ..self
                }
                .inline(inner, noting),
            )
        };
        Some((inline, end + asterisks - at))
    }

    /// The link `[label](address)` at a place. What only looks like one is text.
    fn link(self, atoms: &[Atom], at: usize, noting: &mut Noting<'_>) -> Found {
        let rest = atoms.get(at..)?;
        let (open, inside) = rest.split_first()?;
        if !open.is('[') {
            return None;
        }
        let label = inside.iter().position(|atom| atom.is('[') || atom.is(']'))?;
        let (label, behind) = inside.split_at_checked(label)?;
        let [close, open, target @ ..] = behind else {
            return None;
        };
        if label.iter().all(Atom::is_space) || !close.is(']') || !open.is('(') {
            return None;
        }
        let ends = |atom: &Atom| atom.is(')') || atom.is('[') || atom.is_space();
        let length = target.iter().position(ends)?;
        let (target, behind) = target.split_at_checked(length)?;
        if target.is_empty() || !behind.first()?.is(')') {
            return None;
        }
        let label_inlines = Self { link: true, ..self }.inline(label, noting);
        let address = address(target, noting);
        let all = label.len() + target.len() + 4;
        Some((Inline::Link(Some(label_inlines), address), all))
    }
}

/// Whether a mark of this many asterisks opens at a place: at the beginning of a word. Of three, the first two are what is strong.
fn opens(atoms: &[Atom], at: usize, asterisks: usize) -> bool {
    let run = asterisks_at(atoms, at);
    let before = at.checked_sub(1).and_then(|before| atoms.get(before));
    let behind = atoms.get(at + asterisks);
    (run == asterisks || (run, asterisks) == (3, 2))
        && before.is_none_or(|before| !before.is_word())
        && behind.is_some_and(|behind| !behind.is_space())
}

/// Whether one closes there: at the end of a word. Of three, the last two are what is strong.
fn closes(atoms: &[Atom], at: usize, asterisks: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| atoms.get(before));
    let behind = atoms.get(at + asterisks);
    asterisks_at(atoms, at) == asterisks
        && before.is_some_and(|before| !before.is_space() && (asterisks == 2 || !before.is('*')))
        && behind.is_none_or(|behind| !behind.is_word())
}

/// How many asterisks stand from a place on; more than three are all one.
fn asterisks_at(atoms: &[Atom], at: usize) -> usize {
    let rest = atoms.get(at..).unwrap_or_default();
    rest.iter().take(4).take_while(|atom| atom.is('*')).count()
}

/// An address that stands in the text by itself, up to the next space, without what ends the sentence.
fn bare(atoms: &[Atom], at: usize, noting: &mut Noting<'_>) -> Found {
    let rest = atoms.get(at..)?;
    let before = at.checked_sub(1).and_then(|before| atoms.get(before));
    let begins = ["https://", "http://"].iter().any(|scheme| {
        let mut letters = rest.iter();
        scheme
            .chars()
            .all(|letter| letters.next().is_some_and(|atom| atom.is(letter)))
    });
    if !begins || before.is_some_and(Atom::is_word) {
        return None;
    }
    let ends = |atom: &Atom| {
        atom.is_space()
            || ['<', '>', '"', '[', ']', '(', ')']
                .iter()
                .any(|end| atom.is(*end))
    };
    let mut length = rest.iter().position(ends).unwrap_or(rest.len());
    while let Some(What::Character(last)) = length
        .checked_sub(1)
        .and_then(|last| rest.get(last))
        .map(|atom| atom.what)
        && BEHIND_AN_ADDRESS.contains(&last)
    {
        length -= 1;
    }
    let address = address(rest.get(..length)?, noting);
    Some((Inline::Link(None, address), length))
}

/// The address of a link; what is wrong with it is noted.
fn address(atoms: &[Atom], noting: &mut Noting<'_>) -> Address {
    let column = atoms.first().map_or(1, |atom| atom.column);
    let pieces = pieces(atoms);
    if let Err(fault) = check(&pieces) {
        noting.note(column, fault);
    }
    Address(pieces)
}

/// Whether an address says where it leads, whatever the values are.
fn check(pieces: &[Piece]) -> Result<(), Fault> {
    let Some(Piece::Text(head)) = pieces.first() else {
        return Err(Fault::Scheme);
    };
    let token = pieces.iter().find_map(|piece| match piece {
        Piece::Text(_) => None,
        Piece::Token(token) => Some(*token),
    });
    let (scheme, rest) = head.split_once(':').ok_or(Fault::Scheme)?;
    let (place, goes_on): (&str, bool) = match scheme.to_ascii_lowercase().as_str() {
        "https" | "http" => {
            let rest = rest.strip_prefix("//").ok_or(Fault::Scheme)?;
            let end = rest.find(['/', '?', '#']);
            (
                rest.get(..end.unwrap_or(rest.len())).unwrap_or_default(),
                end.is_some(),
            )
        }
        "mailto" => {
            let end = rest.find('?');
            (
                rest.get(..end.unwrap_or(rest.len())).unwrap_or_default(),
                end.is_some(),
            )
        }
        "tel" => (rest, false),
        _ => return Err(Fault::Scheme),
    };
    if let (Some(token), false) = (token, goes_on) {
        return Err(Fault::TokenInHost(token));
    }
    let is_place = match scheme.to_ascii_lowercase().as_str() {
        "mailto" => place.parse::<EmailAddress>().is_ok(),
        "tel" => {
            place.chars().any(|digit| digit.is_ascii_digit())
                && place
                    .chars()
                    .all(|digit| digit.is_ascii_digit() || matches!(digit, '+' | '-' | '.'))
        }
        _ => is_host(place),
    };
    if is_place { Ok(()) } else { Err(Fault::Address) }
}

/// Whether this is the name of a host, perhaps with a port. What comes before an `@` is none: it makes one host look like another.
fn is_host(text: &str) -> bool {
    let (name, port) = text.split_once(':').unwrap_or((text, ""));
    let labels = name.split('.');
    port.chars().all(|digit| digit.is_ascii_digit())
        && labels.clone().count() > 1
        && labels.into_iter().all(|label| {
            !label.is_empty()
                && label
                    .chars()
                    .all(|letter| letter.is_alphanumeric() || letter == '-')
        })
}
