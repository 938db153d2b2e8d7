//! Links in mails: each is good for one thing, once, and for a time.
//!
//! A link's token is whose it is, which link it is, and a secret that is *derived* from the two under a key of our own.
//! Whoever has the key and the event that asks for a mail can make the token again, so that no secret lies in the table,
//! the stream, the bus or a queue: the item holds only its SHA-256. A person has one link for each purpose; a newer one
//! takes the place of the older, which is void from then on.

use std::fmt;
use std::str::FromStr;

use domain::event::Fact;
use domain::{EmailAddress, EmailId, LinkId, UserId};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use runtime::{ConfigError, Environment};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::account::Account;
use crate::credentials::{self, Credentials};
use crate::item::{Change, Consistency, Key, TransactError, attribute, read, text};
use crate::{Table, TableError, login};

/// How long the address that an account had is kept.
const FORMER_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Confirms that mail to an account's address reaches its owner.
    ConfirmEmail,
    /// Sets a password without knowing the old one.
    ResetPassword,
    /// Gives an account another address.
    ChangeEmail,
}

impl Purpose {
    /// The purpose as keys and secrets have it.
    const fn name(self) -> &'static str {
        match self {
            Self::ConfirmEmail => "CONFIRM-EMAIL",
            Self::ResetPassword => "RESET-PASSWORD",
            Self::ChangeEmail => "CHANGE-EMAIL",
        }
    }

    /// How long a link is good.
    #[must_use]
    pub const fn lifetime(self) -> SignedDuration {
        match self {
            Self::ConfirmEmail => SignedDuration::from_hours(7 * 24),
            Self::ResetPassword => SignedDuration::from_hours(1),
            Self::ChangeEmail => SignedDuration::from_hours(24),
        }
    }
}

/// The key that the secrets of links are derived from.
#[derive(Clone)]
pub struct LinkKey(Vec<u8>);

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey(…)")
    }
}

impl LinkKey {
    /// The key in `LINK_KEY`.
    ///
    /// # Errors
    /// [`ConfigError`] if there is none.
    pub fn new(environment: &Environment) -> Result<Self, ConfigError> {
        Ok(Self(environment.required("LINK_KEY")?.as_bytes().to_vec()))
    }

    /// The token of `user`'s link of this id: the same each time.
    #[must_use]
    pub fn token(&self, purpose: Purpose, user: UserId, link: LinkId) -> LinkToken {
        LinkToken {
            user,
            link,
            secret: self.secret(purpose, user, link).unwrap_or_default(),
        }
    }

    /// What authenticates that somebody wants no more mails of a sender's, because of this one.
    pub(crate) fn unsubscribing(&self, sender: UserId, email: EmailId) -> [u8; 32] {
        self.mac(&[b"unsubscribe:", &email.to_bytes(), &sender.to_bytes()])
            .unwrap_or_default()
    }

    fn secret(&self, purpose: Purpose, user: UserId, link: LinkId) -> Option<[u8; 32]> {
        // The ids are of one length, and no purpose is the beginning of another.
        self.mac(&[
            b"link:",
            purpose.name().as_bytes(),
            &link.to_bytes(),
            &user.to_bytes(),
        ])
    }

    /// `None` never happens: HMAC takes a key of any length.
    fn mac(&self, parts: &[&[u8]]) -> Option<[u8; 32]> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        for part in parts {
            mac.update(part);
        }
        Some(mac.finalize().into_bytes().into())
    }
}

/// What a mail carries.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct LinkToken {
    /// Whose link.
    pub user: UserId,
    /// Which one.
    pub link: LinkId,
    secret: [u8; 32],
}

/// A text is not the token of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be the token of a link in a mail")]
pub struct LinkTokenError;

/// The token's first letters, so that scanners for leaked secrets can know it.
const PREFIX: &str = "alail_";

impl LinkToken {
    fn digest(&self) -> String {
        hex::encode(Sha256::digest(self.to_string()))
    }
}

