//! A whole system, in memory, on ports of its own: every test has one to itself.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::event::Fact;
use domain::{DomainEvent, EventId};
use jiff::Timestamp;
use local::platform::{Config, Platform, Product};
use local::ses::Message;
use local::wire::faults::{Fault, Kind};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use table::Table;
use tokio::time::{Instant, sleep};

use crate::{Answer, Snapshot};

/// How long something that must happen may take on a busy machine. No test waits for it to pass.
const DEADLINE: Duration = Duration::from_secs(30);
/// How often it is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long nothing may run before the system counts as at rest.
const REST: Duration = Duration::from_millis(400);

/// A running system. It ends with the test.
pub struct System {
    /// The platform itself, for what has no door.
    pub platform: Platform,
    http: reqwest::Client,
    base: String,
    table: Table,
}

impl System {
    /// Starts one with nothing in it.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start() -> Self {
        Self::running(local::product::product()).await
    }

    /// Starts one in which no schedule sets a job going: nobody looks for lost events when a day has passed, so that what
    /// Stripe holds back stays held back.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn without_schedules() -> Self {
        let config = Config {
            schedules: false,
            ..Config::in_memory()
        };
        Self::set_up(config, local::product::product()).await
    }

    /// Starts one that runs this product, with nothing in it.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn running(product: Product) -> Self {
        Self::set_up(Config::in_memory(), product).await
    }

    async fn set_up(config: Config, product: Product) -> Self {
        let platform = Platform::start(config, product)
            .await
            .unwrap_or_else(|error| panic!("the system does not start: {error}"));
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("black-box")
            .build()
            .expect("an HTTP client");
        let base = format!("http://{}", platform.addresses().api);
        let table = Table::new(&platform.runtime()).expect("the system has a table");
        Self {
            platform,
            http,
            base,
            table,
        }
    }

    /// The address of the API, as a web page would name it as its own origin.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.base
    }

    /// A request, to be completed and sent with [`System::send`].
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// A request to an address outside the API, such as the page to pay on.
    pub fn request_to(&self, method: &str, url: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        self.http.request(method, url)
    }

    /// Sends a request and reads the answer.
    ///
    /// # Panics
    /// If there is none.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        Answer::read(request.send().await.expect("an answer")).await
    }

    /// `GET`, as nobody.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await
    }

    /// `POST` with a JSON body, as nobody.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request("POST", path).json(body)).await
    }

    /// The time by the system's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.platform.clock().now()
    }

    /// Moves the clock for all, by an ISO 8601 duration: `P8D`.
    ///
    /// # Panics
    /// If it cannot be moved.
    pub async fn advance(&self, duration: &str) {
        self.post("/_local/clock", &json!({ "advance": duration }))
            .await
            .is(200);
    }

    /// Runs a job that a schedule sets going, now.
    ///
    /// # Panics
    /// If it cannot be run, or fails.
    pub async fn run(&self, function: &str) {
        self.post(&format!("/_local/invoke/{function}"), &json!({}))
            .await
            .is(200);
    }

    /// Gives a person a role that nobody can take for themselves.
    ///
    /// # Panics
    /// If it cannot be given.
    pub async fn grant(&self, email: &str, role: &str) {
        let grant = json!({ "email": email, "role": role });
        self.post("/_local/grant", &grant).await.is(200);
    }

    /// Lets the next `times` calls of an operation fail: `dynamodb`, `TransactWriteItems`.
    pub fn fail(&self, service: &str, operation: &str, kind: Kind, times: u32) {
        let fault = Fault {
            times,
            ..Fault::of(service, operation, kind)
        };
        self.platform.faults().arm(fault);
    }

    /// Lets the next `times` calls of an operation by one function fail.
    pub fn fail_for(&self, function: &str, service: &str, operation: &str, kind: Kind, times: u32) {
        let fault = Fault::of(service, operation, kind);
        self.platform.faults().arm(Fault {
            times,
            principal: Some(function.to_owned()),
            ..fault
        });
    }

    /// Waits until `look` finds what must come to be.
    ///
    /// # Panics
    /// If it does not within half a minute.
    pub async fn eventually<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(found) = look().await {
                return found;
            }
            assert!(Instant::now() < deadline, "this never came to be: {what}");
            sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until every fault that was armed has struck.
    ///
    /// # Panics
    /// If one never does.
    pub async fn faults_struck(&self) {
        let struck = async || self.platform.faults().armed().is_empty().then_some(());
        self.eventually("the faults strike", struck).await;
    }

    /// Waits until Stripe has delivered what it has, and no function has run for a while: what has not happened by
    /// then will not.
    pub async fn at_rest(&self) {
        self.stripe().settle().await;
        let count = || {
            let totals = self.platform.ledger().totals();
            totals
                .values()
                .map(|total| u64::from(total.invocations))
                .sum::<u64>()
        };
        let mut before = count();
        loop {
            sleep(REST).await;
            let now = count();
            if now == before {
                return;
            }
            before = now;
        }
    }

    /// Waits until Stripe has delivered what it has, and nothing is on its way to a function through a queue or the
    /// table's stream. It does not wait for a lease to be read.
    ///
    /// # Panics
    /// If something stays on its way.
    pub async fn idle(&self) {
        self.stripe().settle().await;
        let idle = async || self.platform.is_idle().then_some(());
        self.eventually("all that is on its way is done with", idle).await;
    }

    /// The mails that were sent to an address, the oldest first.
    #[must_use]
    pub fn mails_to(&self, email: &str) -> Vec<Message> {
        let to = |message: &Message| message.to.iter().any(|to| to == email);
        self.platform.outbox().into_iter().filter(to).collect()
    }

    /// The receipts among them.
    #[must_use]
    pub fn receipts_to(&self, email: &str) -> Vec<Message> {
        let mut mails = self.mails_to(email);
        mails.retain(|message| message.subject.starts_with("Your receipt"));
        mails
    }

    /// Lets something have happened, told as the product tells of what it does: by an item of the outbox.
    ///
    /// # Panics
    /// If it cannot be told.
    pub async fn tell(&self, fact: Fact) -> DomainEvent {
        let now = self.now();
        let event = DomainEvent {
            event_id: EventId::generate(now).expect("randomness"),
            occurred_at: now,
            fact,
        };
        let item: HashMap<String, AttributeValue> = serde_dynamo::to_item(&event).expect("an item");
        let (client, name) = self.dynamodb();
        client
            .put_item()
            .table_name(name)
            .set_item(Some(item))
            .item("PK", AttributeValue::S(format!("OUTBOX#{}", event.event_id)))
            .item("SK", AttributeValue::S("EVENT".to_owned()))
            .item("entity", AttributeValue::S(table::outbox::ENTITY.to_owned()))
            .item("ttl", AttributeValue::N((now.as_second() + 604_800).to_string()))
            .send()
            .await
            .expect("the table takes an event");
        event
    }

    /// The table, with all rights.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// A client of DynamoDB with all rights, and the table's name.
    ///
    /// # Panics
    /// If the system has no table.
    #[must_use]
    pub fn dynamodb(&self) -> (Client, String) {
        let runtime = self.platform.runtime();
        let name = runtime
            .environment
            .required("TABLE_NAME")
            .expect("a table")
            .to_owned();
        (Client::new(&runtime.aws("DYNAMODB").expect("credentials")), name)
    }

    /// All that the table holds now.
    ///
    /// # Panics
    /// If it cannot be read.
    pub async fn snapshot(&self) -> Snapshot {
        let (client, name) = self.dynamodb();
        let items = client
            .scan()
            .table_name(name)
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let items = items
            .collect::<Result<Vec<_>, _>>()
            .await
            .expect("a scan of the table");
        Snapshot::of_items(serde_dynamo::from_items(items).expect("items are JSON"))
    }
}
