//! Purchases, under the person who makes them.

use domain::lease::{Debts, Standing};
use domain::listing::Quote;
use domain::purchase::Money;
use domain::{Cents, ListingId, PlanId, PurchaseId, PurchaseStatus, UserId, VerificationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::item::{Change, Consistency, Key, TransactError, number, read, text};
use crate::{Table, TableError};

/// A purchase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Purchase {
    /// Its id, which Stripe carries along.
    pub id: PurchaseId,
    /// Whose it is.
    pub user: UserId,
    /// What is bought.
    pub plan: PlanId,
    /// For how much.
    pub amount: Cents,
    /// Where it stands: what `money` says, kept beside it for whoever reads the table.
    pub status: PurchaseStatus,
    /// What is known of its money.
    #[serde(default)]
    pub money: Money,
    /// What is or was owed for leases that were verified on it.
    #[serde(default, skip_serializing_if = "Debts::is_empty")]
    pub debts: Debts,
    /// The property, if it is for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<Property>,
    /// Stripe's Checkout Session, once it is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkout_session: Option<String>,
    /// Stripe's PaymentIntent, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_intent: Option<String>,
    /// When it was begun.
    pub started_at: Timestamp,
    /// How often it was written; a change is made to the version that was read.
    #[serde(default, skip_serializing)]
    pub(crate) version: u32,
}

impl Purchase {
    /// A purchase that is not paid yet.
    #[must_use]
    pub fn pending(
        id: PurchaseId,
        user: UserId,
        plan: PlanId,
        amount: Cents,
        property: Option<Property>,
        started_at: Timestamp,
    ) -> Self {
        Self {
            id,
            user,
            plan,
            amount,
            status: PurchaseStatus::Pending,
            money: Money::default(),
            debts: Debts::default(),
            property,
            checkout_session: None,
            payment_intent: None,
            started_at,
            version: 0,
        }
    }

    /// Where the refund for a verified lease stands; nothing if none was ever owed.
    #[must_use]
    pub fn refund_standing(&self, verification: VerificationId) -> Option<Standing> {
        self.debts.standing(verification, &self.money, self.amount)
    }

    /// The leases whose refund failed.
    pub fn failed_refunds(&self) -> impl Iterator<Item = VerificationId> {
        let failed = |id: &VerificationId| self.refund_standing(*id) == Some(Standing::Failed);
        self.debts.verifications().filter(failed)
    }
}

/// The property that a purchase is for, with its figures when the buyer left for Stripe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Property {
    /// The listing.
    pub listing: ListingId,
    /// Its figures then. They stand if the listing is gone by the time the money comes.
    pub quote: Quote,
}

/// How many purchases a page may have.
pub const PAGE_AT_MOST: u8 = 100;

impl Purchase {
    pub(crate) fn key(user: UserId, purchase: PurchaseId) -> Key {
        Key::new(format!("USER#{user}"), format!("PURCHASE#{purchase}"))
    }
}

/// Part of a list, newest first.
#[derive(Debug)]
pub struct Page {
    /// The purchases.
    pub purchases: Vec<Purchase>,
    /// The last one, if there are more behind it.
    pub next: Option<PurchaseId>,
}

impl Table {
    /// Writes a purchase before its buyer leaves for Stripe, and counts it. One that is there already was written by an
    /// earlier attempt at the same request, and stays as it is.
    ///
    /// # Errors
    /// [`TableError::Conflict`] if there is no such account.
    pub async fn start_purchase(&self, purchase: &Purchase) -> Result<(), TableError> {
        let count = Change::new(Account::key(purchase.user), "ADD purchases :one")
            .only_if("attribute_exists(PK)")
            .value(":one", number(1));
        let item = self.item(&Purchase::key(purchase.user, purchase.id), "Purchase", purchase)?;
        match self.transact(vec![self.create(item)?, self.change(count)?]).await {
            Err(TransactError::Condition(failed)) if failed.at(0) => Ok(()),
            written => Ok(written?),
        }
    }

    /// Notes which Checkout Session a purchase is paid in.
    ///
    /// # Errors
    /// [`TableError::Conflict`] if there is no such purchase.
    pub async fn attach_checkout(
        &self,
        user: UserId,
        purchase: PurchaseId,
        session: &str,
    ) -> Result<(), TableError> {
        let change = Change::new(
            Purchase::key(user, purchase),
            "SET checkoutSession = :session, updatedAt = :now ADD version :one",
        )
        .only_if("attribute_exists(PK)")
        .value(":session", text(session))
        .value(":now", text(self.clock.now()))
        .value(":one", number(1));
        self.apply(change).await?;
        Ok(())
    }

    /// A person's purchase of this id, to the moment.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn purchase(&self, user: UserId, id: PurchaseId) -> Result<Option<Purchase>, TableError> {
        self.get(&Purchase::key(user, id), Consistency::Strong).await
    }

    /// A person's purchases, newest first, from the one after `after`.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn purchases(
        &self,
        user: UserId,
        limit: u8,
        after: Option<PurchaseId>,
    ) -> Result<Page, TableError> {
        let limit = limit.clamp(1, PAGE_AT_MOST);
        let after = after.map(|purchase| Purchase::key(user, purchase));
        let (items, more) = self.newest_first(user, "PURCHASE#", limit, after).await?;
        let purchases: Vec<Purchase> = items.into_iter().map(read).collect::<Result<_, _>>()?;
        let next = purchases.last().map(|purchase| purchase.id).filter(|_| more);
        Ok(Page { purchases, next })
    }
}
