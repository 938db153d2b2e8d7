//! Amounts in words: "One Thousand Four Hundred Fifty and 00/100 Dollars".

use super::token::{Kind, Token};

/// An amount in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InWords {
    /// In hundredths of a dollar.
    pub(super) hundredths: u64,
    /// The tokens from the first of its words on.
    pub(super) end: usize,
    /// Whether it says that it is dollars.
    pub(super) dollars: bool,
}

/// The amount in words that begins at `start`; none if no number word stands there.
pub(super) fn read(tokens: &[Token], start: usize) -> Option<InWords> {
    let word = |at: usize| {
        tokens
            .get(at)
            .filter(|token| token.kind == Kind::Word)
            .map_or("", |token| token.text.as_str())
    };
    let mark = |at: usize, mark: &str| tokens.get(at).is_some_and(|token| token.is_mark(&[mark]));
    let mut at = start;
    let (mut total, mut group, mut any) = (0_u64, 0_u64, false);
    // What the last number word was worth: "twenty" may be followed by "five", "five" by nothing but "hundred".
    let mut last = u64::MAX;
    loop {
        // Hyphens and "and" stand between number words, and are left alone behind them.
        let mut next = at;
        while any && (mark(next, "-") || word(next) == "and" || mark(next, ",")) {
            next += 1;
        }
        let text = word(next);
        if let Some(value) = small(text) {
            if any && !(last == 100 || last == 1000 || (20..100).contains(&last) && value < 10) {
                break;
            }
            group += value;
            last = value;
        } else if text == "hundred" && (1..100).contains(&group) {
            group *= 100;
            last = 100;
        } else if text == "hundred" && !any {
            group = 100;
            last = 100;
        } else if text == "thousand" && (1..1000).contains(&group) && total == 0 {
            total = group * 1000;
            group = 0;
            last = 1000;
        } else if text == "thousand" && !any {
            total = 1000;
            last = 1000;
        } else {
            break;
        }
        any = true;
        at = next + 1;
    }
    if !any {
        return None;
    }
    let mut found = InWords {
        hundredths: (total + group) * 100,
        end: at,
        dollars: false,
    };
    let dollars = |at: usize| matches!(word(at), "dollar" | "usd");
    if dollars(at) {
        found.dollars = true;
        at += 1;
        found.end = at;
    }
    if let Some((cents, end)) = cents(tokens, at) {
        found.hundredths += cents;
        found.end = end;
    }
    if !found.dollars && dollars(found.end) {
        found.dollars = true;
        found.end += 1;
    }
    Some(found)
}

/// "and 50/100", "and no/100", "& xx/100", "and fifty cents", "and no cents", each from `start` on.
fn cents(tokens: &[Token], start: usize) -> Option<(u64, usize)> {
    let mut at = start;
    while tokens
        .get(at)
        .is_some_and(|token| token.is("and") || token.is_mark(&["&", ",", "-"]))
    {
        at += 1;
    }
    let first = tokens.get(at)?;
    let slash = |at: usize| tokens.get(at).is_some_and(|token| token.is_mark(&["/"]));
    let hundred = |at: usize| {
        tokens
            .get(at)
            .is_some_and(|token| token.is("100") || token.is("hundred"))
    };
    let none = matches!(first.text.as_str(), "no" | "xx" | "zero" | "none");
    if slash(at + 1) && hundred(at + 2) {
        let cents = if none {
            0
        } else {
            first.text.parse().ok().filter(|cents| *cents < 100)?
        };
        return Some((cents, at + 3));
    }
    let cent = |at: usize| tokens.get(at).is_some_and(|token| token.is("cent"));
    if none && cent(at + 1) {
        return Some((0, at + 2));
    }
    let tens = small(&first.text)?;
    let mut end = at + 1;
    let mut cents = tens;
    if tokens.get(end).is_some_and(|token| token.is_mark(&["-"])) {
        end += 1;
    }
    if let Some(ones) = tokens.get(end).and_then(|token| small(&token.text))
        && tens >= 20
        && ones < 10
    {
        cents += ones;
        end += 1;
    }
    cent(end).then_some((cents, end + 1))
}

/// Whether a word is a number, above one.
pub(super) fn is_number(word: &str) -> bool {
    small(word).is_some_and(|value| value > 1)
}

