//! The stand-in through its doors: the real client on one side, a webhook endpoint on the other.

mod api;
mod by_hand;
mod checkout;
mod idempotency;
mod portal;
mod refunds;
mod renewals;
mod subscriptions;
mod webhooks;

use std::collections::{HashMap, VecDeque};
use std::future::{Ready, ready};
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::stripe::{Client, ClientBuilder, StripeError as ClientError, StripeRequest as _};
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use runtime::Clock;
use serde_json::Value;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData,
    CreateCheckoutSessionPaymentIntentData, ProductData,
};
use stripe_checkout::{CheckoutSession, CheckoutSessionId, CheckoutSessionMode};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{Config, Stripe, stripe_signature};
use crate::wire::faults::Faults;
use crate::wire::server::{Context, serve};

const SUCCESS_URL: &str = "http://127.0.0.1:5173/paid?session_id={CHECKOUT_SESSION_ID}&a=1";
const CANCEL_URL: &str = "http://127.0.0.1:5173/pricing";

/// A clock that the test moves.
#[derive(Clone)]
struct Hands(Arc<AtomicI64>);

impl Hands {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_767_323_045)))
    }

    fn clock(&self) -> Clock {
        let seconds = Arc::clone(&self.0);
        Clock::from_fn(move || Timestamp::from_second(seconds.load(Ordering::SeqCst)).unwrap())
    }

    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

/// A webhook endpoint that answers as told (else 200) and remembers what it took.
#[derive(Default)]
struct Endpoint {
    answers: Mutex<VecDeque<u16>>,
    received: Mutex<Vec<(HeaderMap, Bytes, u16)>>,
}

