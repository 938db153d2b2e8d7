#![doc = include_str!("../README.md")]

mod compose;
mod send;

use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsMessage};
use domain::event::Fact;
use futures::stream::{self, StreamExt};
use mail::Mailer;
use runtime::batch::Trigger;
use runtime::{ConfigError, JobError, Runtime, batch};
use table::link::LinkKey;
use table::{Table, TableError, outbox};

/// How many mails are sent at the same time.
const AT_ONCE: usize = 10;
/// How many mails are read at a time of those that are due.
const READ_AT_ONCE: u8 = 100;
/// How often that is done in one run. The next one comes soon.
const READS: usize = 10;

/// What the job works with.
#[derive(Debug)]
pub struct Context {
    table: Table,
    mailer: Mailer,
    links: LinkKey,
    /// Where the API is served, for the link by which a reader wants no more.
    api_url: String,
    /// Its name on Lambda, which its metrics carry.
    function: String,
}

impl Context {
    /// The table, SES, and what links are made of.
    ///
    /// # Errors
    /// [`ConfigError`] if a variable is missing.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        let environment = &runtime.environment;
        Ok(Self {
            table: Table::new(runtime)?,
            mailer: Mailer::new(runtime)?,
            links: LinkKey::new(environment)?,
            api_url: environment.required("API_URL")?.to_owned(),
            function: environment.required("AWS_LAMBDA_FUNCTION_NAME")?.to_owned(),
        })
    }
}

/// Sends the mails that a batch of events names, or those that are due and that no event sent.
///
/// # Errors
/// [`JobError::Retry`] if a mail that is due could not be looked at. Messages that failed are named in the answer.
pub async fn handle(context: Arc<Context>, trigger: Trigger) -> Result<Option<SqsBatchResponse>, JobError> {
    match trigger {
        Trigger::Queue(event) => {
            let one = |message| one(Arc::clone(&context), message);
            Ok(Some(batch::messages_at_once(event, AT_ONCE, one).await))
        }
        Trigger::Schedule(_) => due(&context).await.map(|()| None),
    }
}

async fn one(context: Arc<Context>, message: SqsMessage) -> Result<(), JobError> {
    let event = outbox::event_in(message.body.as_deref().unwrap_or_default())
        .map_err(|error| JobError::GiveUp(format!("the message holds no event of ours: {error}")))?;
    let Fact::EmailDue { user_id, email_id } = event.fact else {
        let fact = event.fact.name();
        return Err(JobError::GiveUp(format!("{fact} is no concern of the sender's")));
    };
    match context.table.email(user_id, email_id).await.map_err(later)? {
        Some(email) => send::go_on(&context, email).await,
        None => {
            tracing::info!(email = %email_id, "a mail is gone before it was sent: its sender deleted the account");
            Ok(())
        }
    }
}

/// Sends what is scheduled for now, and what an event should have sent and did not.
async fn due(context: &Context) -> Result<(), JobError> {
    let (mut seen, mut failed) = (0_usize, 0_usize);
    for _ in 0..READS {
        let emails = context.table.emails_due(READ_AT_ONCE).await.map_err(later)?;
        let read = emails.len();
        let looked_at = stream::iter(emails).map(async |email| {
            let id = email.id;
            let went_on = send::go_on(context, email).await;
            went_on.inspect_err(|error| tracing::error!(%error, email = %id, "a mail could not be looked at"))
        });
        let looked_at: Vec<_> = looked_at.buffer_unordered(AT_ONCE).collect().await;
        seen += read;
        failed += looked_at.iter().filter(|looked_at| looked_at.is_err()).count();
        if read < usize::from(READ_AT_ONCE) || failed > 0 {
            break;
        }
    }
    tracing::info!(mails = seen, failed, "looked at the mails that are due");
    if failed == 0 {
        Ok(())
    } else {
        Err(JobError::Retry(format!("{failed} mails could not be looked at")))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn later(error: TableError) -> JobError {
    JobError::Retry(error.to_string())
}
