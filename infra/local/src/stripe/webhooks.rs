//! Deliveries of events to the webhook endpoint: signed, in order, tried again, and not forgotten by a restart.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use serde_json::json;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::signature::stripe_signature;
use super::store::{Kind, Origin, Store};
use super::{Stripe, StripeError, lock};

/// How long an attempt may take.
const ATTEMPT: Duration = Duration::from_secs(10);
/// How long an attempt holds up the events after it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Where an undelivered event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It waits for its turn, or is on its way.
    Due,
    /// It was not taken, and is tried again later.
    TryAgain,
}

/// An event on its way.
struct Parcel {
    event: String,
    failures: usize,
}

/// Who brings events to the endpoint.
pub(super) struct Courier {
    http: reqwest::Client,
    endpoint: watch::Sender<Option<String>>,
    undelivered: watch::Sender<HashMap<String, Stage>>,
    queue: mpsc::UnboundedSender<Parcel>,
    not_started: Mutex<Option<mpsc::UnboundedReceiver<Parcel>>>,
}

impl Courier {
    /// A courier with everything to deliver that an earlier process left.
    pub(super) fn new(store: &Store) -> Result<Self, StripeError> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(ATTEMPT)
            .user_agent("Stripe/1.0 (+https://stripe.com/docs/webhooks)")
            .build()
            .map_err(StripeError::Client)?;
        let (queue, receiver) = mpsc::unbounded_channel();
        let courier = Self {
            http,
            endpoint: watch::Sender::new(None),
            undelivered: watch::Sender::default(),
            queue,
            not_started: Mutex::new(Some(receiver)),
        };
        let pending = store
            .oldest_first(Kind::Delivery)
            .filter(|(_, delivery)| delivery["state"] == "pending");
        let pending: Vec<String> = pending.map(|(event, _)| event.clone()).collect();
        courier.enqueue(&pending);
        Ok(courier)
    }

    /// Lines events up, in this order.
    pub(super) fn enqueue(&self, events: &[String]) {
        for event in events {
            self.send(Parcel {
                event: event.clone(),
                failures: 0,
            });
        }
    }

    fn send(&self, parcel: Parcel) {
        self.stage(&parcel.event, Some(Stage::Due));
        // Fails only when the deliveries were stopped; the next process finds the event in the store.
        let _ = self.queue.send(parcel);
    }

    fn stage(&self, event: &str, stage: Option<Stage>) {
        self.undelivered.send_modify(|all| {
            match stage {
                Some(stage) => all.insert(event.to_owned(), stage),
                None => all.remove(event),
            };
        });
    }

    pub(super) fn set_endpoint(&self, url: String) {
        self.endpoint.send_replace(Some(url));
    }

    fn is_running(&self) -> bool {
        self.endpoint.borrow().is_some() && lock(&self.not_started).is_none()
    }

    /// Waits until each of the events was tried once, for `at_most` this long.
    pub(super) async fn first_attempts(&self, events: &[String], at_most: Duration) {
        if self.is_running() {
            let mut undelivered = self.undelivered.subscribe();
            let tried = |all: &HashMap<String, Stage>| {
                !events.iter().any(|event| all.get(event) == Some(&Stage::Due))
            };
            let _ = timeout(at_most, undelivered.wait_for(tried)).await;
        }
    }

    /// Waits until no event is due.
    pub(super) async fn settled(&self) {
        if self.is_running() {
            let mut undelivered = self.undelivered.subscribe();
            let _ = undelivered
                .wait_for(|all| !all.values().any(|stage| *stage == Stage::Due))
                .await;
        }
    }

    /// Posts a payload; answers the status, or nothing if no answer came.
    async fn post(&self, payload: Bytes, signature: String) -> Option<u16> {
        let endpoint = self.endpoint.borrow().clone()?;
        let request = self
            .http
            .post(endpoint)
            .header("content-type", "application/json; charset=utf-8")
            .header("cache-control", "no-cache")
            .header("stripe-signature", signature)
            .body(payload);
        match request.send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                // The body is read so that the connection can be used again.
                let _ = response.bytes().await;
                Some(status)
            }
            Err(error) => {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "the webhook endpoint did not answer"
                );
                None
            }
        }
    }
}

fn is_success(status: Option<u16>) -> bool {
    status.is_some_and(|status| (200..300).contains(&status))
}

impl Stripe {
    /// Sets the webhook endpoint's address, and begins to deliver there.
    pub fn set_webhook_endpoint(&self, url: impl Into<String>) {
        self.courier.set_endpoint(url.into());
    }

