//! The homes that compete, in a set: entered and removed.

use axum::Json;
use axum::extract::State;
use domain::competition::CompetitorDetails;
use domain::{CompetitionSetId, CompetitorId, Role};
use http::StatusCode;
use table::TableError;
use table::competition::{COMPETITORS_AT_MOST, Competitor, CompetitorError};
use web::idempotency::Operation;
use web::input::Ids;
use web::{Answer, App, Body, Caller, Id, Problem, openapi};

use crate::schema::{CompetitorSchema, NewCompetitor};
use crate::sets::absent;
use crate::view::ShownCompetitor;
use web::again::{Attempt, Meetings, unless_met};

/// Enters a competitor into a set. An address is in a set once, however it is spelled.
#[utoipa::path(
    post, path = "/api/competition-sets/{id}/competitors", tag = "intelligence", operation_id = "addCompetitor",
    params(("id" = String, Path, description = "The set")), request_body = NewCompetitor,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 201, description = "The competitor", body = CompetitorSchema),
        openapi::BadBody, openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Conflict, openapi::Faults,
    ),
)]
pub(crate) async fn add(
    State(app): State<App>,
    caller: Caller,
    operation: Operation,
    Id(set): Id<CompetitionSetId>,
    Body(details): Body<CompetitorDetails>,
) -> Answer<(StatusCode, Json<ShownCompetitor>)> {
    caller.must_be(&[Role::Landlord])?;
    details
        .fits_together()
        .map_err(|misfit| Problem::field(misfit.field, misfit.should))?;
    let attempt = CompetitorId::from_bytes(operation.id("competitor"));
    let competitor = Competitor::new(set, attempt, details, app.table.now());
    let mut meetings = Meetings::default();
    loop {
        let added = app
            .table
            .add_competitor(caller.id(), set, competitor.clone())
            .await;
        match added {
            Ok(added) => return Ok((StatusCode::CREATED, Json(ShownCompetitor::of(set, added)))),
            Err(CompetitorError::Table(TableError::Conflict)) => meetings.wait().await?,
            Err(error) => return Err(refused(error)),
        }
    }
}

/// Removes a competitor from a set.
#[utoipa::path(
    delete, path = "/api/competition-sets/{id}/competitors/{competitorId}", tag = "intelligence",
    operation_id = "removeCompetitor",
    params(
        ("id" = String, Path, description = "The set"),
        ("competitorId" = String, Path, description = "The competitor"),
    ),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "It is removed"),
        openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn remove(
    State(app): State<App>,
    caller: Caller,
    Ids(set, id): Ids<CompetitionSetId, CompetitorId>,
) -> Answer<StatusCode> {
    caller.must_be(&[Role::Landlord])?;
    let mut meetings = Meetings::default();
    loop {
        let known = app.table.competitor(caller.id(), set, id).await?;
        let known = known.ok_or_else(|| Problem::not_found("competitor"))?;
        let removed = app.table.remove_competitor(caller.id(), set, &known).await;
        match unless_met(removed)? {
            Attempt::Done(true) => return Ok(StatusCode::NO_CONTENT),
            Attempt::Done(false) | Attempt::Again => meetings.wait().await?,
        }
    }
}

fn refused(error: CompetitorError) -> Problem {
    match error {
        CompetitorError::NoSet => absent(),
        CompetitorError::Full => Problem::conflict(
            "too_many_competitors",
            format!("This set has {COMPETITORS_AT_MOST} competitors, and there can be no more. Remove one."),
        ),
        CompetitorError::Duplicate => Problem::conflict(
            "duplicate_address",
            "This set has a competitor of this address already.",
        ),
        CompetitorError::Table(error) => error.into(),
    }
}
