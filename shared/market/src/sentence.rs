//! How numbers and counts are said in a sentence.

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 day`, `2 days`.
pub(crate) fn count(number: i64, thing: &str) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let plural = if number == 1 { "" } else { "s" };
    format!("{sign}{} {thing}{plural}", grouped(number.unsigned_abs()))
}

/// `7 %`, `7.5 %`: to the tenth.
pub(crate) fn percent(number: f64) -> String {
    let tenths = (number * 10.0).round() / 10.0;
    format!("{tenths} %")
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list(things: &[String]) -> String {
    match things {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_lists_read_as_people_write_them() {
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(count(1, "day"), "1 day");
        assert_eq!(count(1_200, "home"), "1,200 homes");
        assert_eq!(percent(7.04), "7 %");
        assert_eq!(percent(-7.26), "-7.3 %");
        let letters = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(list(&letters), "a, b and c");
        assert_eq!(list(&letters[..2]), "a and b");
    }
}
