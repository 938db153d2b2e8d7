#![doc = include_str!("../README.md")]

mod competitors;
mod schema;
mod sets;
mod view;

use axum::Router;
use runtime::{ConfigError, Runtime};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::App;

fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sets::list, sets::add))
        .routes(routes!(sets::get, sets::change, sets::replace, sets::delete))
        .routes(routes!(competitors::add))
        .routes(routes!(competitors::remove))
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
