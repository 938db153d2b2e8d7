//! Mails that people send.

use jiff::{SignedDuration, Timestamp};
use local::ses::Message;
use serde_json::{Value, json};

use crate::{Person, System};

/// Where they are.
pub const EMAILS: &str = "/api/emails";

impl System {
    /// A landlord of this name whose address is confirmed, so that they may write to others.
    pub async fn writer(&self, name: &str) -> Person<'_> {
        let person = self.landlord(name).await;
        person.confirm_email().await;
        person
    }

    /// Tells what becomes of a mail, as SES does, and waits until that is taken in.
    ///
    /// # Panics
    /// If there is no such mail.
    pub async fn becomes(&self, mail: &Message, outcome: &str) {
        self.told(mail, &json!({ "outcome": outcome })).await;
        self.idle().await;
    }

    /// Tells what becomes of a mail, and does not wait.
    ///
    /// # Panics
    /// If there is no such mail.
    pub async fn told(&self, mail: &Message, outcome: &Value) {
        let path = format!("/_local/outbox/{}", mail.id);
        self.post(&path, outcome).await.is(200);
    }

    /// Hands the function that takes in what SES tells an event of this time, as its queue does. The messages that failed.
    ///
    /// # Panics
    /// If the function ends with an error.
    pub async fn hears_from_ses(&self, time: Timestamp, detail: &Value) -> Value {
        let body = json!({ "source": "aws.ses", "time": time, "detail": detail }).to_string();
        let message = json!({ "messageId": "1", "body": body, "attributes": {}, "messageAttributes": {} });
        let batch = json!({ "Records": [message] });
        let taken_in = self.post("/_local/invoke/EmailEventsFunction", &batch).await;
        taken_in.is(200).json["answer"]["batchItemFailures"].clone()
    }

    /// Sets the sender going as its schedule does, whatever becomes of that.
    pub async fn looks_at_due_mails(&self) {
        let schedule = json!({ "source": "aws.events", "time": self.now(), "detail": {} });
        self.post("/_local/invoke/EmailSenderFunction", &schedule).await;
    }

    /// The one mail to an address that has this subject.
    ///
    /// # Panics
    /// If it is never sent, or twice.
    pub async fn mail_about(&self, to: &str, subject: &str) -> Message {
        let about = || {
            let mut mails = self.mails_to(to);
            mails.retain(|mail| mail.subject == subject);
            mails
        };
        let mail = self
            .eventually("a mail", async || about().into_iter().next())
            .await;
        assert_eq!(about().len(), 1, "mails to {to} about {subject}");
        mail
    }
}

impl Person<'_> {
    /// Queues a mail to an address, with an address as its subject too, and gives its id.
    pub async fn writes_to(&self, to: &str) -> String {
        let mail = json!({ "to": to, "subject": to, "body": "Hello" });
        let queued = self.post(EMAILS, &mail).await;
        queued.is(202).text_at("/id").to_owned()
    }

    /// Queues a mail that is sent in a week, and gives its id.
    pub async fn writes_later_to(&self, to: &str) -> String {
        let at = (self.system.now() + SignedDuration::from_hours(7 * 24)).to_string();
        let mail = json!({ "to": to, "subject": to, "body": "Hello", "scheduledAt": at });
        let queued = self.post(EMAILS, &mail).await;
        queued.is(202).text_at("/id").to_owned()
    }

    /// A mail of this person's.
    ///
    /// # Panics
    /// If there is none.
    pub async fn email(&self, id: &str) -> Value {
        self.get(&format!("{EMAILS}/{id}")).await.is(200).json.clone()
    }

    /// A mail of this person's, once it stands so.
    ///
    /// # Panics
    /// If it never does.
    pub async fn email_once(&self, id: &str, status: &str) -> Value {
        let look = async || Some(self.email(id).await).filter(|email| email["status"] == status);
        self.system
            .eventually(&format!("the mail is {status}"), look)
            .await
    }
}

/// What happened to a mail, by name, in its order.
///
/// # Panics
/// If it is no mail with its timeline.
#[must_use]
pub fn happened(email: &Value) -> Vec<&str> {
    let timeline = email["timeline"].as_array().expect("a timeline");
    timeline
        .iter()
        .map(|event| event["event"].as_str().expect("a name"))
        .collect()
}

/// The path of the link by which a mail's reader wants no more, as a mail program finds it.
///
/// # Panics
/// If the mail has none, or shows another one.
#[must_use]
pub fn unsubscribe_link(mail: &Message) -> String {
    let header = &mail.headers["List-Unsubscribe"];
    let link = header.trim_start_matches('<').trim_end_matches('>');
    for body in [&mail.html, &mail.text] {
        assert!(
            body.as_deref().is_some_and(|body| body.contains(link)),
            "{body:?}"
        );
    }
    let (_, path) = link.split_once("/api/").expect("a link of the API's");
    format!("/api/{path}")
}
