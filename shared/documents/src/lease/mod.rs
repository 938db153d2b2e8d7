//! What a lease says, and whether a machine may decide on it.

use domain::lease::{Evidence, Expected, Reason, Verdict};
use jiff::civil::Date;

use crate::Document;

/// What Textract is asked, each under the name that its answer comes back with.
pub const QUESTIONS: [(&str, &str); 7] = [
    ("RENT", "What is the monthly rent?"),
    ("TENANT", "Who is the tenant?"),
    ("LANDLORD", "Who is the landlord?"),
    ("ADDRESS", "What is the address of the leased premises?"),
    ("BEGINS", "On which date does the lease begin?"),
    ("ENDS", "On which date does the lease end?"),
    ("SIGNED", "On which date was the lease signed?"),
];

/// What is found in `document`, each with its place.
#[must_use]
pub fn read(document: &Document) -> Evidence {
    let _ = document;
    Evidence::default()
}

/// Whether `evidence` is enough to decide without a person that this is the lease which was `expected`, and on which
/// rent. `today` is the day where the property is.
#[must_use]
pub fn judge(evidence: &Evidence, expected: &Expected, today: Date) -> Verdict {
    let _ = (evidence, expected, today);
    Verdict::NeedsReview {
        reasons: vec![Reason::RentNotFound],
        likely: None,
    }
}
