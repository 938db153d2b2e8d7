//! The end of an account.

use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse};
use domain::Password;
use domain::one_time::Code;
use http::StatusCode;
use http::header::SET_COOKIE;
use jiff::SignedDuration;
use serde::Deserialize;
use table::google::Subject;
use table::login::Network;
use utoipa::ToSchema;
use web::google::{Unverified, not_set_up};
use web::proof::{Proven, Second};
use web::serve::From;
use web::{Answer, Body, Caller, Problem, cookie, openapi};

use crate::App;

/// How old Google's word may be. It gives a new one at each press of its button.
const FRESH: SignedDuration = SignedDuration::from_mins(10);

/// What proves that its owner wants the account to end: the password, or a credential of Google's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Farewell {
    /// The account's password.
    #[schema(value_type = Option<String>, format = Password, min_length = 8, max_length = 100, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    password: Option<Password>,
    /// In place of the password, where Google opens the account: the ID token that its button gave in the last ten minutes.
    #[schema(min_length = 1, max_length = 8192)]
    credential: Option<String>,
    /// What the authenticator app shows, or a recovery code: where the account has a second factor.
    #[schema(value_type = Option<String>, max_length = 32, pattern = "^([0-9]{6}|[A-Z2-7]{4}(-[A-Z2-7]{4}){3})$")]
    code: Option<Code>,
}

/// Deletes the caller's account, for good. Every session is over and the address is free at once; a subscription ends
/// within moments, and everything that was kept is erased within minutes. What was paid is not given back, and what it opened
/// is lost: cancel a subscription with its period, and ask for a refund, before. A copy of the data is to be asked for
/// before, too. Records of payments are kept for seven years, as the law wants, without name or address.
#[utoipa::path(
    delete, path = "/api/auth/account", tag = "accounts", operation_id = "deleteAccount", request_body = Farewell,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 202, description = "The account is closed; what it had is being erased"),
        openapi::BadBody, openapi::NotSignedIn, openapi::WrongPassword, openapi::GoogleAbsent, openapi::Conflict,
        openapi::TooMany, openapi::Faults,
    ),
)]
pub(crate) async fn delete(
    State(app): State<App>,
    From(network): From,
    caller: Caller,
    Body(farewell): Body<Farewell>,
) -> Answer<impl IntoResponse> {
    let proven = prove(&app, network, &caller, farewell).await?;
    app.table
        .close_account(&proven.account, &proven.credentials)
        .await?;
    tracing::info!(user = %caller.id(), "an account is closed");
    Ok((
        StatusCode::ACCEPTED,
        AppendHeaders([(SET_COOKIE, cookie::clear())]),
    ))
}

async fn prove(app: &App, network: Network, caller: &Caller, farewell: Farewell) -> Answer<Proven> {
    let second = Second::IfEnabled(farewell.code);
    match (farewell.password, farewell.credential) {
        (Some(password), None) => app.prover.again(caller, network, password, second).await,
        (None, Some(credential)) => {
            let subject = subject(app, &credential).await?;
            let prover = &app.prover;
            prover.again_with_google(caller, network, &subject, second).await
        }
        (None, None) => Err(Problem::field(
            "password",
            "is required, or a credential of Google's in its place",
        )),
        (Some(_), Some(_)) => Err(Problem::field("credential", "is for accounts without a password")),
    }
}

/// Whom Google has named a moment ago.
async fn subject(app: &App, credential: &str) -> Answer<Subject> {
    let google = app.google.as_ref().ok_or_else(not_set_up)?;
    let now = app.table.now();
    // Not 401, which tells the web client that the session is over.
    let forbidden = |reason: String| Problem::forbidden("wrong_google_credential", reason);
    let identity = google
        .verify(credential, now)
        .await
        .map_err(|error| match error {
            Unverified::Invalid(reason) => forbidden(format!("Invalid credential: {reason}.")),
            unavailable @ Unverified::Unavailable => unavailable.into(),
        })?;
    if now.duration_since(identity.said_at) > FRESH {
        return Err(forbidden(
            "This credential is older than ten minutes: press Google's button once more.".to_owned(),
        ));
    }
    Ok(Subject::new(&identity.sub))
}
