#![doc = include_str!("../README.md")]

mod order;

use axum::extract::{FromRef, State};
use axum::{Json, Router};
use payments::checkout::ReturnTo;
use payments::{Stripe, StripeFailure};
use runtime::{ConfigError, Runtime};
use serde::{Deserialize, Serialize};
use table::Table;
use utoipa::ToSchema;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::idempotency::{Idempotency, Operation};
use web::origin::Origins;
use web::{Answer, Body, Caller, Problem, openapi};

#[derive(Clone)]
struct App {
    table: Table,
    stripe: Stripe,
    return_to: ReturnTo,
}

impl FromRef<App> for Table {
    fn from_ref(app: &App) -> Self {
        app.table.clone()
    }
}

fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create_checkout))
}

/// The routes, ready to answer.
///
/// # Errors
/// [`ConfigError`] if a variable is missing or unusable.
pub fn router(runtime: &Runtime) -> Result<Router, ConfigError> {
    let origins: Origins = runtime.environment.parsed("ORIGINS")?;
    let web_url = runtime.environment.required("WEB_URL")?.trim_end_matches('/');
    let app = App {
        table: Table::new(runtime)?,
        stripe: Stripe::new(runtime)?,
        return_to: ReturnTo {
            success: format!("{web_url}/payment-success?session_id={{CHECKOUT_SESSION_ID}}"),
            cancel: format!("{web_url}/pricing?canceled=true"),
        },
    };
    let idempotency = Idempotency::new(&app.table, &runtime.environment)?;
    let routes = idempotency.honoured(routes().with_state(app).into());
    Ok(web::serve::framed(routes, Some(origins)))
}

/// The routes, described.
#[must_use]
pub fn openapi() -> OpenApi {
    web::openapi::repeatable(routes().into_openapi())
}

/// What a buyer wants.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct CheckoutRequest {
    /// A plan that is paid once.
    #[schema(value_type = OncePlan)]
    plan_id: domain::PlanId,
    /// The property; for the plan `per_property`, and only for it.
    #[schema(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{1,64}$")]
    property_id: Option<domain::ListingId>,
}

/// The plans that are paid once.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(
    dead_code,
    reason = "describes the part of `domain::PlanId` that is sold here"
)]
enum OncePlan {
    PerProperty,
    Basic,
    Pro,
    Premium,
    FullAccess,
}

/// Where to send the buyer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CheckoutPage {
    /// Stripe's page.
    url: String,
    /// Stripe's id of the Checkout Session.
    session_id: String,
    /// Our id of the purchase.
    purchase_id: String,
}

/// Begins a purchase and opens the page on which it is paid.
#[utoipa::path(
    post, path = "/api/payments/create-checkout", tag = "payments", operation_id = "createCheckout", request_body = CheckoutRequest,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The page to send the buyer to", body = CheckoutPage),
        openapi::BadBody, openapi::NotSignedIn, openapi::CrossOrigin, openapi::Absent, openapi::Conflict,
        openapi::Faults,
    ),
)]
async fn create_checkout(
    State(app): State<App>,
    caller: Caller,
    operation: Operation,
    Body(wish): Body<CheckoutRequest>,
) -> Answer<Json<CheckoutPage>> {
    let sale = order::sale(wish.plan_id, wish.property_id)?;
    let (purchase, listing) = order::begin(&app.table, &caller, operation, &sale).await?;
    app.table.start_purchase(&purchase).await?;
    let order = order::order(&purchase, &caller.account.email, listing.as_ref());
    let checkout = app
        .stripe
        .open_checkout(order, app.return_to.clone())
        .await
        .map_err(unpaid)?;
    app.table
        .attach_checkout(caller.id(), purchase.id, &checkout.session)
        .await?;
    Ok(Json(CheckoutPage {
        url: checkout.url,
        session_id: checkout.session,
        purchase_id: purchase.id.to_string(),
    }))
}

/// The purchase stays behind, pending and unpaid; it opens nothing.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn unpaid(error: StripeFailure) -> Problem {
    tracing::error!(%error, "no checkout was opened");
    match error {
        StripeFailure::Refused(_) => Problem::internal(),
        StripeFailure::Unavailable(_) => Problem::unavailable(),
    }
}
