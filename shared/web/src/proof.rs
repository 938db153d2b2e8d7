//! Proving who one is: a password, and a code where the account asks for one. Wrong ones are counted for the address and
//! for the network, whoever asks and whatever for; both kinds by the same counters.

use domain::one_time::{AppSecret, Code};
use domain::{EmailAddress, Password, UserId};
use http::StatusCode;
use runtime::{ConfigError, Environment};
use table::Table;
use table::account::Account;
use table::credentials::Credentials;
use table::google::Subject;
use table::login::{Attempt, AttemptError, Network};
use table::second_factor::{FactorError, Spent};

use crate::seal::Sealer;
use crate::{Answer, Caller, Problem, password};

/// Holds people to their passwords and codes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Prover {
    table: Table,
    sealer: Sealer,
}

/// Whether a code is asked for besides.
#[derive(Clone, Debug)]
pub enum Second {
    /// No: the session that asks was opened with one.
    NotAsked,
    /// Where the account has a second factor; this is what was given.
    IfEnabled(Option<Code>),
}

/// Somebody who is who they say.
#[derive(Debug)]
pub struct Proven {
    /// The attempt that was right.
    pub attempt: Attempt,
    /// The account.
    pub account: Account,
    /// Its credentials.
    pub credentials: Credentials,
    /// The code that was right, to be used up with whatever it is for.
    pub spent: Option<Spent>,
}

/// Nobody who is who they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// The address has no account, or the password is not its.
    Password,
    /// The password is right, and a code must come with it.
    CodeMissing,
    /// The code is wrong, or was used.
    Code,
}

impl Prover {
    /// Proofs by what this table holds, under the keys in `SEALING_KEYS`.
    ///
    /// # Errors
    /// [`ConfigError`] if there are none.
    pub fn new(table: Table, environment: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            table,
            sealer: Sealer::new(environment)?,
        })
    }

    /// Holds whoever says that `email` is theirs to its password.
    ///
    /// # Errors
    /// 429 if there were too many wrong ones.
    pub async fn by_password(
        &self,
        email: &EmailAddress,
        network: Network,
        password: Password,
        second: Second,
    ) -> Answer<Result<Proven, Unproven>> {
        let mut attempt = self.attempt(email, network).await?;
        let (account, credentials) = (attempt.account.take(), attempt.credentials.take());
        let hash = credentials
            .as_ref()
            .and_then(|credentials| credentials.password_hash.clone());
        let fits = password::fits(password, hash).await?;
        let (Some(account), Some(credentials), true) = (account, credentials, fits) else {
            self.table.attempt_failed(&attempt).await?;
            return Ok(Err(Unproven::Password));
        };
        self.with_code(attempt, account, credentials, second).await
    }

    /// Holds somebody who has proven by other means whose account it is to its second factor.
    ///
    /// # Errors
    /// 429 if there were too many wrong codes.
    pub async fn by_code(
        &self,
        email: &EmailAddress,
        network: Network,
        code: Option<Code>,
    ) -> Answer<Result<Proven, Unproven>> {
        let mut attempt = self.attempt(email, network).await?;
        match (attempt.account.take(), attempt.credentials.take()) {
            (Some(account), Some(credentials)) => {
                let second = Second::IfEnabled(code);
                self.with_code(attempt, account, credentials, second).await
            }
            _ => Ok(Err(Unproven::Code)),
        }
    }

    /// Holds a person who is signed in to their password once more.
    ///
    /// # Errors
    /// 403 if it is wrong; not 401, which tells the web client that the session is over.
    pub async fn again(
        &self,
        caller: &Caller,
        network: Network,
        password: Password,
        second: Second,
    ) -> Answer<Proven> {
        let proven = self
            .by_password(&caller.account.email, network, password, second)
            .await?;
        let refused = Problem::forbidden(
            "wrong_password",
            "This is not the account's password. An account without one gets it by way of a forgotten password.",
        );
        still(caller, proven, refused)
    }

    /// Holds a person who is signed in, and whom Google has just named, to be the one whose account Google opens.
    ///
    /// # Errors
    /// 403 if it is somebody else's, or opens with a password alone.
    pub async fn again_with_google(
        &self,
        caller: &Caller,
        network: Network,
        subject: &Subject,
        second: Second,
    ) -> Answer<Proven> {
        let mut attempt = self.attempt(&caller.account.email, network).await?;
        let proven = match (attempt.account.take(), attempt.credentials.take()) {
            (Some(account), Some(credentials)) if credentials.google.as_ref() == Some(subject) => {
                self.with_code(attempt, account, credentials, second).await?
            }
            _ => {
                self.table.attempt_failed(&attempt).await?;
                Err(Unproven::Password)
            }
        };
        let refused = Problem::forbidden(
            "wrong_google_account",
            "This is not the Google account that opens this one.",
        );
        still(caller, proven, refused)
    }

    async fn attempt(&self, email: &EmailAddress, network: Network) -> Answer<Attempt> {
        let attempt = self.table.attempt_sign_in(email, network).await;
        attempt.map_err(|error| refused(&self.table, error))
    }

    /// The password was right; a missing code stays counted as an attempt, so that wrong codes cannot be forgotten by
    /// sending the password alone in between.
    async fn with_code(
        &self,
        attempt: Attempt,
        account: Account,
        credentials: Credentials,
        second: Second,
    ) -> Answer<Result<Proven, Unproven>> {
        let spent = match (second, &credentials.second_factor) {
            (Second::NotAsked, _) | (Second::IfEnabled(_), None) => None,
            (Second::IfEnabled(None), Some(_)) => return Ok(Err(Unproven::CodeMissing)),
            (Second::IfEnabled(Some(code)), Some(_)) => match self.spend(account.id, &credentials, &code)? {
                Some(spent) => Some(spent),
                None => {
                    self.table.attempt_failed(&attempt).await?;
                    return Ok(Err(Unproven::Code));
                }
            },
        };
        Ok(Ok(Proven {
            attempt,
            account,
            credentials,
            spent,
        }))
    }

    /// What a code is right by, if it is.
    fn spend(&self, user: UserId, credentials: &Credentials, code: &Code) -> Answer<Option<Spent>> {
        let Some(factor) = &credentials.second_factor else {
            return Ok(None);
        };
        Ok(match code {
            Code::App(code) => self
                .open(user, &factor.secret)?
                .step_of(*code, self.table.now())
                .filter(|step| *step > factor.last_step)
                .map(Spent::Step),
            Code::Recovery(code) => Some(code.hash(user))
                .filter(|hash| factor.recovery_codes.contains_key(hash))
                .map(Spent::RecoveryCode),
        })
    }

    /// The secret of a person's app, as the table may have it.
    ///
    /// # Errors
    /// 503 if it cannot be sealed.
    pub fn seal(&self, user: UserId, secret: &AppSecret) -> Answer<String> {
        self.sealer.seal(&context(user), secret.as_bytes())
    }

    /// The secret of a person's app, from what the table has.
    ///
    /// # Errors
    /// 500 if it is not what was sealed.
    pub fn open(&self, user: UserId, sealed: &str) -> Answer<AppSecret> {
        let bytes = self.sealer.open(&context(user), sealed)?;
        let bytes = bytes.try_into().map_err(|_| {
            tracing::error!("a sealed secret is not of its length");
            Problem::internal()
        })?;
        Ok(AppSecret::from_bytes(bytes))
    }
}

