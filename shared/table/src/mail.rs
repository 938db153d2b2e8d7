//! Mail that was meant to be sent: one item for each intent, claimed before anything is sent, so that no intent is
//! mailed twice.

use domain::id::random_bytes;
use domain::{PurchaseId, UserId};
use serde::Serialize;

use crate::account::Account;
use crate::item::{Change, Consistency, Key, number, read, text};
use crate::purchase::Purchase;
use crate::{Table, TableError};

/// Why a mail is sent. The same intent is mailed at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// The receipt of a purchase.
    Receipt(PurchaseId),
}

impl Intent {
    fn key(self) -> Key {
        match self {
            Self::Receipt(purchase) => Key::new(format!("MAIL#RECEIPT#{purchase}"), "MAIL"),
        }
    }
}

#[derive(Serialize)]
struct MailItem<'a> {
    user: UserId,
    status: &'static str,
    /// Of this attempt alone: by it, an attempt whose answer was lost knows its own claim again.
    claim: &'a str,
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

    /// Claims an intent. `false` if it was claimed before: then the mail is sent, or may have been.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn claim_mail(&self, intent: Intent, user: UserId) -> Result<bool, TableError> {
        let claim = random_bytes::<16>().map_err(|error| TableError::Unavailable(error.to_string()))?;
        let claim = hex::encode(claim);
        let item = self.item(
            &intent.key(),
            "Mail",
            &MailItem {
                user,
                status: "sending",
                claim: &claim,
            },
        )?;
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(PK) OR #status = :released OR claim = :claim")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":released", text("released"))
            .expression_attribute_values(":claim", text(&claim))
            .send()
            .await
            .map_err(crate::error::failed);
        match put {
            Ok(_) => Ok(true),
            Err(TableError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The mail was accepted for delivery under this id of SES.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn mail_sent(&self, intent: Intent, message: &str) -> Result<(), TableError> {
        let change = Change::new(
            intent.key(),
            "SET #status = :sent, messageId = :message, updatedAt = :now ADD version :one",
        )
        .name("#status", "status")
        .value(":sent", text("sent"))
        .value(":message", text(message))
        .value(":now", text(self.clock.now()))
        .value(":one", number(1));
        self.apply(change).await?;
        Ok(())
    }

    /// The mail was certainly not sent: gives the claim back, so that a later attempt may send it.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn release_mail(&self, intent: Intent) -> Result<(), TableError> {
        let change = Change::new(
            intent.key(),
            "SET #status = :released, updatedAt = :now ADD version :one",
        )
        .name("#status", "status")
        .value(":released", text("released"))
        .value(":now", text(self.clock.now()))
        .value(":one", number(1));
        self.apply(change).await?;
        Ok(())
    }
}