impl fmt::Display for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        f.write_str(&hex::encode(self.user.to_bytes()))?;
        f.write_str(&hex::encode(self.link.to_bytes()))?;
        f.write_str(&hex::encode(self.secret))
    }
}

/// A secret: shows which it is, never what it is.
impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkToken({})", self.link)
    }
}

impl TryFrom<String> for LinkToken {
    type Error = LinkTokenError;

    fn try_from(text: String) -> Result<Self, LinkTokenError> {
        text.parse()
    }
}

impl FromStr for LinkToken {
    type Err = LinkTokenError;

    fn from_str(text: &str) -> Result<Self, LinkTokenError> {
        let digits = text.strip_prefix(PREFIX).ok_or(LinkTokenError)?;
        let mut bytes = [0; 64];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| LinkTokenError)?;
        let (user, rest) = bytes.split_first_chunk::<16>().ok_or(LinkTokenError)?;
        let (link, secret) = rest.split_first_chunk::<16>().ok_or(LinkTokenError)?;
        Ok(Self {
            user: UserId::from_bytes(*user),
            link: LinkId::from_bytes(*link),
            secret: *secret.first_chunk().ok_or(LinkTokenError)?,
        })
    }
}

/// A link as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// Which one it is.
    pub id: LinkId,
    /// Where its mail goes: the account's address, or the one that it is to have.
    pub email: EmailAddress,
    /// The first moment at which it is good for nothing.
    pub until: Timestamp,
    /// When it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<Timestamp>,
    pub(crate) digest: String,
}

impl Link {
    /// The link that `token` is the token of, with its mail going to `email`.
    #[must_use]
    pub fn new(token: &LinkToken, purpose: Purpose, email: EmailAddress, now: Timestamp) -> Self {
        Self {
            id: token.link,
            email,
            until: now.checked_add(purpose.lifetime()).unwrap_or(Timestamp::MAX),
            used_at: None,
            digest: token.digest(),
        }
    }

    /// Whether `token` is this link's. Takes the same time for every wrong secret.
    #[must_use]
    pub fn is_named_by(&self, token: &LinkToken) -> bool {
        bool::from(self.digest.as_bytes().ct_eq(token.digest().as_bytes()))
    }
}

/// Where a person's link for `purpose` is.
pub(crate) fn key(user: UserId, purpose: Purpose) -> Key {
    Key::new(format!("USER#{user}"), format!("LINK#{}", purpose.name()))
}

/// A link cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UseError {
    /// There is no such link: it was never made, a newer one took its place, or what it was for is another by now.
    #[error("there is no such link")]
    Void,
    /// It was used before.
    #[error("the link was used")]
    Used,
    /// Its time is over.
    #[error("the link is over")]
    Over,
    /// The address that it gives belongs to somebody else meanwhile.
    #[error("the address is taken")]
    Taken,
    /// The table failed.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// A link that is good now, and the account that it is good for.
#[derive(Debug)]
pub struct Usable {
    purpose: Purpose,
    link: Link,
    /// The account.
    pub account: Account,
    credentials: Credentials,
}

/// The address that an account had before it changed, so that its owner can be told there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FormerEmail {
    /// The address.
    pub email: EmailAddress,
    ttl: i64,
}

impl FormerEmail {
    pub(crate) fn key(user: UserId, link: LinkId) -> Key {
        Key::new(format!("USER#{user}"), format!("FORMER-EMAIL#{link}"))
    }
}

