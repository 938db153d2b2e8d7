//! Requests that may be repeated (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>): a
//! client that got no answer to a `POST` sends it again with the same `Idempotency-Key`, and what was asked for is
//! done once.
//!
//! - The key belongs to whoever gave it, and to the route: to another person and on another route it is another key.
//! - The first request claims the key before anything is done. A success is kept with the key for 24 hours, and is the
//!   answer to each repetition; one that comes too early waits for it, and is told to come again if that takes long.
//! - The same key with another body, or on another path of the route, is 422.
//! - A request that was refused (4xx) leaves the key free: nothing was done.
//! - A request that broke off (5xx, or the process died) may have been done in part. A repetition takes it over with
//!   the same [`Operation`]: every id that a handler draws from it is the one of before, so that the handler finds
//!   what it has done, and Stripe knows it again.
//!
//! Answers and bodies hold tokens and passwords: what is kept of them is sealed.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRef, FromRequestParts, MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::UserId;
use domain::id::random_bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use runtime::{ConfigError, Environment};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use table::idempotency::{Claim, Claimed, Record, RequestKey, Stage};
use table::{Table, TableError};

use crate::caller::{self, Known};
use crate::input::{BODY_AT_MOST, read};
use crate::seal::Sealer;
use crate::{Answer, Problem};

/// The header that carries a client's key.
pub const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer is the one to an earlier request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// The longest key, in characters.
pub(crate) const KEY_AT_MOST: usize = 255;
/// The headers of an answer that are kept with it. The others are the frame's.
const KEPT_HEADERS: [HeaderName; 3] = [CONTENT_TYPE, LOCATION, SET_COOKIE];
/// The largest answer that is kept, in bytes; an item of the table may have 400 KB. A larger one is as if it had broken off.
const ANSWER_AT_MOST: usize = 256 * 1024;
/// The first wait for somebody else's answer; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_millis(50);
/// How often it is waited for: 6.35 seconds in all, within the ten that a function has.
const WAITS: u32 = 7;

/// Lets requests be repeated. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Idempotency {
    table: Table,
    sealer: Sealer,
    /// The largest body that is taken, in bytes.
    body_at_most: usize,
}

impl Idempotency {
    /// Kept in this table, under the secrets in `SEALING_KEYS`.
    ///
    /// # Errors
    /// [`ConfigError`] if there are none.
    pub fn new(table: &Table, environment: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            table: table.clone(),
            sealer: Sealer::new(environment)?,
            body_at_most: BODY_AT_MOST,
        })
    }

    /// For routes that take larger bodies than JSON.
    #[must_use]
    pub fn of_bodies_up_to(self, bytes: usize) -> Self {
        Self {
            body_at_most: bytes.max(BODY_AT_MOST),
            ..self
        }
    }

    /// The router, whose every `POST` honours the header. Its description needs [`crate::openapi::repeatable`].
    pub fn honoured(self, router: Router) -> Router {
        router.layer(from_fn_with_state(self, honour))
    }
}

