//! The way to RentCast.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::ACCEPT;
use http::{HeaderValue, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::allowance::{Allowance, Denied};

/// Where RentCast is.
pub const API_URL: &str = "https://api.rentcast.io/v1";
/// Time for one request. An estimate is worked out while one waits, which takes seconds.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// How long a request waits for a second in which it may be made.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest answer that is read, in bytes. A year of an area's history has about a hundred thousand.
const ANSWER_AT_MOST: usize = 2 * 1024 * 1024;

/// What is written as it is in an address (RFC 3986 §2.3).
const RESERVED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What RentCast knows us by. It is not shown.
#[derive(Clone)]
pub struct ApiKey(HeaderValue);

/// A text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be visible ASCII characters")]
pub struct ApiKeyError;

impl ApiKey {
    /// The key that is written so.
    ///
    /// # Errors
    /// [`ApiKeyError`] if it cannot be one.
    pub fn new(text: &str) -> Result<Self, ApiKeyError> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ApiKeyError);
        }
        let mut value = HeaderValue::from_str(text).map_err(|_| ApiKeyError)?;
        value.set_sensitive(true);
        Ok(Self(value))
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

/// RentCast did not say what it was asked. Its own texts stay out: they may repeat an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It has nothing about this: 404. It will have nothing for some time, which is worth remembering.
    #[error("RentCast has no data on this")]
    NoResults,
    /// It does not know our key, or is not paid: 401, with its own code.
    #[error("RentCast refuses our key or our account: {0}")]
    Unauthorized(String),
    /// It does not understand the question: 400, with its own code. It would not the next time either.
    #[error("RentCast refuses the request: {0}")]
    Refused(String),
    /// It was asked too often: 429.
    #[error("RentCast is asked too often")]
    TooFast,
    /// It is unwell: 500 and above.
    #[error("RentCast is unwell: {0}")]
    Unwell(u16),
    /// It does not answer in time.
    #[error("RentCast does not answer in time")]
    TimeOut,
    /// It cannot be reached, or the connection was lost.
    #[error("RentCast cannot be reached: {0}")]
    NoConnection(&'static str),
    /// It answers what its documents do not say.
    #[error("RentCast answers what we cannot read: {0}")]
    Unreadable(String),
    /// We may not ask.
    #[error("RentCast is not asked: {0}")]
    NotAllowed(#[from] Denied),
}

impl Failure {
    /// Whether it may pass by itself soon, so that asking again is worth a request.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::TooFast | Self::Unwell(_) | Self::TimeOut | Self::NoConnection(_) => true,
            Self::NotAllowed(denied) => !matches!(denied, Denied::Spent),
            Self::NoResults | Self::Unauthorized(_) | Self::Refused(_) | Self::Unreadable(_) => false,
        }
    }
}

/// RentCast's API.
#[derive(Clone, Debug)]
pub struct Rentcast {
    base: String,
    key: ApiKey,
    time_limit: Duration,
    /// Made for the first request: a function that starts need not wait for root certificates.
    http: Arc<OnceLock<Http>>,
}

type Http = Client<HttpsConnector<HttpConnector>, Empty<Bytes>>;

/// A text is no address of RentCast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must begin with https:// or http://")]
pub struct AddressError;

impl Rentcast {
    /// RentCast at `url` ([`API_URL`], or a stand-in's), under `key`.
    ///
    /// # Errors
    /// [`AddressError`] if that is no address.
    pub fn new(url: &str, key: ApiKey) -> Result<Self, AddressError> {
        let base = url.trim_end_matches('/').to_owned();
        let uri: Uri = base.parse().map_err(|_| AddressError)?;
        if !matches!(uri.scheme_str(), Some("https" | "http")) || uri.query().is_some() {
            return Err(AddressError);
        }
        Ok(Self {
            base,
            key,
            time_limit: TIME_LIMIT,
            http: Arc::default(),
        })
    }

