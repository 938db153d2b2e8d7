//! Amounts in digits. What does not read like one beyond doubt is suspect: a person looks at it, nobody corrects it.

use super::number_words;
use super::token::{Kind, Token};

/// How an amount reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// In hundredths of a dollar, beyond doubt.
    Clear(u64),
    /// Something is wrong with it; what it may mean.
    Suspect(Option<u64>),
}

impl Reading {
    pub(super) const fn hundredths(self) -> Option<u64> {
        match self {
            Self::Clear(hundredths) => Some(hundredths),
            Self::Suspect(guess) => guess,
        }
    }
}

/// An amount among tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) reading: Reading,
    /// Its tokens, with those of its words.
    pub(super) start: usize,
    pub(super) end: usize,
    /// The same amount in words, beside it, in hundredths.
    pub(super) in_words: Option<u64>,
    /// Whether it is a bare number, which only its surroundings make an amount.
    pub(super) bare: bool,
}

/// The amounts among these tokens, in their order. `wanted` says that a bare number is one: the value of a field.
pub(super) fn amounts(tokens: &[Token], wanted: bool) -> Vec<Amount> {
    let mut found: Vec<Amount> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let amount = in_digits(tokens, at, wanted).or_else(|| only_in_words(tokens, at));
        if let Some(mut amount) = amount {
            at = amount.end.max(at + 1);
            join_words(tokens, &mut amount, &mut found);
            found.push(amount);
        } else {
            at += 1;
        }
    }
    found
}

/// An amount in words is the one in digits beside it: "One Thousand Dollars ($1,000.00)" or "$1,000 (one thousand)".
fn join_words(tokens: &[Token], amount: &mut Amount, found: &mut Vec<Amount>) {
    let Some(last) = found.last() else { return };
    let between = &tokens[last.end.min(amount.start)..amount.start];
    let near = between.len() <= 4
        && between.iter().all(|token| {
            token.is_mark(&["(", ")", ",", "-", "\u{2013}", "\"", ":", "_", "[", "="])
                || token.is("or")
                || matches!(token.text.as_str(), "u" | "us" | "usd")
        })
        && !between.iter().any(|token| token.is("or"));
    let of_words = |amount: &Amount| {
        amount
            .in_words
            .filter(|_| tokens[amount.start].kind == Kind::Word)
    };
    let (words, digits) = match (of_words(last), of_words(amount)) {
        (Some(words), None) => (words, amount.reading),
        (None, Some(words)) if last.in_words.is_none() => (words, last.reading),
        _ => return,
    };
    if !near {
        return;
    }
    amount.reading = digits;
    amount.in_words = Some(words);
    amount.start = last.start;
    found.pop();
}

fn only_in_words(tokens: &[Token], at: usize) -> Option<Amount> {
    if tokens[at].kind != Kind::Word {
        return None;
    }
    let words = number_words::read(tokens, at)?;
    // "one (1) year" is no amount; "fifteen hundred" before "($1,500)" is.
    let before_digits = (words.end..words.end + 3)
        .filter_map(|next| tokens.get(next))
        .any(|token| token.kind == Kind::Money);
    if !(words.dollars || before_digits && words.hundredths >= 10_000) {
        return None;
    }
    Some(Amount {
        reading: Reading::Clear(words.hundredths),
        start: at,
        end: words.end,
        in_words: Some(words.hundredths),
        bare: false,
    })
}

fn in_digits(tokens: &[Token], at: usize, wanted: bool) -> Option<Amount> {
    let token = &tokens[at];
    let of = |reading, end, bare| {
        Some(Amount {
            reading,
            start: at,
            end,
            in_words: None,
            bare,
        })
    };
    match token.kind {
        Kind::Money if token.text.is_empty() => {
            // "$ 1,895": the number is the next word; all of it, or "$ l,350" would read as 350.
            let first = tokens.get(at + 1)?;
            let of_word = tokens[at + 1..]
                .iter()
                .take_while(|other| other.word == first.word);
            let end = at + 1 + of_word.clone().count();
            if first.kind == Kind::Number {
                let reading = whole(tokens, at + 1);
                return of(reading, at + 2, false);
            }
            let text: String = of_word.map(|token| token.text.as_str()).collect();
            if text.contains(|c: char| c.is_ascii_digit()) && !text.contains('$') {
                return of(Reading::Suspect(guess(&text)), end, false);
            }
            None
        }
        Kind::Money => of(whole(tokens, at), at + 1, false),
        Kind::Number => {
            let clear = digits(&token.text)?;
            // "no/100 Dollars" are cents.
            let of_cents = at > 0 && token.glued && tokens[at - 1].is_mark(&["/"]) && token.is("100");
            if of_cents {
                return None;
            }
            let next = |ahead: usize| tokens.get(at + ahead).map_or("", |token| token.text.as_str());
            let by_month = matches!(next(1), "per" | "a" | "each" | "every" | "/")
                && matches!(next(2), "month" | "mo" | "calendar")
                || matches!(next(1), "monthly");
            let in_dollars = matches!(next(1), "dollar" | "usd")
                || at > 0 && matches!(tokens[at - 1].text.as_str(), "usd" | "us");
            let with_cents = token.text.len() > 3
                && token.text.as_bytes()[token.text.len() - 3] == b'.'
                && clear >= 10_000;
            let alone = wanted && clear >= 10_000;
            if !(by_month || in_dollars || with_cents || alone) || clear < 1000 {
                return None;
            }
            // "l,350.00" and "S1,350": what is glued before the number may be a part of it.
            let glued = at > 0
                && token.glued
                && (tokens[at - 1].kind != Kind::Mark || tokens[at - 1].is_mark(&[",", ".", "/", "-"]));
            let reading = if glued {
                Reading::Suspect(None)
            } else {
                whole(tokens, at)
            };
            of(reading, at + 1, true)
        }
        _ => None,
    }
}

