//! What counts for everybody's mails: for admins.

use axum::Json;
use axum::extract::State;
use domain::EmailAddress;
use domain::suppression::SuppressionId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use table::suppression::{Everywhere, Lifting, Why};
use utoipa::{IntoParams, ToSchema};
use web::idempotency::Operation;
use web::{Answer, App, Body, Caller, Id, Problem, Query, openapi};

use crate::own::SuppressionReason;

/// Which address is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Search {
    /// The address.
    #[param(value_type = String, format = "email", max_length = 254)]
    address: EmailAddress,
}

/// Why what counted does not count any more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EmailSuppressionLifting)]
pub(crate) struct Wish {
    /// Why.
    #[schema(
        value_type = String, max_length = 200,
        pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$"
    )]
    note: Why,
}

/// What is known of an address for everybody's mails. The address itself is not kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EmailSuppressionEverywhere {
    /// By what it is kept.
    id: String,
    /// Why the address is not to be written to; nothing if it may be.
    reasons: Vec<EmailSuppressionCause>,
    /// That what was known before was lifted.
    lifted: Option<EmailSuppressionLifted>,
}

/// Why an address is not to be written to, and since when.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EmailSuppressionCause {
    /// Why.
    reason: SuppressionReason,
    /// Since when.
    #[schema(value_type = String, format = "date-time")]
    since: Timestamp,
}

/// That an admin lifted it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EmailSuppressionLifted {
    /// When.
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
    /// Who.
    by: String,
    /// Why.
    note: String,
}

impl EmailSuppressionEverywhere {
    fn of(id: &SuppressionId, known: &Everywhere) -> Self {
        let causes = known.reasons().map(|(reason, since)| EmailSuppressionCause {
            reason: reason.into(),
            since,
        });
        Self {
            id: id.to_string(),
            reasons: causes.collect(),
            lifted: known.lifted().map(|lifted| EmailSuppressionLifted {
                at: lifted.at,
                by: lifted.by.to_string(),
                note: lifted.note.as_str().to_owned(),
            }),
        }
    }
}

/// What is known of an address for everybody's mails.
#[utoipa::path(
    get, path = "/api/admin/email-suppressions", tag = "mail", operation_id = "findEmailSuppression", params(Search),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "What is known", body = EmailSuppressionEverywhere),
        openapi::BadQuery, openapi::NotSignedIn, openapi::Forbidden, openapi::Faults,
    ),
)]
pub(crate) async fn look(
    State(app): State<App>,
    caller: Caller,
    Query(search): Query<Search>,
) -> Answer<Json<EmailSuppressionEverywhere>> {
    caller.must_be(&[])?;
    let id = SuppressionId::of(&search.address);
    let known = app.table.suppressed_everywhere(&id).await?;
    Ok(Json(EmailSuppressionEverywhere::of(&id, &known)))
}

/// Lets everybody's mails go to an address again.
#[utoipa::path(
    post, path = "/api/admin/email-suppressions/{id}/lift", tag = "mail", operation_id = "liftEmailSuppressionEverywhere",
    params(("id" = String, Path, description = "The suppression")), request_body = Wish,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "What is known now", body = EmailSuppressionEverywhere),
        openapi::BadBody, openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn lift(
    State(app): State<App>,
    caller: Caller,
    operation: Operation,
    Id(id): Id<SuppressionId>,
    Body(wish): Body<Wish>,
) -> Answer<Json<EmailSuppressionEverywhere>> {
    caller.must_be(&[])?;
    let lifting = Lifting {
        at: operation.at,
        by: caller.id(),
        note: wish.note,
    };
    let known = match app.table.lift_suppression(&id, &lifting).await? {
        Some(known) => known,
        // Lifted before, perhaps by an earlier attempt at this very request.
        None => {
            let known = app.table.suppressed_everywhere(&id).await?;
            if known.lifted().is_none() {
                return Err(Problem::not_found("suppression"));
            }
            known
        }
    };
    Ok(Json(EmailSuppressionEverywhere::of(&id, &known)))
}
