//! Mails are queued: one, or many of one text. They are sent soon after, or when they are scheduled.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use domain::{EmailId, PropertyId, Role, TemplateId};
use http::StatusCode;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use table::TableError;
use table::email::{A_DAY_AT_MOST, Email, QUEUED_AT_ONCE, QueueError, Wording};
use table::property::Property;
use utoipa::ToSchema;
use web::again::Meetings;
use web::idempotency::Operation;
use web::input::Patch;
use web::problem::FieldError;
use web::{Answer, App, Body, Caller, Problem, openapi};

use crate::draft::{Draft, Recipient, Text};
use crate::view::{EmailSummary, StatusName};

/// The largest body that a batch may have, in bytes.
pub(crate) const BATCH_BYTES_AT_MOST: usize = 1024 * 1024;
/// How many mails a batch may have.
const BATCH_AT_MOST: usize = 500;

/// A mail that is to be sent.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes what `Patch` holds")]
pub(crate) struct NewEmail {
    /// The template that it is written with: one of yours, or one that comes with the product.
    #[schema(pattern = "^tmpl_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    template_id: Option<String>,
    /// Without a template: its subject, which may have tokens in it.
    #[schema(max_length = 200)]
    subject: Option<String>,
    /// Without a template: its body, in the language of templates.
    #[schema(max_length = 20_000)]
    body: Option<String>,
    /// To whom.
    #[schema(format = "email", max_length = 254)]
    to: String,
    /// What stands for which token: names of tokens, each with a text.
    values: Option<BTreeMap<String, String>>,
    /// A property of yours, whose address, tenant, rent and lease are taken where `values` says nothing.
    #[schema(pattern = "^prop_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    property_id: Option<String>,
    /// When it is to be sent, within a year; at once without it.
    #[schema(format = DateTime)]
    scheduled_at: Option<String>,
}

/// Mails of one text that are to be sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewEmailBatch {
    /// The template that they are written with: one of yours, or one that comes with the product.
    #[schema(value_type = Option<String>, pattern = "^tmpl_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    template_id: Option<TemplateId>,
    /// Without a template: their subject, which may have tokens in it.
    #[schema(max_length = 200)]
    subject: Option<String>,
    /// Without a template: their body, in the language of templates.
    #[schema(max_length = 20_000)]
    body: Option<String>,
    /// The mails. Each is answered by itself: one that does not fit keeps back no other.
    #[schema(value_type = Vec<NewEmailOfBatch>, min_items = 1, max_items = 500)]
    emails: Vec<Map<String, Value>>,
}

/// One mail of a batch.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes `draft::Recipient`")]
pub(crate) struct NewEmailOfBatch {
    /// To whom.
    #[schema(format = "email", max_length = 254)]
    to: String,
    /// What stands for which token: names of tokens, each with a text.
    values: Option<BTreeMap<String, String>>,
    /// A property of yours, whose address, tenant, rent and lease are taken where `values` says nothing.
    #[schema(pattern = "^prop_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    property_id: Option<String>,
    /// When it is to be sent, within a year; at once without it.
    #[schema(format = DateTime)]
    scheduled_at: Option<String>,
}

/// What became of each mail of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EmailBatch {
    /// The mails, in the order of the request.
    emails: Vec<EmailOfBatch>,
    /// How many were queued.
    queued: usize,
    /// How many were not.
    refused: usize,
}

/// What became of a mail of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EmailOfBatch {
    /// Its id, if it was queued.
    id: Option<String>,
    /// Where it stands, if it was queued.
    status: Option<StatusName>,
    /// What of it does not fit, if it was not queued.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
}

/// Queues a mail, which is sent soon after, or when it is scheduled. Whether it arrived is told by the mail itself.
#[utoipa::path(
    post, path = "/api/emails", tag = "mail", operation_id = "sendEmail", request_body = NewEmail,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 202, description = "The mail, which waits to be sent", body = EmailSummary),
        openapi::BadBody, openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::TooMany, openapi::Faults,
    ),
)]
pub(crate) async fn one(
    State(app): State<App>,
    caller: Caller,
    operation: Operation,
    Body(mut fields): Body<Map<String, Value>>,
) -> Answer<(StatusCode, Json<EmailSummary>)> {
    may_send(&caller)?;
    let text = ["templateId", "subject", "body"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), fields.remove(name)?)));
    let text: Text = Patch::from(text.collect::<Map<_, _>>()).whole()?;
    let recipient: Recipient = Patch::from(fields).whole()?;
    let draft = Draft::of(&app, &caller, text).await?;
    let property = match recipient.property_id {
        Some(property) => app.table.property(caller.id(), property).await?,
        None => None,
    };
    let id = EmailId::from_bytes(operation.id("email"));
    let email = draft
        .to(recipient, id, &caller, property.as_ref(), operation.at)
        .map_err(Problem::fields)?;
    queue(&app, &caller, &draft.wording, std::slice::from_ref(&email)).await?;
    Ok((StatusCode::ACCEPTED, Json(EmailSummary::from(&email))))
}

