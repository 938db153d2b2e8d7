//! EventBridge: `PutEvents`
//! (<https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>). Rules and targets are the
//! platform's; an event is answered for once the platform has it.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use futures::future::BoxFuture;
use http::StatusCode;
use jiff::Timestamp;
use runtime::Clock;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::wire::aws::{ACCOUNT, Protocol, REGION, target, uuid};
use crate::wire::{Access, Refusal, Request, Response, StandIn};

/// The most entries in one request.
const MAX_ENTRIES: usize = 10;
/// The most that the entries of one request may weigh, in bytes, as [`Entry::size`] weighs them.
const MAX_SIZE: usize = 1024 * 1024;
/// The largest body, in bytes: the entries, whose JSON is quoted within JSON.
const BODY_LIMIT: usize = 4 * MAX_SIZE;
/// The bus of an entry that names none; every account has it.
const DEFAULT_BUS: &str = "default";

/// Takes an event that was put on the named bus on to the rules, in the form that targets get it. An error means that
/// a target may not have it; the sender is told to try again.
pub type Deliver = Arc<dyn Fn(String, Value) -> BoxFuture<'static, std::io::Result<()>> + Send + Sync>;

/// The stand-in.
pub struct EventBridge {
    buses: BTreeSet<String>,
    clock: Clock,
    deliver: Deliver,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutEvents {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    source: Option<String>,
    detail_type: Option<String>,
    detail: Option<String>,
    event_bus_name: Option<String>,
    /// Seconds since 1970.
    time: Option<f64>,
    #[serde(default)]
    resources: Vec<String>,
}

/// Why one entry fails while others may not: its code and its message.
struct EntryError(&'static str, String);

impl Entry {
    fn bus(&self) -> &str {
        // A bus may be named by its ARN.
        let name = self.event_bus_name.as_deref().unwrap_or(DEFAULT_BUS);
        name.rsplit_once("event-bus/").map_or(name, |(_, name)| name)
    }

    /// The entry's weight, in bytes
    /// (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html>).
    fn size(&self) -> usize {
        let texts = [&self.source, &self.detail_type, &self.detail];
        let texts: usize = texts.into_iter().flatten().map(String::len).sum();
        let time = if self.time.is_some() { 14 } else { 0 };
        texts + time + self.resources.iter().map(String::len).sum::<usize>()
    }

    /// The event that targets get.
    fn event(self, now: Timestamp) -> Result<Value, EntryError> {
        let source = required(self.source, "Source")?;
        let detail_type = required(self.detail_type, "DetailType")?;
        let detail = required(self.detail, "Detail")?;
        if source.starts_with("aws.") {
            return Err(EntryError(
                "NotAuthorizedForSource",
                "Not authorized for the source.".to_owned(),
            ));
        }
        let detail: Value = serde_json::from_str(&detail)
            .ok()
            .filter(Value::is_object)
            .ok_or_else(|| EntryError("MalformedDetail", "Detail is malformed.".to_owned()))?;
        let time = self
            .time
            .and_then(|seconds| Timestamp::from_millisecond((seconds * 1000.0) as i64).ok());
        Ok(envelope(
            &source,
            &detail_type,
            time.unwrap_or(now),
            &self.resources,
            &detail,
        ))
    }
}

/// An event as a bus carries it
/// (<https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html>).
pub(crate) fn envelope(
    source: &str,
    detail_type: &str,
    time: Timestamp,
    resources: &[String],
    detail: &Value,
) -> Value {
    json!({
        "version": "0",
        "id": uuid(),
        "detail-type": detail_type,
        "source": source,
        "account": ACCOUNT,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": REGION,
        "resources": resources,
        "detail": detail,
    })
}

fn required(value: Option<String>, name: &str) -> Result<String, EntryError> {
    value.filter(|value| !value.is_empty()).ok_or_else(|| {
        let message = format!("Parameter {name} is not valid. Reason: {name} is a required argument.");
        EntryError("InvalidArgument", message)
    })
}

impl EventBridge {
    /// A stand-in with these buses and the default one; events without a time get it from `clock`.
    #[must_use]
    pub fn new(buses: impl IntoIterator<Item = String>, clock: Clock, deliver: Deliver) -> Self {
        let buses = buses.into_iter().chain([DEFAULT_BUS.to_owned()]).collect();
        Self {
            buses,
            clock,
            deliver,
        }
    }

    async fn put(&self, request: PutEvents) -> Response {
        if let Some(message) = self.beyond_limits(&request) {
            return Protocol::Json11.error(StatusCode::BAD_REQUEST, "ValidationException", &message);
        }
        let mut results = Vec::with_capacity(request.entries.len());
        for entry in request.entries {
            results.push(match self.put_entry(entry).await {
                Ok(id) => json!({ "EventId": id }),
                Err(EntryError(code, message)) => json!({ "ErrorCode": code, "ErrorMessage": message }),
            });
        }
        let failed = results
            .iter()
            .filter(|result| result.get("ErrorCode").is_some())
            .count();
        Protocol::Json11.answer(&json!({ "FailedEntryCount": failed, "Entries": results }))
    }

    fn beyond_limits(&self, request: &PutEvents) -> Option<String> {
        let count = request.entries.len();
        if !(1..=MAX_ENTRIES).contains(&count) {
            return Some(format!(
                "1 validation error detected: {count} entries at 'entries' failed to satisfy constraint: Member must \
                 have length between 1 and {MAX_ENTRIES}"
            ));
        }
        let size: usize = request.entries.iter().map(Entry::size).sum();
        (size > MAX_SIZE).then(|| "Total size of the entries in the request is over the limit.".to_owned())
    }

    async fn put_entry(&self, entry: Entry) -> Result<Value, EntryError> {
        let bus = entry.bus().to_owned();
        let event = entry.event(self.clock.now())?;
        let id = event["id"].clone();
        if self.buses.contains(&bus) {
            (self.deliver)(bus, event).await.map_err(|error| {
                tracing::error!(%error, "an event could not be delivered");
                EntryError("InternalFailure", "The event could not be delivered.".to_owned())
            })?;
        } else {
            // AWS accepts such an event and drops it.
            tracing::warn!(bus, "an event was put on a bus that does not exist");
        }
        Ok(id)
    }
}

#[async_trait]
impl StandIn for EventBridge {
    fn service(&self) -> &'static str {
        "events"
    }

    fn body_limit(&self) -> usize {
        BODY_LIMIT
    }

    fn needs(&self, request: &Request) -> Vec<Access> {
        let Ok(PutEvents { entries }) = serde_json::from_slice(&request.body) else {
            return Vec::new();
        };
        let buses: BTreeSet<&str> = entries.iter().map(Entry::bus).collect();
        let arn = |bus| format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{bus}");
        buses
            .into_iter()
            .map(|bus| Access {
                action: "events:PutEvents".to_owned(),
                resource: arn(bus),
            })
            .collect()
    }

    async fn answer(&self, request: Request) -> Response {
        let refused = |code, message| Protocol::Json11.error(StatusCode::BAD_REQUEST, code, message);
        if target(&request) != Some("PutEvents") {
            return refused("UnknownOperationException", "");
        }
        match serde_json::from_slice(&request.body) {
            Ok(request) => self.put(request).await,
            Err(error) => refused("SerializationException", &error.to_string()),
        }
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        Protocol::Json11.refusal(refusal)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use aws_sdk_eventbridge::Client;
    use aws_sdk_eventbridge::error::ProvideErrorMetadata;
    use aws_sdk_eventbridge::primitives::DateTime;
    use aws_sdk_eventbridge::types::PutEventsRequestEntry;
    use aws_sdk_eventbridge::types::builders::PutEventsRequestEntryBuilder;

    use super::*;
    use crate::wire::test_client;

    struct Running {
        client: Client,
        delivered: Arc<Mutex<Vec<Value>>>,
        server: test_client::Running,
    }

    async fn start(allowed: &[&str]) -> Running {
        let delivered: Arc<Mutex<Vec<Value>>> = Arc::default();
        let list = Arc::clone(&delivered);
        let deliver: Deliver = Arc::new(move |_, event| {
            let list = Arc::clone(&list);
            Box::pin(async move {
                tokio::task::yield_now().await;
                list.lock().unwrap().push(event);
                Ok(())
            })
        });
        let clock = Clock::fixed("2026-01-02T03:04:05.678Z".parse().unwrap());
        let stand_in = EventBridge::new(["apartments".to_owned()], clock, deliver);
        let server = test_client::start(Arc::new(stand_in), test_client::context(allowed)).await;
        let client = Client::new(&server.runtime("eventbridge").aws("eventbridge").unwrap());
        Running {
            client,
            delivered,
            server,
        }
    }

    fn entry() -> PutEventsRequestEntryBuilder {
        PutEventsRequestEntry::builder()
            .event_bus_name("apartments")
            .source("apartment-locator")
            .detail_type("PurchasePaid")
            .detail(r#"{"eventId":"evt_1"}"#)
    }

    impl Running {
        fn delivered(&self) -> Vec<Value> {
            self.delivered.lock().unwrap().clone()
        }
    }

    #[tokio::test]
    async fn an_event_is_delivered_in_the_form_that_targets_get_before_it_is_answered_for() {
        let running = start(&["events:PutEvents"]).await;
        let answer = running
            .client
            .put_events()
            .entries(entry().build())
            .send()
            .await
            .unwrap();
        assert_eq!(answer.failed_entry_count(), 0);
        let expected = json!([{
            "version": "0",
            "id": answer.entries()[0].event_id().unwrap(),
            "detail-type": "PurchasePaid",
            "source": "apartment-locator",
            "account": "000000000000",
            "time": "2026-01-02T03:04:05Z",
            "region": "us-east-1",
            "resources": [],
            "detail": { "eventId": "evt_1" },
        }]);
        assert_eq!(json!(running.delivered()), expected);
        assert_eq!(running.server.cost(), crate::cost::Cost::call(0.0, 0.0));
    }

    #[tokio::test]
    async fn an_entrys_own_time_is_kept() {
        let running = start(&["events:PutEvents"]).await;
        let entry = entry().time(DateTime::from_secs(1_640_995_200)).build();
        running.client.put_events().entries(entry).send().await.unwrap();
        assert_eq!(running.delivered()[0]["time"], "2022-01-01T00:00:00Z");
    }

    #[tokio::test]
    async fn an_entry_that_fails_is_named_and_the_others_are_delivered() {
        let running = start(&["events:PutEvents"]).await;
        let put = running.client.put_events();
        let put = put
            .entries(entry().detail("not json").build())
            .entries(entry().set_source(None).build());
        let put = put
            .entries(entry().source("aws.s3").build())
            .entries(entry().build());
        let answer = put.send().await.unwrap();
        assert_eq!(answer.failed_entry_count(), 3);
        let codes: Vec<_> = answer
            .entries()
            .iter()
            .map(|result| result.error_code())
            .collect();
        let expected = [
            Some("MalformedDetail"),
            Some("InvalidArgument"),
            Some("NotAuthorizedForSource"),
            None,
        ];
        assert_eq!(codes, expected);
        assert_eq!(running.delivered().len(), 1);
    }

    #[tokio::test]
    async fn more_than_ten_entries_or_a_megabyte_are_refused() {
        let running = start(&["events:PutEvents"]).await;
        let eleven = running
            .client
            .put_events()
            .set_entries(Some(vec![entry().build(); 11]));
        assert_eq!(
            eleven.send().await.unwrap_err().code(),
            Some("ValidationException")
        );
        let large = entry()
            .detail(json!({ "text": "x".repeat(MAX_SIZE) }).to_string())
            .build();
        let refused = running
            .client
            .put_events()
            .entries(large)
            .send()
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Some("ValidationException"));
        assert!(running.delivered().is_empty());
    }

    #[tokio::test]
    async fn an_event_for_a_bus_that_does_not_exist_is_accepted_and_dropped_as_on_aws() {
        let running = start(&["events:PutEvents"]).await;
        let answer = running
            .client
            .put_events()
            .entries(entry().event_bus_name("other").build())
            .send()
            .await;
        assert_eq!(answer.unwrap().failed_entry_count(), 0);
        assert!(running.delivered().is_empty());
    }

    #[tokio::test]
    async fn a_bus_that_no_statement_allows_is_refused() {
        let running = start(&["events:PutRule"]).await;
        let refused = running
            .client
            .put_events()
            .entries(entry().build())
            .send()
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Some("AccessDeniedException"));
        assert!(
            refused.message().unwrap().contains("event-bus/apartments"),
            "{refused:?}"
        );
    }
}
