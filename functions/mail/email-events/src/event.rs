//! What SES tells: as much of it as counts here.

use std::collections::BTreeMap;
use std::str::FromStr;

use domain::delivery::{Failure, Happening, What, link_to_keep};
use domain::suppression::Reason;
use domain::{EmailId, UserId};
use jiff::Timestamp;
use serde::Deserialize;

/// An event of SES, as EventBridge carries it.
#[derive(Debug, Deserialize)]
pub(crate) struct Event {
    /// When EventBridge took it on.
    time: Timestamp,
    detail: Detail,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    mail: Mail,
    #[serde(flatten)]
    told: Told,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    message_id: String,
    /// When it was sent.
    timestamp: Timestamp,
    #[serde(default)]
    tags: BTreeMap<String, Vec<String>>,
}

/// What SES tells of a mail
/// (<https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>).
#[derive(Debug, Deserialize)]
#[serde(tag = "eventType", rename_all_fields = "camelCase")]
enum Told {
    Send,
    Reject,
    #[serde(rename = "Rendering Failure")]
    RenderingFailure,
    Delivery {
        delivery: Moment,
    },
    DeliveryDelay {
        delivery_delay: Moment,
    },
    Bounce {
        bounce: Bounce,
    },
    Complaint {
        complaint: Complaint,
    },
    Open {
        open: Visit,
    },
    Click {
        click: Click,
    },
    #[serde(other)]
    Another,
}

#[derive(Debug, Deserialize)]
struct Moment {
    timestamp: Timestamp,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Visit {
    timestamp: Timestamp,
    #[serde(default)]
    user_agent: String,
}

#[derive(Debug, Deserialize)]
struct Click {
    #[serde(flatten)]
    visit: Visit,
    #[serde(default)]
    link: String,
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

impl Bounce {
    fn is_permanent(&self) -> bool {
        self.bounce_type == "Permanent"
    }
}

impl Visit {
    /// Whether the program that came calls itself a machine. Those that fetch pictures for a reader who opens the mail right then,
    /// such as Gmail's, are none.
    fn is_a_machines(&self) -> bool {
        const MACHINES: [&str; 4] = ["bot", "crawler", "spider", "scanner"];
        let agent = self.user_agent.to_ascii_lowercase();
        MACHINES.iter().any(|machine| agent.contains(machine))
    }
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

    /// The mail of a person's that it is about, and who that is; none if it is one of the system's own.
    pub(crate) fn about(&self) -> Option<(UserId, EmailId)> {
        let tag = |name: &str| self.detail.mail.tags.get(name)?.first();
        Some((tag("sender")?.parse().ok()?, tag("email")?.parse().ok()?))
    }

    /// What happened to the mail, if it belongs to what is kept of it.
    pub(crate) fn happening(&self) -> Option<Happening> {
        let (at, what) = match &self.detail.told {
            Told::Send => (self.detail.mail.timestamp, What::Sent),
            Told::Reject => (self.time, What::Rejected),
            Told::RenderingFailure => {
                let reason = Failure::Unwritable;
                (self.time, What::Failed { reason })
            }
            Told::Delivery { delivery } => (delivery.timestamp, What::Delivered),
            Told::DeliveryDelay { delivery_delay } => (delivery_delay.timestamp, What::Delayed),
            Told::Bounce { bounce } => {
                let permanent = bounce.is_permanent();
                (bounce.timestamp, What::Bounced { permanent })
            }
            Told::Complaint { complaint } => (complaint.timestamp, What::Complained),
            Told::Open { open } => {
                let machine = open.is_a_machines();
                (open.timestamp, What::Opened { machine })
            }
            Told::Click { click } => {
                let machine = click.visit.is_a_machines();
                let link = link_to_keep(&click.link);
                (click.visit.timestamp, What::Clicked { machine, link })
            }
            Told::Another => return None,
        };
        Some(Happening { at, what })
    }

