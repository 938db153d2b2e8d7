//! EventBridge rules: from an event on a bus to the queues and functions that want it.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use serde_json::Value;

use super::queues::Queue;
use crate::lambda::Lambda;
use crate::template::{Rule, Target};

/// The rules of all buses.
pub struct Rules {
    rules: Vec<Rule>,
    queues: BTreeMap<String, Arc<Queue>>,
    lambda: Arc<Lambda>,
}

impl Rules {
    /// Rules over these queues, by ARN, and functions.
    #[must_use]
    pub fn new(rules: Vec<Rule>, queues: BTreeMap<String, Arc<Queue>>, lambda: Arc<Lambda>) -> Self {
        Self {
            rules,
            queues,
            lambda,
        }
    }

    /// Sends an event, in EventBridge's full envelope, to every target of every rule that it matches. When this
    /// returns, what a queue took outlives the process.
    ///
    /// # Errors
    /// A queue could not take it; the other targets have it.
    pub fn publish(&self, bus: &str, event: &Value) -> io::Result<()> {
        let matching = self
            .rules
            .iter()
            .filter(|rule| rule.bus == bus && rule.pattern.matches(event));
        let mut result = Ok(());
        for target in matching.flat_map(|rule| &rule.targets) {
            let input = target.input.as_ref().unwrap_or(event);
            match &target.to {
                Target::Function(function) => self.lambda.invoke_later(function, input),
                Target::Queue(arn) => {
                    if let Some(queue) = self.queues.get(arn)
                        && let Err(error) = queue.send(input.to_string())
                    {
                        result = Err(error);
                    }
                }
            }
        }
        result
    }
}
