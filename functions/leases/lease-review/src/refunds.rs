//! Refunds for leases that failed, and wait for a person.

use axum::Json;
use axum::extract::State;
use domain::lease::VerificationStatus;
use domain::text::Line;
use domain::{Cents, VerificationId};
use serde::{Deserialize, Serialize};
use table::purchase::Purchase;
use table::refund::{FailedRefund, RefundRetry};
use utoipa::ToSchema;
use web::idempotency::Operation;
use web::page::{Part, Wanted};
use web::{Answer, Body, Caller, Id, Problem, Query, openapi};

use crate::App;

/// How many purchases a part of the list has, unless another number is asked for.
const PAGE: u8 = 20;
const LIST: &str = "lease refunds that failed";

/// A refund for a lease.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwedLeaseRefund {
    /// The verification of the lease.
    verification_id: String,
    /// Whose it is.
    user_id: String,
    /// The purchase whose money goes back.
    purchase_id: String,
    /// Stripe's id of its payment.
    payment_intent_id: Option<String>,
    /// Where the verification stands with it.
    #[schema(value_type = String, example = "refund_failed")]
    status: VerificationStatus,
    /// What is owed, in dollars.
    refund_amount: f64,
    /// How often Stripe was or is to be asked for it.
    attempts: u32,
}

/// A part of the refunds that failed, by when their leases were sent.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LeaseRefundList {
    /// The refunds.
    lease_refunds: Vec<OwedLeaseRefund>,
    /// What to send as `cursor` for the next page.
    next_cursor: Option<String>,
}

/// Asks once more for a refund.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct RetryOfRefund {
    /// Why.
    #[schema(value_type = String, min_length = 1, max_length = 1000)]
    note: Line<1000>,
}

/// A refund that was asked for once more.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RetriedLeaseRefund {
    /// The refund.
    lease_refund: OwedLeaseRefund,
}

impl OwedLeaseRefund {
    fn of(purchase: &Purchase, verification: VerificationId) -> Option<Self> {
        let due = purchase.debts.due(verification).unwrap_or(Cents::new(0));
        Some(Self {
            verification_id: verification.to_string(),
            user_id: purchase.user.to_string(),
            purchase_id: purchase.id.to_string(),
            payment_intent_id: purchase.payment_intent.clone(),
            status: purchase.refund_standing(verification)?.status(),
            refund_amount: f64::from(due.get()) / 100.0,
            attempts: purchase.debts.attempts(verification)?,
        })
    }
}

/// The refunds for leases that failed and wait for a person, by when the leases were sent; those of 20 purchases a page
/// unless `limit` says otherwise.
#[utoipa::path(
    get, path = "/api/admin/lease-refunds", tag = "leases", operation_id = "listFailedLeaseRefunds", params(Part),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "A part of the refunds that failed", body = LeaseRefundList),
        openapi::BadQuery, openapi::NotSignedIn, openapi::Forbidden, openapi::Faults,
    ),
)]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(part): Query<Part>,
) -> Answer<Json<LeaseRefundList>> {
    caller.must_be(&[])?;
    let wanted: Wanted<FailedRefund> = part.of(&app.cursors, LIST, PAGE)?;
    let page = app.table.failed_refunds(wanted.limit, wanted.after).await?;
    let of = |purchase: &Purchase| {
        let failed: Vec<_> = purchase.failed_refunds().collect();
        let owed = failed.into_iter();
        owed.filter_map(|lease| OwedLeaseRefund::of(purchase, lease))
            .collect::<Vec<_>>()
    };
    Ok(Json(LeaseRefundList {
        lease_refunds: page.purchases.iter().flat_map(of).collect(),
        next_cursor: page.next.map(|last| app.cursors.make(LIST, &last)),
    }))
}

/// Asks once more for a refund that failed: one more refund to where the payment came from.
#[utoipa::path(
    post, path = "/api/admin/lease-refunds/{id}/retry", tag = "leases", operation_id = "retryLeaseRefund",
    params(("id" = String, Path, description = "The verification")), request_body = RetryOfRefund,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "It is asked for", body = RetriedLeaseRefund),
        openapi::BadBody, openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn retry(
    State(app): State<App>,
    caller: Caller,
    operation: Operation,
    Id(id): Id<VerificationId>,
    Body(wish): Body<RetryOfRefund>,
) -> Answer<Json<RetriedLeaseRefund>> {
    caller.must_be(&[])?;
    let asked = match app.table.failed_refund(id).await? {
        Some(failed) => {
            let retry = RefundRetry {
                verification: id,
                user: failed.user,
                purchase: failed.id,
                admin: caller.id(),
                note: wish.note.as_str().to_owned(),
                asked_at: operation.at,
            };
            app.table.retry_refund(&retry).await?
        }
        None => None,
    };
    let asked = match asked {
        Some(purchase) => Some(purchase),
        None => asked_before(&app, &caller, operation, id).await?,
    };
    let owed = asked.and_then(|purchase| OwedLeaseRefund::of(&purchase, id));
    let lease_refund = owed.ok_or_else(|| Problem::not_found("refund that failed"))?;
    Ok(Json(RetriedLeaseRefund { lease_refund }))
}

/// The purchase, if an earlier attempt at this very request asked for the refund, and its answer was lost.
async fn asked_before(
    app: &App,
    caller: &Caller,
    operation: Operation,
    id: VerificationId,
) -> Answer<Option<Purchase>> {
    let earlier = app.table.refund_retry(id, operation.at).await?;
    match earlier.filter(|earlier| earlier.admin == caller.id()) {
        Some(earlier) => Ok(app.table.purchase(earlier.user, earlier.purchase).await?),
        None => Ok(None),
    }
}
