//! How a document speaks: what it calls the sides, and how it writes amounts, days and addresses.

use jiff::civil::Date;

use crate::chance::Chance;
use crate::terms::Home;
use crate::wording::{Amount, Days, Money, Spelling};

/// The manner of one document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Voice {
    pub(crate) landlord: &'static str,
    pub(crate) tenant: &'static str,
    pub(crate) home: &'static str,
    pub(crate) lease: &'static str,
    pub(crate) money: Money,
    pub(crate) days: Days,
    /// Beside signatures, where days are short.
    pub(crate) signing_days: Days,
    pub(crate) spelling: Spelling,
    pub(crate) place: Addressing,
    /// Which of several wordings.
    pub(crate) wording: usize,
    /// What people filled in stands on lines.
    pub(crate) filled: bool,
    /// Apostrophes and quotation marks are curved.
    pub(crate) curved: bool,
}

/// How an address is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addressing {
    /// 148 Mill Road, Unit 4B, Atlanta, GA 30308
    Unit,
    /// 148 Mill Road, Apt. 4B, Atlanta, Georgia 30308
    Apartment,
    /// 148 Mill Road #4B, Atlanta, GA, 30308
    Number,
    /// Apartment 4B, 148 Mill Road, Atlanta, GA 30308
    UnitFirst,
    /// 148 Mill Rd., Unit 4B, Atlanta, GA 30308
    Shortened,
}

const PARTIES: [(&str, &str, &str, &str); 5] = [
    ("Landlord", "Tenant", "Premises", "Lease"),
    ("Owner", "Resident", "Apartment", "Lease Contract"),
    ("Lessor", "Lessee", "Premises", "Agreement"),
    ("Landlord", "Tenant", "Property", "Agreement"),
    ("Management", "Resident", "Home", "Lease"),
];

impl Voice {
    pub(crate) fn of(chance: &mut Chance) -> Self {
        let (landlord, tenant, home, lease) = chance.pick(&PARTIES);
        Self {
            landlord,
            tenant,
            home,
            lease,
            money: chance.pick(&[
                Money::Full,
                Money::Full,
                Money::Short,
                Money::PlainFull,
                Money::Plain,
                Money::Spaced,
                Money::Code,
            ]),
            days: chance.pick(&[
                Days::Long,
                Days::Long,
                Days::Abbreviated,
                Days::DayFirst,
                Days::Slashes,
                Days::Iso,
            ]),
            signing_days: chance.pick(&[
                Days::Slashes,
                Days::ShortSlashes,
                Days::Long,
                Days::Dashes,
                Days::Slashes,
            ]),
            spelling: chance.pick(&[
                Spelling::Hundredths,
                Spelling::No,
                Spelling::Small,
                Spelling::Capitals,
                Spelling::And,
                Spelling::Hundreds,
            ]),
            place: chance.pick(&[
                Addressing::Unit,
                Addressing::Apartment,
                Addressing::Number,
                Addressing::UnitFirst,
                Addressing::Shortened,
            ]),
            wording: usize::try_from(chance.below(12)).unwrap_or(0),
            filled: chance.below(2) == 0,
            curved: chance.below(3) > 0,
        }
    }

    /// Names the sides in a text.
    pub(crate) fn say(&self, text: &str) -> String {
        let text = text
            .replace("{L}", self.landlord)
            .replace("{T}", self.tenant)
            .replace("{H}", self.home)
            .replace("{A}", self.lease);
        if self.curved { curved(&text) } else { text }
    }

    /// What a person filled in.
    pub(crate) fn fill(&self, value: &str) -> String {
        if self.filled {
            format!("[{value}]")
        } else {
            value.to_owned()
        }
    }

    pub(crate) fn money(&self, amount: Amount) -> String {
        self.fill(&self.money.write(amount))
    }

    /// In words, with the digits behind them.
    pub(crate) fn spelled(&self, words: Amount, digits: Amount) -> String {
        self.fill(&format!(
            "{} ({})",
            self.spelling.write(words),
            self.money.write(digits)
        ))
    }

    pub(crate) fn day(&self, day: Date) -> String {
        self.fill(&self.days.write(day))
    }

    /// One of several wordings.
    pub(crate) fn choose<'a>(&self, wordings: &[&'a str]) -> &'a str {
        wordings[self.wording % wordings.len()]
    }

    /// An address in one line.
    pub(crate) fn address(&self, home: &Home) -> String {
        let Home {
            street,
            city,
            state,
            zip_code,
            ..
        } = home;
        let unit = |before: &str, after: &str| {
            home.unit
                .as_ref()
                .map_or_else(String::new, |unit| format!("{before}{unit}{after}"))
        };
        match self.place {
            Addressing::Unit => format!("{street}{}, {city}, {state} {zip_code}", unit(", Unit ", "")),
            Addressing::Apartment => format!(
                "{street}{}, {city}, {} {zip_code}",
                unit(", Apt. ", ""),
                state_name(state)
            ),
            Addressing::Number => format!("{street}{}, {city}, {state}, {zip_code}", unit(" #", "")),
            Addressing::UnitFirst => {
                format!("{}{street}, {city}, {state} {zip_code}", unit("Apartment ", ", "))
            }
            Addressing::Shortened => {
                let street = shortened(street);
                format!("{street}{}, {city}, {state} {zip_code}", unit(", Unit ", ""))
            }
        }
    }

    /// The street alone.
    pub(crate) fn street(&self, home: &Home) -> String {
        if self.place == Addressing::Shortened {
            shortened(&home.street)
        } else {
            home.street.clone()
        }
    }
}

fn state_name(code: &str) -> &str {
    match code {
        "GA" => "Georgia",
        "TX" => "Texas",
        "NC" => "North Carolina",
        "CO" => "Colorado",
        other => other,
    }
}

fn shortened(street: &str) -> String {
    [
        (" Street", " St."),
        (" Road", " Rd."),
        (" Avenue", " Ave."),
        (" Lane", " Ln."),
        (" Boulevard", " Blvd."),
        (" Drive", " Dr."),
        ("North ", "N. "),
    ]
    .iter()
    .fold(street.to_owned(), |street, (long, short)| {
        street.replace(long, short)
    })
}

/// Straight quotation marks and apostrophes as a typesetter has them.
fn curved(text: &str) -> String {
    let mut open = false;
    text.chars()
        .map(|c| match c {
            '\'' => '\u{2019}',
            '"' => {
                open = !open;
                if open { '\u{201c}' } else { '\u{201d}' }
            }
            c => c,
        })
        .collect()
}