async fn honour(State(idempotency): State<Idempotency>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(&HEADER) {
        return next.run(request).await;
    }
    idempotency
        .once(request, next)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

/// A request with a key.
struct Keyed {
    key: RequestKey,
    /// Of the path and the body.
    digest: [u8; 32],
}

/// A request that is ours to do.
struct Ours {
    claim: Claim,
    operation: Operation,
    /// Nobody has tried it before.
    first: bool,
}

/// What is to be done about a request.
enum Begun {
    Do(Ours),
    Replay(Kept),
}

impl Idempotency {
    async fn once(&self, request: Request, next: Next) -> Answer<Response> {
        let (request, keyed) = self.keyed(request).await?;
        match self.begin(&keyed).await? {
            Begun::Do(ours) => self.run(&keyed, ours, request, next).await,
            Begun::Replay(kept) => kept.into_response(),
        }
    }

    /// Reads who asks for what, and leaves the request as it was, with the caller in it.
    async fn keyed(&self, request: Request) -> Answer<(Request, Keyed)> {
        let (mut parts, body) = request.into_parts();
        let key = key(&parts.headers)?.to_owned();
        let known = caller::identify(&parts, &self.table).await;
        let user = asking(&known)?;
        parts.extensions.insert(Known(known));
        let route = parts
            .extensions
            .get::<MatchedPath>()
            .map_or_else(|| parts.uri.path().to_owned(), |route| route.as_str().to_owned());
        let path = parts.uri.path_and_query().map(ToString::to_string);
        let bytes = read(Request::new(body), self.body_at_most).await?;
        let keyed = Keyed {
            key: RequestKey::new(user, &route, &key),
            digest: digest(&path.unwrap_or_default(), &bytes),
        };
        Ok((Request::from_parts(parts, Body::from(bytes)), keyed))
    }

    /// Claims the request, or finds its answer; waits while somebody else is at work on it.
    async fn begin(&self, keyed: &Keyed) -> Answer<Begun> {
        let mut wait = FIRST_WAIT;
        let mut earlier = None;
        for round in 0..=WAITS {
            if round > 0 {
                tokio::time::sleep(wait).await;
                wait *= 2;
                earlier = self.table.request(&keyed.key).await?;
            }
            let record = match earlier.take() {
                Some(record) => record,
                None => match self.claim(keyed).await? {
                    Ok(ours) => return Ok(Begun::Do(ours)),
                    Err(record) => record,
                },
            };
            if let Some(begun) = self.decide(keyed, &record).await? {
                return Ok(begun);
            }
        }
        Err(Problem::conflict(
            "idempotency_in_progress",
            "The first request with this Idempotency-Key is not finished yet. Repeat it later.",
        )
        .retry_in(NonZeroU32::MIN))
    }

    /// Claims a key that is not in use; if it is, what is known of it.
    async fn claim(&self, keyed: &Keyed) -> Answer<Result<Ours, Record>> {
        let operation = Operation::begin(self.table.now())?;
        let request = operation.with_request(&keyed.digest);
        let request = self.sealer.seal(&context("request", &keyed.key), &request)?;
        Ok(match self.table.claim_request(&keyed.key, &request).await? {
            Claimed::Ours(claim) => Ok(Ours {
                claim,
                operation,
                first: true,
            }),
            Claimed::Earlier(record) => Err(record),
        })
    }

    /// What is to be done, given what is known of the key; nothing yet, if somebody is at work on it.
    async fn decide(&self, keyed: &Keyed, record: &Record) -> Answer<Option<Begun>> {
        let operation = self.operation(keyed, record)?;
        match (record.stage(self.table.now()), &record.answer) {
            (Stage::Answered, Some(answer)) => {
                let plain = self.sealer.open(&context("answer", &keyed.key), answer)?;
                Ok(Some(Begun::Replay(Kept::read(&plain)?)))
            }
            (Stage::Abandoned, _) => {
                let claim = self.table.take_over_request(&keyed.key, record).await?;
                Ok(claim.map(|claim| {
                    Begun::Do(Ours {
                        claim,
                        operation,
                        first: false,
                    })
                }))
            }
            _ => Ok(None),
        }
    }

    /// The operation that the record is about, if it is this request's.
    fn operation(&self, keyed: &Keyed, record: &Record) -> Answer<Operation> {
        let context = context("request", &keyed.key);
        let plain = self.sealer.open(&context, &record.request)?;
        let (operation, digest) = Operation::read(&plain).ok_or_else(unreadable)?;
        if *digest == keyed.digest {
            Ok(operation)
        } else {
            Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                "This Idempotency-Key came with another request before. Give each request a new one.",
            ))
        }
    }

    /// Does it, and keeps the answer.
    async fn run(&self, keyed: &Keyed, ours: Ours, mut request: Request, next: Next) -> Answer<Response> {
        request.extensions_mut().insert(ours.operation);
        let response = next.run(request).await;
        let status = response.status();
        if status.is_success() || status.is_redirection() {
            return self.keep(keyed, &ours.claim, response).await;
        }
        let left = if status.is_client_error() && ours.first {
            self.table.forget_request(&ours.claim).await
        } else {
            self.table.abandon_request(&ours.claim).await
        };
        noted(left);
        Ok(response)
    }

    async fn keep(&self, keyed: &Keyed, claim: &Claim, response: Response) -> Answer<Response> {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.map_err(|error| {
            tracing::error!(%error, "an answer broke off");
            Problem::internal()
        })?;
        if body.len() > ANSWER_AT_MOST {
            // A repetition takes the request over, and finds what it has done.
            noted(self.table.abandon_request(claim).await);
            return Ok(Response::from_parts(parts, Body::from(body)));
        }
        let kept = Kept::of(parts.status, &parts.headers, body.clone());
        let sealed = self
            .sealer
            .seal(&context("answer", &keyed.key), &kept.to_bytes()?)?;
        noted(self.table.answer_request(claim, &sealed).await);
        Ok(Response::from_parts(parts, Body::from(body)))
    }
}

/// What could not be noted changes nothing for whoever asked: a repetition after the lease does it again, as the same
/// operation.
fn noted(noted: Result<(), TableError>) {
    if let Err(error) = noted {
        tracing::error!(%error, "how a repeatable request ended could not be noted");
    }
}

