//! Subscriptions, <https://docs.stripe.com/api/subscriptions>: what a customer pays for again and again. Changes that a
//! seller asks for are in `subscription_changes`, what time brings is in `renewals`.

use serde_json::{Value, json};

use super::calendar::{self, DAY};
use super::errors::Error;
use super::invoices::{self, Line};
use super::lists;
use super::params::Params;
use super::prices;
use super::store::{Kind, Transaction};

/// What a subscription begins with.
pub(super) struct Terms {
    pub(super) customer: Value,
    /// Each price with its quantity.
    pub(super) prices: Vec<(Value, i64)>,
    pub(super) metadata: Value,
    pub(super) description: Value,
    pub(super) trial_end: Option<i64>,
    /// What happens when the trial ends and there is no card: `create_invoice`, `cancel` or `pause`.
    pub(super) without_card: String,
    pub(super) card: Option<String>,
}

/// Makes a subscription, in its trial or active; it is not stored yet.
pub(super) fn new(tx: &Transaction, terms: &Terms) -> Value {
    let id = tx.id("sub_1", 23);
    let recurring = terms.prices.first().map(|(price, _)| price["recurring"].clone());
    let recurring = recurring.unwrap_or_default();
    let anchor = terms.trial_end.unwrap_or(tx.now);
    let end = terms
        .trial_end
        .unwrap_or_else(|| calendar::next_end(anchor, &recurring, tx.now));
    let items: Vec<Value> = terms
        .prices
        .iter()
        .map(|(price, quantity)| item(tx, &id, price, *quantity, (tx.now, end)))
        .collect();
    let currency = terms.prices.first().map(|(price, _)| price["currency"].clone());
    json!({
        "id": id,
        "object": "subscription",
        "application": null,
        "application_fee_percent": null,
        "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
        "billing_cycle_anchor": anchor,
        "billing_cycle_anchor_config": null,
        "billing_mode": { "flexible": null, "type": "flexible", "updated_at": null },
        "billing_schedules": [],
        "billing_thresholds": null,
        "cancel_at": null,
        "cancel_at_period_end": false,
        "canceled_at": null,
        "cancellation_details": { "comment": null, "feedback": null, "feedback_option": null, "reason": null },
        "collection_method": "charge_automatically",
        "created": tx.now,
        "currency": currency,
        "customer": terms.customer,
        "customer_account": null,
        "days_until_due": null,
        "default_payment_method": terms.card,
        "default_source": null,
        "default_tax_rates": [],
        "description": terms.description,
        "discounts": [],
        "ended_at": null,
        "invoice_settings": { "account_tax_ids": null, "issuer": { "type": "self" } },
        "items": {
            "object": "list",
            "data": items,
            "has_more": false,
            "total_count": items.len(),
            "url": format!("/v1/subscription_items?subscription={id}"),
        },
        "latest_invoice": null,
        "livemode": false,
        "metadata": terms.metadata,
        "next_pending_invoice_item_invoice": null,
        "on_behalf_of": null,
        "pause_collection": null,
        "payment_settings": {
            "payment_method_options": null,
            "payment_method_types": null,
            "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": null,
        "pending_setup_intent": null,
        "pending_update": null,
        "schedule": null,
        "start_date": tx.now,
        "status": if terms.trial_end.is_some() { "trialing" } else { "active" },
        "test_clock": null,
        "transfer_data": null,
        "trial_end": terms.trial_end,
        "trial_settings": {
            "end_behavior": { "billing_cycle_anchor": null, "missing_payment_method": terms.without_card },
        },
        "trial_start": terms.trial_end.map(|_| tx.now),
    })
}

fn item(tx: &Transaction, subscription: &str, price: &Value, quantity: i64, period: (i64, i64)) -> Value {
    json!({
        "id": tx.id("si_", 14),
        "object": "subscription_item",
        "billed_until": null,
        "billing_thresholds": null,
        "created": tx.now,
        "current_period_end": period.1,
        "current_period_start": period.0,
        "current_trial": null,
        "discounts": [],
        "metadata": {},
        "plan": prices::plan(price),
        "price": price,
        "quantity": quantity,
        "subscription": subscription,
        "tax_rates": [],
    })
}

/// The items of a subscription.
pub(super) fn items(subscription: &Value) -> impl Iterator<Item = &Value> {
    subscription["items"]["data"].as_array().into_iter().flatten()
}

/// The period that is paid for, or tried, now: its start and its end.
pub(super) fn period(subscription: &Value) -> (i64, i64) {
    let item = &subscription["items"]["data"][0];
    let at = |field: &str| item[field].as_i64().unwrap_or_default();
    (at("current_period_start"), at("current_period_end"))
}

/// Begins another period.
pub(super) fn set_period(subscription: &mut Value, start: i64, end: i64) {
    for item in subscription["items"]["data"].as_array_mut().into_iter().flatten() {
        item["current_period_start"] = start.into();
        item["current_period_end"] = end.into();
    }
}

/// The price's `recurring`, by which the periods of a subscription are counted.
pub(super) fn recurring(subscription: &Value) -> &Value {
    &subscription["items"]["data"][0]["price"]["recurring"]
}

/// Whether nothing will happen to the subscription any more.
pub(super) fn has_ended(subscription: &Value) -> bool {
    matches!(
        subscription["status"].as_str(),
        Some("canceled" | "incomplete_expired")
    )
}

/// The lines of an invoice for the period that a subscription is in.
pub(super) fn lines(tx: &Transaction, subscription: &Value) -> Vec<Line> {
    let period = period(subscription);
    let trial = subscription["status"] == "trialing";
    items(subscription)
        .map(|item| {
            let price = &item["price"];
            let quantity = item["quantity"].as_i64().unwrap_or(1);
            let unit_amount = price["unit_amount"].as_i64().unwrap_or_default();
            let name = prices::name(tx, price);
            Line {
                amount: if trial {
                    0
                } else {
                    unit_amount.saturating_mul(quantity)
                },
                description: if trial {
                    format!("Trial period for {name}")
                } else {
                    let cost = prices::display(unit_amount, price).replace(" a ", " / ");
                    format!("{quantity} × {name} (at {cost})")
                },
                item: item.clone(),
                period,
                proration: false,
            }
        })
        .collect()
}

/// The first invoice of a new subscription: for the first period, or for nothing in a trial. Stores both, and tells of
/// both; `announce` is called when their ids are known and nothing was told yet.
pub(super) fn begin(
    tx: &mut Transaction,
    mut subscription: Value,
    announce: impl FnOnce(&mut Transaction, &Value),
) -> Value {
    let lines = lines(tx, &subscription);
    let mut invoice = invoices::draft(tx, &subscription, &lines, "subscription_create", (tx.now, tx.now));
    subscription["latest_invoice"] = invoice["id"].clone();
    announce(tx, &subscription);
    tx.put(Kind::Subscription, &subscription);
    tx.emit("customer.subscription.created", &subscription);
    let paid = invoices::bill(tx, &mut invoice);
    follow(tx, &mut subscription, &invoice, paid);
    subscription
}

/// Brings a subscription where its latest invoice leaves it, and stores it: paid, it is active; unpaid, past due, and
/// canceled after the last try.
pub(super) fn follow(tx: &mut Transaction, subscription: &mut Value, invoice: &Value, paid: bool) {
    if has_ended(subscription) || subscription["latest_invoice"] != invoice["id"] {
        tx.put(Kind::Subscription, subscription);
        return;
    }
    let status = subscription["status"].as_str().unwrap_or_default();
    if paid && status != "trialing" {
        subscription["status"] = "active".into();
    } else if !paid {
        subscription["status"] = "past_due".into();
    }
    tx.put(Kind::Subscription, subscription);
}

/// The subscription that an invoice is for.
pub(super) fn of_invoice(tx: &Transaction, invoice: &Value) -> Option<Value> {
    let id = invoice["parent"]["subscription_details"]["subscription"].as_str()?;
    tx.get(Kind::Subscription, id)
}

/// Ends a subscription at once, for `reason`. Its open invoices are not collected any more.
pub(super) fn end(tx: &mut Transaction, subscription: &mut Value, reason: &str) {
    subscription["status"] = "canceled".into();
    subscription["ended_at"] = tx.now.into();
    if subscription["canceled_at"].is_null() {
        subscription["canceled_at"] = tx.now.into();
    }
    subscription["cancellation_details"]["reason"] = reason.into();
    tx.put(Kind::Subscription, subscription);
    invoices::stop_collecting(tx, &subscription["id"]);
    tx.emit("customer.subscription.deleted", subscription);
}

/// `DELETE /v1/subscriptions/{id}`
pub(super) fn cancel(tx: &mut Transaction, id: &str, params: &Params) -> Result<Value, Error> {
    params.only(&[&["cancellation_details", "invoice_now", "prorate"]])?;
    let invoice_now = params.boolean("invoice_now")?.unwrap_or(false);
    let prorate = params.boolean("prorate")?.unwrap_or(false);
    let mut subscription = tx.require(Kind::Subscription, id, "id")?;
    if has_ended(&subscription) {
        return Err(Error::missing("subscription", id, "id"));
    }
    cancellation_details(params, &mut subscription)?;
    subscription["canceled_at"] = tx.now.into();
    let mut credit = Vec::new();
    if prorate && subscription["status"] == "active" {
        credit = unused(tx, &subscription);
    }
    if invoice_now {
        credit.splice(0..0, invoices::take_pending(tx, &subscription));
        if !credit.is_empty() {
            let period = (period(&subscription).0, tx.now);
            let mut invoice = invoices::draft(tx, &subscription, &credit, "subscription_update", period);
            subscription["latest_invoice"] = invoice["id"].clone();
            invoices::bill(tx, &mut invoice);
        }
    }
    end(tx, &mut subscription, "cancellation_requested");
    Ok(subscription)
}

/// Reads what the customer said about leaving.
pub(super) fn cancellation_details(params: &Params, subscription: &mut Value) -> Result<(), Error> {
    if let Some(details) = params.nested("cancellation_details")? {
        details.only(&[&["comment", "feedback"]])?;
        let feedback = [
            "customer_service",
            "low_quality",
            "missing_features",
            "other",
            "switched_service",
            "too_complex",
            "too_expensive",
            "unused",
        ];
        for (field, value) in [
            ("comment", details.text("comment")?),
            ("feedback", details.one_of("feedback", &feedback)?),
        ] {
            if let Some(value) = value {
                subscription["cancellation_details"][field] = value.into();
            }
        }
    }
    Ok(())
}

/// The credit for the rest of the period, line by line.
pub(super) fn unused(tx: &Transaction, subscription: &Value) -> Vec<Line> {
    let (start, end) = period(subscription);
    items(subscription)
        .map(|item| Line::proration(tx, item, (start, end), -1))
        .collect()
}

/// A subscription comes to stand where the request says, by no way that is modelled here.
pub(super) fn set_status(tx: &mut Transaction, id: &str, params: &Params) -> Result<Value, Error> {
    params.only(&[&["status"]])?;
    let statuses = ["active", "incomplete", "past_due", "paused", "trialing", "unpaid"];
    let status = params
        .one_of("status", &statuses)?
        .ok_or_else(|| params.missing("status"))?;
    let before = tx.require(Kind::Subscription, id, "id")?;
    if has_ended(&before) {
        return Err(Error::invalid("The subscription has ended.").at("status"));
    }
    let mut after = before.clone();
    after["status"] = status.into();
    tx.put_change(
        Kind::Subscription,
        "customer.subscription.updated",
        &before,
        &after,
    );
    Ok(after)
}

/// `GET /v1/subscriptions`: without a status, all that have not been canceled.
pub(super) fn list(tx: &Transaction, params: &Params) -> Result<Value, Error> {
    let not_modelled = [
        "automatic_tax",
        "collection_method",
        "current_period_end",
        "current_period_start",
        "customer_account",
        "plan",
        "test_clock",
    ];
    params.only(&[lists::KNOWN, &["customer", "price", "status"], &not_modelled])?;
    params.not_modelled(&not_modelled)?;
    let statuses = [
        "active",
        "all",
        "canceled",
        "ended",
        "incomplete",
        "incomplete_expired",
        "past_due",
        "paused",
        "trialing",
        "unpaid",
    ];
    let status = params.one_of("status", &statuses)?;
    let price = params.text("price")?;
    let wanted = params.wanted(&["customer"])?;
    lists::page(tx, Kind::Subscription, "/v1/subscriptions", params, |it| {
        let has_status = match status.as_deref() {
            None => it["status"] != "canceled",
            Some("all") => true,
            Some("ended") => has_ended(it),
            Some(status) => it["status"] == status,
        };
        has_status
            && wanted.iter().all(|(field, value)| it[field] == *value)
            && price
                .as_deref()
                .is_none_or(|price| items(it).any(|item| item["price"]["id"] == price))
    })
}

/// The subscriptions of a customer that have not ended, as they were before this operation.
pub(super) fn living_of(tx: &Transaction, customer: &Value) -> Vec<Value> {
    tx.oldest_first(Kind::Subscription)
        .filter(|it| it["customer"] == *customer && !has_ended(it))
        .cloned()
        .collect()
}

/// When a trial of `days` ends.
pub(super) fn trial_end(tx: &Transaction, params: &Params) -> Result<Option<i64>, Error> {
    let days = params.integer_from("trial_period_days", 1)?;
    if days.is_some_and(|days| days > 730) {
        let message = "The maximum number of trial period days is 730 (2 years).";
        return Err(Error::invalid(message).at(params.full_name("trial_period_days")));
    }
    let end = params.integer("trial_end")?;
    if end.is_some_and(|end| end < tx.now + 2 * DAY) {
        let message = "The `trial_end` date has to be at least 2 days in the future.";
        return Err(Error::invalid(message).at(params.full_name("trial_end")));
    }
    Ok(end.or_else(|| days.map(|days| tx.now + days * DAY)))
}
