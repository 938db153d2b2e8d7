//! Stripe's own list of its events (<https://docs.stripe.com/api/events/list>), for those that never reached us.

use jiff::Timestamp;
use serde::Deserialize;
use stripe::StripeRequest;
use stripe_core::event::ListEvent;

use crate::news::KINDS;
use crate::{ReportedEvent, Stripe, StripeFailure};

/// How many events a page has: as many as Stripe gives, and as many as the table is asked for at once.
const PAGE: i64 = 100;

/// A page of Stripe's list, the newest event first.
#[derive(Debug, Deserialize)]
pub struct EventPage {
    /// The events.
    #[serde(rename = "data")]
    pub events: Vec<ReportedEvent>,
    /// Whether there are older ones.
    pub has_more: bool,
}

impl Stripe {
    /// The events of the kinds that we listen to, made at `since` or later, from the one after `after`.
    ///
    /// # Errors
    /// [`StripeFailure`] if Stripe does not answer.
    pub async fn events_since(
        &self,
        since: Timestamp,
        after: Option<&str>,
    ) -> Result<EventPage, StripeFailure> {
        let mut request = ListEvent::new()
            .created(stripe_types::RangeQueryTs::gte(since.as_second()))
            .types(KINDS.map(str::to_owned))
            .limit(PAGE);
        if let Some(after) = after {
            request = request.starting_after(after);
        }
        self.ask(|| request.build()).await
    }
}
