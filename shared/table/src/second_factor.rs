//! The second factor: codes of an authenticator app (RFC 6238), and recovery codes for whoever lost it.
//!
//! The app's secret is sealed before it comes here, and recovery codes are hashed: the table alone opens nothing. Each
//! code is good once: the step of the last one is kept, and what was used of the recovery codes is gone.

use std::collections::BTreeMap;

use domain::UserId;
use domain::event::Fact;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::credentials::Credentials;
use crate::item::{ApplyError, Change, TransactError, attribute, number, text};
use crate::login::{self, Attempt};
use crate::{Table, TableError};

/// How long a secret waits for the first code of the app.
pub const CONFIRM_WITHIN: SignedDuration = SignedDuration::from_hours(1);

/// A second factor that signing in asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecondFactor {
    /// The app's secret, sealed.
    pub secret: String,
    /// When it was confirmed.
    pub since: Timestamp,
    /// The step of the last code that was used: none of it or before it is good any more.
    pub last_step: u64,
    /// The recovery codes that were not used yet, by their hashes.
    pub recovery_codes: BTreeMap<String, ()>,
}

/// A second factor whose app has not shown a code yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PendingFactor {
    /// The app's secret, sealed.
    pub secret: String,
    /// The first moment at which it is too late to confirm.
    pub until: Timestamp,
}

/// A code that was right; what it was right by is used up with the effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spent {
    /// A code of the app, of this step.
    Step(u64),
    /// The recovery code of this hash.
    RecoveryCode(String),
}

impl Spent {
    /// The update that uses the code up, with `set` besides.
    pub(crate) fn update(&self, set: &str) -> String {
        match self {
            Self::Step(_) => format!("SET {set}, secondFactor.lastStep = :step"),
            Self::RecoveryCode(_) => format!("SET {set} REMOVE secondFactor.recoveryCodes.#code"),
        }
    }

    /// Makes a change only if the code was not used meanwhile, and `also` holds.
    pub(crate) fn unless_used(&self, change: Change, also: &str) -> Change {
        match self {
            Self::Step(step) => change
                .only_if(format!("secondFactor.lastStep < :step{also}"))
                .value(":step", number(step)),
            Self::RecoveryCode(code) => change
                .only_if(format!(
                    "attribute_exists(secondFactor.recoveryCodes.#code){also}"
                ))
                .name("#code", code),
        }
    }
}

/// The second factor is not as it was when it was read: another request came first.
#[derive(Debug, thiserror::Error)]
pub enum FactorError {
    /// It was confirmed, used up or taken away meanwhile.
    #[error("the second factor is another by now")]
    Changed,
    /// The table failed.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl From<TransactError> for FactorError {
    fn from(error: TransactError) -> Self {
        match error {
            TransactError::Condition(_) => Self::Changed,
            TransactError::Other(error) => Self::Table(error),
        }
    }
}

impl From<ApplyError> for FactorError {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Condition(_) => Self::Changed,
            ApplyError::Other(error) => Self::Table(error),
        }
    }
}

impl Table {
    /// Keeps a sealed secret until the app's first code confirms it. An earlier one that waits is void.
    ///
    /// # Errors
    /// [`FactorError::Changed`] if there is a second factor already.
    pub async fn begin_second_factor(
        &self,
        user: UserId,
        attempt: &Attempt,
        secret: String,
    ) -> Result<(), FactorError> {
        let now = self.clock.now();
        let until = now.checked_add(CONFIRM_WITHIN).unwrap_or(Timestamp::MAX);
        let pending = PendingFactor { secret, until };
        let change = Change::new(
            Credentials::key(user),
            "SET pendingFactor = :pending, updatedAt = :now",
        )
        .only_if("attribute_exists(PK) AND attribute_not_exists(secondFactor)")
        .value(":pending", attribute(&pending)?)
        .value(":now", text(now));
        let parts = vec![
            self.change(change)?,
            self.change(login::forget_attempts(attempt.email()))?,
        ];
        Ok(self.transact(parts).await?)
    }

    /// From now on signing in asks for this factor, which was waiting.
    ///
    /// # Errors
    /// [`FactorError::Changed`] if it waits no more.
    pub async fn enable_second_factor(&self, user: UserId, factor: &SecondFactor) -> Result<(), FactorError> {
        let change = Change::new(
            Credentials::key(user),
            "SET secondFactor = :factor, updatedAt = :now REMOVE pendingFactor",
        )
        .only_if("pendingFactor.#secret = :secret")
        .name("#secret", "secret")
        .value(":secret", text(&factor.secret))
        .value(":factor", attribute(factor)?)
        .value(":now", text(self.clock.now()));
        let parts = vec![
            self.change(change)?,
            self.outbox(Fact::SecondFactorEnabled { user_id: user })?,
        ];
        Ok(self.transact(parts).await?)
    }

    /// From now on signing in asks for no second factor.
    ///
    /// # Errors
    /// [`FactorError::Changed`] if the code was used meanwhile, or the factor is gone.
    pub async fn disable_second_factor(
        &self,
        user: UserId,
        attempt: &Attempt,
        spent: &Spent,
    ) -> Result<(), FactorError> {
        let change = Change::new(
            Credentials::key(user),
            "SET updatedAt = :now REMOVE secondFactor, pendingFactor",
        )
        .value(":now", text(self.clock.now()));
        let parts = vec![
            self.change(spent.unless_used(change, ""))?,
            self.change(login::forget_attempts(attempt.email()))?,
            self.outbox(Fact::SecondFactorDisabled { user_id: user })?,
        ];
        Ok(self.transact(parts).await?)
    }

    /// Gives new recovery codes for the old ones, by their hashes.
    ///
    /// # Errors
    /// [`FactorError::Changed`] if the code was used meanwhile, or the factor is gone.
    pub async fn renew_recovery_codes(
        &self,
        user: UserId,
        attempt: &Attempt,
        spent: &Spent,
        codes: &BTreeMap<String, ()>,
    ) -> Result<(), FactorError> {
        let mut update = "SET updatedAt = :now, secondFactor.recoveryCodes = :codes".to_owned();
        if let Spent::Step(_) = spent {
            update.push_str(", secondFactor.lastStep = :step");
        }
        let change = Change::new(Credentials::key(user), update)
            .value(":codes", attribute(codes)?)
            .value(":now", text(self.clock.now()));
        let parts = vec![
            self.change(spent.unless_used(change, ""))?,
            self.change(login::forget_attempts(attempt.email()))?,
        ];
        Ok(self.transact(parts).await?)
    }
}
