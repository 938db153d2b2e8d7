//! A message to one person.

use domain::EmailAddress;

/// A message, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// To whom.
    pub to: EmailAddress,
    /// Where an answer goes.
    pub reply_to: EmailAddress,
    /// One line.
    pub subject: String,
    /// For mail programs that show HTML.
    pub html: String,
    /// For those that do not, and for people who would rather not.
    pub text: String,
}

/// A message could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the message could not be written: {0}")]
pub struct WriteError(#[from] askama::Error);
