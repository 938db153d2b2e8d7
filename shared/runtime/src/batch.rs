//! A batch of queue messages or stream records. Each one is handled by itself; the ones that failed are named in the
//! answer, so that the rest are not done again (`ReportBatchItemFailures` in template.yaml).

use std::future::Future;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::stream::{self, StreamExt};
use serde::Deserialize;

use crate::JobError;

/// What sets a job going that has a queue, and a schedule that looks at what the queue did not bring about.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Trigger {
    /// Messages from its queue.
    Queue(SqsEvent),
    /// Its schedule.
    Schedule(Scheduled),
}

/// The event of a schedule.
#[derive(Debug, Deserialize)]
pub struct Scheduled {
    /// When it was due.
    #[serde(rename = "time")]
    _time: String,
}

/// Handles each message of a queue's batch, one after the other, and names those that failed.
pub async fn each_message<F, Fut>(event: SqsEvent, handle: F) -> SqsBatchResponse
where
    F: Fn(SqsMessage) -> Fut,
    Fut: Future<Output = Result<(), JobError>>,
{
    let mut failed = SqsBatchResponse::default();
    for message in event.records {
        let id = message.message_id.clone().unwrap_or_default();
        note(handle(message).await, id, &mut failed);
    }
    failed
}

/// Handles the messages of a queue's batch, some at the same time, and names those that failed.
pub async fn messages_at_once<F, Fut>(event: SqsEvent, at_once: usize, handle: F) -> SqsBatchResponse
where
    F: Fn(SqsMessage) -> Fut,
    Fut: Future<Output = Result<(), JobError>>,
{
    let handled = stream::iter(event.records).map(|message| {
        let id = message.message_id.clone().unwrap_or_default();
        let handled = handle(message);
        async move { (id, handled.await) }
    });
    let mut failed = SqsBatchResponse::default();
    let mut handled = handled.buffer_unordered(at_once);
    while let Some((id, ended)) = handled.next().await {
        note(ended, id, &mut failed);
    }
    failed
}

fn note(ended: Result<(), JobError>, id: String, failed: &mut SqsBatchResponse) {
    if let Err(error) = ended {
        tracing::error!(%error, message_id = id, "a queue message was not handled");
        failed.add_failure(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_and_a_schedule_are_told_apart_and_nothing_else_is_taken_for_one() {
        let read = |json: &str| serde_json::from_str::<Trigger>(json);
        let queue = read(r#"{ "Records": [] }"#);
        assert!(matches!(queue, Ok(Trigger::Queue(_))));
        let schedule = read(r#"{ "source": "aws.events", "time": "2026-01-01T09:00:00Z", "detail": {} }"#);
        assert!(matches!(schedule, Ok(Trigger::Schedule(_))));
        assert!(read("{}").is_err());
    }

    fn message(id: &str) -> SqsMessage {
        serde_json::from_value(serde_json::json!({
            "messageId": id, "body": id, "attributes": {}, "messageAttributes": {}
        }))
        .unwrap()
    }

    #[tokio::test]
    async fn only_the_messages_that_failed_are_named_in_the_answer() {
        let event: SqsEvent = serde_json::from_value(serde_json::json!({ "Records": [] })).unwrap();
        let mut event = event;
        event.records = vec![message("a"), message("b"), message("c")];
        let handle = async |message: SqsMessage| match message.body.as_deref() {
            Some("b") => Err(JobError::Retry("not now".into())),
            _ => Ok(()),
        };
        let one_by_one = each_message(event.clone(), handle).await;
        for answer in [one_by_one, messages_at_once(event, 2, handle).await] {
            let failed: Vec<_> = answer
                .batch_item_failures
                .iter()
                .map(|f| f.item_identifier.as_str())
                .collect();
            assert_eq!(failed, ["b"]);
        }
    }
}
