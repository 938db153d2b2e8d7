#![doc = include_str!("../README.md")]

mod block;
mod chance;
mod charges;
mod clauses;
mod corpus;
mod draft;
mod fonts;
mod ink;
mod layouts;
mod pdf;
#[cfg(feature = "refused")]
pub mod refused;
mod rent;
#[cfg(feature = "scans")]
pub mod scan;
mod setting;
mod terms;
mod text;
mod voice;
mod wording;

use charges::Extra;
use draft::Draft;
use rent::RentSaid;
use wording::Amount;

pub use block::Signed;
pub use corpus::{Case, Kind, Outcome, corpus};
pub use terms::{Home, Layout, Terms};

/// A lease that says clearly what the terms say, signed by both sides, as a PDF with a layer of text.
///
/// # Examples
/// ```
/// use sample_leases::{Home, Layout, Terms, lease};
/// use jiff::civil::date;
///
/// let terms = Terms {
///     landlord: "Orchard Row Management LLC".to_owned(),
///     tenants: vec!["Rita Renter".to_owned()],
///     home: Home {
///         building: "Juniper Lofts".to_owned(),
///         street: "148 Mill Road".to_owned(),
///         unit: Some("4B".to_owned()),
///         city: "Atlanta".to_owned(),
///         state: "GA".to_owned(),
///         zip_code: "30308".to_owned(),
///     },
///     rent: domain::Rent::from_dollars(1350)?,
///     signed: date(2026, 3, 10),
///     begins: date(2026, 4, 1),
///     ends: Some(date(2027, 3, 31)),
/// };
/// assert!(lease(&terms, Layout::Prose).starts_with(b"%PDF-"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn lease(terms: &Terms, layout: Layout) -> Vec<u8> {
    plain(terms, layout).pdf()
}

/// A lease that no machine may decide on: the rent in words is not the one in digits, which are those of the terms.
#[must_use]
pub fn doubtful_lease(terms: &Terms, layout: Layout) -> Vec<u8> {
    let mut draft = plain(terms, layout);
    draft.rent = RentSaid::WordsSay(Amount::cents(Amount::from(terms.rent).hundredths() + 10_000));
    draft.pdf()
}

/// A lease that only the landlord has signed.
#[must_use]
pub fn unsigned_lease(terms: &Terms, layout: Layout) -> Vec<u8> {
    let mut draft = plain(terms, layout);
    draft.signed_by.tenants = Signed::Not;
    draft.pdf()
}

fn plain(terms: &Terms, layout: Layout) -> Draft {
    let mut draft = Draft::new(terms.clone(), layout, 12);
    draft.extras = vec![
        Extra::Deposit(Amount::dollars(500)),
        Extra::LateFee(Amount::dollars(75)),
        Extra::Parking(Amount::dollars(90)),
    ];
    draft
}
