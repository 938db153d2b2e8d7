//! Google, as far as signing in needs it: its public keys, and credentials of people who have pressed its button
//! (<https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload>). Whoever is at this machine
//! is whoever they say.
//!
//! The keys are in this repository, and open nothing but a system on this machine: an RSA key takes long to make.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use runtime::Clock;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::wire::{Access, Authentication, Refusal, Request, Response, StandIn};

/// The client that credentials are meant for: this system's.
pub const CLIENT: &str = "local.apps.googleusercontent.com";
/// Where the keys are, as at Google.
pub const KEYS_PATH: &str = "/oauth2/v3/certs";
/// For how long the keys may be kept; Google's own are for about six hours.
const KEPT_SECONDS: u32 = 6 * 60 * 60;
/// How long a credential is good.
const LIFETIME_SECONDS: i64 = 60 * 60;

/// A key, by its name, in PKCS #8 and Base64.
type Written = (&'static str, &'static str);
/// The key that signs at first, and the one that takes its place.
const KEYS: [Written; 2] = [
    ("local-1", include_str!("local-key-1.b64")),
    ("local-2", include_str!("local-key-2.b64")),
];
/// A key that is never published.
const FORGERS: Written = ("local-1", include_str!("local-key-forger.b64"));

/// What a credential says, where it is to say something else than the ordinary.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wish {
    /// The person's address.
    pub email: String,
    /// What Google calls the person; something of the address, unless given.
    #[serde(default)]
    pub sub: Option<String>,
    /// What the person is called.
    #[serde(default)]
    pub name: Option<String>,
    /// Further claims, or other ones: `{"aud": "…"}`.
    #[serde(default)]
    pub claims: serde_json::Map<String, Value>,
    /// Further header fields, or other ones: `{"alg": "none"}`.
    #[serde(default)]
    pub header: serde_json::Map<String, Value>,
    /// Whether somebody else signs, under the name of Google's key.
    #[serde(default)]
    pub forged: bool,
}

/// The keys cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("a key of the stand-in for Google cannot be used: {0}")]
pub struct GoogleError(String);

struct Key {
    kid: &'static str,
    pair: RsaKeyPair,
}

impl Key {
    fn read((kid, text): Written) -> Result<Self, GoogleError> {
        let text: String = text.split_ascii_whitespace().collect();
        let bytes = STANDARD
            .decode(text)
            .map_err(|error| GoogleError(error.to_string()))?;
        let pair = RsaKeyPair::from_pkcs8(&bytes).map_err(|error| GoogleError(error.to_string()))?;
        Ok(Self { kid, pair })
    }

    /// As a JSON Web Key (RFC 7517).
    fn public(&self) -> Value {
        let key = PublicKeyComponents::<Vec<u8>>::from(self.pair.public_key());
        let number = |bytes| URL_SAFE_NO_PAD.encode(bytes);
        json!({
            "kid": self.kid, "kty": "RSA", "alg": "RS256", "use": "sig", "n": number(key.n), "e": number(key.e),
        })
    }

    fn sign(&self, message: &str) -> Result<Vec<u8>, GoogleError> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message.as_bytes(),
                &mut signature,
            )
            .map_err(|_| GoogleError("no randomness".to_owned()))?;
        Ok(signature)
    }
}

/// The stand-in.
pub struct Google {
    keys: [Key; 2],
    forgers: Key,
    /// Which of the keys signs, and is published; both are while one takes the other's place.
    signing: Mutex<usize>,
    clock: Clock,
}

impl Google {
    /// Google, by this clock.
    ///
    /// # Errors
    /// [`GoogleError`] if a key cannot be read.
    pub fn new(clock: Clock) -> Result<Arc<Self>, GoogleError> {
        let [first, second] = KEYS;
        Ok(Arc::new(Self {
            keys: [Key::read(first)?, Key::read(second)?],
            forgers: Key::read(FORGERS)?,
            signing: Mutex::new(0),
            clock,
        }))
    }

    /// Another key signs from now on, and is the only one that is published.
    pub fn rotate(&self) {
        let mut signing = self.signing.lock().unwrap_or_else(PoisonError::into_inner);
        *signing = (*signing + 1) % self.keys.len();
    }

