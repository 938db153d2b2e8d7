//! Page cursors. A cursor names the last row of a page; it is opaque to whoever holds it, and authenticated together
//! with the list that it belongs to, so that it can be neither made up nor carried over to somebody else's list.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use runtime::{ConfigError, Environment};
use sha2::Sha256;

use crate::{Answer, Problem};

/// The longest cursor that is looked at, in characters.
pub const CURSOR_AT_MOST: usize = 512;
const TAG_LENGTH: usize = 16;

/// Makes cursors and reads them.
#[derive(Clone)]
pub struct Cursors {
    key: Vec<u8>,
}

impl fmt::Debug for Cursors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursors(…)")
    }
}

impl Cursors {
    /// Cursors under the secret in `CURSOR_KEY`.
    ///
    /// # Errors
    /// [`ConfigError`] if there is none.
    pub fn new(environment: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            key: environment.required("CURSOR_KEY")?.as_bytes().to_vec(),
        })
    }

    /// A cursor behind `row` of the list called `list`: the kind of the rows and whose they are.
    #[must_use]
    pub fn make(&self, list: &str, row: &impl ToString) -> String {
        let row = row.to_string();
        let mut bytes = self.tag(list, &row).to_vec();
        bytes.extend(row.as_bytes());
        hex::encode(bytes)
    }

    /// The row that `cursor` names.
    ///
    /// # Errors
    /// 400 if it is not a cursor of this list.
    pub fn read<T: FromStr>(&self, list: &str, cursor: &str) -> Answer<T> {
        self.row(list, cursor).ok_or_else(|| {
            Problem::field(
                "cursor",
                "must be the nextCursor of an earlier page of the same list",
            )
        })
    }

    fn row<T: FromStr>(&self, list: &str, cursor: &str) -> Option<T> {
        if cursor.len() > CURSOR_AT_MOST {
            return None;
        }
        let bytes = hex::decode(cursor).ok()?;
        let (tag, row) = bytes.split_first_chunk::<TAG_LENGTH>()?;
        let row = std::str::from_utf8(row).ok()?;
        self.mac(list, row)?.verify_truncated_left(tag).ok()?;
        row.parse().ok()
    }

    fn tag(&self, list: &str, row: &str) -> [u8; TAG_LENGTH] {
        let mut tag = [0; TAG_LENGTH];
        if let Some(mac) = self.mac(list, row) {
            tag.copy_from_slice(&mac.finalize().into_bytes()[..TAG_LENGTH]);
        }
        tag
    }

    /// `None` never happens: HMAC takes a key of any length.
    fn mac(&self, list: &str, row: &str) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        // The length keeps the two texts apart.
        mac.update(&u64::try_from(list.len()).ok()?.to_be_bytes());
        mac.update(list.as_bytes());
        mac.update(row.as_bytes());
        Some(mac)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cursors() -> Cursors {
        Cursors::new(&Environment::from_iter([("CURSOR_KEY", "a secret")])).unwrap()
    }

    proptest! {
        #[test]
        fn a_cursor_names_its_row_on_its_own_list_only(row in "[a-z0-9_]{1,40}", other in "[a-z]{0,8}") {
            let cursor = cursors().make("purchases user_1", &row);
            prop_assert_eq!(cursors().read::<String>("purchases user_1", &cursor).unwrap(), row);
            let elsewhere = format!("purchases user_1{other}x");
            prop_assert!(cursors().read::<String>(&elsewhere, &cursor).is_err());
        }

        #[test]
        fn no_text_that_we_did_not_make_is_a_cursor(text in "\\PC{0,100}|[0-9a-f]{32,80}") {
            prop_assert!(cursors().read::<String>("purchases user_1", &text).is_err());
        }
    }
}
