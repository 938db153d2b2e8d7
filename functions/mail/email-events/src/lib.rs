#![doc = include_str!("../README.md")]

mod event;

use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::delivery::Happening;
use domain::{EmailAddress, EmailId, UserId};
use runtime::{ConfigError, JobError, Runtime, batch, telemetry};
use table::suppression::Suppression;
use table::{Table, TableError};

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
    let about = event.about();
    // Each is safe to do again, so that one that fails keeps back no other for good.
    let unread = keep_back(&context, &event, about.map(|(sender, _)| sender)).await?;
    match (about, event.happening()) {
        (Some((sender, email)), Some(happening)) => learn(&context, &event, sender, email, happening).await?,
        _ => tracing::info!(
            mail = event.message_id(),
            "nothing is kept of what happened to a mail"
        ),
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

/// Keeps later mails from addresses that bounced for good, or whose owner complained. How many addresses cannot be read.
async fn keep_back(context: &Context, event: &Event, sender: Option<UserId>) -> Result<u32, JobError> {
    let Some(Word {
        reason,
        metric,
        at,
        addresses,
    }) = event.word()
    else {
        return Ok(0);
    };
    let mut unread = 0_u32;
    for address in addresses {
        let Ok(address) = address.parse::<EmailAddress>() else {
            unread += 1;
            continue;
        };
        let noted = context.table.suppress_everywhere(&address, reason, at).await;
        if noted.map_err(later)? {
            telemetry::count(metric, &context.function, 1, context.table.now());
        }
        // Its sender sees whom they do not reach.
        if let Some(sender) = sender {
            let suppression = Suppression::because(address, reason, at);
            context
                .table
                .suppress_for(sender, &suppression)
                .await
                .map_err(later)?;
        }
    }
    Ok(unread)
}

/// Takes in what happened to a mail of a person's; what is told of a mail that is not there is kept aside.
async fn learn(
    context: &Context,
    event: &Event,
    sender: UserId,
    email: EmailId,
    happening: Happening,
) -> Result<(), JobError> {
    let learned = context
        .table
        .amend_email(sender, email, |email| {
            let learned = email.clone().learned(std::slice::from_ref(&happening));
            (learned != email).then_some(learned)
        })
        .await
        .map_err(later)?;
    if learned.is_some() {
        return Ok(());
    }
    tracing::warn!(email = %email, "something happened to a mail that is not there; it is kept aside");
    let message = event.message_id();
    context
        .table
        .keep_email_event_aside(email, message, &happening)
        .await
        .map_err(later)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn later(error: TableError) -> JobError {
    JobError::Retry(error.to_string())
}
