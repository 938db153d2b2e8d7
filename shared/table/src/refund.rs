//! What is owed for verified leases: kept with the purchase, and with it in the index of what is to be looked at again.
//!
//! Every change is made to the version of the purchase that was read, so that what two functions ask for at once is asked
//! for once, and never comes to more than is left. Where a lease's verification stands is written in the same
//! transaction, and so is what is told of it.

use std::fmt::{self, Display};
use std::str::FromStr;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::event::Fact;
use domain::lease::{Request, Standing, Step};
use domain::purchase::{News, Payment};
use domain::{Cents, PurchaseId, UserId, VerificationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::failed;
use crate::item::{Change, Consistency, Item, Key, TransactError, attribute, moment, number, read, text};
use crate::payment::Applied;
use crate::place::{self, NoPlace};
use crate::purchase::Purchase;
use crate::verification::Verification;
use crate::{Table, TableError};

/// How often a change is made anew when another one was faster.
const ATTEMPTS: usize = 4;
/// In GSI1, by the time at which they are to be looked at: the purchases with refunds that may move.
const DUE: &str = "REFUNDS#DUE";
/// In GSI2, by the first lease whose refund failed: the purchases with refunds that did.
const FAILED: &str = "REFUNDS#FAILED";

/// Somebody of us asks once more for a refund that failed: an entry for the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefundRetry {
    /// The lease.
    pub verification: VerificationId,
    /// Whose it is.
    pub user: UserId,
    /// The purchase whose money goes back.
    pub purchase: PurchaseId,
    /// Who asks.
    pub admin: UserId,
    /// Why.
    pub note: String,
    /// When.
    pub asked_at: Timestamp,
}

/// A place in the list of refunds that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailedRefund {
    /// Whose lease.
    pub user: UserId,
    /// The purchase whose money goes back.
    pub purchase: PurchaseId,
    /// The lease's verification.
    pub verification: VerificationId,
}

/// Part of the list of purchases with refunds that failed, by when their leases were sent.
#[derive(Debug)]
pub struct FailedPage {
    /// The purchases.
    pub purchases: Vec<Purchase>,
    /// The last one, if there are more behind it.
    pub next: Option<FailedRefund>,
}

/// As cursors hold it.
impl Display for FailedRefund {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.user, self.purchase, self.verification)
    }
}

impl FromStr for FailedRefund {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let [user, purchase, verification] = place::words(text)?;
        Ok(Self {
            user: place::read(user)?,
            purchase: place::read(purchase)?,
            verification: place::read(verification)?,
        })
    }
}

impl FailedRefund {
    /// The first of a purchase's refunds that failed: by it the purchase is found.
    fn first_of(purchase: &Purchase) -> Option<Self> {
        let verification = purchase.failed_refunds().next()?;
        Some(Self {
            user: purchase.user,
            purchase: purchase.id,
            verification,
        })
    }

    fn attributes(self) -> Item {
        let mut key = Purchase::key(self.user, self.purchase).attributes();
        key.insert("GSI2PK".to_owned(), text(FAILED));
        key.insert("GSI2SK".to_owned(), failed_sort(self.verification));
        key
    }
}

fn failed_sort(verification: VerificationId) -> AttributeValue {
    text(format!("VERIFICATION#{verification}"))
}

fn retry_key(verification: VerificationId, at: Timestamp) -> Key {
    let at = at.as_millisecond();
    Key::new(format!("REVIEW#{verification}"), format!("RETRY#{at}"))
}

