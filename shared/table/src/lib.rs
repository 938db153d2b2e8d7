#![doc = include_str!("../README.md")]

pub mod account;
pub mod asked;
pub mod belongings;
pub mod billing;
pub mod closure;
pub mod competition;
pub mod credentials;
pub mod email;
pub mod error;
pub mod export;
pub mod google;
pub mod idempotency;
pub mod import;
pub mod invoice;
pub mod item;
pub mod link;
pub mod listing;
pub mod login;
pub mod mail;
pub mod market;
pub mod merge;
pub mod outbox;
pub mod payment;
pub mod place;
pub mod portfolio;
pub mod property;
pub mod purchase;
pub mod refund;
pub mod second_factor;
pub mod session;
pub mod stripe_event;
pub mod suppression;
pub mod template;
pub mod unlock;
pub mod unsubscribe;
pub mod usage;
pub mod verification;

use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use runtime::{Clock, ConfigError, Runtime};

pub use error::TableError;

/// The table, and the time that is written into it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
    clock: Clock,
}

impl Table {
    /// The table that `TABLE_NAME` names.
    ///
    /// # Errors
    /// [`ConfigError`] if it names none, or the credentials are missing.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        Ok(Self {
            client: Client::new(&runtime.aws("DYNAMODB")?),
            name: runtime.environment.required("TABLE_NAME")?.to_owned(),
            clock: runtime.clock.clone(),
        })
    }

    /// The time, by the clock that the table's writes are dated with.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