/// What is sealed where.
fn context(what: &str, key: &RequestKey) -> String {
    format!("idempotency {what} {key}")
}

/// The key that a request carries. API Gateway joins two headers of one name with a comma, so that none may be in a key.
fn key(headers: &HeaderMap) -> Answer<&str> {
    let mut keys = headers.get_all(&HEADER).iter();
    let (key, more) = (keys.next(), keys.next());
    key.filter(|_| more.is_none())
        .and_then(|key| key.to_str().ok())
        .filter(|key| {
            (1..=KEY_AT_MOST).contains(&key.len())
                && key.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
        })
        .ok_or_else(|| {
            Problem::field(
                "Idempotency-Key",
                format!("must be one header of 1 to {KEY_AT_MOST} visible ASCII characters without commas"),
            )
        })
}

/// Who asks. Somebody without an open session asks as nobody, which is enough for signing up and in.
fn asking(known: &Answer<caller::Caller>) -> Answer<Option<UserId>> {
    match known {
        Ok(caller) => Ok(Some(caller.id())),
        Err(problem) if problem.status() == StatusCode::UNAUTHORIZED => Ok(None),
        Err(problem) => Err(problem.clone()),
    }
}

fn digest(path: &str, body: &Bytes) -> [u8; 32] {
    let mut digest = Sha256::new();
    // The length keeps the two apart.
    digest.update((path.len() as u64).to_be_bytes());
    digest.update(path);
    digest.update(body);
    digest.finalize().into()
}

/// An answer that is kept.
#[derive(Debug, PartialEq)]
struct Kept {
    head: Head,
    body: Bytes,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Head {
    status: u16,
    headers: Vec<(String, String)>,
}

impl Kept {
    fn of(status: StatusCode, headers: &HeaderMap, body: Bytes) -> Self {
        let kept = |name: &HeaderName| {
            let name = name.clone();
            let values = headers
                .get_all(&name)
                .iter()
                .filter_map(|value| value.to_str().ok());
            values
                .map(|value| (name.to_string(), value.to_owned()))
                .collect::<Vec<_>>()
        };
        Self {
            head: Head {
                status: status.as_u16(),
                headers: KEPT_HEADERS.iter().flat_map(kept).collect(),
            },
            body,
        }
    }

    /// The head as one line of JSON, and the body below it.
    fn to_bytes(&self) -> Answer<Vec<u8>> {
        let mut bytes = serde_json::to_vec(&self.head).map_err(|_| unreadable())?;
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.body);
        Ok(bytes)
    }

    fn read(bytes: &[u8]) -> Answer<Self> {
        let end = bytes
            .iter()
            .position(|byte| *byte == b'\n')
            .ok_or_else(unreadable)?;
        let (head, body) = bytes.split_at(end);
        Ok(Self {
            head: serde_json::from_slice(head).map_err(|_| unreadable())?,
            body: Bytes::copy_from_slice(&body[1..]),
        })
    }

    fn into_response(self) -> Answer<Response> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.head.status).map_err(|_| unreadable())?;
        for (name, value) in self.head.headers {
            let name: HeaderName = name.parse().map_err(|_| unreadable())?;
            let value: HeaderValue = value.parse().map_err(|_| unreadable())?;
            response.headers_mut().append(name, value);
        }
        response
            .headers_mut()
            .insert(REPLAYED, HeaderValue::from_static("true"));
        Ok(response)
    }
}

/// What is kept has another form than it was written with.
fn unreadable() -> Problem {
    tracing::error!("what is kept of a repeatable request cannot be read");
    Problem::internal()
}

/// What a handler draws ids and secrets from, where a repetition must draw the same ones. A request without a key has
/// one of its own each time.
#[derive(Clone, Copy)]
pub struct Operation {
    seed: [u8; 32],
    /// When it was begun: the time of the first attempt.
    pub at: Timestamp,
}

impl std::fmt::Debug for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Operation({})", self.at)
    }
}

impl Operation {
    fn begin(at: Timestamp) -> Answer<Self> {
        Ok(Self {
            seed: random_bytes()?,
            at,
        })
    }

