#![doc = include_str!("../README.md")]

use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::DomainEvent;
use domain::event::Fact;
use lease_files::LeaseFiles;
use runtime::{ConfigError, JobError, Runtime, batch};
use serde::Deserialize;

/// What the job works with.
#[derive(Debug)]
pub struct Context {
    files: LeaseFiles,
}

impl Context {
    /// The bucket.
    ///
    /// # Errors
    /// [`ConfigError`] if a variable is missing or unusable.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        Ok(Self {
            files: LeaseFiles::new(runtime)?,
        })
    }
}

/// The envelope in which EventBridge puts an event into the queue.
#[derive(Deserialize)]
struct Envelope {
    detail: DomainEvent,
}

/// Deletes the files of the accounts that a batch of events tells the end of.
///
/// # Errors
/// Never as a whole: messages that failed are named in the answer.
pub async fn handle(context: Arc<Context>, event: SqsEvent) -> Result<SqsBatchResponse, JobError> {
    Ok(batch::each_message(event, |message| erase(Arc::clone(&context), message)).await)
}

async fn erase(context: Arc<Context>, message: SqsMessage) -> Result<(), JobError> {
    let body = message.body.unwrap_or_default();
    let envelope: Envelope = serde_json::from_str(&body)
        .map_err(|error| JobError::GiveUp(format!("the message holds no event of ours: {error}")))?;
    match envelope.detail.fact {
        Fact::AccountDeleted { user_id } => {
            let deleted = context.files.delete_all_of(user_id).await;
            deleted.map_err(|error| JobError::Retry(error.to_string()))?;
            tracing::info!(user = %user_id, "the files of an account that is gone are deleted");
            Ok(())
        }
        fact => Err(JobError::GiveUp(format!("{} deletes no files", fact.name()))),
    }
}
