//! The payloads in `events/`: each is one that its function takes.

use std::collections::BTreeMap;

use local::stripe::stripe_signature;
use serde_json::Value;
use tests::System;

use super::workspace::{read, root};

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

/// The function that `events/README.md` sends each payload to.
pub(crate) fn functions() -> BTreeMap<String, String> {
    let table = read("events/README.md");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let cells = rows.filter_map(|row| row.split_once("` | "));
    cells
        .filter_map(|(file, rest)| Some((file.to_owned(), rest.split_once(" |")?.0.to_owned())))
        .collect()
}

/// The names of the payloads that lie there.
pub(crate) fn files() -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(root().join("events"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "env")
        .collect();
    names.sort();
    names
}

/// The payload; what Stripe signed is signed for this moment, because a signature is believed for five minutes only.
pub(crate) fn payload(system: &System, name: &str) -> Value {
    signed(system, name, &read(format!("events/{name}.json")))
}

/// The payload of this name from its text, signed for this moment where it is Stripe's.
pub(crate) fn signed(system: &System, name: &str, text: &str) -> Value {
    let mut event: Value = serde_json::from_str(text).unwrap();
    if name.contains("-stripe-") {
        let body = event["body"].as_str().unwrap().to_owned();
        let now = system.platform.clock().now().as_second();
        let signature = stripe_signature(body.as_bytes(), &["whsec_local".to_owned()], now);
        event["headers"]["stripe-signature"] = signature.into();
    }
    event
}

#[tokio::test]
async fn each_payload_is_one_that_its_function_takes() {
    let system = System::start().await;
    let functions = functions();
    let names: Vec<_> = ANSWERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(
        files(),
        names,
        "a payload has no expected answer, or the other way round"
    );
    assert_eq!(
        functions.keys().cloned().collect::<Vec<_>>(),
        names,
        "events/README.md names other payloads"
    );
    for (name, status) in ANSWERS {
        let function = &functions[name];
        let invocation = system
            .platform
            .lambda()
            .invoke(function, payload(&system, name), "event")
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
