#![doc = include_str!("README.md")]

mod api;
mod by_hand;
mod calendar;
mod cards;
mod charges;
mod checkout_form;
mod checkout_outcomes;
mod checkout_page;
mod checkout_sessions;
mod checkout_subscriptions;
mod controls;
mod customers;
mod disputes;
mod due;
mod errors;
mod events;
mod expand;
mod form;
mod idempotency;
mod ids;
mod invoice_payments;
mod invoices;
mod lists;
mod money;
mod operations;
mod params;
mod payment_intents;
mod portal;
mod portal_page;
mod prices;
mod refunds;
mod renewals;
mod signature;
mod store;
mod subscription_changes;
mod subscriptions;
#[cfg(test)]
mod tests;
mod webhooks;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use http::Method;
use runtime::Clock;
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use self::by_hand::{Moment, NotDone};
use self::errors::Error;
use self::idempotency::InUse;
use self::ids::Ids;
pub use self::signature::stripe_signature;
use self::store::{Kind, Origin, Store, Transaction};
use self::webhooks::Courier;
use crate::wire::{Access, Authentication, Principal, Refusal, Request, Response, StandIn};

/// The version of Stripe's API that is spoken here: the one of the client, `async-stripe`.
pub const API_VERSION: &str = "2026-09-30.endive";

/// The largest body taken, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// How often sessions that have expired and debits that are due are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// The pauses before an event that was not taken is sent again.
const RETRIES: [Duration; 7] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(60),
    Duration::from_secs(300),
    Duration::from_secs(900),
];

/// How the stand-in is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it is served, without a slash at the end: `http://127.0.0.1:12111`. The pages to pay on are below it.
    pub base_url: String,
    /// The directory that it keeps its journal in; without one, it forgets everything when it ends.
    pub data: Option<PathBuf>,
    /// The platform's clock.
    pub clock: Clock,
    /// The webhook's signing secrets in force; each signs every event.
    pub webhook_secrets: Vec<String>,
    /// How long a bank debit takes, by the platform's clock; whole seconds. In the world it is days.
    pub settlement: Duration,
    /// How long a POST takes before it has its effect.
    pub latency: Duration,
    /// The pauses before an event that was not taken is sent again; after the last one it is given up.
    pub retries: Vec<Duration>,
}

impl Config {
    /// In memory, signing with `whsec_local`, settling debits after two seconds, without latency.
    #[must_use]
    pub fn new(base_url: impl Into<String>, clock: Clock) -> Self {
        Self {
            base_url: base_url.into(),
            data: None,
            clock,
            webhook_secrets: vec!["whsec_local".into()],
            settlement: Duration::from_secs(2),
            latency: Duration::ZERO,
            retries: RETRIES.to_vec(),
        }
    }
}

