//! AWS Signature Version 4, verified: what the request's signer signed is signed again with the secret that is known
//! for its key, and compared
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>).

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{self, SignableBody, SignableRequest, SigningSettings};
use aws_sigv4::sign::v4;
use http::HeaderMap;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use subtle::ConstantTimeEq;

use super::aws::REGION;
use super::{Principal, Request};

/// How far a signature's time may be from ours.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(15);

/// What is known of an access key.
#[derive(Clone)]
pub struct Key {
    /// Its secret.
    pub secret: String,
    /// Whose it is.
    pub principal: Principal,
}

/// The secret stays out of logs.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("principal", &self.principal)
            .finish_non_exhaustive()
    }
}

/// The access keys that this system gave out; cheap to clone, and shared by all clones.
#[derive(Clone, Debug, Default)]
pub struct Keys(Arc<RwLock<HashMap<String, Key>>>);

impl Keys {
    /// Makes an access key known.
    pub fn add(&self, access_key_id: impl Into<String>, secret: impl Into<String>, principal: Principal) {
        let key = Key {
            secret: secret.into(),
            principal,
        };
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(access_key_id.into(), key);
    }

    /// The access key, if it is known.
    #[must_use]
    pub fn get(&self, access_key_id: &str) -> Option<Key> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(access_key_id)
            .cloned()
    }

    /// Who the request says it is from, in its headers or its URL; not verified.
    #[must_use]
    pub fn claimed(&self, request: &Request) -> Principal {
        let in_header = Authorization::of(&request.headers)
            .ok()
            .map(|parsed| parsed.access_key_id.to_owned());
        in_header
            .or_else(|| key_in_url(request.uri.query()?))
            .and_then(|id| self.get(&id))
            .map_or(Principal::Anonymous, |key| key.principal)
    }
}

/// The access key id of a presigned URL.
fn key_in_url(query: &str) -> Option<String> {
    let parameters: Vec<(String, String)> = serde_urlencoded::from_str(query).ok()?;
    let (_, credential) = parameters
        .into_iter()
        .find(|(name, _)| name == "X-Amz-Credential")?;
    Some(credential.split_once('/')?.0.to_owned())
}

/// What is wrong with a signature, in the words of AWS
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html>).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The request is not signed.
    #[error("Request is missing Authentication Token")]
    Missing,
    /// The signature lacks a part, or a part cannot be read.
    #[error("Authorization header requires a well-formed {0}")]
    Incomplete(&'static str),
    /// The access key is not one of ours.
    #[error("The security token included in the request is invalid.")]
    UnknownKey,
    /// The signature is for another service or another region.
    #[error("Credential should be scoped to a valid {0}.")]
    WrongScope(&'static str),
    /// The signature's time is too far from ours.
    #[error("Signature expired or not yet current: {0} is more than 15 min. from the service's time")]
    WrongTime(String),
    /// Another secret signed this, or another request was signed.
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
         Key and signing method. Consult the service documentation for details."
    )]
    Mismatch,
}

impl SignatureError {
    /// The error's code on the wire.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "MissingAuthenticationTokenException",
            Self::Incomplete(_) => "IncompleteSignatureException",
            Self::UnknownKey => "UnrecognizedClientException",
            Self::WrongScope(_) | Self::WrongTime(_) | Self::Mismatch => "InvalidSignatureException",
        }
    }
}

/// The parts of an `Authorization` header.
struct Authorization<'a> {
    access_key_id: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    fn of(headers: &'a HeaderMap) -> Result<Self, SignatureError> {
        let header = headers
            .get(http::header::AUTHORIZATION)
            .ok_or(SignatureError::Missing)?;
        let parts = header
            .to_str()
            .ok()
            .and_then(|value| value.strip_prefix("AWS4-HMAC-SHA256 "));
        let parts = parts.ok_or(SignatureError::Incomplete("algorithm"))?;
        let part = |name| {
            let mut named = parts.split(',').filter_map(|part| part.trim().split_once('='));
            named
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value)
                .ok_or(SignatureError::Incomplete(name))
        };
        let scope: Vec<&str> = part("Credential")?.split('/').collect();
        let [access_key_id, date, region, service, "aws4_request"] = scope[..] else {
            return Err(SignatureError::Incomplete("Credential"));
        };
        let (signed_headers, signature) = (part("SignedHeaders")?, part("Signature")?);
        Ok(Self {
            access_key_id,
            date,
            region,
            service,
            signed_headers,
            signature,
        })
    }
}

