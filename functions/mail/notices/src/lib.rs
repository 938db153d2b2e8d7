#![doc = include_str!("../README.md")]

mod draft;
mod lease_refund;

use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::DomainEvent;
use domain::suppression::SuppressionId;
use mail::{Letterhead, Mailer, SendError};
use runtime::{ConfigError, JobError, Runtime, batch, telemetry};
use table::link::LinkKey;
use table::mail::Claim;
use table::{Table, TableError, outbox};

use crate::draft::Draft;

/// What the job works with.
#[derive(Debug)]
pub struct Context {
    table: Table,
    mailer: Mailer,
    letterhead: Letterhead,
    links: LinkKey,
    /// Its name on Lambda, which its metrics carry.
    function: String,
}

impl Context {
    /// The table, SES, what stands on every letter, and the key of the links in them.
    ///
    /// # Errors
    /// [`ConfigError`] if a variable is missing.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        let environment = &runtime.environment;
        Ok(Self {
            table: Table::new(runtime)?,
            mailer: Mailer::new(runtime)?,
            letterhead: Letterhead::new(environment)?,
            links: LinkKey::new(environment)?,
            function: environment.required("AWS_LAMBDA_FUNCTION_NAME")?.to_owned(),
        })
    }
}

/// Mails what a batch of events tells of.
///
/// # Errors
/// Never as a whole: messages that failed are named in the answer.
pub async fn handle(context: Arc<Context>, event: SqsEvent) -> Result<SqsBatchResponse, JobError> {
    Ok(batch::each_message(event, |message| tell(Arc::clone(&context), message)).await)
}

async fn tell(context: Arc<Context>, message: SqsMessage) -> Result<(), JobError> {
    let event = outbox::event_in(message.body.as_deref().unwrap_or_default())
        .map_err(|error| JobError::GiveUp(format!("the message holds no event of ours: {error}")))?;
    let drafts = [
        draft::of(&context, &event).await?,
        draft::to_us(&context, &event).await?,
    ];
    if drafts.iter().all(Option::is_none) {
        let (id, fact) = (event.event_id, event.fact.name());
        tracing::info!(event = %id, fact, "there is nobody to tell, or nothing to tell any more");
    }
    for draft in drafts.iter().flatten() {
        mail(&context, draft, &event).await?;
    }
    Ok(())
}

async fn mail(context: &Context, draft: &Draft, event: &DomainEvent) -> Result<(), JobError> {
    let (id, fact) = (event.event_id, event.fact.name());
    let to = SuppressionId::of(&draft.message.to);
    let known = context.table.suppressed_everywhere(&to).await.map_err(later)?;
    if known.keeps_back_notices() {
        tracing::warn!(event = %id, fact, "the mail is not sent: its mailbox is not there");
        telemetry::count("MailHeldBack", &context.function, 1, context.table.now());
        return Ok(());
    }
    match context
        .table
        .claim_mail(draft.intent, draft.user)
        .await
        .map_err(later)?
    {
        Claim::Ours => send(context, draft, event).await,
        Claim::Done => {
            tracing::info!(event = %id, fact, "the mail was sent before");
            Ok(())
        }
        // Whoever claimed it may be at work, or may have died before or after sending: if it stays so, a person
        // finds the message among the dead letters.
        Claim::Unfinished => Err(JobError::Retry(
            "the mail was claimed, and not sent yet".to_owned(),
        )),
    }
}

async fn send(context: &Context, draft: &Draft, event: &DomainEvent) -> Result<(), JobError> {
    let (id, fact) = (event.event_id, event.fact.name());
    match context.mailer.send(&draft.message).await {
        Ok(message) => {
            // The mail is out; that its id was not noted must not send it again.
            if let Err(error) = context.table.mail_sent(draft.intent, &message).await {
                tracing::error!(%error, event = %id, fact, "a mail was sent, and could not be noted as sent");
            }
            Ok(())
        }
        Err(error @ (SendError::NotSent(_) | SendError::Refused(_))) => {
            context.table.release_mail(draft.intent).await.map_err(later)?;
            Err(JobError::Retry(error.to_string()))
        }
        Err(error @ SendError::Unknown(_)) => {
            tracing::error!(%error, event = %id, fact, "a mail may or may not have been sent");
            telemetry::count("MailUnconfirmed", &context.function, 1, context.table.now());
            context.table.mail_unconfirmed(draft.intent).await.map_err(later)
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn later(error: TableError) -> JobError {
    JobError::Retry(error.to_string())
}
