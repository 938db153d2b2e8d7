//! Texts that people type, bounded when they enter.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A text does not fit; the message names the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be {least} to {most} characters long, without control characters")]
pub struct TextError {
    least: usize,
    most: usize,
}

fn bounded(text: &str, least: usize, most: usize) -> Result<(), TextError> {
    let length = text.chars().count();
    if (least..=most).contains(&length) && !text.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(TextError { least, most })
    }
}

/// A person's name: 1 to 255 characters, without surrounding space.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PersonName(String);

impl PersonName {
    /// The longest name, in characters.
    pub const MAX_LENGTH: usize = 255;

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Personal data: see [`crate::EmailAddress`].
impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(…)")
    }
}

impl From<PersonName> for String {
    fn from(name: PersonName) -> Self {
        name.0
    }
}

impl TryFrom<String> for PersonName {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        let name = text.trim();
        bounded(name, 1, Self::MAX_LENGTH)?;
        Ok(Self(name.to_owned()))
    }
}

/// A line that says what something is called: 1 to `MOST` characters, without surrounding space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Line<const MOST: usize>(String);

impl<const MOST: usize> Line<MOST> {
    /// The longest line, in characters.
    pub const MAX_LENGTH: usize = MOST;

    /// The line as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MOST: usize> From<Line<MOST>> for String {
    fn from(line: Line<MOST>) -> Self {
        line.0
    }
}

impl<const MOST: usize> TryFrom<String> for Line<MOST> {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        let line = text.trim();
        bounded(line, 1, MOST)?;
        Ok(Self(line.to_owned()))
    }
}

/// What somebody notes of a thing: nothing, or up to `MOST` characters, also in several lines, without surrounding space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Note<const MOST: usize>(String);

/// A text is too long for a note, or holds what no note does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be at most {most} characters long, without control characters but line breaks")]
pub struct NoteError {
    most: usize,
}

impl<const MOST: usize> Note<MOST> {
    /// The note as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MOST: usize> From<Note<MOST>> for String {
    fn from(note: Note<MOST>) -> Self {
        note.0
    }
}

impl<const MOST: usize> TryFrom<String> for Note<MOST> {
    type Error = NoteError;

    fn try_from(text: String) -> Result<Self, NoteError> {
        let note = text.trim();
        let breaks = |letter| matches!(letter, '\n' | '\r' | '\t');
        if note.chars().count() <= MOST && !note.chars().any(|letter| letter.is_control() && !breaks(letter))
        {
            Ok(Self(note.to_owned()))
        } else {
            Err(NoteError { most: MOST })
        }
    }
}

/// A password as typed: 8 to 100 characters. The upper bound keeps the hashing time bounded; NIST SP 800-63B §5.1.1.2
/// asks for at least 8 and for 64 to be possible. It cannot be printed, stored or sent.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Password(String);

impl Password {
    /// The shortest password, in characters.
    pub const MIN_LENGTH: usize = 8;
    /// The longest password, in characters.
    pub const MAX_LENGTH: usize = 100;

    /// The bytes to hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl TryFrom<String> for Password {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        bounded(&text, Self::MIN_LENGTH, Self::MAX_LENGTH).map(|()| Self(text))
    }
}

/// Whether `text` is an id of Stripe's with this prefix: letters, digits and underscores behind it. Nothing that could pass
/// for a key's separator or a path's.
#[must_use]
pub fn is_stripe_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| {
        (1..=250).contains(&rest.len()) && rest.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_more_than_255_characters_is_refused_and_the_limit_is_named() {
        let error = PersonName::try_from("é".repeat(256)).unwrap_err();
        assert!(error.to_string().contains("255"));
        assert!(PersonName::try_from("é".repeat(255)).is_ok());
    }

    #[test]
    fn a_name_of_spaces_or_with_a_line_break_is_refused() {
        assert!(PersonName::try_from("   ".to_owned()).is_err());
        assert!(PersonName::try_from("Ana\r\nBcc: x".to_owned()).is_err());
    }

    #[test]
    fn a_line_is_as_long_as_its_kind_allows_and_is_one_line() {
        let read = |text: &str| Line::<3>::try_from(text.to_owned());
        assert_eq!(read(" 12B ").unwrap().as_str(), "12B");
        for text in ["", " ", "1234", "1\n2"] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_note_may_be_empty_and_of_several_lines_and_no_longer_than_its_kind_allows() {
        let read = |text: &str| Note::<5>::try_from(text.to_owned());
        for (text, note) in [("", ""), (" a\nb ", "a\nb"), ("éé\téé", "éé\téé")] {
            assert_eq!(read(text).unwrap().as_str(), note);
        }
        for text in ["123456", "a\u{0}b", "a\u{85}b"] {
            assert_eq!(read(text), Err(NoteError { most: 5 }), "{text:?}");
        }
    }

    #[test]
    fn a_password_keeps_its_spaces_and_never_shows_itself() {
        let password = Password::try_from("  correct horse  ".to_owned()).unwrap();
        assert_eq!(password.as_bytes(), b"  correct horse  ");
        assert!(!format!("{password:?}").contains("horse"));
    }
}
