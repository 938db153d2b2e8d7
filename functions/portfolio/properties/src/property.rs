//! A landlord's properties.

use axum::Json;
use axum::extract::State;
use domain::plan::{Limited, Limits};
use domain::property::Details;
use domain::{PropertyId, Role};
use http::StatusCode;
use serde_json::{Map, Value};
use table::TableError;
use table::property::{AddError, Around, Changed, Property};
use web::again::{Attempt, Meetings, unless_met};
use web::idempotency::Operation;
use web::{Answer, App, Body, Caller, Id, Problem, openapi};

use crate::around::Markets;
use crate::schema::{NewProperty, PropertyChange};
use crate::view::LandlordProperty;
use crate::words;

/// Enters a property. The plan says how many there may be.
#[utoipa::path(
    post, path = "/api/landlord/properties", tag = "portfolio", operation_id = "addProperty", request_body = NewProperty,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 201, description = "The property", body = LandlordProperty),
        openapi::BadBody, openapi::NotSignedIn, openapi::Unpaid, openapi::Forbidden, openapi::Faults,
    ),
)]
pub(crate) async fn add(
    State(app): State<App>,
    caller: Caller,
    operation: Operation,
    Body(said): Body<Map<String, Value>>,
) -> Answer<(StatusCode, Json<LandlordProperty>)> {
    caller.must_be(&[Role::Landlord])?;
    let now = app.table.now();
    let details: Details = words::in_ours(said, now)?.whole()?;
    fits_together(&details)?;
    let limits = Limits::of(caller.account.billing.subscription.as_ref(), now);
    let id = PropertyId::from_bytes(operation.id("property"));
    let markets = Markets::today(&app.table, &details).await?;
    let property = Property::new(id, details, Around::default(), now);
    let property = property.in_market(markets.bearing(&property, now), now);
    let property = app
        .table
        .add_property(caller.id(), property, limits)
        .await
        .map_err(|error| refused(error, limits))?;
    Ok((
        StatusCode::CREATED,
        Json(LandlordProperty::of(property, &markets, app.table.now())),
    ))
}

/// One of the caller's properties.
#[utoipa::path(
    get, path = "/api/landlord/properties/{id}", tag = "portfolio", operation_id = "getProperty",
    params(("id" = String, Path, description = "The property")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The property", body = LandlordProperty),
        openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn get(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<PropertyId>,
) -> Answer<Json<LandlordProperty>> {
    caller.must_be(&[Role::Landlord])?;
    let property = app.table.property(caller.id(), id).await?.ok_or_else(absent)?;
    shown(&app, property).await
}

/// Changes what is named of a property. Null takes away what need not be there.
#[utoipa::path(
    patch, path = "/api/landlord/properties/{id}", tag = "portfolio", operation_id = "changeProperty",
    params(("id" = String, Path, description = "The property")), request_body = PropertyChange,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The property as it is now", body = LandlordProperty),
        openapi::BadBody, openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn change(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<PropertyId>,
    Body(said): Body<Map<String, Value>>,
) -> Answer<Json<LandlordProperty>> {
    caller.must_be(&[Role::Landlord])?;
    let patch = words::in_ours(said, app.table.now())?;
    become_with(&app, &caller, id, |known| patch.applied_to(known)).await
}

/// Says anew all that is to be said of a property: what is not named is taken away.
#[utoipa::path(
    put, path = "/api/landlord/properties/{id}", tag = "portfolio", operation_id = "replaceProperty",
    params(("id" = String, Path, description = "The property")), request_body = NewProperty,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The property as it is now", body = LandlordProperty),
        openapi::BadBody, openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn replace(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<PropertyId>,
    Body(said): Body<Map<String, Value>>,
) -> Answer<Json<LandlordProperty>> {
    caller.must_be(&[Role::Landlord])?;
    let details: Details = words::in_ours(said, app.table.now())?.whole()?;
    become_with(&app, &caller, id, |_| Ok(details.clone())).await
}

/// Gives a property the details that `said` makes of those it has, as often as somebody else comes between.
async fn become_with(
    app: &App,
    caller: &Caller,
    id: PropertyId,
    said: impl Fn(&Details) -> Answer<Details>,
) -> Answer<Json<LandlordProperty>> {
    let mut meetings = Meetings::default();
    loop {
        let known = app.table.property(caller.id(), id).await?.ok_or_else(absent)?;
        let details = said(&known.details)?;
        fits_together(&details)?;
        if details == known.details {
            return shown(app, known).await;
        }
        let markets = Markets::today(&app.table, &details).await?;
        let now = app.table.now();
        let market = markets.bearing(&known.with(&details, Around::default(), now), now);
        let changed = app
            .table
            .change_property(caller.id(), &known, &details, market)
            .await;
        match unless_met(changed)? {
            Attempt::Done(Changed::Now(property)) => {
                return Ok(Json(LandlordProperty::of(*property, &markets, now)));
            }
            Attempt::Done(Changed::Outdated) | Attempt::Again => meetings.wait().await?,
        }
    }
}

/// Deletes a property, and makes room for another. It can be restored for 30 days.
#[utoipa::path(
    delete, path = "/api/landlord/properties/{id}", tag = "portfolio", operation_id = "deleteProperty",
    params(("id" = String, Path, description = "The property")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "It is deleted"),
        openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<PropertyId>,
) -> Answer<StatusCode> {
    caller.must_be(&[Role::Landlord])?;
    let mut meetings = Meetings::default();
    loop {
        let known = app.table.property(caller.id(), id).await?.ok_or_else(absent)?;
        let deleted = app.table.delete_property(caller.id(), &known).await;
        match unless_met(deleted)? {
            Attempt::Done(true) => return Ok(StatusCode::NO_CONTENT),
            Attempt::Done(false) | Attempt::Again => meetings.wait().await?,
        }
    }
}

