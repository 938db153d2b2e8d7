//! Single cells: how they are kept from being formulas, and what numbers and dates in them are.

use jiff::civil::Date;

/// What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection").
const BEGINS_A_FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whether a spreadsheet would calculate it, or has been kept from that by apostrophes.
fn looks_like_a_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(BEGINS_A_FORMULA)
}

/// Whether it is a number below zero, which begins like a formula and is none.
fn is_negative_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    let number = text.strip_prefix('-');
    number.is_some_and(|number| match number.split_once('.') {
        Some((whole, part)) => digits(whole) && digits(part),
        None => digits(number),
    })
}

/// A text as it may stand in a cell: an apostrophe before what would be calculated makes it a text.
pub(crate) fn defused(text: &str) -> String {
    if looks_like_a_formula(text) && !is_negative_number(text) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// The text of a cell that says `="02139"`, by which spreadsheets keep zeros in front.
fn said_to_be_text(text: &str) -> Option<&str> {
    let text = text.strip_prefix("=\"")?.strip_suffix('"')?;
    (!text.contains('"')).then(|| text.trim())
}

/// The text that was defused, in one line and without space around it.
pub(crate) fn meant(cell: &str) -> String {
    let lines = cell.replace("\r\n", "\n");
    let one_line: String = lines
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let text = one_line.trim();
    match text.strip_prefix('\'') {
        Some(rest) if looks_like_a_formula(rest) => rest.to_owned(),
        _ => said_to_be_text(text).unwrap_or(text).to_owned(),
    }
}

/// A number as people write it: `1450`, `$1,450.00`, `-84.4`. A comma stands between thousands and nowhere else, so that
/// `1450,50` is not taken for a hundred times as much.
pub(crate) fn number(text: &str) -> Option<String> {
    let text = text.strip_prefix('$').map_or(text, str::trim_start);
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, part) = match digits.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (digits, None),
    };
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let fits = are_digits(first)
        && (rest.is_empty() || first.len() <= 3)
        && rest.iter().all(|group| group.len() == 3 && are_digits(group))
        && part.is_none_or(are_digits);
    let part = part.map_or(String::new(), |part| format!(".{part}"));
    fits.then(|| format!("{sign}{first}{}{part}", rest.concat()))
}

/// A date as people write it: `2026-08-31`, or `8/31/2026` as spreadsheets in the United States do.
pub(crate) fn date(text: &str) -> Option<String> {
    let mut parts = text.split('/');
    let day = match (parts.next()?, parts.next(), parts.next(), parts.next()) {
        (_, None, ..) => return Some(text.to_owned()),
        (month, Some(day), Some(year), None) if year.len() == 4 => {
            Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?
        }
        _ => return None,
    };
    Some(day.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_be_calculated_is_made_a_text_and_numbers_stay_numbers() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+1 404 555 0100", "'+1 404 555 0100"),
            ("-2+3", "'-2+3"),
            ("'=1", "''=1"),
            ("-84.388", "-84.388"),
            ("'s-Gravenhage", "'s-Gravenhage"),
            ("Elm 12", "Elm 12"),
            ("\t=1", "'\t=1"),
        ] {
            assert_eq!(defused(text), cell);
        }
    }

    #[test]
    fn what_is_said_to_be_a_text_is_that_text() {
        for (cell, text) in [
            ("=\"02139\"", "02139"),
            ("=\"\"", ""),
            ("=\"1\"+\"1\"", "=\"1\"+\"1\""),
            ("=\"", "=\""),
            ("'=\"02139\"", "=\"02139\""),
        ] {
            assert_eq!(meant(cell), text, "{cell}");
        }
    }

    #[test]
    fn a_number_is_read_as_it_is_meant_or_not_at_all() {
        for (text, wanted) in [
            ("1450", Some("1450")),
            ("$1,450.00", Some("1450.00")),
            ("$ 12,345,678", Some("12345678")),
            ("-84.388", Some("-84.388")),
            ("1450,50", None),
            ("1,45", None),
            ("1.450,00", None),
            ("1450 USD", None),
            (".5", None),
            ("5.", None),
            ("1e3", None),
            ("", None),
        ] {
            assert_eq!(number(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn a_date_may_be_written_as_in_the_united_states() {
        assert_eq!(date("8/31/2026").as_deref(), Some("2026-08-31"));
        assert_eq!(date("2026-08-31").as_deref(), Some("2026-08-31"));
        for text in ["31/8/2026", "8/31/26", "8/31", "8/31/2026/1", "a/b/2026"] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_defused_is_meant_again_and_begins_no_formula(text in "[=+\\-@'0-9. a]{0,6}|\\PC*") {
            let text = text.trim();
            let cell = defused(text);
            prop_assert_eq!(meant(&cell), text);
            prop_assert!(!cell.starts_with(BEGINS_A_FORMULA) || is_negative_number(&cell));
        }
    }
}
