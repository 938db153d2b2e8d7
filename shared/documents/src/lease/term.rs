//! The days of a lease: when it was signed, when it begins, when it ends.

use jiff::civil::Date;

use super::date::{Day, days};
use super::section::Piece;
use super::token::{Kind, Token};
use crate::Document;

/// What a day is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Signed,
    Begins,
    Ends,
}

/// A day and what it is.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) meaning: Meaning,
    pub(super) date: Date,
    pub(super) words: Vec<usize>,
    /// Whether only the word "date" says what it is.
    pub(super) weak: bool,
}

/// The days that a piece names and says something of.
pub(super) fn found(document: &Document, piece: &Piece) -> Vec<Found> {
    let tokens = &piece.tokens;
    let mut found = Vec::new();
    let mut before = 0;
    for day in days(tokens) {
        super::count_step();
        if day.end <= piece.own.start || day.start >= piece.own.end {
            continue;
        }
        let said = said_before(tokens, before, &day);
        before = day.end;
        let (meaning, weak) = match said {
            Said::Nothing => (beside_a_date(document, piece, &day), true),
            Said::Dated => (Some(Meaning::Signed), true),
            Said::Something(meaning) => (Some(meaning), false),
            Said::Else => (None, false),
        };
        if let Some(meaning) = meaning {
            let mut words: Vec<usize> = tokens[day.start..day.end]
                .iter()
                .map(|token| token.word)
                .collect();
            words.dedup();
            found.push(Found {
                meaning,
                date: day.date,
                words,
                weak,
            });
        }
    }
    found
}

/// What the words before a day say of it.
enum Said {
    Something(Meaning),
    /// That it is a date.
    Dated,
    /// That it is a day of no interest: a birthday, a form's revision.
    Else,
    Nothing,
}

fn said_before(tokens: &[Token], before: usize, day: &Day) -> Said {
    let from = day.start.saturating_sub(16).max(before);
    let left = &tokens[from..day.start];
    let mut said = None;
    for (at, token) in left.iter().enumerate().rev() {
        if token.is_mark(&["."])
            && left.get(at + 1).is_some_and(|next| next.capital && !next.glued)
            && at + 1 < left.len()
        {
            break;
        }
        let of_word = match token.text.as_str() {
            "dated" | "made" | "executed" | "signed" | "entered" | "sign" | "witness" | "whereof" => {
                Some(Meaning::Signed)
            }
            "begin" | "beginning" | "commence" | "commencing" | "commencement" | "start" | "starting"
            | "from" | "effective" | "occupancy" => Some(Meaning::Begins),
            "end" | "ending" | "expire" | "expiring" | "expiration" | "terminate" | "terminating"
            | "termination" | "until" | "through" | "thru" => Some(Meaning::Ends),
            "to" if left.len() <= 3 && before > 0 => Some(Meaning::Ends),
            "rev" | "revised" | "form" | "birth" | "dob" | "born" | "due" | "notice" | "built"
            | "updated" | "printed" | "copyright" | "amended" | "inspection" | "policy" | "recorded"
            | "paid" | "received" | "payment" => return Said::Else,
            "of" if at > 0 && left[at - 1].is("as") => Some(Meaning::Signed),
            _ => None,
        };
        said = match (said, of_word) {
            // "made and effective as of": the making counts.
            (Some(Meaning::Begins), Some(Meaning::Signed))
                if left.iter().any(|token| token.is("effective")) =>
            {
                Some(Meaning::Signed)
            }
            (None, said) => said,
            (said, _) => said,
        };
    }
    if let Some(said) = said {
        return Said::Something(said);
    }
    // "Date: …", "Date of this lease: …": weaker than "start date".
    if left.iter().any(|token| token.is("date")) {
        return Said::Dated;
    }
    // "On May 3, 2026 Acme LLC, as Landlord, and …, as Tenant, agree".
    let agreeing = day.start <= 3
        && tokens[day.end..tokens.len().min(day.end + 50)]
            .iter()
            .any(|token| matches!(token.text.as_str(), "agree" | "between" | "hereby"));
    if agreeing {
        Said::Something(Meaning::Signed)
    } else {
        Said::Nothing
    }
}

