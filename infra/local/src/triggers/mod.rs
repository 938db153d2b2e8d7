//! What sets functions going besides requests: queues, the table's stream, schedules, events on the bus, new objects.

pub(crate) mod backlog;
pub mod objects;
pub mod queues;
pub mod rules;
pub mod schedules;
pub mod streams;
pub mod topics;

use serde_json::Value;

/// The items of a batch that the function's answer names as failed. An answer that names an item which is not in the
/// batch, or none in a way that cannot be read, fails the whole batch
/// (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>).
fn failed_items<'a>(answer: &Value, batch: &[&'a str]) -> Vec<&'a str> {
    let Some(failures) = answer
        .get("batchItemFailures")
        .filter(|failures| !failures.is_null())
    else {
        return Vec::new();
    };
    let named = failures.as_array().and_then(|failures| {
        let find = |failure: &Value| {
            let id = failure.get("itemIdentifier")?.as_str()?;
            batch.iter().copied().find(|item| *item == id)
        };
        failures.iter().map(find).collect::<Option<Vec<_>>>()
    });
    named.unwrap_or_else(|| batch.to_vec())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_items_named_have_failed() {
        let answer = json!({ "batchItemFailures": [{ "itemIdentifier": "b" }] });
        assert_eq!(failed_items(&answer, &["a", "b"]), ["b"]);
        assert!(failed_items(&json!({ "batchItemFailures": [] }), &["a"]).is_empty());
        assert!(failed_items(&json!(null), &["a"]).is_empty());
    }

    #[test]
    fn an_answer_that_makes_no_sense_fails_the_whole_batch() {
        for answer in [
            json!({ "batchItemFailures": [{ "itemIdentifier": "unknown" }] }),
            json!({ "batchItemFailures": [{ "itemIdentifier": "" }] }),
            json!({ "batchItemFailures": [{ "id": "a" }] }),
            json!({ "batchItemFailures": "a" }),
        ] {
            assert_eq!(failed_items(&answer, &["a", "b"]), ["a", "b"], "{answer}");
        }
    }
}