impl Table {
    /// A person's link for `purpose`, if there is one, used or over or not. One of another id than an event's has taken
    /// that one's place.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn link(&self, user: UserId, purpose: Purpose) -> Result<Option<Link>, TableError> {
        self.get(&key(user, purpose), Consistency::Strong).await
    }

    /// The link that `token` names, if it is good now. Reading does not use it.
    ///
    /// # Errors
    /// [`UseError`] if it is not good.
    pub async fn usable_link(&self, token: &LinkToken, purpose: Purpose) -> Result<Usable, UseError> {
        let keys = [
            &key(token.user, purpose),
            &Account::key(token.user),
            &Credentials::key(token.user),
        ];
        let [link, account, credentials] = self.get_all(keys, Consistency::Strong).await?;
        let (Some(link), Some(account), Some(credentials)) = (link, account, credentials) else {
            return Err(UseError::Void);
        };
        let usable = Usable {
            purpose,
            link: read(link)?,
            account: read(account)?,
            credentials: read(credentials)?,
        };
        usable.check(token, self.clock.now())?;
        Ok(usable)
    }

    /// The address of an account is confirmed.
    ///
    /// # Errors
    /// [`UseError`] if another request came first.
    pub async fn confirm_email(&self, usable: &Usable) -> Result<(), UseError> {
        let now = self.clock.now();
        let account = &usable.account;
        let confirmed = Change::new(
            Account::key(account.id),
            "SET emailVerified = :verified, updatedAt = :now",
        )
        .only_if("email = :email")
        .value(":email", text(&account.email))
        .value(":verified", attribute(&true)?)
        .value(":now", text(now));
        let parts = vec![self.change(usable.used(now))?, self.change(confirmed)?];
        self.transact(parts).await.map_err(lost_to_another)
    }

    /// An account has a new password: every session is over, and the wrong attempts before it are forgotten. The mail
    /// with the link reached its owner, so that the address is confirmed too.
    ///
    /// # Errors
    /// [`UseError`] if another request came first.
    pub async fn reset_password(&self, usable: &Usable, password_hash: &str) -> Result<(), UseError> {
        let now = self.clock.now();
        let Usable {
            account, credentials, ..
        } = usable;
        let ended =
            credentials::end_sessions(account.id, credentials, None, ", emailVerified = :verified", now)?
                .only_if("email = :email")
                .value(":email", text(&account.email))
                .value(":verified", attribute(&true)?);
        let set = credentials::set_password(account.id, credentials, password_hash, now);
        let parts = vec![
            self.change(usable.used(now))?,
            self.change(ended)?,
            self.change(set)?,
            self.change(login::forget_attempts(&account.email))?,
            self.outbox(Fact::PasswordChanged { user_id: account.id })?,
        ];
        self.transact(parts).await.map_err(lost_to_another)
    }

    /// An account signs in with the link's address from now on, which is confirmed by it. Every session is over: whoever
    /// had one without the owner's knowledge has none any more. The old address is kept for a while, to be told.
    ///
    /// # Errors
    /// [`UseError::Taken`] if the address has become somebody else's.
    pub async fn change_email(&self, usable: &Usable) -> Result<(), UseError> {
        let now = self.clock.now();
        let Usable {
            account,
            credentials,
            link,
            ..
        } = usable;
        let changed = credentials::end_sessions(
            account.id,
            credentials,
            None,
            ", email = :new, emailVerified = :verified",
            now,
        )?
        .only_if("email = :email")
        .value(":email", text(&account.email))
        .value(":new", text(&link.email))
        .value(":verified", attribute(&true)?);
        let renewed = "SET updatedAt = :now, version = :next";
        let renewed = credentials::renewed(account.id, credentials, renewed, now);
        let former = FormerEmail {
            email: account.email.clone(),
            ttl: (now + FORMER_KEPT).as_second(),
        };
        let former = self.item(&FormerEmail::key(account.id, link.id), "FormerEmail", &former)?;
        let fact = Fact::EmailChanged {
            user_id: account.id,
            link_id: link.id,
        };
        let parts = vec![
            self.change(usable.used(now))?,
            self.change(login::claim(&link.email, account.id))?,
            self.change(login::release(&account.email, account.id, now))?,
            self.change(changed)?,
            self.change(renewed)?,
            self.create(former)?,
            self.outbox(fact)?,
        ];
        self.transact(parts).await.map_err(|error| match error {
            TransactError::Condition(failed) if !failed.at(0) && failed.at(1) => UseError::Taken,
            error => lost_to_another(error),
        })
    }
}

