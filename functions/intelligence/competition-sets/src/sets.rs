//! Competition sets: listed, made, shown, changed, deleted.

use std::fmt;
use std::str::FromStr;

use axum::Json;
use axum::extract::State;
use domain::competition::SetDetails;
use domain::{CompetitionSetId, Role};
use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use table::TableError;
use table::competition::{CompetitionSet as Set, SETS_AT_MOST, SetError};
use utoipa::ToSchema;
use web::idempotency::Operation;
use web::page::{Part, Wanted};
use web::problem::FieldError;
use web::{Answer, App, Body, Caller, Id, Patch, Problem, Query, openapi};

use crate::schema::{CompetitionSetChange, NewCompetitionSet};
use crate::view::{CompetitionSet, CompetitionSetWithCompetitors};
use web::again::{Attempt, Meetings, unless_met};

/// How many sets a page has, unless another number is asked for: as many as there may be.
const PAGE: u8 = 50;
const _: () = assert!(SETS_AT_MOST == PAGE as u32);

/// A page of competition sets.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CompetitionSetList {
    /// The sets, the one that was changed last first.
    sets: Vec<CompetitionSet>,
    /// How many there are on all pages.
    total: usize,
    /// What to send as `cursor` for the next page.
    next_cursor: Option<String>,
}

/// Where a set stands in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Position {
    changed_at: Timestamp,
    id: CompetitionSetId,
}

impl Position {
    fn of(set: &Set) -> Self {
        Self {
            changed_at: set.changed_at,
            id: set.id,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.changed_at, self.id)
    }
}

/// A text is no position.
#[derive(Debug)]
struct PositionError;

impl FromStr for Position {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, PositionError> {
        let (changed_at, id) = text.split_once(' ').ok_or(PositionError)?;
        Ok(Self {
            changed_at: changed_at.parse().map_err(|_| PositionError)?,
            id: id.parse().map_err(|_| PositionError)?,
        })
    }
}

/// The caller's competition sets, the one that was changed last first; 50 a page unless `limit` says otherwise.
#[utoipa::path(
    get, path = "/api/competition-sets", tag = "intelligence", operation_id = "listCompetitionSets", params(Part),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "A page of sets", body = CompetitionSetList),
        openapi::BadQuery, openapi::NotSignedIn, openapi::Forbidden, openapi::Faults,
    ),
)]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(part): Query<Part>,
) -> Answer<Json<CompetitionSetList>> {
    caller.must_be(&[Role::Landlord])?;
    let name = format!("competition sets {}", caller.id());
    let wanted: Wanted<Position> = part.of(&app.cursors, &name, PAGE)?;
    let sets = app.table.competition_sets(caller.id()).await?;
    let total = sets.len();
    let mut behind = sets
        .into_iter()
        .filter(|set| wanted.after.is_none_or(|after| Position::of(set) < after));
    let page: Vec<Set> = behind.by_ref().take(usize::from(wanted.limit)).collect();
    let last = page.last().map(Position::of);
    let next = last.filter(|_| behind.next().is_some());
    Ok(Json(CompetitionSetList {
        sets: page.into_iter().map(Into::into).collect(),
        total,
        next_cursor: next.map(|last| app.cursors.make(&name, &last)),
    }))
}

/// Makes a competition set.
#[utoipa::path(
    post, path = "/api/competition-sets", tag = "intelligence", operation_id = "addCompetitionSet",
    request_body = NewCompetitionSet, security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 201, description = "The set", body = CompetitionSet),
        openapi::BadBody, openapi::NotSignedIn, openapi::Forbidden, openapi::Conflict, openapi::Faults,
    ),
)]
pub(crate) async fn add(
    State(app): State<App>,
    caller: Caller,
    operation: Operation,
    Body(details): Body<SetDetails>,
) -> Answer<(StatusCode, Json<CompetitionSet>)> {
    caller.must_be(&[Role::Landlord])?;
    let id = CompetitionSetId::from_bytes(operation.id("competition set"));
    let set = Set::new(id, details, app.table.now());
    let mut meetings = Meetings::default();
    loop {
        let added = app.table.add_competition_set(caller.id(), set.clone()).await;
        match met(added)? {
            Attempt::Done(set) => return Ok((StatusCode::CREATED, Json(set.into()))),
            Attempt::Again => meetings.wait().await?,
        }
    }
}

