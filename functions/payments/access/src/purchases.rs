//! The caller's purchases.

use axum::Json;
use axum::extract::State;
use domain::{Cents, PurchaseId, PurchaseStatus};
use serde::{Deserialize, Serialize};
use table::purchase::Purchase;
use utoipa::{IntoParams, ToSchema};
use web::page::{Part, Wanted};
use web::{Answer, App, Caller, Problem, Query, openapi};

/// How many purchases a page has, unless another number is asked for.
const PAGE: u8 = 20;

/// A purchase.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PurchaseView {
    /// Its id.
    id: String,
    /// What was bought.
    plan_id: &'static str,
    /// The price, in cents.
    #[schema(value_type = u32)]
    amount: Cents,
    /// `usd`.
    currency: &'static str,
    /// Where it stands.
    #[schema(value_type = PurchaseState)]
    status: PurchaseStatus,
    /// The property, if it is for one.
    property_id: Option<String>,
    /// When it was begun.
    #[schema(format = DateTime)]
    created_at: String,
    /// When the money came.
    #[schema(format = DateTime)]
    paid_at: Option<String>,
    /// How much of it was given back, in cents.
    refunded_amount: u64,
}

/// Where a purchase stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(
    dead_code,
    reason = "describes `domain::PurchaseStatus`, which knows nothing of OpenAPI"
)]
pub(crate) enum PurchaseState {
    Pending,
    Expired,
    Failed,
    Paid,
    PartiallyRefunded,
    Refunded,
    Disputed,
}

/// A page of purchases, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PurchaseList {
    /// The purchases.
    purchases: Vec<PurchaseView>,
    /// How many there are on all pages.
    total: u32,
    /// What to send as `cursor` for the next page.
    next_cursor: Option<String>,
}

impl From<Purchase> for PurchaseView {
    fn from(purchase: Purchase) -> Self {
        Self {
            id: purchase.id.to_string(),
            plan_id: purchase.plan.as_str(),
            amount: purchase.amount,
            currency: "usd",
            status: purchase.status,
            property_id: purchase.property.map(|property| property.listing.to_string()),
            created_at: purchase.started_at.to_string(),
            paid_at: purchase.money.paid_at().map(|at| at.to_string()),
            refunded_amount: purchase.money.refunded(),
        }
    }
}

/// The caller's purchases, newest first, paid or not; 20 a page unless `limit` says otherwise.
#[utoipa::path(
    get, path = "/api/purchases", tag = "payments", operation_id = "listPurchases", params(Part),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "A page of purchases", body = PurchaseList),
        openapi::BadQuery, openapi::NotSignedIn, openapi::Faults,
    ),
)]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(part): Query<Part>,
) -> Answer<Json<PurchaseList>> {
    let list = format!("purchases {}", caller.id());
    let wanted: Wanted<PurchaseId> = part.of(&app.cursors, &list, PAGE)?;
    let page = app
        .table
        .purchases(caller.id(), wanted.limit, wanted.after)
        .await?;
    Ok(Json(PurchaseList {
        total: caller.account.purchases,
        next_cursor: page.next.map(|last| app.cursors.make(&list, &last)),
        purchases: page.purchases.into_iter().map(Into::into).collect(),
    }))
}

/// Who asks for whom. The session says who asks; whoever is named must be that person.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Whose {
    /// The caller's address, if it is given.
    #[param(max_length = 254)]
    email: Option<String>,
    /// The caller's id, if it is given.
    #[param(max_length = 64)]
    user_id: Option<String>,
}

/// Whether the caller has bought anything that is open now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PaymentStatus {
    /// Whether a plan runs now.
    has_unlocked: bool,
    /// The latest purchase, paid or not.
    purchase: Option<PurchaseView>,
    /// How many purchases there are.
    total_purchases: u32,
}

/// Whether the caller has bought anything that is open now.
#[utoipa::path(
    get, path = "/api/payments/status", tag = "payments", operation_id = "paymentStatus", params(Whose),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The latest purchase, and whether a plan runs", body = PaymentStatus),
        openapi::BadQuery, openapi::NotSignedIn, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn status(
    State(app): State<App>,
    caller: Caller,
    Query(whose): Query<Whose>,
) -> Answer<Json<PaymentStatus>> {
    let another =
        |given: Option<String>, own: String| given.is_some_and(|given| !given.eq_ignore_ascii_case(&own));
    if another(whose.user_id, caller.id().to_string())
        || another(whose.email, caller.account.email.to_string())
    {
        return Err(Problem::not_found("person"));
    }
    let page = app.table.purchases(caller.id(), 1, None).await?;
    Ok(Json(PaymentStatus {
        has_unlocked: caller.account.plan(app.table.now()).is_some(),
        purchase: page.purchases.into_iter().next().map(Into::into),
        total_purchases: caller.account.purchases,
    }))
}
