//! What became of a lease.

use axum::Json;
use axum::extract::State;
use domain::{PurchaseId, VerificationId};
use serde::Serialize;
use utoipa::ToSchema;
use web::lease::LeaseVerification;
use web::{Answer, Caller, Id, Problem, openapi};

use crate::App;

/// The answer that holds a verification.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerificationAnswer {
    /// The verification.
    verification: LeaseVerification,
}

/// Whether a lease was begun for a purchase.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PurchaseVerification {
    /// Whether one was.
    has_verification: bool,
    /// The verification that counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<LeaseVerification>,
}

/// One of the caller's verifications.
#[utoipa::path(
    get, path = "/api/lease-verification/{id}", tag = "leases", operation_id = "leaseVerification",
    params(("id" = String, Path, description = "The verification")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The verification, with what was found", body = VerificationAnswer),
        openapi::NotSignedIn, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn verification(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<VerificationId>,
) -> Answer<Json<VerificationAnswer>> {
    let found = app.table.verification_and_evidence(caller.id(), id).await?;
    let (verification, evidence) = found.ok_or_else(|| Problem::not_found("verification"))?;
    Ok(Json(VerificationAnswer {
        verification: LeaseVerification::of(&verification, evidence),
    }))
}

/// The verification that counts for one of the caller's purchases.
#[utoipa::path(
    get, path = "/api/lease-verification/status/{purchaseId}", tag = "leases", operation_id = "purchaseVerification",
    params(("purchaseId" = String, Path, description = "The purchase")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The verification, if a lease was begun", body = PurchaseVerification),
        openapi::NotSignedIn, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn status(
    State(app): State<App>,
    caller: Caller,
    Id(purchase): Id<PurchaseId>,
) -> Answer<Json<PurchaseVerification>> {
    let found = app.table.verification_of(caller.id(), purchase).await?;
    let verification = found.map(|(verification, evidence)| LeaseVerification::of(&verification, evidence));
    Ok(Json(PurchaseVerification {
        has_verification: verification.is_some(),
        verification,
    }))
}
