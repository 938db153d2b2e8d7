//! Signing up, in and out.

use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse};
use domain::one_time::Code;
use domain::{EmailAddress, LinkId, Password, PersonName, UserId};
use http::StatusCode;
use http::header::SET_COOKIE;
use serde::Deserialize;
use table::account::{Account, NewAccount, SignUpError};
use table::credentials::Credentials;
use table::link::{Link, Purpose};
use table::login::OpenSession;
use table::second_factor::FactorError;
use table::session::{Session, Sessions};
use utoipa::ToSchema;
use web::idempotency::Operation;
use web::proof::{Proven, Second, Unproven};
use web::serve::{Device, From};
use web::user::{SignedIn, session_token, signed_in};
use web::{Answer, Body, Caller, Problem, cookie, openapi, password};

use crate::App;

/// What a new person gives.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignUp {
    /// The address to sign in with.
    #[schema(value_type = String, format = Email, max_length = 254)]
    email: EmailAddress,
    /// 8 to 100 characters.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 100, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    password: Password,
    /// What to call the person; the address's first part, if it is not given.
    #[schema(value_type = Option<String>, max_length = 255, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    name: Option<PersonName>,
}

/// What a person signs in with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// The address of the account.
    #[schema(value_type = String, format = Email, max_length = 254)]
    email: EmailAddress,
    /// Its password.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 100, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    password: Password,
    /// What the authenticator app shows, or a recovery code: where the account has a second factor.
    #[schema(value_type = Option<String>, max_length = 32, pattern = "^([0-9]{6}|[A-Z2-7]{4}(-[A-Z2-7]{4}){3})$")]
    code: Option<Code>,
}

/// Creates an account and signs in. A mail with a link goes out, to confirm the address.
#[utoipa::path(
    post, path = "/api/auth/signup", tag = "accounts", operation_id = "signUp", request_body = SignUp,
    responses(
        (status = 201, description = "The account, and a session on it", body = SignedIn),
        openapi::BadBody, openapi::CrossOrigin,
        openapi::Conflict,
        openapi::Faults,
    ),
)]
pub(crate) async fn sign_up(
    State(app): State<App>,
    Device(device): Device,
    operation: Operation,
    Body(new): Body<SignUp>,
) -> Answer<impl IntoResponse> {
    let id = UserId::from_bytes(operation.id("user"));
    let token = session_token(id, operation);
    let password_hash = password::hash(new.password).await?;
    let name = match new.name {
        Some(name) => name,
        None => PersonName::try_from(new.email.local_part().to_owned())
            .map_err(|error| Problem::field("email", error))?,
    };
    let now = operation.at;
    let session = Session::open(&token, now, device.as_deref());
    let link = LinkId::from_bytes(operation.id("link"));
    let link = app.links.token(Purpose::ConfirmEmail, id, link);
    let confirmation = Link::new(&link, Purpose::ConfirmEmail, new.email.clone(), now);
    let account = Account {
        sessions: Sessions::from([(token.session, session)]),
        ..Account::new(id, new.email, name)
    };
    let new = NewAccount {
        account,
        credentials: Credentials::with_password(password_hash),
        confirmation: Some(confirmation),
    };
    app.table.sign_up(&new).await.map_err(|error| match error {
        SignUpError::Taken => Problem::conflict(
            "email_taken",
            "This mail address is already registered: sign in instead.",
        ),
        SignUpError::Table(error) => error.into(),
    })?;
    Ok((StatusCode::CREATED, signed_in(&new.account, &token, now)))
}

/// Signs in. An unknown address and a wrong password are answered alike; that a code is asked for as well is told only to
/// who has the right password.
#[utoipa::path(
    post, path = "/api/auth/signin", tag = "accounts", operation_id = "signIn", request_body = SignIn,
    responses(
        (status = 200, description = "The account, and a new session on it", body = SignedIn),
        openapi::BadBody,
        openapi::BadCredentials,
        openapi::CrossOrigin, openapi::TooMany, openapi::Faults,
    ),
)]
pub(crate) async fn sign_in(
    State(app): State<App>,
    From(network): From,
    Device(device): Device,
    operation: Operation,
    Body(given): Body<SignIn>,
) -> Answer<impl IntoResponse> {
    let second = Second::IfEnabled(given.code);
    let proven = app
        .prover
        .by_password(&given.email, network, given.password, second)
        .await??;
    open_session(&app, &proven, operation, device.as_deref()).await
}

/// Opens a session for somebody who has proven who they are.
async fn open_session(
    app: &App,
    proven: &Proven,
    operation: Operation,
    device: Option<&str>,
) -> Answer<impl IntoResponse + use<>> {
    let now = app.table.now();
    let token = session_token(proven.account.id, operation);
    let session = Session::open(&token, now, device);
    let open = OpenSession {
        account: &proven.account,
        credentials: &proven.credentials,
        spent: proven.spent.as_ref(),
        id: token.session,
        session: &session,
    };
    match app.table.signed_in(&open).await {
        Ok(()) => Ok(signed_in(&proven.account, &token, now)),
        // Another request used the same code first.
        Err(FactorError::Changed) => {
            app.table.attempt_failed(&proven.attempt).await?;
            Err(Unproven::Code.into())
        }
        Err(FactorError::Table(error)) => Err(error.into()),
    }
}

/// Ends this session, and takes the cookie away.
#[utoipa::path(
    post, path = "/api/auth/signout", tag = "accounts", operation_id = "signOut", security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 204, description = "The session is over"),
        openapi::NotSignedIn, openapi::CrossOrigin, openapi::Faults,
    ),
)]
pub(crate) async fn sign_out(State(app): State<App>, caller: Caller) -> Answer<impl IntoResponse> {
    // A second request finds the session gone; it is over either way.
    app.table.end_session(caller.id(), caller.session).await?;
    Ok((
        StatusCode::NO_CONTENT,
        AppendHeaders([(SET_COOKIE, cookie::clear())]),
    ))
}
