//! Closed accounts. Closing is one transaction: from then on nobody is signed in, the address is free, and an event tells
//! of it. What the account had is erased afterwards, by whoever hears of it; what that needs is kept here, apart from
//! everything that goes.

use domain::event::Fact;
use domain::{EmailAddress, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::credentials::Credentials;
use crate::item::{Change, Consistency, Item, Key, TransactError, attribute, number, text};
use crate::login;
use crate::{Table, TableError};

/// How long the last address is kept: the bus's archive can tell of the account's end for as long, and whoever did not
/// want it can show for as long that the account was theirs.
const EMAIL_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long is kept what bookkeeping needs: the longest time for which the IRS may ask for records that support a return,
/// seven years (<https://www.irs.gov/businesses/small-businesses-self-employed/how-long-should-i-keep-records>).
pub(crate) const BOOKS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 366 * 24);
/// How often it is tried anew when something else changed the account meanwhile.
const ATTEMPTS: usize = 4;

/// What is left of a closed account, and names nobody: ids alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClosedAccount {
    /// Whose it was.
    pub user: UserId,
    /// When it was closed.
    pub closed_at: Timestamp,
    /// Who its owner was at Stripe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The page on which a subscription was being bought, at Stripe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkout_session: Option<String>,
    /// When the last of what it had was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Timestamp>,
    ttl: i64,
}

#[derive(Serialize, Deserialize)]
struct LastEmail {
    email: EmailAddress,
    ttl: i64,
}

fn key(user: UserId) -> Key {
    Key::new(format!("CLOSED#{user}"), "ACCOUNT")
}

fn email_key(user: UserId) -> Key {
    Key::new(format!("CLOSED#{user}"), "EMAIL")
}

impl ClosedAccount {
    fn of(account: &Account, now: Timestamp) -> Self {
        let billing = &account.billing;
        Self {
            user: account.id,
            closed_at: now,
            customer: billing.customer.clone(),
            checkout_session: billing.checkout.as_ref().and_then(|page| page.session.clone()),
            erased_at: None,
            ttl: (now + BOOKS_KEPT).as_second(),
        }
    }
}

impl Table {
    /// Closes an account whose owner has proven who they are with `credentials`. Safe to repeat: one that is closed is
    /// closed.
    ///
    /// # Errors
    /// [`TableError::Conflict`] if the credentials are others by now.
    pub async fn close_account(
        &self,
        account: &Account,
        credentials: &Credentials,
    ) -> Result<(), TableError> {
        let (mut account, mut credentials) = (account.clone(), credentials.clone());
        for _ in 0..ATTEMPTS {
            let parts = self.closing(&account, &credentials)?;
            match self.transact(parts).await {
                Ok(()) => return Ok(()),
                Err(TransactError::Condition(_) | TransactError::Other(TableError::Conflict)) => {}
                Err(TransactError::Other(error)) => return Err(error),
            }
            // Its billing or its address changed since it was read, its password did, or it is closed already.
            match self.account_and_credentials(account.id).await? {
                Some((found, still)) if still.version == credentials.version => {
                    (account, credentials) = (found, still);
                }
                Some(_) => return Err(TableError::Conflict),
                None => {
                    let closed = self.closed(account.id).await?;
                    return closed.map(drop).ok_or(TableError::Conflict);
                }
            }
        }
        Err(TableError::Conflict)
    }

    fn closing(
        &self,
        account: &Account,
        credentials: &Credentials,
    ) -> Result<Vec<aws_sdk_dynamodb::types::TransactWriteItem>, TableError> {
        let (now, user) = (self.clock.now(), account.id);
        let closed = ClosedAccount::of(account, now);
        let last = LastEmail {
            email: account.email.clone(),
            ttl: (now + EMAIL_KEPT).as_second(),
        };
        let as_read = Item::from([
            (":email".to_owned(), text(&account.email)),
            (":known".to_owned(), number(account.billing.revision)),
        ]);
        let mut proven = Item::from([(":seen".to_owned(), number(credentials.version))]);
        let same_google = match &credentials.google {
            Some(subject) => {
                proven.insert(":google".to_owned(), attribute(subject)?);
                "google = :google"
            }
            None => "attribute_not_exists(google)",
        };
        let mut parts = vec![
            // What is to be ended at Stripe is what was read.
            self.delete_if(
                &Account::key(user),
                "email = :email AND billing.revision = :known",
                as_read,
            )?,
            self.delete_if(
                &Credentials::key(user),
                &format!("version = :seen AND {same_google}"),
                proven,
            )?,
            self.change(login::release(&account.email, user, now))?,
            self.create(self.item(&key(user), "ClosedAccount", &closed)?)?,
            self.create(self.item(&email_key(user), "LastEmail", &last)?)?,
            self.outbox(Fact::AccountDeleted { user_id: user })?,
        ];
        if let Some(subject) = &credentials.google {
            parts.push(self.delete(&subject.key())?);
        }
        Ok(parts)
    }

    /// What is left of the account of this id, if it is closed.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn closed(&self, user: UserId) -> Result<Option<ClosedAccount>, TableError> {
        self.get(&key(user), Consistency::Strong).await
    }

    /// The address that a closed account had, as long as it may be used to tell of its end.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn last_email(&self, user: UserId) -> Result<Option<EmailAddress>, TableError> {
        let last: Option<LastEmail> = self.get(&email_key(user), Consistency::Strong).await?;
        let now = self.clock.now().as_second();
        Ok(last.filter(|last| now < last.ttl).map(|last| last.email))
    }

    /// The last of what a closed account had is erased.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn erased(&self, user: UserId) -> Result<(), TableError> {
        let change = Change::new(
            key(user),
            "SET erasedAt = if_not_exists(erasedAt, :now), updatedAt = :now REMOVE checkoutSession",
        )
        .only_if("attribute_exists(PK)")
        .value(":now", text(self.clock.now()));
        self.apply(change).await?;
        Ok(())
    }
}
