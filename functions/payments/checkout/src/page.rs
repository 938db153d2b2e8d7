//! Stripe's page: for a plan that is paid once, or a subscription.

use axum::Json;
use axum::extract::State;
use domain::subscription::Interval;
use domain::{ListingId, PlanId};
use serde::{Deserialize, Serialize};
use settlement::SettlementError;
use utoipa::ToSchema;
use web::idempotency::Operation;
use web::{Answer, Body, Caller, Problem, openapi};

use crate::{App, order, subscription};

/// What a buyer wants.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct CheckoutRequest {
    /// The plan. Older clients call this `plan`.
    #[serde(alias = "plan")]
    #[schema(value_type = SoldPlan)]
    plan_id: PlanId,
    /// How often a subscription is paid; by the month, unless it is given. Only for a subscription.
    #[schema(value_type = Option<BillingInterval>)]
    interval: Option<Interval>,
    /// The property; for the plan `per_property`, and only for it.
    #[schema(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{1,64}$")]
    property_id: Option<ListingId>,
    /// Taken and not used: a purchase belongs to the caller.
    #[serde(rename = "guestEmail")]
    #[schema(max_length = 255)]
    _guest_email: Option<String>,
    /// Taken and not used.
    #[serde(rename = "guestName")]
    #[schema(max_length = 255)]
    _guest_name: Option<String>,
}

/// The plans.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes `domain::PlanId`")]
pub(crate) enum SoldPlan {
    PerProperty,
    Basic,
    Pro,
    Premium,
    FullAccess,
    LandlordStarter,
    LandlordPro,
    LandlordEnterprise,
    AgentBasic,
    AgentTeam,
    AgentBrokerage,
}

/// How often a subscription is paid.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "describes `domain::subscription::Interval`")]
pub(crate) enum BillingInterval {
    Month,
    Year,
    Monthly,
    Annual,
}

/// Where to send the buyer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CheckoutPage {
    /// Stripe's page.
    pub(crate) url: String,
    /// Stripe's id of the Checkout Session.
    pub(crate) session_id: String,
    /// Our id of the purchase.
    pub(crate) purchase_id: String,
    /// Stripe's id of the customer, for a subscription.
    pub(crate) customer_id: Option<String>,
}

/// Begins a purchase or a subscription, and opens the page on which it is paid.
#[utoipa::path(
    post, path = "/api/payments/create-checkout", tag = "payments", operation_id = "createCheckout", request_body = CheckoutRequest,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The page to send the buyer to", body = CheckoutPage),
        openapi::BadBody, openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Conflict,
        openapi::Faults,
    ),
)]
pub(crate) async fn create_checkout(
    State(app): State<App>,
    caller: Caller,
    operation: Operation,
    Body(wish): Body<CheckoutRequest>,
) -> Answer<Json<CheckoutPage>> {
    let plan = wish.plan_id.plan();
    let interval = wish.interval.unwrap_or(Interval::Month);
    if plan.price_each(interval).is_none() {
        if wish.interval.is_some() {
            return Err(Problem::field("interval", "goes with a subscription only"));
        }
        return pay_once(&app, &caller, operation, wish.plan_id, wish.property_id).await;
    }
    if wish.property_id.is_some() {
        return Err(Problem::field(
            "propertyId",
            "goes with the plan per_property only",
        ));
    }
    subscription::begin(&app, &caller, operation, wish.plan_id, interval)
        .await
        .map(Json)
}

async fn pay_once(
    app: &App,
    caller: &Caller,
    operation: Operation,
    plan: PlanId,
    listing: Option<ListingId>,
) -> Answer<Json<CheckoutPage>> {
    let sale = order::sale(plan, listing)?;
    let (purchase, listing) = order::begin(app.table(), caller, operation, &sale).await?;
    app.table().start_purchase(&purchase).await?;
    let order = order::order(&purchase, &caller.account.email, listing.as_ref());
    let checkout = app
        .settlement
        .stripe
        .open_checkout(order, app.return_to.clone())
        .await
        .map_err(SettlementError::from)?;
    app.table()
        .attach_checkout(caller.id(), purchase.id, &checkout.session)
        .await?;
    Ok(Json(CheckoutPage {
        url: checkout.url.ok_or_else(closed)?,
        session_id: checkout.session,
        purchase_id: purchase.id.to_string(),
        customer_id: None,
    }))
}

