//! What the web client of today asks for, from our own figures.

use axum::Json;
use axum::extract::State;
use domain::lease::{Ended, Standing, VerificationStatus, Wait};
use domain::text::Line;
use domain::{Cents, ListingId, PurchaseId, Rent, VerificationId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use table::verification::{AnnounceError, Announced, Verification};
use utoipa::ToSchema;
use web::idempotency::Operation;
use web::lease::LeaseVerification;
use web::{Answer, Body, Caller, Id, Problem, openapi};

use crate::App;
use crate::announce::{announcement, not_decided, refused};

/// What the web client says of a lease. Its figures decide nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct SubmittedLease {
    /// One of the caller's purchases.
    #[schema(value_type = String, pattern = "^purch_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    purchase_id: PurchaseId,
    /// The property's listing; needed where the purchase is for more than one.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{1,64}$")]
    property_id: Option<ListingId>,
    /// What the property is called.
    #[serde(default, rename = "propertyName")]
    #[schema(
        value_type = Option<String>, min_length = 1, max_length = 500,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    _property_name: Option<Line<500>>,
    /// The rent that the renter reads in the lease, in dollars: from 1 to 100000. A number is taken as well. Ours is read from
    /// the file.
    #[serde(rename = "finalRent")]
    #[schema(value_type = String, pattern = "^([1-9][0-9]{0,4}(\\.[0-9]{1,2})?|100000(\\.0{1,2})?)$")]
    _final_rent: StatedRent,
    /// When the lease was signed.
    #[serde(default, rename = "leaseSignedDate")]
    #[schema(value_type = Option<String>, format = Date)]
    _lease_signed_date: Option<Date>,
    /// When the renter moves in.
    #[serde(default, rename = "moveInDate")]
    #[schema(value_type = Option<String>, format = Date)]
    _move_in_date: Option<Date>,
    /// The address of the file in the browser. It is not fetched.
    #[serde(rename = "leaseFileUrl")]
    #[schema(
        value_type = String, min_length = 1, max_length = 2048,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    _lease_file_url: Line<2048>,
}

/// A rent as a text or a number.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Value")]
struct StatedRent;

impl TryFrom<Value> for StatedRent {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, &'static str> {
        let stated = match &value {
            Value::String(text) => text.trim().parse().ok(),
            Value::Number(number) => number.as_f64(),
            _ => None,
        };
        stated
            .and_then(|stated| Rent::try_from(stated).ok())
            .map(|_| Self)
            .ok_or("must be a rent in dollars, from 1 to 100000, with at most two decimals")
    }
}

/// A lease that was submitted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubmittedAnswer {
    /// `true`.
    success: bool,
    /// The verification.
    verification_id: String,
    /// What comes next.
    message: &'static str,
}

/// Takes what the web client says of a lease, and answers with its verification. The file itself is sent by way of
/// `uploads`.
#[utoipa::path(
    post, path = "/api/lease-verification/submit", tag = "leases", operation_id = "submitLease", request_body = SubmittedLease,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "Its verification", body = SubmittedAnswer),
        openapi::BadBody, openapi::NotSignedIn, openapi::CrossOrigin, openapi::Absent, openapi::Conflict, openapi::Faults,
    ),
)]
pub(crate) async fn submit(
    State(app): State<App>,
    caller: Caller,
    operation: Operation,
    Body(lease): Body<SubmittedLease>,
) -> Answer<Json<SubmittedAnswer>> {
    let purchase = app.table.purchase(caller.id(), lease.purchase_id).await?;
    let purchase = purchase.ok_or_else(|| Problem::not_found("purchase"))?;
    let listing = lease
        .property_id
        .or(purchase.property.map(|property| property.listing));
    let listing = listing.ok_or_else(|| {
        Problem::field(
            "propertyId",
            "is required: this purchase is not for one property alone",
        )
    })?;
    let announcement = announcement(&app, &caller, operation, lease.purchase_id, listing, None);
    let (id, status) = match app.table.announce_lease(&announcement).await {
        Ok(Announced::Awaited(lease) | Announced::Known(lease)) => (lease.id, lease.status),
        Err(AnnounceError::Taken(id)) => {
            let known = app.table.verification(caller.id(), id).await?;
            (
                id,
                known.map_or(VerificationStatus::Processing, |known| known.status),
            )
        }
        Err(error) => return Err(refused(error)),
    };
    Ok(Json(SubmittedAnswer {
        success: true,
        verification_id: id.to_string(),
        message: match status {
            VerificationStatus::AwaitingUpload => {
                "Now send the file of the lease: POST /api/lease-verification/uploads says where."
            }
            VerificationStatus::Processing => "The lease is being read.",
            VerificationStatus::NeedsReview => {
                "A person looks at the lease. You get a mail when it is decided."
            }
            _ => "The lease is decided.",
        },
    }))
}

/// What the web client believes of the rents. Ours were frozen when the property was unlocked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct BelievedRents {
    /// Ignored.
    #[serde(default, rename = "originalAskingRent")]
    #[schema(value_type = Option<f64>)]
    _original_asking_rent: Option<f64>,
    /// Ignored.
    #[serde(default, rename = "predictedRent")]
    #[schema(value_type = Option<f64>)]
    _predicted_rent: Option<f64>,
}

/// The answer that holds a decided verification.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DecidedAnswer {
    /// The verification.
    verification: LeaseVerification,
}

