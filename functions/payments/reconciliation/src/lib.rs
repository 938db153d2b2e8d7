#![doc = include_str!("../README.md")]

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use payments::ReportedEvent;
use payments::event_list::EventPage;
use runtime::{ConfigError, JobError, Runtime, telemetry};
use serde::de::IgnoredAny;
use settlement::{Settled, Settlement, SettlementError};
use table::stripe_event::StripeEventId;

/// How far back events are looked at. Stripe sends an event again for three days; the job runs each day.
const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(3 * 24);
/// How old an event is before its webhook counts as lost.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_mins(10);

/// What the job works with.
#[derive(Debug)]
pub struct Context {
    settlement: Settlement,
    function: String,
}

impl Context {
    /// The table and Stripe.
    ///
    /// # Errors
    /// [`ConfigError`] if a variable is missing or unusable.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        Ok(Self {
            settlement: Settlement::new(runtime)?,
            function: runtime
                .environment
                .required("AWS_LAMBDA_FUNCTION_NAME")?
                .to_owned(),
        })
    }
}

/// What a look through the list came to.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    settled: u64,
    failed: u64,
}

/// Settles the events that never reached us.
///
/// # Errors
/// [`JobError::Retry`] if Stripe or the table does not answer, or an event could not be settled. What was settled stays.
pub async fn handle(context: Arc<Context>, _: IgnoredAny) -> Result<(), JobError> {
    let now = context.settlement.table.now();
    let mut count = Count::default();
    let mut after: Option<String> = None;
    loop {
        let page = context
            .settlement
            .stripe
            .events_since(now - LOOKED_BACK, after.as_deref())
            .await
            .map_err(|error| later(&error.into()))?;
        settle_page(&context.settlement, &page, now, &mut count).await?;
        after = page.events.last().map(|event| event.id.clone());
        if !page.has_more || after.is_none() {
            break;
        }
    }
    if count.settled > 0 {
        telemetry::count("EventsReconciled", &context.function, count.settled, now);
    }
    tracing::info!(
        settled = count.settled,
        failed = count.failed,
        "looked through Stripe's events"
    );
    if count.failed == 0 {
        Ok(())
    } else {
        Err(JobError::Retry(format!(
            "{} events could not be settled",
            count.failed
        )))
    }
}

async fn settle_page(
    settlement: &Settlement,
    page: &EventPage,
    now: Timestamp,
    count: &mut Count,
) -> Result<(), JobError> {
    let overdue = |event: &&ReportedEvent| event.created() <= now - ON_ITS_WAY;
    let events: Vec<_> = page.events.iter().filter(overdue).collect();
    let ids: Vec<_> = events
        .iter()
        .filter_map(|event| StripeEventId::parse(&event.id))
        .collect();
    if ids.is_empty() {
        return Ok(());
    }
    let unseen = settlement
        .table
        .unseen(&ids)
        .await
        .map_err(|error| later(&error.into()))?;
    for event in events {
        if !unseen.iter().any(|id| id.as_str() == event.id) {
            continue;
        }
        // One that fails must not keep the others from being settled.
        match settlement.event(event).await {
            Ok(Settled::Now | Settled::Purchase(_)) => count.settled += 1,
            Ok(Settled::Before | Settled::NotOurs | Settled::Ignored) => {}
            Err(error) => {
                tracing::error!(event = event.id, %error, "an event could not be settled");
                count.failed += 1;
            }
        }
    }
    Ok(())
}

fn later(error: &SettlementError) -> JobError {
    JobError::Retry(error.to_string())
}
