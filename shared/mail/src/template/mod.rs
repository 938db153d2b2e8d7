//! Mails that people write themselves: a text with tokens, and values that take their place.
//!
//! The body is lines of text. An empty line begins a new paragraph, `# ` a heading and `- ` an item of a list; `**strong**` and
//! `*emphasis*` stand within a line, `[label](https://…)` is a link, and one that has a line of its own is a button. Whatever else
//! is written is text and stays as it is, in HTML as in the text of the mail: there is no HTML in it, no condition and no loop.
//!
//! `{{token}}` is a value's place, with or without spaces within the braces. A value is put in as it is and never read again: it
//! cannot bring a token, a mark or markup of its own. In HTML it is escaped, in an address percent-encoded.

mod layout;
mod parse;
mod problem;
mod render;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use domain::template::Token;

pub use layout::Footer;
pub use problem::{Fault, Part, Place, Problem, Problems};
pub use render::{RenderError, Rendered};

/// The longest subject of a template, in characters.
pub const SUBJECT_AT_MOST: usize = 200;
/// The longest body of a template, in characters.
pub const BODY_AT_MOST: usize = 20_000;
/// The longest subject of a mail, in characters, when its values are in it.
pub const RENDERED_SUBJECT_AT_MOST: usize = 500;
/// The largest HTML of a mail, in bytes. Gmail cuts a mail at 102 KB, and the mail service makes links longer to count who follows them.
pub const RENDERED_AT_MOST: usize = 80 * 1024;

/// A template, read: what is in it is known, and can be rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    subject: Vec<Piece>,
    lines: Vec<Line>,
}

/// Text, or a value's place.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Token(Token),
}

/// A line of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Line {
    Empty,
    Heading(Vec<Inline>),
    Item(Vec<Inline>),
    Text(Vec<Inline>),
}

/// What stands in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Inline {
    Text(String),
    Token(Token),
    Strong(Vec<Inline>),
    Emphasis(Vec<Inline>),
    /// An address, and what is read in its place; the address itself, if nothing is.
    Link(Option<Vec<Inline>>, Address),
}

/// Where a link leads. What comes before the path is in the template itself, so that no value can choose another place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Address(Vec<Piece>);

impl Source {
    /// Reads a template.
    ///
    /// # Errors
    /// [`Problems`]: everything that is wrong with it, each with its place.
    pub fn parse(subject: &str, body: &str) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let mut source = Self {
            subject: parse::subject(subject, &mut problems),
            lines: parse::body(body, &mut problems),
        };
        // What stands below the text keeps its own distance.
        while source.lines.last() == Some(&Line::Empty) {
            source.lines.pop();
        }
        match Problems::of(problems) {
            Some(problems) => Err(problems),
            None => Ok(source),
        }
    }

    /// The tokens for which a value is needed.
    #[must_use]
    pub fn tokens(&self) -> BTreeSet<Token> {
        let mut tokens = BTreeSet::new();
        pieces(&self.subject, &mut tokens);
        for line in &self.lines {
            match line {
                Line::Empty => {}
                Line::Heading(inline) | Line::Item(inline) | Line::Text(inline) => {
                    inlines(inline, &mut tokens);
                }
            }
        }
        tokens
    }
}

fn pieces(pieces: &[Piece], tokens: &mut BTreeSet<Token>) {
    tokens.extend(pieces.iter().filter_map(|piece| match piece {
        Piece::Text(_) => None,
        Piece::Token(token) => Some(*token),
    }));
}

fn inlines(inline: &[Inline], tokens: &mut BTreeSet<Token>) {
    for inline in inline {
        match inline {
            Inline::Text(_) => {}
            Inline::Token(token) => {
                tokens.insert(*token);
            }
            Inline::Strong(inner) | Inline::Emphasis(inner) => inlines(inner, tokens),
            Inline::Link(label, address) => {
                inlines(label.as_deref().unwrap_or_default(), tokens);
                pieces(&address.0, tokens);
            }
        }
    }
}
