//! Requests that a client may repeat: one item for each key that a client gave, claimed before anything is done and
//! kept with its answer for a day. What is in it is sealed by whoever writes it; here it is only kept.

use std::fmt;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use domain::UserId;
use domain::id::random_bytes;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::failed;
use crate::item::{ApplyError, Change, Consistency, Key, moment, number, read, text, ttl};
use crate::{Table, TableError};

/// How long a key is remembered, from the first request with it.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How long a claim stands without an answer: longer than any function may run. Whoever held it is dead then.
pub const LEASE: SignedDuration = SignedDuration::from_secs(30);

/// A client's key, together with who gave it and for what: to somebody else, and elsewhere, the same text is another
/// key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey(String);

impl RequestKey {
    /// The key that `user`, or nobody in particular, gave for `operation`.
    #[must_use]
    pub fn new(user: Option<UserId>, operation: &str, key: &str) -> Self {
        let mut digest = Sha256::new();
        let user = user.map_or_else(|| "nobody".to_owned(), String::from);
        for part in [user.as_str(), operation, key] {
            // The length keeps the texts apart.
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        Self(hex::encode(digest.finalize()))
    }

    fn item(&self) -> Key {
        Key::new(format!("IDEMPOTENCY#{self}"), "REQUEST")
    }
}

impl fmt::Display for RequestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is known of a key.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The request that it was first given with.
    pub request: String,
    /// Its answer, once there is one.
    #[serde(default)]
    pub answer: Option<String>,
    claim: String,
    lease_until: Timestamp,
    expires_at: Timestamp,
}

#[derive(Serialize)]
struct NewRecord<'a> {
    request: &'a str,
    claim: &'a str,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is answered.
    Answered,
    /// Somebody is at work on it.
    Claimed,
    /// Whoever was at work on it died or gave up.
    Abandoned,
}

impl Record {
    /// Where the request stands at `now`.
    #[must_use]
    pub fn stage(&self, now: Timestamp) -> Stage {
        if self.answer.is_some() {
            Stage::Answered
        } else if now < self.lease_until {
            Stage::Claimed
        } else {
            Stage::Abandoned
        }
    }
}

/// A request that is the holder's to do. Nobody else does it while the lease runs.
#[derive(Clone, Debug)]
pub struct Claim {
    key: RequestKey,
    token: String,
}

impl Claim {
    fn new(key: &RequestKey) -> Result<Self, TableError> {
        let token = random_bytes::<16>().map_err(|error| TableError::Unavailable(error.to_string()))?;
        Ok(Self {
            key: key.clone(),
            token: hex::encode(token),
        })
    }

    /// The change that only the holder makes.
    fn change(&self, update: &str) -> Change {
        Change::new(self.key.item(), update)
            .only_if("claim = :claim")
            .value(":claim", text(&self.token))
    }
}

/// What became of an attempt to claim a request.
#[derive(Debug)]
pub enum Claimed {
    /// It is the caller's to do.
    Ours(Claim),
    /// The key is in use.
    Earlier(Record),
}

