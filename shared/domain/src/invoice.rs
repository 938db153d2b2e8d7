//! Invoices of subscriptions, as Stripe reports them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::text::is_stripe_id;

/// Stripe's id of an invoice: `in_` and letters and digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InvoiceId(String);

/// A text is no invoice's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an invoice's id such as in_1QK2abcDEF")]
pub struct InvoiceIdError;

impl InvoiceId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for InvoiceId {
    type Error = InvoiceIdError;

    fn try_from(text: String) -> Result<Self, InvoiceIdError> {
        if is_stripe_id(&text, "in_") {
            Ok(Self(text))
        } else {
            Err(InvoiceIdError)
        }
    }
}

impl From<InvoiceId> for String {
    fn from(id: InvoiceId) -> Self {
        id.0
    }
}

/// Where an invoice stands (<https://docs.stripe.com/invoicing/overview#invoice-statuses>), in the order in which it can
/// get there: what is paid or void stays so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InvoiceStatus {
    /// Not final.
    Draft,
    /// To be paid.
    Open,
    /// Given up; can still be paid.
    Uncollectible,
    /// Paid.
    Paid,
    /// Called off.
    Void,
}

/// An invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invoice {
    /// Stripe's id of it.
    pub id: InvoiceId,
    /// What is to be paid, in cents.
    pub amount: u64,
    /// What was paid, in cents.
    pub amount_paid: u64,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// When it was made.
    pub created: Timestamp,
    /// When it was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    /// What its owner's bookkeeping calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Stripe's page of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// Its PDF at Stripe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pdf: Option<String>,
}

impl Invoice {
    /// What is known after a report of the same invoice, which may be older: an invoice never goes back.
    #[must_use]
    pub fn after(self, report: Self) -> Self {
        if report.status > self.status { report } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoice(status: InvoiceStatus) -> Invoice {
        Invoice {
            id: InvoiceId("in_1".to_owned()),
            amount: 4900,
            amount_paid: 0,
            status,
            created: Timestamp::UNIX_EPOCH,
            paid_at: None,
            number: None,
            page: None,
            pdf: None,
        }
    }

    #[test]
    fn an_older_report_does_not_make_a_paid_invoice_open() {
        let (paid, open) = (invoice(InvoiceStatus::Paid), invoice(InvoiceStatus::Open));
        assert_eq!(paid.clone().after(open.clone()), paid);
        assert_eq!(open.after(paid.clone()), paid);
    }

    #[test]
    fn only_stripes_ids_are_ids() {
        assert!(InvoiceId::try_from("in_1QK2abcDEF".to_owned()).is_ok());
        assert!(InvoiceId::try_from("in_1#2".to_owned()).is_err());
        assert!(InvoiceId::try_from("evt_1".to_owned()).is_err());
    }
}
