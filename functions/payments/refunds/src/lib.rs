#![doc = include_str!("../README.md")]

mod refund;

use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsMessage};
use domain::event::Fact;
use domain::{UserId, VerificationId};
use payments::Stripe;
use runtime::batch::Trigger;
use runtime::{ConfigError, JobError, Runtime, batch, telemetry};
use table::{Table, TableError, outbox};

/// How many purchases are looked at in one run. The next one comes soon.
const LOOKED_AT_AT_ONCE: u8 = 25;

/// What the job works with.
#[derive(Debug)]
pub struct Context {
    table: Table,
    stripe: Stripe,
    /// Its name on Lambda, which its metrics carry.
    function: String,
}

impl Context {
    /// The table and Stripe.
    ///
    /// # Errors
    /// [`ConfigError`] if a variable is missing or unusable.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        let environment = &runtime.environment;
        Ok(Self {
            table: Table::new(runtime)?,
            stripe: Stripe::new(runtime)?,
            function: environment.required("AWS_LAMBDA_FUNCTION_NAME")?.to_owned(),
        })
    }
}

/// Does what a batch of events asks for, or looks at what should have moved.
///
/// # Errors
/// [`JobError::Retry`] if something that was to be looked at could not be. Messages that failed are named in the answer.
pub async fn handle(context: Arc<Context>, trigger: Trigger) -> Result<Option<SqsBatchResponse>, JobError> {
    match trigger {
        Trigger::Queue(event) => {
            let answer = batch::each_message(event, |message| one(Arc::clone(&context), message)).await;
            Ok(Some(answer))
        }
        Trigger::Schedule(_) => look(&context).await.map(|()| None),
    }
}

async fn one(context: Arc<Context>, message: SqsMessage) -> Result<(), JobError> {
    let event = outbox::event_in(message.body.as_deref().unwrap_or_default())
        .map_err(|error| JobError::GiveUp(format!("the message holds no event of ours: {error}")))?;
    match event.fact {
        Fact::LeaseVerified {
            user_id,
            verification_id,
        } => owe(&context, user_id, verification_id).await,
        Fact::RefundDue {
            user_id,
            purchase_id,
            verification_id,
        } => refund::go_on(&context, user_id, purchase_id, verification_id).await,
        Fact::RefundFailed {
            purchase_id,
            verification_id,
            ..
        } => {
            tracing::error!(purchase = %purchase_id, verification = %verification_id, "a refund failed");
            telemetry::count("RefundsFailed", &context.function, 1, context.table.now());
            Ok(())
        }
        ref fact => Err(JobError::GiveUp(format!(
            "{} is no concern of refunds",
            fact.name()
        ))),
    }
}

/// Takes on what is owed for a lease that was verified.
async fn owe(context: &Context, user: UserId, id: VerificationId) -> Result<(), JobError> {
    let verification = context.table.verification(user, id).await.map_err(later)?;
    let Some(verification) = verification else {
        tracing::warn!(verification = %id, "a lease was verified, and its renter's data is gone");
        return Ok(());
    };
    if verification.refund_due.get() == 0 {
        tracing::info!(verification = %id, "a lease was verified that earns nothing");
        return Ok(());
    }
    let (purchase, due) = (verification.purchase, verification.refund_due);
    let owed = context
        .table
        .owe_refund(user, purchase, id, due)
        .await
        .map_err(later)?;
    if owed.is_none() {
        tracing::error!(verification = %id, purchase = %purchase, "a lease was verified, and its purchase is gone");
    }
    Ok(())
}

/// Goes on with the refunds that should have moved.
async fn look(context: &Context) -> Result<(), JobError> {
    let purchases = context
        .table
        .refunds_due(LOOKED_AT_AT_ONCE)
        .await
        .map_err(later)?;
    let mut failed = 0_u32;
    for purchase in &purchases {
        context.table.put_off_refunds(purchase).await.map_err(later)?;
        for verification in purchase.debts.verifications() {
            // One that fails must not keep the others waiting.
            if let Err(error) = refund::go_on(context, purchase.user, purchase.id, verification).await {
                tracing::error!(%error, purchase = %purchase.id, verification = %verification, "a refund could not be looked at");
                failed += 1;
            }
        }
    }
    tracing::info!(
        purchases = purchases.len(),
        failed,
        "looked at the refunds that should have moved"
    );
    if failed == 0 {
        Ok(())
    } else {
        Err(JobError::Retry(format!(
            "{failed} refunds could not be looked at"
        )))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn later(error: TableError) -> JobError {
    JobError::Retry(error.to_string())
}
