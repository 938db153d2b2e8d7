//! PDF's syntax, as far as the tree of pages needs it. What is of no use is read over and not kept.

/// How deep lists and dictionaries may lie in one another.
const DEPTH_AT_MOST: usize = 64;
/// How many letters of a name are kept: more than any that matters has.
const NAME_AT_MOST: usize = 24;

/// A value.
#[derive(Debug)]
pub(super) enum Value {
    Dict(Box<Dict>),
    List(List),
    Name(Vec<u8>),
    Whole(i64),
    Reference(u32),
    Other,
}

/// What matters of a list: the references in it.
#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) references: Vec<u32>,
}

/// What matters of a dictionary.
#[derive(Debug, Default)]
pub(super) struct Dict {
    pub(super) kind: Option<Vec<u8>>,
    pub(super) root: Option<u32>,
    pub(super) encrypt: bool,
    pub(super) pages: Option<u32>,
    pub(super) kids: Option<Vec<u32>>,
    /// Where the list of kids is, if it is an object of its own.
    pub(super) kids_at: Option<u32>,
    pub(super) length: Option<usize>,
    pub(super) count: Option<usize>,
    pub(super) first: Option<usize>,
}

impl Dict {
    fn take(&mut self, name: &[u8], value: Value) {
        let size = |value: &Value| match value {
            Value::Whole(whole) => usize::try_from(*whole).ok(),
            _ => None,
        };
        match (name, value) {
            (b"Type", Value::Name(kind)) => self.kind = Some(kind),
            (b"Root", Value::Reference(number)) => self.root = Some(number),
            (b"Encrypt", Value::Reference(_) | Value::Dict(_)) => self.encrypt = true,
            (b"Pages", Value::Reference(number)) => self.pages = Some(number),
            (b"Kids", Value::List(list)) => self.kids = Some(list.references),
            (b"Kids", Value::Reference(number)) => self.kids_at = Some(number),
            (b"Length", value) => self.length = size(&value),
            (b"N", value) => self.count = size(&value),
            (b"First", value) => self.first = size(&value),
            _ => {}
        }
    }
}

