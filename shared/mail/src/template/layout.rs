//! How such a mail looks: the layout that carries the text of the template, and what stands below it.

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;

/// What stands below the text: who sent it, and the way to get no more of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footer<'a> {
    /// Who sent it: a person's or a company's name.
    pub sender: &'a str,
    /// Where they are to be written to by post, in one line.
    pub postal: Option<&'a str>,
    /// The page on which the reader says that they want no more.
    pub unsubscribe: Option<&'a str>,
}

impl Footer<'_> {
    /// The footer of the text: behind the line that mail programs know a signature by (RFC 3676 §4.3).
    pub(super) fn text(&self) -> String {
        let mut text = format!("\n-- \n{}\n", self.sender);
        if let Some(postal) = self.postal {
            text.push_str(postal);
            text.push('\n');
        }
        text.push_str("Sent with Apartment Locator AI.\n");
        if let Some(unsubscribe) = self.unsubscribe {
            text.push_str("No more mails like this: ");
            text.push_str(unsubscribe);
            text.push('\n');
        }
        text
    }
}

/// Text that is HTML: everything in it is escaped already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Html(String);

impl Html {
    /// Adds text, which shows as it is written.
    pub(super) fn text(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&#38;"),
                '<' => self.0.push_str("&#60;"),
                '>' => self.0.push_str("&#62;"),
                '"' => self.0.push_str("&#34;"),
                '\'' => self.0.push_str("&#39;"),
                _ => self.0.push(character),
            }
        }
    }

    /// Adds markup of our own.
    pub(super) fn markup(&mut self, markup: &'static str) {
        self.0.push_str(markup);
    }

    /// Adds what is HTML already.
    pub(super) fn html(&mut self, html: &Self) {
        self.0.push_str(&html.0);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Html {}

/// A part of the mail, one below the other.
#[derive(Debug)]
pub(super) enum Block {
    Heading(Html),
    Paragraph(Html),
    List(Vec<Html>),
    Button { label: Html, link: String },
}

/// A whole mail in HTML.
#[derive(Template)]
#[template(path = "template.html")]
pub(super) struct Page<'a> {
    pub(super) subject: &'a str,
    pub(super) blocks: &'a [Block],
    pub(super) footer: &'a Footer<'a>,
}
