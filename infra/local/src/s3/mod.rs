//! S3: `s3s` over a directory, with what it leaves out: cross-origin rules, events for objects that were created, lists of
//! versions, and that a body which is not the announced one is not kept.
//!
//! Buckets are addressed by path (`/bucket/key`), as SDKs do by themselves where the endpoint is an IP address. Signatures
//! of every kind (header, streamed body, presigned URL) are verified by `s3s`, by the machine's own time.

mod cors;
mod created;
mod digest;
mod rights;
mod versions;

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, StatusCode, header};
use http_body_util::BodyExt as _;
use runtime::Clock;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, HttpRequest, S3Result, s3_error};
use s3s_fs::FileSystem;
use serde_json::Value;

pub use cors::CorsRule;

use crate::iam::Authority;
use crate::wire::aws::{self, internal_error};
use crate::wire::signature::{Keys, SignatureError};
use crate::wire::{Access, Authentication, Refusal, Request, Response, StandIn};

/// The largest body of one request, in bytes: S3's largest part
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>).
const BODY_LIMIT: usize = 5 * 1024 * 1024 * 1024;

/// The objects' directory, in the data directory.
const DIRECTORY: &str = "s3";

/// Takes an event about an object that was created, as S3 sends it to a function.
pub type Created = Arc<dyn Fn(Value) + Send + Sync>;

/// A bucket as `template.yaml` describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Which web pages of other origins may use it: the first rule that matches counts.
    pub cors: Vec<CorsRule>,
}

/// The stand-in.
pub struct S3 {
    service: S3Service,
    buckets: BTreeMap<String, Vec<CorsRule>>,
    objects: PathBuf,
    clock: Clock,
    created: Created,
    /// Removes the objects with itself, in memory mode.
    _temporary: Option<tempfile::TempDir>,
}

impl S3 {
    /// Opens the stand-in; the objects are kept in `directory`, or in a temporary one that is removed in the end.
    ///
    /// # Errors
    /// The directory cannot be used.
    pub fn open(
        directory: Option<&Path>,
        buckets: impl IntoIterator<Item = Bucket>,
        keys: Keys,
        authority: Arc<Authority>,
        clock: Clock,
        created: Created,
    ) -> io::Result<Self> {
        let temporary = directory.is_none().then(tempfile::tempdir).transpose()?;
        let parent = directory
            .or(temporary.as_ref().map(tempfile::TempDir::path))
            .unwrap_or(Path::new("."));
        let objects = parent.join(DIRECTORY);
        std::fs::create_dir_all(&objects)?;
        let buckets: BTreeMap<_, _> = buckets
            .into_iter()
            .map(|bucket| (bucket.name, bucket.cors))
            .collect();
        for name in buckets.keys() {
            std::fs::create_dir_all(objects.join(name))?;
        }
        let files = FileSystem::new(&objects).map_err(|error| io::Error::other(format!("{error:?}")))?;
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(KnownKeys(keys.clone()));
        service.set_route(versions::ListVersions {
            keys: keys.clone(),
            authority: Arc::clone(&authority),
            objects: objects.clone(),
        });
        service.set_access(Guard { keys, authority });
        Ok(Self {
            service: service.build(),
            buckets,
            objects,
            clock,
            created,
            _temporary: temporary,
        })
    }

    /// An object's content, for a service that reads it in its caller's name; none if there is no such object.
    pub(crate) async fn object(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        if !self.buckets.contains_key(bucket) {
            return None;
        }
        let file = Path::new(key);
        let is_inside = file.components().all(|part| matches!(part, Component::Normal(_)));
        if !is_inside {
            return None;
        }
        tokio::fs::read(self.objects.join(bucket).join(file)).await.ok()
    }

    fn cors(&self, request: &Request) -> &[CorsRule] {
        let bucket = request
            .uri
            .path()
            .trim_start_matches('/')
            .split('/')
            .next()
            .unwrap_or_default();
        self.buckets.get(bucket).map_or(&[], Vec::as_slice)
    }

    /// Hands the request to `s3s`; also answers what it was, where it was allowed.
    async fn serve(&self, request: Request) -> (Response, Option<Admitted>) {
        let admitted: Arc<Mutex<Option<Admitted>>> = Arc::default();
        let wrong = (!digest::agrees(&request.headers, &request.body)).then_some(WrongDigest);
        let mut asked = HttpRequest::new(Body::from(request.body));
        *asked.method_mut() = request.method;
        *asked.uri_mut() = request.uri;
        *asked.headers_mut() = request.headers;
        asked.extensions_mut().insert(Arc::clone(&admitted));
        if let Some(wrong) = wrong {
            asked.extensions_mut().insert(wrong);
        }
        let answer = match self.service.call(asked).await {
            Ok(response) => {
                let (parts, body) = response.into_parts();
                match body.collect().await {
                    Ok(body) => Response::from_parts(parts, body.to_bytes()),
                    Err(_) => internal_error(),
                }
            }
            Err(_) => internal_error(),
        };
        let admitted = admitted.lock().unwrap_or_else(PoisonError::into_inner).take();
        (answer, admitted)
    }
}

