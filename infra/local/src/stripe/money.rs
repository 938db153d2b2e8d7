//! What can be charged: currencies with their smallest amounts, and the largest amount.

use super::errors::Error;
use super::params::Params;

/// The smallest charge by currency, in the currency's smallest unit,
/// <https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>.
const MINIMUMS: [(&str, i64); 24] = [
    ("aed", 200),
    ("aud", 50),
    ("bgn", 100),
    ("brl", 50),
    ("cad", 50),
    ("chf", 50),
    ("czk", 1500),
    ("dkk", 250),
    ("eur", 50),
    ("gbp", 30),
    ("hkd", 400),
    ("huf", 17_500),
    ("inr", 50),
    ("jpy", 50),
    ("mxn", 1000),
    ("myr", 200),
    ("nok", 300),
    ("nzd", 50),
    ("pln", 200),
    ("ron", 200),
    ("sek", 300),
    ("sgd", 50),
    ("thb", 1000),
    ("usd", 50),
];

/// The largest charge: eight digits, whatever the currency.
const MAXIMUM: i64 = 99_999_999;

/// The currency in a parameter; Stripe takes it in either case and answers in lower case.
pub(super) fn currency(params: &Params, field: &str) -> Result<String, Error> {
    let currency = params.require(field)?.to_ascii_lowercase();
    if MINIMUMS.iter().any(|(known, _)| *known == currency) {
        return Ok(currency);
    }
    let known: Vec<&str> = MINIMUMS.iter().map(|(known, _)| *known).collect();
    let message = format!(
        "Invalid currency: {currency}. Stripe currently supports these currencies: {}",
        known.join(", ")
    );
    Err(Error::invalid(message).at(params.full_name(field)))
}

/// Whether the amount is not too little to be charged.
pub(super) fn is_chargeable(amount: i64, currency: &str) -> bool {
    amount >= minimum(currency)
}

fn minimum(currency: &str) -> i64 {
    let known = MINIMUMS.iter().find(|(known, _)| *known == currency);
    known.map_or(50, |(_, minimum)| *minimum)
}

/// Refuses amounts that cannot be charged. `what` begins the message: `Amount`.
pub(super) fn check(amount: i64, currency: &str, what: &str) -> Result<(), Error> {
    let minimum = minimum(currency);
    if amount < minimum {
        let message = format!(
            "{what} must be at least {} {currency}",
            display(minimum, currency)
        );
        return Err(Error::coded("amount_too_small", message));
    }
    if amount > MAXIMUM {
        let message = format!("{what} must be no more than {}", display(MAXIMUM, currency));
        return Err(Error::coded("amount_too_large", message));
    }
    Ok(())
}

/// An amount for a person: `$9.99`, `9.99 CHF`, `¥500`, `−$3.00`.
pub(super) fn display(amount: i64, currency: &str) -> String {
    if amount < 0 {
        return format!("−{}", display(amount.saturating_abs(), currency));
    }
    let cents = || format!("{}.{:02}", grouped(amount / 100), amount % 100);
    match currency {
        "usd" => format!("${}", cents()),
        "eur" => format!("€{}", cents()),
        "gbp" => format!("£{}", cents()),
        "jpy" => format!("¥{}", grouped(amount)),
        other => format!("{} {}", cents(), other.to_ascii_uppercase()),
    }
}

/// A number, not negative, with commas between thousands.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut groups: Vec<&str> = digits.as_bytes()[first..]
        .chunks(3)
        .filter_map(|it| str::from_utf8(it).ok())
        .collect();
    if first > 0 {
        groups.insert(0, &digits[..first]);
    }
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_people_write_them() {
        assert_eq!(display(999, "usd"), "$9.99");
        assert_eq!(display(5, "eur"), "€0.05");
        assert_eq!(display(MAXIMUM, "usd"), "$999,999.99");
        assert_eq!(display(100_000_000, "jpy"), "¥100,000,000");
        assert_eq!(display(12_345, "chf"), "123.45 CHF");
        assert_eq!(display(-300, "usd"), "−$3.00");
    }

    #[test]
    fn a_charge_is_at_least_fifty_cents_and_at_most_eight_digits() {
        assert!(check(50, "usd", "Amount").is_ok());
        assert!(check(49, "usd", "Amount").is_err());
        assert!(check(MAXIMUM, "usd", "Amount").is_ok());
        assert!(check(MAXIMUM + 1, "usd", "Amount").is_err());
    }
}
