#![doc = include_str!("../README.md")]

use axum::extract::{FromRef, Request, State};
use axum::{Json, Router};
use domain::purchase::Payment;
use http::StatusCode;
use payments::webhook::{Disbelief, Event, Meaning, Secrets, believe};
use runtime::{ConfigError, Runtime};
use serde::Serialize;
use table::Table;
use table::payment::{Applied, PaymentEvent, StripeEventId};
use utoipa::ToSchema;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Answer, Problem, input, openapi};

/// The largest event that is read, in bytes.
const EVENT_AT_MOST: usize = 512 * 1024;

#[derive(Clone)]
struct App {
    table: Table,
    secrets: Secrets,
    livemode: bool,
}

impl FromRef<App> for Table {
    fn from_ref(app: &App) -> Self {
        app.table.clone()
    }
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
        table: Table::new(runtime)?,
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
    let event = believe(&body, header, &app.secrets, app.livemode, app.table.now()).map_err(unbelieved)?;
    take(&app, &event).await?;
    Ok(Json(Received { received: true }))
}

async fn take(app: &App, event: &Event) -> Answer<()> {
    let meaning = event.meaning().map_err(|error| {
        tracing::error!(event = event.id, kind = event.kind, %error, "an event cannot be read");
        Problem::new(
            StatusCode::BAD_REQUEST,
            "event_misshapen",
            "The event's object is not as Stripe describes it.",
        )
    })?;
    match meaning {
        Meaning::Payment(payment) => apply(app, event, payment).await,
        Meaning::NotOurs => {
            tracing::warn!(
                event = event.id,
                kind = event.kind,
                "an event is about no purchase of ours"
            );
            Ok(())
        }
        Meaning::Ignored => {
            tracing::info!(
                event = event.id,
                kind = event.kind,
                "an event of a kind we do not listen to"
            );
            Ok(())
        }
    }
}

async fn apply(app: &App, event: &Event, payment: Payment) -> Answer<()> {
    let Some(id) = StripeEventId::parse(&event.id) else {
        return Err(unbelieved(Disbelief::NotAnEvent));
    };
    let purchase = payment.purchase;
    let event_of_ours = PaymentEvent {
        id,
        created: event.created(),
        payment,
    };
    match app.table.apply_payment(&event_of_ours).await? {
        Applied::Now(status) => {
            tracing::info!(event = event.id, kind = event.kind, %purchase, ?status, "applied");
        }
        Applied::Before => tracing::info!(event = event.id, "applied before"),
        Applied::NotOurs => {
            tracing::warn!(event = event.id, %purchase, "no such purchase of this amount");
        }
    }
    Ok(())
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
