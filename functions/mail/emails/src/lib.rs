#![doc = include_str!("../README.md")]

mod cancel;
mod draft;
mod look;
mod queue;
mod view;

use axum::Router;
use runtime::{ConfigError, Runtime};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::App;

fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(look::list, queue::one))
        .routes(routes!(queue::batch))
        .routes(routes!(look::get))
        .routes(routes!(cancel::cancel))
}

/// The routes, ready to answer.
///
/// # Errors
/// [`ConfigError`] if a variable is missing or unusable.
pub fn router(runtime: &Runtime) -> Result<Router, ConfigError> {
    let app = App::new(runtime)?;
    let table = app.table.clone();
    let router = routes().with_state(app).into();
    web::serve::for_people_who_send(queue::BATCH_BYTES_AT_MOST, router, &table, &runtime.environment)
}

/// The routes, described.
#[must_use]
pub fn openapi() -> OpenApi {
    web::openapi::repeatable(routes().into_openapi())
}
