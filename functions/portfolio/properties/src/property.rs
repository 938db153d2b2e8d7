//! A landlord's properties.

use axum::Json;
use axum::extract::State;
use domain::plan::{Limited, Limits};
use domain::property::Details;
use domain::{PropertyId, Role};
use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use table::TableError;
use table::property::{AddError, Changed, Property};
use utoipa::ToSchema;
use web::idempotency::Operation;
use web::page::{Part, Wanted};
use web::{Answer, Body, Caller, Id, Patch, Problem, Query, openapi};

use crate::App;
use crate::schema::{NewProperty, PropertyChange};

/// How many properties a page has, unless another number is asked for.
const PAGE: u8 = 50;
/// How often a change is tried anew when another came between.
const ATTEMPTS: u8 = 3;

/// A property, as its landlord sees it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LandlordProperty {
    id: PropertyId,
    #[serde(flatten)]
    details: Details,
    days_vacant: u32,
    created_at: String,
    last_updated: String,
}

/// A page of properties, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LandlordPropertyList {
    /// The properties.
    properties: Vec<LandlordProperty>,
    /// How many there are on all pages.
    total: u32,
    /// What to send as `cursor` for the next page.
    next_cursor: Option<String>,
}

impl LandlordProperty {
    fn of(property: Property, now: Timestamp) -> Self {
        Self {
            id: property.id,
            days_vacant: property.days_vacant(now),
            details: property.details,
            created_at: property.added_at.to_string(),
            last_updated: property.changed_at.to_string(),
        }
    }
}

/// The caller's properties, newest first; 50 a page unless `limit` says otherwise.
#[utoipa::path(
    get, path = "/api/landlord/properties", tag = "portfolio", operation_id = "listProperties", params(Part),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "A page of properties", body = LandlordPropertyList),
        openapi::BadQuery, openapi::NotSignedIn, openapi::Forbidden, openapi::Faults,
    ),
)]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(part): Query<Part>,
) -> Answer<Json<LandlordPropertyList>> {
    caller.must_be(&[Role::Landlord])?;
    let list = format!("properties {}", caller.id());
    let wanted: Wanted<PropertyId> = part.of(&app.cursors, &list, PAGE)?;
    let page = app
        .table
        .properties(caller.id(), wanted.limit, wanted.after)
        .await?;
    let now = app.table.now();
    let view = |property| LandlordProperty::of(property, now);
    Ok(Json(LandlordPropertyList {
        total: caller.account.usage.units,
        next_cursor: page.next.map(|last| app.cursors.make(&list, &last)),
        properties: page.properties.into_iter().map(view).collect(),
    }))
}

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
    Body(details): Body<Details>,
) -> Answer<(StatusCode, Json<LandlordProperty>)> {
    caller.must_be(&[Role::Landlord])?;
    fits_together(&details)?;
    let now = app.table.now();
    let limits = Limits::of(caller.account.billing.subscription.as_ref(), now);
    let id = PropertyId::from_bytes(operation.id("property"));
    let property = Property::new(id, details, now);
    let property = app
        .table
        .add_property(caller.id(), property, limits)
        .await
        .map_err(|error| match error {
            AddError::Full => full(limits),
            AddError::Table(error) => error.into(),
        })?;
    Ok((
        StatusCode::CREATED,
        Json(LandlordProperty::of(property, app.table.now())),
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
    Ok(Json(LandlordProperty::of(property, app.table.now())))
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
    patch: Patch,
) -> Answer<Json<LandlordProperty>> {
    caller.must_be(&[Role::Landlord])?;
    for _ in 0..ATTEMPTS {
        let known = app.table.property(caller.id(), id).await?.ok_or_else(absent)?;
        let details = patch.applied_to(&known.details)?;
        fits_together(&details)?;
        if details == known.details {
            return Ok(Json(LandlordProperty::of(known, app.table.now())));
        }
        let changed = app.table.change_property(caller.id(), &known, &details).await?;
        if let Changed::Now(property) = changed {
            return Ok(Json(LandlordProperty::of(*property, app.table.now())));
        }
    }
    Err(TableError::Conflict.into())
}

/// Deletes a property, and makes room for another.
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
    if app.table.delete_property(caller.id(), id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(absent())
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

fn full(limits: Limits) -> Problem {
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
