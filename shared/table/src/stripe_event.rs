//! Events of Stripe's that were seen. The record is written in the same transaction as the event's effect: there is none
//! without the other.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::text::is_stripe_id;
use jiff::SignedDuration;
use serde::Serialize;

use crate::item::Key;
use crate::{Table, TableError};

/// How long it is remembered that an event was seen. Stripe sends an event again for three days at most, and lists
/// events for thirty (<https://docs.stripe.com/webhooks#behaviors>, <https://docs.stripe.com/api/events>).
const SEEN_KEPT: SignedDuration = SignedDuration::from_hours(35 * 24);

/// How many events can be asked after at once: what one BatchGetItem takes.
pub const ASKED_AT_ONCE: usize = 100;

/// Stripe's id of an event: `evt_` and letters and digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct StripeEventId(String);

impl StripeEventId {
    /// The id, if `text` is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        is_stripe_id(text, "evt_").then(|| Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn key(&self) -> Key {
        Key::new(format!("STRIPE#{}", self.0), "EVENT")
    }
}

#[derive(Serialize)]
struct Seen<'a> {
    event: &'a StripeEventId,
    ttl: i64,
}

impl Table {
    /// The part of a transaction that records that `event` was seen; it fails if it had been.
    pub(crate) fn seen(&self, event: &StripeEventId) -> Result<TransactWriteItem, TableError> {
        let seen = Seen {
            event,
            ttl: (self.clock.now() + SEEN_KEPT).as_second(),
        };
        self.create(self.item(&event.key(), "StripeEvent", &seen)?)
    }

    /// Which of these events (at most [`ASKED_AT_ONCE`]) were never seen.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn unseen<'a>(
        &self,
        events: &'a [StripeEventId],
    ) -> Result<Vec<&'a StripeEventId>, TableError> {
        let keys: Vec<_> = events.iter().map(StripeEventId::key).collect();
        let seen = self.get_any(&keys).await?;
        Ok(events
            .iter()
            .filter(|event| !seen.contains(&event.key()))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_event_id_smuggles_a_key_separator(text in "(evt_)?\\PC{0,40}") {
            if let Some(id) = StripeEventId::parse(&text) {
                prop_assert!(!id.as_str().contains('#'));
            }
        }
    }

    #[test]
    fn stripes_event_ids_are_read() {
        assert!(StripeEventId::parse("evt_1QK2abcDEF").is_some());
        assert!(StripeEventId::parse("cs_test_1").is_none());
        assert!(StripeEventId::parse("evt_").is_none());
    }
}
