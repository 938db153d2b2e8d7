//! The corpus: leases by name, each with what is true of it and what has to come of it.

mod clean;
mod decoys;
mod doubtful;

use domain::Rent;
use domain::lease::{Expected, Reason};
use jiff::civil::{Date, date};

use crate::charges::Extra;
use crate::draft::{Draft, Length, SignedBy};
use crate::rent::RentSaid;
use crate::terms::{Home, Layout, Terms};
use crate::text;
use crate::wording::Amount;

/// The day of the purchase that every case belongs to.
pub(crate) const PAID_ON: Date = date(2026, 3, 2);
/// The day on which every lease is signed that says nothing else.
pub(crate) const SIGNED: Date = date(2026, 3, 10);
/// The day on which every lease is read.
const TODAY: Date = date(2026, 3, 20);

/// A lease, what is true of it, and what has to come of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is called; no two alike.
    pub name: &'static str,
    /// What it is there for.
    pub kind: Kind,
    /// What the renter's purchase says about the lease.
    pub expected: Expected,
    /// The day on which it is read.
    pub today: Date,
    /// The monthly rent that was agreed on, where a person can tell.
    pub rent: Option<Rent>,
    /// What has to come of it.
    pub outcome: Outcome,
    draft: Draft,
}

/// What a case is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Nothing is wrong with it, and nothing is hidden: a machine should decide.
    Clean,
    /// It names amounts that are not the rent, with the rent or without it.
    Decoy,
    /// Something is wrong with it, or missing.
    Doubtful,
    /// It is worded so that another amount looks like the rent.
    Adversarial,
}

/// What has to come of a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A machine may verify it with this rent and no other, or leave it to a person.
    Machine(Rent),
    /// A person has to decide.
    Person {
        /// Reasons that have to be given.
        all: Vec<Reason>,
        /// Reasons of which one has to be given; none asks for none.
        any: Vec<Reason>,
    },
}

impl Case {
    /// A lease about these terms, to be verified by machine.
    fn new(name: &'static str, kind: Kind, terms: Terms, layout: Layout, seed: u64) -> Self {
        let rent = terms.rent;
        Self {
            name,
            kind,
            expected: expected(&terms),
            today: TODAY,
            rent: Some(rent),
            outcome: Outcome::Machine(rent),
            draft: Draft::new(terms, layout, seed),
        }
    }

    /// Left to a person, for all of these reasons.
    fn person(mut self, all: &[Reason]) -> Self {
        self.outcome = Outcome::Person {
            all: all.to_vec(),
            any: Vec::new(),
        };
        self
    }

    /// Left to a person, for one of these reasons.
    fn person_for_one_of(mut self, any: &[Reason]) -> Self {
        self.outcome = Outcome::Person {
            all: Vec::new(),
            any: any.to_vec(),
        };
        self
    }

    /// Nobody can tell the rent.
    fn without_rent(mut self) -> Self {
        self.rent = None;
        self
    }

    fn saying(mut self, rent: RentSaid) -> Self {
        self.draft.rent = rent;
        self
    }

    fn with(mut self, extras: &[Extra]) -> Self {
        self.draft.extras = extras.to_vec();
        self
    }

    fn long(mut self, length: Length) -> Self {
        self.draft.length = length;
        self
    }

    fn signed_by(mut self, signed_by: SignedBy) -> Self {
        self.draft.signed_by = signed_by;
        self
    }

    fn expecting(mut self, change: impl FnOnce(&mut Expected)) -> Self {
        change(&mut self.expected);
        self
    }

    fn drafted(mut self, change: impl FnOnce(&mut Draft)) -> Self {
        change(&mut self.draft);
        self
    }

    /// The lease as a PDF with a layer of text: the same bytes each time.
    #[must_use]
    pub fn pdf(&self) -> Vec<u8> {
        self.draft.pdf()
    }

    /// What it says, as text: four spaces or more part what stands side by side, `~~~` is a signature, and a form feed begins
    /// a page.
    #[must_use]
    pub fn text(&self) -> String {
        text::text(self.draft.look.make.size.0, &self.draft.pages())
    }

