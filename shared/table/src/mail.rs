//! Mail that was meant to be sent: one item for each intent, claimed before anything is sent, so that no intent is
//! mailed twice.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use domain::id::random_bytes;
use domain::{EventId, LinkId, PurchaseId, UserId};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::error::failed;
use crate::item::{Change, Consistency, Key, attribute, number, read, text};
use crate::link::{self, FormerEmail, Link, Purpose};
use crate::purchase::Purchase;
use crate::{Table, TableError};

/// How long it is kept that a mail was sent. The longest way back of an event is a replay of the bus's archive, which
/// holds 30 days.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Why a mail is sent. The same intent is mailed at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// The receipt of a purchase.
    Receipt(PurchaseId),
    /// What an event tells of.
    Event(EventId),
    /// What an event tells ourselves, beside the person that it is about.
    ToUs(EventId),
}

impl Intent {
    fn key(self) -> Key {
        match self {
            Self::Receipt(purchase) => Key::new(format!("MAIL#RECEIPT#{purchase}"), "MAIL"),
            Self::Event(event) => Key::new(format!("MAIL#EVENT#{event}"), "MAIL"),
            Self::ToUs(event) => Key::new(format!("MAIL#TO-US#{event}"), "MAIL"),
        }
    }
}

/// Whether an intent may be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is the caller's to send.
    Ours,
    /// It was sent, or may have been: there is nothing to do.
    Done,
    /// Somebody claimed it and has not finished: at work still, or dead.
    Unfinished,
}

/// Where a mail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Sending,
    Released,
    Unconfirmed,
    Sent,
}

#[derive(Serialize)]
struct MailItem<'a> {
    user: UserId,
    status: Status,
    /// Of this attempt alone: by it, an attempt whose answer was lost knows its own claim again.
    claim: &'a str,
    ttl: i64,
}

#[derive(Deserialize)]
struct Earlier {
    status: Status,
}

impl Table {
    /// The purchase and the account behind a receipt, if both are there.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn purchase_and_account(
        &self,
        user: UserId,
        purchase: PurchaseId,
    ) -> Result<Option<(Purchase, Account)>, TableError> {
        let [purchase, account] = self
            .get_all(
                [&Purchase::key(user, purchase), &Account::key(user)],
                Consistency::Strong,
            )
            .await?;
        let (Some(purchase), Some(account)) = (purchase, account) else {
            return Ok(None);
        };
        Ok(Some((read(purchase)?, read(account)?)))
    }

    /// The link that a mail is to bring, while it is of use: not if it was used, is over or has been replaced, if the
    /// account is gone, or if it was for an address that the account has no more.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn link_to_mail(
        &self,
        user: UserId,
        purpose: Purpose,
        id: LinkId,
    ) -> Result<Option<Link>, TableError> {
        let [link, account] = self
            .get_all(
                [&link::key(user, purpose), &Account::key(user)],
                Consistency::Strong,
            )
            .await?;
        let (Some(link), Some(account)) = (link, account) else {
            return Ok(None);
        };
        let (link, account): (Link, Account) = (read(link)?, read(account)?);
        let present = purpose == Purpose::ChangeEmail || link.email == account.email;
        let good = link.id == id && link.used_at.is_none() && self.clock.now() < link.until;
        Ok((present && good).then_some(link))
    }

    /// The address that an account had before the link of this id changed it, and the account.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn former_email(
        &self,
        user: UserId,
        link: LinkId,
    ) -> Result<Option<(FormerEmail, Account)>, TableError> {
        let [former, account] = self
            .get_all(
                [&FormerEmail::key(user, link), &Account::key(user)],
                Consistency::Strong,
            )
            .await?;
        let (Some(former), Some(account)) = (former, account) else {
            return Ok(None);
        };
        Ok(Some((read(former)?, read(account)?)))
    }

    /// Claims an intent, so that nobody else sends it.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn claim_mail(&self, intent: Intent, user: UserId) -> Result<Claim, TableError> {
        let claim = random_bytes::<16>().map_err(|error| TableError::Unavailable(error.to_string()))?;
        let claim = hex::encode(claim);
        let mail = MailItem {
            user,
            status: Status::Sending,
            claim: &claim,
            ttl: (self.clock.now() + KEPT).as_second(),
        };
        let item = self.item(&intent.key(), "Mail", &mail)?;
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(PK) OR #status = :released OR claim = :claim")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":released", attribute(&Status::Released)?)
            .expression_attribute_values(":claim", text(&claim))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match put.as_ref().map_err(SdkError::as_service_error) {
            Ok(_) => Ok(Claim::Ours),
            Err(Some(PutItemError::ConditionalCheckFailedException(refused))) => {
                let earlier: Earlier = read(refused.item().cloned().unwrap_or_default())?;
                Ok(match earlier.status {
                    Status::Sent | Status::Unconfirmed => Claim::Done,
                    Status::Sending | Status::Released => Claim::Unfinished,
                })
            }
            Err(_) => put.map(|_| Claim::Ours).map_err(failed),
        }
    }

    /// The mail was accepted for delivery under this id of SES.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn mail_sent(&self, intent: Intent, message: &str) -> Result<(), TableError> {
        let noted = mail_becomes(intent, Status::Sent, ", messageId = :message", self)?;
        self.apply(noted.value(":message", text(message))).await?;
        Ok(())
    }

    /// Whether the mail was sent is not known: nobody may send it again by themselves.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn mail_unconfirmed(&self, intent: Intent) -> Result<(), TableError> {
        self.apply(mail_becomes(intent, Status::Unconfirmed, "", self)?)
            .await?;
        Ok(())
    }

    /// The mail was certainly not sent: gives the claim back, so that a later attempt may send it.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn release_mail(&self, intent: Intent) -> Result<(), TableError> {
        self.apply(mail_becomes(intent, Status::Released, "", self)?)
            .await?;
        Ok(())
    }
}

/// The change of a mail's status, with what else is set.
fn mail_becomes(intent: Intent, status: Status, also: &str, table: &Table) -> Result<Change, TableError> {
    let update = format!("SET #status = :status, updatedAt = :now{also} ADD version :one");
    Ok(Change::new(intent.key(), update)
        .name("#status", "status")
        .value(":status", attribute(&status)?)
        .value(":now", text(table.clock.now()))
        .value(":one", number(1)))
}
