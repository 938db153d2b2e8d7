#![doc = include_str!("../README.md")]

mod city;
mod competition;
mod summary;

use axum::extract::{FromRef, State};
use axum::{Json, Router};
use domain::Role;
use market::Summary;
use runtime::{ConfigError, Runtime};
use table::Table;
use table::portfolio::day_of;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Answer, Caller, openapi};

use crate::summary::PortfolioSummary;

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
        .routes(routes!(portfolio_summary))
        .routes(routes!(city::pricing))
        .routes(routes!(city::occupancy))
        .routes(routes!(competition::competition))
}

/// The routes, ready to answer.
///
/// # Errors
/// [`ConfigError`] if a variable is missing or unusable.
pub fn router(runtime: &Runtime) -> Result<Router, ConfigError> {
    let app = App {
        table: Table::new(runtime)?,
    };
    // Reading only: there is no write that another origin could send.
    Ok(web::serve::framed(routes().with_state(app).into(), None))
}

/// The routes, described.
#[must_use]
pub fn openapi() -> OpenApi {
    routes().into_openapi()
}

/// What the caller's properties come to together, to the moment.
#[utoipa::path(
    get, path = "/api/landlord/portfolio/summary", tag = "portfolio", operation_id = "portfolioSummary",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The figures", body = PortfolioSummary),
        openapi::NotSignedIn, openapi::Forbidden, openapi::Faults,
    ),
)]
async fn portfolio_summary(State(app): State<App>, caller: Caller) -> Answer<Json<Summary>> {
    caller.must_be(&[Role::Landlord])?;
    let portfolio = app.table.portfolio(caller.id()).await?;
    let today = day_of(app.table.now());
    Ok(Json(Summary::of(
        &portfolio.totals,
        portfolio.at_risk_on(today),
        Some(&portfolio.a_month_ago(today)),
        today,
    )))
}
