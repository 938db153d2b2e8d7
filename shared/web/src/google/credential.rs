//! A credential of Google's: an ID token, verified as Google asks
//! (<https://developers.google.com/identity/gsi/web/guides/verify-google-id-token>).
//!
//! A JSON Web Token is three texts with dots between them, and of all that RFC 7519 allows Google uses one form. Reading that
//! form alone leaves nothing to choose for whoever forges one: the algorithm is RS256, whatever the header says.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::EmailAddress;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Who issues credentials.
const ISSUERS: [&str; 2] = ["accounts.google.com", "https://accounts.google.com"];
/// How far Google's clock and ours may be apart.
const LEEWAY: SignedDuration = SignedDuration::from_secs(60);
/// The longest credential that is looked at, in characters. Google's have about 1,200.
pub(super) const AT_MOST: usize = 8 * 1024;

/// The credential does not prove who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub(super) &'static str);

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    exp: i64,
    iat: i64,
    email: String,
    #[serde(default)]
    email_verified: bool,
    name: Option<String>,
    hd: Option<String>,
}

/// Who somebody is, as Google says.
#[derive(Debug)]
pub struct Identity {
    /// What Google calls the person: always the same, and nobody else's.
    pub sub: String,
    /// The person's address.
    pub email: EmailAddress,
    /// What the person is called.
    pub name: Option<String>,
    /// Whether Google runs the mailbox, and so knows whose it is today. Of others it knows that they were the person's once.
    pub is_authority: bool,
    /// When Google said so.
    pub said_at: Timestamp,
}

/// A credential whose signature is yet to be checked.
pub(super) struct Unchecked<'a> {
    /// The key that is said to have signed it.
    pub(super) kid: String,
    /// What is signed.
    pub(super) signed: &'a str,
    /// The signature.
    pub(super) signature: Vec<u8>,
    claims: Claims,
}

impl<'a> Unchecked<'a> {
    pub(super) fn read(credential: &'a str) -> Result<Self, Invalid> {
        let form = Invalid("it is no ID token");
        if credential.len() > AT_MOST {
            return Err(form);
        }
        let (signed, signature) = credential.rsplit_once('.').ok_or(form)?;
        let (header, claims) = signed.split_once('.').ok_or(form)?;
        let header: Header = part(header).ok_or(form)?;
        if header.alg != "RS256" {
            return Err(Invalid("it is not signed as Google signs"));
        }
        Ok(Self {
            kid: header.kid,
            signed,
            signature: URL_SAFE_NO_PAD.decode(signature).map_err(|_| form)?,
            claims: part(claims).ok_or(form)?,
        })
    }

    /// Who it is about, if its signature was right, for our client, and now.
    pub(super) fn identity(self, client: &str, now: Timestamp) -> Result<Identity, Invalid> {
        let claims = self.claims;
        let time = |second| Timestamp::from_second(second).map_err(|_| Invalid("it has no time"));
        if !ISSUERS.contains(&claims.iss.as_str()) {
            return Err(Invalid("somebody else issued it"));
        }
        if claims.aud != client {
            return Err(Invalid("it is meant for somebody else"));
        }
        if now.duration_since(time(claims.exp)?) >= LEEWAY {
            return Err(Invalid("its time is over"));
        }
        let said_at = time(claims.iat)?;
        if said_at.duration_since(now) > LEEWAY {
            return Err(Invalid("its time has not come"));
        }
        if !claims.email_verified {
            return Err(Invalid("Google has not verified the mail address"));
        }
        if claims.sub.is_empty() || claims.sub.len() > 255 {
            return Err(Invalid("it is about nobody"));
        }
        let email: EmailAddress = claims
            .email
            .parse()
            .map_err(|_| Invalid("it has no mail address"))?;
        Ok(Identity {
            is_authority: email.as_str().ends_with("@gmail.com") || claims.hd.is_some(),
            sub: claims.sub,
            email,
            name: claims.name,
            said_at,
        })
    }
}

fn part<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn token(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!(
            "{}.{}.{}",
            part(header),
            part(claims),
            URL_SAFE_NO_PAD.encode("signed")
        )
    }

    fn claims() -> Value {
        json!({
            "iss": "https://accounts.google.com", "aud": "us", "sub": "1", "iat": 1_000, "exp": 4_600,
            "email": "Ana@gmail.com", "email_verified": true, "name": "Ana",
        })
    }

    fn check(claims: &Value, second: i64) -> Result<Identity, Invalid> {
        let token = token(&json!({ "alg": "RS256", "kid": "k" }), claims);
        let now = Timestamp::from_second(second).unwrap();
        Unchecked::read(&token)?.identity("us", now)
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = claims();
        claims[name] = value;
        claims
    }

    #[test]
    fn a_credential_tells_who_somebody_is() {
        let identity = check(&claims(), 2_000).unwrap();
        assert_eq!(
            (identity.sub.as_str(), identity.email.as_str()),
            ("1", "ana@gmail.com")
        );
        assert!(identity.is_authority);
    }

    #[test]
    fn what_is_not_for_us_or_not_from_google_is_refused() {
        for (name, value) in [
            ("iss", json!("https://accounts.example.com")),
            ("aud", json!("somebody else")),
            ("aud", json!(["us"])),
            ("email_verified", json!(false)),
            ("email", json!("no address")),
            ("sub", json!("")),
        ] {
            assert!(check(&with(name, value), 2_000).is_err(), "{name}");
        }
    }

    #[test]
    fn a_credential_is_good_from_a_minute_before_it_was_made_to_a_minute_after_it_is_over() {
        for (second, good) in [(939, false), (940, true), (4_659, true), (4_660, false)] {
            assert_eq!(check(&claims(), second).is_ok(), good, "{second}");
        }
    }

    #[test]
    fn no_other_algorithm_is_read() {
        for alg in ["none", "HS256", "RS512", "ES256", "rs256"] {
            let token = token(&json!({ "alg": alg, "kid": "k" }), &claims());
            assert!(Unchecked::read(&token).is_err(), "{alg}");
        }
        for text in ["", "a", "a.b", "a.b.c", "..", &"a".repeat(AT_MOST + 1)] {
            assert!(Unchecked::read(text).is_err());
        }
    }

    #[test]
    fn google_is_the_authority_for_mailboxes_that_it_runs() {
        let authority = |email: &str, hd: Value| {
            let mut claims = with("email", json!(email));
            claims["hd"] = hd;
            check(&claims, 2_000).unwrap().is_authority
        };
        assert!(authority("ana@example.com", json!("example.com")));
        assert!(!authority("ana@example.com", Value::Null));
        assert!(!authority("ana@notgmail.com", Value::Null));
    }
}