/// A request that was allowed.
#[derive(Clone, Debug)]
struct Admitted {
    operation: String,
    bucket: String,
    key: String,
}

/// The mark of a request whose body is not the announced one.
#[derive(Clone, Copy)]
struct WrongDigest;

struct KnownKeys(Keys);

#[async_trait]
impl S3Auth for KnownKeys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        let key = self
            .0
            .get(access_key)
            .ok_or_else(|| s3_error!(InvalidAccessKeyId))?;
        Ok(SecretKey::from(key.secret))
    }
}

/// Holds every request to its signer's rights.
struct Guard {
    keys: Keys,
    authority: Arc<Authority>,
}

#[async_trait]
impl S3Access for Guard {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let signer = context
            .credentials()
            .and_then(|credentials| self.keys.get(&credentials.access_key));
        let Some(signer) = signer else {
            return Err(s3_error!(AccessDenied, "Signature is required"));
        };
        let operation = context.s3_op().name().to_owned();
        let path = context.s3_path();
        let (bucket, key) = (
            path.get_bucket_name().unwrap_or_default(),
            path.get_object_key().unwrap_or_default(),
        );
        let admitted = Admitted {
            operation,
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        };
        let version = versions::named(context.uri());
        let source = context
            .headers()
            .get("x-amz-copy-source")
            .and_then(|source| source.to_str().ok());
        for access in rights::needed(&admitted, source, version.is_some()) {
            if !self.authority.check(&signer.principal, &access) {
                return Err(s3_error!(
                    AccessDenied,
                    "{}",
                    aws::access_denied(&signer.principal, &access)
                ));
            }
        }
        if version.is_some_and(|version| version != versions::ONLY) {
            return Err(s3_error!(NoSuchVersion));
        }
        if context.extensions_mut().get::<WrongDigest>().is_some() {
            return Err(s3_error!(
                BadDigest,
                "The digest you specified did not match what we received."
            ));
        }
        if let Some(slot) = context.extensions_mut().get::<Arc<Mutex<Option<Admitted>>>>() {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(admitted);
        }
        Ok(())
    }
}

#[async_trait]
impl StandIn for S3 {
    fn service(&self) -> &'static str {
        "s3"
    }

    fn authentication(&self) -> Authentication {
        Authentication::SignatureByStandIn
    }

    fn body_limit(&self) -> usize {
        BODY_LIMIT
    }

    fn needs(&self, _request: &Request) -> Vec<Access> {
        Vec::new()
    }

    async fn answer(&self, request: Request) -> Response {
        let origin = request
            .headers
            .get(header::ORIGIN)
            .and_then(|origin| origin.to_str().ok())
            .map(str::to_owned);
        if let Some(origin) = &origin
            && request.method == Method::OPTIONS
        {
            return cors::preflight(self.cors(&request), origin, &request.headers);
        }
        let rule = origin.and_then(|origin| {
            let rule = cors::rule_for(self.cors(&request), &origin, request.method.as_str(), &[])?;
            Some((rule.clone(), origin))
        });
        let principal = request.principal.clone();
        let (mut response, admitted) = self.serve(request).await;
        if let Some(admitted) = admitted.filter(|_| response.status().is_success())
            && let Some(event) =
                created::event(&admitted, &response, &self.objects, &principal, self.clock.now())
        {
            (self.created)(event);
        }
        if let Some((rule, origin)) = rule {
            rule.allow(&origin, response.headers_mut());
        }
        response
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        match refusal {
            Refusal::AccessDenied(principal, access) => error(
                StatusCode::FORBIDDEN,
                "AccessDenied",
                &aws::access_denied(principal, access),
            ),
            Refusal::BadSignature(SignatureError::UnknownKey) => error(
                StatusCode::FORBIDDEN,
                "InvalidAccessKeyId",
                "The access key is not known.",
            ),
            Refusal::BadSignature(wrong) => {
                error(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", &wrong.to_string())
            }
            Refusal::TooLarge(limit) => {
                let message =
                    format!("Your proposed upload exceeds the maximum allowed size of {limit} bytes.");
                error(StatusCode::BAD_REQUEST, "EntityTooLarge", &message)
            }
            Refusal::Throttled => error(
                StatusCode::SERVICE_UNAVAILABLE,
                "SlowDown",
                "Please reduce your request rate.",
            ),
            Refusal::Internal => error(
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalError",
                "We encountered an internal error. Please try again.",
            ),
        }
    }
}

/// An error as S3 words it (<https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>).
fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let message = escaped(message);
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>\
         <RequestId>{}</RequestId></Error>",
        aws::uuid()
    );
    http::Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/xml")
        .body(Bytes::from(body))
        .unwrap_or_else(|_| internal_error())
}

/// A text within XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
