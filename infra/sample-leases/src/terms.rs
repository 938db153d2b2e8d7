//! What a lease is about.

use domain::Rent;
use jiff::civil::Date;

/// What two sides agree on.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// Who lets.
    pub landlord: String,
    /// Who rents; at least one.
    pub tenants: Vec<String>,
    /// What is let.
    pub home: Home,
    /// By the month.
    pub rent: Rent,
    /// The day on which it is dated and signed.
    pub signed: Date,
    /// The first day of the term.
    pub begins: Date,
    /// The last day of the term; none where it runs from month to month.
    pub ends: Option<Date>,
}

/// Where a home is.
#[derive(Clone, Debug, PartialEq)]
pub struct Home {
    /// The building's name; empty where it has none.
    pub building: String,
    /// Number and street.
    pub street: String,
    /// The unit, without a word before it: "4B".
    pub unit: Option<String>,
    /// The city.
    pub city: String,
    /// The state, two letters.
    pub state: String,
    /// Five digits.
    pub zip_code: String,
}

/// How a lease is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layout {
    /// Numbered sections of running text.
    Prose,
    /// Labels with lines to fill in, then conditions.
    Form,
    /// Running text with a table of charges.
    Charges,
    /// Small print in two columns.
    Columns,
    /// A sheet with the main terms, then the conditions.
    CoverSheet,
    /// Many small boxes and filled-in sentences, as owners' associations print them.
    DenseForm,
    /// Several tenants, who share.
    Roommates,
    /// A letter of one page, from month to month.
    MonthToMonth,
    /// A lease beside which a housing authority pays a part.
    Subsidised,
    /// Running text, followed by addenda with signatures of their own.
    Addenda,
}

impl Layout {
    /// Each layout.
    pub const ALL: [Self; 10] = [
        Self::Prose,
        Self::Form,
        Self::Charges,
        Self::Columns,
        Self::CoverSheet,
        Self::DenseForm,
        Self::Roommates,
        Self::MonthToMonth,
        Self::Subsidised,
        Self::Addenda,
    ];
}
