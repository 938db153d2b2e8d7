#![doc = include_str!("../README.md")]

mod deletion;
mod export;

use axum::Router;
use axum::extract::FromRef;
use exports::Exports;
use runtime::{ConfigError, Runtime};
use table::Table;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::google::Google;
use web::proof::Prover;

#[derive(Clone)]
struct App {
    table: Table,
    exports: Exports,
    prover: Prover,
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
        .routes(routes!(export::begin))
        .routes(routes!(export::show))
        .routes(routes!(deletion::delete))
}

/// The routes, ready to answer.
///
/// # Errors
/// [`ConfigError`] if a variable is missing or unusable.
pub fn router(runtime: &Runtime) -> Result<Router, ConfigError> {
    let table = Table::new(runtime)?;
    let app = App {
        exports: Exports::new(runtime)?,
        prover: Prover::new(table.clone(), &runtime.environment)?,
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