/// Reads values, and no more bytes than it may.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    left: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize, left: usize) -> Self {
        Self { bytes, at, left }
    }

    /// Where it is.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// How many bytes it may still read.
    pub(super) fn left(&self) -> usize {
        self.left
    }

    /// The next value; none where there is none, where it is broken off, and where no more may be read.
    pub(super) fn value(&mut self) -> Option<Value> {
        self.value_within(0)
    }

    /// Where the data of a stream begins, if what was read was its dictionary.
    pub(super) fn data_of_stream(&mut self) -> Option<usize> {
        self.skip_space()?;
        let rest = self.bytes.get(self.at..)?.strip_prefix(b"stream")?;
        let line = match rest {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => 0,
        };
        Some(self.at + 6 + line)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        self.left = self.left.checked_sub(1)?;
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    /// Goes on to what is neither space nor a comment.
    fn skip_space(&mut self) -> Option<()> {
        loop {
            match self.peek()? {
                b'%' => while !matches!(self.next()?, b'\r' | b'\n') {},
                byte if is_space(byte) => {
                    self.next()?;
                }
                _ => return Some(()),
            }
        }
    }

    fn value_within(&mut self, depth: usize) -> Option<Value> {
        if depth > DEPTH_AT_MOST {
            return None;
        }
        self.skip_space()?;
        match self.next()? {
            b'/' => Some(Value::Name(self.name()?)),
            b'(' => self.text(),
            b'[' => self.list(depth),
            b'<' if self.peek() == Some(b'<') => {
                self.next()?;
                self.dict(depth)
            }
            b'<' => {
                while self.next()? != b'>' {}
                Some(Value::Other)
            }
            first @ (b'0'..=b'9' | b'+' | b'-' | b'.') => self.number(first),
            first if first.is_ascii_alphabetic() => self.word(first),
            _ => None,
        }
    }

    fn dict(&mut self, depth: usize) -> Option<Value> {
        let mut dict = Dict::default();
        loop {
            self.skip_space()?;
            match self.next()? {
                b'/' => {
                    let name = self.name()?;
                    let value = self.value_within(depth + 1)?;
                    dict.take(&name, value);
                }
                b'>' if self.peek() == Some(b'>') => {
                    self.next()?;
                    return Some(Value::Dict(Box::new(dict)));
                }
                _ => return None,
            }
        }
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        let mut list = List::default();
        loop {
            self.skip_space()?;
            if self.peek() == Some(b']') {
                self.next()?;
                return Some(Value::List(list));
            }
            if let Value::Reference(number) = self.value_within(depth + 1)? {
                list.references.push(number);
            }
        }
    }

    /// A name, with what `#41` stands for.
    fn name(&mut self) -> Option<Vec<u8>> {
        let mut name = Vec::new();
        while let Some(byte) = self.peek().filter(|byte| is_of_word(*byte)) {
            self.next()?;
            let escaped = (byte == b'#')
                .then(|| self.bytes.get(self.at..self.at + 2))
                .flatten()
                .and_then(|digits| std::str::from_utf8(digits).ok())
                .and_then(|digits| u8::from_str_radix(digits, 16).ok());
            if escaped.is_some() {
                self.next()?;
                self.next()?;
            }
            if name.len() < NAME_AT_MOST {
                name.push(escaped.unwrap_or(byte));
            }
        }
        Some(name)
    }

    fn text(&mut self) -> Option<Value> {
        let mut open = 1_u32;
        while open > 0 {
            match self.next()? {
                b'\\' => {
                    self.next()?;
                }
                b'(' => open += 1,
                b')' => open -= 1,
                _ => {}
            }
        }
        Some(Value::Other)
    }

    /// A number, or the reference that begins with it: `12 0 R`.
    fn number(&mut self, first: u8) -> Option<Value> {
        let start = self.at - 1;
        while self.peek().is_some_and(is_of_word) {
            self.next()?;
        }
        let whole = |bytes: &[u8]| std::str::from_utf8(bytes).ok()?.parse::<i64>().ok();
        let Some(number) = whole(&self.bytes[start..self.at]) else {
            return Some(Value::Other);
        };
        if first.is_ascii_digit()
            && let Some(end) = self.end_of_reference()
            && let Ok(number) = u32::try_from(number)
        {
            self.left = self.left.checked_sub(end - self.at)?;
            self.at = end;
            return Some(Value::Reference(number));
        }
        Some(Value::Whole(number))
    }

    /// Where a reference ends whose number was read, if it is one. Looks a few bytes ahead.
    fn end_of_reference(&self) -> Option<usize> {
        let rest = self.bytes.get(self.at..)?;
        let rest = &rest[..rest.len().min(24)];
        let generation = rest.trim_ascii_start();
        let digits = generation.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let word = generation.get(digits..)?.trim_ascii_start();
        let is_one = digits > 0
            && generation.len() < rest.len()
            && word.first() == Some(&b'R')
            && word.len() < generation.len() - digits
            && !word.get(1).copied().is_some_and(is_of_word);
        is_one.then(|| self.at + rest.len() - word.len() + 1)
    }

    /// A word of the language that is a value. Any other, such as `endobj`, ends what should have been closed before.
    fn word(&mut self, first: u8) -> Option<Value> {
        let start = self.at - 1;
        while self.peek().is_some_and(is_of_word) {
            self.next()?;
        }
        let word = &self.bytes[start..self.at];
        (matches!(word, b"true" | b"false" | b"null") && first.is_ascii_lowercase()).then_some(Value::Other)
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

fn is_of_word(byte: u8) -> bool {
    !is_space(byte)
        && !matches!(
            byte,
            b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
        )
}
