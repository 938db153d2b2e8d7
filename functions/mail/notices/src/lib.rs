#![doc = include_str!("../README.md")]

use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::event::Fact;
use domain::{DomainEvent, PurchaseId, UserId};
use mail::receipt::Receipt;
use mail::{Mailer, Message, SendError};
use runtime::{ConfigError, JobError, Runtime, batch, telemetry};
use serde::Deserialize;
use table::account::Account;
use table::mail::{Claim, Intent};
use table::purchase::Purchase;
use table::{Table, TableError};

/// What the job works with.
#[derive(Debug)]
pub struct Context {
    table: Table,
    mailer: Mailer,
    web_url: String,
}

impl Context {
    /// The table, SES and the web client's address.
    ///
    /// # Errors
    /// [`ConfigError`] if a variable is missing.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(runtime)?,
            mailer: Mailer::new(runtime)?,
            web_url: runtime.environment.required("WEB_URL")?.to_owned(),
        })
    }
}

/// The envelope in which EventBridge puts an event into the queue.
#[derive(Deserialize)]
struct Envelope {
    detail: DomainEvent,
}

/// Mails the receipts of a batch of paid purchases.
///
/// # Errors
/// Never as a whole: messages that failed are named in the answer.
pub async fn handle(context: Arc<Context>, event: SqsEvent) -> Result<SqsBatchResponse, JobError> {
    Ok(batch::each_message(event, |message| mail_receipt(Arc::clone(&context), message)).await)
}

async fn mail_receipt(context: Arc<Context>, message: SqsMessage) -> Result<(), JobError> {
    let body = message.body.unwrap_or_default();
    let envelope: Envelope = serde_json::from_str(&body)
        .map_err(|error| JobError::GiveUp(format!("the message holds no event of ours: {error}")))?;
    let Fact::PurchasePaid { user_id, purchase_id } = envelope.detail.fact else {
        tracing::warn!(
            fact = envelope.detail.fact.name(),
            "nobody is told of this by mail"
        );
        return Ok(());
    };
    let Some(receipt) = write(&context, user_id, purchase_id).await? else {
        tracing::warn!(purchase = %purchase_id, "there is nobody to send a receipt to");
        return Ok(());
    };
    let intent = Intent::Receipt(purchase_id);
    match context.table.claim_mail(intent, user_id).await.map_err(later)? {
        Claim::Ours => send(&context, intent, &receipt).await,
        Claim::Done => {
            tracing::info!(purchase = %purchase_id, "the receipt was sent before");
            Ok(())
        }
        // Whoever claimed it may be at work, or may have died before or after sending: if it stays so, a person
        // finds the message among the dead letters.
        Claim::Unfinished => Err(JobError::Retry(
            "the receipt was claimed, and not sent yet".to_owned(),
        )),
    }
}

async fn write(context: &Context, user: UserId, purchase: PurchaseId) -> Result<Option<Message>, JobError> {
    let found = context
        .table
        .purchase_and_account(user, purchase)
        .await
        .map_err(later)?;
    found
        .map(|(purchase, account)| receipt(&purchase, &account, &context.web_url))
        .transpose()
}

fn receipt(purchase: &Purchase, account: &Account, web_url: &str) -> Result<Message, JobError> {
    let receipt = Receipt {
        to: &account.email,
        name: &account.name,
        plan: purchase.plan.plan(),
        amount: purchase.amount,
        paid_at: purchase.paid_at.unwrap_or(purchase.started_at),
        purchase: purchase.id,
        web_url,
    };
    receipt
        .write()
        .map_err(|error| JobError::GiveUp(error.to_string()))
}

async fn send(context: &Context, intent: Intent, receipt: &Message) -> Result<(), JobError> {
    match context.mailer.send(receipt).await {
        Ok(message) => {
            // The mail is out; that its id was not noted must not send it again.
            if let Err(error) = context.table.mail_sent(intent, &message).await {
                tracing::error!(%error, "a receipt was sent, and could not be noted as sent");
            }
            Ok(())
        }
        Err(error @ SendError::NotSent(_)) => {
            context.table.release_mail(intent).await.map_err(later)?;
            Err(JobError::Retry(error.to_string()))
        }
        Err(error @ SendError::Unknown(_)) => {
            tracing::error!(%error, "a receipt may or may not have been sent");
            telemetry::count("MailUnconfirmed", 1, context.table.now());
            context.table.mail_unconfirmed(intent).await.map_err(later)
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn later(error: TableError) -> JobError {
    JobError::Retry(error.to_string())
}
