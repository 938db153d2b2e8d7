//! A payment on the web client's own page.

use axum::Json;
use axum::extract::State;
use domain::{Cents, ListingId, PlanId};
use serde::{Deserialize, Serialize};
use settlement::SettlementError;
use utoipa::ToSchema;
use web::idempotency::Operation;
use web::{Answer, Body, Caller, openapi};

use crate::{App, order};

/// The key that the web client shows Stripe.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PublishableKey {
    /// Stripe's publishable key: it is no secret.
    publishable_key: String,
}

/// The key that the web client shows Stripe.
#[utoipa::path(
    get, path = "/api/stripe/publishable-key", tag = "payments", operation_id = "publishableKey",
    responses((status = 200, description = "The key", body = PublishableKey), openapi::Faults),
)]
pub(crate) async fn publishable_key(State(app): State<App>) -> Json<PublishableKey> {
    Json(PublishableKey {
        publishable_key: app.publishable_key,
    })
}

/// What a buyer wants to pay for on the web client's own page.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct IntentRequest {
    /// A plan that is paid once.
    #[schema(value_type = OncePlan)]
    plan_id: PlanId,
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
    /// What made the buyer come; taken and not used.
    #[serde(rename = "triggeredBy")]
    #[schema(max_length = 255)]
    _triggered_by: Option<String>,
}

/// The plans that are paid once.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(
    dead_code,
    reason = "describes the part of `domain::PlanId` that is paid once"
)]
pub(crate) enum OncePlan {
    PerProperty,
    Basic,
    Pro,
    Premium,
    FullAccess,
}

/// A payment that the web client may finish.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PaymentBegun {
    /// What Stripe's own script finishes it with.
    client_secret: String,
    /// Stripe's id of the payment.
    payment_intent_id: String,
    /// Our id of the purchase.
    purchase_id: String,
    /// The price, in cents.
    #[schema(value_type = u32)]
    amount: Cents,
}

/// Begins a purchase that is paid on the web client's own page.
#[utoipa::path(
    post, path = "/api/payments/create-intent", tag = "payments", operation_id = "createIntent", request_body = IntentRequest,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The payment", body = PaymentBegun),
        openapi::BadBody, openapi::NotSignedIn, openapi::CrossOrigin, openapi::Absent, openapi::Conflict,
        openapi::Faults,
    ),
)]
pub(crate) async fn create_intent(
    State(app): State<App>,
    caller: Caller,
    operation: Operation,
    Body(wish): Body<IntentRequest>,
) -> Answer<Json<PaymentBegun>> {
    let sale = order::sale(wish.plan_id, wish.property_id)?;
    let (purchase, listing) = order::begin(app.table(), &caller, operation, &sale).await?;
    app.table().start_purchase(&purchase).await?;
    let order = order::order(&purchase, &caller.account.email, listing.as_ref());
    let begun = app
        .settlement
        .stripe
        .begin_payment(order)
        .await
        .map_err(SettlementError::from)?;
    Ok(Json(PaymentBegun {
        client_secret: begun.client_secret,
        payment_intent_id: begun.id,
        purchase_id: purchase.id.to_string(),
        amount: purchase.amount,
    }))
}