    /// Sets whether the events of what happens from now on are sent by themselves, as they are at first. The others can
    /// be sent with [`Stripe::redeliver`] and [`Stripe::deliver_in_order`].
    pub fn deliver_by_itself(&self, deliver: bool) {
        self.delivers.store(deliver, Ordering::SeqCst);
    }

    /// The payload of an event as it is posted, and its `Stripe-Signature` of this moment.
    #[must_use]
    pub fn signed(&self, event_id: &str) -> Option<(Bytes, String)> {
        let payload = {
            let store = lock(&self.store);
            serde_json::to_vec_pretty(store.get(Kind::Event, event_id)?).ok()?
        };
        let signature = stripe_signature(&payload, &self.config.webhook_secrets, self.now());
        Some((payload.into(), signature))
    }

    /// Posts an event `times` times at once, whether it was delivered before or not. Answers the statuses; nothing
    /// where there is no such event, no endpoint, or no answer.
    pub async fn redeliver(&self, event_id: &str, times: usize) -> Vec<Option<u16>> {
        join_all((0..times).map(|_| self.attempt(event_id))).await
    }

    /// Posts events one after another in the order given, as [`Stripe::redeliver`] does.
    pub async fn deliver_in_order<S: AsRef<str>>(&self, event_ids: &[S]) -> Vec<Option<u16>> {
        let mut statuses = Vec::new();
        for event in event_ids {
            statuses.push(self.attempt(event.as_ref()).await);
        }
        statuses
    }

    /// Waits until what is due has happened (sessions expired, debits settled) and every event was delivered or waits
    /// to be tried again. Returns at once while there is no endpoint or the background tasks do not run.
    pub async fn settle(&self) {
        self.run_due();
        self.courier.settled().await;
    }

    async fn attempt(&self, event: &str) -> Option<u16> {
        let (payload, signature) = self.signed(event)?;
        let status = self.courier.post(payload, signature).await;
        if is_success(status) {
            self.record(event, "delivered");
        }
        status
    }

    fn record(&self, event: &str, state: &str) {
        let delivery = json!({ "id": event, "state": state });
        // A failure is logged where it happens; the event is then sent again by the next process.
        let _ = self.transact(&Origin::default(), false, |tx| {
            tx.put(Kind::Delivery, &delivery);
            Ok(())
        });
    }

    fn is_delivered(&self, event: &str) -> bool {
        lock(&self.store)
            .get(Kind::Delivery, event)
            .is_none_or(|delivery| delivery["state"] == "delivered")
    }

    /// Delivers what is lined up, until the answer is dropped; only the first one delivers anything.
    pub(super) fn deliver(self: Arc<Self>) -> impl Future<Output = ()> + Send {
        // Taken now and not when first polled: from here on, events are waited for.
        let queue = lock(&self.courier.not_started).take();
        async move {
            if let Some(queue) = queue {
                self.deliver_from(queue).await;
            }
        }
    }

    async fn deliver_from(self: Arc<Self>, mut queue: mpsc::UnboundedReceiver<Parcel>) {
        let mut endpoint = self.courier.endpoint.subscribe();
        let mut parcels = JoinSet::new();
        while let Some(parcel) = queue.recv().await {
            if endpoint.wait_for(Option::is_some).await.is_err() {
                return;
            }
            while parcels.try_join_next().is_some() {}
            let (tried, first_attempt) = oneshot::channel();
            parcels.spawn(Arc::clone(&self).bring(parcel, tried));
            let _ = timeout(PATIENCE, first_attempt).await;
        }
    }

    /// Tries once; after a failure, waits and lines the parcel up again.
    async fn bring(self: Arc<Self>, parcel: Parcel, tried: oneshot::Sender<()>) {
        let Parcel { event, failures } = parcel;
        if self.is_delivered(&event) || is_success(self.attempt(&event).await) {
            self.courier.stage(&event, None);
            return;
        }
        let Some(delay) = self.config.retries.get(failures).copied() else {
            tracing::warn!(
                event,
                "the webhook endpoint did not take the event, which is given up"
            );
            self.record(&event, "given up");
            self.courier.stage(&event, None);
            return;
        };
        self.courier.stage(&event, Some(Stage::TryAgain));
        drop(tried);
        sleep(delay).await;
        self.courier.send(Parcel {
            event,
            failures: failures + 1,
        });
    }
}
