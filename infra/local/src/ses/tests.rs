//! SES through the real client.

use std::sync::Mutex;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::error::ProvideErrorMetadata;
use aws_sdk_sesv2::operation::send_email::builders::SendEmailFluentBuilder;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, MessageHeader, RawMessage};

use super::*;
use crate::wire::test_client;

struct Running {
    client: Client,
    ses: Arc<Ses>,
    published: Arc<Mutex<Vec<Value>>>,
    server: test_client::Running,
}

/// The types of events that the configuration set publishes: all but that a message was taken on.
const KINDS: [&str; 7] = [
    "DELIVERY",
    "DELIVERY_DELAY",
    "REJECT",
    "BOUNCE",
    "COMPLAINT",
    "OPEN",
    "CLICK",
];

async fn start_with(directory: Option<&Path>, allowed: &[&str]) -> Running {
    let published: Arc<Mutex<Vec<Value>>> = Arc::default();
    let list = Arc::clone(&published);
    let settings = Settings {
        identities: vec!["mail.example.com".into()],
        configuration_sets: BTreeMap::from([("apartments".to_owned(), KINDS.map(str::to_owned).into())]),
    };
    let publish: Publish = Arc::new(move |event| list.lock().unwrap().push(event));
    let clock = Clock::fixed("2026-01-02T03:04:05Z".parse().unwrap());
    let ses = Arc::new(Ses::open(directory, settings, clock, publish).unwrap());
    let server = test_client::start(ses.clone(), test_client::context(allowed)).await;
    let client = Client::new(&server.runtime("sesv2").aws("sesv2").unwrap());
    Running {
        client,
        ses,
        published,
        server,
    }
}

async fn start() -> Running {
    start_with(None, &["ses:SendEmail"]).await
}

fn text(data: &str) -> Content {
    Content::builder().data(data).build().unwrap()
}

fn simple() -> EmailContent {
    let header = MessageHeader::builder()
        .name("List-Unsubscribe")
        .value("<https://example.com/u>")
        .build()
        .unwrap();
    let body = Body::builder()
        .text(text("Thank you"))
        .html(text("<p>Thank you</p>"))
        .build();
    let message = aws_sdk_sesv2::types::Message::builder()
        .subject(text("Receipt"))
        .body(body)
        .headers(header)
        .build();
    EmailContent::builder().simple(message).build()
}

fn to(recipients: &[&str]) -> Destination {
    let addresses = recipients.iter().map(|address| (*address).to_owned()).collect();
    Destination::builder().set_to_addresses(Some(addresses)).build()
}

impl Running {
    fn receipt(&self) -> SendEmailFluentBuilder {
        let send = self
            .client
            .send_email()
            .from_email_address("Apartments <receipts@mail.example.com>");
        send.destination(to(&["ada@example.com"]))
            .configuration_set_name("apartments")
            .content(simple())
    }
}

#[tokio::test]
async fn a_message_is_kept_as_it_was_sent() {
    let running = start().await;
    let id = running
        .receipt()
        .reply_to_addresses("help@example.com")
        .send()
        .await
        .unwrap()
        .message_id
        .unwrap();
    let outbox = serde_json::to_value(running.ses.messages()).unwrap();
    let expected = json!([{
        "id": id,
        "to": ["ada@example.com"],
        "from": "Apartments <receipts@mail.example.com>",
        "subject": "Receipt",
        "html": "<p>Thank you</p>",
        "text": "Thank you",
        "headers": { "List-Unsubscribe": "<https://example.com/u>", "Reply-To": "help@example.com" },
        "configurationSet": "apartments",
        "tags": {},
        "sentAt": "2026-01-02T03:04:05Z",
        "outcomes": [],
    }]);
    assert_eq!(outbox, expected);
}

#[tokio::test]
async fn a_raw_message_says_itself_whom_it_is_from_and_for() {
    let running = start().await;
    let raw = "From: receipts@mail.example.com\r\nTo: Ada <ada@example.com>\r\nSubject: =?utf-8?q?R=C3=A9sum=C3=A9?=\r\n\
               MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
               --b\r\nContent-Type: text/plain\r\n\r\nplain\r\n--b\r\nContent-Type: text/html\r\n\r\n<b>rich</b>\r\n--b--\r\n";
    let raw = RawMessage::builder().data(Blob::new(raw)).build().unwrap();
    running
        .client
        .send_email()
        .content(EmailContent::builder().raw(raw).build())
        .send()
        .await
        .unwrap();
    let message = running.ses.messages().remove(0);
    assert_eq!(
        (message.from.as_str(), message.to),
        ("receipts@mail.example.com", vec!["ada@example.com".to_owned()])
    );
    assert_eq!(message.subject, "Résumé");
    assert_eq!(message.text.unwrap().trim(), "plain");
    assert_eq!(message.html.unwrap().trim(), "<b>rich</b>");
}

