//! Small secrets at rest. Whoever reads the table, or a copy of it, sees what is sealed only with a key that is not
//! there; whoever writes to the table cannot change it or carry it over to another place.
//!
//! AES-256-GCM, by the library that TLS brings along, on instructions that Lambda's processors have. Its nonces are of
//! 96 random bits, which one key bears for 2³² values (NIST SP 800-38D §8.3): so each context has a key of its own,
//! derived with HKDF-SHA256 (RFC 5869), and is authenticated as well.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::random_bytes;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Prk, Salt};
use runtime::{ConfigError, Environment};

use crate::{Answer, Problem};

/// The first byte of what is sealed: in which form it is.
const FORM: u8 = 1;
/// Keeps these keys apart from whatever else is ever derived from the same secret.
const SALT: &[u8] = b"apartment-locator seal";
/// The length of a secret, in bytes.
const SECRET_LENGTH: usize = 32;

/// Seals and opens. Cheap to clone.
#[derive(Clone)]
pub struct Sealer {
    /// The first one seals; each opens.
    secrets: Arc<[Prk]>,
}

/// A secret: never printed.
impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

/// A text lists no secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretsError;

impl fmt::Display for SecretsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "it must list secrets of 32 bytes in hexadecimal, the newest first, with commas between them",
        )
    }
}

impl FromStr for Sealer {
    type Err = SecretsError;

    fn from_str(text: &str) -> Result<Self, SecretsError> {
        let secret = |digits: &str| {
            let mut secret = [0; SECRET_LENGTH];
            hex::decode_to_slice(digits.trim(), &mut secret).map_err(|_| SecretsError)?;
            Ok(Salt::new(HKDF_SHA256, SALT).extract(&secret))
        };
        Ok(Self {
            secrets: text.split(',').map(secret).collect::<Result<_, _>>()?,
        })
    }
}

impl Sealer {
    /// Seals under the first of the secrets in `SEALING_KEYS`, and opens under each.
    ///
    /// # Errors
    /// [`ConfigError`] if there are none.
    pub fn new(environment: &Environment) -> Result<Self, ConfigError> {
        environment.parsed("SEALING_KEYS")
    }

    /// `plain`, to be opened in the same context only: what it is and whose, such as `second factor user_01J…`.
    ///
    /// # Errors
    /// 503 if the system gives no randomness.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Answer<String> {
        let newest = self.secrets.first().ok_or_else(unusable)?;
        let nonce = random_bytes::<NONCE_LEN>()?;
        let mut bytes = plain.to_vec();
        key(newest, context)?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context.as_bytes()),
                &mut bytes,
            )
            .map_err(|_| unusable())?;
        Ok(URL_SAFE_NO_PAD.encode([&[FORM][..], &nonce, &bytes].concat()))
    }

    /// What was sealed in this context.
    ///
    /// # Errors
    /// 500 if it was sealed in another one or under a secret that is not among ours any more, or if it was changed.
    pub fn open(&self, context: &str, sealed: &str) -> Answer<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| broken())?;
        let (&FORM, rest) = bytes.split_first().ok_or_else(broken)? else {
            return Err(broken());
        };
        let (nonce, rest) = rest.split_first_chunk::<NONCE_LEN>().ok_or_else(broken)?;
        for secret in self.secrets.iter() {
            let mut bytes = rest.to_vec();
            let nonce = Nonce::assume_unique_for_key(*nonce);
            let aad = Aad::from(context.as_bytes());
            if let Ok(plain) = key(secret, context)?.open_in_place(nonce, aad, &mut bytes) {
                return Ok(plain.to_vec());
            }
        }
        Err(broken())
    }
}

/// The key of a context.
fn key(secret: &Prk, context: &str) -> Answer<LessSafeKey> {
    let info = [context.as_bytes()];
    let derived = secret.expand(&info, &AES_256_GCM).map_err(|_| unusable())?;
    Ok(LessSafeKey::new(UnboundKey::from(derived)))
}

/// Never happens with the small values that are sealed here.
fn unusable() -> Problem {
    tracing::error!("a value could not be sealed");
    Problem::internal()
}

fn broken() -> Problem {
    tracing::error!("a sealed value cannot be opened: it was changed, or its key is not in SEALING_KEYS");
    Problem::internal()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sealer(secrets: &[u8]) -> Sealer {
        let secrets: Vec<_> = secrets.iter().map(|byte| hex::encode([*byte; 32])).collect();
        Sealer::new(&Environment::from_iter([("SEALING_KEYS", secrets.join(","))])).unwrap()
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_in_its_own_context_only(
            plain: Vec<u8>, context in "[a-z0-9 _]{0,40}", other in "[a-z0-9 _]{0,40}",
        ) {
            let sealed = sealer(&[1]).seal(&context, &plain).unwrap();
            prop_assert_eq!(sealer(&[1]).open(&context, &sealed).unwrap(), plain);
            prop_assert_eq!(sealer(&[1]).open(&other, &sealed).is_ok(), other == context);
        }

        #[test]
        fn one_changed_bit_opens_nothing(plain in prop::collection::vec(any::<u8>(), 0..100), at: prop::sample::Index, bit in 0..8_u8) {
            let sealed = sealer(&[1]).seal("here", &plain).unwrap();
            let mut bytes = URL_SAFE_NO_PAD.decode(sealed).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            prop_assert!(sealer(&[1]).open("here", &URL_SAFE_NO_PAD.encode(bytes)).is_err());
        }

        #[test]
        fn no_text_that_we_did_not_seal_opens(text in "\\PC{0,100}|[A-Za-z0-9_-]{40,120}") {
            prop_assert!(sealer(&[1]).open("here", &text).is_err());
        }
    }

    #[test]
    fn what_is_sealed_shows_nothing_of_itself_and_is_different_each_time() {
        let (one, other) = (sealer(&[1]), sealer(&[1]));
        let one = one.seal("here", b"alai_secret").unwrap();
        assert_ne!(one, other.seal("here", b"alai_secret").unwrap());
        let bytes = URL_SAFE_NO_PAD.decode(&one).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"secret"), "{one}");
    }

    #[test]
    fn a_new_secret_takes_over_while_the_old_one_still_opens() {
        let before = sealer(&[1]).seal("here", b"it").unwrap();
        let after = sealer(&[2, 1]).seal("here", b"it").unwrap();
        assert!(sealer(&[2, 1]).open("here", &before).is_ok());
        assert!(sealer(&[1]).open("here", &after).is_err());
        assert!(sealer(&[2]).open("here", &after).is_ok());
        assert!(sealer(&[2]).open("here", &before).is_err());
    }

    #[test]
    fn what_is_no_list_of_secrets_is_refused_and_not_repeated() {
        let secret = "c0ffee".repeat(8);
        for unusable in ["", ",", "0", &secret, &format!("{},", "00".repeat(32))] {
            let environment = Environment::from_iter([("SEALING_KEYS", unusable)]);
            let error = Sealer::new(&environment).unwrap_err().to_string();
            assert!(
                error.contains("SEALING_KEYS") && !error.contains("c0ffee"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_secrets_are_not_printed() {
        assert_eq!(format!("{:?}", sealer(&[1])), "Sealer(…)");
    }
}
