//! Mails are looked at: page by page, or one with what happened to it.

use axum::Json;
use axum::extract::State;
use domain::{EmailAddress, EmailId, Role, TemplateId};
use mail::template::{Footer, Source};
use serde::{Deserialize, Serialize};
use table::email::{Email, Wanted};
use utoipa::{IntoParams, ToSchema};
use web::page::Part;
use web::{Answer, App, Caller, Id, Problem, Query, openapi};

use crate::view::{EmailDetails, EmailSummary, StatusName};

/// How many mails a page has, unless another number is asked for.
const PAGE: u8 = 50;
/// Stands where the reader's mail has a link of their own.
const NO_LINK: &str = "#";

/// Which mails are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wish {
    /// Those that stand so.
    #[param(inline)]
    status: Option<StatusName>,
    /// Those that were written with this template.
    #[param(value_type = Option<String>, pattern = "^tmpl_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    template_id: Option<TemplateId>,
    /// Those to this address.
    #[param(value_type = Option<String>, format = "email", max_length = 254)]
    to: Option<EmailAddress>,
    /// How many rows, 1 to 100.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u8>,
    /// The `nextCursor` of the page before.
    #[param(max_length = 512)]
    cursor: Option<String>,
}

/// A page of mails.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmailList {
    /// The mails, the newest first.
    emails: Vec<EmailSummary>,
    /// How many there are, where all are on this page; null where they would have to be counted.
    total: Option<usize>,
    /// What to send as `cursor` for the next page. Where a filter leaves mails out, a page may have fewer than `limit`, or none, and
    /// go on all the same.
    next_cursor: Option<String>,
}

/// Your mails, the newest first; 50 a page unless `limit` says otherwise.
#[utoipa::path(
    get, path = "/api/emails", tag = "mail", operation_id = "listEmails", params(Wish),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "A page of mails", body = EmailList),
        openapi::BadQuery, openapi::NotSignedIn, openapi::Forbidden, openapi::Faults,
    ),
)]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(wish): Query<Wish>,
) -> Answer<Json<EmailList>> {
    caller.must_be(&Role::WRITERS)?;
    // A place in the list of one address is none in that of another; the other filters leave places as they are.
    let to = wish.to.as_ref().map_or("", EmailAddress::as_str);
    let name = format!("emails {} {to}", caller.id());
    let part = Part::new(wish.limit, wish.cursor).of::<EmailId>(&app.cursors, &name, PAGE)?;
    let wanted = Wanted {
        status: wish.status.map(Into::into),
        template: wish.template_id,
        to: wish.to,
    };
    let first = part.after.is_none();
    let (found, next) = app
        .table
        .emails(caller.id(), &wanted, part.limit, part.after)
        .await?;
    Ok(Json(EmailList {
        total: (first && next.is_none()).then_some(found.len()),
        emails: found.iter().map(EmailSummary::from).collect(),
        next_cursor: next.map(|last| app.cursors.make(&name, &last)),
    }))
}

/// A mail of yours, with what it says and what happened to it.
#[utoipa::path(
    get, path = "/api/emails/{id}", tag = "mail", operation_id = "getEmail",
    params(("id" = String, Path, description = "The mail")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The mail", body = EmailDetails),
        openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn get(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<EmailId>,
) -> Answer<Json<EmailDetails>> {
    caller.must_be(&Role::WRITERS)?;
    let email = app.table.email(caller.id(), id).await?;
    let email = email.ok_or_else(|| Problem::not_found("email"))?;
    let wording = app.table.wording(caller.id(), &email.wording).await?;
    let (html, text) = wording
        .and_then(|wording| said(&email, &wording.subject, &wording.body, &caller))
        .ok_or_else(|| {
            tracing::error!(email = %id, "the text of a mail is gone, or cannot be read");
            Problem::internal()
        })?;
    Ok(Json(EmailDetails::new(&email, html, text)))
}

/// What a mail says, in HTML and in text.
fn said(email: &Email, subject: &str, body: &str, caller: &Caller) -> Option<(String, String)> {
    let footer = Footer {
        sender: caller.account.name.as_str(),
        postal: None,
        unsubscribe: Some(NO_LINK),
    };
    let source = Source::parse(subject, body).ok()?;
    let rendered = source.render(&email.values, &footer).ok()?;
    Some((rendered.html, rendered.text))
}
