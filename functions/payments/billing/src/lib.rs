#![doc = include_str!("../README.md")]

mod action;
mod portal;
mod view;

use axum::Router;
use axum::extract::FromRef;
use runtime::{ConfigError, Runtime};
use settlement::Settlement;
use table::Table;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::cursor::Cursors;

#[derive(Clone)]
struct App {
    settlement: Settlement,
    cursors: Cursors,
    return_to: String,
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
        .routes(routes!(view::status))
        .routes(routes!(view::invoices))
        .routes(routes!(action::cancel))
        .routes(routes!(action::resume))
        .routes(routes!(action::change_plan))
        .routes(routes!(portal::open))
}

/// The routes, ready to answer.
///
/// # Errors
/// [`ConfigError`] if a variable is missing or unusable.
pub fn router(runtime: &Runtime) -> Result<Router, ConfigError> {
    let web_url = runtime.environment.required("WEB_URL")?.trim_end_matches('/');
    let app = App {
        settlement: Settlement::new(runtime)?,
        cursors: Cursors::new(&runtime.environment)?,
        return_to: format!("{web_url}/billing"),
    };
    let table = app.table().clone();
    web::serve::for_people(routes().with_state(app).into(), &table, &runtime.environment)
}

/// The routes, described.
#[must_use]
pub fn openapi() -> OpenApi {
    web::openapi::repeatable(routes().into_openapi())
}
