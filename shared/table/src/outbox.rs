//! The outbox: domain events leave through the table, in the same transaction as the change that they tell of. The
//! table's stream carries them on; the items themselves are only a trace, and expire.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::event::Fact;
use domain::{DomainEvent, EventId};
use jiff::SignedDuration;
use serde::de::Error as _;
use serde::{Deserialize, Serialize};

use crate::item::Key;
use crate::{Table, TableError};

/// The value of an event item's `entity`: the stream's filter in `template.yaml` passes these alone.
pub const ENTITY: &str = "Event";

/// What is written in the place of an event where nobody may see from outside that there is none.
const DECOY: &str = "Decoy";

/// How long a trace is kept. The stream itself holds its records for a day.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

#[derive(Serialize)]
struct EventItem<'a> {
    #[serde(flatten)]
    event: &'a DomainEvent,
    ttl: i64,
}

/// The event that an item of the outbox holds, from a record of the table's stream.
///
/// # Errors
/// If the item holds none.
pub fn event_of(item: serde_dynamo::Item) -> Result<DomainEvent, serde_dynamo::Error> {
    match serde_dynamo::from_item(item) {
        Ok(event) => Ok(event),
        Err(error) => Err(serde_dynamo::Error::custom(format!(
            "not a domain event: {error}"
        ))),
    }
}

/// The event in a message of a queue, in the envelope in which EventBridge puts it there.
///
/// # Errors
/// If there is none in it.
pub fn event_in(message: &str) -> Result<DomainEvent, serde_json::Error> {
    #[derive(Deserialize)]
    struct Envelope {
        detail: DomainEvent,
    }
    serde_json::from_str(message).map(|envelope: Envelope| envelope.detail)
}

impl Table {
    /// A part of a transaction: tells that `fact` happened.
    pub(crate) fn outbox(&self, fact: Fact) -> Result<TransactWriteItem, TableError> {
        self.outbox_as(ENTITY, fact)
    }

    /// A part of a transaction that costs what telling of `fact` costs, and tells nobody: the stream passes events alone.
    pub(crate) fn decoy(&self, fact: Fact) -> Result<TransactWriteItem, TableError> {
        self.outbox_as(DECOY, fact)
    }

    fn outbox_as(&self, entity: &str, fact: Fact) -> Result<TransactWriteItem, TableError> {
        let now = self.clock.now();
        let event_id = EventId::generate(now).map_err(|error| TableError::Unavailable(error.to_string()))?;
        let event = DomainEvent {
            event_id,
            occurred_at: now,
            fact,
        };
        let item = EventItem {
            event: &event,
            ttl: (now + KEPT).as_second(),
        };
        self.create(self.item(&Key::new(format!("OUTBOX#{event_id}"), "EVENT"), entity, &item)?)
    }
}