    /// What follows for later mails, if anything does.
    pub(crate) fn word(&self) -> Option<Word<'_>> {
        let (reason, metric, at, recipients) = match &self.detail.told {
            Told::Bounce { bounce } if bounce.is_permanent() => (
                Reason::HardBounce,
                "MailHardBounces",
                bounce.timestamp,
                &bounce.bounced_recipients,
            ),
            Told::Complaint { complaint } => (
                Reason::Complaint,
                "MailComplaints",
                complaint.timestamp,
                &complaint.complained_recipients,
            ),
            _ => return None,
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
        detail["mail"] = json!({
            "messageId": "0100-a", "timestamp": "2026-01-01T11:59:00Z", "destination": ["ana@example.com"],
            "tags": { "email": ["email_00000000000000000000000001"], "sender": ["user_00000000000000000000000002"] },
        });
        let event = json!({ "source": "aws.ses", "detail-type": "any", "time": "2026-01-01T12:01:00Z", "detail": detail });
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
    fn each_kind_of_event_is_a_happening_of_its_time() {
        let at = |time: &str| time.parse::<Timestamp>().unwrap();
        let noon = "2026-01-01T12:00:00Z";
        let (sent, taken_on) = (at("2026-01-01T11:59:00Z"), at("2026-01-01T12:01:00Z"));
        let link = "https://example.com/offer".to_owned();
        let reason = Failure::Unwritable;
        for (detail, when, what) in [
            (json!({ "eventType": "Send", "send": {} }), sent, What::Sent),
            (
                json!({ "eventType": "Reject", "reject": { "reason": "Bad content" } }),
                taken_on,
                What::Rejected,
            ),
            (
                json!({ "eventType": "Rendering Failure", "failure": {} }),
                taken_on,
                What::Failed { reason },
            ),
            (
                json!({ "eventType": "Delivery", "delivery": { "timestamp": noon } }),
                at(noon),
                What::Delivered,
            ),
            (
                json!({ "eventType": "DeliveryDelay", "deliveryDelay": { "timestamp": noon } }),
                at(noon),
                What::Delayed,
            ),
            (
                bounce("Transient"),
                at("2026-01-01T12:00:00.123Z"),
                What::Bounced { permanent: false },
            ),
            (
                json!({ "eventType": "Open", "open": { "timestamp": noon, "userAgent": "Mozilla/5.0" } }),
                at(noon),
                What::Opened { machine: false },
            ),
            (
                json!({ "eventType": "Click", "click": { "timestamp": noon, "userAgent": "LinkBot/1.0", "link": "https://example.com/offer?secret=1" } }),
                at(noon),
                What::Clicked { machine: true, link },
            ),
        ] {
            assert_eq!(
                event(&detail).happening(),
                Some(Happening { at: when, what }),
                "{detail}"
            );
        }
        assert_eq!(event(&json!({ "eventType": "Subscription" })).happening(), None);
    }

    #[test]
    fn a_mail_of_a_persons_is_known_by_its_tags_and_one_of_the_systems_has_none() {
        let (sender, email) = event(&bounce("Permanent")).about().unwrap();
        assert_eq!(sender.to_string(), "user_00000000000000000000000002");
        assert_eq!(email.to_string(), "email_00000000000000000000000001");
        let own = json!({ "time": "2026-01-01T12:00:00Z", "detail": {
            "eventType": "Send", "mail": { "messageId": "0100-a", "timestamp": "2026-01-01T12:00:00Z" },
        } });
        assert_eq!(own.to_string().parse::<Event>().unwrap().about(), None);
    }

    #[test]
    fn what_passes_and_what_else_happens_is_word_of_nothing() {
        for detail in [
            bounce("Transient"),
            bounce("Undetermined"),
            json!({ "eventType": "Delivery", "delivery": { "timestamp": "2026-01-01T12:00:00Z" } }),
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
