//! How a lease says what the rent is.

use jiff::civil::Date;

use crate::terms::Terms;
use crate::voice::Voice;
use crate::wording::Amount;

/// What a lease says of the rent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RentSaid {
    /// In digits.
    Digits,
    /// In words and digits.
    Both,
    /// In words alone.
    Words,
    /// In words, and something else in digits.
    WordsSay(Amount),
    /// The place for it was left blank.
    Blank,
    /// By the week; the terms' rent is the amount.
    Weekly,
    /// By the year; the terms' rent is the amount.
    Yearly,
    /// Another amount from the middle of the term on.
    Then(Amount),
    /// As somebody else's machine read it: with letters for digits.
    Misread(&'static str),
    /// In a sentence of its own; `{1}` is the amount, `{2}` the first day.
    As(&'static str),
    /// Nowhere.
    Nowhere,
}

/// A space in which something should have been filled in.
pub(crate) const BLANK: &str =
    "[\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}]";

const DIGITS: [&str; 12] = [
    "{T} shall pay {L} rent of {1} per month, due on the first day of each calendar month.",
    "The {T} agrees to pay a monthly rent of {1}, in advance, not later than the 1st day of every month.",
    "The monthly rent for the {H} is {1}. It falls due on the first of the month and may be paid by check, money order or through the resident portal.",
    "Beginning {2}, {T} will pay {1} each month as base rent for the {H}.",
    "For the use of the {H} the {T} pays {1} a month, always in advance.",
    "Rent in the amount of {1} is payable monthly in advance on the first day of the month.",
    "The rent reserved under this {A} is {1} per calendar month.",
    "Monthly installments of {1} are payable as rent on or before the first day of each month during the term.",
    "{T} will pay to {L}, without being asked and without deduction, {1} per month in rent.",
    "Rent is {1} per month, payable to {L} at the address below on the 1st.",
    "During the term the {T} owes rent at the rate of {1} monthly.",
    "The base rent is {1}/month and does not include the other charges named in this {A}.",
];

const BOTH: [&str; 6] = [
    "{T} promises to pay {1} per month as rent for the {H}, on the first day of each month and in advance.",
    "The rent is {1} per month, payable by check or bank transfer.",
    "{T} shall pay rent in equal monthly installments of {1}, the first of which is due on {2}.",
    "As rent for the term the {T} agrees to pay {L} the sum of {1} each month, the first payment being due on {2}.",
    "The {L} lets the {H} for a monthly rent of {1}, due without demand on the first of the month.",
    "Rent of {1} per month is due on the 1st; a day on which banks are closed changes nothing.",
];

impl RentSaid {
    /// What is filled in where a form asks for the rent, and what the form asks.
    pub(crate) fn fields(&self, voice: &Voice, terms: &Terms) -> Vec<(&'static str, String)> {
        let amount = Amount::from(terms.rent);
        let monthly = voice.choose(&[
            "Monthly Rent",
            "Rent per Month",
            "Base Rent (monthly)",
            "Monthly Base Rent",
            "Rent Amount (per month)",
        ]);
        let both = |words: Amount| format!("{} ({})", voice.spelling.write(words), voice.money.write(amount));
        match self {
            Self::Digits | Self::As(_) => vec![(monthly, voice.money.write(amount))],
            Self::Both => vec![(monthly, both(amount))],
            Self::Words => vec![(monthly, voice.spelling.write(amount))],
            Self::WordsSay(other) => vec![(monthly, both(*other))],
            Self::Blank => vec![(monthly, String::new())],
            Self::Weekly => vec![("Rent per Week", voice.money.write(amount))],
            Self::Yearly => vec![("Annual Rent", voice.money.write(amount))],
            Self::Then(later) => vec![
                ("Monthly Rent, Months 1 to 6", voice.money.write(amount)),
                ("Monthly Rent, Months 7 to 12", voice.money.write(*later)),
            ],
            Self::Misread(text) => vec![(monthly, (*text).to_owned())],
            Self::Nowhere => Vec::new(),
        }
    }

    /// What a section on the rent says; empty where it says nothing.
    pub(crate) fn sentence(&self, voice: &Voice, terms: &Terms) -> String {
        let amount = Amount::from(terms.rent);
        let (text, value) = match self {
            Self::Digits => (voice.choose(&DIGITS), voice.money(amount)),
            Self::Both => (voice.choose(&BOTH), voice.spelled(amount, amount)),
            Self::Words => (voice.choose(&BOTH), voice.fill(&voice.spelling.write(amount))),
            Self::WordsSay(other) => (voice.choose(&BOTH), voice.spelled(*other, amount)),
            Self::Blank => (voice.choose(&DIGITS), format!("${BLANK}")),
            Self::Weekly => (
                voice.choose(&[
                    "The rent is {1} per week, payable every Friday.",
                    "{T} pays rent of {1} weekly, in advance, the first week being due on {2}.",
                ]),
                voice.money(amount),
            ),
            Self::Yearly => (
                voice.choose(&[
                    "The annual rent is {1}. It is payable in full on {2}.",
                    "{T} pays rent of {1} per year, one half at signing and one half after six months.",
                ]),
                voice.money(amount),
            ),
            Self::Then(later) => {
                let (first, then) = (voice.money(amount), voice.money(*later));
                let text = voice
                    .choose(&[
                        "For the first six months of the term the monthly rent is {1}. From {3} on the monthly rent is {4} until the term ends.",
                        "{T} shall pay rent of {1} per month through the sixth month and of {4} per month from {3}.",
                    ])
                    .replace("{3}", &voice.day(middle(terms.begins)))
                    .replace("{4}", &then);
                return finished(&text, &first, voice, terms);
            }
            Self::Misread(text) => (voice.choose(&DIGITS), voice.fill(text)),
            Self::As(text) => (*text, voice.money(amount)),
            Self::Nowhere => return String::new(),
        };
        finished(text, &value, voice, terms)
    }
}

fn finished(text: &str, value: &str, voice: &Voice, terms: &Terms) -> String {
    voice
        .say(text)
        .replace("{1}", value)
        .replace("{2}", &voice.day(terms.begins))
}

/// Six months after a day that every month has.
fn middle(begins: Date) -> Date {
    begins.saturating_add(jiff::Span::new().months(6))
}