/// Queues many mails of one text. Each is answered by itself: one that does not fit keeps back no other.
#[utoipa::path(
    post, path = "/api/emails/batch", tag = "mail", operation_id = "sendEmails", request_body = NewEmailBatch,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 202, description = "What became of each", body = EmailBatch),
        openapi::BadBody, openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::TooMany, openapi::Faults,
    ),
)]
pub(crate) async fn batch(
    State(app): State<App>,
    caller: Caller,
    operation: Operation,
    Body(batch): Body<NewEmailBatch, BATCH_BYTES_AT_MOST>,
) -> Answer<(StatusCode, Json<EmailBatch>)> {
    may_send(&caller)?;
    if !(1..=BATCH_AT_MOST).contains(&batch.emails.len()) {
        return Err(Problem::field(
            "emails",
            format!("must be 1 to {BATCH_AT_MOST} mails"),
        ));
    }
    let text = Text {
        template_id: batch.template_id,
        subject: batch.subject,
        body: batch.body,
    };
    let draft = Draft::of(&app, &caller, text).await?;
    let recipients: Vec<Result<Recipient, Problem>> = batch
        .emails
        .into_iter()
        .map(|fields| Patch::from(fields).whole())
        .collect();
    let properties = properties(&app, &caller, &recipients).await?;
    let drafted = recipients.into_iter().enumerate().map(|(row, recipient)| {
        let recipient = recipient.map_err(Problem::into_errors)?;
        let id = EmailId::from_bytes(operation.id(&format!("email {row}")));
        let property = recipient.property_id.and_then(|id| properties.get(&id));
        draft.to(recipient, id, &caller, property, operation.at)
    });
    let drafted: Vec<Result<Email, Vec<FieldError>>> = drafted.collect();
    let answered = queue_all(&app, &caller, &draft.wording, drafted).await?;
    Ok((StatusCode::ACCEPTED, Json(answered)))
}

/// Queues those that fit, some at a time and always the same ones together. Once a day is full, the rest are told so.
async fn queue_all(
    app: &App,
    caller: &Caller,
    wording: &Wording,
    drafted: Vec<Result<Email, Vec<FieldError>>>,
) -> Answer<EmailBatch> {
    let mut emails = Vec::with_capacity(drafted.len());
    let mut full: Option<Problem> = None;
    for rows in drafted.chunks(QUEUED_AT_ONCE) {
        let fitting: Vec<Email> = rows.iter().flatten().cloned().collect();
        if full.is_none() && !fitting.is_empty() {
            match queue(app, caller, wording, &fitting).await {
                Ok(()) => {}
                Err(problem) if problem.status() == StatusCode::TOO_MANY_REQUESTS => full = Some(problem),
                Err(problem) => return Err(problem),
            }
        }
        emails.extend(rows.iter().map(|row| match (row, &full) {
            (Ok(email), None) => EmailOfBatch {
                id: Some(email.id.to_string()),
                status: Some(email.status().into()),
                errors: Vec::new(),
            },
            (Ok(_), Some(_)) => refused(vec![FieldError {
                field: "to".to_owned(),
                message: day_full_message(),
            }]),
            (Err(errors), _) => refused(errors.clone()),
        }));
    }
    let queued = emails.iter().filter(|email| email.id.is_some()).count();
    if let (0, Some(full)) = (queued, full) {
        return Err(full);
    }
    Ok(EmailBatch {
        refused: emails.len() - queued,
        queued,
        emails,
    })
}

fn refused(errors: Vec<FieldError>) -> EmailOfBatch {
    EmailOfBatch {
        id: None,
        status: None,
        errors,
    }
}

/// The properties that are named.
async fn properties(
    app: &App,
    caller: &Caller,
    recipients: &[Result<Recipient, Problem>],
) -> Answer<BTreeMap<PropertyId, Property>> {
    let ids: BTreeSet<_> = recipients
        .iter()
        .flatten()
        .filter_map(|recipient| recipient.property_id)
        .collect();
    let ids: Vec<_> = ids.into_iter().collect();
    let found = app.table.properties_of_ids(caller.id(), &ids).await?;
    Ok(found
        .into_iter()
        .map(|property| (property.id, property))
        .collect())
}

/// Answers go to the sender's address, and what is sent must be answered for by somebody who can be reached.
fn may_send(caller: &Caller) -> Answer<()> {
    caller.must_be(&Role::WRITERS)?;
    if caller.account.email_verified {
        return Ok(());
    }
    Err(Problem::forbidden(
        "email_not_confirmed",
        "Confirm your mail address first: answers to your mails go there.",
    ))
}

async fn queue(app: &App, caller: &Caller, wording: &Wording, emails: &[Email]) -> Answer<()> {
    let mut meetings = Meetings::default();
    loop {
        match app.table.queue_emails(caller.id(), wording, emails).await {
            Ok(()) => return Ok(()),
            Err(QueueError::Table(TableError::Conflict)) => meetings.wait().await?,
            Err(QueueError::Table(error)) => return Err(error.into()),
            Err(QueueError::DayFull) => return Err(day_full(app.table.now())),
        }
    }
}

fn day_full_message() -> String {
    format!("more than {A_DAY_AT_MOST} mails a day cannot be queued; the day ends at midnight UTC")
}

fn day_full(now: Timestamp) -> Problem {
    let problem = Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "daily_limit",
        format!(
            "You can queue {A_DAY_AT_MOST} mails a day, and these are more. The day ends at midnight UTC; \
             nothing of this was queued."
        ),
    );
    let today = now.to_zoned(TimeZone::UTC).start_of_day();
    let tomorrow = today.and_then(|today| today.checked_add(1.day()));
    let seconds = tomorrow.map(|tomorrow| tomorrow.timestamp().as_second() - now.as_second());
    match seconds
        .ok()
        .and_then(|seconds| u32::try_from(seconds).ok()?.try_into().ok())
    {
        Some(seconds) => problem.retry_in(seconds),
        None => problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_day_says_to_come_back_when_the_next_one_begins() {
        let problem = day_full("2026-03-12T23:59:30Z".parse().unwrap());
        assert_eq!(problem.status(), StatusCode::TOO_MANY_REQUESTS);
        assert!(
            format!("{problem:?}").contains("retry_after: Some(30)"),
            "{problem:?}"
        );
    }
}
