#![doc = include_str!("../README.md")]

mod order;
mod page;
mod payment;
mod subscription;
mod verification;

use axum::Router;
use axum::extract::FromRef;
use payments::checkout::ReturnTo;
use runtime::{ConfigError, Runtime};
use settlement::Settlement;
use table::Table;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(Clone)]
struct App {
    settlement: Settlement,
    return_to: ReturnTo,
    publishable_key: String,
}

impl App {
    fn table(&self) -> &Table {
        &self.settlement.table
    }
}

impl FromRef<App> for Table {
    fn from_ref(app: &App) -> Self {
        app.table().clone()
    }
}

fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(page::create_checkout))
        .routes(routes!(page::create_renter_checkout))
        .routes(routes!(page::create_subscription_checkout))
        .routes(routes!(payment::publishable_key))
        .routes(routes!(payment::create_intent))
        .routes(routes!(verification::verify))
}

/// The routes, ready to answer.
///
/// # Errors
/// [`ConfigError`] if a variable is missing or unusable.
pub fn router(runtime: &Runtime) -> Result<Router, ConfigError> {
    let web_url = runtime.environment.required("WEB_URL")?.trim_end_matches('/');
    let app = App {
        settlement: Settlement::new(runtime)?,
        return_to: ReturnTo {
            success: format!("{web_url}/payment-success?session_id={{CHECKOUT_SESSION_ID}}"),
            cancel: format!("{web_url}/pricing?canceled=true"),
        },
        publishable_key: runtime.environment.required("STRIPE_PUBLISHABLE_KEY")?.to_owned(),
    };
    let table = app.table().clone();
    web::serve::for_people(routes().with_state(app).into(), &table, &runtime.environment)
}

/// The routes, described.
#[must_use]
pub fn openapi() -> OpenApi {
    web::openapi::repeatable(routes().into_openapi())
}
