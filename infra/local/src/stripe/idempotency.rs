//! Idempotency keys, <https://docs.stripe.com/api/idempotent_requests>: the answer to the first request with a key is
//! the answer to all of them.

use std::collections::HashSet;
use std::sync::Mutex;

use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::errors::Error;
use super::lock;
use super::store::{Kind, Store, Transaction};

/// How long an answer is kept, in seconds: Stripe promises at least a day.
const KEPT: i64 = 24 * 60 * 60;

/// A key, and the request that it came with.
pub(super) struct Key {
    pub(super) key: String,
    path: String,
    fingerprint: String,
}

/// An answer that was given before.
pub(super) struct Kept {
    pub(super) status: StatusCode,
    pub(super) body: Value,
    pub(super) request_id: String,
}

impl Key {
    /// The key of a request, if it has one. Parameters are compared whatever their order.
    pub(super) fn read(
        headers: &HeaderMap,
        path: &str,
        pairs: &[(String, String)],
    ) -> Result<Option<Self>, Error> {
        let Some(header) = headers.get("idempotency-key") else {
            return Ok(None);
        };
        let key = header
            .to_str()
            .ok()
            .filter(|key| (1..=255).contains(&key.len()))
            .ok_or_else(|| {
                Error::idempotency("Keys for idempotent requests must have between 1 and 255 characters.")
            })?;
        let mut sorted: Vec<_> = pairs.iter().collect();
        sorted.sort();
        let digest = Sha256::digest(json!(sorted).to_string());
        Ok(Some(Self {
            key: key.to_owned(),
            path: path.to_owned(),
            fingerprint: hex::encode(digest),
        }))
    }

    /// Keeps the answer for this key.
    pub(super) fn keep(&self, tx: &mut Transaction, status: StatusCode, body: &Value, request_id: &str) {
        let answer = json!({
            "id": self.key,
            "path": self.path,
            "fingerprint": self.fingerprint,
            "status": status.as_u16(),
            "body": body,
            "request_id": request_id,
            "created": tx.now,
        });
        // Begins a new day for a key whose first one is over.
        tx.remove(Kind::Answer, &self.key);
        tx.put(Kind::Answer, &answer);
    }

    /// The kept answer, or the error if it was for another request.
    fn find(&self, store: &Store, now: i64) -> Result<Option<Kept>, Error> {
        let kept = store
            .get(Kind::Answer, &self.key)
            .filter(|kept| !is_over(kept, now));
        let Some(kept) = kept else { return Ok(None) };
        let advice = format!(
            "Try using a key other than '{}' if you meant to execute a different request.",
            self.key
        );
        if kept["path"] != self.path.as_str() {
            let first = kept["path"].as_str().unwrap_or_default();
            let message = format!(
                "Keys for idempotent requests can only be used for the same endpoint they were first used for \
                 ('{}' vs '{first}'). {advice}",
                self.path
            );
            return Err(Error::idempotency(message));
        }
        if kept["fingerprint"] != self.fingerprint.as_str() {
            let message = format!(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. \
                 {advice}"
            );
            return Err(Error::idempotency(message));
        }
        let status = kept["status"]
            .as_u64()
            .and_then(|status| u16::try_from(status).ok());
        Ok(Some(Kept {
            status: status
                .and_then(|status| StatusCode::from_u16(status).ok())
                .unwrap_or(StatusCode::OK),
            body: kept["body"].clone(),
            request_id: kept["request_id"].as_str().unwrap_or_default().to_owned(),
        }))
    }
}

fn is_over(kept: &Value, now: i64) -> bool {
    kept["created"]
        .as_i64()
        .is_none_or(|created| created + KEPT <= now)
}

/// Forgets the answers that were kept long enough.
pub(super) fn forget(tx: &mut Transaction) {
    let now = tx.now;
    let over = tx
        .oldest_first(Kind::Answer)
        .take_while(|kept| is_over(kept, now));
    for kept in over {
        tx.remove(Kind::Answer, kept["id"].as_str().unwrap_or_default());
    }
}

/// The keys of requests that have not been answered yet.
#[derive(Default)]
pub(super) struct InUse(Mutex<HashSet<String>>);

impl InUse {
    /// Whether no request is being answered.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        lock(&self.0).is_empty()
    }

    /// Takes the key for one request, unless it was answered before or is being answered now.
    pub(super) fn take<'a>(&'a self, key: &Key, store: &Mutex<Store>, now: i64) -> Result<Turn<'a>, Error> {
        let mut keys = lock(&self.0);
        if keys.contains(&key.key) {
            return Err(Error::key_in_use(&key.key));
        }
        match key.find(&lock(store), now)? {
            Some(kept) => Ok(Turn::Kept(kept)),
            None => {
                keys.insert(key.key.clone());
                Ok(Turn::First(Taken {
                    keys: &self.0,
                    key: key.key.clone(),
                }))
            }
        }
    }
}

/// Whose turn it is to answer.
pub(super) enum Turn<'a> {
    /// An earlier request's, with this answer.
    Kept(Kept),
    /// This request's; the key is free again when the guard is dropped.
    First(Taken<'a>),
}

/// A key in use.
pub(super) struct Taken<'a> {
    keys: &'a Mutex<HashSet<String>>,
    key: String,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        lock(self.keys).remove(&self.key);
    }
}