impl Endpoint {
    async fn open(self: &Arc<Self>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhook", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/webhook", post(Self::receive))
            .with_state(Arc::clone(self));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        url
    }

    fn receive(State(endpoint): State<Arc<Self>>, headers: HeaderMap, body: Bytes) -> Ready<StatusCode> {
        let status = endpoint.answers.lock().unwrap().pop_front().unwrap_or(200);
        endpoint.received.lock().unwrap().push((headers, body, status));
        ready(StatusCode::from_u16(status).unwrap())
    }

    fn answer(&self, statuses: &[u16]) {
        self.answers.lock().unwrap().extend(statuses);
    }

    /// The events posted, in order, however they were answered.
    fn events(&self) -> Vec<Value> {
        let received = self.received.lock().unwrap();
        received
            .iter()
            .map(|(_, body, _)| serde_json::from_slice(body).unwrap())
            .collect()
    }

    fn types(&self) -> Vec<String> {
        self.events()
            .iter()
            .map(|event| event["type"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// A stand-in that is served, with the clients of both sides.
struct World {
    stripe: Arc<Stripe>,
    url: String,
    client: Client,
    http: reqwest::Client,
    endpoint: Arc<Endpoint>,
    faults: Arc<Faults>,
    hands: Hands,
    stop: watch::Sender<bool>,
    tasks: JoinHandle<()>,
}

impl World {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let world = Self::without_endpoint(Hands::new(), change).await;
        world.stripe.set_webhook_endpoint(world.endpoint.open().await);
        world
    }

    async fn without_endpoint(hands: Hands, change: impl FnOnce(&mut Config)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut config = Config::new(&url, hands.clock());
        config.retries = vec![Duration::from_millis(20); 3];
        change(&mut config);
        let stripe = Stripe::new(config).unwrap();
        let faults = Arc::<Faults>::default();
        let context = Context {
            keys: Default::default(),
            authority: Arc::default(),
            faults: Arc::clone(&faults),
            ledger: Arc::default(),
        };
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(serve(
            listener,
            stripe.clone(),
            Arc::new(context),
            stopped.clone(),
        ));
        Self {
            client: ClientBuilder::new("sk_test_local")
                .url(format!("{url}/"))
                .build()
                .unwrap(),
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
            endpoint: Arc::default(),
            tasks: stripe.start(stopped),
            stripe,
            url,
            faults,
            hands,
            stop,
        }
    }

    /// In `directory`, as after a start of the whole system.
    async fn kept_in(directory: PathBuf, hands: Hands) -> Self {
        Self::without_endpoint(hands, |config| config.data = Some(directory)).await
    }

    /// Ends everything at once, as `kill -9` does.
    async fn kill(self) {
        self.tasks.abort();
        self.stop.send_replace(true);
        let _ = self.tasks.await;
    }

    async fn session(&self) -> CheckoutSession {
        create_session().send(&self.client).await.unwrap()
    }

    /// Fills in the form of the page to pay on.
    async fn submit(&self, session: &CheckoutSessionId, outcome: &str) -> reqwest::Response {
        self.submit_form(session.as_str(), &[("outcome", outcome)]).await
    }

    async fn submit_form(&self, session: &str, form: &[(&str, &str)]) -> reqwest::Response {
        self.http
            .post(format!("{}/c/pay/{session}", self.url))
            .form(form)
            .send()
            .await
            .unwrap()
    }

    /// Pays a new session; answers its payment intent's id.
    async fn paid(&self) -> String {
        let session = self.session().await;
        assert_eq!(self.submit(&session.id, "paid").await.status(), 303);
        self.stripe.checkout_sessions().last().unwrap()["payment_intent"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let (status, _, body) = self.post_with(path, form, &[]).await;
        (status, body)
    }

    async fn post_with(
        &self,
        path: &str,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> (u16, HeaderMap, Value) {
        let mut request = self
            .http
            .post(format!("{}{path}", self.url))
            .bearer_auth("sk_test_local")
            .form(form);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        (
            response.status().as_u16(),
            response.headers().clone(),
            response.json().await.unwrap(),
        )
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let request = self
            .http
            .get(format!("{}{path}", self.url))
            .bearer_auth("sk_test_local");
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    fn types(&self) -> Vec<String> {
        self.stripe
            .events()
            .iter()
            .map(|event| event["type"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// $9.99 for the plan "Basic".
fn price() -> CreateCheckoutSessionLineItemsPriceData {
    CreateCheckoutSessionLineItemsPriceData {
        product_data: Some(ProductData {
            description: Some("7 days, 5 analyses".into()),
            ..ProductData::new("Basic")
        }),
        unit_amount: Some(999),
        currency: Default::default(),
        product: None,
        recurring: None,
        tax_behavior: None,
        unit_amount_decimal: None,
    }
}

/// What our own checkout sends.
fn create_session() -> CreateCheckoutSession {
    let line = CreateCheckoutSessionLineItems {
        price_data: Some(price()),
        quantity: Some(1),
        ..CreateCheckoutSessionLineItems::new()
    };
    let metadata = HashMap::from([("purchaseId".to_owned(), "pur_01".to_owned())]);
    let intent = CreateCheckoutSessionPaymentIntentData {
        metadata: Some(metadata.clone()),
        ..CreateCheckoutSessionPaymentIntentData::new()
    };
    CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Payment)
        .line_items(vec![line])
        .client_reference_id("pur_01")
        .customer_email("renter@example.com")
        .metadata(metadata)
        .payment_intent_data(intent)
        .success_url(SUCCESS_URL)
        .cancel_url(CANCEL_URL)
}

/// The same, as form fields.
fn session_form() -> Vec<(&'static str, &'static str)> {
    vec![
        ("mode", "payment"),
        ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", "999"),
        ("line_items[0][price_data][product_data][name]", "Basic"),
        ("line_items[0][quantity]", "1"),
        ("success_url", SUCCESS_URL),
    ]
}

/// The form with one field more, or another value in it.
fn session_form_with(name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut form = session_form();
    form.retain(|(known, _)| *known != name);
    form.push((name, value));
    form
}

/// What the client makes of an error: status, code, parameter.
fn refused(error: ClientError) -> (u16, String, Option<String>) {
    let ClientError::Stripe(error, status) = error else {
        panic!("not an error of Stripe's: {error}")
    };
    (
        status,
        error
            .code
            .map(|code| code.as_str().to_owned())
            .unwrap_or_default(),
        error.param,
    )
}

/// Waits, for ten seconds at most.
async fn eventually(holds: impl Fn() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("what was waited for did not happen");
}

fn is_signed(headers: &HeaderMap, body: &[u8], secret: &str) -> bool {
    let header = headers["stripe-signature"].to_str().unwrap();
    let time = header
        .strip_prefix("t=")
        .and_then(|rest| rest.split_once(','))
        .unwrap()
        .0
        .parse()
        .unwrap();
    header == stripe_signature(body, &[secret], time)
}
