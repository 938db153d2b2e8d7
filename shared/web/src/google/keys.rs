//! Google's public keys: fetched when they are needed, kept for as long as Google says.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::CACHE_CONTROL;
use http::{HeaderMap, StatusCode, Uri};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jiff::{SignedDuration, Timestamp};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::Deserialize;
use tokio::sync::Mutex;

/// Time for one fetch; Google answers in tens of milliseconds.
const TIME_LIMIT: Duration = Duration::from_secs(3);
/// The largest answer that is read, in bytes. It has about two.
const ANSWER_AT_MOST: usize = 64 * 1024;
/// How long keys are kept where Google does not say.
const KEPT: SignedDuration = SignedDuration::from_mins(5);
/// How long keys are kept at most, whatever it says.
const KEPT_AT_MOST: SignedDuration = SignedDuration::from_hours(24);
/// How long after one fetch a key that is not among them is looked for again: Google announces keys before it uses them.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// Google's keys cannot be fetched now.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("no answer in time")]
    TimeOut,
    #[error("no root certificates")]
    NoRoots,
    #[error("no connection")]
    NoConnection,
    #[error("the answer is {0}")]
    Status(StatusCode),
    #[error("the answer is not a list of keys")]
    Unreadable,
}

/// A key, as a JSON Web Key Set has it (RFC 7517, RFC 7518 §6.3).
#[derive(Clone, Deserialize)]
struct WebKey {
    kid: String,
    kty: String,
    n: String,
    e: String,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<WebKey>,
}

/// An RSA key that Google signs with.
#[derive(Clone, Debug)]
pub(super) struct PublicKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl PublicKey {
    /// Whether `signature` is this key's over `message`: RS256, which is RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
    /// Keys of fewer than 2048 bits sign nothing.
    pub(super) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = RsaPublicKeyComponents {
            n: &self.modulus,
            e: &self.exponent,
        };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .is_ok()
    }
}

#[derive(Debug, Default)]
struct Kept {
    keys: HashMap<String, PublicKey>,
    fetched: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Kept {
    fn is_fresh(&self, now: Timestamp) -> bool {
        // A clock that was put back makes the past no fresher.
        self.until.is_some_and(|until| now < until) && self.fetched.is_some_and(|fetched| fetched <= now)
    }

    fn may_look_again(&self, now: Timestamp) -> bool {
        self.fetched
            .and_then(|fetched| fetched.checked_add(AGAIN_AFTER).ok())
            .is_none_or(|again| now >= again)
    }
}

/// Google's keys. Cheap to clone; what one has fetched all have.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    url: Uri,
    kept: Arc<Mutex<Kept>>,
}

impl Keys {
    /// The keys at `url`.
    pub(super) fn new(url: Uri) -> Self {
        Self {
            url,
            kept: Arc::default(),
        }
    }

    /// The key called `kid`, if Google has one. Whoever comes while it is fetched waits for the same answer.
    pub(super) async fn key(&self, kid: &str, now: Timestamp) -> Result<Option<PublicKey>, FetchError> {
        let mut kept = self.kept.lock().await;
        let known = kept.keys.contains_key(kid);
        if !kept.is_fresh(now) || (!known && kept.may_look_again(now)) {
            *kept = self.fetch(now).await?;
        }
        Ok(kept.keys.get(kid).cloned())
    }

    async fn fetch(&self, now: Timestamp) -> Result<Kept, FetchError> {
        let fetched = tokio::time::timeout(TIME_LIMIT, self.answer());
        let (headers, body) = fetched.await.map_err(|_| FetchError::TimeOut)??;
        let set: KeySet = serde_json::from_slice(&body).map_err(|_| FetchError::Unreadable)?;
        let lifetime = max_age(&headers).unwrap_or(KEPT).min(KEPT_AT_MOST);
        Ok(Kept {
            keys: set.keys.into_iter().filter_map(usable).collect(),
            fetched: Some(now),
            until: now.checked_add(lifetime).ok(),
        })
    }

    async fn answer(&self) -> Result<(HeaderMap, Bytes), FetchError> {
        let answer = client()?.get(self.url.clone()).await;
        let (parts, body) = answer.map_err(|_| FetchError::NoConnection)?.into_parts();
        if parts.status != StatusCode::OK {
            return Err(FetchError::Status(parts.status));
        }
        let body = Limited::new(body, ANSWER_AT_MOST).collect().await;
        let body = body.map_err(|_| FetchError::Unreadable)?;
        Ok((parts.headers, body.to_bytes()))
    }
}

/// A client for one fetch: hours lie between two of them, and a function that starts need not wait for root certificates.
fn client() -> Result<Client<HttpsConnector<HttpConnector>, Empty<Bytes>>, FetchError> {
    let connector = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
        .map_err(|_| FetchError::NoRoots)?
        .https_or_http()
        .enable_http1()
        .build();
    Ok(Client::builder(TokioExecutor::new()).build(connector))
}

fn usable(key: WebKey) -> Option<(String, PublicKey)> {
    let number = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
    let public = PublicKey {
        modulus: number(&key.n)?,
        exponent: number(&key.e)?,
    };
    (key.kty == "RSA").then_some((key.kid, public))
}

/// `max-age` of `Cache-Control` (RFC 9111 §5.2.2.1).
fn max_age(headers: &HeaderMap) -> Option<SignedDuration> {
    let directives = headers.get(CACHE_CONTROL)?.to_str().ok()?.split(',');
    let seconds = directives
        .filter_map(|directive| directive.trim().split_once('='))
        .find_map(|(name, value)| name.eq_ignore_ascii_case("max-age").then_some(value))?;
    seconds.parse().ok().map(SignedDuration::from_secs)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn google_says_how_long_its_keys_are_kept() {
        let age = |text: &'static str| {
            let headers = HeaderMap::from_iter([(CACHE_CONTROL, HeaderValue::from_static(text))]);
            max_age(&headers).map(|age| age.as_secs())
        };
        assert_eq!(
            age("public, max-age=22433, must-revalidate, no-transform"),
            Some(22433)
        );
        assert_eq!(age("no-store"), None);
    }
}
