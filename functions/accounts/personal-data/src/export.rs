//! A copy of what is kept about a person.

use std::num::NonZeroU32;

use axum::Json;
use axum::extract::State;
use domain::ExportId;
use exports::LINK_GOOD_FOR;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use table::export::{Export, ExportError};
use utoipa::ToSchema;
use web::idempotency::Operation;
use web::{Answer, Caller, Id, Problem, openapi};

use crate::App;

/// Where a copy stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ExportStatus {
    /// It is being written.
    Pending,
    /// It can be fetched.
    Ready,
    /// Its time is over, and it is deleted.
    Expired,
}

/// A copy of what is kept about the caller.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DataExport {
    /// Its id.
    id: String,
    /// Where it stands.
    status: ExportStatus,
    /// When it was asked for.
    #[schema(format = DateTime)]
    requested_at: String,
    /// When it was written, once it was.
    #[schema(format = DateTime)]
    ready_at: Option<String>,
    /// Until when it can be fetched, once it is written.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// Where to fetch it, while it can be: one JSON document. The link works without signing in, so treat it as a secret.
    link: Option<String>,
    /// Until when the link is good: for five minutes. Ask again for another.
    #[schema(format = DateTime)]
    link_expires_at: Option<String>,
}

impl DataExport {
    fn of(export: &Export, now: Timestamp) -> Self {
        let status = match export.until() {
            None => ExportStatus::Pending,
            Some(until) if now < until => ExportStatus::Ready,
            Some(_) => ExportStatus::Expired,
        };
        Self {
            id: export.id.to_string(),
            status,
            requested_at: export.requested_at.to_string(),
            ready_at: export.ready_at.map(|at| at.to_string()),
            expires_at: export.until().map(|at| at.to_string()),
            link: None,
            link_expires_at: None,
        }
    }
}

/// Asks for a copy of everything that is kept about the caller. It is written within minutes; a mail says when it is
/// ready. One a day: the newest takes the place of the one before. What proves who the caller is (password, codes, sessions)
/// is not in it.
#[utoipa::path(
    post, path = "/api/auth/exports", tag = "accounts", operation_id = "requestDataExport",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 202, description = "The copy is being written", body = DataExport),
        openapi::NotSignedIn, openapi::CrossOrigin, openapi::TooMany, openapi::Faults,
    ),
)]
pub(crate) async fn begin(
    State(app): State<App>,
    caller: Caller,
    operation: Operation,
) -> Answer<(StatusCode, Json<DataExport>)> {
    let id = ExportId::from_bytes(operation.id("export"));
    let begun = app.table.begin_export(caller.id(), id).await;
    let now = app.table.now();
    let export = begun.map_err(|error| match error {
        ExportError::TooSoon { until } => too_soon(now, until),
        ExportError::Table(error) => error.into(),
    })?;
    Ok((StatusCode::ACCEPTED, Json(DataExport::of(&export, now))))
}

fn too_soon(now: Timestamp, until: Timestamp) -> Problem {
    let seconds = until.duration_since(now).as_secs().max(1);
    let seconds = u32::try_from(seconds).ok().and_then(NonZeroU32::new);
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "export_too_soon",
        format!("A copy was asked for within the last day. Ask for the next one from {until} on."),
    )
    .retry_in(seconds.unwrap_or(NonZeroU32::MIN))
}

/// Where a copy stands; and where to fetch it, once it is ready.
#[utoipa::path(
    get, path = "/api/auth/exports/{id}", tag = "accounts", operation_id = "getDataExport",
    params(("id" = String, Path, description = "The copy's id; only the newest is there")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The copy", body = DataExport),
        openapi::NotSignedIn, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ExportId>,
) -> Answer<Json<DataExport>> {
    let export = app.table.export(caller.id()).await?;
    let export = export.filter(|export| export.id == id);
    let export = export.ok_or_else(|| Problem::not_found("export"))?;
    let now = app.table.now();
    let mut view = DataExport::of(&export, now);
    if view.status == ExportStatus::Ready {
        let link = app.exports.link(caller.id()).await.map_err(|error| {
            tracing::error!(%error, "a link to a copy could not be signed");
            Problem::unavailable()
        })?;
        let good_for = SignedDuration::try_from(LINK_GOOD_FOR).unwrap_or_default();
        view.link = Some(link);
        view.link_expires_at = Some((now + good_for).to_string());
    }
    Ok(Json(view))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_copy_is_there_for_seven_days_from_when_it_was_written() {
        let asked = time("2026-01-01T00:00:00Z");
        let mut export = Export::new(ExportId::from_bytes([1; 16]), asked);
        let status = |export: &Export, at: &str| DataExport::of(export, time(at)).status;
        assert_eq!(status(&export, "2026-01-20T00:00:00Z"), ExportStatus::Pending);
        export.ready_at = Some(time("2026-01-01T01:00:00Z"));
        assert_eq!(status(&export, "2026-01-08T00:59:59Z"), ExportStatus::Ready);
        assert_eq!(status(&export, "2026-01-08T01:00:00Z"), ExportStatus::Expired);
    }

    #[test]
    fn who_comes_too_soon_is_told_when_to_come_again() {
        let problem = too_soon(time("2026-01-01T00:00:00Z"), time("2026-01-01T12:00:00Z"));
        assert_eq!(problem.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(problem.code(), "export_too_soon");
    }
}
