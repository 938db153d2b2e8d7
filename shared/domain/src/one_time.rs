//! One-time codes: what an authenticator app shows (RFC 6238, with the parameters that all apps take: SHA-1, six digits,
//! thirty seconds), and recovery codes for whoever lost it.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::UserId;
use crate::id::{NoRandomness, random_bytes};

/// How long an app shows one code, in seconds.
const STEP: i64 = 30;
/// How many steps before and after the present one are taken: clocks differ, and people type slowly (RFC 6238 §5.2).
const DRIFT: u64 = 1;
/// Codes have six digits.
const MODULUS: u32 = 1_000_000;
/// The letters of Base32 (RFC 4648 §6).
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The secret that an authenticator app and we share: 160 bits, as RFC 4226 §4 recommends.
#[derive(Clone)]
pub struct AppSecret([u8; Self::LENGTH]);

/// A secret: never printed.
impl fmt::Debug for AppSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppSecret(…)")
    }
}

impl AppSecret {
    /// The length of a secret, in bytes.
    pub const LENGTH: usize = 20;

    /// A new secret.
    ///
    /// # Errors
    /// [`NoRandomness`] if the system gives none.
    pub fn generate() -> Result<Self, NoRandomness> {
        Ok(Self(random_bytes()?))
    }

    /// The secret of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// The secret's bytes, to be sealed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// The secret as apps take it when it is typed.
    #[must_use]
    pub fn to_base32(&self) -> String {
        base32(&self.0)
    }

    /// The step whose code this is, near `now`; none if it is none's. All of them are computed, whichever it is.
    #[must_use]
    pub fn step_of(&self, code: AppCode, now: Timestamp) -> Option<u64> {
        let now = u64::try_from(now.as_second().div_euclid(STEP)).ok()?;
        let steps = now.saturating_sub(DRIFT)..=now.saturating_add(DRIFT);
        steps.fold(None, |found, step| {
            if self.code_at(step) == Some(code) {
                Some(step)
            } else {
                found
            }
        })
    }

    /// The code of a step (RFC 4226 §5.3). `None` never happens: HMAC takes a key of any length.
    fn code_at(&self, step: u64) -> Option<AppCode> {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).ok()?;
        mac.update(&step.to_be_bytes());
        let hash: [u8; 20] = mac.finalize().into_bytes().into();
        let offset = usize::from(hash[19] & 0xf);
        let four: [u8; 4] = hash.get(offset..offset + 4)?.try_into().ok()?;
        Some(AppCode((u32::from_be_bytes(four) & 0x7fff_ffff) % MODULUS))
    }
}

/// Six digits, as an app shows them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AppCode(u32);

/// A text is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be the six digits that the authenticator app shows, or a recovery code")]
pub struct CodeError;

/// Six digits; people type a space between them.
impl FromStr for AppCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let digits: String = text.chars().filter(|letter| *letter != ' ').collect();
        let fits = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let code = fits.then(|| digits.parse().ok()).flatten();
        code.map(Self).ok_or(CodeError)
    }
}

/// A code that opens an account once, when the app is lost: 80 random bits, so that its hash cannot be tried through.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// A new code.
    ///
    /// # Errors
    /// [`NoRandomness`] if the system gives none.
    pub fn generate() -> Result<Self, NoRandomness> {
        Ok(Self(base32(&random_bytes::<10>()?)))
    }

    /// What is kept of the code: enough to know it again, for this person alone.
    #[must_use]
    pub fn hash(&self, user: UserId) -> String {
        let digest = Sha256::new_with_prefix("recovery code:")
            .chain_update(user.to_bytes())
            .chain_update(&self.0)
            .finalize();
        // 128 bits of it: nobody can choose two codes that share them.
        digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// In groups of four: `ABCD-EFGH-IJKL-MNOP`.
impl fmt::Display for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, letter) in self.0.chars().enumerate() {
            if position > 0 && position % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{letter}")?;
        }
        Ok(())
    }
}

/// Sixteen letters, with or without what stands between the groups, in either case.
impl FromStr for RecoveryCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let letters = text.chars().filter(|letter| *letter != ' ' && *letter != '-');
        let code: String = letters.map(|letter| letter.to_ascii_uppercase()).collect();
        if code.len() == 16 && code.bytes().all(|byte| BASE32.contains(&byte)) {
            Ok(Self(code))
        } else {
            Err(CodeError)
        }
    }
}

/// What a person gives as the second factor: either kind, told apart by its form. It cannot be printed.
#[derive(Clone)]
pub enum Code {
    /// The app's.
    App(AppCode),
    /// A recovery code.
    Recovery(RecoveryCode),
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

impl TryFrom<String> for Code {
    type Error = CodeError;

    fn try_from(text: String) -> Result<Self, CodeError> {
        // The longest is a recovery code with its three hyphens.
        if text.len() > 32 {
            return Err(CodeError);
        }
        text.parse()
            .map(Self::App)
            .or_else(|_| text.parse().map(Self::Recovery))
    }
}

impl<'de> serde::Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// RFC 4648 §6, of whole groups of five bits and without padding: the lengths in use are multiples of five bytes.
fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            let index = usize::try_from((held >> bits) & 31).unwrap_or_default();
            text.push(char::from(BASE32[index]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 6238, appendix B.
    const SECRET: &[u8; 20] = b"12345678901234567890";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = AppSecret::from_bytes(*SECRET);
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = u64::try_from(second / 30).unwrap();
            assert_eq!(
                secret.step_of(code.parse().unwrap(), at(second)),
                Some(step),
                "{second}"
            );
        }
    }

    #[test]
    fn a_code_is_taken_one_step_early_and_one_step_late_and_no_more() {
        let secret = AppSecret::from_bytes(*SECRET);
        let code: AppCode = "005924".parse().unwrap();
        let taken = |second| secret.step_of(code, at(second)).is_some();
        let begins = 1_234_567_890 / 30 * 30;
        assert!(taken(begins - 30) && taken(begins + 59));
        assert!(!taken(begins - 31) && !taken(begins + 60));
    }

    #[test]
    fn base32_is_that_of_the_rfc() {
        assert_eq!(base32(b"fooba"), "MZXW6YTB");
        assert_eq!(
            AppSecret::from_bytes(*SECRET).to_base32(),
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        );
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        assert!(matches!(Code::try_from("123 456".to_owned()), Ok(Code::App(_))));
        let code = RecoveryCode::generate().unwrap();
        let typed = code.to_string().to_lowercase().replace('-', " ");
        assert!(typed.parse::<RecoveryCode>().unwrap() == code);
        for text in [
            "",
            "12345",
            "1234567",
            "12345a",
            "ABCD-EFGH-IJKL-MNO1",
            "ABCD-EFGH",
        ] {
            assert!(Code::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_recovery_code_has_another_hash_for_another_person() {
        let code = RecoveryCode::generate().unwrap();
        let hash = |bytes| code.hash(UserId::from_bytes(bytes));
        assert_eq!(hash([1; 16]), hash([1; 16]));
        assert_ne!(hash([1; 16]), hash([2; 16]));
    }

    proptest! {
        #[test]
        fn every_recovery_code_reads_back_from_what_is_shown(bytes: [u8; 10]) {
            let code = RecoveryCode(base32(&bytes));
            prop_assert!(code.to_string().parse::<RecoveryCode>().unwrap() == code);
        }
    }
}
