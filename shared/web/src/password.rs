//! Passwords: argon2id with the parameters that OWASP names first (19 MiB, two passes, one lane;
//! <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id>).

use crate::{Answer, Problem};
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use domain::Password;
use domain::id::random_bytes;

/// A hash that no password has: what a password is compared with when the address has no account, so that the answer
/// takes as long as for one that has.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm9ib2Q$bm9ib2R5bm9ib2R5bm9ib2R5bm9ib2R5bm9ib2R5bm8";

/// The PHC string of `password`, under a salt of its own.
///
/// # Errors
/// 503 if the system gives no randomness for the salt.
pub async fn hash(password: Password) -> Answer<String> {
    let salt = random_bytes::<16>()?;
    beside_the_loop(move || {
        Argon2::default()
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map(|hash| hash.to_string())
            .map_err(|error| {
                tracing::error!(%error, "a password could not be hashed");
                Problem::internal()
            })
    })
    .await?
}

/// Whether `password` has the PHC string `hash`; no password has none.
///
/// # Errors
/// 500 if hashing breaks off.
pub async fn fits(password: Password, hash: Option<String>) -> Answer<bool> {
    beside_the_loop(move || {
        let compared = hash.as_deref().unwrap_or(NOBODYS);
        Argon2::default()
            .verify_password(password.as_bytes(), compared)
            .is_ok()
            && hash.is_some()
    })
    .await
}

/// Hashing takes tens of milliseconds of pure computing; other requests in the process go on meanwhile.
async fn beside_the_loop<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Answer<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "hashing broke off");
        Problem::internal()
    })
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::phc::PasswordHash;

    use super::*;

    fn password(text: &str) -> Password {
        Password::try_from(text.to_owned()).unwrap()
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_and_no_other() {
        let hashed = hash(password("correct horse")).await.unwrap();
        assert!(
            fits(password("correct horse"), Some(hashed.clone()))
                .await
                .unwrap()
        );
        assert!(!fits(password("correct horsE"), Some(hashed)).await.unwrap());
    }

    #[tokio::test]
    async fn the_same_password_is_hashed_differently_each_time() {
        assert_ne!(
            hash(password("correct horse")).await.unwrap(),
            hash(password("correct horse")).await.unwrap()
        );
    }

    #[tokio::test]
    async fn nobodys_hash_costs_as_much_as_a_real_one_and_fits_nothing() {
        let real = hash(password("correct horse")).await.unwrap();
        let (real, nobodys) = (
            PasswordHash::new(&real).unwrap(),
            PasswordHash::new(NOBODYS).unwrap(),
        );
        assert_eq!(
            (real.algorithm, real.version),
            (nobodys.algorithm, nobodys.version)
        );
        assert_eq!(real.params.to_string(), nobodys.params.to_string());
        assert_eq!(
            real.hash.unwrap().as_bytes().len(),
            nobodys.hash.unwrap().as_bytes().len()
        );
        assert!(!fits(password("nobodynobody"), None).await.unwrap());
    }
}