    fn signing(&self) -> &Key {
        let signing = *self.signing.lock().unwrap_or_else(PoisonError::into_inner);
        self.keys.get(signing).unwrap_or(&self.keys[0])
    }

    /// The credential of somebody who has pressed Google's button.
    ///
    /// # Errors
    /// [`GoogleError`] if it cannot be signed.
    pub fn credential(&self, wish: &Wish) -> Result<String, GoogleError> {
        let signing = self.signing();
        let mut header = json!({ "alg": "RS256", "kid": signing.kid, "typ": "JWT" });
        let mut claims = self.claims(wish);
        extend(&mut header, &wish.header);
        extend(&mut claims, &wish.claims);
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&header), part(&claims));
        let key = if wish.forged { &self.forgers } else { signing };
        let signature = URL_SAFE_NO_PAD.encode(key.sign(&message)?);
        Ok(format!("{message}.{signature}"))
    }

    fn claims(&self, wish: &Wish) -> Value {
        let now = self.clock.now().as_second();
        let called = || {
            let digest = Sha256::digest(wish.email.to_lowercase());
            let digits = digest.iter().take(10).map(|byte| format!("{byte:03}"));
            digits.collect::<String>().chars().take(21).collect()
        };
        json!({
            "iss": "https://accounts.google.com", "azp": CLIENT, "aud": CLIENT,
            "sub": wish.sub.clone().unwrap_or_else(called),
            "email": wish.email, "email_verified": true, "name": wish.name,
            "iat": now, "exp": now + LIFETIME_SECONDS,
        })
    }
}

fn extend(value: &mut Value, more: &serde_json::Map<String, Value>) {
    if let Some(members) = value.as_object_mut() {
        members.extend(more.clone());
    }
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(age) = HeaderValue::from_str(&format!("public, max-age={KEPT_SECONDS}, must-revalidate")) {
        headers.insert(CACHE_CONTROL, age);
    }
    response
}

#[async_trait]
impl StandIn for Google {
    fn service(&self) -> &'static str {
        "google"
    }

    fn authentication(&self) -> Authentication {
        Authentication::Other
    }

    fn body_limit(&self) -> usize {
        0
    }

    fn needs(&self, _: &Request) -> Vec<Access> {
        Vec::new()
    }

    async fn answer(&self, request: Request) -> Response {
        if request.method == Method::GET && request.uri.path() == KEYS_PATH {
            answer(StatusCode::OK, &json!({ "keys": [self.signing().public()] }))
        } else {
            answer(StatusCode::NOT_FOUND, &json!({ "error": "not found" }))
        }
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        let status = match refusal {
            Refusal::Throttled => StatusCode::TOO_MANY_REQUESTS,
            Refusal::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Refusal::AccessDenied(..) | Refusal::BadSignature(_) => StatusCode::FORBIDDEN,
        };
        answer(status, &json!({ "error": "refused" }))
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    use super::*;

    fn google() -> Arc<Google> {
        Google::new(Clock::fixed("2026-01-01T00:00:00Z".parse().unwrap())).unwrap()
    }

    fn is_signed_by(key: &Key, credential: &str) -> bool {
        let (message, signature) = credential.rsplit_once('.').unwrap();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.pair.public_key().as_ref());
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        public.verify(message.as_bytes(), &signature).is_ok()
    }

    #[test]
    fn a_credential_is_signed_by_the_key_that_is_published() {
        let google = google();
        let wish = Wish {
            email: "ana@gmail.com".into(),
            ..Wish::default()
        };
        let first = google.credential(&wish).unwrap();
        assert!(is_signed_by(google.signing(), &first));
        google.rotate();
        assert!(!is_signed_by(google.signing(), &first));
        assert!(is_signed_by(google.signing(), &google.credential(&wish).unwrap()));
    }

    #[test]
    fn a_forged_credential_is_signed_by_somebody_else() {
        let google = google();
        let wish = Wish {
            email: "ana@gmail.com".into(),
            forged: true,
            ..Wish::default()
        };
        assert!(!is_signed_by(
            google.signing(),
            &google.credential(&wish).unwrap()
        ));
    }
}
