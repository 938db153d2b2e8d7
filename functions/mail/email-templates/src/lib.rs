#![doc = include_str!("../README.md")]

mod list;
mod preview;
mod template;
mod view;

use axum::Router;
use runtime::{ConfigError, Runtime};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::App;

fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, template::add))
        .routes(routes!(list::tokens))
        .routes(routes!(template::get, template::change, template::delete))
        .routes(routes!(preview::preview))
        .routes(routes!(template::duplicate))
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
