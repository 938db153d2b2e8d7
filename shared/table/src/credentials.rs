//! How a person proves who they are: what only signing in and the care of an account ever read, apart from the account
//! itself.

use domain::event::Fact;
use domain::{SessionId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::google::Subject;
use crate::item::{Change, Consistency, Key, attribute, number, text};
use crate::login::{self, OpenSession};
use crate::second_factor::{PendingFactor, SecondFactor};
use crate::session::{Session, Sessions};
use crate::{Table, TableError};

/// A person's credentials.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// The PHC string of the password; a person who came with Google has none until they set one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// The account at Google that opens this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub google: Option<Subject>,
    /// What signing in asks for besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_factor: Option<SecondFactor>,
    /// A second factor that is not confirmed yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_factor: Option<PendingFactor>,
    /// When the password last became another. Links that were asked for before are void.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<Timestamp>,
    /// Grows with each password; the envelope has it.
    #[serde(skip_serializing)]
    pub version: u32,
}

impl Credentials {
    /// The credentials of a new account with this password.
    #[must_use]
    pub fn with_password(hash: String) -> Self {
        Self {
            password_hash: Some(hash),
            ..Self::default()
        }
    }

    pub(crate) fn key(user: UserId) -> Key {
        Key::new(format!("USER#{user}"), "CREDENTIALS")
    }
}

impl Table {
    /// A person's credentials, if there is such a person.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn credentials(&self, user: UserId) -> Result<Option<Credentials>, TableError> {
        self.get(&Credentials::key(user), Consistency::Strong).await
    }

    /// An account has a new password: every session is over but the one that is opened with it, and the wrong attempts
    /// before it are forgotten.
    ///
    /// # Errors
    /// [`TableError::Conflict`] if the credentials are others by now.
    pub async fn change_password(
        &self,
        open: &OpenSession<'_>,
        password_hash: &str,
    ) -> Result<(), TableError> {
        let (now, user) = (self.clock.now(), open.account.id);
        let kept = Some((open.id, open.session));
        let parts = vec![
            self.change(end_sessions(user, open.credentials, kept, "", now)?)?,
            self.change(set_password(user, open.credentials, password_hash, now))?,
            self.change(login::forget_attempts(&open.account.email))?,
            self.outbox(Fact::PasswordChanged { user_id: user })?,
        ];
        Ok(self.transact(parts).await?)
    }
}

/// Sets a password, if the credentials are still those that were read.
pub(crate) fn set_password(user: UserId, seen: &Credentials, hash: &str, now: Timestamp) -> Change {
    let update = "SET passwordHash = :hash, changedAt = :now, updatedAt = :now, version = :next";
    renewed(user, seen, update, now).value(":hash", text(hash))
}

/// A change after which the credentials are others than those that were read.
pub(crate) fn renewed(user: UserId, seen: &Credentials, update: &str, now: Timestamp) -> Change {
    Change::new(Credentials::key(user), update)
        .only_if("version = :seen")
        .value(":seen", number(seen.version))
        .value(":next", number(seen.version + 1))
        .value(":now", text(now))
}

/// The condition under which a session may be opened on an account: that the credentials it was opened with, of the
/// version in `:credentials`, are still those of the account.
pub(crate) const STILL_COUNT: &str = "attribute_exists(PK) AND (attribute_not_exists(credentialsVersion) OR credentialsVersion = :credentials)";

/// What new credentials do to the account: every session is over but `kept`, and none can be opened any more with the
/// credentials that were read. `set` is what else becomes of it.
pub(crate) fn end_sessions(
    user: UserId,
    seen: &Credentials,
    kept: Option<(SessionId, &Session)>,
    set: &str,
    now: Timestamp,
) -> Result<Change, TableError> {
    let sessions: Sessions = kept
        .into_iter()
        .map(|(id, session)| (id, session.clone()))
        .collect();
    let update = format!("SET sessions = :sessions, credentialsVersion = :next, updatedAt = :now{set}");
    Ok(Change::new(Account::key(user), update)
        .only_if("attribute_exists(PK)")
        .value(":sessions", attribute(&sessions)?)
        .value(":next", number(seen.version + 1))
        .value(":now", text(now)))
}
