//! The addresses that a sender's mails do not go to.

use axum::Json;
use axum::extract::State;
use domain::suppression::{Reason, SuppressionId};
use domain::{EmailAddress, Role};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use table::TableError;
use table::suppression::{Allowed, BY_HAND_AT_MOST, SuppressError, Suppression, Why};
use utoipa::ToSchema;
use web::again::{Attempt, Meetings, unless_met};
use web::idempotency::Operation;
use web::page::{Part, Wanted};
use web::{Answer, App, Body, Caller, Id, Problem, Query, openapi};

/// How many addresses a page has, unless another number is asked for.
const PAGE: u8 = 50;

/// An address that is not to be written to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewEmailSuppression {
    /// The address.
    #[schema(value_type = String, format = "email", max_length = 254)]
    address: EmailAddress,
    /// Why, in your own words.
    #[schema(
        value_type = Option<String>, max_length = 200,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    note: Option<Why>,
}

/// An address that your mails do not go to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EmailSuppression {
    /// Its id.
    id: String,
    /// The address.
    address: String,
    /// Why.
    reason: SuppressionReason,
    /// Who decided it.
    by: SuppressedBy,
    /// Whether you can lift it.
    removable: bool,
    /// What you said of it.
    note: Option<String>,
    /// Since when.
    #[schema(value_type = String, format = "date-time")]
    since: Timestamp,
}

/// A page of addresses.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmailSuppressionList {
    /// The addresses, in an order that means nothing and stays.
    suppressions: Vec<EmailSuppression>,
    /// How many there are, where all are on this page; null where they would have to be counted.
    total: Option<usize>,
    /// What to send as `cursor` for the next page.
    next_cursor: Option<String>,
}

/// Why an address is not to be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EmailSuppressionReason)]
pub(crate) enum SuppressionReason {
    /// There is no such mailbox.
    HardBounce,
    /// Its owner called a mail spam.
    Complaint,
    /// Its owner wants no more mail of yours.
    Unsubscribed,
    /// You do not want to write to it any more.
    ByHand,
}

/// Who decided that an address is not to be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EmailSuppressedBy)]
pub(crate) enum SuppressedBy {
    /// The recipient's mail server.
    MailServer,
    /// The recipient.
    Recipient,
    /// You.
    You,
}

impl From<Reason> for SuppressionReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::HardBounce => Self::HardBounce,
            Reason::Complaint => Self::Complaint,
            Reason::Unsubscribed => Self::Unsubscribed,
            Reason::ByHand => Self::ByHand,
        }
    }
}

impl From<Reason> for SuppressedBy {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::HardBounce => Self::MailServer,
            Reason::Complaint | Reason::Unsubscribed => Self::Recipient,
            Reason::ByHand => Self::You,
        }
    }
}

impl From<Suppression> for EmailSuppression {
    fn from(suppression: Suppression) -> Self {
        let reason = suppression.reason;
        Self {
            id: suppression.id.to_string(),
            address: suppression.address.as_str().to_owned(),
            reason: reason.into(),
            by: reason.into(),
            removable: reason.is_the_senders(),
            note: suppression.note.map(String::from),
            since: suppression.since,
        }
    }
}

/// The addresses that your mails do not go to; 50 a page unless `limit` says otherwise.
#[utoipa::path(
    get, path = "/api/email-suppressions", tag = "mail", operation_id = "listEmailSuppressions", params(Part),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "A page of addresses", body = EmailSuppressionList),
        openapi::BadQuery, openapi::NotSignedIn, openapi::Forbidden, openapi::Faults,
    ),
)]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(part): Query<Part>,
) -> Answer<Json<EmailSuppressionList>> {
    caller.must_be(&Role::WRITERS)?;
    let name = format!("email suppressions {}", caller.id());
    let wanted: Wanted<SuppressionId> = part.of(&app.cursors, &name, PAGE)?;
    let first = wanted.after.is_none();
    let (found, more) = app
        .table
        .suppressions(caller.id(), wanted.limit, wanted.after.as_ref())
        .await?;
    let last = found.last().filter(|_| more);
    let next_cursor = last.map(|last| app.cursors.make(&name, &last.id));
    Ok(Json(EmailSuppressionList {
        total: (first && !more).then_some(found.len()),
        suppressions: found.into_iter().map(EmailSuppression::from).collect(),
        next_cursor,
    }))
}

