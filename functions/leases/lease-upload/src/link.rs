//! The link to send a file by.

use std::collections::BTreeMap;

use domain::lease::LeaseFile;
use jiff::{SignedDuration, Timestamp};
use lease_files::{GOOD_TO_SEND, LeaseFiles};
use serde::Serialize;
use table::verification::Verification;
use utoipa::ToSchema;
use web::{Answer, Problem};

/// Where and how to send the file.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LeaseUpload {
    /// Where to send it.
    url: String,
    /// `PUT`.
    method: &'static str,
    /// What to send with it, as it is here. They are part of the link's signature.
    headers: BTreeMap<String, String>,
    /// Until when.
    #[schema(format = DateTime)]
    expires_at: String,
}

/// Until when a link is good that is made at `now`.
pub(crate) fn good_until(now: Timestamp) -> Timestamp {
    let good = SignedDuration::try_from(GOOD_TO_SEND).unwrap_or(SignedDuration::ZERO);
    now.checked_add(good).unwrap_or(Timestamp::MAX)
}

/// The link for the file of a lease.
pub(crate) async fn to_send(
    files: &LeaseFiles,
    lease: &Verification,
    file: &LeaseFile,
) -> Answer<LeaseUpload> {
    let link = files.link_to_send(&lease.object_key(), file).await;
    let link = link.map_err(|error| {
        tracing::error!(%error, "a link could not be signed");
        Problem::internal()
    })?;
    Ok(LeaseUpload {
        url: link.url,
        method: "PUT",
        headers: link.headers,
        expires_at: lease.upload_until.to_string(),
    })
}