impl Table {
    /// Takes on what is owed for a verified lease. What is taken on already stays as it is. The purchase afterwards, if
    /// there is one.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn owe_refund(
        &self,
        user: UserId,
        purchase: PurchaseId,
        verification: VerificationId,
        due: Cents,
    ) -> Result<Option<Purchase>, TableError> {
        let owing = |purchase: &mut Purchase, now| purchase.debts.owe(verification, due, now);
        let owed = self.change_debts(user, purchase, owing).await?;
        Ok(owed.map(|(purchase, ())| purchase))
    }

    /// Asks once more for a refund that failed; one that did not is left alone. However many ask at once, it is asked for
    /// once. The purchase afterwards, if there is one.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn ask_refund_again(
        &self,
        user: UserId,
        purchase: PurchaseId,
        verification: VerificationId,
    ) -> Result<Option<Purchase>, TableError> {
        let asked = self.change_debts(user, purchase, again(verification)).await?;
        Ok(asked.map(|(purchase, _)| purchase))
    }

    /// Somebody of us asks once more for a refund that failed, with the entry for the record. The purchase afterwards;
    /// nothing if it is none that failed.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn retry_refund(&self, retry: &RefundRetry) -> Result<Option<Purchase>, TableError> {
        let key = retry_key(retry.verification, retry.asked_at);
        let record = self.create(self.item(&key, "RefundRetry", retry)?)?;
        let (user, purchase, asking) = (retry.user, retry.purchase, again(retry.verification));
        let asked = self.change_debts_with(user, purchase, asking, &[record]).await?;
        Ok(asked.and_then(|(purchase, was_failed)| was_failed.then_some(purchase)))
    }

    /// What somebody of us asked for at this moment, if they did.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn refund_retry(
        &self,
        verification: VerificationId,
        at: Timestamp,
    ) -> Result<Option<RefundRetry>, TableError> {
        self.get(&retry_key(verification, at), Consistency::Strong).await
    }

    /// A renter asks for the money that their lease earns: what is owed is taken on, if it was not yet, and asked for once
    /// more if it failed. However many ask at once, it is given back once. Where it stands then; nothing if the lease
    /// earns nothing, or is not decided.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn ask_refund(&self, lease: &Verification) -> Result<Option<Standing>, TableError> {
        if lease.refund_due.get() == 0 {
            return Ok(None);
        }
        let (user, purchase) = (lease.user, lease.purchase);
        let owed = self
            .owe_refund(user, purchase, lease.id, lease.refund_due)
            .await?;
        let standing = |purchase: Option<Purchase>| purchase.and_then(|it| it.refund_standing(lease.id));
        match standing(owed) {
            Some(Standing::Failed) => {
                let asked = self.ask_refund_again(user, purchase, lease.id).await?;
                Ok(standing(asked))
            }
            standing => Ok(standing),
        }
    }

    /// What is to be done about a refund now, after everything that Stripe knows of the payment was learned. That Stripe
    /// is asked is written before it is.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn refund_step(
        &self,
        user: UserId,
        purchase: PurchaseId,
        verification: VerificationId,
    ) -> Result<Step, TableError> {
        let stepping = |purchase: &mut Purchase, now| {
            let (money, paid) = (&purchase.money, purchase.amount);
            purchase.debts.step(verification, money, paid, now)
        };
        let stepped = self.change_debts(user, purchase, stepping).await?;
        Ok(stepped.map_or(Step::Rest, |(_, step)| step))
    }

    /// Stripe refused a refund, and everything that it knows of the payment was learned since.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn refund_refused(
        &self,
        user: UserId,
        purchase: PurchaseId,
        request: Request,
    ) -> Result<(), TableError> {
        let refusing = |purchase: &mut Purchase, now| {
            let (money, paid) = (&purchase.money, purchase.amount);
            purchase.debts.refused(request, money, paid, now);
        };
        self.change_debts(user, purchase, refusing).await?;
        Ok(())
    }

    /// Learns what Stripe told of a purchase's money when it was asked.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn learn(&self, purchase: &Purchase, told: &[News]) -> Result<(), TableError> {
        let mut known = purchase.money.clone();
        for news in told {
            let before = known.clone();
            known.learn(news);
            if known != before {
                self.learn_one(purchase, news).await?;
            }
        }
        Ok(())
    }

    async fn learn_one(&self, purchase: &Purchase, news: &News) -> Result<(), TableError> {
        let payment = Payment {
            user: purchase.user,
            purchase: purchase.id,
            listing: purchase
                .property
                .as_ref()
                .map(|property| property.listing.clone()),
            news: news.clone(),
            amount: None,
            payment_intent: purchase.payment_intent.clone(),
        };
        let mut attempt = 1;
        loop {
            match self.apply_payment(&payment, None).await {
                Err(TableError::Conflict) if attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error),
                Ok(Applied::Now(_) | Applied::Before | Applied::NotOurs) => return Ok(()),
            }
        }
    }

    /// The purchases with refunds that are to be looked at by now, the longest overdue first.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn refunds_due(&self, limit: u8) -> Result<Vec<Purchase>, TableError> {
        self.due(DUE, limit).await
    }

    /// The purchases with refunds that failed, and that a person has to look at, from the one after `after`.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn failed_refunds(
        &self,
        limit: u8,
        after: Option<FailedRefund>,
    ) -> Result<FailedPage, TableError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("GSI2")
            .key_condition_expression("GSI2PK = :failed")
            .expression_attribute_values(":failed", text(FAILED))
            .limit(i32::from(limit.max(1)))
            .set_exclusive_start_key(after.map(FailedRefund::attributes))
            .send()
            .await
            .map_err(failed)?;
        let more = answer.last_evaluated_key.is_some();
        let items = answer.items.unwrap_or_default().into_iter();
        let purchases: Vec<Purchase> = items.map(read).collect::<Result<_, _>>()?;
        let last = purchases.last().filter(|_| more);
        let next = last.and_then(FailedRefund::first_of);
        Ok(FailedPage { purchases, next })
    }

    /// The purchase whose refund for this lease failed, if one did.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn failed_refund(&self, verification: VerificationId) -> Result<Option<Purchase>, TableError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("GSI2")
            .key_condition_expression("GSI2PK = :failed AND GSI2SK = :lease")
            .expression_attribute_values(":failed", text(FAILED))
            .expression_attribute_values(":lease", failed_sort(verification))
            .limit(1)
            .send()
            .await
            .map_err(failed)?;
        let item = answer.items.unwrap_or_default().into_iter().next();
        item.map(read).transpose()
    }

    /// Puts off the next look at a purchase's refunds, before this one: what cannot be looked at must not keep the others
    /// waiting.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn put_off_refunds(&self, purchase: &Purchase) -> Result<(), TableError> {
        let Some((_, place)) = due(purchase, self.clock.now()) else {
            return Ok(());
        };
        let change = Change::new(Purchase::key(purchase.user, purchase.id), "SET GSI1SK = :place")
            .only_if("version = :known AND attribute_exists(GSI1PK)")
            .value(":place", place)
            .value(":known", number(purchase.version));
        match self.apply(change).await.map_err(TableError::from) {
            // Whoever changed it meanwhile has said anew when it is to be looked at.
            Ok(_) | Err(TableError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Changes a purchase's debts, as often as another change was faster. The purchase afterwards and what the change
    /// answered; nothing if there is no such purchase.
    async fn change_debts<T>(
        &self,
        user: UserId,
        id: PurchaseId,
        change: impl Fn(&mut Purchase, Timestamp) -> T,
    ) -> Result<Option<(Purchase, T)>, TableError> {
        self.change_debts_with(user, id, change, &[]).await
    }

    /// The same, with what else is written if there is a change.
    async fn change_debts_with<T>(
        &self,
        user: UserId,
        id: PurchaseId,
        change: impl Fn(&mut Purchase, Timestamp) -> T,
        with: &[TransactWriteItem],
    ) -> Result<Option<(Purchase, T)>, TableError> {
        for _ in 0..ATTEMPTS {
            let Some(known) = self.purchase(user, id).await? else {
                return Ok(None);
            };
            let mut purchase = known.clone();
            let answer = change(&mut purchase, self.clock.now());
            if purchase == known {
                return Ok(Some((purchase, answer)));
            }
            let mut parts = self.purchase_moved(&known, &purchase)?;
            parts.extend_from_slice(with);
            let of_leases = self.leases_moved(&known, &purchase)?;
            match self.transact_with_leases(parts, of_leases).await {
                Ok(()) => return Ok(Some((purchase, answer))),
                Err(TransactError::Condition(_) | TransactError::Other(TableError::Conflict)) => {}
                Err(TransactError::Other(error)) => return Err(error),
            }
        }
        Err(TableError::Conflict)
    }

    /// The parts of a transaction that write where the verifications stand whose refunds moved.
    pub(crate) fn leases_moved(
        &self,
        known: &Purchase,
        now: &Purchase,
    ) -> Result<Vec<TransactWriteItem>, TableError> {
        let standing = |purchase: &Purchase, id| {
            let standing = purchase.refund_standing(id);
            standing.map(|standing| (standing.status(), standing.given_back()))
        };
        let mut parts = Vec::new();
        for id in now.debts.verifications() {
            let Some(moved) = standing(now, id).filter(|new| standing(known, id) != Some(*new)) else {
                continue;
            };
            let (status, given_back) = moved;
            let given = match given_back {
                Some(_) => ", givenBack = :given",
                None => " REMOVE givenBack",
            };
            let change = Change::new(
                Verification::key(now.user, id),
                format!("SET #status = :status, since = :now, updatedAt = :now{given} ADD version :one"),
            )
            .only_if("attribute_exists(PK)")
            .name("#status", "status")
            .value(":status", attribute(&status)?)
            .value(":now", text(self.clock.now()))
            .value(":one", number(1));
            let change = match given_back {
                Some(given) => change.value(":given", attribute(&given)?),
                None => change,
            };
            parts.push(self.change(change)?);
        }
        Ok(parts)
    }

    /// Writes all of these parts. A lease whose data was erased has no verification any more: what is owed for it is owed
    /// all the same.
    pub(crate) async fn transact_with_leases(
        &self,
        parts: Vec<TransactWriteItem>,
        of_leases: Vec<TransactWriteItem>,
    ) -> Result<(), TransactError> {
        if of_leases.is_empty() {
            return self.transact(parts).await;
        }
        let all = [parts.clone(), of_leases].concat();
        match self.transact(all).await {
            Err(TransactError::Condition(failed)) if (0..parts.len()).all(|part| !failed.at(part)) => {
                tracing::warn!("a refund moved whose verification is gone");
                self.transact(parts).await
            }
            written => written,
        }
    }
}

/// The change that asks once more for a refund that failed; it answers whether it did.
fn again(verification: VerificationId) -> impl Fn(&mut Purchase, Timestamp) -> bool {
    move |purchase, now| {
        let (money, paid) = (&purchase.money, purchase.amount);
        purchase.debts.ask_again(verification, money, paid, now)
    }
}

/// What the change from `known` to `now` tells of refunds for leases.
pub(crate) fn told(known: &Purchase, now: &Purchase) -> Vec<Fact> {
    let (user_id, purchase_id) = (now.user, now.id);
    let mut facts = Vec::new();
    for verification_id in now.debts.verifications() {
        let (before, after) = (
            known.refund_standing(verification_id),
            now.refund_standing(verification_id),
        );
        let fact = match (before, after) {
            (Some(Standing::Wanted(_)), Some(Standing::Wanted(_)))
            | (Some(Standing::Pending(_)), Some(Standing::Pending(_)))
            | (Some(Standing::Paid(_)), Some(Standing::Paid(_)))
            | (Some(Standing::Failed), Some(Standing::Failed)) => continue,
            (_, Some(Standing::Wanted(_))) => Fact::RefundDue {
                user_id,
                purchase_id,
                verification_id,
            },
            (_, Some(Standing::Pending(_))) => Fact::RefundOnItsWay {
                user_id,
                purchase_id,
                verification_id,
            },
            (_, Some(Standing::Paid(_))) => Fact::RefundSucceeded {
                user_id,
                purchase_id,
                verification_id,
            },
            (_, Some(Standing::Failed)) => Fact::RefundFailed {
                user_id,
                purchase_id,
                verification_id,
            },
            (_, Some(Standing::Waiting(_) | Standing::Requested | Standing::Ended(_)) | None) => continue,
        };
        facts.push(fact);
    }
    facts
}

/// An attribute of the indexes, and its value under a placeholder; none where the purchase is not in the index.
type Place = (&'static str, Option<(&'static str, AttributeValue)>);