/// The proof, if it is still about the caller; what a person who is signed in is answered, if there is none. `refused` is
/// for a password that is wrong, or what stands for one.
fn still(caller: &Caller, proven: Result<Proven, Unproven>, refused: Problem) -> Answer<Proven> {
    match proven {
        Ok(proven) if proven.account.id == caller.id() => Ok(proven),
        // The address has passed to somebody else since the session was read.
        Ok(_) => Err(Problem::unauthenticated()),
        Err(Unproven::Password) => Err(refused),
        Err(Unproven::CodeMissing) => Err(Problem::field(
            "code",
            "is required: the account has a second factor",
        )),
        Err(Unproven::Code) => Err(wrong_code()),
    }
}

fn context(user: UserId) -> String {
    format!("second factor {user}")
}

/// What somebody who must wait is answered.
pub fn refused(table: &Table, error: AttemptError) -> Problem {
    match error {
        AttemptError::TooMany { until } => Problem::too_many(table.now(), until),
        AttemptError::Table(error) => error.into(),
    }
}

/// What somebody who is signed in is answered to a wrong code.
#[must_use]
pub fn wrong_code() -> Problem {
    Problem::forbidden(
        "wrong_code",
        "This code is wrong, or was used before: wait for the next one.",
    )
}

/// What somebody who signs in without the proof is answered.
impl From<Unproven> for Problem {
    fn from(unproven: Unproven) -> Self {
        let (code, detail) = match unproven {
            Unproven::Password => ("invalid_credentials", "Invalid mail address or password."),
            Unproven::CodeMissing => (
                "second_factor_required",
                "This account asks for a code as well: send the one that the authenticator app shows, or a recovery code.",
            ),
            Unproven::Code => (
                "invalid_code",
                "Invalid code: it is wrong, or was used before. Wait for the next one.",
            ),
        };
        Self::new(StatusCode::UNAUTHORIZED, code, detail)
    }
}

/// Another request used the code, or took the factor away.
impl From<FactorError> for Problem {
    fn from(error: FactorError) -> Self {
        match error {
            FactorError::Changed => Self::conflict(
                "second_factor_changed",
                "The second factor was changed, or the code used, by another request: look again.",
            ),
            FactorError::Table(error) => error.into(),
        }
    }
}
