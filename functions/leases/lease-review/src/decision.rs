//! A person's decision.

use axum::Json;
use axum::extract::State;
use domain::lease::VerificationStatus;
use domain::text::Line;
use domain::{Rent, VerificationId};
use serde::{Deserialize, Serialize};
use table::verification::{Review, Reviewed, Verification};
use utoipa::ToSchema;
use web::idempotency::Operation;
use web::lease::LeaseVerification;
use web::{Answer, Body, Caller, Id, Problem, openapi};

use crate::App;
use crate::queue::for_review;

/// A decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Decision {
    /// Which.
    #[schema(value_type = DecisionKind)]
    decision: DecisionKind,
    /// The rent in the lease, for an approval; the likeliest one unless given.
    #[serde(default)]
    #[schema(value_type = Option<f64>)]
    rent: Option<Rent>,
    /// Why.
    #[schema(value_type = String, min_length = 1, max_length = 1000)]
    note: Line<1000>,
}

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(rename_all = "lowercase")]
pub(crate) enum DecisionKind {
    /// The lease counts.
    Approve,
    /// It does not.
    Reject,
}

impl TryFrom<String> for DecisionKind {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        match text.as_str() {
            "approve" => Ok(Self::Approve),
            "reject" => Ok(Self::Reject),
            _ => Err("must be approve or reject"),
        }
    }
}

/// A lease that was decided.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReviewedLease {
    /// The verification.
    verification: LeaseVerification,
}

/// Decides on a lease, for good.
#[utoipa::path(
    post, path = "/api/admin/lease-reviews/{id}", tag = "leases", operation_id = "decideLeaseReview",
    params(("id" = String, Path, description = "The verification")), request_body = Decision,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "It is decided", body = ReviewedLease),
        openapi::BadBody, openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Conflict, openapi::Faults,
    ),
)]
pub(crate) async fn decide(
    State(app): State<App>,
    caller: Caller,
    operation: Operation,
    Id(id): Id<VerificationId>,
    Body(decision): Body<Decision>,
) -> Answer<Json<ReviewedLease>> {
    caller.must_be(&[])?;
    let found = for_review(&app.table, id).await?;
    let user = found.verification.user;
    let lease = &found.verification;
    let review = Review {
        verification: id,
        user,
        reviewer: caller.id(),
        rent: rent(lease, &decision)?,
        note: decision.note.as_str().to_owned(),
        reasons: lease.reasons.clone(),
        likely: lease.likely,
        decided_at: operation.at,
    };
    if let Some(earlier) = found.review {
        // An earlier attempt at this very request decided, and its answer was lost.
        return if same(&earlier, &review) {
            Ok(answer(lease))
        } else {
            Err(decided_before())
        };
    }
    if lease.user == caller.id() {
        return Err(Problem::forbidden(
            "own_lease",
            "Nobody decides on a lease of their own.",
        ));
    }
    if lease.status != VerificationStatus::NeedsReview {
        return Err(decided_before());
    }
    match app.table.review_lease(lease, &review).await? {
        Reviewed::Now(decided) => Ok(answer(&decided)),
        Reviewed::Before => Err(decided_before()),
    }
}

fn answer(lease: &Verification) -> Json<ReviewedLease> {
    Json(ReviewedLease {
        verification: LeaseVerification::of(lease, None),
    })
}

/// The rent that is approved; none, if the lease is rejected.
fn rent(lease: &Verification, decision: &Decision) -> Answer<Option<Rent>> {
    match (decision.decision, decision.rent) {
        (DecisionKind::Reject, None) => Ok(None),
        (DecisionKind::Reject, Some(_)) => Err(Problem::field("rent", "goes with an approval alone")),
        (DecisionKind::Approve, rent) => rent
            .or(lease.likely)
            .map(Some)
            .ok_or_else(|| Problem::field("rent", "is required: no rent was found in the lease")),
    }
}

fn same(earlier: &Review, review: &Review) -> bool {
    (earlier.reviewer, earlier.decided_at, earlier.rent, &earlier.note)
        == (review.reviewer, review.decided_at, review.rent, &review.note)
}

fn decided_before() -> Problem {
    Problem::conflict("lease_decided_before", "This lease is decided already.")
}
