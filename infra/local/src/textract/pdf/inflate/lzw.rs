//! How much LZW data (ISO 32000-2, 7.4.4) unpacks to, counted without unpacking it: each code stands for a text whose length
//! follows from the lengths before it.

/// The code that empties the table, and the one that ends the data; texts of the table come behind them.
const CLEAR: usize = 256;
const END: usize = 257;
const FIRST: usize = 258;
/// How many codes there are at most.
const CODES: usize = 4096;

/// The size, in bytes, or anything above `limit` if it is more than that. `early` says that codes get longer one code sooner
/// than they would have to, as they do unless a stream says otherwise.
pub(super) fn size(data: &[u8], early: bool, limit: u64) -> u64 {
    let mut codes = Codes {
        data,
        held: 0,
        bits: 0,
    };
    let mut lengths: Vec<u64> = Vec::with_capacity(CODES - FIRST);
    let mut before: Option<u64> = None;
    let mut size = 0;
    while size <= limit
        && let Some(code) = codes.next(width(FIRST + lengths.len() + usize::from(early)))
    {
        let known = code.checked_sub(FIRST).map(|at| lengths.get(at).copied());
        let length = match (code, known) {
            (CLEAR, _) => {
                lengths.clear();
                before = None;
                continue;
            }
            (END, _) => break,
            (_, None) => 1,
            (_, Some(Some(length))) => length,
            // The text before, and its own first letter: the only code that may be used before it is known.
            (_, Some(None)) if code == FIRST + lengths.len() => match before {
                Some(before) => before + 1,
                None => break,
            },
            (_, Some(None)) => break,
        };
        if let Some(before) = before.filter(|_| lengths.len() < CODES - FIRST) {
            lengths.push(before + 1);
        }
        before = Some(length);
        size += length;
    }
    size
}

/// The bits of a code, when the table has got so far.
fn width(next: usize) -> u32 {
    match next {
        ..512 => 9,
        512..1024 => 10,
        1024..2048 => 11,
        _ => 12,
    }
}

/// Codes, their highest bit first.
struct Codes<'a> {
    data: &'a [u8],
    held: u32,
    bits: u32,
}

impl Codes<'_> {
    fn next(&mut self, width: u32) -> Option<usize> {
        while self.bits < width {
            let (first, rest) = self.data.split_first()?;
            self.held = self.held << 8 | u32::from(*first);
            self.bits += 8;
            self.data = rest;
        }
        self.bits -= width;
        let code = self.held >> self.bits;
        self.held &= (1 << self.bits) - 1;
        Some(code as usize)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::HashMap;

    use super::*;

    /// Codes, each with its width, as bytes.
    fn written(codes: impl IntoIterator<Item = (usize, u32)>) -> Vec<u8> {
        let bits = codes
            .into_iter()
            .flat_map(|(code, width)| (0..width).rev().map(move |bit| code >> bit & 1 == 1));
        let bits: Vec<bool> = bits.collect();
        bits.chunks(8)
            .map(|bits| (0..8).fold(0, |byte, at| byte << 1 | u8::from(bits.get(at) == Some(&true))))
            .collect()
    }

    /// Data as `LZWDecode` unpacks it.
    pub(in super::super) fn packed(data: &[u8]) -> Vec<u8> {
        let mut known: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut codes = vec![(CLEAR, width(FIRST))];
        let code = |known: &HashMap<Vec<u8>, usize>, text: &[u8]| match text {
            [one] => usize::from(*one),
            text => known[text],
        };
        let mut text: Vec<u8> = Vec::new();
        for byte in data {
            let longer = [text.as_slice(), &[*byte]].concat();
            if longer.len() == 1 || known.contains_key(&longer) {
                text = longer;
                continue;
            }
            // Whoever reads it is one text behind.
            codes.push((code(&known, &text), width(FIRST + known.len())));
            known.insert(longer, FIRST + known.len());
            text = vec![*byte];
            if known.len() == CODES - FIRST - 2 {
                codes.push((CLEAR, width(FIRST + known.len())));
                known.clear();
            }
        }
        if !text.is_empty() {
            codes.push((code(&known, &text), width(FIRST + known.len())));
        }
        codes.push((END, width(FIRST + known.len() + 1)));
        written(codes)
    }

    /// At least so many spaces: each code stands for one more than the code before, and the last for itself again and again.
    pub(in super::super) fn spaces(size: usize) -> Vec<u8> {
        let growing = (FIRST..CODES).map(|code| (code, width(code + 1)));
        let longest = CODES - FIRST + 1;
        let again = std::iter::repeat_n((CODES - 1, width(CODES)), size / longest + 1);
        let first = [(CLEAR, width(FIRST)), (usize::from(b' '), width(FIRST + 1))];
        written(first.into_iter().chain(growing).chain(again))
    }

    #[test]
    fn the_size_is_that_of_what_was_packed() {
        // The example of the standard: 45 45 45 45 45 65 45 45 45 66.
        let example = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01];
        assert_eq!(packed(&[45, 45, 45, 45, 45, 65, 45, 45, 45, 66]), example);
        assert_eq!(size(&example, true, 1000), 10);
        let text: Vec<u8> = (0..40_000_u32).map(|at| (at * at / 7 % 251) as u8).collect();
        for data in [&text[..], &[b' '; 40_000], b"", b"x"] {
            assert_eq!(size(&packed(data), true, u64::MAX), data.len() as u64);
        }
    }

    #[test]
    fn it_is_not_counted_far_beyond_the_limit() {
        let bomb = spaces(1_000_000);
        assert!(size(&bomb, true, u64::MAX) > 1_000_000);
        let size = size(&bomb, true, 100_000);
        assert!((100_000..105_000).contains(&size), "{size}");
    }
}
