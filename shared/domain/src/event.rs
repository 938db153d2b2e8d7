//! Domain events: what happened, told to the rest of the system through the outbox. They carry ids, never personal
//! data; whoever needs more reads it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{EventId, PurchaseId, UserId};

/// Something that happened, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DomainEvent {
    /// The event's own id: a consumer that has seen it does nothing.
    pub event_id: EventId,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// What happened. `type` is the `detail-type` on the bus, which rules route by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
pub enum Fact {
    /// The money for a purchase came.
    PurchasePaid {
        /// Whose purchase.
        user_id: UserId,
        /// Which one.
        purchase_id: PurchaseId,
    },
}

impl Fact {
    /// The fact's name, as rules route by it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::PurchasePaid { .. } => "PurchasePaid",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_rules_route_by_is_the_one_in_the_event() {
        let event = DomainEvent {
            event_id: EventId::from_bytes([1; 16]),
            occurred_at: Timestamp::UNIX_EPOCH,
            fact: Fact::PurchasePaid {
                user_id: UserId::from_bytes([2; 16]),
                purchase_id: PurchaseId::from_bytes([3; 16]),
            },
        };
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(json["type"], event.fact.name());
        assert_eq!(serde_json::from_value::<DomainEvent>(json).unwrap(), event);
    }
}
