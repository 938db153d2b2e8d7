//! What `SendEmail` is given, read and checked.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use mail_parser::{Address, MessageParser, MessagePart, PartType};
use serde::Deserialize;

use super::{MAX_MESSAGE, MAX_RECIPIENTS, Message, SesError};

/// A message that is to be sent.
pub(super) struct Submission {
    /// The configuration set it names.
    pub(super) configuration_set: Option<String>,
    tags: BTreeMap<String, String>,
    from: String,
    to: Vec<String>,
    cc: Vec<String>,
    bcc: Vec<String>,
    content: Content,
}

struct Content {
    subject: String,
    html: Option<String>,
    text: Option<String>,
    headers: BTreeMap<String, String>,
    /// The whole source, if that is what came.
    raw: Option<String>,
    /// In bytes.
    size: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendEmail {
    from_email_address: Option<String>,
    #[serde(default)]
    destination: Destination,
    #[serde(default)]
    reply_to_addresses: Vec<String>,
    content: SentContent,
    #[serde(default)]
    email_tags: Vec<Pair>,
    configuration_set_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Destination {
    to_addresses: Vec<String>,
    cc_addresses: Vec<String>,
    bcc_addresses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SentContent {
    simple: Option<Simple>,
    raw: Option<Raw>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simple {
    subject: Text,
    body: Body,
    #[serde(default)]
    headers: Vec<Pair>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    text: Option<Text>,
    html: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Text {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Raw {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Pair {
    name: String,
    value: String,
}

impl Submission {
    /// Reads a request's body.
    pub(super) fn read(body: &[u8]) -> Result<Self, SesError> {
        let request: SendEmail =
            serde_json::from_slice(body).map_err(|error| SesError::bad_request(error.to_string()))?;
        let mut submission = Self {
            configuration_set: request.configuration_set_name,
            tags: request
                .email_tags
                .into_iter()
                .map(|tag| (tag.name, tag.value))
                .collect(),
            from: request.from_email_address.unwrap_or_default(),
            to: request.destination.to_addresses,
            cc: request.destination.cc_addresses,
            bcc: request.destination.bcc_addresses,
            content: Content {
                subject: String::new(),
                html: None,
                text: None,
                headers: BTreeMap::new(),
                raw: None,
                size: 0,
            },
        };
        match (request.content.simple, request.content.raw) {
            (Some(simple), None) => submission.content = simple.read()?,
            (None, Some(raw)) => submission.take_raw(&raw)?,
            _ => {
                return Err(SesError::bad_request(
                    "Content must be either Simple or Raw here.",
                ));
            }
        }
        if !request.reply_to_addresses.is_empty() {
            let reply_to = request.reply_to_addresses.join(", ");
            submission.content.headers.insert("Reply-To".to_owned(), reply_to);
        }
        Ok(submission)
    }

    /// A raw message says itself whom it is from and for, where the request does not.
    fn take_raw(&mut self, raw: &Raw) -> Result<(), SesError> {
        let bytes = STANDARD
            .decode(&raw.data)
            .map_err(|error| SesError::bad_request(error.to_string()))?;
        let message = MessageParser::default().parse(&bytes);
        let message = message.ok_or_else(|| SesError::bad_request("Raw.Data is not a message."))?;
        if self.from.is_empty() {
            self.from = mailboxes(message.from()).into_iter().next().unwrap_or_default();
        }
        if self.to.is_empty() && self.cc.is_empty() && self.bcc.is_empty() {
            self.to = mailboxes(message.to());
            self.cc = mailboxes(message.cc());
            self.bcc = mailboxes(message.bcc());
        }
        let body = |wanted: fn(&MessagePart<'_>) -> bool| {
            message
                .parts
                .iter()
                .find(|part| wanted(part))
                .and_then(MessagePart::text_contents)
                .map(str::to_owned)
        };
        let headers = message
            .headers_raw()
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
        self.content = Content {
            subject: message.subject().unwrap_or_default().to_owned(),
            html: body(|part| matches!(part.body, PartType::Html(_))),
            text: body(|part| matches!(part.body, PartType::Text(_))),
            headers: headers.collect(),
            raw: Some(String::from_utf8_lossy(&bytes).into_owned()),
            size: bytes.len(),
        };
        Ok(())
    }

    /// The bare address of the sender.
    pub(super) fn sender(&self) -> Result<&str, SesError> {
        address(&self.from).ok_or_else(|| SesError::bad_request("Missing final '@domain'"))
    }

    /// Whether SES would take it on.
    pub(super) fn check_limits(&self) -> Result<(), SesError> {
        let recipients: Vec<&String> = [&self.to, &self.cc, &self.bcc].into_iter().flatten().collect();
        if recipients.is_empty() {
            return Err(SesError::bad_request("At least one recipient is required."));
        }
        if recipients.len() > MAX_RECIPIENTS {
            return Err(SesError::bad_request(format!(
                "Recipient count exceeds {MAX_RECIPIENTS}."
            )));
        }
        if recipients
            .into_iter()
            .any(|recipient| address(recipient).is_none())
        {
            return Err(SesError::bad_request("Missing final '@domain'"));
        }
        if self.content.size > MAX_MESSAGE {
            return Err(SesError::bad_request(format!(
                "Message length is more than {MAX_MESSAGE} bytes long."
            )));
        }
        Ok(())
    }

    /// The message as the outbox keeps it.
    pub(super) fn into_message(self, id: String, sent_at: Timestamp) -> Message {
        let Content {
            subject,
            html,
            text,
            headers,
            raw,
            ..
        } = self.content;
        Message {
            id,
            to: self.to,
            cc: self.cc,
            bcc: self.bcc,
            from: self.from,
            subject,
            html,
            text,
            raw,
            headers,
            configuration_set: self.configuration_set,
            tags: self.tags,
            sent_at,
            outcomes: Vec::new(),
        }
    }
}

impl Simple {
    fn read(self) -> Result<Content, SesError> {
        let (html, text) = (
            self.body.html.map(|html| html.data),
            self.body.text.map(|text| text.data),
        );
        if html.is_none() && text.is_none() {
            return Err(SesError::bad_request("Body must have Text or Html."));
        }
        let headers: BTreeMap<String, String> = self
            .headers
            .into_iter()
            .map(|header| (header.name, header.value))
            .collect();
        let bodies: usize = [&html, &text].into_iter().flatten().map(String::len).sum();
        let heads: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        let size = self.subject.data.len() + bodies + heads;
        Ok(Content {
            subject: self.subject.data,
            html,
            text,
            headers,
            raw: None,
            size,
        })
    }
}

/// The addresses of a message's header, without the names.
fn mailboxes(header: Option<&Address<'_>>) -> Vec<String> {
    let mailboxes = header.into_iter().flat_map(Address::iter);
    mailboxes
        .filter_map(|mailbox| mailbox.address().map(str::to_owned))
        .collect()
}

/// The bare address in `ada@example.com` or `Ada <ada@example.com>`, if it is one.
pub(super) fn address(mailbox: &str) -> Option<&str> {
    let mailbox = mailbox.trim();
    let bare = match mailbox.strip_suffix('>') {
        Some(named) => named.rsplit_once('<')?.1,
        None => mailbox,
    };
    let (local, domain) = bare.rsplit_once('@')?;
    let sound =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control());
    (sound(local) && sound(domain)).then_some(bare)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_message_over_forty_megabytes_is_refused() {
        let body = json!({
            "FromEmailAddress": "a@example.com",
            "Destination": { "ToAddresses": ["b@example.com"] },
            "Content": { "Simple": { "Subject": { "Data": "s" }, "Body": { "Text": { "Data": "t" } } } },
        });
        let Ok(mut submission) = Submission::read(body.to_string().as_bytes()) else {
            panic!("it cannot be read")
        };
        assert_eq!(submission.content.size, 2);
        submission.content.size = MAX_MESSAGE;
        assert!(submission.check_limits().is_ok());
        submission.content.size += 1;
        assert!(submission.check_limits().is_err());
    }

    #[test]
    fn an_address_is_found_with_a_name_and_without() {
        assert_eq!(address("Ada <ada@example.com>"), Some("ada@example.com"));
        assert_eq!(address(" ada@example.com"), Some("ada@example.com"));
        for wrong in [
            "ada",
            "@example.com",
            "ada@",
            "ada lovelace@example.com",
            "ada@example.com>",
        ] {
            assert_eq!(address(wrong), None, "{wrong}");
        }
    }
}
