//! What is wrong with a template.

use std::fmt;

use domain::template::{Token, UnknownToken};

use super::{BODY_AT_MOST, SUBJECT_AT_MOST};

/// How many problems are told at once.
const TOLD: usize = 20;

/// Everything that is wrong with a template: one problem at least.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Problems(Vec<Problem>);

/// Something that is wrong with a template, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// In which part of it.
    pub part: Part,
    /// Where in that part; nowhere in particular if it is about the whole.
    pub place: Option<Place>,
    /// What it is.
    pub fault: Fault,
}

/// A part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The subject.
    Subject,
    /// The body.
    Body,
}

/// A place in a text. Both numbers begin at 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

/// What may be wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There is nothing in it.
    #[error("must not be empty")]
    Empty,
    /// It is longer than it may be.
    #[error("must be at most {0} characters long")]
    TooLong(usize),
    /// What stands between two pairs of braces is no token.
    #[error("{{{{{name}}}}} {unknown}")]
    UnknownToken {
        /// What stands there.
        name: String,
        /// What may have been meant.
        unknown: UnknownToken,
    },
    /// Nothing stands between two pairs of braces.
    #[error("{{{{}}}} names no token")]
    NoName,
    /// Two braces that are not closed in their line.
    #[error("{{{{ has no }}}} behind it in its line")]
    Unclosed,
    /// Two closing braces that nothing opened.
    #[error("}}}} has no {{{{ before it in its line")]
    Unopened,
    /// More than two braces: elsewhere they ask for a value that is not escaped, and here there is none.
    #[error(
        "a token stands between two pairs of braces, as {}, and not between more",
        Token::TenantName
    )]
    TooManyBraces,
    /// A character that shows nothing.
    #[error("the control character U+{:04X} cannot be sent", u32::from(*.0))]
    Control(char),
    /// A subject of more than one line.
    #[error("must be one line")]
    LineBreak,
    /// A link to a place that no link may lead to.
    #[error("the address of a link must begin with https://, http://, mailto: or tel:")]
    Scheme,
    /// A link to nowhere, or one that does not show where it leads.
    #[error(
        "the address of the link is not complete: write it as https://example.com/page or mailto:name@example.com"
    )]
    Address,
    /// A token where a value could choose where the link leads.
    #[error(
        "{0} cannot stand there: in a link, tokens stand behind the host's name and its slash, or behind a mail address and its question mark"
    )]
    TokenInHost(Token),
}

impl Problems {
    /// What was found, if it was anything.
    pub(super) fn of(mut problems: Vec<Problem>) -> Option<Self> {
        problems.truncate(TOLD);
        (!problems.is_empty()).then_some(Self(problems))
    }

    /// One after the other, in the order of the text.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.0.iter().enumerate() {
            let separator = if number == 0 { "" } else { "; " };
            write!(f, "{separator}{}: {problem}", problem.part.as_str())?;
        }
        Ok(())
    }
}

/// Without its part, which an answer names by itself.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.part, self.place) {
            (_, None) => write!(f, "{}", self.fault),
            (Part::Subject, Some(place)) => write!(f, "column {}: {}", place.column, self.fault),
            (Part::Body, Some(place)) => {
                write!(f, "line {}, column {}: {}", place.line, place.column, self.fault)
            }
        }
    }
}

impl Part {
    /// Its name, in the product's requests too.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Body => "body",
        }
    }

    /// How many characters it may have.
    pub(super) const fn at_most(self) -> usize {
        match self {
            Self::Subject => SUBJECT_AT_MOST,
            Self::Body => BODY_AT_MOST,
        }
    }
}
