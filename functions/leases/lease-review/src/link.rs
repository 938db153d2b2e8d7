//! The link to look at a file by.

use jiff::{SignedDuration, Timestamp};
use lease_files::{GOOD_TO_LOOK_AT, LeaseFiles};
use serde::Serialize;
use table::verification::Verification;
use utoipa::ToSchema;
use web::{Answer, Problem};

/// Where the file can be had.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LeaseFileLink {
    /// Where.
    url: String,
    /// Until when.
    #[schema(format = DateTime)]
    expires_at: String,
}

/// The link to a lease's file, while there is one.
pub(crate) async fn to_look_at(
    files: &LeaseFiles,
    lease: &Verification,
    now: Timestamp,
) -> Answer<Option<LeaseFileLink>> {
    let Some(file) = lease.file.filter(|_| lease.has_file) else {
        return Ok(None);
    };
    let url = files.link_to_look_at(&lease.object_key(), file.kind).await;
    let url = url.map_err(|error| {
        tracing::error!(%error, "a link could not be signed");
        Problem::internal()
    })?;
    let good = SignedDuration::try_from(GOOD_TO_LOOK_AT).unwrap_or(SignedDuration::ZERO);
    Ok(Some(LeaseFileLink {
        url,
        expires_at: now.checked_add(good).unwrap_or(now).to_string(),
    }))
}
