//! Days, in the ways in which leases write them.

use jiff::civil::Date;

use super::number_words;
use super::token::{Kind, Token};

/// A day among tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) date: Date,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The days among these tokens, in their order.
pub(super) fn days(tokens: &[Token]) -> Vec<Day> {
    let mut days = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let found = numeric(tokens, at)
            .or_else(|| month_first(tokens, at))
            .or_else(|| day_first(tokens, at));
        if let Some(day) = found {
            at = day.end;
            days.push(day);
        } else {
            at += 1;
        }
    }
    days
}

/// The number of a month, by its name or what is left of it.
pub(super) fn month(stem: &str) -> Option<i8> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    if stem == "sept" {
        return Some(9);
    }
    let at = NAMES
        .iter()
        .position(|name| *name == stem || stem.len() == 3 && name.starts_with(stem))?;
    i8::try_from(at + 1).ok()
}

/// `05/03/2026`, `5-3-26`, `5.3.2026`, `2026-05-03`; the month comes first, as in the United States.
fn numeric(tokens: &[Token], at: usize) -> Option<Day> {
    let token = tokens.get(at).filter(|token| token.kind == Kind::Number)?;
    // "5.3.2026" is one token.
    let dotted: Vec<&str> = token.text.split('.').collect();
    if let [a, b, c] = dotted.as_slice() {
        return day(at, at + 1, of_parts(a, b, c)?);
    }
    if at > 0 && token.glued && tokens[at - 1].is_mark(&["/", "-", "."]) {
        return None;
    }
    let mark = tokens
        .get(at + 1)
        .filter(|mark| mark.is_mark(&["/", "-", "\u{2013}"]))?;
    let same = tokens.get(at + 3).is_some_and(|other| other.text == mark.text);
    let number = |at: usize| tokens.get(at).filter(|token| token.kind == Kind::Number);
    let (b, c) = (number(at + 2)?, number(at + 4)?);
    if !same {
        return None;
    }
    day(at, at + 5, of_parts(&token.text, &b.text, &c.text)?)
}

fn of_parts(a: &str, b: &str, c: &str) -> Option<Date> {
    if a.len() == 4 {
        return date(year(a)?, b.parse().ok()?, c.parse().ok()?);
    }
    if a.len() > 2 || b.len() > 2 {
        return None;
    }
    let (month, day): (i8, i8) = (a.parse().ok()?, b.parse().ok()?);
    // A thirteenth month is a day: it was written the other way round.
    date(year(c)?, month, day).or_else(|| date(year(c)?, day, month))
}

/// "May 3, 2026", "May 3rd 2026".
fn month_first(tokens: &[Token], at: usize) -> Option<Day> {
    let month = month_at(tokens, at)?;
    let mut next = skip(tokens, at + 1, &["."]);
    let day_of = ordinal(tokens, &mut next)?;
    let next = skip(tokens, next, &[",", ".", "of", "in", "the", "year"]);
    let (year, end) = year_at(tokens, next)?;
    day(at, end, date(year, month, day_of)?)
}

/// "3 May 2026", "3rd day of May, 2026", "the third of May 2026", "3-May-2026".
fn day_first(tokens: &[Token], at: usize) -> Option<Day> {
    let mut next = at;
    let day_of = ordinal(tokens, &mut next)?;
    let next = skip(tokens, next, &["day", "of", "-", ",", "/"]);
    let month = month_at(tokens, next)?;
    let next = skip(tokens, next + 1, &[",", ".", "-", "of", "in", "the", "year", "/"]);
    let (year, end) = year_at(tokens, next)?;
    day(at, end, date(year, month, day_of)?)
}

fn month_at(tokens: &[Token], at: usize) -> Option<i8> {
    let token = tokens.get(at)?;
    // "may" with a small letter is another word.
    (token.kind == Kind::Word && token.capital).then(|| month(&token.text))?
}