/// The page that belongs to this request is closed.
pub(crate) fn closed() -> Problem {
    Problem::conflict(
        "checkout_closed",
        "The page of this purchase is closed. Begin a new purchase.",
    )
}

/// A renter who wants full access.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct RenterCheckoutRequest {
    /// Taken and not used: a purchase belongs to the caller, and the page shows the caller's address.
    #[serde(rename = "email")]
    #[schema(max_length = 255)]
    _email: Option<String>,
    /// Taken and not used.
    #[serde(rename = "name")]
    #[schema(max_length = 255)]
    _name: Option<String>,
    /// Whom it is for: the caller, if it is given.
    #[schema(max_length = 64)]
    user_id: Option<String>,
}

/// Begins the purchase of full access. `create-checkout` with the plan `full_access` does the same.
#[utoipa::path(
    post, path = "/api/payments/create-renter-checkout", tag = "payments", operation_id = "createRenterCheckout",
    request_body = RenterCheckoutRequest, security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The page to send the buyer to", body = CheckoutPage),
        openapi::BadBody, openapi::NotSignedIn, openapi::Forbidden, openapi::Conflict, openapi::Faults,
    ),
)]
pub(crate) async fn create_renter_checkout(
    State(app): State<App>,
    caller: Caller,
    operation: Operation,
    Body(wish): Body<RenterCheckoutRequest>,
) -> Answer<Json<CheckoutPage>> {
    for_the_caller(&caller, wish.user_id.as_deref())?;
    pay_once(&app, &caller, operation, PlanId::FullAccess, None).await
}

/// Somebody who wants to subscribe.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct SubscriptionCheckoutRequest {
    /// Taken and not used: a subscription belongs to the caller.
    #[serde(rename = "email")]
    #[schema(max_length = 255)]
    _email: Option<String>,
    /// Taken and not used.
    #[serde(rename = "name")]
    #[schema(max_length = 255)]
    _name: Option<String>,
    /// Whom it is for: the caller, if it is given.
    #[schema(max_length = 64)]
    user_id: Option<String>,
    /// The plan.
    #[schema(value_type = SubscriptionPlan)]
    plan_type: PlanId,
    /// How often it is paid.
    #[schema(value_type = BillingInterval)]
    interval: Interval,
}

/// The plans that are subscriptions.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(
    dead_code,
    reason = "describes the part of `domain::PlanId` that is a subscription"
)]
pub(crate) enum SubscriptionPlan {
    LandlordStarter,
    LandlordPro,
    LandlordEnterprise,
    AgentBasic,
    AgentTeam,
    AgentBrokerage,
}

/// Begins a subscription. `create-checkout` with its plan does the same.
#[utoipa::path(
    post, path = "/api/payments/create-subscription-checkout", tag = "payments", operation_id = "createSubscriptionCheckout",
    request_body = SubscriptionCheckoutRequest, security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The page to send the buyer to", body = CheckoutPage),
        openapi::BadBody, openapi::NotSignedIn, openapi::Forbidden, openapi::Conflict, openapi::Faults,
    ),
)]
pub(crate) async fn create_subscription_checkout(
    State(app): State<App>,
    caller: Caller,
    operation: Operation,
    Body(wish): Body<SubscriptionCheckoutRequest>,
) -> Answer<Json<CheckoutPage>> {
    for_the_caller(&caller, wish.user_id.as_deref())?;
    if wish.plan_type.plan().price_each(wish.interval).is_none() {
        return Err(Problem::field("planType", "must be a subscription"));
    }
    subscription::begin(&app, &caller, operation, wish.plan_type, wish.interval)
        .await
        .map(Json)
}

/// Nobody buys in another's name.
fn for_the_caller(caller: &Caller, user: Option<&str>) -> Answer<()> {
    match user {
        Some(user) if user != caller.id().to_string() => Err(Problem::forbidden(
            "not_yours",
            "Leave userId out, or give your own.",
        )),
        _ => Ok(()),
    }
}
