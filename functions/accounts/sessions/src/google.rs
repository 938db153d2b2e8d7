//! Signing in with Google.

use axum::extract::State;
use axum::response::IntoResponse;
use domain::one_time::Code;
use domain::{LinkId, Password, PersonName, UserId};
use http::StatusCode;
use serde::Deserialize;
use table::account::{Account, NewAccount, SignUpError};
use table::credentials::Credentials;
use table::google::{Known, Subject};
use table::link::{Link, Purpose};
use table::login::{Attempt, Network, OpenSession};
use table::second_factor::{FactorError, Spent};
use table::session::{Session, Sessions, Token};
use utoipa::ToSchema;
use web::google::{Identity, not_set_up};
use web::idempotency::Operation;
use web::proof::{Proven, Second, Unproven};
use web::serve::{Device, From};
use web::user::{SignedIn, session_token, signed_in};
use web::{Answer, Body, Problem, openapi};

use crate::App;

/// Where somebody else may come first, how often it is looked again.
const TRIES: usize = 3;

/// What Google's button gives.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GoogleSignIn {
    /// The ID token.
    #[schema(min_length = 1, max_length = 8192)]
    credential: String,
    /// What the authenticator app shows, or a recovery code: where the account has a second factor.
    #[schema(value_type = Option<String>, max_length = 32, pattern = "^([0-9]{6}|[A-Z2-7]{4}(-[A-Z2-7]{4}){3})$")]
    code: Option<Code>,
    /// The account's password, once: where an account has the address, and Google does not run the mailbox.
    #[schema(value_type = Option<String>, format = Password, min_length = 8, max_length = 100, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]*$")]
    password: Option<Password>,
}

/// Signs in with Google. A person whom nobody knows gets an account; an account of the same, confirmed address is linked. An
/// account whose address was never confirmed passes to its owner, and what whoever registered it had opens nothing any
/// more.
#[utoipa::path(
    post, path = "/api/auth/google", tag = "accounts", operation_id = "signInWithGoogle", request_body = GoogleSignIn,
    responses(
        (status = 200, description = "The account, and a new session on it", body = SignedIn),
        openapi::BadBody, openapi::BadGoogleCredential, openapi::CrossOrigin, openapi::Conflict, openapi::TooMany,
        openapi::Faults,
    ),
)]
pub(crate) async fn sign_in(
    State(app): State<App>,
    From(network): From,
    Device(device): Device,
    operation: Operation,
    Body(given): Body<GoogleSignIn>,
) -> Answer<impl IntoResponse> {
    let google = app.google.as_ref().ok_or_else(not_set_up)?;
    let identity = google.verify(&given.credential, app.table.now()).await?;
    let visit = Visit {
        app: &app,
        subject: Subject::new(&identity.sub),
        identity,
        network,
        device,
        operation,
        code: given.code,
        password: given.password,
    };
    for _ in 0..TRIES {
        if let Some((account, token)) = visit.enter().await? {
            return Ok(signed_in(&account, &token, app.table.now()));
        }
    }
    Err(Problem::unavailable())
}

/// Somebody at the door whom Google has named.
struct Visit<'a> {
    app: &'a App,
    subject: Subject,
    identity: Identity,
    network: Network,
    device: Option<String>,
    operation: Operation,
    code: Option<Code>,
    password: Option<Password>,
}

/// Somebody who may come in.
struct Admitted {
    account: Account,
    credentials: Credentials,
    spent: Option<Spent>,
    attempt: Option<Attempt>,
}

impl std::convert::From<Proven> for Admitted {
    fn from(proven: Proven) -> Self {
        Self {
            account: proven.account,
            credentials: proven.credentials,
            spent: proven.spent,
            attempt: Some(proven.attempt),
        }
    }
}

/// What coming in does besides.
enum Entry {
    /// Nothing.
    Open,
    /// Google opens the account from now on.
    Link,
    /// The account passes to the visitor.
    TakeOver,
}