    /// What was agreed on in it.
    #[must_use]
    pub fn terms(&self) -> Terms {
        self.draft.terms.clone()
    }

    /// How many pages it has.
    #[must_use]
    pub fn page_count(&self) -> usize {
        self.draft.pages().len()
    }

    /// How it is laid out.
    #[must_use]
    pub const fn layout(&self) -> Layout {
        self.draft.layout
    }
}

/// Every case: clean ones first.
#[must_use]
pub fn corpus() -> Vec<Case> {
    let mut cases = clean::cases();
    cases.extend(decoys::cases());
    cases.extend(doubtful::cases());
    cases
}

/// What a purchase says of the lease that these terms would give.
fn expected(terms: &Terms) -> Expected {
    let home = &terms.home;
    Expected {
        tenant: terms.tenants.first().cloned(),
        address: match &home.unit {
            Some(unit) => format!("{}, Unit {unit}", home.street),
            None => home.street.clone(),
        },
        city: home.city.clone(),
        state: home.state.clone(),
        zip_code: home.zip_code.clone(),
        paid_on: PAID_ON,
    }
}

/// Who rents what from whom, before a term and a rent are agreed on.
struct Setting {
    landlord: &'static str,
    tenants: &'static [&'static str],
    building: &'static str,
    street: &'static str,
    unit: Option<&'static str>,
    city: &'static str,
    state: &'static str,
    zip_code: &'static str,
    rent: u32,
}

const SETTINGS: [Setting; 12] = [
    Setting {
        landlord: "Orchard Row Management LLC",
        tenants: &["Jordan Whitfield"],
        building: "Juniper Lofts",
        street: "148 Mill Road",
        unit: Some("4B"),
        city: "Atlanta",
        state: "GA",
        zip_code: "30308",
        rent: 1350,
    },
    Setting {
        landlord: "Bluebonnet Residential, Inc.",
        tenants: &["Priya Raghunathan", "Marcus Bell"],
        building: "",
        street: "2210 Commerce Avenue",
        unit: Some("307"),
        city: "Austin",
        state: "TX",
        zip_code: "78701",
        rent: 1825,
    },
    Setting {
        landlord: "Helen K. Ostrander",
        tenants: &["Luis Ortega"],
        building: "",
        street: "76 River Lane",
        unit: None,
        city: "Houston",
        state: "TX",
        zip_code: "77002",
        rent: 1095,
    },
    Setting {
        landlord: "Summit Terrace Partners LP",
        tenants: &["Chloe Nakamura"],
        building: "Summit Terrace",
        street: "901 Park Place",
        unit: Some("1204"),
        city: "Dallas",
        state: "TX",
        zip_code: "75201",
        rent: 2140,
    },
    Setting {
        landlord: "Dominic and Ruth Abara",
        tenants: &["Samuel O'Connor", "Grace O'Connor"],
        building: "",
        street: "15 Peach Street",
        unit: Some("2"),
        city: "Atlanta",
        state: "GA",
        zip_code: "30309",
        rent: 1575,
    },
    Setting {
        landlord: "Harbor Court Apartments",
        tenants: &["Amara Nwosu"],
        building: "Harbor Court",
        street: "4480 North Shore Drive",
        unit: Some("C-12"),
        city: "Charlotte",
        state: "NC",
        zip_code: "28202",
        rent: 1249,
    },
    Setting {
        landlord: "Foundry Square Holdings LLC",
        tenants: &["Theodore Vance"],
        building: "Foundry Square",
        street: "330 Commerce Avenue",
        unit: Some("518"),
        city: "Denver",
        state: "CO",
        zip_code: "80202",
        rent: 1985,
    },
    Setting {
        landlord: "Margaret Dunleavy",
        tenants: &["Beatriz Fonseca", "Noah Lindqvist", "Aisha Karim"],
        building: "",
        street: "1127 Magnolia Boulevard",
        unit: None,
        city: "Austin",
        state: "TX",
        zip_code: "78702",
        rent: 2400,
    },
    Setting {
        landlord: "Cedar & Vine Property Group",
        tenants: &["Daniel Petrov"],
        building: "Cedar Commons",
        street: "59 Mill Road",
        unit: Some("11A"),
        city: "Charlotte",
        state: "NC",
        zip_code: "28203",
        rent: 975,
    },
    Setting {
        landlord: "Lone Star Homes Management",
        tenants: &["Hannah Goldberg"],
        building: "",
        street: "8821 Old Ferry Road",
        unit: Some("204"),
        city: "Houston",
        state: "TX",
        zip_code: "77003",
        rent: 1420,
    },
    Setting {
        landlord: "Kestrel Ridge LLC",
        tenants: &["José Álvarez", "Elena Álvarez"],
        building: "Kestrel Ridge",
        street: "612 Park Place",
        unit: Some("D3"),
        city: "Denver",
        state: "CO",
        zip_code: "80203",
        rent: 1710,
    },
    Setting {
        landlord: "Walter T. Brandt",
        tenants: &["Yusuf Demir"],
        building: "",
        street: "27 Peach Street",
        unit: Some("9"),
        city: "Dallas",
        state: "TX",
        zip_code: "75202",
        rent: 1165,
    },
];

