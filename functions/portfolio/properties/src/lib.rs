#![doc = include_str!("../README.md")]

mod around;
mod list;
mod property;
mod schema;
mod sheets;
mod view;
mod words;

use axum::Router;
use runtime::{ConfigError, Runtime};
use spreadsheets::properties::MOST_BYTES;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::App;

fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, property::add))
        .routes(routes!(list::cities))
        .routes(routes!(list::deleted))
        .routes(routes!(sheets::import))
        .routes(routes!(sheets::export))
        .routes(routes!(
            property::get,
            property::change,
            property::replace,
            property::delete
        ))
        .routes(routes!(property::restore))
}

/// The routes, ready to answer.
///
/// # Errors
/// [`ConfigError`] if a variable is missing or unusable.
pub fn router(runtime: &Runtime) -> Result<Router, ConfigError> {
    let app = App::new(runtime)?;
    let table = app.table.clone();
    web::serve::for_people_who_send(
        MOST_BYTES,
        routes().with_state(app).into(),
        &table,
        &runtime.environment,
    )
}

/// The routes, described.
#[must_use]
pub fn openapi() -> OpenApi {
    web::openapi::repeatable(routes().into_openapi())
}