/// Restores a property that was deleted within the last 30 days, as it was. The plan says whether there is room for it.
#[utoipa::path(
    post, path = "/api/landlord/properties/{id}/restore", tag = "portfolio", operation_id = "restoreProperty",
    params(("id" = String, Path, description = "The property")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The property, also if it is restored already", body = LandlordProperty),
        openapi::NotSignedIn, openapi::Unpaid, openapi::Forbidden, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn restore(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<PropertyId>,
) -> Answer<Json<LandlordProperty>> {
    caller.must_be(&[Role::Landlord])?;
    let limits = Limits::of(caller.account.billing.subscription.as_ref(), app.table.now());
    let mut meetings = Meetings::default();
    loop {
        let Some(deleted) = app.table.deleted_property(caller.id(), id).await? else {
            let there = app.table.property(caller.id(), id).await?.ok_or_else(absent)?;
            return shown(&app, there).await;
        };
        match app.table.restore_property(caller.id(), &deleted, limits).await {
            Ok(property) => return shown(&app, property).await,
            Err(AddError::Table(TableError::Conflict)) => meetings.wait().await?,
            Err(error) => return Err(refused(error, limits)),
        }
    }
}

/// A property with what was last known of the market around it.
async fn shown(app: &App, property: Property) -> Answer<Json<LandlordProperty>> {
    let markets = Markets::around(&app.table, std::slice::from_ref(&property)).await?;
    Ok(Json(LandlordProperty::of(property, &markets, app.table.now())))
}

pub(crate) fn refused(error: AddError, limits: Limits) -> Problem {
    match error {
        AddError::Full => full(limits),
        AddError::Table(error) => error.into(),
    }
}

fn fits_together(details: &Details) -> Answer<()> {
    details
        .fits_together()
        .map_err(|misfit| Problem::field(misfit.field, misfit.should))
}

fn absent() -> Problem {
    Problem::not_found("property")
}

pub(crate) fn full(limits: Limits) -> Problem {
    let most = limits.on(Limited::Units).unwrap_or(u32::MAX);
    match Limited::Units.lifted_by(most) {
        Some(plan) => Problem::payment_required(
            "plan_limit",
            format!(
                "You may have {most} properties. Take the plan {}, or delete one.",
                plan.plan().name
            ),
        )
        .lifted_by(plan.as_str()),
        None => Problem::payment_required(
            "plan_limit",
            format!("You may have {most} properties, and no plan allows more. Delete one."),
        ),
    }
}