/// Terms in one of the settings, signed after the purchase, for a year from the first of April.
fn terms(setting: usize) -> Terms {
    let setting = &SETTINGS[setting % SETTINGS.len()];
    Terms {
        landlord: setting.landlord.to_owned(),
        tenants: setting.tenants.iter().map(|name| (*name).to_owned()).collect(),
        home: Home {
            building: setting.building.to_owned(),
            street: setting.street.to_owned(),
            unit: setting.unit.map(str::to_owned),
            city: setting.city.to_owned(),
            state: setting.state.to_owned(),
            zip_code: setting.zip_code.to_owned(),
        },
        rent: rent(setting.rent),
        signed: SIGNED,
        begins: date(2026, 4, 1),
        ends: Some(date(2027, 3, 31)),
    }
}

/// A rent of whole dollars.
fn rent(dollars: u32) -> Rent {
    cents(dollars * 100)
}

/// A rent to the cent.
fn cents(cents: u32) -> Rent {
    Rent::try_from(f64::from(cents) / 100.0).unwrap_or_else(|_| unreachable!("the corpus has no such rent"))
}

const fn dollars(dollars: u32) -> Amount {
    Amount::dollars(dollars)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fmt::Write;

    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn no_two_cases_have_one_name() {
        let cases = corpus();
        let names: BTreeSet<_> = cases.iter().map(|case| case.name).collect();
        assert_eq!(names.len(), cases.len());
    }

    #[test]
    fn there_are_clean_leases_in_every_layout_and_enough_of_the_rest() {
        let cases = corpus();
        let of = |kind| cases.iter().filter(move |case| case.kind == kind);
        assert!(of(Kind::Clean).count() >= 45);
        assert!(of(Kind::Decoy).count() >= 20);
        assert!(of(Kind::Doubtful).count() >= 30);
        assert!(of(Kind::Adversarial).count() >= 15);
        let layouts: BTreeSet<_> = of(Kind::Clean).map(Case::layout).collect();
        let missing: Vec<_> = Layout::ALL
            .into_iter()
            .filter(|layout| *layout != Layout::Subsidised && !layouts.contains(layout))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn leases_have_from_one_to_twelve_pages() {
        let counts: BTreeSet<_> = corpus().iter().map(Case::page_count).collect();
        assert_eq!(counts.first(), Some(&1));
        assert_eq!(counts.last(), Some(&12));
    }

    /// The same bytes on every machine and in every build: what the tests say of a case stays true of it.
    #[test]
    fn every_file_is_the_same_bytes_each_time() {
        let mut list = String::new();
        for case in corpus() {
            let file = case.pdf();
            assert_eq!(file, case.pdf(), "{}", case.name);
            let hash = hex::encode(Sha256::digest(&file));
            let _ = writeln!(
                list,
                "{} {:>2} pages  {}",
                &hash[..16],
                case.page_count(),
                case.name
            );
        }
        insta::assert_snapshot!(list);
    }
}
