//! One refund, a step further.

use domain::lease::{Standing, Step};
use domain::{PurchaseId, UserId, VerificationId};
use payments::StripeFailure;
use payments::refund::LeaseRefund;
use runtime::JobError;
use table::purchase::Purchase;

use crate::{Context, later};

/// Does what is to be done about a refund now. Safe to repeat, at once or later, and to die in.
pub(crate) async fn go_on(
    context: &Context,
    user: UserId,
    purchase: PurchaseId,
    verification: VerificationId,
) -> Result<(), JobError> {
    let Some(purchase) = context.table.purchase(user, purchase).await.map_err(later)? else {
        tracing::warn!(%purchase, %verification, "a refund is due, and its purchase is gone");
        return Ok(());
    };
    match purchase.refund_standing(verification) {
        Some(Standing::Wanted(_) | Standing::Waiting(_) | Standing::Requested | Standing::Pending(_)) => {
            ask(context, &purchase, verification).await
        }
        Some(Standing::Paid(_) | Standing::Failed | Standing::Ended(_)) | None => {
            tracing::info!(purchase = %purchase.id, %verification, "there is nothing to be done about the refund");
            Ok(())
        }
    }
}

async fn ask(context: &Context, purchase: &Purchase, verification: VerificationId) -> Result<(), JobError> {
    let Some(payment_intent) = &purchase.payment_intent else {
        return Err(JobError::Retry("the payment is not known yet".to_owned()));
    };
    learn(context, purchase, payment_intent).await?;
    let (user, id) = (purchase.user, purchase.id);
    let step = context
        .table
        .refund_step(user, id, verification)
        .await
        .map_err(later)?;
    let request = match step {
        Step::Ask(request) => request,
        Step::ComeAgain | Step::Rest => {
            tracing::info!(purchase = %id, %verification, ?step, "the refund waits, or is settled");
            return Ok(());
        }
    };
    let refund = LeaseRefund {
        payment_intent,
        request,
        user,
        purchase: id,
    };
    match context.stripe.refund_for_lease(refund).await {
        Ok(news) => {
            tracing::info!(purchase = %id, %verification, attempt = request.claim.attempt, "Stripe was asked for the refund");
            context.table.learn(purchase, &[news]).await.map_err(later)
        }
        Err(failure) if failure.is_refusal() => {
            tracing::warn!(purchase = %id, %verification, %failure, "Stripe refuses the refund");
            learn(context, purchase, payment_intent).await?;
            context
                .table
                .refund_refused(user, id, request)
                .await
                .map_err(later)
        }
        Err(failure) => Err(unknown(failure)),
    }
}

/// Learns everything that Stripe knows of a payment's refunds and disputes.
async fn learn(context: &Context, purchase: &Purchase, payment_intent: &str) -> Result<(), JobError> {
    let told = context
        .stripe
        .reversals_of(payment_intent)
        .await
        .map_err(unknown)?;
    context.table.learn(purchase, &told).await.map_err(later)
}

/// Whether Stripe did anything is not known.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn unknown(failure: StripeFailure) -> JobError {
    JobError::Retry(failure.to_string())
}