/// The purchase's places in the indexes.
pub(crate) fn indexed(purchase: &Purchase, now: Timestamp) -> [Place; 4] {
    let due = due(purchase, now);
    let failed = purchase.failed_refunds().next();
    let failed = failed.map(|lease| (text(FAILED), failed_sort(lease)));
    let (due_partition, due_sort) = due.unzip();
    let (failed_partition, failed_sort) = failed.unzip();
    [
        ("GSI1PK", due_partition.map(|value| (":due", value))),
        ("GSI1SK", due_sort.map(|value| (":dueAt", value))),
        ("GSI2PK", failed_partition.map(|value| (":failed", value))),
        ("GSI2SK", failed_sort.map(|value| (":failedId", value))),
    ]
}

/// Where the purchase is among those that are to be looked at again.
fn due(purchase: &Purchase, now: Timestamp) -> Option<(AttributeValue, AttributeValue)> {
    let after = purchase.debts.looked_at_after(&purchase.money, purchase.amount)?;
    let at = now.checked_add(after).unwrap_or(Timestamp::MAX);
    Some((text(DUE), text(in_order(&moment(at), purchase.id))))
}

/// A place by time, and by id where times are equal.
fn in_order(at: &AttributeValue, id: impl Display) -> String {
    let at = at.as_s().map_or("", String::as_str);
    format!("{at}#{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_list_of_refunds_that_failed_reads_back_from_a_cursor() {
        let place = FailedRefund {
            user: UserId::from_bytes([1; 16]),
            purchase: PurchaseId::from_bytes([2; 16]),
            verification: VerificationId::from_bytes([3; 16]),
        };
        assert_eq!(place.to_string().parse(), Ok(place));
        assert_eq!("user_x".parse::<FailedRefund>(), Err(NoPlace));
    }
}