/// A day written by itself, with the word "date" printed under, over or before it.
fn beside_a_date(document: &Document, piece: &Piece, day: &Day) -> Option<Meaning> {
    let first = piece.tokens.get(day.start)?;
    let alone = piece.own.len() <= 24
        && piece.tokens[piece.own.clone()]
            .iter()
            .filter(|token| token.kind == Kind::Word)
            .count()
            <= 5;
    if !alone {
        return None;
    }
    let near = super::signature::near(document, first.word);
    near.into_iter()
        .any(|word| {
            let text = document.words[word].text.to_lowercase();
            matches!(
                text.trim_matches(|c: char| !c.is_alphabetic()),
                "date" | "dated" | "date signed"
            )
        })
        .then_some(Meaning::Signed)
}

/// The months from the first day to the last, if they are whole.
pub(super) fn months(begins: Date, ends: Date) -> Option<u64> {
    let after = ends.tomorrow().ok()?;
    let months = (i64::from(after.year()) - i64::from(begins.year())) * 12 + i64::from(after.month())
        - i64::from(begins.month());
    // Some leases end on the very day of the month on which they began.
    let whole = after.day() == begins.day() || ends.day() == begins.day();
    u64::try_from(months)
        .ok()
        .filter(|months| whole && (1..=120).contains(months))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::lease::tests::{document_of, pieces_of};

    fn meanings(line: &str) -> Vec<(Meaning, String)> {
        let document = document_of(&[line]);
        let pieces = pieces_of(&document);
        let found = pieces.iter().flat_map(|piece| found(&document, piece));
        found
            .map(|found| (found.meaning, found.date.to_string()))
            .collect()
    }

    #[test]
    fn a_day_is_what_the_words_before_it_say() {
        let (signed, begins, ends) = (
            (Meaning::Signed, "2026-05-03".to_owned()),
            (Meaning::Begins, "2026-06-01".to_owned()),
            (Meaning::Ends, "2027-05-31".to_owned()),
        );
        for (line, expected) in [
            (
                "This lease is made on May 3, 2026 between Acme and Ana Lopez.",
                vec![&signed],
            ),
            ("THIS AGREEMENT, dated 05/03/2026, is entered into", vec![&signed]),
            ("made and entered into this 3rd day of May, 2026", vec![&signed]),
            ("conclude this lease as of May 3, 2026.", vec![&signed]),
            ("Date: 5/3/26", vec![&signed]),
            (
                "Beginning date: 06/01/2026. Ending date: 05/31/2027.",
                vec![&begins, &ends],
            ),
            (
                "On May 3, 2026 Acme, as Landlord, and Ana, as Tenant, agree as follows",
                vec![&signed],
            ),
            (
                "The term begins on June 1, 2026 and ends on May 31, 2027.",
                vec![&begins, &ends],
            ),
            ("from June 1, 2026 to May 31, 2027", vec![&begins, &ends]),
            ("Lease start date: 06/01/2026", vec![&begins]),
            (
                "The term commences June 1, 2026 and expires May 31, 2027 at noon.",
                vec![&begins, &ends],
            ),
            ("Form RL-7 (Rev. 03/01/2019)", vec![]),
            ("Date of birth: 03/01/1990", vec![]),
        ] {
            let found = meanings(line);
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{line}");
        }
    }

    #[test]
    fn the_months_of_a_term_are_counted() {
        assert_eq!(months(date(2026, 6, 1), date(2027, 5, 31)), Some(12));
        assert_eq!(months(date(2026, 6, 15), date(2026, 12, 14)), Some(6));
        assert_eq!(months(date(2026, 6, 1), date(2027, 6, 1)), Some(12));
        assert_eq!(months(date(2026, 6, 1), date(2027, 5, 17)), None);
        assert_eq!(months(date(2027, 6, 1), date(2026, 5, 31)), None);
    }
}
