//! Was it paid? The success page asks; if Stripe's event has not come yet, Stripe is asked once.

use axum::Json;
use axum::extract::State;
use domain::PurchaseStatus;
use domain::text::is_stripe_id;
use serde::{Deserialize, Serialize};
use settlement::Asked;
use table::item::Consistency;
use table::purchase::Purchase;
use utoipa::ToSchema;
use web::{Answer, Body, Caller, Problem, openapi};

use crate::App;

/// What was paid: one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct VerifyRequest {
    /// A payment on the web client's own page.
    #[schema(pattern = "^pi_[A-Za-z0-9_]{1,250}$")]
    payment_intent_id: Option<String>,
    /// A Checkout Session: what Stripe's page came back with.
    #[schema(pattern = "^cs_[A-Za-z0-9_]{1,250}$")]
    session_id: Option<String>,
}

/// What was bought.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Verified {
    /// Always true: what is not paid is answered 402.
    success: bool,
    /// The plan.
    plan_id: Option<&'static str>,
    /// The property, if it was for one.
    property_id: Option<String>,
    /// Our id of the purchase, unless it is a subscription.
    purchase_id: Option<String>,
    /// Stripe's id of the subscription, if it is one.
    subscription_id: Option<String>,
}

/// Answers whether a payment of the caller's has come, and opens what it buys.
#[utoipa::path(
    post, path = "/api/payments/verify", tag = "payments", operation_id = "verifyPayment", request_body = VerifyRequest,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "It is paid, and what it buys is open", body = Verified),
        openapi::BadBody, openapi::NotSignedIn, openapi::Unpaid, openapi::CrossOrigin, openapi::Absent,
        openapi::Faults,
    ),
)]
pub(crate) async fn verify(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<VerifyRequest>,
) -> Answer<Json<Verified>> {
    let settlement = &app.settlement;
    let asked = match (&wish.payment_intent_id, &wish.session_id) {
        (Some(intent), None) if is_stripe_id(intent, "pi_") => {
            settlement.payment(caller.id(), intent).await?
        }
        (None, Some(session)) if is_stripe_id(session, "cs_") => {
            settlement.checkout(caller.id(), session).await?
        }
        (Some(_), None) => {
            return Err(Problem::field(
                "paymentIntentId",
                "must be Stripe's id, such as pi_1QK2ab",
            ));
        }
        (None, Some(_)) => {
            return Err(Problem::field(
                "sessionId",
                "must be Stripe's id, such as cs_1QK2ab",
            ));
        }
        (None, None) => {
            return Err(Problem::field(
                "paymentIntentId",
                "is required, or sessionId instead",
            ));
        }
        (Some(_), Some(_)) => return Err(Problem::field("sessionId", "goes without paymentIntentId")),
    };
    match asked {
        Asked::Purchase(purchase) => paid(&purchase).map(Json),
        Asked::Subscription => subscribed(&app, &caller).await.map(Json),
        Asked::Open => Err(Problem::payment_required(
            "payment_open",
            "The payment is not finished yet.",
        )),
        Asked::Absent => Err(Problem::not_found("payment")),
    }
}

fn paid(purchase: &Purchase) -> Answer<Verified> {
    let problem = |code, detail| Err(Problem::payment_required(code, detail));
    match purchase.status {
        PurchaseStatus::Paid | PurchaseStatus::PartiallyRefunded => Ok(Verified {
            success: true,
            plan_id: Some(purchase.plan.as_str()),
            property_id: purchase
                .property
                .as_ref()
                .map(|property| property.listing.to_string()),
            purchase_id: Some(purchase.id.to_string()),
            subscription_id: None,
        }),
        PurchaseStatus::Pending => problem(
            "payment_processing",
            "Your bank has yet to confirm the payment. We open what you bought as soon as it does.",
        ),
        PurchaseStatus::Failed => problem(
            "payment_failed",
            "The payment failed. Try again, or use another card.",
        ),
        PurchaseStatus::Expired => problem(
            "payment_expired",
            "The page was closed unpaid. Begin a new purchase.",
        ),
        PurchaseStatus::Refunded => problem("payment_refunded", "The payment was given back to you."),
        PurchaseStatus::Disputed => problem("payment_disputed", "Your bank has taken the payment back."),
    }
}

async fn subscribed(app: &App, caller: &Caller) -> Answer<Verified> {
    let account = app.table().account(caller.id(), Consistency::Strong).await?;
    let subscription = account.and_then(|account| account.billing.subscription);
    let entitling = subscription.filter(|subscription| subscription.entitles(app.table().now()));
    let Some(subscription) = entitling else {
        return Err(Problem::payment_required(
            "payment_processing",
            "Your bank has yet to confirm the payment. Your plan begins as soon as it does.",
        ));
    };
    Ok(Verified {
        success: true,
        plan_id: Some(subscription.plan.as_str()),
        property_id: None,
        purchase_id: None,
        subscription_id: Some(subscription.id),
    })
}
