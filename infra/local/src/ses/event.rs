//! The events that SES publishes about a message
//! (<https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>), on the bus that every account has
//! (<https://docs.aws.amazon.com/ses/latest/dg/monitoring-eventbridge.html>).

use serde_json::{Map, Value, json};

use super::{Message, Outcome, Recorded};
use crate::eventbridge::envelope;
use crate::wire::aws::{ACCOUNT, REGION, uuid};

/// Where an open or a click seems to come from.
const USER_AGENT: &str = "Mozilla/5.0";
const IP_ADDRESS: &str = "127.0.0.1";

/// What an event tells.
pub(super) enum Told<'a> {
    /// The message was taken on.
    Send,
    /// This became of it.
    Outcome(&'a Recorded),
}

impl Told<'_> {
    /// The type by which configuration sets name such events.
    pub(super) fn kind(&self) -> &'static str {
        let Self::Outcome(recorded) = self else {
            return "SEND";
        };
        match recorded.outcome {
            Outcome::Delivery => "DELIVERY",
            Outcome::Delay => "DELIVERY_DELAY",
            Outcome::Reject => "REJECT",
            Outcome::Bounce | Outcome::SoftBounce => "BOUNCE",
            Outcome::Complaint => "COMPLAINT",
            Outcome::Open => "OPEN",
            Outcome::Click { .. } => "CLICK",
        }
    }
}

/// The event about a message that was sent in the name of `identity`.
pub(super) fn of(message: &Message, told: &Told<'_>, identity: &str) -> Value {
    let (time, (name, kind, field, about)) = match told {
        Told::Send => (message.sent_at, ("Email Sent", "Send", "send", json!({}))),
        Told::Outcome(recorded) => (recorded.at, outcome(message, recorded)),
    };
    let detail = json!({ "eventType": kind, "mail": mail(message, identity), field: about });
    let sets = message.configuration_set.iter();
    let resources: Vec<_> = sets
        .map(|set| format!("arn:aws:ses:{REGION}:{ACCOUNT}:configuration-set/{set}"))
        .collect();
    envelope("aws.ses", name, time, &resources, &detail)
}

/// What an event says of an outcome: the name of its `detail-type`, its `eventType`, and a field with what it says.
fn outcome(message: &Message, recorded: &Recorded) -> (&'static str, &'static str, &'static str, Value) {
    let at = recorded.at.to_string();
    let recipients = message.recipients();
    let each = |more: Value| -> Vec<Value> {
        let recipient = |address: &&str| {
            let mut recipient = more.as_object().cloned().unwrap_or_default();
            recipient.insert("emailAddress".to_owned(), json!(address));
            Value::Object(recipient)
        };
        recipients.iter().map(recipient).collect()
    };
    let bounced = |kind: &str, status: &str, said: &str| {
        (
            "Email Bounced",
            "Bounce",
            "bounce",
            json!({
                "bounceType": kind,
                "bounceSubType": "General",
                "bouncedRecipients": each(json!({ "action": "failed", "status": status, "diagnosticCode": said })),
                "timestamp": at,
                "feedbackId": uuid(),
                "reportingMTA": "dsn; local",
            }),
        )
    };
    match &recorded.outcome {
        Outcome::Delivery => (
            "Email Delivered",
            "Delivery",
            "delivery",
            json!({
                "timestamp": at,
                "processingTimeMillis": 500,
                "recipients": recipients,
                "smtpResponse": "250 ok",
                "reportingMTA": "local",
            }),
        ),
        Outcome::Delay => (
            "Email Delivery Delayed",
            "DeliveryDelay",
            "deliveryDelay",
            json!({
                "timestamp": at,
                "delayType": "MailboxFull",
                "delayedRecipients": each(json!({
                    "status": "4.2.2",
                    "diagnosticCode": "smtp; 452 4.2.2 mailbox full",
                })),
                "reportingMTA": "local",
            }),
        ),
        Outcome::Reject => (
            "Email Rejected",
            "Reject",
            "reject",
            json!({ "reason": "Bad content" }),
        ),
        Outcome::Bounce => bounced("Permanent", "5.1.1", "smtp; 550 5.1.1 user unknown"),
        Outcome::SoftBounce => bounced("Transient", "4.2.2", "smtp; 452 4.2.2 mailbox full"),
        Outcome::Complaint => (
            "Email Complaint Received",
            "Complaint",
            "complaint",
            json!({
                "complainedRecipients": each(json!({})),
                "timestamp": at,
                "feedbackId": uuid(),
                "complaintFeedbackType": "abuse",
                "userAgent": USER_AGENT,
                "arrivalDate": at,
            }),
        ),
        Outcome::Open => (
            "Email Opened",
            "Open",
            "open",
            json!({ "timestamp": at, "ipAddress": IP_ADDRESS, "userAgent": USER_AGENT }),
        ),
        Outcome::Click { link } => (
            "Email Clicked",
            "Click",
            "click",
            json!({
                "timestamp": at,
                "ipAddress": IP_ADDRESS,
                "userAgent": USER_AGENT,
                "link": link,
                "linkTags": null,
            }),
        ),
    }
}

fn mail(message: &Message, identity: &str) -> Value {
    let mut tags: Map<String, Value> = message
        .tags
        .iter()
        .map(|(name, value)| (name.clone(), json!([value])))
        .collect();
    if let Some(set) = &message.configuration_set {
        tags.insert("ses:configuration-set".to_owned(), json!([set]));
    }
    let named = [
        ("From", message.from.clone()),
        ("To", message.to.join(", ")),
        ("Subject", message.subject.clone()),
    ];
    let headers: Vec<Value> = named
        .iter()
        .map(|(name, value)| (*name, value))
        .chain(message.headers.iter().map(|(name, value)| (name.as_str(), value)))
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    json!({
        "timestamp": message.sent_at.to_string(),
        "source": message.from,
        "sourceArn": format!("arn:aws:ses:{REGION}:{ACCOUNT}:identity/{identity}"),
        "sendingAccountId": ACCOUNT,
        "messageId": message.id,
        "destination": message.recipients(),
        "headersTruncated": false,
        "headers": headers,
        "commonHeaders": {
            "from": [message.from],
            "to": message.to,
            "messageId": message.id,
            "subject": message.subject,
        },
        "tags": tags,
    })
}
