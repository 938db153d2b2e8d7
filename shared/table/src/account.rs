//! A person's account: who they are, what their purchases opened, and where they are signed in, in one item.

use domain::access::Grants;
use domain::{EmailAddress, PersonName, PlanId, Role, SessionId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::billing::Billing;
use crate::credentials::{self, Credentials};
use crate::item::{ApplyError, Change, Consistency, Key, TransactError, attribute, number, read, text};
use crate::link::{Link, Purpose};
use crate::login::{self, OpenSession};
use crate::session::{Sessions, Token};
use crate::usage::Usage;
use crate::{Table, TableError};

/// An account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Whose it is.
    pub id: UserId,
    /// The address it signs in with.
    pub email: EmailAddress,
    /// Whether mail to the address is known to reach this person.
    #[serde(default)]
    pub email_verified: bool,
    /// What the person is called.
    pub name: PersonName,
    /// What the person comes for.
    pub role: Role,
    /// What paid plans have granted.
    #[serde(default)]
    pub grants: Grants,
    /// How many purchases there are, paid or not.
    #[serde(default)]
    pub purchases: u32,
    /// How many invoices of subscriptions there are.
    #[serde(default)]
    pub invoices: u32,
    /// How many rows there are of what plans limit.
    #[serde(default)]
    pub usage: Usage,
    /// Its subscriptions, and who it is at Stripe.
    #[serde(default)]
    pub billing: Billing,
    /// Where the person is signed in.
    #[serde(default)]
    pub sessions: Sessions,
}

/// A new account, with the first session on it.
#[derive(Debug)]
pub struct NewAccount {
    /// The account.
    pub account: Account,
    /// How its owner proves who they are.
    pub credentials: Credentials,
    /// The link that confirms its address, where nobody has vouched for it.
    pub confirmation: Option<Link>,
}

/// An account was not created.
#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    /// The address has an account already.
    #[error("this mail address is already registered")]
    Taken,
    /// The table failed.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl Account {
    /// A new account: a renter's, with nothing bought and nobody signed in.
    #[must_use]
    pub fn new(id: UserId, email: EmailAddress, name: PersonName) -> Self {
        Self {
            id,
            email,
            email_verified: false,
            name,
            role: Role::Renter,
            grants: Grants::default(),
            purchases: 0,
            invoices: 0,
            usage: Usage::default(),
            billing: Billing::default(),
            sessions: Sessions::new(),
        }
    }

    /// The plan that counts at `now`: the subscription's, or else the one that was paid once.
    #[must_use]
    pub fn plan(&self, now: Timestamp) -> Option<PlanId> {
        let subscribed = self.billing.subscription.as_ref();
        subscribed
            .filter(|subscription| subscription.entitles(now))
            .map(|subscription| subscription.plan)
            .or_else(|| self.grants.current(now).map(|(_, grant)| grant.plan))
    }

    pub(crate) fn key(user: UserId) -> Key {
        Key::new(format!("USER#{user}"), "ACCOUNT")
    }
}

impl Table {
    /// The account, if there is one.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn account(
        &self,
        user: UserId,
        consistency: Consistency,
    ) -> Result<Option<Account>, TableError> {
        self.get(&Account::key(user), consistency).await
    }

    /// The account that `token` opens now, if it opens one.
    ///
    /// The first read may be a little old, which is half the price: it then misses a session of the last moment, so a
    /// session that is not found is looked for once more with certainty.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn account_of(&self, token: &Token, now: Timestamp) -> Result<Option<Account>, TableError> {
        for consistency in [Consistency::Eventual, Consistency::Strong] {
            let account = self.account(token.user, consistency).await?;
            let session = |account: &Account| account.sessions.get(&token.session).cloned();
            match account.as_ref().and_then(session) {
                Some(session) => return Ok(account.filter(|_| session.is_opened_by(token, now))),
                None => continue,
            }
        }
        Ok(None)
    }

    /// Creates an account; its address is unique because the address's own item is part of the transaction, and so is
    /// the person at Google. An account that is there already under this id stays as it is.
    ///
    /// # Errors
    /// [`SignUpError::Taken`] if the address has one, or the person at Google has.
    pub async fn sign_up(&self, new: &NewAccount) -> Result<(), SignUpError> {
        let (account, credentials) = (&new.account, &new.credentials);
        let mut parts = vec![
            self.change(login::claim(&account.email, account.id))?,
            self.create(self.item(&Account::key(account.id), "Account", account)?)?,
            self.create(self.item(&Credentials::key(account.id), "Credentials", credentials)?)?,
        ];
        if let Some(subject) = &credentials.google {
            parts.push(self.claim_for_google(subject, account.id)?);
        }
        if let Some(link) = &new.confirmation {
            parts.extend(self.ask(account.id, Purpose::ConfirmEmail, link)?);
        }
        match self.transact(parts).await {
            Ok(()) => Ok(()),
            // Nobody else has this id: an earlier attempt at the same request wrote the account.
            Err(TransactError::Condition(failed)) if failed.at(1) => Ok(()),
            Err(error) => Err(match TableError::from(error) {
                TableError::Conflict => SignUpError::Taken,
                error => SignUpError::Table(error),
            }),
        }
    }

    /// Ends a session. `false` if there is none of that id.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn end_session(&self, user: UserId, session: SessionId) -> Result<bool, TableError> {
        let change = Change::new(
            Account::key(user),
            "REMOVE sessions.#session SET updatedAt = :now",
        )
        .only_if("attribute_exists(sessions.#session)")
        .name("#session", session)
        .value(":now", text(self.clock.now()));
        match self.apply(change).await {
            Ok(_) => Ok(true),
            Err(ApplyError::Condition(_)) => Ok(false),
            Err(ApplyError::Other(error)) => Err(error),
        }
    }

    /// Gives a person a role; the account as it is then, or `None` if there is none.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn set_role(&self, user: UserId, role: Role) -> Result<Option<Account>, TableError> {
        let change = Change::new(Account::key(user), "SET #role = :role, updatedAt = :now")
            .only_if("attribute_exists(PK)")
            .name("#role", "role")
            .value(":role", attribute(&role)?)
            .value(":now", text(self.clock.now()));
        match self.apply(change).await {
            Ok(item) => read(item).map(Some),
            Err(ApplyError::Condition(_)) => Ok(None),
            Err(ApplyError::Other(error)) => Err(error),
        }
    }
}

/// The change that adds a session to an account, and lets old ones give way.
pub(crate) fn add_session(open: &OpenSession<'_>, now: Timestamp) -> Result<Change, TableError> {
    let account = open.account;
    let mut gone = crate::session::give_way(&account.sessions, now);
    // There already, if an earlier attempt at the same request has opened it.
    gone.retain(|gone| *gone != open.id);
    let mut update = "SET sessions.#new = :session, updatedAt = :now".to_owned();
    for (position, _) in gone.iter().enumerate() {
        update.push_str(if position == 0 { " REMOVE " } else { ", " });
        update.push_str(&format!("sessions.#gone{position}"));
    }
    let change = Change::new(Account::key(account.id), update)
        .only_if(credentials::STILL_COUNT)
        .name("#new", open.id)
        .value(":session", attribute(open.session)?)
        .value(":credentials", number(open.credentials.version))
        .value(":now", text(now));
    Ok(gone.iter().enumerate().fold(change, |change, (position, id)| {
        change.name(format!("#gone{position}"), id)
    }))
}