/// The reading of the number at `at`, unless the next word may be a part of it that was torn off.
fn whole(tokens: &[Token], at: usize) -> Reading {
    let text = &tokens[at].text;
    let Some(hundredths) = digits(text) else {
        return Reading::Suspect(guess(text));
    };
    // "$1 350.00", "$1,3 50", "$1," "350": together they would be one number.
    if let Some(next) = tokens
        .get(at + 1)
        .filter(|next| next.kind == Kind::Number && !next.glued)
        && let Some(joined) =
            digits(&format!("{text}{}", next.text)).or_else(|| digits(&format!("{text},{}", next.text)))
        && joined >= 10_000
    {
        return Reading::Suspect(Some(joined));
    }
    // "$1,3.50", "$1-350": what is glued behind it may belong to it.
    if let (Some(mark), Some(more)) = (tokens.get(at + 1), tokens.get(at + 2))
        && mark.glued
        && more.glued
        && mark.kind == Kind::Mark
        && matches!(more.kind, Kind::Number | Kind::Money)
        && !mark.is_mark(&["(", "/"])
    {
        return Reading::Suspect(Some(hundredths));
    }
    Reading::Clear(hundredths)
}

/// An amount as America writes it, in hundredths: `1350`, `1,350`, `1,350.00`; none for anything else.
fn digits(text: &str) -> Option<u64> {
    let (whole, cents) = match text.split_once('.') {
        Some((whole, cents)) => (whole, Some(cents)),
        None => (text, None),
    };
    let cents: u64 = match cents {
        None => 0,
        Some(cents) if cents.len() == 2 && is_digits(cents) => cents.parse().ok()?,
        Some(_) => return None,
    };
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let mut number = first.to_owned();
    let mut grouped = false;
    for group in groups {
        if group.len() != 3 {
            return None;
        }
        grouped = true;
        number.push_str(group);
    }
    let fits = is_digits(&number) && number.len() <= 9 && !(grouped && first.len() > 3) && !first.is_empty();
    let leading_zero = number.len() > 1 && number.starts_with('0');
    if !fits || leading_zero {
        return None;
    }
    Some(number.parse::<u64>().ok()? * 100 + cents)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What a damaged amount may mean, to show to a person.
fn guess(text: &str) -> Option<u64> {
    let repaired: String = text
        .chars()
        .map(|c| match c {
            'O' | 'o' | 'Q' | 'D' => '0',
            'l' | 'I' | 'i' | '|' => '1',
            'S' | 's' => '5',
            'B' => '8',
            'Z' | 'z' => '2',
            c => c,
        })
        .collect();
    digits(&repaired).or_else(|| {
        // "1.350,00" and "1350,00": the marks the other way round.
        let swapped: String = repaired
            .chars()
            .map(|c| match c {
                '.' => ',',
                ',' => '.',
                c => c,
            })
            .collect();
        digits(&swapped)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_written_as_an_amount_is_read_as_one() {
        for (text, hundredths) in [
            ("1350", Some(135_000)),
            ("1,350", Some(135_000)),
            ("1,350.00", Some(135_000)),
            ("950.50", Some(95_050)),
            ("16,200", Some(1_620_000)),
            ("1,234,567.89", Some(123_456_789)),
            ("1.350,00", None),
            ("1.350", None),
            ("13,50", None),
            ("1350,00", None),
            ("1350.5", None),
            ("01,350", None),
            ("1,35O", None),
            (",350", None),
            ("1,3500", None),
            ("1350,000", None),
        ] {
            assert_eq!(digits(text), hundredths, "{text}");
        }
    }

    #[test]
    fn a_damaged_amount_is_only_guessed_at() {
        assert_eq!(guess("1,35O"), Some(135_000));
        assert_eq!(guess("l,350.00"), Some(135_000));
        assert_eq!(guess("1.350,00"), Some(135_000));
        assert_eq!(guess("?"), None);
    }
}