    /// The operation and the request that it is about, as they are kept.
    fn with_request(&self, digest: &[u8; 32]) -> Vec<u8> {
        [&self.seed[..], &self.at.as_millisecond().to_be_bytes(), digest].concat()
    }

    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (seed, rest) = bytes.split_first_chunk()?;
        let (at, digest) = rest.split_first_chunk()?;
        let at = Timestamp::from_millisecond(i64::from_be_bytes(*at)).ok()?;
        Some((Self { seed: *seed, at }, digest))
    }

    /// A secret for one use in this operation, such as `session`.
    #[must_use]
    pub fn secret(&self, used_for: &str) -> [u8; 32] {
        let mut secret = [0; 32];
        // HMAC takes a key of any length.
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.seed) {
            mac.update(used_for.as_bytes());
            secret.copy_from_slice(&mac.finalize().into_bytes());
        }
        secret
    }

    /// The bytes of an id for one use in this operation, such as `purchase`: a ULID of the time when it was begun.
    #[must_use]
    pub fn id(&self, used_for: &str) -> [u8; 16] {
        let mut id = [0; 16];
        let millisecond = u64::try_from(self.at.as_millisecond()).unwrap_or_default();
        id[..6].copy_from_slice(&millisecond.to_be_bytes()[2..]);
        id[6..].copy_from_slice(&self.secret(&format!("id of {used_for}"))[..10]);
        id
    }
}

impl<S> FromRequestParts<S> for Operation
where
    S: Send + Sync,
    Table: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        if let Some(operation) = parts.extensions.get::<Self>() {
            return Ok(*operation);
        }
        Self::begin(Table::from_ref(state).now())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn headers(keys: &[&[u8]]) -> HeaderMap {
        let value = |key: &&[u8]| (HEADER, HeaderValue::from_bytes(key).unwrap());
        keys.iter().map(value).collect()
    }

    fn operation(seed: u8) -> Operation {
        Operation {
            seed: [seed; 32],
            at: "2026-01-01T00:00:00Z".parse().unwrap(),
        }
    }

    proptest! {
        #[test]
        fn a_key_is_any_visible_text_of_1_to_255_characters(text in "[!-+\\--~]{1,255}") {
            let headers = headers(&[text.as_bytes()]);
            prop_assert_eq!(key(&headers).unwrap(), text);
        }

        #[test]
        fn no_other_text_is_a_key(text in "|[!-~]{256,300}|[!-~]{0,9}[ ,\t\u{80}-\u{ff}][!-~]{0,9}") {
            let problem = key(&headers(&[text.as_bytes()])).unwrap_err();
            prop_assert_eq!(problem.status(), StatusCode::BAD_REQUEST);
        }

        #[test]
        fn an_answer_is_kept_as_it_was(
            status in 200..400_u16, body: Vec<u8>, cookies in prop::collection::vec("[!-~]{0,20}", 0..3),
        ) {
            let mut headers = headers(&[b"not kept"]);
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            for cookie in &cookies {
                headers.append(SET_COOKIE, cookie.parse().unwrap());
            }
            let status = StatusCode::from_u16(status).unwrap();
            let kept = Kept::of(status, &headers, Bytes::from(body));
            let again = Kept::read(&kept.to_bytes().unwrap()).unwrap();
            prop_assert_eq!(&again, &kept);
            let response = again.into_response().unwrap();
            prop_assert_eq!(response.status(), status);
            headers.remove(&HEADER);
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
            prop_assert_eq!(response.headers(), &headers);
        }

        #[test]
        fn an_operation_is_kept_as_it_was(seed: u8, digest: [u8; 32]) {
            let bytes = operation(seed).with_request(&digest);
            let (again, about) = Operation::read(&bytes).unwrap();
            prop_assert_eq!((again.seed, again.at, about), (operation(seed).seed, operation(seed).at, &digest[..]));
        }
    }

    #[test]
    fn two_keys_in_one_request_are_refused() {
        assert!(key(&headers(&[b"one", b"two"])).is_err());
    }

    #[test]
    fn an_operation_gives_the_same_id_each_time_and_another_for_each_use() {
        let id = |seed, used_for| domain::PurchaseId::from_bytes(operation(seed).id(used_for));
        assert_eq!(id(1, "purchase"), id(1, "purchase"));
        assert_ne!(id(1, "purchase"), id(1, "session"));
        assert_ne!(id(1, "purchase"), id(2, "purchase"));
        let later = domain::PurchaseId::generate("2026-01-01T00:00:00.001Z".parse().unwrap()).unwrap();
        assert!(id(1, "purchase") < later);
    }

    #[test]
    fn an_id_tells_nothing_of_a_secret() {
        let secret = operation(1).secret("session");
        assert!(
            !operation(1)
                .id("session")
                .windows(4)
                .any(|part| secret.windows(4).any(|other| part == other))
        );
    }

    #[test]
    fn the_same_body_on_another_path_is_another_request() {
        let body = Bytes::from_static(b"{}");
        assert_ne!(digest("/a/1", &body), digest("/a/2", &body));
        assert_ne!(
            digest("/a", &Bytes::from_static(b"b")),
            digest("/ab", &Bytes::new())
        );
    }
}
