//! What time brings to subscriptions: trials that end, periods that follow one another, invoices that are tried again.

use serde_json::{Value, json};

use super::calendar::{self, DAY};
use super::invoices;
use super::store::{Kind, Transaction};
use super::subscriptions;

/// How long before the end of a trial it is told of.
const NOTICE: i64 = 3 * DAY;
/// How long a subscription waits for its first payment.
const WAIT_FOR_FIRST_PAYMENT: i64 = 23 * 60 * 60;

/// When something happens next to a subscription by itself.
pub(super) fn next(tx: &Transaction, subscription: &Value) -> Option<i64> {
    match subscription["status"].as_str()? {
        "trialing" if !is_told(tx, subscription) => {
            let created = subscription["created"].as_i64().unwrap_or_default();
            Some((subscription["trial_end"].as_i64()? - NOTICE).max(created))
        }
        "trialing" | "active" | "past_due" => Some(subscriptions::period(subscription).1),
        "incomplete" => Some(subscription["created"].as_i64()? + WAIT_FOR_FIRST_PAYMENT),
        _ => None,
    }
}

/// When an invoice is tried again.
pub(super) fn next_try(invoice: &Value) -> Option<i64> {
    (invoice["status"] == "open").then(|| invoice["next_payment_attempt"].as_i64())?
}

fn is_told(tx: &Transaction, subscription: &Value) -> bool {
    let told = subscription["id"].as_str().and_then(|id| tx.get(Kind::Told, id));
    told.is_some_and(|told| told["trial_end"] == subscription["trial_end"])
}

/// Lets happen what is due for a subscription now.
pub(super) fn happen(tx: &mut Transaction, subscription: Value) {
    match subscription["status"].as_str() {
        Some("trialing") if !is_told(tx, &subscription) => tell(tx, &subscription),
        Some("incomplete") => expire(tx, &subscription),
        _ if subscription["cancel_at_period_end"] == true => {
            let mut subscription = subscription;
            subscriptions::end(tx, &mut subscription, "cancellation_requested");
        }
        Some("trialing") if !has_card(tx, &subscription) => end_trial_without_card(tx, subscription),
        _ => renew(tx, &subscription),
    }
}

fn tell(tx: &mut Transaction, subscription: &Value) {
    let told = json!({ "id": subscription["id"], "trial_end": subscription["trial_end"] });
    tx.put(Kind::Told, &told);
    tx.emit("customer.subscription.trial_will_end", subscription);
}

fn has_card(tx: &Transaction, subscription: &Value) -> bool {
    let customer = subscription["customer"]
        .as_str()
        .and_then(|id| tx.get(Kind::Customer, id));
    !subscription["default_payment_method"].is_null()
        || customer.is_some_and(|it| !it["invoice_settings"]["default_payment_method"].is_null())
}

fn end_trial_without_card(tx: &mut Transaction, before: Value) {
    match before["trial_settings"]["end_behavior"]["missing_payment_method"].as_str() {
        Some("cancel") => {
            let mut subscription = before;
            subscriptions::end(tx, &mut subscription, "cancellation_requested");
        }
        Some("pause") => {
            let mut after = before.clone();
            after["status"] = "paused".into();
            tx.put_change(
                Kind::Subscription,
                "customer.subscription.updated",
                &before,
                &after,
            );
            tx.emit("customer.subscription.paused", &after);
        }
        _ => renew(tx, &before),
    }
}

/// The first payment never came.
fn expire(tx: &mut Transaction, before: &Value) {
    let mut after = before.clone();
    after["status"] = "incomplete_expired".into();
    after["ended_at"] = tx.now.into();
    invoices::stop_collecting(tx, &after["id"]);
    tx.put_change(
        Kind::Subscription,
        "customer.subscription.updated",
        before,
        &after,
    );
}

/// Begins the next period, with its invoice.
fn renew(tx: &mut Transaction, before: &Value) {
    let mut after = before.clone();
    let (start, end) = subscriptions::period(before);
    let anchor = before["billing_cycle_anchor"].as_i64().unwrap_or(end);
    let next = calendar::next_end(anchor, subscriptions::recurring(before), end);
    subscriptions::set_period(&mut after, end, next);
    if before["status"] == "trialing" {
        after["status"] = "active".into();
    }
    charge(tx, before, after, "subscription_cycle", (start, end));
}

/// Bills the period that `after` begins, brings it where the invoice leaves it, and tells of the change.
pub(super) fn charge(
    tx: &mut Transaction,
    before: &Value,
    mut after: Value,
    reason: &str,
    period: (i64, i64),
) -> Value {
    let mut lines = invoices::take_pending(tx, before);
    lines.extend(subscriptions::lines(tx, &after));
    let mut invoice = invoices::draft(tx, &after, &lines, reason, period);
    after["latest_invoice"] = invoice["id"].clone();
    tx.put(Kind::Subscription, &after);
    let paid = invoices::bill(tx, &mut invoice);
    subscriptions::follow(tx, &mut after, &invoice, paid);
    tx.put_change(
        Kind::Subscription,
        "customer.subscription.updated",
        before,
        &after,
    );
    after
}
