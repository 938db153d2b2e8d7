//! Who am I, and what do I come for.

use axum::Json;
use axum::extract::State;
use domain::Role;
use serde::Deserialize;
use utoipa::ToSchema;
use web::user::{User, UserAnswer};
use web::{Answer, Body, Caller, Problem, openapi};

use crate::App;

/// Who is calling.
#[utoipa::path(
    get, path = "/api/auth/me", tag = "accounts", operation_id = "me", security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The caller, with the plan that counts now", body = UserAnswer),
        openapi::NotSignedIn, openapi::Faults,
    ),
)]
pub(crate) async fn me(State(app): State<App>, caller: Caller) -> Json<UserAnswer> {
    Json(UserAnswer {
        user: User::of(&caller.account, app.table.now()),
    })
}

/// A choice of role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct RoleChoice {
    /// The role to take.
    #[schema(value_type = SelfAssignable)]
    user_type: Role,
}

/// The roles that a person may take.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(
    dead_code,
    reason = "describes the part of `domain::Role` that is free to take"
)]
pub(crate) enum SelfAssignable {
    Renter,
    Landlord,
    Agent,
}

/// Chooses what the caller comes for. Nobody becomes admin this way, and an admin stays one.
#[utoipa::path(
    patch, path = "/api/auth/user-type", tag = "accounts", operation_id = "chooseRole", request_body = RoleChoice,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The caller, in the new role", body = UserAnswer),
        openapi::BadBody, openapi::NotSignedIn,
        openapi::Forbidden,
        openapi::Faults,
    ),
)]
pub(crate) async fn choose_role(
    State(app): State<App>,
    caller: Caller,
    Body(RoleChoice { user_type: role }): Body<RoleChoice>,
) -> Answer<Json<UserAnswer>> {
    if !role.is_self_assignable() {
        return Err(Problem::forbidden(
            "role_not_assignable",
            "Choose renter, landlord or agent.",
        ));
    }
    if caller.account.role == Role::Admin {
        return Err(Problem::forbidden(
            "role_not_assignable",
            "An admin's role is changed by another admin.",
        ));
    }
    let account = app
        .table
        .set_role(caller.id(), role)
        .await?
        .ok_or_else(Problem::unauthenticated)?;
    Ok(Json(UserAnswer {
        user: User::of(&account, app.table.now()),
    }))
}
