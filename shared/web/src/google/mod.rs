//! Google's word on who somebody is: the ID token that its button gives, verified as Google asks.

mod credential;
mod keys;

use http::StatusCode;
use jiff::Timestamp;
use runtime::{ConfigError, Environment};

use self::credential::Unchecked;
pub use self::credential::{Identity, Invalid};
use self::keys::Keys;
use crate::Problem;

/// Google, as our client. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Google {
    client: String,
    keys: Keys,
}

/// A credential was not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    /// It does not prove who somebody is.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Google's keys cannot be fetched now.
    #[error("Google's keys cannot be fetched")]
    Unavailable,
}

impl Google {
    /// Google for the client in `GOOGLE_CLIENT_ID`, with the keys at `GOOGLE_KEYS_URL`; none, if there is no client.
    ///
    /// # Errors
    /// [`ConfigError`] if the address of the keys is missing or none.
    pub fn new(environment: &Environment) -> Result<Option<Self>, ConfigError> {
        let client = environment.get("GOOGLE_CLIENT_ID");
        let google = client.map(|client| {
            Ok(Self {
                client: client.to_owned(),
                keys: Keys::new(environment.parsed("GOOGLE_KEYS_URL")?),
            })
        });
        google.transpose()
    }

    /// Who the credential is about.
    ///
    /// # Errors
    /// [`Unverified`] if it proves nothing, or cannot be checked now.
    pub async fn verify(&self, credential: &str, now: Timestamp) -> Result<Identity, Unverified> {
        let unchecked = Unchecked::read(credential)?;
        let key = self.keys.key(&unchecked.kid, now).await.map_err(|error| {
            tracing::error!(%error, "Google's keys cannot be fetched");
            Unverified::Unavailable
        })?;
        let signed = |key: &keys::PublicKey| key.signed(unchecked.signed.as_bytes(), &unchecked.signature);
        if !key.as_ref().is_some_and(signed) {
            return Err(Invalid("Google did not sign it").into());
        }
        Ok(unchecked.identity(&self.client, now)?)
    }
}

/// What somebody is answered who signs in with it.
impl From<Unverified> for Problem {
    fn from(unverified: Unverified) -> Self {
        match unverified {
            Unverified::Invalid(reason) => Self::new(
                StatusCode::UNAUTHORIZED,
                "invalid_google_credential",
                format!("Invalid credential: {reason}."),
            ),
            Unverified::Unavailable => Self::unavailable(),
        }
    }
}

/// What somebody is answered where no client is set up at Google.
#[must_use]
pub fn not_set_up() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "google_not_set_up",
        "Signing in with Google is not set up here: sign in with a password.",
    )
}
