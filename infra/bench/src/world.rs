//! The system that the functions are measured in: the local one, in memory, with a person who is signed in.

use local::platform::{Config, Platform};
use local::product::product;
use local::story::{self, Payload, Story};
use serde_json::{Value, json};

use crate::BenchError;
use crate::measure::tells_of_success;

const SIGN_UP: &str = "01-http-signup";
/// What happens before anything is measured: a person signs up as a landlord, begins to buy a plan, and pays.
const BEFORE: [&str; 4] = [
    SIGN_UP,
    "04-http-user-type-cookie",
    "06-http-create-checkout-base64",
    "14-stripe-checkout-completed-paid",
];
/// What functions are measured with; the others, with the first payload that goes to them. A read where there is one.
const MEASURED_WITH: [(&str, &str); 2] = [
    ("SessionsFunction", "03-http-me-bearer"),
    ("AccessFunction", "08-http-access-status-cookie"),
];

/// Whom the story is about, and who they are here, where the seed has somebody of the story's address.
const ADDRESSES: (&str, &str) = ("renter@example.com", "buyer@example.com");

/// A system, and the story in it.
pub(crate) struct World {
    pub(crate) platform: Platform,
    story: Story,
    payloads: Vec<Payload>,
}

impl World {
    pub(crate) async fn start() -> Result<Self, BenchError> {
        let config = Config {
            seed: true,
            ..Config::in_memory()
        };
        let platform = Platform::start(config, product()).await?;
        let payloads = story::payloads()?;
        let mut story = Story::default();
        for payload in payloads
            .iter()
            .filter(|payload| BEFORE.contains(&payload.name.as_str()))
        {
            let mut event = story.event(&platform, &payload.name)?;
            if payload.name == SIGN_UP {
                let body = event["body"].as_str().unwrap_or_default();
                event["body"] = body.replace(ADDRESSES.0, ADDRESSES.1).into();
            }
            let invocation = platform.lambda().invoke(&payload.function, event, "before").await;
            let answer = invocation.outcome.unwrap_or_default();
            if !tells_of_success(&answer) {
                return Err(BenchError::Before(payload.name.clone(), answer.to_string()));
            }
            story.remember(&answer);
        }
        Ok(Self {
            platform,
            story,
            payloads,
        })
    }

    /// The payload that a function is measured with.
    pub(crate) fn payload(&self, function: &str) -> Result<&str, BenchError> {
        let chosen = MEASURED_WITH.iter().find(|(id, _)| *id == function);
        let first = || {
            let mut payloads = self.payloads.iter();
            payloads
                .find(|payload| payload.function == function)
                .map(|payload| payload.name.as_str())
        };
        chosen
            .map(|(_, payload)| *payload)
            .or_else(first)
            .ok_or_else(|| BenchError::NoPayload(function.to_owned()))
    }

    /// The payload as it comes the `count`th time: as news, not as something that was done before.
    pub(crate) fn event(&self, payload: &str, count: u32) -> Result<Value, BenchError> {
        let mut event = self.story.event(&self.platform, payload)?;
        if let Some(headers) = event["headers"].as_object_mut() {
            headers.remove("idempotency-key");
        }
        if payload.contains("-stripe-") {
            let body = renewed(event["body"].as_str().unwrap_or_default(), count);
            event["body"] = body.into();
            story::sign(&self.platform, &mut event);
        }
        Ok(event)
    }
}

/// An event of Stripe's under another id.
fn renewed(body: &str, count: u32) -> String {
    let mut body: Value = serde_json::from_str(body).unwrap_or_default();
    body["id"] = json!(format!("evt_bench{count:015}"));
    body.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_renewed_by_its_id_alone() {
        assert_eq!(
            renewed(r#"{"id":"evt_1","type":"invoice.paid"}"#, 7),
            r#"{"id":"evt_bench000000000000007","type":"invoice.paid"}"#
        );
    }
}
