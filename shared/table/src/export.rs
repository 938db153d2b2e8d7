//! Copies of what is kept about a person: asked for, and ready to be fetched. A person has one, the newest.

use domain::event::Fact;
use domain::{ExportId, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::item::{Change, Consistency, Key, TransactError, moment, read, text};
use crate::{Table, TableError};

/// How long after one copy the next one may be asked for.
pub const APART: SignedDuration = SignedDuration::from_hours(24);
/// How long a copy can be fetched. The bucket deletes it after as many days.
pub const FETCHED_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long the item is kept: as long as an event that tells of it can come back.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Export {
    /// Which one it is.
    pub id: ExportId,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it was written, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<Timestamp>,
    ttl: i64,
}

impl Export {
    /// A copy that is asked for at `now`.
    #[must_use]
    pub fn new(id: ExportId, now: Timestamp) -> Self {
        Self {
            id,
            requested_at: now,
            ready_at: None,
            ttl: (now + KEPT).as_second(),
        }
    }

    /// The first moment at which it cannot be fetched any more; none as long as it is not written.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        self.ready_at.map(|at| at + FETCHED_WITHIN)
    }

    pub(crate) fn key(user: UserId) -> Key {
        Key::new(format!("USER#{user}"), "EXPORT")
    }
}

/// No copy was begun.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There was one a short while ago; the next may be asked for from this moment on.
    #[error("a copy was asked for a short while ago")]
    TooSoon {
        /// From when on.
        until: Timestamp,
    },
    /// The table failed.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl Table {
    /// Notes that a person wants a copy, and tells of it. The one before gives way. Asked again under the same id, it is
    /// the same copy.
    ///
    /// # Errors
    /// [`ExportError::TooSoon`] if there was one within a day; [`TableError::Conflict`] if the account is gone.
    pub async fn begin_export(&self, user: UserId, id: ExportId) -> Result<Export, ExportError> {
        let now = self.clock.now();
        let export = Export::new(id, now);
        let key = Export::key(user);
        let mut item = self.item(&key, "Export", &export)?;
        item.insert("requestedAt".to_owned(), moment(now));
        let fact = Fact::DataExportRequested {
            user_id: user,
            export_id: id,
        };
        let parts = vec![
            self.put(
                item,
                "attribute_not_exists(PK) OR requestedAt <= :before",
                (":before", moment(now - APART)),
            )?,
            self.exists(&Account::key(user))?,
            self.outbox(fact)?,
        ];
        match self.transact(parts).await {
            Ok(()) => Ok(export),
            Err(TransactError::Condition(failed)) if failed.at(0) => {
                let known = self.export(user).await?.ok_or(TableError::Conflict)?;
                if known.id == id {
                    return Ok(known);
                }
                Err(ExportError::TooSoon {
                    until: known.requested_at + APART,
                })
            }
            Err(error) => Err(TableError::from(error).into()),
        }
    }

    /// The newest copy that a person asked for.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn export(&self, user: UserId) -> Result<Option<Export>, TableError> {
        self.get(&Export::key(user), Consistency::Strong).await
    }

    /// The copy of this id, and the account of the person who may fetch it, if both are there.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn export_and_account(
        &self,
        user: UserId,
        id: ExportId,
    ) -> Result<Option<(Export, Account)>, TableError> {
        let keys = [&Export::key(user), &Account::key(user)];
        let [export, account] = self.get_all(keys, Consistency::Strong).await?;
        let (Some(export), Some(account)) = (export, account) else {
            return Ok(None);
        };
        let export: Export = read(export)?;
        if export.id != id {
            return Ok(None);
        }
        Ok(Some((export, read(account)?)))
    }

    /// The copy is written: it can be fetched, and its owner is to be told. `false` if it was before, or if another one
    /// has taken its place.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn export_ready(&self, user: UserId, id: ExportId) -> Result<bool, TableError> {
        let now = text(self.clock.now());
        let change = Change::new(Export::key(user), "SET readyAt = :now, updatedAt = :now")
            .only_if("id = :id AND attribute_not_exists(readyAt)")
            .value(":id", text(id))
            .value(":now", now);
        let fact = Fact::DataExportReady {
            user_id: user,
            export_id: id,
        };
        match self
            .transact(vec![self.change(change)?, self.outbox(fact)?])
            .await
        {
            Ok(()) => Ok(true),
            Err(TransactError::Condition(_)) => Ok(false),
            Err(TransactError::Other(error)) => Err(error),
        }
    }
}