/// What a decided lease comes to. Nothing is decided here.
#[utoipa::path(
    post, path = "/api/lease-verification/verify/{id}", tag = "leases", operation_id = "verifyLease",
    params(("id" = String, Path, description = "The verification")), request_body = BelievedRents,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "What it comes to", body = DecidedAnswer),
        openapi::BadBody, openapi::NotSignedIn, openapi::CrossOrigin, openapi::Absent, openapi::Conflict, openapi::Faults,
    ),
)]
pub(crate) async fn verify(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<VerificationId>,
    Body(BelievedRents { .. }): Body<BelievedRents>,
) -> Answer<Json<DecidedAnswer>> {
    let found = app.table.verification_and_evidence(caller.id(), id).await?;
    let (verification, evidence) = found.ok_or_else(|| Problem::not_found("verification"))?;
    decided(&verification)?;
    Ok(Json(DecidedAnswer {
        verification: LeaseVerification::of(&verification, evidence),
    }))
}

/// How the money of a lease stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LeaseRefund {
    /// `true`.
    success: bool,
    /// `pending` or `refunded`.
    status: &'static str,
    /// What comes back, in dollars.
    refund_amount: f64,
    /// The same in words.
    message: String,
}

/// Asks for the money that a decided lease earns, and says how it stands. It goes back by itself, and once, however often
/// it is asked for; one that did not arrive is set going again.
#[utoipa::path(
    post, path = "/api/lease-verification/refund/{id}", tag = "leases", operation_id = "refundLease",
    params(("id" = String, Path, description = "The verification")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The money is on its way, or back", body = LeaseRefund),
        openapi::NotSignedIn, openapi::CrossOrigin, openapi::Absent, openapi::Conflict, openapi::Faults,
    ),
)]
pub(crate) async fn refund(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<VerificationId>,
) -> Answer<Json<LeaseRefund>> {
    let found = app.table.verification(caller.id(), id).await?;
    let verification = found.ok_or_else(|| Problem::not_found("verification"))?;
    decided(&verification)?;
    if verification.refund_due.get() == 0 {
        return Err(nothing_to_refund(
            "This lease saves nothing against the rent that was asked, so there is nothing to give back.",
        ));
    }
    let standing = app.table.ask_refund(&verification).await?;
    let standing = standing.ok_or_else(|| Problem::not_found("purchase"))?;
    stands(standing, verification.refund_due).map(Json)
}

/// What a renter is told of a refund of which so much is due.
fn stands(standing: Standing, due: Cents) -> Answer<LeaseRefund> {
    let (status, amount, message) = match standing {
        Standing::Paid(amount) => ("refunded", amount, format!("{amount} are back.")),
        Standing::Wanted(amount) | Standing::Pending(amount) => {
            ("pending", amount, format!("{amount} are on their way."))
        }
        Standing::Requested | Standing::Waiting(Wait::Undecided) => {
            ("pending", due, format!("{due} are on their way."))
        }
        Standing::Waiting(Wait::Disputed) => (
            "pending",
            due,
            format!("{due} come back as soon as your bank has decided that the payment was right."),
        ),
        Standing::Ended(Ended::GivenBack) => {
            return Err(nothing_to_refund(
                "All that you paid was given back before, so nothing of it is left.",
            ));
        }
        Standing::Ended(Ended::Disputed) => {
            return Err(nothing_to_refund(
                "Your bank gave you the whole payment back, so nothing of it is left.",
            ));
        }
        Standing::Failed => {
            return Err(Problem::conflict(
                "refund_failed",
                format!("{due} could not be given back yet. They are still yours: one of us looks into it."),
            ));
        }
    };
    Ok(LeaseRefund {
        success: true,
        status,
        refund_amount: f64::from(amount.get()) / 100.0,
        message,
    })
}

fn nothing_to_refund(why: &'static str) -> Problem {
    Problem::conflict("nothing_to_refund", why)
}

/// Whether there is something to tell of it.
fn decided(verification: &Verification) -> Answer<()> {
    match verification.status {
        VerificationStatus::Rejected => {
            let why = verification.reasons.last().map_or("", |reason| reason.sentence());
            Err(Problem::conflict("lease_rejected", why))
        }
        status if status.is_decided() => Ok(()),
        status => Err(not_decided(status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renter_is_told_what_comes_back_or_why_nothing_does() {
        let (due, less) = (Cents::new(2450), Cents::new(900));
        let told = |standing| match stands(standing, due) {
            Ok(refund) => (refund.status, refund.refund_amount),
            Err(problem) => (problem.code(), 0.0),
        };
        for (standing, says) in [
            (Standing::Wanted(less), ("pending", 9.0)),
            (Standing::Waiting(Wait::Disputed), ("pending", 24.5)),
            (Standing::Waiting(Wait::Undecided), ("pending", 24.5)),
            (Standing::Requested, ("pending", 24.5)),
            (Standing::Pending(less), ("pending", 9.0)),
            (Standing::Paid(less), ("refunded", 9.0)),
            (Standing::Failed, ("refund_failed", 0.0)),
            (Standing::Ended(Ended::GivenBack), ("nothing_to_refund", 0.0)),
            (Standing::Ended(Ended::Disputed), ("nothing_to_refund", 0.0)),
        ] {
            assert_eq!(told(standing), says, "{standing:?}");
        }
    }
}