#[tokio::test]
async fn a_sender_that_is_not_verified_is_rejected() {
    let running = start().await;
    let refused = running
        .receipt()
        .from_email_address("eve@elsewhere.com")
        .send()
        .await
        .unwrap_err();
    assert!(refused.into_service_error().is_message_rejected());
    running
        .receipt()
        .from_email_address("a@sub.mail.example.com")
        .send()
        .await
        .unwrap();
    assert_eq!(running.ses.messages().len(), 1);
}

#[tokio::test]
async fn a_configuration_set_that_does_not_exist_is_an_error() {
    let running = start().await;
    let refused = running
        .receipt()
        .configuration_set_name("other")
        .send()
        .await
        .unwrap_err();
    assert!(refused.into_service_error().is_not_found_exception());
}

#[tokio::test]
async fn more_than_fifty_recipients_or_none_are_refused() {
    let running = start().await;
    let crowd = running
        .receipt()
        .destination(to(&["ada@example.com"; 51]))
        .send()
        .await
        .unwrap_err();
    assert!(crowd.message().unwrap().contains("50"), "{crowd:?}");
    let nobody = running.receipt().destination(to(&[])).send().await.unwrap_err();
    assert!(nobody.into_service_error().is_bad_request_exception());
    assert!(running.ses.messages().is_empty());
}

#[tokio::test]
async fn sending_needs_the_right_to_the_identity_and_to_the_configuration_set() {
    let running = start_with(None, &["ses:GetAccount"]).await;
    let refused = running.receipt().send().await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
    assert!(
        refused.message().unwrap().contains("identity/mail.example.com"),
        "{refused:?}"
    );
    let denied: Vec<_> = running
        .server
        .context
        .authority
        .denied()
        .into_iter()
        .map(|right| right.resource)
        .collect();
    assert_eq!(
        denied,
        ["arn:aws:ses:us-east-1:000000000000:identity/mail.example.com"]
    );
    let allowed = start().await;
    allowed.receipt().send().await.unwrap();
    let used: Vec<_> = allowed
        .server
        .context
        .authority
        .used()
        .into_iter()
        .map(|right| right.resource)
        .collect();
    assert!(used.contains(&"arn:aws:ses:us-east-1:000000000000:configuration-set/apartments".to_owned()));
}

#[tokio::test]
async fn what_becomes_of_a_message_is_recorded_and_published() {
    let running = start().await;
    let id = running.receipt().send().await.unwrap().message_id.unwrap();
    running.ses.tell(&id, Outcome::Bounce).unwrap();
    let link = "https://example.com/".to_owned();
    running
        .ses
        .tell(&id, Outcome::Click { link: link.clone() })
        .unwrap();
    assert!(running.ses.tell("unknown", Outcome::Open).is_err());
    assert_eq!(running.ses.messages()[0].outcomes.len(), 2);
    let published = running.published.lock().unwrap().clone();
    let [bounce, click] = &published[..] else {
        panic!("{published:?}")
    };
    assert_eq!(
        (&bounce["source"], &bounce["detail-type"], &click["detail-type"]),
        (
            &json!("aws.ses"),
            &json!("Email Bounced"),
            &json!("Email Clicked")
        )
    );
    let (bounce, click) = (&bounce["detail"], &click["detail"]);
    assert_eq!(bounce["eventType"], "Bounce");
    assert_eq!(
        bounce["bounce"]["bouncedRecipients"][0]["emailAddress"],
        "ada@example.com"
    );
    assert_eq!(bounce["mail"]["messageId"], json!(id));
    assert_eq!(
        bounce["mail"]["tags"]["ses:configuration-set"],
        json!(["apartments"])
    );
    assert_eq!(
        (&click["eventType"], &click["click"]["link"]),
        (&json!("Click"), &json!(link))
    );
}

#[tokio::test]
async fn the_outbox_outlives_the_process_up_to_a_line_that_broke_off() {
    let directory = tempfile::tempdir().unwrap();
    let first = start_with(Some(directory.path()), &["ses:*"]).await;
    let id = first.receipt().send().await.unwrap().message_id.unwrap();
    first.ses.tell(&id, Outcome::Open).unwrap();
    let file = directory.path().join("outbox.jsonl");
    let written = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{written}{{\"id\":\"cut")).unwrap();
    let second = start_with(Some(directory.path()), &["ses:*"]).await;
    assert_eq!(second.ses.messages(), first.ses.messages());
    second.receipt().send().await.unwrap();
    let third = start_with(Some(directory.path()), &["ses:*"]).await;
    assert_eq!(third.ses.messages(), second.ses.messages());
}
