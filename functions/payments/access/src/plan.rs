//! What the caller's plan opens.

use axum::Json;
use axum::extract::State;
use domain::{ListingId, PlanId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use table::account::Account;
use utoipa::ToSchema;
use web::{Answer, App, Body, Caller, Problem, openapi};

/// What the caller has access to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccessStatus {
    /// Whether a plan runs, or a property is unlocked.
    has_access: bool,
    /// By what.
    access_type: AccessType,
    /// The plan that counts now.
    plan_type: Option<&'static str>,
    /// When its term ends; never, if a plan runs and there is none.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// How many analyses of it are used.
    analyses_used: u32,
    /// How many it has; unlimited if there is none.
    analyses_limit: Option<u32>,
    /// The properties that are unlocked for good; the first 200.
    unlocked_property_ids: Vec<String>,
}

/// By what the caller has access.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AccessType {
    /// A plan that runs.
    Plan,
    /// Single properties.
    Single,
    /// Nothing.
    None,
}

impl AccessStatus {
    fn of(account: &Account, unlocked: Vec<ListingId>, now: Timestamp) -> Self {
        let grant = account.grants.current(now).map(|(_, grant)| grant);
        Self {
            has_access: grant.is_some() || !unlocked.is_empty(),
            access_type: match (grant, unlocked.is_empty()) {
                (Some(_), _) => AccessType::Plan,
                (None, false) => AccessType::Single,
                (None, true) => AccessType::None,
            },
            plan_type: grant.map(|grant| grant.plan.as_str()),
            expires_at: grant.and_then(|grant| grant.until).map(|until| until.to_string()),
            analyses_used: grant.map_or(0, |grant| grant.analyses_used),
            analyses_limit: grant.and_then(|grant| grant.analyses_limit),
            unlocked_property_ids: unlocked.into_iter().map(Into::into).collect(),
        }
    }
}

/// What the caller has access to.
#[utoipa::path(
    get, path = "/api/access/status", tag = "payments", operation_id = "accessStatus",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The plan that counts now, and the unlocked properties", body = AccessStatus),
        openapi::NotSignedIn, openapi::Faults,
    ),
)]
pub(crate) async fn status(State(app): State<App>, caller: Caller) -> Answer<Json<AccessStatus>> {
    let unlocked = app.table.unlocked(caller.id()).await?;
    Ok(Json(AccessStatus::of(&caller.account, unlocked, app.table.now())))
}

/// The plan that the client believes to be bought.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Activation {
    /// The plan.
    #[schema(value_type = TermPlan)]
    plan_type: PlanId,
}

/// The plans that open any property.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(
    dead_code,
    reason = "describes the part of `domain::PlanId` that can be activated"
)]
pub(crate) enum TermPlan {
    Basic,
    Pro,
    Premium,
    FullAccess,
}

/// Confirms a plan that was paid for. The web client asks for this after a purchase, or instead of one: without a paid
/// purchase behind it the answer is 402.
#[utoipa::path(
    post, path = "/api/access/activate-plan", tag = "payments", operation_id = "activatePlan",
    request_body = Activation, security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The plan runs", body = AccessStatus),
        openapi::BadBody, openapi::NotSignedIn, openapi::Unpaid, openapi::CrossOrigin, openapi::Faults,
    ),
)]
pub(crate) async fn activate(
    State(app): State<App>,
    caller: Caller,
    Body(Activation { plan_type: wanted }): Body<Activation>,
) -> Answer<Json<AccessStatus>> {
    let now = app.table.now();
    if !wanted.plan().opens_any_property() {
        return Err(Problem::field(
            "planType",
            "must be basic, pro, premium or full_access",
        ));
    }
    if !caller.account.grants.is_running(wanted, now) {
        let name = wanted.plan().name;
        return Err(Problem::payment_required(
            "plan_not_paid",
            format!("No payment for the plan {name} has arrived. Buy it first; if you just did, try again in a moment."),
        )
        .lifted_by(wanted.as_str()));
    }
    let unlocked = app.table.unlocked(caller.id()).await?;
    Ok(Json(AccessStatus::of(&caller.account, unlocked, now)))
}
