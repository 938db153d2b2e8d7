//! The password of an account: forgotten, and changed.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use domain::{EmailAddress, Password};
use http::StatusCode;
use serde::Deserialize;
use table::asked::Asked;
use table::link::{LinkToken, Purpose};
use table::login::OpenSession;
use table::session::Session;
use utoipa::ToSchema;
use web::idempotency::Operation;
use web::proof::{Second, refused};
use web::serve::{Device, From};
use web::user::{SignedIn, User, UserAnswer, session_token, signed_in};
use web::{Answer, Body, Caller, openapi};

use crate::{App, not_good};

/// Whose password is forgotten.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forgotten {
    /// The address of the account.
    #[schema(value_type = String, format = Email, max_length = 254)]
    email: EmailAddress,
}

/// Mails a link to set a new password, if the address has an account. The answer is the same if it has none, and so is
/// what it takes to give it.
#[utoipa::path(
    post, path = "/api/auth/forgot-password", tag = "accounts", operation_id = "forgotPassword", request_body = Forgotten,
    responses(
        (status = 202, description = "If the address has an account, a mail is on its way"),
        openapi::BadBody, openapi::CrossOrigin, openapi::TooMany, openapi::Faults,
    ),
)]
pub(crate) async fn forgot(
    State(app): State<App>,
    From(network): From,
    Body(Forgotten { email }): Body<Forgotten>,
) -> Answer<StatusCode> {
    let asked = Asked {
        purpose: Purpose::ResetPassword,
        to: &email,
        network,
    };
    let refused = |error| refused(&app.table, error);
    let owner = app.table.may_ask(&asked).await.map_err(refused)?;
    let ask = app.table.ask_for_mail(&asked, owner, &app.links, None);
    ask.await.map_err(refused)?;
    Ok(StatusCode::ACCEPTED)
}

/// A new password, and the token of the mail that allows to set it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reset {
    /// The token.
    #[schema(value_type = String, max_length = 134, pattern = "^alail_[0-9a-f]{128}$")]
    token: LinkToken,
    /// The new password, of 8 to 100 characters.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 100, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    password: Password,
}

/// Sets a password with the token of a mail. Every session is over, and the address is confirmed; a second factor stays.
#[utoipa::path(
    post, path = "/api/auth/reset-password", tag = "accounts", operation_id = "resetPassword", request_body = Reset,
    responses(
        (status = 200, description = "The person, who may sign in with the new password", body = UserAnswer),
        openapi::BadLink, openapi::CrossOrigin, openapi::Faults,
    ),
)]
pub(crate) async fn reset(
    State(app): State<App>,
    Body(Reset { token, password }): Body<Reset>,
) -> Answer<Json<UserAnswer>> {
    // Only a link that is good makes us hash, which is meant to be dear.
    let mut usable = app
        .table
        .usable_link(&token, Purpose::ResetPassword)
        .await
        .map_err(not_good)?;
    let hash = web::password::hash(password).await?;
    app.table.reset_password(&usable, &hash).await.map_err(not_good)?;
    usable.account.email_verified = true;
    Ok(Json(UserAnswer {
        user: User::of(&usable.account, app.table.now()),
    }))
}

/// A new password, and the old one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PasswordChange {
    /// The account's password until now.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 100, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    current_password: Password,
    /// The new one, of 8 to 100 characters.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 100, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    new_password: Password,
}

/// Changes the caller's password. Every session is over, this one too; the answer opens a new one.
#[utoipa::path(
    post, path = "/api/auth/change-password", tag = "accounts", operation_id = "changePassword",
    request_body = PasswordChange, security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The person, and a new session", body = SignedIn),
        openapi::BadBody, openapi::NotSignedIn, openapi::WrongPassword, openapi::TooMany, openapi::Faults,
    ),
)]
pub(crate) async fn change(
    State(app): State<App>,
    From(network): From,
    Device(device): Device,
    operation: Operation,
    caller: Caller,
    Body(change): Body<PasswordChange>,
) -> Answer<impl IntoResponse> {
    let proven = app
        .prover
        .again(&caller, network, change.current_password, Second::NotAsked)
        .await?;
    let hash = web::password::hash(change.new_password).await?;
    let now = app.table.now();
    let token = session_token(caller.id(), operation);
    let session = Session::open(&token, now, device.as_deref());
    let open = OpenSession {
        account: &proven.account,
        credentials: &proven.credentials,
        spent: None,
        id: token.session,
        session: &session,
    };
    app.table.change_password(&open, &hash).await?;
    Ok(signed_in(&proven.account, &token, now))
}
