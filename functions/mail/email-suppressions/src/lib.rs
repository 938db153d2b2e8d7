#![doc = include_str!("../README.md")]

mod everywhere;
mod own;

use axum::Router;
use runtime::{ConfigError, Runtime};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::App;

fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(own::list, own::add))
        .routes(routes!(own::lift))
        .routes(routes!(everywhere::look))
        .routes(routes!(everywhere::lift))
}

/// The routes, ready to answer.
///
/// # Errors
/// [`ConfigError`] if a variable is missing or unusable.
pub fn router(runtime: &Runtime) -> Result<Router, ConfigError> {
    let app = App::new(runtime)?;
    let table = app.table.clone();
    web::serve::for_people(routes().with_state(app).into(), &table, &runtime.environment)
}

/// The routes, described.
#[must_use]
pub fn openapi() -> OpenApi {
    web::openapi::repeatable(routes().into_openapi())
}
