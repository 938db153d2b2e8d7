//! The address of an account: confirmed, and changed.

use axum::Json;
use axum::extract::State;
use domain::{EmailAddress, Password};
use http::StatusCode;
use serde::Deserialize;
use table::asked::Asked;
use table::link::Purpose;
use utoipa::ToSchema;
use web::proof::{Second, refused};
use web::serve::From;
use web::user::{User, UserAnswer};
use web::{Answer, Body, Caller, Problem, openapi};

use crate::{App, LinkUse, not_good};

/// Confirms an address with the token of the mail to it. Nobody need be signed in.
#[utoipa::path(
    post, path = "/api/auth/confirm-email", tag = "accounts", operation_id = "confirmEmail", request_body = LinkUse,
    responses(
        (status = 200, description = "The person, with the address confirmed", body = UserAnswer),
        openapi::BadLink, openapi::CrossOrigin, openapi::Faults,
    ),
)]
pub(crate) async fn confirm(
    State(app): State<App>,
    Body(LinkUse { token }): Body<LinkUse>,
) -> Answer<Json<UserAnswer>> {
    let mut usable = app
        .table
        .usable_link(&token, Purpose::ConfirmEmail)
        .await
        .map_err(not_good)?;
    app.table.confirm_email(&usable).await.map_err(not_good)?;
    usable.account.email_verified = true;
    Ok(Json(UserAnswer {
        user: User::of(&usable.account, app.table.now()),
    }))
}

/// Mails another link to confirm the caller's address; those before it are void.
#[utoipa::path(
    post, path = "/api/auth/confirm-email/resend", tag = "accounts", operation_id = "resendConfirmation",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 202, description = "A mail is on its way"),
        openapi::NotSignedIn, openapi::CrossOrigin, openapi::Conflict, openapi::TooMany, openapi::Faults,
    ),
)]
pub(crate) async fn resend(
    State(app): State<App>,
    From(network): From,
    caller: Caller,
) -> Answer<StatusCode> {
    if caller.account.email_verified {
        return Err(Problem::conflict(
            "email_confirmed",
            "This mail address is confirmed already.",
        ));
    }
    let asked = Asked {
        purpose: Purpose::ConfirmEmail,
        to: &caller.account.email,
        network,
    };
    let refused = |error| refused(&app.table, error);
    app.table.may_ask(&asked).await.map_err(refused)?;
    let whose = Some(caller.id());
    let ask = app.table.ask_for_mail(&asked, whose, &app.links, None);
    ask.await.map_err(refused)?;
    Ok(StatusCode::ACCEPTED)
}

/// A new address, and the password that proves that its owner wants it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAddress {
    /// The address to sign in with from now on.
    #[schema(value_type = String, format = Email, max_length = 254)]
    email: EmailAddress,
    /// The account's password.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 100, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    password: Password,
}

/// Mails a link to another address, which becomes the account's when the link is used. An address that is somebody
/// else's gets the same answer, and no mail.
#[utoipa::path(
    post, path = "/api/auth/change-email", tag = "accounts", operation_id = "changeEmail", request_body = NewAddress,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 202, description = "If the address is free, a mail is on its way to it"),
        openapi::BadBody, openapi::NotSignedIn, openapi::WrongPassword, openapi::TooMany, openapi::Faults,
    ),
)]
pub(crate) async fn change(
    State(app): State<App>,
    From(network): From,
    caller: Caller,
    Body(new): Body<NewAddress>,
) -> Answer<StatusCode> {
    let proven = app
        .prover
        .again(&caller, network, new.password, Second::NotAsked)
        .await?;
    let asked = Asked {
        purpose: Purpose::ChangeEmail,
        to: &new.email,
        network,
    };
    let refused = |error| refused(&app.table, error);
    let owner = app.table.may_ask(&asked).await.map_err(refused)?;
    let whose = owner.is_none().then(|| caller.id());
    let attempt = Some(&proven.attempt);
    let ask = app.table.ask_for_mail(&asked, whose, &app.links, attempt);
    ask.await.map_err(refused)?;
    Ok(StatusCode::ACCEPTED)
}

/// Changes the address of an account with the token of the mail to the new one. Every session is over; the old address
/// is told.
#[utoipa::path(
    post, path = "/api/auth/confirm-email-change", tag = "accounts", operation_id = "confirmEmailChange",
    request_body = LinkUse,
    responses(
        (status = 204, description = "The account has the new address: sign in with it"),
        openapi::BadLink, openapi::CrossOrigin, openapi::Faults,
    ),
)]
pub(crate) async fn confirm_change(
    State(app): State<App>,
    Body(LinkUse { token }): Body<LinkUse>,
) -> Answer<StatusCode> {
    let usable = app
        .table
        .usable_link(&token, Purpose::ChangeEmail)
        .await
        .map_err(not_good)?;
    app.table.change_email(&usable).await.map_err(not_good)?;
    Ok(StatusCode::NO_CONTENT)
}
