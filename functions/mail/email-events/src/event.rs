//! What SES tells: as much of it as counts here.

use std::str::FromStr;

use domain::suppression::Reason;
use jiff::Timestamp;
use serde::Deserialize;

/// An event of SES, as EventBridge carries it.
#[derive(Debug, Deserialize)]
pub(crate) struct Event {
    detail: Detail,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    mail: Mail,
    #[serde(flatten)]
    happening: Happening,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    message_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "eventType")]
enum Happening {
    Bounce {
        bounce: Bounce,
    },
    Complaint {
        complaint: Complaint,
    },
    #[serde(other)]
    Another,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: String,
    bounced_recipients: Vec<Recipient>,
    timestamp: Timestamp,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    complained_recipients: Vec<Recipient>,
    timestamp: Timestamp,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email_address: String,
}

/// Why some addresses are not to be written to any more.
#[derive(Debug, PartialEq)]
pub(crate) struct Word<'a> {
    /// Why.
    pub(crate) reason: Reason,
    /// What such words are counted as among the metrics.
    pub(crate) metric: &'static str,
    /// Since when.
    pub(crate) at: Timestamp,
    /// Which.
    pub(crate) addresses: Vec<&'a str>,
}

impl FromStr for Event {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

impl Event {
    /// SES's id of the mail.
    pub(crate) fn message_id(&self) -> &str {
        &self.detail.mail.message_id
    }

    /// What follows for later mails, if anything does.
    pub(crate) fn word(&self) -> Option<Word<'_>> {
        let (reason, metric, at, recipients) = match &self.detail.happening {
            Happening::Bounce { bounce } if bounce.bounce_type == "Permanent" => (
                Reason::HardBounce,
                "MailHardBounces",
                bounce.timestamp,
                &bounce.bounced_recipients,
            ),
            Happening::Complaint { complaint } => (
                Reason::Complaint,
                "MailComplaints",
                complaint.timestamp,
                &complaint.complained_recipients,
            ),
            Happening::Bounce { .. } | Happening::Another => return None,
        };
        let addresses = recipients.iter().map(|recipient| bare(&recipient.email_address));
        Some(Word {
            reason,
            metric,
            at,
            addresses: addresses.collect(),
        })
    }
}

/// The address alone: mail servers that report a bounce may give it with the name before it (RFC 5322 §3.4).
fn bare(mailbox: &str) -> &str {
    let within = mailbox.rsplit_once('<').map(|(_, rest)| rest);
    within
        .and_then(|rest| rest.split_once('>'))
        .map_or(mailbox, |(address, _)| address)
        .trim()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn event(detail: &Value) -> Event {
        let mut detail = detail.clone();
        detail["mail"] = json!({ "messageId": "0100-a", "destination": ["ana@example.com"], "tags": {} });
        let event = json!({ "source": "aws.ses", "detail-type": "any", "detail": detail });
        event.to_string().parse().unwrap()
    }

    fn bounce(kind: &str) -> Value {
        json!({
            "eventType": "Bounce",
            "bounce": {
                "bounceType": kind, "bounceSubType": "General", "timestamp": "2026-01-01T12:00:00.123Z",
                "bouncedRecipients": [{ "emailAddress": "Ana <ana@example.com>", "status": "5.1.1" }, { "emailAddress": "ben@example.com" }],
            },
        })
    }

    #[test]
    fn a_permanent_bounce_is_word_of_each_of_its_recipients() {
        let event = event(&bounce("Permanent"));
        let word = event.word().unwrap();
        assert_eq!(word.reason, Reason::HardBounce);
        assert_eq!(word.at, "2026-01-01T12:00:00.123Z".parse().unwrap());
        assert_eq!(word.addresses, ["ana@example.com", "ben@example.com"]);
        assert_eq!(event.message_id(), "0100-a");
    }

    #[test]
    fn a_complaint_is_word_of_its_recipients() {
        let event = event(&json!({
            "eventType": "Complaint",
            "complaint": { "timestamp": "2026-01-01T12:00:00Z", "complainedRecipients": [{ "emailAddress": "ana@example.com" }] },
        }));
        let word = event.word().unwrap();
        assert_eq!(
            (word.reason, word.addresses),
            (Reason::Complaint, vec!["ana@example.com"])
        );
    }

    #[test]
    fn what_passes_and_what_else_happens_is_word_of_nothing() {
        for detail in [
            bounce("Transient"),
            bounce("Undetermined"),
            json!({ "eventType": "Delivery", "delivery": {} }),
            json!({ "eventType": "Rendering Failure", "failure": {} }),
        ] {
            assert_eq!(event(&detail).word(), None, "{detail}");
        }
    }

    #[test]
    fn what_is_no_event_of_ses_is_refused() {
        for text in ["", "{}", r#"{"detail": {"eventType": "Bounce"}}"#] {
            assert!(text.parse::<Event>().is_err(), "{text}");
        }
    }
}