/// Keeps your mails from an address. One that is there already stays as it is.
#[utoipa::path(
    post, path = "/api/email-suppressions", tag = "mail", operation_id = "addEmailSuppression",
    request_body = NewEmailSuppression,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "It was there before", body = EmailSuppression),
        (status = 201, description = "It is there now", body = EmailSuppression),
        openapi::BadBody, openapi::NotSignedIn, openapi::Forbidden, openapi::Conflict, openapi::Faults,
    ),
)]
pub(crate) async fn add(
    State(app): State<App>,
    caller: Caller,
    operation: Operation,
    Body(new): Body<NewEmailSuppression>,
) -> Answer<(StatusCode, Json<EmailSuppression>)> {
    caller.must_be(&Role::WRITERS)?;
    let suppression = Suppression::by_hand(new.address, new.note, operation.at);
    let mut meetings = Meetings::default();
    loop {
        match app.table.suppress_by_hand(caller.id(), &suppression).await {
            Ok(there) => {
                // It is also the one that an earlier attempt at this very request wrote.
                let status = if there == suppression {
                    StatusCode::CREATED
                } else {
                    StatusCode::OK
                };
                return Ok((status, Json(there.into())));
            }
            Err(SuppressError::Table(TableError::Conflict)) => meetings.wait().await?,
            Err(error) => return Err(refused(error)),
        }
    }
}

/// Lets your mails go to an address again that you kept them from.
#[utoipa::path(
    delete, path = "/api/email-suppressions/{id}", tag = "mail", operation_id = "liftEmailSuppression",
    params(("id" = String, Path, description = "The suppression")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "It is lifted"),
        openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn lift(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<SuppressionId>,
) -> Answer<StatusCode> {
    caller.must_be(&Role::WRITERS)?;
    let mut meetings = Meetings::default();
    loop {
        match unless_met(app.table.allow(caller.id(), &id).await)? {
            Attempt::Done(Allowed::Now) => return Ok(StatusCode::NO_CONTENT),
            Attempt::Done(Allowed::Absent) => return Err(Problem::not_found("suppression")),
            Attempt::Done(Allowed::NotTheirs(reason)) => return Err(not_theirs(reason)),
            Attempt::Again => meetings.wait().await?,
        }
    }
}

fn refused(error: SuppressError) -> Problem {
    match error {
        SuppressError::Full => Problem::conflict(
            "too_many_suppressions",
            format!(
                "You have kept your mails from {BY_HAND_AT_MOST} addresses, and there can be no more. Lift one."
            ),
        ),
        SuppressError::Table(error) => error.into(),
    }
}

fn not_theirs(reason: Reason) -> Problem {
    let detail = match reason {
        Reason::HardBounce => "There is no such mailbox. Ask the person for another address.",
        Reason::Complaint => "The person called your mail spam. Write to them some other way.",
        Reason::Unsubscribed | Reason::ByHand => {
            "The person wants no more mail of yours. Write to them some other way."
        }
    };
    Problem::forbidden("not_yours_to_lift", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_decided_is_told_and_only_ones_own_decision_can_be_lifted() {
        for (reason, by, removable) in [
            (Reason::HardBounce, SuppressedBy::MailServer, false),
            (Reason::Complaint, SuppressedBy::Recipient, false),
            (Reason::Unsubscribed, SuppressedBy::Recipient, false),
            (Reason::ByHand, SuppressedBy::You, true),
        ] {
            let address: EmailAddress = "ana@example.com".parse().unwrap();
            let shown = EmailSuppression::from(Suppression {
                id: SuppressionId::of(&address),
                address,
                reason,
                note: None,
                since: Timestamp::UNIX_EPOCH,
            });
            assert_eq!((shown.by, shown.removable), (by, removable), "{reason:?}");
        }
    }
}
