//! All that there is after a run, in the table, at Stripe and in the mailboxes, without what differs from one run to the
//! next: to tell whether two runs ended alike.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::System;

/// What says when and how often something was written or tried, and under which number it was mailed.
const OF_WRITING: [&str; 7] = [
    "attempts",
    "createdAt",
    "updatedAt",
    "version",
    "revision",
    "ttl",
    "messageId",
];
/// What names the day on which it was written.
const OF_A_DAY: &str = "description";
/// What names a kind: it is the same in every run, however much it looks like an id.
const OF_KIND: [&str; 3] = ["entity", "type", "object"];
/// What was asked for, and how often; not what came of it.
const OF_ASKING: [&str; 2] = ["IdempotentRequest", "NetworkFailures"];
/// Whole numbers from here on are times, in seconds since 1970.
const A_TIME: i64 = 1_000_000_000;
/// A larger sum, in cents, may be for the rest of a period: it is less by a cent when a moment has passed.
const ABOUT: i64 = 1000;
/// The fewest small numbers in a row that are taken for bytes.
const BYTES: usize = 12;
/// The shortest text that is taken for an id.
const AN_ID: usize = 8;

/// Everything there is, by its kind: each thing as it would look in any other run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture(BTreeMap<String, Vec<String>>);

impl Picture {
    /// Holds the picture to be the same as `other`.
    ///
    /// # Panics
    /// If it is not; the message shows what is in one of them alone.
    #[track_caller]
    pub fn is(&self, other: &Self, what: &str) {
        assert_eq!(self.beyond(other), other.beyond(self), "{what}");
    }

    /// What is here and not there.
    fn beyond(&self, other: &Self) -> Vec<&str> {
        let mut beyond = Vec::new();
        for (kind, things) in &self.0 {
            let mut there = other.0.get(kind).cloned().unwrap_or_default();
            for thing in things {
                match there.iter().position(|other| other == thing) {
                    Some(position) => drop(there.swap_remove(position)),
                    None => beyond.push(thing.as_str()),
                }
            }
        }
        beyond
    }
}

impl System {
    /// Everything there is now; of the mails, those that were sent after the first `mails`.
    ///
    /// # Panics
    /// If the table cannot be read.
    pub async fn picture(&self, mails: usize) -> Picture {
        let mut things: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for item in self.snapshot().await.without(&OF_ASKING).items() {
            let entity = item["entity"].as_str().unwrap_or_default();
            let things = things.entry(entity.to_owned()).or_default();
            things.push(likeness("", item).to_string());
        }
        let stripe = self.stripe();
        for objects in [
            stripe.customers(),
            stripe.checkout_sessions(),
            stripe.payment_intents(),
            stripe.subscriptions(),
            stripe.invoices(),
            stripe.charges(),
            stripe.refunds(),
            stripe.disputes(),
        ] {
            for object in objects {
                let things = things
                    .entry(format!(
                        "Stripe's {}",
                        object["object"].as_str().unwrap_or_default()
                    ))
                    .or_default();
                things.push(likeness("", &object).to_string());
            }
        }
        for event in stripe.events() {
            let things = things.entry("Stripe's event".to_owned()).or_default();
            things.push(event["type"].to_string());
        }
        for mail in self.platform.outbox().split_off(mails) {
            let things = things.entry("mail".to_owned()).or_default();
            things.push(format!("{:?}: {}", mail.to, text_alike(&mail.subject)));
        }
        things.values_mut().for_each(|things| things.sort());
        Picture(things)
    }
}

/// A value as it would be in any other run.
fn likeness(field: &str, value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut alike = Map::new();
            let counts = |name: &str| name != OF_A_DAY && !OF_WRITING.contains(&name);
            for (name, value) in fields.iter().filter(|(name, _)| counts(name)) {
                let mut key = text_alike(name);
                while alike.contains_key(&key) {
                    key.push('+');
                }
                alike.insert(key, likeness(name, value));
            }
            Value::Object(alike)
        }
        Value::Array(values) if is_bytes(values) => "bytes".into(),
        Value::Array(values) => values.iter().map(|value| likeness(field, value)).collect(),
        Value::Number(number) => match number.as_i64() {
            Some(A_TIME..) => "a time".into(),
            Some(sum) if sum.abs() >= ABOUT => format!("about {}", (sum + 50).div_euclid(100)).into(),
            _ => value.clone(),
        },
        Value::String(text) if !OF_KIND.contains(&field) => text_alike(text).into(),
        value => value.clone(),
    }
}

fn is_bytes(values: &[Value]) -> bool {
    let is_byte = |value: &Value| value.as_u64().is_some_and(|number| number < 256);
    values.len() >= BYTES && values.iter().all(is_byte)
}

/// A text without ids, hashes, ports and times.
fn text_alike(text: &str) -> String {
    if text.parse::<Timestamp>().is_ok() {
        return "a time".to_owned();
    }
    if text.starts_with("$argon2") {
        return "a hash".to_owned();
    }
    let mut alike = String::new();
    let is_boundary = |letter: char| !letter.is_ascii_alphanumeric();
    for part in text.split_inclusive(is_boundary) {
        let word = part.trim_end_matches(is_boundary);
        alike.push_str(if is_id(word) { "…" } else { word });
        alike.push_str(&part[word.len()..]);
    }
    alike
}

/// Whether a word was made by chance: long, with digits or capitals in it; or a port's number.
fn is_id(word: &str) -> bool {
    let by_chance = |letter: char| letter.is_ascii_digit() || letter.is_ascii_uppercase();
    let is_number = word.len() > 4 && word.chars().all(|letter| letter.is_ascii_digit());
    is_number || (word.len() >= AN_ID && word.chars().skip(1).any(by_chance))
}
