//! Accounts that Google opens: each is found by what Google calls the person, which never changes, and not by an address,
//! which may pass to somebody else (<https://developers.google.com/identity/gsi/web/guides/verify-google-id-token>).

use domain::event::Fact;
use domain::{EmailAddress, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::account::{Account, add_session};
use crate::credentials::{self, Credentials};
use crate::item::{Change, Consistency, Key, read, text};
use crate::login::{self, OpenSession};
use crate::second_factor::FactorError;
use crate::{Table, TableError};

/// What Google calls a person, hashed: it names them at Google, which is nobody else's business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject(String);

impl Subject {
    /// The person whom Google calls `sub`.
    #[must_use]
    pub fn new(sub: &str) -> Self {
        let digest = Sha256::new_with_prefix("google:").chain_update(sub).finalize();
        Self(hex::encode(digest))
    }

    pub(crate) fn key(&self) -> Key {
        Key::new(format!("GOOGLE#{}", self.0), "LOGIN")
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GoogleLogin {
    user_id: UserId,
}

/// Whom a person at Google is with us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// The owner of this account.
    Linked(UserId),
    /// Nobody yet; but this account has their address.
    ByAddress(UserId),
    /// Nobody.
    Nobody,
}

impl Table {
    /// Whom this person at Google, with this address, is with us.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn known_to_google(
        &self,
        subject: &Subject,
        email: &EmailAddress,
    ) -> Result<Known, TableError> {
        let [linked, address] = self
            .get_all([&subject.key(), &login::key(email)], Consistency::Strong)
            .await?;
        if let Some(linked) = linked {
            return Ok(Known::Linked(read::<GoogleLogin>(linked)?.user_id));
        }
        let owner = address.map(login::owner).transpose()?.flatten();
        Ok(owner.map_or(Known::Nobody, Known::ByAddress))
    }

    /// A person's account and credentials, if there is such a person.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn account_and_credentials(
        &self,
        user: UserId,
    ) -> Result<Option<(Account, Credentials)>, TableError> {
        let keys = [&Account::key(user), &Credentials::key(user)];
        let [account, credentials] = self.get_all(keys, Consistency::Strong).await?;
        Ok(match (account, credentials) {
            (Some(account), Some(credentials)) => Some((read(account)?, read(credentials)?)),
            _ => None,
        })
    }

    /// The part of a transaction that makes a person at Google the owner of one account.
    pub(crate) fn claim_for_google(
        &self,
        subject: &Subject,
        user: UserId,
    ) -> Result<aws_sdk_dynamodb::types::TransactWriteItem, TableError> {
        let login = GoogleLogin { user_id: user };
        self.create(self.item(&subject.key(), "GoogleLogin", &login)?)
    }

    /// Lets Google open an account from now on, and opens a session on it.
    ///
    /// # Errors
    /// [`FactorError::Changed`] if another request came first.
    pub async fn link_google(&self, subject: &Subject, open: &OpenSession<'_>) -> Result<(), FactorError> {
        let (now, user) = (self.clock.now(), open.account.id);
        let set = "google = :google, updatedAt = :now";
        let change = match open.spent {
            Some(spent) => {
                let change = Change::new(Credentials::key(user), spent.update(set));
                spent.unless_used(change, " AND attribute_not_exists(google)")
            }
            None => Change::new(Credentials::key(user), format!("SET {set}"))
                .only_if("attribute_exists(PK) AND attribute_not_exists(google)"),
        };
        let change = change.value(":google", text(&subject.0)).value(":now", text(now));
        let parts = vec![
            self.claim_for_google(subject, user)?,
            self.change(change)?,
            self.change(add_session(open, now)?)?,
            self.change(login::forget_attempts(&open.account.email))?,
            self.outbox(Fact::GoogleLinked { user_id: user })?,
        ];
        Ok(self.transact(parts).await?)
    }

    /// Gives an account whose address was never confirmed to the person whose address it is, as Google says. Whoever
    /// registered it before may be somebody else who waits for its owner: their password, their second factor, their
    /// sessions and the links that they asked for open nothing any more.
    ///
    /// # Errors
    /// [`FactorError::Changed`] if another request came first.
    pub async fn take_over_with_google(
        &self,
        subject: &Subject,
        open: &OpenSession<'_>,
    ) -> Result<(), FactorError> {
        let (now, account) = (self.clock.now(), open.account);
        let update = "SET google = :google, changedAt = :now, updatedAt = :now, version = :next \
                      REMOVE passwordHash, secondFactor, pendingFactor";
        let renewed = credentials::renewed(account.id, open.credentials, update, now)
            .value(":google", text(&subject.0));
        let session = Some((open.id, open.session));
        let taken = credentials::end_sessions(
            account.id,
            open.credentials,
            session,
            ", emailVerified = :verified",
            now,
        )?
        .only_if("email = :email AND emailVerified <> :verified")
        .value(":email", text(&account.email))
        .value(":verified", crate::item::attribute(&true)?);
        let parts = vec![
            self.claim_for_google(subject, account.id)?,
            self.change(renewed)?,
            self.change(taken)?,
            self.change(login::forget_attempts(&account.email))?,
            self.outbox(Fact::GoogleLinked { user_id: account.id })?,
        ];
        Ok(self.transact(parts).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_does_not_show_what_google_calls_a_person() {
        let key = Subject::new("10769150350006150715113082367").key();
        assert!(!key.partition.contains("10769150350006150715113082367"));
        assert_ne!(key, Subject::new("10769150350006150715113082368").key());
    }
}
