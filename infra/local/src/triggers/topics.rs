//! SNS topics: from what is published to the functions and queues that subscribed
//! (<https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html>).

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use serde_json::{Value, json};

use super::queues::Queue;
use crate::clock::MovableClock;
use crate::lambda::Lambda;
use crate::template::{Subscription, Target, TopicDefinition};
use crate::wire::aws::{REGION, uuid};

/// All topics, with those who hear them.
pub struct Topics {
    topics: Vec<TopicDefinition>,
    subscriptions: Vec<Subscription>,
    queues: BTreeMap<String, Arc<Queue>>,
    lambda: Arc<Lambda>,
    clock: Arc<MovableClock>,
}

impl Topics {
    /// Topics whose subscribers are these queues, by ARN, and functions.
    #[must_use]
    pub fn new(
        topics: Vec<TopicDefinition>,
        subscriptions: Vec<Subscription>,
        queues: BTreeMap<String, Arc<Queue>>,
        lambda: Arc<Lambda>,
        clock: Arc<MovableClock>,
    ) -> Self {
        Self {
            topics,
            subscriptions,
            queues,
            lambda,
            clock,
        }
    }

    /// Whether there is a topic with this ARN.
    #[must_use]
    pub fn has(&self, arn: &str) -> bool {
        self.topics.iter().any(|topic| topic.arn == arn)
    }

    /// Sends a message to all who subscribed to the topic. When this returns, what was taken outlives the process.
    ///
    /// # Errors
    /// A queue could not take it; the other subscribers have it.
    pub fn publish(&self, topic: &str, message: &str) -> io::Result<()> {
        let notification = notification(topic, message, &self.now());
        let mut result = Ok(());
        let subscribed = self.subscriptions.iter().enumerate();
        for (number, subscription) in subscribed.filter(|(_, one)| one.topic == topic) {
            match &subscription.to {
                Target::Function(function) => {
                    self.lambda.invoke_later(
                        function,
                        &function_event(&subscription_arn(topic, number), notification.clone()),
                    );
                }
                Target::Queue(arn) => {
                    let body = match subscription.raw {
                        true => message.to_owned(),
                        false => notification.to_string(),
                    };
                    if let Some(queue) = self.queues.get(arn)
                        && let Err(error) = queue.send(body)
                    {
                        result = Err(error);
                    }
                }
            }
        }
        result
    }

    fn now(&self) -> String {
        self.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
    }
}

fn subscription_arn(topic: &str, number: usize) -> String {
    format!("{topic}:00000000-0000-4000-8000-{number:012}")
}

/// What a subscriber gets, but for the spelling of a few names.
fn notification(topic: &str, message: &str, timestamp: &str) -> Value {
    json!({
        "Type": "Notification",
        "MessageId": uuid(),
        "TopicArn": topic,
        "Message": message,
        "Timestamp": timestamp,
        "SignatureVersion": "1",
        "Signature": "bG9jYWw=",
        "SigningCertURL": format!("https://sns.{REGION}.amazonaws.com/SimpleNotificationService-local.pem"),
        "UnsubscribeURL": format!("https://sns.{REGION}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={topic}"),
    })
}

/// The event of a function. Lambda spells `Url` where SNS itself spells `URL`, and adds what a queue does not get.
fn function_event(subscription: &str, mut notification: Value) -> Value {
    if let Some(fields) = notification.as_object_mut() {
        for (from, to) in [
            ("SigningCertURL", "SigningCertUrl"),
            ("UnsubscribeURL", "UnsubscribeUrl"),
        ] {
            if let Some(url) = fields.remove(from) {
                fields.insert(to.to_owned(), url);
            }
        }
        fields.insert("Subject".to_owned(), Value::Null);
        fields.insert("MessageAttributes".to_owned(), json!({}));
    }
    json!({
        "Records": [{
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription,
            "EventSource": "aws:sns",
            "Sns": notification,
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_gets_the_message_in_the_form_that_lambda_gives_it() {
        const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:done";
        let notification = notification(TOPIC, "{\"JobId\":\"1\"}", "2026-01-02T03:04:05.678Z");
        let event = function_event(&subscription_arn(TOPIC, 0), notification);
        let record = &event["Records"][0];
        assert_eq!(record["EventSource"], "aws:sns");
        assert!(
            record["EventSubscriptionArn"]
                .as_str()
                .unwrap()
                .starts_with(TOPIC)
        );
        let sns = &record["Sns"];
        assert_eq!(sns["Type"], "Notification");
        assert_eq!(sns["Message"], "{\"JobId\":\"1\"}");
        assert_eq!(sns["Timestamp"], "2026-01-02T03:04:05.678Z");
        assert!(sns["SigningCertUrl"].is_string() && sns["UnsubscribeUrl"].is_string());
        assert!(sns.get("SigningCertURL").is_none());
    }
}
