#![doc = include_str!("../README.md")]

mod search;
mod view;

use axum::extract::State;
use axum::{Json, Router};
use domain::ListingId;
use runtime::{ConfigError, Runtime};
use table::Table;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Answer, Id, Problem, Query, openapi};

use crate::search::Search;
use crate::view::{ListingView, Stats};

#[derive(Clone)]
struct App {
    table: Table,
}

fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(stats))
        .routes(routes!(one))
}

/// The routes, ready to answer.
///
/// # Errors
/// [`ConfigError`] if a variable is missing or unusable.
pub fn router(runtime: &Runtime) -> Result<Router, ConfigError> {
    let app = App {
        table: Table::new(runtime)?,
    };
    // Reading only, and nobody signs in for it.
    Ok(web::serve::framed(routes().with_state(app).into(), None))
}

/// The routes, described.
#[must_use]
pub fn openapi() -> OpenApi {
    routes().into_openapi()
}

/// Listings around a position (nearest first), in a city, or anywhere.
#[utoipa::path(
    get, path = "/api/scraped-properties", tag = "listings", operation_id = "listListings", params(Search),
    responses(
        (status = 200, description = "The listings", body = [ListingView]),
        openapi::BadQuery, openapi::Faults,
    ),
)]
async fn list(State(app): State<App>, Query(search): Query<Search>) -> Answer<Json<Vec<ListingView>>> {
    let (whereabouts, limit) = search.parsed()?;
    let now = app.table.now();
    let found = app.table.listings(&whereabouts, limit).await?;
    Ok(Json(
        found
            .into_iter()
            .map(|listing| ListingView::of(listing, now))
            .collect(),
    ))
}

/// All listings together.
#[utoipa::path(
    get, path = "/api/scraped-properties/stats", tag = "listings", operation_id = "listingStats",
    responses((status = 200, description = "Their figures", body = Stats), openapi::Faults),
)]
async fn stats(State(app): State<App>) -> Answer<Json<Stats>> {
    Ok(Json(Stats::of(&app.table.city_figures().await?)))
}

/// One listing.
#[utoipa::path(
    get, path = "/api/scraped-properties/{id}", tag = "listings", operation_id = "getListing",
    params(("id" = String, Path, description = "The listing")),
    responses(
        (status = 200, description = "The listing", body = ListingView),
        openapi::Absent, openapi::Faults,
    ),
)]
async fn one(State(app): State<App>, Id(id): Id<ListingId>) -> Answer<Json<ListingView>> {
    let listing = app
        .table
        .listing(&id)
        .await?
        .ok_or_else(|| Problem::not_found("listing"))?;
    Ok(Json(ListingView::of(listing, app.table.now())))
}
