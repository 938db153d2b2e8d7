#![doc = include_str!("../README.md")]

mod address;
mod password;
mod second_factor;

use axum::Router;
use axum::extract::FromRef;
use http::StatusCode;
use runtime::{ConfigError, Runtime};
use serde::Deserialize;
use table::Table;
use table::link::{LinkKey, LinkToken, UseError};
use utoipa::ToSchema;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::Problem;
use web::proof::Prover;

#[derive(Clone)]
struct App {
    table: Table,
    prover: Prover,
    links: LinkKey,
}

impl FromRef<App> for Table {
    fn from_ref(app: &App) -> Self {
        app.table.clone()
    }
}

fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(address::confirm))
        .routes(routes!(address::resend))
        .routes(routes!(address::change))
        .routes(routes!(address::confirm_change))
        .routes(routes!(password::forgot))
        .routes(routes!(password::reset))
        .routes(routes!(password::change))
        .routes(routes!(
            second_factor::show,
            second_factor::begin,
            second_factor::disable
        ))
        .routes(routes!(second_factor::confirm))
        .routes(routes!(second_factor::renew_codes))
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

/// The token of a link in a mail.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkUse {
    /// The token.
    #[schema(value_type = String, max_length = 134, pattern = "^alail_[0-9a-f]{128}$")]
    token: LinkToken,
}

/// A link that is not good. What was never a link and what is void are answered alike.
fn not_good(error: UseError) -> Problem {
    match error {
        UseError::Void => Problem::new(
            StatusCode::NOT_FOUND,
            "link_void",
            "This link is not good: it is mistyped, or a newer one took its place. Ask for another.",
        ),
        UseError::Used => Problem::conflict("link_used", "This link was used already."),
        UseError::Over => Problem::conflict(
            "link_over",
            "This link was good for a time that is over. Ask for another.",
        ),
        UseError::Taken => Problem::conflict("email_taken", "This mail address is already registered."),
        UseError::Table(error) => error.into(),
    }
}
