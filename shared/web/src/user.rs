//! A person, as the web client sees one.

use axum::Json;
use axum::response::{AppendHeaders, IntoResponse};
use domain::{PlanId, Role, SessionId, UserId};
use http::header::SET_COOKIE;
use jiff::Timestamp;
use serde::Serialize;
use table::account::Account;
use table::session::Token;
use utoipa::ToSchema;

use crate::cookie;
use crate::idempotency::Operation;

/// A person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The person's id.
    id: String,
    /// The address the person signs in with.
    email: String,
    /// Whether a link in a mail to this address was followed, or Google vouches for it.
    email_verified: bool,
    /// What the person is called.
    name: String,
    /// What the person comes for.
    #[schema(value_type = UserType)]
    user_type: Role,
    /// The plan that counts now, or `free`.
    subscription_tier: &'static str,
    /// `active` while a plan runs, else `inactive`.
    subscription_status: &'static str,
}

/// What a person comes for.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(
    dead_code,
    reason = "describes `domain::Role`, which knows nothing of OpenAPI"
)]
enum UserType {
    Renter,
    Landlord,
    Agent,
    Admin,
}

/// The answer that holds a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserAnswer {
    /// The person.
    pub user: User,
}

impl User {
    /// The person whose account this is, with the plan that counts at `now`.
    #[must_use]
    pub fn of(account: &Account, now: Timestamp) -> Self {
        let current = account.plan(now).map(PlanId::as_str);
        Self {
            id: account.id.to_string(),
            email: account.email.to_string(),
            email_verified: account.email_verified,
            name: account.name.as_str().to_owned(),
            user_type: account.role,
            subscription_tier: current.unwrap_or("free"),
            subscription_status: if current.is_some() { "active" } else { "inactive" },
        }
    }
}

/// A person who is signed in now.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedIn {
    /// The person.
    user: User,
    /// The token to send as `Authorization: Bearer`; the cookie holds the same.
    token: String,
}

/// The token of the session that an operation opens; a repetition opens the same one.
#[must_use]
pub fn session_token(user: UserId, operation: Operation) -> Token {
    let session = SessionId::from_bytes(operation.id("session"));
    Token::new(user, session, operation.secret("session"))
}

/// The answer that hands a new session to a person: in the body for programs, in the cookie for browsers.
pub fn signed_in(account: &Account, token: &Token, now: Timestamp) -> impl IntoResponse + use<> {
    let answer = SignedIn {
        user: User::of(account, now),
        token: token.to_string(),
    };
    (AppendHeaders([(SET_COOKIE, cookie::set(token))]), Json(answer))
}