    /// The same with another limit of time for each request.
    #[must_use]
    pub fn within(self, time_limit: Duration) -> Self {
        Self { time_limit, ..self }
    }

    /// Asks for `path` with these parameters, once it is allowed, and reads the answer.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        parameters: &[(&str, String)],
        allowance: &impl Allowance,
    ) -> Result<T, Failure> {
        let request = self.request(path, parameters)?;
        allowed(allowance).await?;
        let answer = tokio::time::timeout(self.time_limit, self.send(request));
        let (status, body) = answer.await.map_err(|_| Failure::TimeOut)??;
        if status == StatusCode::OK {
            // Where it is wrong, and not what stands there.
            serde_json::from_slice(&body).map_err(|error| {
                Failure::Unreadable(format!(
                    "JSON at line {}, column {}",
                    error.line(),
                    error.column()
                ))
            })
        } else {
            Err(refusal(status, &body))
        }
    }

    fn request(&self, path: &str, parameters: &[(&str, String)]) -> Result<Request<Empty<Bytes>>, Failure> {
        let parameters: Vec<String> = parameters
            .iter()
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, &RESERVED)))
            .collect();
        Request::get(format!("{}{path}?{}", self.base, parameters.join("&")))
            .header(ACCEPT, "application/json")
            .header("x-api-key", self.key.0.clone())
            .body(Empty::new())
            .map_err(|_| Failure::Refused("it cannot be written".to_owned()))
    }

    async fn send(&self, request: Request<Empty<Bytes>>) -> Result<(StatusCode, Bytes), Failure> {
        let answer = self.http()?.request(request).await;
        let (parts, body) = answer
            .map_err(|_| Failure::NoConnection("no answer"))?
            .into_parts();
        let body = Limited::new(body, ANSWER_AT_MOST).collect().await;
        let body = body.map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() {
                Failure::Unreadable("more than two megabytes".to_owned())
            } else {
                Failure::NoConnection("lost within the answer")
            }
        })?;
        Ok((parts.status, body.to_bytes()))
    }

    fn http(&self) -> Result<&Http, Failure> {
        if let Some(http) = self.http.get() {
            return Ok(http);
        }
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
            .map_err(|_| Failure::NoConnection("no root certificates"))?
            .https_or_http()
            .enable_http1()
            .build();
        // Of two that are made at once, one stays.
        Ok(self
            .http
            .get_or_init(|| Client::builder(TokioExecutor::new()).build(connector)))
    }
}

/// Takes one request, as soon as there is one within a few seconds.
async fn allowed(allowance: &impl Allowance) -> Result<(), Failure> {
    let mut waited = Duration::ZERO;
    loop {
        match allowance.take().await {
            Ok(()) => return Ok(()),
            Err(Denied::TooFast { wait }) if waited + wait <= PATIENCE => {
                // Something of a wait each time, so that nobody can keep this turning on the spot.
                let wait = wait.max(Duration::from_millis(1));
                tokio::time::sleep(wait).await;
                waited += wait;
            }
            Err(denied) => return Err(denied.into()),
        }
    }
}

/// What a status other than 200 means (<https://developers.rentcast.io/reference/response-codes>).
fn refusal(status: StatusCode, body: &[u8]) -> Failure {
    #[derive(Deserialize)]
    struct Body {
        error: String,
    }
    let code = || {
        let body: Option<Body> = serde_json::from_slice(body).ok();
        let is_code = |code: &String| {
            code.len() <= 60
                && code
                    .bytes()
                    .all(|c| c.is_ascii_alphanumeric() || b"/-_.".contains(&c))
        };
        let code = body.map(|body| body.error).filter(is_code);
        code.unwrap_or_else(|| status.as_str().to_owned())
    };
    match status.as_u16() {
        404 => Failure::NoResults,
        401 | 403 => Failure::Unauthorized(code()),
        429 => Failure::TooFast,
        400..=499 => Failure::Refused(code()),
        500.. => Failure::Unwell(status.as_u16()),
        other => Failure::Unreadable(format!("status {other}")),
    }
}
