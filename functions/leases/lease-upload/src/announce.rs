//! Announcing a lease.

use axum::Json;
use axum::extract::State;
use domain::lease::{BYTES_AT_MOST, FileHash, FileKind, LeaseFile, Reason, VerificationStatus};
use domain::text::Line;
use domain::{ListingId, PurchaseId, VerificationId};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use table::verification::{AnnounceError, Announced, Announcement, BEGUN_AT_MOST, Verification};
use utoipa::ToSchema;
use web::idempotency::Operation;
use web::{Answer, Body, Caller, Problem, openapi};

use crate::App;
use crate::link::{self, LeaseUpload};

/// A lease that is about to be sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct NewLease {
    /// The purchase that it gives money of back.
    #[schema(value_type = String, pattern = "^purch_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    purchase_id: PurchaseId,
    /// The property's listing.
    #[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{1,64}$")]
    property_id: ListingId,
    /// What the file is called. It is not kept, and decides nothing.
    #[serde(rename = "fileName")]
    #[schema(
        value_type = String, min_length = 1, max_length = 255,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    _file_name: Line<255>,
    /// Its media type.
    #[schema(value_type = LeaseFileType)]
    content_type: FileKind,
    /// How many bytes it has: 10 MB at most.
    #[schema(minimum = 1, maximum = 10_485_760)]
    size: u64,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    #[schema(value_type = String, pattern = "^[0-9A-Fa-f]{64}$")]
    sha256: FileHash,
}

/// What a lease may be sent as.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes `domain::lease::FileKind`, which knows nothing of OpenAPI"
)]
enum LeaseFileType {
    #[schema(rename = "application/pdf")]
    Pdf,
    #[schema(rename = "image/png")]
    Png,
    #[schema(rename = "image/jpeg")]
    Jpeg,
    #[schema(rename = "image/tiff")]
    Tiff,
}

/// A lease that was announced.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AnnouncedLease {
    /// Its verification.
    verification_id: String,
    /// Where and how to send the file; nothing, if it was sent before.
    upload: Option<LeaseUpload>,
}

/// Announces a lease, and says where to send the file.
#[utoipa::path(
    post, path = "/api/lease-verification/uploads", tag = "leases", operation_id = "announceLease", request_body = NewLease,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "This file was sent before: its verification", body = AnnouncedLease),
        (status = 201, description = "Send the file there", body = AnnouncedLease),
        openapi::BadBody, openapi::NotSignedIn, openapi::CrossOrigin, openapi::Absent, openapi::Conflict, openapi::Faults,
    ),
)]
pub(crate) async fn upload(
    State(app): State<App>,
    caller: Caller,
    operation: Operation,
    Body(lease): Body<NewLease>,
) -> Answer<(StatusCode, Json<AnnouncedLease>)> {
    if !(1..=BYTES_AT_MOST).contains(&lease.size) {
        return Err(Problem::field(
            "size",
            format!("must be 1 to {BYTES_AT_MOST} bytes: 10 MB at most"),
        ));
    }
    let file = LeaseFile {
        sha256: lease.sha256,
        size: lease.size,
        kind: lease.content_type,
    };
    let announcement = announcement(
        &app,
        &caller,
        operation,
        lease.purchase_id,
        lease.property_id,
        Some(file),
    );
    let announced = app.table.announce_lease(&announcement).await.map_err(refused)?;
    match announced {
        Announced::Awaited(lease) => {
            let upload = link::to_send(&app.files, &lease, &file).await?;
            Ok((
                StatusCode::CREATED,
                Json(AnnouncedLease::of(&lease, Some(upload))),
            ))
        }
        Announced::Known(lease) => Ok((StatusCode::OK, Json(AnnouncedLease::of(&lease, None)))),
    }
}

impl AnnouncedLease {
    fn of(lease: &Verification, upload: Option<LeaseUpload>) -> Self {
        Self {
            verification_id: lease.id.to_string(),
            upload,
        }
    }
}

pub(crate) fn announcement(
    app: &App,
    caller: &Caller,
    operation: Operation,
    purchase: PurchaseId,
    listing: ListingId,
    file: Option<LeaseFile>,
) -> Announcement {
    Announcement {
        id: VerificationId::from_bytes(operation.id("lease")),
        user: caller.id(),
        purchase,
        listing,
        file,
        upload_until: link::good_until(app.table.now()),
    }
}

/// Why a lease cannot be sent, as a problem.
pub(crate) fn refused(error: AnnounceError) -> Problem {
    match error {
        AnnounceError::PurchaseNotFound => Problem::not_found("purchase"),
        AnnounceError::PurchaseClosed => Problem::conflict(
            "purchase_not_open",
            "This purchase is not paid, or its money was given back or is disputed.",
        ),
        AnnounceError::NotUnlocked => Problem::conflict(
            "property_not_unlocked",
            "This purchase has not unlocked this property. Unlock it before you sign its lease.",
        ),
        AnnounceError::FileSeenBefore => {
            Problem::conflict("lease_file_seen_before", Reason::FileSeenBefore.sentence())
        }
        AnnounceError::Taken(id) => Problem::conflict(
            "lease_sent_before",
            format!("A lease was sent for this purchase already: see /api/lease-verification/{id}."),
        ),
        AnnounceError::TooOften => Problem::conflict(
            "lease_begun_too_often",
            format!(
                "A lease was begun {BEGUN_AT_MOST} times for this purchase. Write to us, and we look at it."
            ),
        ),
        AnnounceError::Table(error) => error.into(),
    }
}

/// What there is to say of a verification that is not decided.
pub(crate) fn not_decided(status: VerificationStatus) -> Problem {
    let detail = match status {
        VerificationStatus::AwaitingUpload => {
            "The file of the lease has not come. Send it: POST /api/lease-verification/uploads says where."
        }
        VerificationStatus::Processing => "The lease is being read. Ask again in a moment.",
        _ => "A person looks at the lease. You get a mail when it is decided.",
    };
    Problem::conflict("lease_not_decided", detail)
}
