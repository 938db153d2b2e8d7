//! The messages sent. In a file there is one JSON line for each message and each change of it, the last of which counts.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The outbox's file, in its directory.
const FILE: &str = "outbox.jsonl";

/// A message that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// SES's id for it.
    pub id: String,
    /// Its recipients.
    pub to: Vec<String>,
    /// Its recipients by copy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cc: Vec<String>,
    /// Its recipients by blind copy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bcc: Vec<String>,
    /// Its sender.
    pub from: String,
    /// Its subject.
    pub subject: String,
    /// Its body as HTML.
    pub html: Option<String>,
    /// Its body as plain text.
    pub text: Option<String>,
    /// Its source, where SES was given it as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// Its further headers.
    pub headers: BTreeMap<String, String>,
    /// The configuration set it was sent with.
    pub configuration_set: Option<String>,
    /// The tags that SES repeats in its events.
    pub tags: BTreeMap<String, String>,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// What became of it.
    pub outcomes: Vec<Recorded>,
}

impl Message {
    /// What a mail server is handed.
    #[must_use]
    pub fn source(&self) -> String {
        self.raw.clone().unwrap_or_else(|| super::source::of(self))
    }

    /// Everyone it is for.
    #[must_use]
    pub fn recipients(&self) -> Vec<&str> {
        [&self.to, &self.cc, &self.bcc]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect()
    }
}

/// What can become of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase")]
pub enum Outcome {
    /// It was delivered to the recipient's mail server.
    Delivery,
    /// It did not arrive yet.
    Delay,
    /// SES found something harmful in it, and did not send it.
    Reject,
    /// The recipient's mail server refused it for good.
    Bounce,
    /// The recipient's mail server refused it each time, though not for good, and SES gave up.
    SoftBounce,
    /// The recipient called it spam.
    Complaint,
    /// The recipient opened it.
    Open,
    /// The recipient followed a link in it.
    Click {
        /// The link's URL.
        link: String,
    },
}

/// What became of a message, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// What happened.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
}

/// There is no such message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no message {0} in the outbox")]
pub struct UnknownMessage(pub String);

pub(super) struct Outbox(Mutex<State>);

struct State {
    messages: Vec<Message>,
    file: Option<File>,
}

impl Outbox {
    pub(super) fn open(directory: Option<&Path>) -> io::Result<Self> {
        let Some(directory) = directory else {
            return Ok(Self(Mutex::new(State {
                messages: Vec::new(),
                file: None,
            })));
        };
        std::fs::create_dir_all(directory)?;
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(directory.join(FILE))?;
        let mut lines = String::new();
        file.read_to_string(&mut lines)?;
        if !lines.is_empty() && !lines.ends_with('\n') {
            // The next message must not continue a line that broke off.
            file.write_all(b"\n")?;
        }
        let messages = read(&lines);
        Ok(Self(Mutex::new(State {
            messages,
            file: Some(file),
        })))
    }

    pub(super) fn messages(&self) -> Vec<Message> {
        self.lock().messages.clone()
    }

    /// Keeps a message; once this returns, it outlives the process.
    pub(super) fn add(&self, message: Message) -> io::Result<()> {
        let mut state = self.lock();
        state.write(&message)?;
        state.messages.push(message);
        Ok(())
    }

    pub(super) fn record(&self, id: &str, recorded: Recorded) -> Result<Message, UnknownMessage> {
        let mut state = self.lock();
        let message = state.messages.iter_mut().find(|message| message.id == id);
        let message = message.ok_or_else(|| UnknownMessage(id.to_owned()))?;
        message.outcomes.push(recorded);
        let message = message.clone();
        if let Err(error) = state.write(&message) {
            tracing::error!(%error, "the outbox cannot be written");
        }
        Ok(message)
    }

    /// The list stays usable if a thread panicked while it held it.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn write(&mut self, message: &Message) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        file.write_all(&line)
    }
}

fn read(lines: &str) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    // A line that broke off was never answered for.
    for message in lines
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok())
    {
        match messages.iter_mut().find(|earlier| earlier.id == message.id) {
            Some(earlier) => *earlier = message,
            None => messages.push(message),
        }
    }
    messages
}