/// One of the caller's competition sets, with its competitors.
#[utoipa::path(
    get, path = "/api/competition-sets/{id}", tag = "intelligence", operation_id = "getCompetitionSet",
    params(("id" = String, Path, description = "The set")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The set", body = CompetitionSetWithCompetitors),
        openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn get(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<CompetitionSetId>,
) -> Answer<Json<CompetitionSetWithCompetitors>> {
    caller.must_be(&[Role::Landlord])?;
    let set = own(&app, &caller, id).await?;
    let competitors = app.table.competitors(caller.id(), id).await?;
    Ok(Json(CompetitionSetWithCompetitors::of(set, competitors)))
}

/// Changes what is named of a competition set. Null takes away what need not be there.
#[utoipa::path(
    patch, path = "/api/competition-sets/{id}", tag = "intelligence", operation_id = "changeCompetitionSet",
    params(("id" = String, Path, description = "The set")), request_body = CompetitionSetChange,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The set as it is now", body = CompetitionSet),
        openapi::BadBody, openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn change(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<CompetitionSetId>,
    patch: Patch,
) -> Answer<Json<CompetitionSet>> {
    caller.must_be(&[Role::Landlord])?;
    become_with(&app, &caller, id, |known| patch.applied_to(known)).await
}

/// Says anew all that is to be said of a competition set: what is not named is taken away. Its competitors stay.
#[utoipa::path(
    put, path = "/api/competition-sets/{id}", tag = "intelligence", operation_id = "replaceCompetitionSet",
    params(("id" = String, Path, description = "The set")), request_body = NewCompetitionSet,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The set as it is now", body = CompetitionSet),
        openapi::BadBody, openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn replace(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<CompetitionSetId>,
    Body(details): Body<SetDetails>,
) -> Answer<Json<CompetitionSet>> {
    caller.must_be(&[Role::Landlord])?;
    become_with(&app, &caller, id, |_| Ok(details.clone())).await
}

/// Gives a set the details that `said` makes of those it has, as often as somebody else comes between.
async fn become_with(
    app: &App,
    caller: &Caller,
    id: CompetitionSetId,
    said: impl Fn(&SetDetails) -> Answer<SetDetails>,
) -> Answer<Json<CompetitionSet>> {
    let mut meetings = Meetings::default();
    loop {
        let known = own(app, caller, id).await?;
        let details = said(&known.details)?;
        if details == known.details {
            return Ok(Json(known.into()));
        }
        let changed = app
            .table
            .change_competition_set(caller.id(), &known, &details)
            .await;
        match met(changed)? {
            Attempt::Done(Some(set)) => return Ok(Json(set.into())),
            Attempt::Done(None) | Attempt::Again => meetings.wait().await?,
        }
    }
}

/// Deletes a competition set with its competitors.
#[utoipa::path(
    delete, path = "/api/competition-sets/{id}", tag = "intelligence", operation_id = "deleteCompetitionSet",
    params(("id" = String, Path, description = "The set")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "It is deleted"),
        openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<CompetitionSetId>,
) -> Answer<StatusCode> {
    caller.must_be(&[Role::Landlord])?;
    let mut meetings = Meetings::default();
    loop {
        let known = own(&app, &caller, id).await?;
        let competitors = app.table.competitors(caller.id(), id).await?;
        let deleted = app
            .table
            .delete_competition_set(caller.id(), &known, &competitors)
            .await;
        match unless_met(deleted)? {
            Attempt::Done(true) => return Ok(StatusCode::NO_CONTENT),
            Attempt::Done(false) | Attempt::Again => meetings.wait().await?,
        }
    }
}

async fn own(app: &App, caller: &Caller, id: CompetitionSetId) -> Answer<Set> {
    let set = app.table.competition_set(caller.id(), id).await?;
    set.ok_or_else(absent)
}

pub(crate) fn absent() -> Problem {
    Problem::not_found("competition set")
}

/// What became of a write, if it did not meet another one.
fn met<T>(result: Result<T, SetError>) -> Answer<Attempt<T>> {
    match result {
        Ok(done) => Ok(Attempt::Done(done)),
        Err(SetError::Table(TableError::Conflict)) => Ok(Attempt::Again),
        Err(error) => Err(refused(error)),
    }
}

fn refused(error: SetError) -> Problem {
    match error {
        SetError::Full => Problem::conflict(
            "too_many_competition_sets",
            format!("You have {SETS_AT_MOST} competition sets, and there can be no more. Delete one."),
        ),
        SetError::NotOwn(places) => Problem::fields(
            places
                .into_iter()
                .map(|place| FieldError {
                    field: format!("ownPropertyIds[{place}]"),
                    message: "is none of your properties".to_owned(),
                })
                .collect(),
        ),
        SetError::Table(error) => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_reads_back_from_its_text_and_the_later_change_is_the_greater() {
        let position = |second: i64, id: u8| Position {
            changed_at: Timestamp::from_second(second).unwrap(),
            id: CompetitionSetId::from_bytes([id; 16]),
        };
        let one = position(1_800_000_000, 7);
        assert_eq!(one.to_string().parse::<Position>().unwrap(), one);
        assert!(position(2, 1) > position(1, 9) && position(2, 2) > position(2, 1));
        for text in ["", "2026-01-01T00:00:00Z", "then set_1"] {
            assert!(text.parse::<Position>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_property_that_is_none_of_ones_own_is_named_by_its_place() {
        let problem = format!("{:?}", refused(SetError::NotOwn(vec![0, 3])));
        assert!(
            problem.contains(r#"field: "ownPropertyIds[0]""#)
                && problem.contains(r#"field: "ownPropertyIds[3]""#),
            "{problem}"
        );
    }
}
