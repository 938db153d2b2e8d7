//! The payloads in `events/`: each is one that its function takes.

use local::story::{self, Story};
use serde_json::json;
use tests::System;

use self::Answer::{AllHandled, Nothing, Status};

/// What a function answers to a payload.
#[derive(Clone, Copy)]
enum Answer {
    /// To a request: this status.
    Status(u64),
    /// To a batch: that none of it is left.
    AllHandled,
    /// To what nobody waits for.
    Nothing,
}

/// What a function answers to each payload on a system with nobody in it.
const ANSWERS: [(&str, Answer); 46] = [
    ("01-http-signup", Status(201)),
    ("02-http-signin", Status(200)),
    ("03-http-me-bearer", Status(401)),
    ("04-http-user-type-cookie", Status(401)),
    ("05-http-end-session", Status(401)),
    ("06-http-create-checkout-base64", Status(401)),
    ("07-http-purchases", Status(401)),
    ("08-http-access-status-cookie", Status(401)),
    ("09-http-unlock-property", Status(401)),
    ("10-http-listings", Status(200)),
    ("11-http-listing", Status(404)),
    ("12-http-health", Status(200)),
    ("13-http-no-route", Status(404)),
    ("14-stripe-checkout-completed-paid", Status(200)),
    ("15-stripe-checkout-completed-unpaid", Status(200)),
    ("16-stripe-checkout-async-succeeded", Status(200)),
    ("17-stripe-checkout-async-failed", Status(200)),
    ("18-stripe-checkout-expired", Status(200)),
    ("19-stripe-unknown-type", Status(200)),
    ("20-stream-purchase-paid", AllHandled),
    ("21-queue-purchase-paid", AllHandled),
    ("22-http-forgot-password", Status(202)),
    ("23-http-subscription-status", Status(401)),
    ("24-schedule-each-day", Nothing),
    ("25-http-landlord-properties", Status(401)),
    ("26-http-data-export", Status(401)),
    ("27-queue-data-export-requested", AllHandled),
    ("28-queue-account-deleted", AllHandled),
    ("36-http-portfolio-summary", Status(401)),
    ("37-http-competition-sets", Status(401)),
    ("40-http-announce-lease", Status(401)),
    ("41-http-purchase-verification", Status(401)),
    ("42-s3-lease-arrived", Nothing),
    ("43-sns-lease-read", Nothing),
    ("44-schedule-lease-sweeper", Nothing),
    ("45-http-lease-reviews", Status(401)),
    ("46-queue-account-deleted", AllHandled),
    ("50-queue-refund-due", AllHandled),
    ("51-schedule-refunds", Nothing),
    ("60-http-email-templates", Status(401)),
    ("61-http-email-suppressions", Status(401)),
    ("62-queue-email-bounced", AllHandled),
    ("63-http-emails", Status(401)),
    ("64-queue-email-due", AllHandled),
    ("65-schedule-email-sender", Nothing),
    ("66-http-unsubscribe", Status(404)),
];

#[tokio::test]
async fn each_payload_is_one_that_its_function_takes() {
    let system = System::start().await;
    let payloads = story::payloads().unwrap();
    let answered: Vec<_> = ANSWERS.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        payloads
            .iter()
            .map(|payload| payload.name.as_str())
            .collect::<Vec<_>>(),
        answered,
        "a payload of events/README.md has no expected answer, or the other way round"
    );
    for (payload, (name, expected)) in payloads.iter().zip(ANSWERS) {
        let event = Story::default().event(&system.platform, name).unwrap();
        let invocation = system
            .platform
            .lambda()
            .invoke(&payload.function, event, "event")
            .await;
        let answer = invocation
            .outcome
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        match expected {
            Status(status) => assert_eq!(answer["statusCode"], status, "{name}: {answer}"),
            AllHandled => assert_eq!(answer["batchItemFailures"], json!([]), "{name}: {answer}"),
            Nothing => assert!(answer.is_null(), "{name}: {answer}"),
        }
    }
}
