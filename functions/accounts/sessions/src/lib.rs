#![doc = include_str!("../README.md")]

mod account;
mod device;
mod google;
mod sign_in;

use axum::Router;
use axum::extract::FromRef;
use runtime::{ConfigError, Runtime};
use table::Table;
use table::link::LinkKey;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::google::Google;
use web::proof::Prover;

#[derive(Clone)]
struct App {
    table: Table,
    prover: Prover,
    links: LinkKey,
    /// None where no client is set up at Google.
    google: Option<Google>,
}

impl FromRef<App> for Table {
    fn from_ref(app: &App) -> Self {
        app.table.clone()
    }
}

fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sign_in::sign_up))
        .routes(routes!(sign_in::sign_in))
        .routes(routes!(sign_in::sign_out))
        .routes(routes!(google::sign_in))
        .routes(routes!(account::me))
        .routes(routes!(account::choose_role))
        .routes(routes!(device::list))
        .routes(routes!(device::end))
}

/// The routes, ready to answer.
///
/// # Errors
/// [`ConfigError`] if a variable is missing or unusable.
pub fn router(runtime: &Runtime) -> Result<Router, ConfigError> {
    let table = Table::new(runtime)?;
    let app = App {
        prover: Prover::new(table.clone(), &runtime.environment)?,
        links: LinkKey::new(&runtime.environment)?,
        google: Google::new(&runtime.environment)?,
        table,
    };
    let table = app.table.clone();
    web::serve::for_people(routes().with_state(app).into(), &table, &runtime.environment)
}

/// The routes, described.
#[must_use]
pub fn openapi() -> OpenApi {
    web::openapi::repeatable(routes().into_openapi())
}
