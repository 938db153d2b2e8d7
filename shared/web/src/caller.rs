//! Who is calling.

use axum::extract::{FromRef, FromRequestParts};
use domain::{Role, SessionId, UserId};
use http::header::AUTHORIZATION;
use http::request::Parts;
use table::Table;
use table::account::Account;
use table::session::Token;

use crate::{Answer, Problem, cookie};

/// The person who is calling, with a session that is open now. A handler that asks for a `Caller` is only called with
/// one: nobody, and a session that is over, are answered 401.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The person's account.
    pub account: Account,
    /// The session that the call came with.
    pub session: SessionId,
}

impl Caller {
    /// The person's id.
    #[must_use]
    pub fn id(&self) -> UserId {
        self.account.id
    }

    /// Lets only people of these roles, and admins, pass.
    ///
    /// # Errors
    /// 403 for anybody else.
    pub fn must_be(&self, roles: &[Role]) -> Answer<()> {
        if self.account.role == Role::Admin || roles.contains(&self.account.role) {
            Ok(())
        } else {
            Err(Problem::forbidden(
                "wrong_role",
                "Your account's role does not include this.",
            ))
        }
    }
}

/// Whether the request carries the session cookie and no other credentials.
pub(crate) fn relies_on_cookie(parts: &Parts) -> bool {
    !parts.headers.contains_key(AUTHORIZATION) && cookie::token(parts).is_some()
}

/// The token that the request carries. A header counts before the cookie: it was put there on purpose.
fn token(parts: &Parts) -> Option<Token> {
    let text = match parts.headers.get(AUTHORIZATION) {
        Some(header) => {
            let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())?
        }
        None => cookie::token(parts)?,
    };
    text.parse().ok()
}

/// Who is calling, or why nobody is, where it was found out before the handler.
#[derive(Clone)]
pub(crate) struct Known(pub(crate) Answer<Caller>);

/// Finds out who is calling, with one read of the table.
pub(crate) async fn identify(parts: &Parts, table: &Table) -> Answer<Caller> {
    let token = token(parts).ok_or_else(Problem::unauthenticated)?;
    let account = table.account_of(&token, table.now()).await?;
    let account = account.ok_or_else(Problem::unauthenticated)?;
    Ok(Caller {
        account,
        session: token.session,
    })
}

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Table: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        match parts.extensions.get::<Known>() {
            Some(Known(known)) => known.clone(),
            None => identify(parts, &Table::from_ref(state)).await,
        }
    }
}
