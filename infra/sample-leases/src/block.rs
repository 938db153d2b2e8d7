//! What a document consists of, before it is set on pages.
//!
//! Text knows two signs: `*bold*`, and `[filled in]` for what stands on a line that somebody filled in. Neither occurs in
//! the leases otherwise.

/// A part of a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Block {
    /// In the middle, large.
    Title(String),
    /// In the middle, as large as the text.
    Centred(String),
    /// Above what follows, and never left alone at the end of a page.
    Heading(String),
    /// Running text.
    Paragraph(String),
    /// Labels with what is filled in after them, side by side; each has its share of the width.
    Fields(Vec<Field>),
    /// A table; shares of the width, and whether its first row is a head.
    Table {
        shares: Vec<f32>,
        head: bool,
        ruled: bool,
        rows: Vec<Vec<String>>,
    },
    /// A box that is ticked or not, and what it stands for.
    Choice { ticked: bool, text: String },
    /// Lines to sign on, side by side.
    Signatures(Vec<Signature>),
    /// A grey bar with a heading, as on forms.
    Bar(String),
    /// A line across.
    Rule,
    /// Room, in lines.
    Space(f32),
    /// What follows begins on a new page.
    NewPage,
    /// So many lines of what follows stay together.
    Together(f32),
    /// Only so many lines of this page are left for what follows.
    Foot(f32),
    /// What follows is set in so many columns.
    Columns(usize),
}

/// A label and what is filled in after it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    pub(crate) label: String,
    /// Empty: left blank.
    pub(crate) value: String,
    pub(crate) share: f32,
}

/// A line to sign on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Signature {
    /// What is printed below it: "Tenant".
    pub(crate) role: String,
    /// Whose line it is.
    pub(crate) name: String,
    pub(crate) signed: Signed,
    /// The day written beside it; empty: left blank.
    pub(crate) date: String,
}

/// How a line was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// With a pen.
    Ink,
    /// By typing "/s/" and a name.
    Typed,
    /// Not at all.
    Not,
}

impl Block {
    /// One label with what is filled in, over the whole width.
    pub(crate) fn field(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self::Fields(vec![Field::new(label, value, 1.0)])
    }
}

impl Field {
    pub(crate) fn new(label: impl Into<String>, value: impl Into<String>, share: f32) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
            share,
        }
    }
}

/// A piece of text in one face.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) bold: bool,
    pub(crate) filled: bool,
}

/// A word: pieces without a space between them.
pub(crate) type Word = Vec<Piece>;

/// The words of a text.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let (mut bold, mut filled) = (false, false);
    let mut words = vec![Word::new()];
    for c in text.chars() {
        match c {
            '*' => bold = !bold,
            '[' => filled = true,
            ']' => filled = false,
            ' ' => words.push(Word::new()),
            c => {
                let Some(word) = words.last_mut() else { continue };
                match word.last_mut() {
                    Some(piece) if piece.bold == bold && piece.filled == filled => piece.text.push(c),
                    _ => word.push(Piece {
                        text: c.into(),
                        bold,
                        filled,
                    }),
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_may_change_its_face() {
        let words = words("The *Tenant*, [Ada  Roe].");
        let plain: Vec<Vec<(&str, bool, bool)>> = words
            .iter()
            .map(|word| {
                word.iter()
                    .map(|piece| (piece.text.as_str(), piece.bold, piece.filled))
                    .collect()
            })
            .collect();
        assert_eq!(
            plain,
            [
                vec![("The", false, false)],
                vec![("Tenant", true, false), (",", false, false)],
                vec![("Ada", false, true)],
                vec![("Roe", false, true), (".", false, false)],
            ]
        );
    }
}
