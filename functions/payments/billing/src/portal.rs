//! Stripe's own page for subscribers: their card, their invoices.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use settlement::SettlementError;
use utoipa::ToSchema;
use web::idempotency::Operation;
use web::{Answer, Caller, Problem, openapi};

use crate::App;

/// Where to send the subscriber.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BillingPortal {
    /// Stripe's page; it works for a short time.
    url: String,
}

/// Opens Stripe's page on which the caller changes the card and sees the invoices.
#[utoipa::path(
    post, path = "/api/payments/billing-portal", tag = "payments", operation_id = "openBillingPortal",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The page to send the subscriber to", body = BillingPortal),
        openapi::NotSignedIn, openapi::CrossOrigin, openapi::Conflict, openapi::Faults,
    ),
)]
pub(crate) async fn open(
    State(app): State<App>,
    caller: Caller,
    operation: Operation,
) -> Answer<Json<BillingPortal>> {
    let Some(customer) = &caller.account.billing.customer else {
        return Err(Problem::conflict(
            "never_subscribed",
            "There is nothing to be billed: you never began a subscription.",
        ));
    };
    let key = format!("portal:{}", hex::encode(operation.id("portal")));
    let url = app
        .settlement
        .stripe
        .open_portal(customer, &app.return_to, &key)
        .await
        .map_err(SettlementError::from)?;
    Ok(Json(BillingPortal { url }))
}
