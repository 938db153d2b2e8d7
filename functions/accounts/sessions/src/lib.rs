#![doc = include_str!("../README.md")]

mod account;
mod device;
mod password;
mod sign_in;
mod user;

pub use password::hash as hash_password;

use axum::Router;
use axum::extract::FromRef;
use runtime::{ConfigError, Runtime};
use table::Table;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::origin::Origins;

#[derive(Clone)]
struct App {
    table: Table,
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
    let origins: Origins = runtime.environment.parsed("ORIGINS")?;
    let app = App {
        table: Table::new(runtime)?,
    };
    Ok(web::serve::framed(routes().with_state(app).into(), Some(origins)))
}

/// The routes, described.
#[must_use]
pub fn openapi() -> OpenApi {
    routes().into_openapi()
}
