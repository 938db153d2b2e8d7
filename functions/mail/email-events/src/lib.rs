#![doc = include_str!("../README.md")]

mod event;

use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::EmailAddress;
use runtime::{ConfigError, JobError, Runtime, batch, telemetry};
use table::Table;

use crate::event::{Event, Word};

/// What the job works with.
#[derive(Debug)]
pub struct Context {
    table: Table,
    /// Its name on Lambda, which its metrics carry.
    function: String,
}

impl Context {
    /// The table.
    ///
    /// # Errors
    /// [`ConfigError`] if a variable is missing.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(runtime)?,
            function: runtime
                .environment
                .required("AWS_LAMBDA_FUNCTION_NAME")?
                .to_owned(),
        })
    }
}

/// Takes in a batch of events.
///
/// # Errors
/// Never as a whole: messages that failed are named in the answer.
pub async fn handle(context: Arc<Context>, event: SqsEvent) -> Result<SqsBatchResponse, JobError> {
    Ok(batch::each_message(event, |message| take_in(Arc::clone(&context), message)).await)
}

async fn take_in(context: Arc<Context>, message: SqsMessage) -> Result<(), JobError> {
    let event: Event = message
        .body
        .as_deref()
        .unwrap_or_default()
        .parse()
        .map_err(|error| JobError::GiveUp(format!("the message holds no event of SES: {error}")))?;
    let Some(Word {
        reason,
        metric,
        at,
        addresses,
    }) = event.word()
    else {
        tracing::info!(
            mail = event.message_id(),
            "nothing of lasting meaning happened to a mail"
        );
        return Ok(());
    };
    let mut unread = 0_u32;
    for address in addresses {
        let Ok(address) = address.parse::<EmailAddress>() else {
            unread += 1;
            continue;
        };
        let noted = context.table.suppress_everywhere(&address, reason, at).await;
        let noted = noted.map_err(|error| JobError::Retry(error.to_string()))?;
        if noted {
            telemetry::count(metric, &context.function, 1, context.table.now());
        }
    }
    if unread == 0 {
        return Ok(());
    }
    // The address is personal data and stays in the message, among the dead letters.
    Err(JobError::GiveUp(format!(
        "{unread} recipients of {} have an address that cannot be read",
        event.message_id()
    )))
}