/// Why the stand-in could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum StripeError {
    /// The journal cannot be read or written.
    #[error("Stripe's journal: {0}")]
    Journal(#[source] std::io::Error),
    /// There is no HTTP client to post events with.
    #[error("the client that posts webhooks: {0}")]
    Client(#[source] reqwest::Error),
    /// The machine gives no random numbers.
    #[error("random numbers: {0}")]
    Random(#[source] getrandom::Error),
}

/// The stand-in.
pub struct Stripe {
    config: Config,
    ids: Ids,
    store: Mutex<Store>,
    keys_in_use: InUse,
    courier: Courier,
    delivers: AtomicBool,
    refunds_take_time: AtomicBool,
}

impl Stripe {
    /// Sets it up with what an earlier process left in its directory.
    ///
    /// # Errors
    /// The journal cannot be read or written, or the machine lacks something that every machine has.
    pub fn new(config: Config) -> Result<Arc<Self>, StripeError> {
        let store = Store::open(config.data.as_deref()).map_err(StripeError::Journal)?;
        Ok(Arc::new(Self {
            ids: Ids::new().map_err(StripeError::Random)?,
            courier: Courier::new(&store)?,
            store: Mutex::new(store),
            keys_in_use: InUse::default(),
            delivers: AtomicBool::new(true),
            refunds_take_time: AtomicBool::new(false),
            config,
        }))
    }

    /// Starts what runs in the background, until `shutdown` becomes true or its sender is gone: deliveries, and the
    /// look for what is due by the platform's clock. Once for each stand-in.
    pub fn start(self: &Arc<Self>, mut shutdown: watch::Receiver<bool>) -> JoinHandle<()> {
        let deliveries = Arc::clone(self).deliver();
        let stripe = Arc::clone(self);
        let due = async move {
            loop {
                stripe.run_due();
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::spawn(async move {
            tokio::select! {
                _ = shutdown.wait_for(|stop| *stop) => {}
                () = async { tokio::join!(deliveries, due); } => {}
            }
        })
    }

    /// Does at once what is due by the platform's clock, in the order of its time: expires sessions, settles bank debits,
    /// ends trials, renews subscriptions, tries invoices again; and forgets old idempotency keys.
    pub fn run_due(&self) {
        // A failure is logged where it happens, and tried again with the next look.
        while let Ok((true, _)) = self.transact(&Origin::default(), true, |tx| Ok(due::happen_next(tx))) {}
        let _ = self.transact(&Origin::default(), true, |tx| {
            idempotency::forget(tx);
            Ok(())
        });
    }

    /// All events, oldest first, also those that the API no longer shows.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        self.all(Kind::Event)
    }

    /// All checkout sessions, oldest first.
    #[must_use]
    pub fn checkout_sessions(&self) -> Vec<Value> {
        self.all(Kind::CheckoutSession)
    }

    /// All payment intents, oldest first.
    #[must_use]
    pub fn payment_intents(&self) -> Vec<Value> {
        self.all(Kind::PaymentIntent)
    }

    /// All customers, oldest first, deleted ones with nothing but their id.
    #[must_use]
    pub fn customers(&self) -> Vec<Value> {
        self.all(Kind::Customer)
    }

    /// All subscriptions, oldest first.
    #[must_use]
    pub fn subscriptions(&self) -> Vec<Value> {
        self.all(Kind::Subscription)
    }

    /// All invoices, oldest first.
    #[must_use]
    pub fn invoices(&self) -> Vec<Value> {
        self.all(Kind::Invoice)
    }

    /// All charges, oldest first.
    #[must_use]
    pub fn charges(&self) -> Vec<Value> {
        self.all(Kind::Charge)
    }

    /// All refunds, oldest first.
    #[must_use]
    pub fn refunds(&self) -> Vec<Value> {
        self.all(Kind::Refund)
    }

    /// All disputes, oldest first.
    #[must_use]
    pub fn disputes(&self) -> Vec<Value> {
        self.all(Kind::Dispute)
    }

    fn all(&self, kind: Kind) -> Vec<Value> {
        lock(&self.store)
            .oldest_first(kind)
            .map(|(_, object)| object.clone())
            .collect()
    }

    /// The platform's time, in seconds since 1970.
    fn now(&self) -> i64 {
        self.config.clock.now().as_second()
    }

    /// Does `work` whole or not at all, and lines its events up for delivery if `deliver` holds. Answers what `work`
    /// did, and the events lined up.
    fn transact<T>(
        &self,
        origin: &Origin,
        deliver: bool,
        work: impl FnOnce(&mut Transaction) -> Result<T, Error>,
    ) -> Result<(T, Vec<String>), Error> {
        let mut store = lock(&self.store);
        let mut tx = Transaction::new(&store, &self.ids, origin, &self.config.base_url, self.now());
        tx.deliver = deliver && self.delivers.load(Ordering::SeqCst);
        tx.settlement = i64::try_from(self.config.settlement.as_secs()).unwrap_or(i64::MAX);
        tx.refunds_take_time = self.refunds_take_time.load(Ordering::SeqCst);
        let done = work(&mut tx)?;
        let (writes, events) = tx.finish();
        store.commit(writes).map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "Stripe's journal cannot be written"
            );
            Error::internal()
        })?;
        // Still under the lock, so that the order of delivery is the order of creation.
        self.courier.enqueue(&events);
        Ok((done, events))
    }
}

#[async_trait]
impl StandIn for Stripe {
    fn service(&self) -> &'static str {
        "stripe"
    }

    fn authentication(&self) -> Authentication {
        Authentication::Other
    }

    fn caller(&self, request: &Request) -> Principal {
        api::function_of(&request.headers).map_or(Principal::Anonymous, Principal::Function)
    }

    fn body_limit(&self) -> usize {
        BODY_LIMIT
    }

    fn operation(&self, request: &Request) -> String {
        operations::name(&request.method, request.uri.path())
    }

    fn needs(&self, _request: &Request) -> Vec<Access> {
        Vec::new()
    }

    async fn answer(&self, request: Request) -> Response {
        self.run_due();
        let segments: Vec<&str> = request.uri.path().split('/').skip(1).collect();
        match (&request.method, segments.as_slice()) {
            (&Method::GET | &Method::HEAD, ["c", "pay", session]) => self.show_checkout(session),
            (&Method::POST, ["c", "pay", session]) => self.submit_checkout(session, &request.body).await,
            (&Method::GET | &Method::HEAD, ["p", "session", session]) => self.show_portal(session),
            (&Method::POST, ["p", "session", session]) => self.submit_portal(session, &request.body).await,
            (&Method::GET | &Method::HEAD, ["i", invoice] | ["i", invoice, "pdf"]) => {
                self.show_invoice(invoice)
            }
            (_, ["_local", path @ ..]) => self.control(&request, path).await,
            _ => self.api(&request).await,
        }
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        let error = match refusal {
            Refusal::AccessDenied(_, access) => Error::forbidden(format!(
                "The provided key does not have the required permission {}.",
                access.action
            )),
            Refusal::BadSignature(reason) => Error::unauthorized(reason.to_string()),
            Refusal::TooLarge(limit) => Error::too_large(*limit),
            Refusal::Throttled => Error::throttled(),
            Refusal::Internal => Error::internal(),
        };
        api::error_response(&error, &self.ids.next("req_", 14))
    }
}

/// Locks. What a panic may have interrupted is whole: changes are made in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
