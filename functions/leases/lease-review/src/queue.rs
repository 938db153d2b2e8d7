//! The leases that wait for a person.

use axum::Json;
use axum::extract::State;
use domain::{Cents, Rent, VerificationId};
use serde::Serialize;
use table::Table;
use table::verification::{ForReview, Review, Verification, Waiting};
use utoipa::ToSchema;
use web::lease::LeaseVerification;
use web::page::{Part, Wanted};
use web::{Answer, Caller, Id, Problem, Query, openapi};

use crate::App;
use crate::link::{self, LeaseFileLink};

/// How many leases a part of the queue has, unless another number is asked for.
const PAGE: u8 = 20;
const LIST: &str = "lease reviews";

/// A lease that waits.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WaitingLease {
    /// Whose it is.
    user_id: String,
    /// Since when it waits.
    #[schema(format = DateTime)]
    waiting_since: String,
    /// The verification. What was found comes with the lease itself.
    verification: LeaseVerification,
}

/// A part of the queue, the longest waiting first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LeaseReviewList {
    /// The leases.
    lease_reviews: Vec<WaitingLease>,
    /// What to send as `cursor` for the next page.
    next_cursor: Option<String>,
}

/// A lease, with everything to decide on it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LeaseForReview {
    /// Whose it is.
    user_id: String,
    /// What the renter is called: the tenant has to be the same.
    tenant_name: Option<String>,
    /// The property that was unlocked: the lease has to be of the same.
    premises: Option<LeasePremises>,
    /// The rent that was asked when it was unlocked.
    #[schema(value_type = f64)]
    asking_rent: Rent,
    /// The rent that we predicted then.
    #[schema(value_type = f64)]
    predicted_rent: Rent,
    /// What was paid, in cents.
    #[schema(value_type = u32)]
    amount_paid: Cents,
    /// When: the lease has to be signed later.
    #[schema(format = DateTime)]
    paid_at: String,
    /// The rent that the machine thinks likeliest.
    #[schema(value_type = Option<f64>)]
    likely_rent: Option<Rent>,
    /// The verification, with what was found.
    verification: LeaseVerification,
    /// The file, while it is kept.
    file: Option<LeaseFileLink>,
    /// What a person decided.
    review: Option<LeaseDecision>,
}

/// Where a property is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LeasePremises {
    building: String,
    address: String,
    city: String,
    state: String,
    zip_code: String,
}

/// A person's decision.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LeaseDecision {
    /// Who decided.
    reviewer_id: String,
    /// When.
    #[schema(format = DateTime)]
    decided_at: String,
    /// The rent, if the lease was approved.
    #[schema(value_type = Option<f64>)]
    rent: Option<Rent>,
    /// Why.
    note: String,
}

impl From<Review> for LeaseDecision {
    fn from(review: Review) -> Self {
        Self {
            reviewer_id: review.reviewer.to_string(),
            decided_at: review.decided_at.to_string(),
            rent: review.rent,
            note: review.note,
        }
    }
}

/// The leases that wait for a person, the longest waiting first; 20 a page unless `limit` says otherwise.
#[utoipa::path(
    get, path = "/api/admin/lease-reviews", tag = "leases", operation_id = "listLeaseReviews", params(Part),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "A part of the queue", body = LeaseReviewList),
        openapi::BadQuery, openapi::NotSignedIn, openapi::Forbidden, openapi::Faults,
    ),
)]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(part): Query<Part>,
) -> Answer<Json<LeaseReviewList>> {
    caller.must_be(&[])?;
    let wanted: Wanted<Waiting> = part.of(&app.cursors, LIST, PAGE)?;
    let page = app.table.lease_reviews(wanted.limit, wanted.after).await?;
    let waiting = |lease: &Verification| WaitingLease {
        user_id: lease.user.to_string(),
        waiting_since: lease.since.to_string(),
        verification: LeaseVerification::of(lease, None),
    };
    Ok(Json(LeaseReviewList {
        lease_reviews: page.verifications.iter().map(waiting).collect(),
        next_cursor: page.next.map(|last| app.cursors.make(LIST, &last)),
    }))
}

/// A lease that a person has to look at, or had to.
#[utoipa::path(
    get, path = "/api/admin/lease-reviews/{id}", tag = "leases", operation_id = "leaseReview",
    params(("id" = String, Path, description = "The verification")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The lease, with everything to decide on it", body = LeaseForReview),
        openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn lease(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<VerificationId>,
) -> Answer<Json<LeaseForReview>> {
    caller.must_be(&[])?;
    let found = for_review(&app.table, id).await?;
    let user = found.verification.user;
    let lease = &found.verification;
    Ok(Json(LeaseForReview {
        user_id: user.to_string(),
        tenant_name: found.account.map(|account| account.name.as_str().to_owned()),
        premises: lease.premises.as_ref().map(|premises| LeasePremises {
            building: premises.building.clone(),
            address: premises.address.clone(),
            city: premises.place.city().to_owned(),
            state: premises.place.state().to_owned(),
            zip_code: premises.zip_code.clone(),
        }),
        asking_rent: lease.quote.asking_rent,
        predicted_rent: lease.quote.predicted_rent,
        amount_paid: lease.paid,
        paid_at: lease.paid_at.to_string(),
        likely_rent: lease.likely,
        file: link::to_look_at(&app.files, lease, app.table.now()).await?,
        verification: LeaseVerification::of(lease, found.evidence),
        review: found.review.map(Into::into),
    }))
}

/// A lease that a person had to look at, with what there is to decide by.
pub(crate) async fn for_review(table: &Table, id: VerificationId) -> Answer<ForReview> {
    let absent = || Problem::not_found("review");
    let user = table.reviewed_lease(id).await?.ok_or_else(absent)?;
    table.lease_for_review(user, id).await?.ok_or_else(absent)
}