impl Visit<'_> {
    /// Opens a session; none if somebody else came first, and it must be looked again.
    async fn enter(&self) -> Answer<Option<(Account, Token)>> {
        let table = &self.app.table;
        match table.known_to_google(&self.subject, &self.identity.email).await? {
            Known::Nobody => self.sign_up().await,
            Known::Linked(user) => {
                let admitted = self.held_to_code(self.load(user).await?).await?;
                self.open(admitted, Entry::Open).await
            }
            Known::ByAddress(_) if !self.identity.is_authority => {
                let admitted = self.held_to_password().await?;
                self.open(admitted, Entry::Link).await
            }
            Known::ByAddress(user) => {
                let found = self.load(user).await?;
                if found.account.email_verified {
                    let admitted = self.held_to_code(found).await?;
                    self.open(admitted, Entry::Link).await
                } else {
                    self.open(found, Entry::TakeOver).await
                }
            }
        }
    }

    async fn load(&self, user: UserId) -> Answer<Admitted> {
        let found = self.app.table.account_and_credentials(user).await?;
        let (account, credentials) = found.ok_or_else(|| {
            tracing::error!(%user, "an account that signs in is not there");
            Problem::internal()
        })?;
        Ok(Admitted {
            account,
            credentials,
            spent: None,
            attempt: None,
        })
    }

    /// Google vouches for the visitor; the account may ask for a code as well.
    async fn held_to_code(&self, found: Admitted) -> Answer<Admitted> {
        if found.credentials.second_factor.is_none() {
            return Ok(found);
        }
        let code = self.code.clone().ok_or(Unproven::CodeMissing)?;
        let proven = self
            .app
            .prover
            .by_code(&found.account.email, self.network, Some(code))
            .await??;
        Ok(proven.into())
    }

    /// Google does not run the mailbox: that it was the visitor's once is not enough to open somebody's account.
    async fn held_to_password(&self) -> Answer<Admitted> {
        let password = self.password.clone().ok_or_else(|| {
            Problem::new(
                StatusCode::UNAUTHORIZED,
                "password_required",
                "This mail address has an account: send its password as well, once, to sign in with Google from then on.",
            )
        })?;
        let second = Second::IfEnabled(self.code.clone());
        let proven = self
            .app
            .prover
            .by_password(&self.identity.email, self.network, password, second)
            .await??;
        Ok(proven.into())
    }

    async fn open(&self, admitted: Admitted, entry: Entry) -> Answer<Option<(Account, Token)>> {
        let table = &self.app.table;
        let Admitted {
            mut account,
            credentials,
            spent,
            attempt,
        } = admitted;
        let token = session_token(account.id, self.operation);
        let session = Session::open(&token, table.now(), self.device.as_deref());
        let open = OpenSession {
            account: &account,
            credentials: &credentials,
            spent: spent.as_ref(),
            id: token.session,
            session: &session,
        };
        if !matches!(entry, Entry::Open) && credentials.google.is_some() {
            return Err(Problem::conflict(
                "google_linked",
                "This mail address's account is linked to another Google account: sign in with that one.",
            ));
        }
        let opened = match entry {
            Entry::Open => table.signed_in(&open).await,
            Entry::Link => table.link_google(&self.subject, &open).await,
            Entry::TakeOver => table.take_over_with_google(&self.subject, &open).await,
        };
        match (opened, attempt) {
            (Ok(()), _) => {
                account.email_verified |= matches!(entry, Entry::TakeOver);
                Ok(Some((account, token)))
            }
            (Err(FactorError::Changed), Some(attempt)) => {
                table.attempt_failed(&attempt).await?;
                Err(Unproven::Code.into())
            }
            (Err(FactorError::Changed), None) => Ok(None),
            (Err(FactorError::Table(error)), _) => Err(error.into()),
        }
    }

    /// A new person's account, without a password.
    async fn sign_up(&self) -> Answer<Option<(Account, Token)>> {
        let (app, operation, identity) = (self.app, self.operation, &self.identity);
        let id = UserId::from_bytes(operation.id("user"));
        let token = session_token(id, operation);
        let name = identity
            .name
            .clone()
            .and_then(|name| PersonName::try_from(name).ok());
        let name = match name {
            Some(name) => name,
            None => PersonName::try_from(identity.email.local_part().to_owned())
                .map_err(|error| Problem::field("credential", error))?,
        };
        let session = Session::open(&token, operation.at, self.device.as_deref());
        let account = Account {
            email_verified: identity.is_authority,
            sessions: Sessions::from([(token.session, session)]),
            ..Account::new(id, identity.email.clone(), name)
        };
        let credentials = Credentials {
            google: Some(self.subject.clone()),
            ..Credentials::default()
        };
        let confirmation = (!identity.is_authority).then(|| {
            let link = LinkId::from_bytes(operation.id("link"));
            let link = app.links.token(Purpose::ConfirmEmail, id, link);
            Link::new(&link, Purpose::ConfirmEmail, identity.email.clone(), operation.at)
        });
        let new = NewAccount {
            account,
            credentials,
            confirmation,
        };
        match app.table.sign_up(&new).await {
            Ok(()) => Ok(Some((new.account, token))),
            Err(SignUpError::Taken) => Ok(None),
            Err(SignUpError::Table(error)) => Err(error.into()),
        }
    }
}
