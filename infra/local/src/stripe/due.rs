//! What happens by itself when the platform's clock gets there. However far the clock was moved, things happen one after
//! another in the order of their time, each at its time.

use serde_json::Value;

use super::checkout_outcomes;
use super::invoices;
use super::renewals;
use super::store::{Kind, Transaction};

/// Something that happens by itself. Of two at the same time, the one further up comes first.
#[derive(Clone, Copy)]
enum Due<'a> {
    /// A bank debit is settled.
    Settlement(&'a Value),
    /// An invoice is tried again.
    Retry(&'a Value),
    /// A trial or a period ends, or the end of a trial is told of.
    Subscription(&'a Value),
    /// A checkout session expires.
    Expiry(&'a Value),
}

/// Lets the earliest thing happen that is due, at its time. Answers whether there was one.
pub(super) fn happen_next(tx: &mut Transaction) -> bool {
    let Some((time, due)) = earliest(tx).filter(|(time, _)| *time <= tx.now) else {
        return false;
    };
    tx.now = time;
    match due {
        Due::Settlement(settlement) => checkout_outcomes::settle(tx, settlement),
        Due::Retry(invoice) => invoices::retry(tx, invoice.clone()),
        Due::Subscription(subscription) => renewals::happen(tx, subscription.clone()),
        Due::Expiry(session) => checkout_outcomes::expire(tx, &mut session.clone()),
    }
    true
}

fn earliest<'a>(tx: &Transaction<'a>) -> Option<(i64, Due<'a>)> {
    let settlements = tx
        .oldest_first(Kind::Settlement)
        .filter_map(|it| Some((it["due"].as_i64()?, Due::Settlement(it))));
    let retries = tx
        .oldest_first(Kind::Invoice)
        .filter_map(|it| Some((renewals::next_try(it)?, Due::Retry(it))));
    let subscriptions = tx
        .oldest_first(Kind::Subscription)
        .filter_map(|it| Some((renewals::next(tx, it)?, Due::Subscription(it))));
    let expiries = tx
        .oldest_first(Kind::CheckoutSession)
        .filter(|it| it["status"] == "open")
        .filter_map(|it| Some((it["expires_at"].as_i64()?, Due::Expiry(it))));
    settlements
        .chain(retries)
        .chain(subscriptions)
        .chain(expiries)
        .min_by_key(|(time, _)| *time)
}