fn small(word: &str) -> Option<u64> {
    // As `stem` leaves them: a plural's "s" is gone.
    const ONES: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 8] = [
        "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    ];
    if let Some(at) = ONES.iter().position(|one| *one == word) {
        return u64::try_from(at).ok().filter(|value| *value > 0);
    }
    if word == "fourty" {
        return Some(40);
    }
    let at = TENS.iter().position(|ten| *ten == word)?;
    u64::try_from(at).ok().map(|at| (at + 2) * 10)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Document;
    use crate::lease::token::tokens;

    /// A number in words, as a lease writes it.
    pub(crate) fn in_words(number: u64) -> String {
        const ONES: [&str; 20] = [
            "",
            "One",
            "Two",
            "Three",
            "Four",
            "Five",
            "Six",
            "Seven",
            "Eight",
            "Nine",
            "Ten",
            "Eleven",
            "Twelve",
            "Thirteen",
            "Fourteen",
            "Fifteen",
            "Sixteen",
            "Seventeen",
            "Eighteen",
            "Nineteen",
        ];
        const TENS: [&str; 10] = [
            "", "", "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety",
        ];
        let index = |n: u64| usize::try_from(n).unwrap();
        match number {
            0..20 => ONES[index(number)].to_owned(),
            20..100 if number.is_multiple_of(10) => TENS[index(number / 10)].to_owned(),
            20..100 => format!("{}-{}", TENS[index(number / 10)], ONES[index(number % 10)]),
            100..1000 => format!("{} Hundred {}", ONES[index(number / 100)], in_words(number % 100))
                .trim()
                .to_owned(),
            _ => format!("{} Thousand {}", in_words(number / 1000), in_words(number % 1000))
                .trim()
                .to_owned(),
        }
    }

    fn read_text(text: &str) -> Option<InWords> {
        let block = crate::Block {
            block_type: crate::BlockType::Line,
            text: Some(text.to_owned()),
            ..crate::Block::default()
        };
        let document = Document::new(vec![block]);
        let words: Vec<usize> = (0..document.words.len()).collect();
        read(&tokens(&document, &words), 0)
    }

    #[test]
    fn amounts_are_read_in_every_usual_wording() {
        for (text, hundredths) in [
            ("One Thousand Four Hundred Fifty and 00/100 Dollars", 145_000),
            ("fifteen hundred dollars", 150_000),
            ("One thousand four hundred fifty dollars and no/100", 145_000),
            ("TWO THOUSAND ONE HUNDRED DOLLARS AND FIFTY CENTS", 210_050),
            ("two thousand one hundred and 25/100ths", 210_000),
            ("One Thousand, Three Hundred Fifty & xx/100 Dollars", 135_000),
            ("Twenty-Five Hundred Dollars", 250_000),
            ("One Hundred Thousand Dollars and No Cents", 10_000_000),
            ("nine hundred ninety-five dollars and seventy-five cents", 99_575),
            ("one hundred and five dollars", 10_500),
            ("thousand dollars", 100_000),
        ] {
            let found = read_text(text).unwrap();
            assert_eq!(found.hundredths, hundredths, "{text}");
        }
        assert_eq!(read_text("Rent of one"), None);
    }

    #[test]
    fn number_words_that_do_not_make_one_number_are_not_added_up() {
        for (text, hundredths) in [
            ("five six hundred", 500),
            ("twenty thirty", 2000),
            ("ten five", 1000),
        ] {
            assert_eq!(read_text(text).unwrap().hundredths, hundredths, "{text}");
        }
    }

    #[test]
    fn every_number_up_to_100_000_comes_back() {
        // In steps of a prime, and all of the first ten thousand.
        for number in (1..=10_000).chain((10_000..=100_000).step_by(37)) {
            let found = read_text(&format!("{} Dollars", in_words(number))).unwrap();
            assert_eq!(
                (found.hundredths, found.dollars),
                (number * 100, true),
                "{number}"
            );
        }
    }

    proptest! {
        #[test]
        fn cents_come_back_as_a_fraction(number in 1u64..=100_000, cents in 0u64..100) {
            let found = read_text(&format!("{} and {cents:02}/100 Dollars", in_words(number))).unwrap();
            prop_assert_eq!(found.hundredths, number * 100 + cents);
        }
    }
}
