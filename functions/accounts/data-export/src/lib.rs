#![doc = include_str!("../README.md")]

mod document;

use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::event::Fact;
use domain::{ExportId, UserId};
use exports::{Exports, ExportsError};
use runtime::{ConfigError, JobError, Runtime, batch, telemetry};
use table::{Table, TableError, outbox};

use crate::document::Document;

/// What the job works with.
#[derive(Debug)]
pub struct Context {
    table: Table,
    exports: Exports,
    /// Its name on Lambda, which its metrics carry.
    function: String,
}

impl Context {
    /// The table and the bucket.
    ///
    /// # Errors
    /// [`ConfigError`] if a variable is missing.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        let function = runtime.environment.required("AWS_LAMBDA_FUNCTION_NAME")?;
        Ok(Self {
            table: Table::new(runtime)?,
            exports: Exports::new(runtime)?,
            function: function.to_owned(),
        })
    }
}

/// Writes the copies that a batch of events asks for.
///
/// # Errors
/// Never as a whole: messages that failed are named in the answer.
pub async fn handle(context: Arc<Context>, event: SqsEvent) -> Result<SqsBatchResponse, JobError> {
    Ok(batch::each_message(event, |message| take(Arc::clone(&context), message)).await)
}

async fn take(context: Arc<Context>, message: SqsMessage) -> Result<(), JobError> {
    let event = outbox::event_in(message.body.as_deref().unwrap_or_default())
        .map_err(|error| JobError::GiveUp(format!("the message holds no event of ours: {error}")))?;
    match event.fact {
        Fact::DataExportRequested { user_id, export_id } => copy(&context, user_id, export_id).await,
        fact => Err(JobError::GiveUp(format!("{} asks for no copy", fact.name()))),
    }
}

async fn copy(context: &Context, user: UserId, id: ExportId) -> Result<(), JobError> {
    let table = &context.table;
    let asked_for = table.export(user).await.map_err(later)?;
    let Some(_) = asked_for.filter(|export| export.id == id && export.ready_at.is_none()) else {
        tracing::info!(export = %id, "a copy is written already, or nobody waits for it any more");
        return Ok(());
    };
    let mut document = Document::new();
    let mut from = None;
    loop {
        let page = table.belongings(user, from).await.map_err(later)?;
        for belonging in &page.belongings {
            document.add(belonging).map_err(later)?;
        }
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    if !document.has_account() {
        tracing::info!(export = %id, "the account was closed before its copy was written");
        return Ok(());
    }
    let not_shown = document.not_shown();
    if not_shown > 0 {
        tracing::error!(export = %id, not_shown, "a copy lacks items of which nobody has said what may be shown");
        telemetry::count("ExportIncomplete", &context.function, not_shown, table.now());
    }
    let written = document.written(user, id, table.now());
    let written = written.map_err(|error| JobError::GiveUp(error.to_string()))?;
    context.exports.write(user, written).await.map_err(unwritten)?;
    let ready = table.export_ready(user, id).await.map_err(later)?;
    tracing::info!(export = %id, ready, "a copy was written");
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn later(error: TableError) -> JobError {
    JobError::Retry(error.to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn unwritten(error: ExportsError) -> JobError {
    JobError::Retry(error.to_string())
}
