//! A letter: what a mail says, in its order. Both forms of the mail are made of it, so that they cannot say different
//! things, and one layout carries all.

use askama::Template;
use domain::EmailAddress;
use jiff::Timestamp;
use runtime::{ConfigError, Environment};

use crate::Message;
use crate::message::WriteError;

/// How long a line of the text may be (RFC 5322 §2.1.1).
const LINE: usize = 76;

/// What a mail says.
#[derive(Debug)]
pub struct Letter {
    /// The subject: one line, and the page's title.
    pub(crate) subject: String,
    /// What a list of mails shows beside the subject.
    pub(crate) preheader: String,
    /// The first thing to be read.
    pub(crate) heading: String,
    /// What happened.
    pub(crate) paragraphs: Vec<String>,
    /// What one may look for later, named.
    pub(crate) facts: Vec<(&'static str, String)>,
    /// What the reader can do.
    pub(crate) action: Option<Action>,
    /// What else is to be known.
    pub(crate) notes: Vec<String>,
    /// Why the reader gets this mail: a whole sentence.
    pub(crate) reason: &'static str,
}

/// What the reader can do: a button.
#[derive(Debug)]
pub(crate) struct Action {
    /// What is on the button.
    pub(crate) label: &'static str,
    /// Where it leads.
    pub(crate) link: String,
}

/// What all letters share: where the web client is, and who answers questions.
#[derive(Clone, Debug)]
pub struct Letterhead {
    web_url: String,
    help: EmailAddress,
}

/// A link that works once, and for a time.
#[derive(Clone, Copy, Debug)]
pub struct OneTimeLink<'a> {
    /// What it carries.
    pub token: &'a str,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Until when it works.
    pub expires_at: Timestamp,
}

impl OneTimeLink<'_> {
    /// For how long it works: `1 hour`.
    pub(crate) fn lasting(&self) -> String {
        lasting(self.requested_at, self.expires_at)
    }

    /// For how long and until when, as a sentence.
    pub(crate) fn terms(&self) -> String {
        let (lasting, until) = (self.lasting(), moment(self.expires_at));
        format!("The link works once, for {lasting}: until {until}.")
    }
}

/// A mail that the system writes.
pub trait Notice {
    /// What it says.
    fn letter(&self, letterhead: &Letterhead) -> Letter;
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    letter: &'a Letter,
    help: &'a EmailAddress,
}

#[derive(Template)]
#[template(path = "letter.txt", escape = "none")]
struct Text<'a>(&'a Html<'a>);

impl Letterhead {
    /// The web client at `WEB_URL`, and help from `HELP_EMAIL`.
    ///
    /// # Errors
    /// [`ConfigError`] if one of them is missing or no address.
    pub fn new(environment: &Environment) -> Result<Self, ConfigError> {
        let web_url = environment.required("WEB_URL")?;
        Ok(Self {
            web_url: web_url.trim_end_matches('/').to_owned(),
            help: environment.parsed("HELP_EMAIL")?,
        })
    }

    /// The message to `to` that says what `notice` is about.
    ///
    /// # Errors
    /// [`WriteError`] if a template fails.
    pub fn write(&self, to: &EmailAddress, notice: &impl Notice) -> Result<Message, WriteError> {
        let letter = &notice.letter(self);
        let html = Html {
            letter,
            help: &self.help,
        };
        Ok(Message {
            to: to.clone(),
            reply_to: self.help.clone(),
            subject: letter.subject.clone(),
            html: html.render()?,
            text: Text(&html).render()?,
        })
    }

    /// The message to ourselves that says what `notice` is about.
    ///
    /// # Errors
    /// [`WriteError`] if a template fails.
    pub fn write_to_us(&self, notice: &impl Notice) -> Result<Message, WriteError> {
        self.write(&self.help, notice)
    }

    /// Who answers questions.
    pub(crate) const fn help(&self) -> &EmailAddress {
        &self.help
    }

    /// A page of the web client.
    pub(crate) fn page(&self, path: &str) -> String {
        format!("{}{path}", self.web_url)
    }

    /// A page of the web client that is opened with a token. It stands behind the `#`, which browsers keep to
    /// themselves: no server's log and no `Referer` has it.
    pub(crate) fn page_with(&self, path: &str, link: &OneTimeLink) -> String {
        format!("{}{path}#token={}", self.web_url, link.token)
    }
}

impl Text<'_> {
    /// The text in lines that any mail program shows whole; a word that is longer has a line of its own.
    fn wrapped(&self, text: &str) -> String {
        let mut lines = String::new();
        let mut length = 0;
        for word in text.split_whitespace() {
            let longer = length + 1 + word.chars().count();
            if length > 0 && longer > LINE {
                lines.push('\n');
                length = word.chars().count();
            } else {
                if length > 0 {
                    lines.push(' ');
                }
                length = if length > 0 { longer } else { word.chars().count() };
            }
            lines.push_str(word);
        }
        lines
    }
}

/// A day, in UTC: the reader's own time zone is not known.
pub(crate) fn day(at: Timestamp) -> String {
    at.strftime("%B %-d, %Y").to_string()
}

/// A moment.
pub(crate) fn moment(at: Timestamp) -> String {
    at.strftime("%B %-d, %Y, %H:%M UTC").to_string()
}

/// How long it is between two moments: `1 hour`, `7 days`.
fn lasting(from: Timestamp, until: Timestamp) -> String {
    // To the nearest minute: the two moments may have been taken one after the other.
    let minutes = (until.duration_since(from).as_secs() + 30) / 60;
    let (number, unit) = match minutes {
        ..60 => (minutes, "minute"),
        60..2880 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}
