//! Where the caller is signed in.

use axum::Json;
use axum::extract::State;
use domain::SessionId;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use web::{Answer, Caller, Id, Problem, openapi};

use crate::App;

/// A session of the caller's.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionView {
    /// Its id.
    id: String,
    /// What the device calls itself.
    device: Option<String>,
    /// When the person signed in there.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it will be over.
    #[schema(format = DateTime)]
    expires_at: String,
    /// Whether it is the one that asks.
    current: bool,
}

/// The caller's sessions: ten at most, so that there is one page.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionList {
    /// The sessions, newest first.
    sessions: Vec<SessionView>,
    /// How many there are.
    total: usize,
    /// There is no further page.
    next_cursor: Option<String>,
}

/// Where the caller is signed in.
#[utoipa::path(
    get, path = "/api/auth/sessions", tag = "accounts", operation_id = "listSessions", security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The sessions that are open", body = SessionList),
        openapi::NotSignedIn, openapi::Faults,
    ),
)]
pub(crate) async fn list(State(app): State<App>, caller: Caller) -> Json<SessionList> {
    let now = app.table.now();
    let open = caller
        .account
        .sessions
        .iter()
        .rev()
        .filter(|(_, session)| session.is_open(now));
    let sessions: Vec<_> = open
        .map(|(id, session)| SessionView {
            id: id.to_string(),
            device: session.device.clone(),
            created_at: session.since.to_string(),
            expires_at: session.until.to_string(),
            current: *id == caller.session,
        })
        .collect();
    Json(SessionList {
        total: sessions.len(),
        sessions,
        next_cursor: None,
    })
}

/// Ends one of the caller's sessions.
#[utoipa::path(
    delete, path = "/api/auth/sessions/{id}", tag = "accounts", operation_id = "endSession",
    params(("id" = String, Path, description = "The session")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "The session is over"),
        openapi::NotSignedIn, openapi::CrossOrigin, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn end(
    State(app): State<App>,
    caller: Caller,
    Id(session): Id<SessionId>,
) -> Answer<StatusCode> {
    if app.table.end_session(caller.id(), session).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("session"))
    }
}