impl Table {
    /// Claims a request whose key is new, or forgotten by now.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn claim_request(&self, key: &RequestKey, request: &str) -> Result<Claimed, TableError> {
        let claim = Claim::new(key)?;
        let now = self.clock.now();
        let new = NewRecord {
            request,
            claim: &claim.token,
        };
        let mut item = self.item(&key.item(), "IdempotentRequest", &new)?;
        item.extend([
            ("leaseUntil".to_owned(), moment(now + LEASE)),
            ("expiresAt".to_owned(), moment(now + KEPT)),
            ("ttl".to_owned(), ttl(now + KEPT)),
        ]);
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            // The last part: the same attempt, whose answer was lost on the way.
            .condition_expression("attribute_not_exists(PK) OR expiresAt <= :now OR claim = :claim")
            .expression_attribute_values(":now", moment(now))
            .expression_attribute_values(":claim", text(&claim.token))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match put.as_ref().map_err(SdkError::as_service_error) {
            Ok(_) => Ok(Claimed::Ours(claim)),
            Err(Some(PutItemError::ConditionalCheckFailedException(refused))) => Ok(Claimed::Earlier(read(
                refused.item().cloned().unwrap_or_default(),
            )?)),
            Err(_) => put.map(|_| Claimed::Ours(claim)).map_err(failed),
        }
    }

    /// What is known of a key, if it is not forgotten.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn request(&self, key: &RequestKey) -> Result<Option<Record>, TableError> {
        let record: Option<Record> = self.get(&key.item(), Consistency::Strong).await?;
        let now = self.clock.now();
        Ok(record.filter(|record| now < record.expires_at))
    }

    /// Claims a request that was abandoned. `None` if somebody else was quicker.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn take_over_request(
        &self,
        key: &RequestKey,
        abandoned: &Record,
    ) -> Result<Option<Claim>, TableError> {
        let claim = Claim::new(key)?;
        let now = self.clock.now();
        let change = Change::new(
            key.item(),
            "SET claim = :claim, leaseUntil = :until, updatedAt = :now ADD version :one",
        )
        .only_if("claim = :claim OR (claim = :theirs AND attribute_not_exists(answer))")
        .value(":claim", text(&claim.token))
        .value(":theirs", text(&abandoned.claim))
        .value(":until", moment(now + LEASE))
        .value(":now", text(now))
        .value(":one", number(1));
        match self.apply(change).await {
            Ok(_) => Ok(Some(claim)),
            Err(ApplyError::Condition(_)) => Ok(None),
            Err(ApplyError::Other(error)) => Err(error),
        }
    }

    /// Keeps the answer to a request, for as long as its key is remembered.
    ///
    /// # Errors
    /// [`TableError::Conflict`] if somebody else has taken it over by now.
    pub async fn answer_request(&self, claim: &Claim, answer: &str) -> Result<(), TableError> {
        let change = claim
            .change("SET answer = :answer, updatedAt = :now ADD version :one")
            .value(":answer", text(answer))
            .value(":now", text(self.clock.now()))
            .value(":one", number(1));
        self.apply(change).await?;
        Ok(())
    }

    /// Gives a request up that may have been done in part: a repetition goes on from where it stands.
    ///
    /// # Errors
    /// [`TableError::Conflict`] if somebody else has taken it over by now.
    pub async fn abandon_request(&self, claim: &Claim) -> Result<(), TableError> {
        let change = claim
            .change("SET leaseUntil = :now")
            .value(":now", moment(self.clock.now()));
        self.apply(change).await?;
        Ok(())
    }

    /// Forgets the key of a request that was not done at all.
    ///
    /// # Errors
    /// [`TableError::Conflict`] if somebody else has taken it over by now.
    pub async fn forget_request(&self, claim: &Claim) -> Result<(), TableError> {
        let now = self.clock.now();
        let change = claim
            .change("SET leaseUntil = :now, expiresAt = :now, #ttl = :ttl")
            .name("#ttl", "ttl")
            .value(":now", moment(now))
            .value(":ttl", ttl(now));
        self.apply(change).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(user: u8, operation: &str, key: &str) -> RequestKey {
        RequestKey::new(Some(UserId::from_bytes([user; 16])), operation, key)
    }

    proptest! {
        #[test]
        fn no_two_requests_share_a_key(
            one in (0..2_u8, "[a#]{0,3}", "[a#]{0,3}"), other in (0..2_u8, "[a#]{0,3}", "[a#]{0,3}"),
        ) {
            prop_assert_eq!(key(one.0, &one.1, &one.2) == key(other.0, &other.1, &other.2), one == other);
        }
    }

    #[test]
    fn nobodys_key_is_not_a_persons() {
        assert_ne!(RequestKey::new(None, "a", "b"), key(0, "a", "b"));
    }

    #[test]
    fn a_claim_without_an_answer_is_abandoned_when_its_lease_is_over() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let mut record = Record {
            request: String::new(),
            answer: None,
            claim: String::new(),
            lease_until: at("2026-01-01T00:00:30Z"),
            expires_at: at("2026-01-02T00:00:00Z"),
        };
        assert_eq!(record.stage(at("2026-01-01T00:00:29.999Z")), Stage::Claimed);
        assert_eq!(record.stage(at("2026-01-01T00:00:30Z")), Stage::Abandoned);
        record.answer = Some(String::new());
        assert_eq!(record.stage(at("2026-01-01T00:00:30Z")), Stage::Answered);
    }
}
