//! The file of a lease, as it is announced and as it has to arrive.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The largest file, in bytes: 10 MB.
pub const BYTES_AT_MOST: u64 = 10 * 1024 * 1024;
/// The most pages.
pub const PAGES_AT_MOST: u32 = 50;

/// What a lease may be sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum FileKind {
    /// A PDF.
    Pdf,
    /// A PNG image.
    Png,
    /// A JPEG image.
    Jpeg,
    /// A TIFF image, of one page or more.
    Tiff,
}

/// A text names no kind of file that a lease may be sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be application/pdf, image/png, image/jpeg or image/tiff")]
pub struct UnknownFileKind;

impl From<FileKind> for &'static str {
    fn from(kind: FileKind) -> Self {
        kind.content_type()
    }
}

impl TryFrom<String> for FileKind {
    type Error = UnknownFileKind;

    fn try_from(text: String) -> Result<Self, UnknownFileKind> {
        let kinds = [Self::Pdf, Self::Png, Self::Jpeg, Self::Tiff];
        kinds
            .into_iter()
            .find(|kind| kind.content_type() == text)
            .ok_or(UnknownFileKind)
    }
}

impl FileKind {
    /// Its media type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Tiff => "image/tiff",
        }
    }
}

/// A text is no SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a SHA-256 of 64 hexadecimal digits")]
pub struct FileHashError;

/// The SHA-256 of a file's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FileHash([u8; 32]);

impl FileHash {
    /// The hash that these bytes are.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileHash({self})")
    }
}

impl FromStr for FileHash {
    type Err = FileHashError;

    fn from_str(text: &str) -> Result<Self, FileHashError> {
        let digit = |byte: &u8| {
            char::from(*byte)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        };
        let digits: Vec<u8> = text
            .as_bytes()
            .iter()
            .map(digit)
            .collect::<Option<_>>()
            .ok_or(FileHashError)?;
        let bytes: Vec<u8> = digits
            .chunks(2)
            .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
            .collect();
        if digits.len() == 64 {
            bytes.try_into().map(Self).map_err(|_| FileHashError)
        } else {
            Err(FileHashError)
        }
    }
}

impl From<FileHash> for String {
    fn from(hash: FileHash) -> Self {
        hash.to_string()
    }
}

impl TryFrom<String> for FileHash {
    type Error = FileHashError;

    fn try_from(text: String) -> Result<Self, FileHashError> {
        text.parse()
    }
}

/// A file, as it was announced: what arrives has to be this and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeaseFile {
    /// Its SHA-256.
    pub sha256: FileHash,
    /// How many bytes.
    pub size: u64,
    /// Its media type.
    pub kind: FileKind,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_64_hexadecimal_digits_are_a_hash() {
        for text in [
            "",
            "00",
            &"0".repeat(63),
            &"0".repeat(65),
            &"g".repeat(64),
            &"é".repeat(32),
        ] {
            assert!(text.parse::<FileHash>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_hash_reads_back_in_either_case(bytes: [u8; 32]) {
            let hash = FileHash::new(bytes);
            prop_assert_eq!(hash.to_string().parse::<FileHash>().unwrap(), hash);
            prop_assert_eq!(hash.to_string().to_uppercase().parse::<FileHash>().unwrap(), hash);
        }
    }
}