/// Verifies the signature in a request's headers, made for `service`, and answers whose it is.
///
/// # Errors
/// [`SignatureError`] says what is wrong.
pub fn verify(
    request: &Request,
    service: &str,
    keys: &Keys,
    now: Timestamp,
) -> Result<Principal, SignatureError> {
    let authorization = Authorization::of(&request.headers)?;
    let date_header =
        header(&request.headers, "x-amz-date").ok_or(SignatureError::Incomplete("X-Amz-Date"))?;
    let signed_at = parse_date(date_header).ok_or(SignatureError::Incomplete("X-Amz-Date"))?;
    let key = keys
        .get(authorization.access_key_id)
        .ok_or(SignatureError::UnknownKey)?;
    if authorization.service != service {
        return Err(SignatureError::WrongScope("service"));
    }
    if authorization.region != REGION {
        return Err(SignatureError::WrongScope("region"));
    }
    if !date_header.starts_with(authorization.date) {
        return Err(SignatureError::WrongScope("date"));
    }
    if signed_at.duration_since(now).abs() > TOLERANCE {
        return Err(SignatureError::WrongTime(date_header.to_owned()));
    }
    let expected = sign(request, &authorization, &key, signed_at).ok_or(SignatureError::Mismatch)?;
    if bool::from(expected.as_bytes().ct_eq(authorization.signature.as_bytes())) {
        Ok(key.principal)
    } else {
        Err(SignatureError::Mismatch)
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Reads a time such as `20260102T030405Z`.
fn parse_date(text: &str) -> Option<Timestamp> {
    let time = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// The signature that the request should carry.
fn sign(request: &Request, authorization: &Authorization<'_>, key: &Key, at: Timestamp) -> Option<String> {
    let signed: Vec<&str> = authorization.signed_headers.split(';').collect();
    // What is not signed could be changed on the way; the host is what makes a request meant for this service.
    let host = header(&request.headers, "host").filter(|_| signed.contains(&"host"))?;
    let mut headers = Vec::new();
    for name in &signed {
        for value in request.headers.get_all(*name) {
            headers.push((*name, value.to_str().ok()?));
        }
    }
    let path = request.uri.path_and_query().map_or("/", |path| path.as_str());
    let request = SignableRequest::new(
        request.method.as_str(),
        format!("http://{host}{path}"),
        headers.into_iter(),
        SignableBody::Bytes(&request.body),
    )
    .ok()?;
    let identity = Credentials::new(authorization.access_key_id, &key.secret, None, None, "keys").into();
    let mut settings = SigningSettings::default();
    // The signer decided which headers count.
    settings.excluded_headers = None;
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(authorization.region)
        .name(authorization.service)
        .time(SystemTime::from(at))
        .settings(settings)
        .build()
        .ok()?
        .into();
    Some(http_request::sign(request, &parameters).ok()?.into_parts().1)
}

#[cfg(test)]
mod tests {
    use super::*;

    use bytes::Bytes;
    use http::Method;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    fn keys() -> Keys {
        let keys = Keys::default();
        keys.add(
            "AKIDEXAMPLE",
            SECRET,
            Principal::Function("ReaderFunction".into()),
        );
        keys
    }

    fn now() -> Timestamp {
        "2015-08-30T12:36:00Z".parse().unwrap()
    }

    /// The request `post-header-key-sort` of AWS's Signature Version 4 test suite, signed for a service called
    /// `service`.
    fn published_example() -> Request {
        let authorization = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                             SignedHeaders=host;my-header1;x-amz-date, \
                             Signature=c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c";
        let headers = [
            ("host", "example.amazonaws.com"),
            ("my-header1", "value1"),
            ("x-amz-date", "20150830T123600Z"),
            ("authorization", authorization),
        ];
        Request {
            method: Method::POST,
            uri: "/".parse().unwrap(),
            headers: headers
                .iter()
                .map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap()))
                .collect(),
            body: Bytes::new(),
            principal: Principal::Anonymous,
        }
    }

    #[test]
    fn the_example_that_aws_publishes_is_accepted() {
        let principal = verify(&published_example(), "service", &keys(), now()).unwrap();
        assert_eq!(principal, Principal::Function("ReaderFunction".into()));
    }

    #[test]
    fn a_request_signed_with_the_wrong_secret_is_refused() {
        let keys = Keys::default();
        keys.add("AKIDEXAMPLE", "another", Principal::Operator);
        assert_eq!(
            verify(&published_example(), "service", &keys, now()),
            Err(SignatureError::Mismatch)
        );
    }

    #[test]
    fn a_request_that_was_changed_after_it_was_signed_is_refused() {
        let changes: [fn(&mut Request); 4] = [
            |request| request.body = Bytes::from_static(b"x"),
            |request| request.method = Method::PUT,
            |request| request.uri = "/?all=1".parse().unwrap(),
            |request| drop(request.headers.insert("my-header1", "value2".parse().unwrap())),
        ];
        for change in changes {
            let mut request = published_example();
            change(&mut request);
            assert_eq!(
                verify(&request, "service", &keys(), now()),
                Err(SignatureError::Mismatch)
            );
        }
    }

    #[test]
    fn an_unsigned_request_and_an_unknown_key_are_told_apart() {
        let mut unsigned = published_example();
        unsigned.headers.remove("authorization");
        assert_eq!(
            verify(&unsigned, "service", &keys(), now()),
            Err(SignatureError::Missing)
        );
        let nobody = Keys::default();
        assert_eq!(
            verify(&published_example(), "service", &nobody, now()),
            Err(SignatureError::UnknownKey)
        );
    }

    #[test]
    fn a_signature_for_another_service_or_another_time_is_refused() {
        let request = published_example();
        let scope = SignatureError::WrongScope("service");
        assert_eq!(verify(&request, "dynamodb", &keys(), now()), Err(scope));
        for minutes in [-16, 16] {
            let then = now() + SignedDuration::from_mins(minutes);
            assert!(matches!(
                verify(&request, "service", &keys(), then),
                Err(SignatureError::WrongTime(_))
            ));
        }
    }

    #[test]
    fn the_claimed_caller_is_read_from_the_header_or_the_url() {
        let mut request = published_example();
        let reader = Principal::Function("ReaderFunction".into());
        assert_eq!(keys().claimed(&request), reader);
        request.headers.remove("authorization");
        assert_eq!(keys().claimed(&request), Principal::Anonymous);
        request.uri = "/b/k?X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fs3%2Faws4_request"
            .parse()
            .unwrap();
        assert_eq!(keys().claimed(&request), reader);
    }
}
