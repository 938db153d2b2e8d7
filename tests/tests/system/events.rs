//! The payloads in `events/`: each is one that its function takes.

use local::story::{self, Story};
use serde_json::Value;
use tests::System;

/// What a function answers to each payload on a system with nobody in it: an HTTP status, or nothing for a job.
const ANSWERS: [(&str, Option<u64>); 21] = [
    ("01-http-signup", Some(201)),
    ("02-http-signin", Some(200)),
    ("03-http-me-bearer", Some(401)),
    ("04-http-user-type-cookie", Some(401)),
    ("05-http-end-session", Some(401)),
    ("06-http-create-checkout-base64", Some(401)),
    ("07-http-purchases", Some(401)),
    ("08-http-access-status-cookie", Some(401)),
    ("09-http-unlock-property", Some(401)),
    ("10-http-listings", Some(200)),
    ("11-http-listing", Some(404)),
    ("12-http-health", Some(200)),
    ("13-http-no-route", Some(404)),
    ("14-stripe-checkout-completed-paid", Some(200)),
    ("15-stripe-checkout-completed-unpaid", Some(200)),
    ("16-stripe-checkout-async-succeeded", Some(200)),
    ("17-stripe-checkout-async-failed", Some(200)),
    ("18-stripe-checkout-expired", Some(200)),
    ("19-stripe-unknown-type", Some(200)),
    ("20-stream-purchase-paid", None),
    ("21-queue-purchase-paid", None),
];

#[tokio::test]
async fn each_payload_is_one_that_its_function_takes() {
    let system = System::start().await;
    let payloads = story::payloads().unwrap();
    let expected: Vec<_> = ANSWERS.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        payloads
            .iter()
            .map(|payload| payload.name.as_str())
            .collect::<Vec<_>>(),
        expected,
        "a payload of events/README.md has no expected answer, or the other way round"
    );
    for (payload, (name, status)) in payloads.iter().zip(ANSWERS) {
        let event = Story::default().event(&system.platform, name).unwrap();
        let invocation = system
            .platform
            .lambda()
            .invoke(&payload.function, event, "event")
            .await;
        let answer = invocation
            .outcome
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        match status {
            Some(status) => assert_eq!(answer["statusCode"], status, "{name}: {answer}"),
            None => assert_eq!(
                answer["batchItemFailures"],
                Value::Array(Vec::new()),
                "{name}: {answer}"
            ),
        }
    }
}
