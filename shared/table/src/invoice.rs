//! Invoices, under the person who pays them, by the time they were made.

use domain::event::Fact;
use domain::{Invoice, InvoiceId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::item::{Change, Consistency, Key, TransactError, attribute, number, read, text};
use crate::place::NoPlace;
use crate::stripe_event::StripeEventId;
use crate::{Table, TableError};

/// How many invoices a page may have.
pub const PAGE_AT_MOST: u8 = 100;

/// The place of an invoice in a person's list: when it was made, and which one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    created: Timestamp,
    id: InvoiceId,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Eleven digits reach beyond the year 5000, and sort as their numbers do.
        write!(f, "{:011}#{}", self.created.as_second(), self.id.as_str())
    }
}

impl std::str::FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (second, id) = text.split_once('#').ok_or(NoPlace)?;
        let second = second.parse().map_err(|_| NoPlace)?;
        Ok(Self {
            created: Timestamp::from_second(second).map_err(|_| NoPlace)?,
            id: InvoiceId::try_from(id.to_owned()).map_err(|_| NoPlace)?,
        })
    }
}

impl From<&Invoice> for Place {
    fn from(invoice: &Invoice) -> Self {
        Self {
            created: invoice.created,
            id: invoice.id.clone(),
        }
    }
}

/// Part of a list, newest first.
#[derive(Debug)]
pub struct Page {
    /// The invoices.
    pub invoices: Vec<Invoice>,
    /// The last one's place, if there are more behind it.
    pub next: Option<Place>,
}

#[derive(Serialize, Deserialize)]
struct InvoiceItem {
    invoice: Invoice,
    #[serde(default, skip_serializing)]
    version: u32,
}

fn key(user: UserId, place: &Place) -> Key {
    Key::new(format!("USER#{user}"), format!("INVOICE#{place}"))
}

impl Table {
    /// Writes what `event` tells of an invoice, unless more is known already, and that the event was seen; a new invoice is
    /// counted. `false` if it had been seen.
    ///
    /// # Errors
    /// [`TableError::Conflict`] if another event of the same invoice is at work, or the account is gone: this one must come
    /// again.
    pub async fn apply_invoice(
        &self,
        user: UserId,
        report: Invoice,
        event: &StripeEventId,
        facts: Vec<Fact>,
    ) -> Result<bool, TableError> {
        let key = key(user, &Place::from(&report));
        let known: Option<InvoiceItem> = self.get(&key, Consistency::Strong).await?;
        let mut parts = vec![self.seen(event)?];
        match known {
            None => {
                let new = InvoiceItem {
                    invoice: report,
                    version: 0,
                };
                parts.push(self.create(self.item(&key, "Invoice", &new)?)?);
                let counted = Change::new(Account::key(user), "SET updatedAt = :now ADD invoices :one")
                    .only_if("attribute_exists(PK)")
                    .value(":now", text(self.clock.now()))
                    .value(":one", number(1));
                parts.push(self.change(counted)?);
            }
            Some(known) => {
                let invoice = known.invoice.clone().after(report);
                if invoice != known.invoice {
                    let change =
                        Change::new(key, "SET invoice = :invoice, updatedAt = :now ADD version :one")
                            .only_if("version = :known")
                            .value(":invoice", attribute(&invoice)?)
                            .value(":known", number(known.version))
                            .value(":now", text(self.clock.now()))
                            .value(":one", number(1));
                    parts.push(self.change(change)?);
                }
            }
        }
        for fact in facts {
            parts.push(self.outbox(fact)?);
        }
        match self.transact(parts).await {
            Ok(()) => Ok(true),
            Err(TransactError::Condition(failed)) if failed.at(0) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// A person's invoices, newest first, from the one after `after`.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn invoices(&self, user: UserId, limit: u8, after: Option<&Place>) -> Result<Page, TableError> {
        let limit = limit.clamp(1, PAGE_AT_MOST);
        let after = after.map(|place| key(user, place));
        let (items, more) = self.newest_first(user, "INVOICE#", limit, after).await?;
        let invoices: Vec<_> = items
            .into_iter()
            .map(|item| read::<InvoiceItem>(item).map(|item| item.invoice))
            .collect::<Result<_, _>>()?;
        let next = invoices.last().map(Place::from).filter(|_| more);
        Ok(Page { invoices, next })
    }
}

#[cfg(test)]
mod tests {
    use domain::InvoiceStatus;

    use super::*;

    #[test]
    fn places_sort_by_time_and_read_back() {
        let place = |second: i64| Place {
            created: Timestamp::from_second(second).unwrap(),
            id: InvoiceId::try_from("in_1".to_owned()).unwrap(),
        };
        assert!(place(999_999_999).to_string() < place(1_000_000_000).to_string());
        assert_eq!(place(1_774_000_000).to_string().parse(), Ok(place(1_774_000_000)));
        assert_eq!("12#x#y".parse::<Place>(), Err(NoPlace));
        assert!(InvoiceStatus::Open < InvoiceStatus::Paid);
    }
}
