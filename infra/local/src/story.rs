//! The payloads of `events/`, told as one story in a system: with the system's own ids and tokens in place of the story's,
//! and signed for its own time.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{fs, io};

use serde_json::Value;

use crate::platform::Platform;
use crate::secrets::WEBHOOK_SECRET;
use crate::stripe::stripe_signature;
use crate::template;

/// What the story calls things, and where in an answer's body a system tells what it calls them.
const NAMES: [(&str, &str); 4] = [
    // The person's token.
    (
        "alai_019b74477a00ec744a1f97029392b078019b7936e78098b68a9166f81a179e110000000000000000000000000000000000000000000000000000000000000000",
        "/token",
    ),
    ("user_01KDT4EYG0XHT4M7WQ0A9S5C3R", "/user/id"),
    ("purch_01KDWPR0A07T5R0M2N6W9YBCQE", "/purchaseId"),
    // Stripe's page to pay on.
    (
        "cs_test_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6",
        "/sessionId",
    ),
];

/// A payload of the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// Its file in `events/`, without the ending.
    pub name: String,
    /// The function that it goes to, by logical id.
    pub function: String,
}

/// The payloads in the order of the story, as `events/README.md` lists them.
///
/// # Errors
/// The page cannot be read.
pub fn payloads() -> io::Result<Vec<Payload>> {
    let page = fs::read_to_string(folder().join("README.md"))?;
    Ok(page.lines().filter_map(row).collect())
}

/// The payload of a row of the table: ``| `name` | Function | … |``.
fn row(line: &str) -> Option<Payload> {
    let (name, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
    let (function, _) = rest.split_once(" |")?;
    Some(Payload {
        name: name.to_owned(),
        function: function.to_owned(),
    })
}

fn folder() -> PathBuf {
    template::default_path().with_file_name("events")
}

/// The story in one system: what the system calls the story's person and things.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// By the story's name.
    names: BTreeMap<&'static str, String>,
}

impl Story {
    /// The payload as this system would get it now.
    ///
    /// # Errors
    /// It cannot be read, or is not what a trigger sends.
    pub fn event(&self, platform: &Platform, name: &str) -> io::Result<Value> {
        let text = fs::read_to_string(folder().join(format!("{name}.json")))?;
        let names = self.names.iter();
        let own = names.fold(text, |text, (story, own)| text.replace(story, own));
        let mut event: Value = serde_json::from_str(&own)?;
        if name.contains("-stripe-") {
            sign(platform, &mut event);
        }
        Ok(event)
    }

    /// Takes note of what an answer says about the system's names.
    pub fn remember(&mut self, answer: &Value) {
        let body = answer["body"].as_str().unwrap_or_default();
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        for (story, place) in NAMES {
            if let Some(own) = body.pointer(place).and_then(Value::as_str) {
                self.names.insert(story, own.to_owned());
            }
        }
    }

    /// A text of the system's with the story's names.
    #[must_use]
    pub fn in_its_words(&self, text: &str) -> String {
        let names = self.names.iter();
        names.fold(text.to_owned(), |text, (story, own)| text.replace(own, story))
    }
}

/// Signs an event of Stripe's for this moment: a signature is believed for five minutes only.
pub fn sign(platform: &Platform, event: &mut Value) {
    let body = event["body"].as_str().unwrap_or_default().to_owned();
    let now = platform.clock().now().as_second();
    let signature = stripe_signature(body.as_bytes(), &[WEBHOOK_SECRET.to_owned()], now);
    event["headers"]["stripe-signature"] = signature.into();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_payload_is_in_the_story_in_its_order() {
        let told: Vec<_> = payloads()
            .unwrap()
            .into_iter()
            .map(|payload| payload.name)
            .collect();
        let mut lying: Vec<_> = fs::read_dir(folder())
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
            .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
            .filter(|name| name != "env")
            .collect();
        lying.sort();
        assert_eq!(told, lying);
    }

    #[test]
    fn a_name_is_learned_from_an_answer_and_turned_back() {
        let mut story = Story::default();
        story.remember(&serde_json::json!({ "body": r#"{"user":{"id":"user_1"}}"# }));
        assert_eq!(
            story.in_its_words("USER#user_1"),
            "USER#user_01KDT4EYG0XHT4M7WQ0A9S5C3R"
        );
    }
}
