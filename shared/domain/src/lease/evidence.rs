//! What was found in a lease, each finding with the place where it stands, so that whoever decides can look at it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Reason;
use crate::Rent;

/// How sure a reading is, in percent.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confidence(f32);

impl Confidence {
    /// What a machine may decide on.
    pub const ENOUGH: Self = Self(90.0);

    /// `percent` from 0 to 100; what lies outside is taken for the nearer end, and what is no number for 0.
    #[must_use]
    pub fn new(percent: f32) -> Self {
        Self(if percent.is_nan() {
            0.0
        } else {
            percent.clamp(0.0, 100.0)
        })
    }

    /// From 0 to 100.
    #[must_use]
    pub const fn percent(self) -> f32 {
        self.0
    }
}

/// A place on a page, as shares of its width and height, from the upper left corner
/// (<https://docs.aws.amazon.com/textract/latest/dg/API_BoundingBox.html>).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// Its left edge.
    pub left: f32,
    /// Its upper edge.
    pub top: f32,
    /// Its width.
    pub width: f32,
    /// Its height.
    pub height: f32,
}

/// How something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundBy {
    /// In a form: a key and its value.
    KeyValue,
    /// As the answer to a question.
    Query,
    /// In a sentence or a line of running text.
    Sentence,
    /// As a signature.
    Signature,
}

/// Something that was found in the lease, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding<T> {
    /// What it says.
    pub value: T,
    /// The page, from 1.
    pub page: u16,
    /// Where on the page.
    pub bounds: Bounds,
    /// The words around it, as they stand there; at most 200 characters.
    pub text: String,
    /// How sure the reading of these words is.
    pub confidence: Confidence,
    /// How it was found.
    pub found_by: FoundBy,
}

/// An amount that is never the rent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charge {
    /// A security, cleaning, key or holding deposit.
    Deposit,
    /// For paying late, or with a bad check.
    LateFee,
    /// For an animal.
    PetRent,
    /// For a car, a garage, a storage room.
    Parking,
    /// A part of the first or last month.
    Prorated,
    /// A tenant's share beside a housing authority's.
    TenantShare,
    /// A rent that a later notice announces.
    RentChange,
    /// Utilities, insurance, application and other fees.
    Fee,
    /// A sum: the whole term, a year, the rent with all that is paid beside it.
    Total,
    /// What is taken off: a concession, a credit, a month for nothing.
    Concession,
    /// What staying on after the term costs, or leaving before its end.
    Holdover,
    /// What somebody has to have or to insure, and pays to nobody: an income, a coverage.
    Requirement,
}

/// Whose signature it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signer {
    /// The tenant's.
    Tenant,
    /// The landlord's, or that of whoever acts for them.
    Landlord,
    /// The lease does not say.
    Unknown,
}

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Signature {
    /// Whose.
    pub by: Signer,
    /// Whether it is a name that was typed, `/s/ Ana Lopez`, and no drawn one.
    pub typed: bool,
    /// The name beside it, or nothing.
    pub name: String,
}

/// An amount that was looked at and set aside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetAside {
    /// What it is.
    pub charge: Charge,
    /// The amount, in dollars as it stands there, and its place.
    pub amount: Finding<String>,
}

/// All that was found in a lease. It holds names and addresses: it is shown to the renter and to whoever reviews it, and
/// never logged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Evidence {
    /// Every candidate for the monthly rent, the likeliest first.
    pub rents: Vec<Finding<Rent>>,
    /// Amounts that are something else.
    pub set_aside: Vec<SetAside>,
    /// What keeps a machine from deciding on the rent, where it stands in the lease.
    pub doubts: Vec<Finding<Reason>>,
    /// The tenants.
    pub tenants: Vec<Finding<String>>,
    /// The landlords, and those who act for them.
    pub landlords: Vec<Finding<String>>,
    /// The address of what is let.
    pub addresses: Vec<Finding<String>>,
    /// The days on which it is dated or signed.
    pub dated: Vec<Finding<Date>>,
    /// The first day of the term.
    pub begins: Vec<Finding<Date>>,
    /// The last day of the term.
    pub ends: Vec<Finding<Date>>,
    /// The signatures.
    pub signatures: Vec<Finding<Signature>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confidence_is_from_0_to_100() {
        assert_eq!(Confidence::new(f32::NAN).percent(), 0.0);
        assert_eq!(Confidence::new(-3.0).percent(), 0.0);
        assert_eq!(Confidence::new(100.1).percent(), 100.0);
        assert!(Confidence::new(89.9) < Confidence::ENOUGH);
    }
}
