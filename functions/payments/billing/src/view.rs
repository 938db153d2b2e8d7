//! What the caller has subscribed to, and what was billed for it.

use axum::Json;
use axum::extract::State;
use domain::{Cents, Invoice, InvoiceStatus, Subscription, UserId};
use jiff::Timestamp;
use serde::Serialize;
use table::invoice::Place;
use utoipa::ToSchema;
use web::page::{Part, Wanted};
use web::{Answer, Caller, Id, Problem, Query, openapi};

use crate::App;

/// How many invoices come with the status.
const WITH_STATUS: u8 = 10;
/// How many invoices a page has, unless another number is asked for.
const PAGE: u8 = 20;

/// A subscription.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubscriptionView {
    /// Its id, which the other routes take.
    id: String,
    /// Stripe's status of it: `trialing`, `active`, `past_due`, `canceled`, `unpaid`, `paused`, `incomplete` or
    /// `incomplete_expired`.
    status: &'static str,
    /// The plan.
    plan_type: &'static str,
    /// The price each time, in cents.
    #[schema(value_type = u32)]
    amount: Cents,
    /// `month` or `year`.
    interval: &'static str,
    /// The begin of the period that runs.
    #[schema(format = DateTime)]
    current_period_start: String,
    /// Its end.
    #[schema(format = DateTime)]
    current_period_end: String,
    /// Whether it ends then.
    cancel_at_period_end: bool,
    /// When its trial ends or ended, if it has one.
    #[schema(format = DateTime)]
    trial_end: Option<String>,
    /// Until when the plan stays open although a payment failed.
    #[schema(format = DateTime)]
    grace_ends: Option<String>,
    /// When it ended, if it did.
    #[schema(format = DateTime)]
    canceled_at: Option<String>,
}

impl SubscriptionView {
    /// Whether it has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.canceled_at.is_some()
    }
}

impl From<&Subscription> for SubscriptionView {
    fn from(subscription: &Subscription) -> Self {
        let past_due = subscription.status == domain::subscription::SubscriptionStatus::PastDue;
        Self {
            id: subscription.id.clone(),
            status: subscription.status.as_str(),
            plan_type: subscription.plan.as_str(),
            amount: subscription.amount,
            interval: subscription.interval.as_str(),
            current_period_start: subscription.period_start.to_string(),
            current_period_end: subscription.period_end.to_string(),
            cancel_at_period_end: subscription.cancel_at_period_end,
            trial_end: subscription.trial_end.map(|at| at.to_string()),
            grace_ends: past_due.then(|| subscription.grace_ends().to_string()),
            canceled_at: subscription.ended_at.map(|at| at.to_string()),
        }
    }
}

/// An invoice.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvoiceView {
    /// Stripe's id of it.
    id: String,
    /// What is or was to be paid, in cents.
    amount: u64,
    /// What was paid, in cents.
    amount_paid: u64,
    /// Where it stands.
    #[schema(value_type = InvoiceState)]
    status: InvoiceStatus,
    /// What bookkeeping calls it.
    invoice_number: Option<String>,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was paid, if it was.
    #[schema(format = DateTime)]
    paid_at: Option<String>,
    /// Stripe's page of it.
    hosted_invoice_url: Option<String>,
    /// Its PDF.
    invoice_pdf: Option<String>,
}

/// Where an invoice stands.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(
    dead_code,
    reason = "describes `domain::InvoiceStatus`, which knows nothing of OpenAPI"
)]
pub(crate) enum InvoiceState {
    Draft,
    Open,
    Uncollectible,
    Paid,
    Void,
}

impl From<Invoice> for InvoiceView {
    fn from(invoice: Invoice) -> Self {
        Self {
            id: invoice.id.into(),
            amount: invoice.amount,
            amount_paid: invoice.amount_paid,
            status: invoice.status,
            invoice_number: invoice.number,
            created_at: invoice.created.to_string(),
            paid_at: invoice.paid_at.map(|at| at.to_string()),
            hosted_invoice_url: invoice.page,
            invoice_pdf: invoice.pdf,
        }
    }
}

/// What the caller has subscribed to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BillingStatus {
    /// Whether a plan counts now.
    has_active_subscription: bool,
    /// The subscription that runs or ran last.
    subscription: Option<SubscriptionView>,
    /// The last ten invoices, newest first.
    invoices: Vec<InvoiceView>,
}

/// What the caller has subscribed to, and was billed for.
#[utoipa::path(
    get, path = "/api/payments/subscription-status/{userId}", tag = "payments", operation_id = "subscriptionStatus",
    params(("userId" = String, Path, description = "The caller")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The subscription and the last invoices", body = BillingStatus),
        openapi::NotSignedIn, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn status(
    State(app): State<App>,
    caller: Caller,
    Id(user): Id<UserId>,
) -> Answer<Json<BillingStatus>> {
    if user != caller.id() {
        return Err(Problem::not_found("person"));
    }
    let subscription = caller.account.billing.subscription.as_ref();
    let page = app.table().invoices(user, WITH_STATUS, None).await?;
    Ok(Json(BillingStatus {
        has_active_subscription: is_active(subscription, app.table().now()),
        subscription: subscription.map(Into::into),
        invoices: page.invoices.into_iter().map(Into::into).collect(),
    }))
}

fn is_active(subscription: Option<&Subscription>, now: Timestamp) -> bool {
    subscription.is_some_and(|subscription| subscription.entitles(now))
}

/// A page of invoices, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvoiceList {
    /// The invoices.
    invoices: Vec<InvoiceView>,
    /// How many there are on all pages.
    total: u32,
    /// What to send as `cursor` for the next page.
    next_cursor: Option<String>,
}

/// The caller's invoices, newest first; 20 a page unless `limit` says otherwise.
#[utoipa::path(
    get, path = "/api/payments/invoices", tag = "payments", operation_id = "listInvoices", params(Part),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "A page of invoices", body = InvoiceList),
        openapi::BadQuery, openapi::NotSignedIn, openapi::Faults,
    ),
)]
pub(crate) async fn invoices(
    State(app): State<App>,
    caller: Caller,
    Query(part): Query<Part>,
) -> Answer<Json<InvoiceList>> {
    let list = format!("invoices {}", caller.id());
    let wanted: Wanted<Place> = part.of(&app.cursors, &list, PAGE)?;
    let page = app
        .table()
        .invoices(caller.id(), wanted.limit, wanted.after.as_ref())
        .await?;
    Ok(Json(InvoiceList {
        total: caller.account.invoices,
        next_cursor: page.next.map(|last| app.cursors.make(&list, &last)),
        invoices: page.invoices.into_iter().map(Into::into).collect(),
    }))
}
