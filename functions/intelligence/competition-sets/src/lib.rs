#![doc = include_str!("../README.md")]

mod again;
mod competitors;
mod schema;
mod sets;
mod view;

use axum::Router;
use axum::extract::FromRef;
use runtime::{ConfigError, Runtime};
use table::Table;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::cursor::Cursors;

#[derive(Clone)]
struct App {
    table: Table,
    cursors: Cursors,
}

impl FromRef<App> for Table {
    fn from_ref(app: &App) -> Self {
        app.table.clone()
    }
}

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
    let app = App {
        table: Table::new(runtime)?,
        cursors: Cursors::new(&runtime.environment)?,
    };
    let table = app.table.clone();
    web::serve::for_people(routes().with_state(app).into(), &table, &runtime.environment)
}

/// The routes, described.
#[must_use]
pub fn openapi() -> OpenApi {
    web::openapi::repeatable(routes().into_openapi())
}
