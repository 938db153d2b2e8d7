//! A mail is cancelled while it waits.

use axum::Json;
use axum::extract::State;
use domain::delivery::{Status, What};
use domain::{EmailId, Role};
use web::{Answer, App, Caller, Id, Problem, openapi};

use crate::view::EmailSummary;

/// Keeps a mail of yours from being sent, while it waits. One that was cancelled before is answered as it is.
#[utoipa::path(
    post, path = "/api/emails/{id}/cancel", tag = "mail", operation_id = "cancelEmail",
    params(("id" = String, Path, description = "The mail")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The mail, which is not sent", body = EmailSummary),
        openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Conflict, openapi::Faults,
    ),
)]
pub(crate) async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<EmailId>,
) -> Answer<Json<EmailSummary>> {
    caller.must_be(&Role::WRITERS)?;
    let now = app.table.now();
    let cancelled = app
        .table
        .amend_email(caller.id(), id, |email| {
            email.waits().then(|| email.done(What::Cancelled, now))
        })
        .await?;
    let email = cancelled.ok_or_else(|| Problem::not_found("email"))?;
    if email.status() == Status::Cancelled {
        return Ok(Json(EmailSummary::from(&email)));
    }
    Err(Problem::conflict(
        "not_waiting",
        "This mail does not wait any more, and cannot be cancelled. Look at it to see where it stands.",
    ))
}
