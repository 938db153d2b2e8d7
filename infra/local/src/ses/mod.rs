//! SES, version 2: `SendEmail`
//! (<https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html>). No mail leaves the machine: it is
//! kept in an outbox, and told what became of it. Every recipient may be written to; SES's sandbox is not played.

mod event;
mod outbox;
mod source;
mod submission;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use http::{Method, StatusCode};
use runtime::Clock;
use serde_json::{Value, json};

use crate::wire::aws::{ACCOUNT, Protocol, REGION, uuid};
use crate::wire::{Access, Refusal, Request, Response, StandIn};
use event::Told;
use outbox::Outbox;
pub use outbox::{Message, Outcome, Recorded, UnknownMessage};
use submission::{Submission, address};

/// The largest message, in bytes (<https://docs.aws.amazon.com/ses/latest/dg/quotas.html>).
const MAX_MESSAGE: usize = 40 * 1024 * 1024;
/// The largest body, in bytes: a message in base64, and what is said about it.
const BODY_LIMIT: usize = MAX_MESSAGE / 3 * 4 + 1024 * 1024;
/// The most recipients of one message.
const MAX_RECIPIENTS: usize = 50;
const SEND_EMAIL: &str = "/v2/email/outbound-emails";

/// Takes on an event that SES publishes about a message.
pub type Publish = Arc<dyn Fn(Value) + Send + Sync>;

/// Who may send, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The verified identities: domains, which stand for every address in them and in their subdomains, and addresses.
    pub identities: Vec<String>,
    /// The configuration sets, each with the types of events that it publishes
    /// (<https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_EventDestination.html>).
    pub configuration_sets: BTreeMap<String, BTreeSet<String>>,
}

impl Settings {
    /// The verified identity that a sender's address belongs to. An address counts before its domain.
    fn identity_of(&self, sender: &str) -> Option<&str> {
        let sender = sender.to_ascii_lowercase();
        let domain = sender.split_once('@').map_or("", |(_, domain)| domain);
        let within = |identity: &str| domain == identity || domain.ends_with(&format!(".{identity}"));
        let find = |matches: &dyn Fn(&str) -> bool| {
            self.identities
                .iter()
                .find(|id| matches(&id.to_ascii_lowercase()))
        };
        find(&|identity| identity == sender)
            .or_else(|| find(&within))
            .map(String::as_str)
    }
}

/// The stand-in.
pub struct Ses {
    settings: Settings,
    clock: Clock,
    outbox: Outbox,
    publish: Publish,
}

/// An error of SES: status, code, message.
struct SesError(StatusCode, &'static str, String);

impl SesError {
    fn bad_request(message: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, "BadRequestException", message.into())
    }
}

impl Ses {
    /// Opens the stand-in; the outbox is kept in a file of `directory` if there is one, and in memory otherwise.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn open(
        directory: Option<&Path>,
        settings: Settings,
        clock: Clock,
        publish: Publish,
    ) -> std::io::Result<Self> {
        Ok(Self {
            settings,
            clock,
            outbox: Outbox::open(directory)?,
            publish,
        })
    }

    /// All messages sent, the oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.outbox.messages()
    }

    /// Tells what became of a message: records it, and publishes SES's event for it.
    ///
    /// # Errors
    /// [`UnknownMessage`] if there is no such message.
    pub fn tell(&self, id: &str, outcome: Outcome) -> Result<(), UnknownMessage> {
        let recorded = Recorded {
            outcome,
            at: self.clock.now(),
        };
        let message = self.outbox.record(id, recorded.clone())?;
        self.publish(&message, &Told::Outcome(&recorded));
        Ok(())
    }

    /// Publishes an event, if the message's configuration set publishes such events.
    fn publish(&self, message: &Message, told: &Told<'_>) {
        let set = message.configuration_set.as_ref();
        let types = set.and_then(|set| self.settings.configuration_sets.get(set));
        if types.is_some_and(|types| types.contains(told.kind())) {
            let identity = address(&message.from).and_then(|sender| self.settings.identity_of(sender));
            (self.publish)(event::of(message, told, identity.unwrap_or_default()));
        }
    }

    fn send(&self, body: &[u8]) -> Result<String, SesError> {
        let submission = Submission::read(body)?;
        let sender = submission.sender()?;
        if let Some(set) = &submission.configuration_set
            && !self.settings.configuration_sets.contains_key(set)
        {
            let message = format!("Configuration set <{set}> does not exist.");
            return Err(SesError(StatusCode::NOT_FOUND, "NotFoundException", message));
        }
        if self.settings.identity_of(sender).is_none() {
            let message = format!(
                "Email address is not verified. The following identities failed the check in region {}: {sender}",
                REGION.to_uppercase()
            );
            return Err(SesError(StatusCode::BAD_REQUEST, "MessageRejected", message));
        }
        submission.check_limits()?;
        let now = self.clock.now();
        let id = format!("0100{:012x}-{}-000000", now.as_millisecond(), uuid());
        let message = submission.into_message(id.clone(), now);
        self.outbox.add(message.clone()).map_err(|error| {
            tracing::error!(%error, "the outbox cannot be written");
            SesError(
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalFailure",
                "Internal failure".to_owned(),
            )
        })?;
        self.publish(&message, &Told::Send);
        Ok(id)
    }
}

#[async_trait]
impl StandIn for Ses {
    fn service(&self) -> &'static str {
        "ses"
    }

    fn body_limit(&self) -> usize {
        BODY_LIMIT
    }

    fn operation(&self, request: &Request) -> String {
        if is_send_email(request) {
            "SendEmail".to_owned()
        } else {
            format!("{} {}", request.method, request.uri.path())
        }
    }

    fn needs(&self, request: &Request) -> Vec<Access> {
        // What cannot be read asks for nothing, and is refused by `answer`.
        let Ok(submission) = Submission::read(&request.body) else {
            return Vec::new();
        };
        let Ok(sender) = submission.sender() else {
            return Vec::new();
        };
        let access = |kind, name: &str| Access {
            action: "ses:SendEmail".to_owned(),
            resource: format!("arn:aws:ses:{REGION}:{ACCOUNT}:{kind}/{name}"),
        };
        let mut needed = vec![access(
            "identity",
            self.settings.identity_of(sender).unwrap_or(sender),
        )];
        needed.extend(
            submission
                .configuration_set
                .iter()
                .map(|set| access("configuration-set", set)),
        );
        needed
    }

    async fn answer(&self, request: Request) -> Response {
        if !is_send_email(&request) {
            return Protocol::RestJson.error(StatusCode::NOT_FOUND, "UnknownOperationException", "");
        }
        match self.send(&request.body) {
            Ok(id) => Protocol::RestJson.answer(&json!({ "MessageId": id })),
            Err(SesError(status, code, message)) => Protocol::RestJson.error(status, code, &message),
        }
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        Protocol::RestJson.refusal(refusal)
    }
}

fn is_send_email(request: &Request) -> bool {
    request.method == Method::POST && request.uri.path() == SEND_EMAIL
}

#[cfg(test)]
mod tests;
