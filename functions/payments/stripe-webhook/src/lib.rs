#![doc = include_str!("../README.md")]

use axum::extract::{Request, State};
use axum::{Json, Router};
use http::StatusCode;
use payments::webhook::{Disbelief, Secrets, believe};
use runtime::{ConfigError, Runtime};
use serde::Serialize;
use settlement::{Settlement, SettlementError};
use utoipa::ToSchema;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Answer, Problem, input, openapi};

/// The largest event that is read, in bytes.
const EVENT_AT_MOST: usize = 512 * 1024;

#[derive(Clone)]
struct App {
    settlement: Settlement,
    secrets: Secrets,
    livemode: bool,
}

fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(receive))
}

/// The routes, ready to answer.
///
/// # Errors
/// [`ConfigError`] if a variable is missing or unusable.
pub fn router(runtime: &Runtime) -> Result<Router, ConfigError> {
    let app = App {
        settlement: Settlement::new(runtime)?,
        secrets: runtime.environment.parsed("STRIPE_WEBHOOK_SECRETS")?,
        livemode: runtime.environment.parsed("STRIPE_LIVEMODE")?,
    };
    // No browser sends these, and no cookie counts: the signature alone does.
    Ok(web::serve::framed(routes().with_state(app).into(), None))
}

/// The routes, described.
#[must_use]
pub fn openapi() -> OpenApi {
    routes().into_openapi()
}

/// The event was taken.
#[derive(Debug, Serialize, ToSchema)]
struct Received {
    /// Always true: Stripe reads the status alone.
    received: bool,
}

/// Takes an event of Stripe's.
#[utoipa::path(
    post, path = "/api/stripe/webhook", tag = "payments", operation_id = "stripeWebhook",
    request_body(content = String, content_type = "application/json", description = "An event, exactly as Stripe signed it"),
    params(("stripe-signature" = Option<String>, Header, description = "`t=…,v1=…`: the time, and the signature of time and body")),
    responses(
        (status = 200, description = "The event was applied, had been before, or is none of ours", body = Received),
        openapi::Unbelieved, openapi::Faults,
    ),
)]
async fn receive(State(app): State<App>, request: Request) -> Answer<Json<Received>> {
    let signature = request.headers().get("stripe-signature").cloned();
    let header = signature.as_ref().and_then(|header| header.to_str().ok());
    let body = input::read(request, EVENT_AT_MOST).await?;
    let event = believe(
        &body,
        header,
        &app.secrets,
        app.livemode,
        app.settlement.table.now(),
    )
    .map_err(unbelieved)?;
    app.settlement.event(&event).await.map_err(unsettled)?;
    Ok(Json(Received { received: true }))
}

/// An event that cannot be read is not believed either; any other failure asks Stripe to send it again.
fn unsettled(error: SettlementError) -> Problem {
    match error {
        SettlementError::Misshapen(error) => {
            tracing::error!(%error, "an event cannot be read");
            Problem::new(
                StatusCode::BAD_REQUEST,
                "event_misshapen",
                "The event's object is not as Stripe describes it.",
            )
        }
        error => error.into(),
    }
}

fn unbelieved(disbelief: Disbelief) -> Problem {
    tracing::warn!(reason = %disbelief, "an event was not believed");
    let code = match disbelief {
        Disbelief::NoSignature => "signature_missing",
        Disbelief::WrongTime => "signature_expired",
        Disbelief::WrongSignature => "signature_invalid",
        Disbelief::NotAnEvent => "not_an_event",
        Disbelief::WrongMode => "wrong_mode",
    };
    Problem::new(
        StatusCode::BAD_REQUEST,
        code,
        format!("This event is not believed: {disbelief}."),
    )
}
