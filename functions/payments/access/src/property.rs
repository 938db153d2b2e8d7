//! Unlocking a property on a plan.

use axum::Json;
use axum::extract::State;
use domain::{ListingId, Rent, UserId};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use table::unlock::{Unlock, UnlockError};
use utoipa::ToSchema;
use web::{Answer, App, Body, Caller, Id, Problem, openapi};

/// The property to unlock.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct UnlockRequest {
    /// Its listing's id.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{1,64}$")]
    property_id: ListingId,
}

/// An unlocked property, with the figures frozen when it was unlocked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Unlocked {
    /// Its listing's id.
    property_id: String,
    /// What the landlord asked, in dollars a month.
    #[schema(value_type = f64)]
    asking_rent: Rent,
    /// What it should cost, in dollars a month.
    #[schema(value_type = f64)]
    predicted_rent: Rent,
    /// When it was unlocked.
    #[schema(format = DateTime)]
    unlocked_at: String,
}

impl From<Unlock> for Unlocked {
    fn from(unlock: Unlock) -> Self {
        Self {
            property_id: unlock.listing.to_string(),
            asking_rent: unlock.quote.asking_rent,
            predicted_rent: unlock.quote.predicted_rent,
            unlocked_at: unlock.unlocked_at.to_string(),
        }
    }
}

/// Unlocks a property: one analysis of the caller's plan. A property that is unlocked already costs nothing.
#[utoipa::path(
    post, path = "/api/access/unlock-property", tag = "payments", operation_id = "unlockProperty", request_body = UnlockRequest,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "It was unlocked before", body = Unlocked),
        (status = 201, description = "It is unlocked now", body = Unlocked),
        openapi::BadBody, openapi::NotSignedIn, openapi::Unpaid, openapi::CrossOrigin, openapi::Absent,
        openapi::Faults,
    ),
)]
pub(crate) async fn unlock(
    State(app): State<App>,
    caller: Caller,
    Body(UnlockRequest { property_id }): Body<UnlockRequest>,
) -> Answer<(StatusCode, Json<Unlocked>)> {
    let now = app.table.now();
    let (listing, unlocked) = app.table.listing_and_unlock(caller.id(), &property_id).await?;
    if let Some(unlock) = unlocked {
        return Ok((StatusCode::OK, Json(unlock.into())));
    }
    let listing = listing.ok_or_else(|| Problem::not_found("property"))?;
    let Some((purchase, grant)) = caller.account.grants.current(now) else {
        return Err(no_plan());
    };
    if !grant.has_analyses_left(now) {
        return Err(used_up());
    }
    let unlock = Unlock {
        listing: listing.id.clone(),
        quote: listing.quote(),
        purchase,
        unlocked_at: now,
        withdrawn: false,
    };
    let earlier = app
        .table
        .unlock(caller.id(), &unlock)
        .await
        .map_err(|error| match error {
            UnlockError::UsedUp => used_up(),
            UnlockError::Table(error) => error.into(),
        })?;
    Ok(match earlier {
        Some(earlier) => (StatusCode::OK, Json(earlier.into())),
        None => (StatusCode::CREATED, Json(unlock.into())),
    })
}

/// The properties that the caller has unlocked; the first 200 by their ids.
#[utoipa::path(
    get, path = "/api/access/unlocked-properties/{userId}", tag = "payments", operation_id = "unlockedProperties",
    params(("userId" = String, Path, description = "The caller")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "Their listings' ids", body = Vec<String>),
        openapi::NotSignedIn, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn unlocked(
    State(app): State<App>,
    caller: Caller,
    Id(user): Id<UserId>,
) -> Answer<Json<Vec<String>>> {
    if user != caller.id() {
        return Err(Problem::not_found("person"));
    }
    let unlocked = app.table.unlocked(user).await?;
    Ok(Json(unlocked.into_iter().map(Into::into).collect()))
}

fn no_plan() -> Problem {
    Problem::payment_required(
        "payment_required",
        "Buy a plan, or this one property, to see its analysis.",
    )
    .lifted_by("per_property")
}

fn used_up() -> Problem {
    Problem::payment_required(
        "analyses_used_up",
        "All analyses of your plan are used. Buy a plan without a limit, or this one property.",
    )
    .lifted_by("pro")
}