impl Usable {
    fn check(&self, token: &LinkToken, now: Timestamp) -> Result<(), UseError> {
        let Self { link, account, .. } = self;
        // A password that became another after the link was asked for may have done so to stop whoever asked for it.
        let issued = link.until.checked_sub(self.purpose.lifetime()).unwrap_or(now);
        let before_the_password = self
            .credentials
            .changed_at
            .is_some_and(|changed| issued <= changed);
        let void = match self.purpose {
            Purpose::ConfirmEmail => account.email != link.email,
            Purpose::ResetPassword => account.email != link.email || before_the_password,
            Purpose::ChangeEmail => before_the_password,
        };
        if !link.is_named_by(token) {
            Err(UseError::Void)
        } else if link.used_at.is_some() {
            Err(UseError::Used)
        } else if void {
            Err(UseError::Void)
        } else if now >= link.until {
            Err(UseError::Over)
        } else {
            Ok(())
        }
    }

    /// Marks the link as used, if it is still the same and was not used.
    fn used(&self, now: Timestamp) -> Change {
        Change::new(
            key(self.account.id, self.purpose),
            "SET usedAt = :now, updatedAt = :now",
        )
        .only_if("digest = :digest AND attribute_not_exists(usedAt)")
        .value(":digest", text(&self.link.digest))
        .value(":now", text(now))
    }
}

/// Between reading and writing another request used the link, or changed what it was good for.
fn lost_to_another(error: TransactError) -> UseError {
    match error {
        TransactError::Condition(failed) if failed.at(0) => UseError::Used,
        TransactError::Condition(_) => UseError::Void,
        TransactError::Other(error) => UseError::Table(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: [u8; 16] = [1; 16];
    const LINK: [u8; 16] = [2; 16];

    fn token(key: &str, purpose: Purpose) -> LinkToken {
        let key = LinkKey::new(&Environment::from_iter([("LINK_KEY", key)])).unwrap();
        key.token(purpose, UserId::from_bytes(USER), LinkId::from_bytes(LINK))
    }

    #[test]
    fn a_token_is_made_again_from_its_ids_and_reads_back_from_its_text() {
        let first = token("a key", Purpose::ResetPassword);
        assert_eq!(
            first.to_string(),
            token("a key", Purpose::ResetPassword).to_string()
        );
        let again: LinkToken = first.to_string().parse().unwrap();
        assert_eq!((again.user, again.link), (first.user, first.link));
        assert_eq!(again.digest(), first.digest());
    }

    #[test]
    fn another_purpose_and_another_key_have_other_secrets() {
        let one = token("a key", Purpose::ResetPassword).to_string();
        assert_ne!(one, token("a key", Purpose::ConfirmEmail).to_string());
        assert_ne!(one, token("a key", Purpose::ChangeEmail).to_string());
        assert_ne!(one, token("another", Purpose::ResetPassword).to_string());
    }

    #[test]
    fn a_link_is_named_by_its_own_token_and_no_other_and_holds_no_secret() {
        let token_ = token("a key", Purpose::ConfirmEmail);
        let email: EmailAddress = "ana@example.com".parse().unwrap();
        let link = Link::new(&token_, Purpose::ConfirmEmail, email, Timestamp::UNIX_EPOCH);
        assert!(link.is_named_by(&token_));
        assert!(!link.is_named_by(&token("a key", Purpose::ResetPassword)));
        let secret = hex::encode(token_.secret);
        assert!(!serde_json::to_string(&link).unwrap().contains(&secret));
        assert!(!format!("{token_:?}").contains(&secret));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in ["", "alail_", "alail_00", "alai_", &"0".repeat(134)] {
            assert!(text.parse::<LinkToken>().is_err());
        }
    }
}
