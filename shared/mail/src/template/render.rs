//! A template and values become a mail, in one pass.

use askama::Template;
use domain::template::{Token, Value, Values};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::layout::{Block, Footer, Html, Page};
use super::{Address, Inline, Line, Piece, RENDERED_AT_MOST, RENDERED_SUBJECT_AT_MOST, Source};
use crate::message::WriteError;

/// What a value may not have in an address: all but the characters that mean nothing there (RFC 3986 §2.3).
const IN_AN_ADDRESS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A mail as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// For mail programs that show HTML.
    pub html: String,
    /// For those that do not.
    pub text: String,
}

/// A template and values do not make a mail.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// These tokens have no value.
    #[error("there is no value for {}", listed(.0))]
    Missing(Vec<Token>),
    /// The subject becomes too long.
    #[error("with its values, the subject has more than {RENDERED_SUBJECT_AT_MOST} characters")]
    SubjectTooLong,
    /// The mail becomes too large.
    #[error("with its values, the mail has more than {RENDERED_AT_MOST} bytes")]
    TooLarge,
    /// The layout fails.
    #[error(transparent)]
    Layout(#[from] WriteError),
}

fn listed(tokens: &[Token]) -> String {
    let names: Vec<_> = tokens.iter().map(ToString::to_string).collect();
    names.join(", ")
}

impl Source {
    /// The mail that this template makes of `values`. Values for other tokens are let be.
    ///
    /// # Errors
    /// [`RenderError`]: a value is missing, or the mail is too large.
    pub fn render(&self, values: &Values, footer: &Footer<'_>) -> Result<Rendered, RenderError> {
        let missing: Vec<_> = self
            .tokens()
            .into_iter()
            .filter(|token| !values.contains_key(token))
            .collect();
        if !missing.is_empty() {
            return Err(RenderError::Missing(missing));
        }
        let with = With(values);
        let subject = with.plain(&self.subject);
        if subject.chars().count() > RENDERED_SUBJECT_AT_MOST {
            return Err(RenderError::SubjectTooLong);
        }
        let blocks = with.blocks(&self.lines)?;
        let page = Page {
            subject: &subject,
            blocks: &blocks,
            footer,
        };
        let html = page.render().map_err(WriteError::from)?;
        if html.len() > RENDERED_AT_MOST {
            return Err(RenderError::TooLarge);
        }
        Ok(Rendered {
            text: with.text(&self.lines, footer),
            subject,
            html,
        })
    }
}

/// Renders with these values.
#[derive(Clone, Copy)]
struct With<'a>(&'a Values);

impl<'a> With<'a> {
    /// What stands for a token: whoever renders has seen that there is something.
    fn value(self, token: Token) -> &'a str {
        self.0.get(&token).map_or("", Value::as_str)
    }

    fn plain(self, pieces: &[Piece]) -> String {
        let mut plain = String::new();
        for piece in pieces {
            plain.push_str(match piece {
                Piece::Text(text) => text,
                Piece::Token(token) => self.value(*token),
            });
        }
        plain
    }

    fn address(self, address: &Address) -> String {
        let mut link = String::new();
        for piece in &address.0 {
            match piece {
                Piece::Text(text) => link.push_str(text),
                Piece::Token(token) => link.extend(utf8_percent_encode(self.value(*token), IN_AN_ADDRESS)),
            }
        }
        link
    }

    /// The body in blocks, unless it is too large.
    fn blocks(self, lines: &[Line]) -> Result<Vec<Block>, RenderError> {
        let mut blocks = Vec::new();
        let mut size = 0;
        let mut paragraph_goes_on = false;
        for line in lines {
            let last = blocks.last_mut().filter(|_| paragraph_goes_on);
            paragraph_goes_on = !matches!(line, Line::Empty);
            let (Line::Heading(inline) | Line::Item(inline) | Line::Text(inline)) = line else {
                continue;
            };
            let html = self.html(inline);
            size += html.len();
            if size > RENDERED_AT_MOST {
                return Err(RenderError::TooLarge);
            }
            match (line, inline.as_slice(), last) {
                (Line::Text(_), [Inline::Link(Some(label), address)], _) => blocks.push(Block::Button {
                    label: self.html(label),
                    link: self.address(address),
                }),
                (Line::Text(_), _, Some(Block::Paragraph(paragraph))) => {
                    paragraph.markup("<br />");
                    paragraph.html(&html);
                }
                (Line::Item(_), _, Some(Block::List(items))) => items.push(html),
                (Line::Item(_), _, _) => blocks.push(Block::List(vec![html])),
                (Line::Heading(_), _, _) => blocks.push(Block::Heading(html)),
                _ => blocks.push(Block::Paragraph(html)),
            }
        }
        Ok(blocks)
    }

    fn html(self, inline: &[Inline]) -> Html {
        let mut html = Html::default();
        for inline in inline {
            match inline {
                Inline::Text(text) => html.text(text),
                Inline::Token(token) => html.text(self.value(*token)),
                Inline::Strong(inner) => {
                    html.markup("<strong>");
                    html.html(&self.html(inner));
                    html.markup("</strong>");
                }
                Inline::Emphasis(inner) => {
                    html.markup("<em>");
                    html.html(&self.html(inner));
                    html.markup("</em>");
                }
                Inline::Link(label, address) => {
                    let link = self.address(address);
                    html.markup("<a href=\"");
                    html.text(&link);
                    html.markup("\" style=\"color:#0b5d4e\">");
                    match label {
                        Some(label) => html.html(&self.html(label)),
                        None => html.text(&link),
                    }
                    html.markup("</a>");
                }
            }
        }
        html
    }

    /// The body line by line as it was written, and what stands below it.
    fn text(self, lines: &[Line], footer: &Footer<'_>) -> String {
        let mut text = String::new();
        for line in lines {
            match line {
                Line::Empty => {}
                Line::Item(inline) => {
                    text.push_str("- ");
                    self.line(inline, &mut text);
                }
                Line::Heading(inline) | Line::Text(inline) => self.line(inline, &mut text),
            }
            text.push('\n');
        }
        text.push_str(&footer.text());
        text
    }

    fn line(self, inline: &[Inline], line: &mut String) {
        for inline in inline {
            match inline {
                Inline::Text(text) => line.push_str(text),
                Inline::Token(token) => line.push_str(self.value(*token)),
                Inline::Strong(inner) | Inline::Emphasis(inner) => self.line(inner, line),
                Inline::Link(label, address) => {
                    let link = self.address(address);
                    match label {
                        Some(label) => {
                            self.line(label, line);
                            line.push_str(": ");
                            line.push_str(&link);
                        }
                        None => line.push_str(&link),
                    }
                }
            }
        }
    }
}
