#![doc = include_str!("../README.md")]

use std::sync::Arc;

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use domain::DomainEvent;
use runtime::{ConfigError, JobError, Runtime};

/// The source that our rules match.
const SOURCE: &str = "apartment-locator";
/// How many events one call may carry
/// (<https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>).
const ENTRIES_AT_MOST: usize = 10;

/// What the relay works with.
#[derive(Debug)]
pub struct Context {
    client: Client,
    bus: String,
}

impl Context {
    /// The bus that `EVENT_BUS_NAME` names.
    ///
    /// # Errors
    /// [`ConfigError`] if it names none.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        Ok(Self {
            client: Client::new(&runtime.aws("EVENTBRIDGE")?),
            bus: runtime.environment.required("EVENT_BUS_NAME")?.to_owned(),
        })
    }
}

/// An event on its way, and the record that it came in.
struct Relayed {
    record: String,
    event: DomainEvent,
}

/// Relays a batch of the stream's records. The first record that could not be relayed is named: the stream continues
/// from there.
///
/// # Errors
/// Never as a whole: a record that fails is named in the answer.
pub async fn handle(context: Arc<Context>, batch: Event) -> Result<DynamoDbEventResponse, JobError> {
    let mut answer = DynamoDbEventResponse::default();
    let (events, unreadable) = read(batch.records);
    let failed = send_all(&context, &events).await.or(unreadable);
    if let Some(record) = failed {
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = Some(record);
        answer.batch_item_failures.push(failure);
    }
    Ok(answer)
}

/// The events of these records, up to the first that holds none; that one's number, if there is one.
fn read(records: Vec<EventRecord>) -> (Vec<Relayed>, Option<String>) {
    let mut events = Vec::new();
    for record in records {
        let number = record.change.sequence_number.unwrap_or_default();
        match table::outbox::event_of(record.change.new_image) {
            Ok(event) => events.push(Relayed {
                record: number,
                event,
            }),
            Err(error) => {
                tracing::error!(%error, record = number, "a record of the outbox holds no event");
                return (events, Some(number));
            }
        }
    }
    (events, None)
}

/// Sends the events, in order; the number of the first record that was not taken.
async fn send_all(context: &Context, events: &[Relayed]) -> Option<String> {
    for chunk in events.chunks(ENTRIES_AT_MOST) {
        if let Some(failed) = send(context, chunk).await {
            return Some(failed);
        }
    }
    None
}

async fn send(context: &Context, chunk: &[Relayed]) -> Option<String> {
    let first = || chunk.first().map(|relayed| relayed.record.clone());
    let entries = match chunk
        .iter()
        .map(|relayed| entry(&context.bus, &relayed.event))
        .collect()
    {
        Ok(entries) => entries,
        Err(error) => {
            tracing::error!(%error, "an event cannot be written");
            return first();
        }
    };
    match context
        .client
        .put_events()
        .set_entries(Some(entries))
        .send()
        .await
    {
        Ok(answer) => {
            let mut results = chunk.iter().zip(answer.entries.unwrap_or_default());
            let (failed, result) = results.find(|(_, result)| result.error_code.is_some())?;
            tracing::error!(code = result.error_code, event = %failed.event.event_id, "the bus did not take an event");
            Some(failed.record.clone())
        }
        Err(error) => {
            let error = aws_sdk_eventbridge::error::DisplayErrorContext(&error);
            tracing::error!(%error, "the bus could not be reached");
            first()
        }
    }
}

fn entry(bus: &str, event: &DomainEvent) -> Result<PutEventsRequestEntry, serde_json::Error> {
    Ok(PutEventsRequestEntry::builder()
        .event_bus_name(bus)
        .source(SOURCE)
        .detail_type(event.fact.name())
        .detail(serde_json::to_string(event)?)
        .build())
}