/// The number of a day at `at`, which is moved behind it.
pub(super) fn ordinal(tokens: &[Token], at: &mut usize) -> Option<i8> {
    const WORDS: [(&str, i8); 12] = [
        ("first", 1),
        ("second", 2),
        ("third", 3),
        ("fifth", 5),
        ("eighth", 8),
        ("ninth", 9),
        ("twelfth", 12),
        ("twentieth", 20),
        ("thirtieth", 30),
        ("fourth", 4),
        ("sixth", 6),
        ("seventh", 7),
    ];
    let token = tokens.get(*at)?;
    if token.kind == Kind::Number {
        let digits = token.text.trim_end_matches(|c: char| c.is_alphabetic());
        let ending = &token.text[digits.len()..];
        if digits.len() > 2 || !matches!(ending.to_lowercase().as_str(), "" | "st" | "nd" | "rd" | "th") {
            return None;
        }
        *at += 1;
        // "3 rd day": the ending came apart.
        if tokens
            .get(*at)
            .is_some_and(|token| matches!(token.text.as_str(), "st" | "nd" | "rd" | "th"))
        {
            *at += 1;
        }
        return digits.parse().ok().filter(|day| (1..=31).contains(day));
    }
    let of_word = |text: &str| {
        let known = WORDS.iter().find(|(word, _)| *word == text).map(|(_, day)| *day);
        known.or_else(|| {
            let number = text
                .strip_suffix("th")
                .filter(|number| number_words::is_number(number))?;
            let token = Token {
                kind: Kind::Word,
                text: number.to_owned(),
                word: 0,
                glued: false,
                capital: false,
            };
            let hundredths = number_words::read(&[token], 0)?.hundredths;
            i8::try_from(hundredths / 100).ok()
        })
    };
    if let Some(day) = of_word(&token.text) {
        *at += 1;
        return Some(day);
    }
    // "twenty-first".
    let tens = match token.text.as_str() {
        "twenty" => 20,
        "thirty" => 30,
        _ => return None,
    };
    let next = skip(tokens, *at + 1, &["-"]);
    let ones = of_word(&tokens.get(next)?.text).filter(|ones| *ones < 10)?;
    *at = next + 1;
    Some(tens + ones)
}

/// A year of this time, in four digits or two, and the token behind it.
fn year_at(tokens: &[Token], at: usize) -> Option<(i16, usize)> {
    let token = tokens.get(at)?;
    // "20 26" and "'26": forms print the century.
    if token.is("20")
        && let Some(next) = tokens.get(at + 1)
        && next.kind == Kind::Number
        && next.text.len() == 2
    {
        return Some((year(&next.text)?, at + 2));
    }
    let at = if token.is_mark(&["'", "\u{2019}"]) {
        at + 1
    } else {
        at
    };
    let token = tokens.get(at).filter(|token| token.kind == Kind::Number)?;
    Some((year(&token.text)?, at + 1))
}

fn year(text: &str) -> Option<i16> {
    let year: i16 = text.parse().ok()?;
    match text.len() {
        4 => Some(year).filter(|year| (1950..2100).contains(year)),
        2 => Some(2000 + year),
        _ => None,
    }
}

fn date(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).ok()
}

fn day(start: usize, end: usize, date: Date) -> Option<Day> {
    Some(Day { date, start, end })
}

fn skip(tokens: &[Token], mut at: usize, these: &[&str]) -> usize {
    while tokens
        .get(at)
        .is_some_and(|token| these.contains(&token.text.as_str()) || token.is_mark(&["_"]))
    {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::tests::tokens_of;

    #[test]
    fn a_day_is_read_however_it_is_written() {
        for text in [
            "May 3, 2026",
            "May 3rd, 2026",
            "May 03 2026",
            "3 May 2026",
            "3rd day of May, 2026",
            "third day of May, 2026",
            "3rd of May 2026",
            "the 3 rd day of May , 20 26",
            "05/03/2026",
            "5/3/26",
            "5-3-2026",
            "05.03.2026",
            "2026-05-03",
            "3-May-2026",
            "MAY 3, 2026",
            "3 day of May, '26",
        ] {
            let found: Vec<String> = days(&tokens_of(text))
                .iter()
                .map(|day| day.date.to_string())
                .collect();
            assert_eq!(found, ["2026-05-03"], "{text}");
        }
        let found = days(&tokens_of(
            "the twenty-first day of Sept. 2026 and the fifteenth of June, 2027",
        ));
        assert_eq!(found[0].date.to_string(), "2026-09-21");
        assert_eq!(found[1].date.to_string(), "2027-06-15");
    }

    #[test]
    fn what_is_no_day_is_not_taken_for_one() {
        for text in [
            "may 3 2026",
            "13/32/2026",
            "May 2026",
            "555-01-2345",
            "Suite 5/3",
            "May 35, 2026",
            "1,350.00",
        ] {
            assert_eq!(days(&tokens_of(text)), [], "{text}");
        }
    }
}
