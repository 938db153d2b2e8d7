//! A batch of queue messages or stream records. Each one is handled by itself; the ones that failed are named in the
//! answer, so that the rest are not done again (`ReportBatchItemFailures` in template.yaml).

use std::future::Future;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};

use crate::JobError;

/// Handles each message of a queue's batch, one after the other, and names those that failed.
pub async fn each_message<F, Fut>(event: SqsEvent, handle: F) -> SqsBatchResponse
where
    F: Fn(SqsMessage) -> Fut,
    Fut: Future<Output = Result<(), JobError>>,
{
    let mut failed = SqsBatchResponse::default();
    for message in event.records {
        let id = message.message_id.clone().unwrap_or_default();
        if let Err(error) = handle(message).await {
            tracing::error!(%error, message_id = id, "a queue message was not handled");
            failed.add_failure(id);
        }
    }
    failed
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let answer = each_message(event, async |message| match message.body.as_deref() {
            Some("b") => Err(JobError::Retry("not now".into())),
            _ => Ok(()),
        })
        .await;
        let failed: Vec<_> = answer
            .batch_item_failures
            .iter()
            .map(|f| f.item_identifier.as_str())
            .collect();
        assert_eq!(failed, ["b"]);
    }
}
