//! `POST /v1/subscriptions/{id}`: another plan, the end at the end of the period, the end of the trial, another card.

use http::StatusCode;
use serde_json::{Value, json};

use super::calendar;
use super::errors::Error;
use super::invoices::{self, Line};
use super::params::Params;
use super::prices;
use super::renewals;
use super::store::{Kind, Transaction};
use super::subscriptions;

const KNOWN: &[&str] = &[
    "cancel_at_period_end",
    "cancellation_details",
    "default_payment_method",
    "description",
    "items",
    "metadata",
    "off_session",
    "payment_behavior",
    "payment_settings",
    "proration_behavior",
    "trial_end",
];

/// Parameters that Stripe knows and that would change what is charged, or when.
const NOT_MODELLED: &[&str] = &[
    "add_invoice_items",
    "application_fee_percent",
    "automatic_tax",
    "billing_cycle_anchor",
    "billing_schedules",
    "billing_thresholds",
    "cancel_at",
    "collection_method",
    "days_until_due",
    "default_source",
    "default_tax_rates",
    "discounts",
    "invoice_settings",
    "on_behalf_of",
    "pause_collection",
    "pending_invoice_item_interval",
    "proration_date",
    "transfer_data",
    "trial_from_plan",
    "trial_settings",
];

/// What a change costs, and when.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Proration {
    /// With the next invoice.
    Later,
    /// At once.
    Now,
    /// Nothing.
    Never,
}

/// `POST /v1/subscriptions/{id}`. If a payment that a change needs fails and the request says
/// `payment_behavior=error_if_incomplete`, nothing is changed.
pub(super) fn update(tx: &mut Transaction, id: &str, params: &Params) -> Result<(StatusCode, Value), Error> {
    params.only(&[KNOWN, NOT_MODELLED])?;
    params.not_modelled(NOT_MODELLED)?;
    let strict = match params
        .one_of(
            "payment_behavior",
            &[
                "allow_incomplete",
                "default_incomplete",
                "error_if_incomplete",
                "pending_if_incomplete",
            ],
        )?
        .as_deref()
    {
        Some("pending_if_incomplete") => {
            let message = "The local stand-in for Stripe does not model pending updates.";
            return Err(Error::invalid(message).at("payment_behavior"));
        }
        behavior => behavior == Some("error_if_incomplete"),
    };
    let before = tx.require(Kind::Subscription, id, "id")?;
    refuse_if_ended(&before, params)?;
    let mut after = before.clone();
    read_details(tx, params, &mut after)?;
    let change = Change::read(tx, params, &before, &mut after)?;
    let after = change.carry_out(tx, &before, after);
    if strict && after["status"] == "past_due" && before["status"] != "past_due" {
        tx.discard();
        return Ok((StatusCode::PAYMENT_REQUIRED, declined()));
    }
    Ok((StatusCode::OK, after))
}

fn refuse_if_ended(subscription: &Value, params: &Params) -> Result<(), Error> {
    if subscriptions::has_ended(subscription)
        && !params.only_has(&["cancellation_details", "expand", "metadata"])
    {
        let message = "A canceled subscription can only update its cancellation_details and metadata.";
        return Err(Error::invalid(message).final_for_its_key());
    }
    Ok(())
}

fn declined() -> Value {
    json!({
        "error": {
            "type": "card_error",
            "code": "card_declined",
            "decline_code": "generic_decline",
            "doc_url": "https://stripe.com/docs/error-codes/card-declined",
            "message": "Your card was declined.",
        },
    })
}

/// What costs nothing: the card, the texts, and whether the subscription ends with its period.
fn read_details(tx: &Transaction, params: &Params, subscription: &mut Value) -> Result<(), Error> {
    subscription["metadata"] = params.metadata_over(&subscription["metadata"])?;
    if let Some(description) = params.text_up_to("description", 500)? {
        subscription["description"] = description.into();
    }
    if let Some(card) = params.text("default_payment_method")? {
        let card = tx.require(Kind::PaymentMethod, &card, "default_payment_method")?;
        if card["customer"] != subscription["customer"] {
            let message = "The payment method must belong to the customer of the subscription.";
            return Err(Error::invalid(message).at("default_payment_method"));
        }
        subscription["default_payment_method"] = card["id"].clone();
    }
    if let Some(cancel) = params.boolean("cancel_at_period_end")? {
        set_cancel_at_period_end(tx, subscription, cancel);
    }
    subscriptions::cancellation_details(params, subscription)
}

/// Sets whether a subscription ends with its period.
pub(super) fn set_cancel_at_period_end(tx: &Transaction, subscription: &mut Value, cancel: bool) {
    if subscription["cancel_at_period_end"] == cancel {
        return;
    }
    subscription["cancel_at_period_end"] = cancel.into();
    if cancel {
        subscription["cancel_at"] = subscriptions::period(subscription).1.into();
        subscription["canceled_at"] = tx.now.into();
        subscription["cancellation_details"]["reason"] = "cancellation_requested".into();
    } else {
        subscription["cancel_at"] = Value::Null;
        subscription["canceled_at"] = Value::Null;
        subscription["cancellation_details"] =
            json!({ "comment": null, "feedback": null, "feedback_option": null, "reason": null });
    }
}

/// What changes the plan or its periods.
struct Change {
    proration: Proration,
    /// Whether the plan's price or quantity is another one.
    plan: bool,
    /// Whether the plan is now paid by another interval, so that its periods begin anew.
    interval: bool,
    /// Whether the trial ends now.
    ends_trial: bool,
}

impl Change {
    /// Reads the change and makes it in `after`, without its costs.
    fn read(tx: &mut Transaction, params: &Params, before: &Value, after: &mut Value) -> Result<Self, Error> {
        let proration = match params
            .one_of(
                "proration_behavior",
                &["always_invoice", "create_prorations", "none"],
            )?
            .as_deref()
        {
            Some("always_invoice") => Proration::Now,
            Some("none") => Proration::Never,
            _ => Proration::Later,
        };
        for item in params.list("items")? {
            change_item(tx, &item, after)?;
        }
        Ok(Self {
            proration,
            plan: is_another_plan(before, after),
            interval: subscriptions::recurring(before) != subscriptions::recurring(after),
            ends_trial: read_trial_end(tx, params, after)?,
        })
    }

    /// Bills what the change costs at once, keeps what it costs later, and tells of it.
    fn carry_out(&self, tx: &mut Transaction, before: &Value, mut after: Value) -> Value {
        let (start, end) = subscriptions::period(before);
        let is_paid_for = before["status"] == "active" || before["status"] == "past_due";
        if self.ends_trial || (self.interval && is_paid_for) {
            let next = calendar::next_end(tx.now, subscriptions::recurring(&after), tx.now);
            after["billing_cycle_anchor"] = tx.now.into();
            subscriptions::set_period(&mut after, tx.now, next);
            if !after["cancel_at"].is_null() {
                after["cancel_at"] = next.into();
            }
            if is_paid_for && self.proration != Proration::Never {
                let credit = subscriptions::unused(tx, before);
                invoices::keep_pending(tx, before, &credit);
            }
            return renewals::charge(tx, before, after, "subscription_update", (start, tx.now));
        }
        if self.plan && is_paid_for && self.proration != Proration::Never {
            let mut lines = subscriptions::unused(tx, before);
            let rest = subscriptions::items(&after).map(|item| Line::proration(tx, item, (start, end), 1));
            lines.extend(rest);
            if self.proration == Proration::Now {
                return bill(tx, before, after, lines, (start, tx.now));
            }
            invoices::keep_pending(tx, before, &lines);
        }
        tx.put_change(
            Kind::Subscription,
            "customer.subscription.updated",
            before,
            &after,
        );
        after
    }
}

/// Bills the prorations of a change at once.
fn bill(
    tx: &mut Transaction,
    before: &Value,
    mut after: Value,
    mut lines: Vec<Line>,
    period: (i64, i64),
) -> Value {
    lines.splice(0..0, invoices::take_pending(tx, before));
    let mut invoice = invoices::draft(tx, &after, &lines, "subscription_update", period);
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

/// Gives one item another price or quantity.
fn change_item(tx: &mut Transaction, params: &Params, subscription: &mut Value) -> Result<(), Error> {
    let not_modelled = [
        "billing_thresholds",
        "clear_usage",
        "deleted",
        "discounts",
        "plan",
        "tax_rates",
    ];
    params.only(&[
        &["id", "metadata", "price", "price_data", "quantity"],
        &not_modelled,
    ])?;
    params.not_modelled(&not_modelled)?;
    let Some(id) = params.text("id")? else {
        let name = params.full_name("id");
        let message =
            format!("Without `{name}`, Stripe adds a second item; the local stand-in does not model that.");
        return Err(Error::invalid(message).at(name));
    };
    let price = match (params.text("price")?, params.nested("price_data")?) {
        (Some(_), Some(_)) => {
            let message = "You may only specify one of these parameters: price, price_data.";
            return Err(Error::coded("parameters_exclusive", message).at(params.full_name("price")));
        }
        (Some(price), None) => Some(tx.require(Kind::Price, &price, &params.full_name("price"))?),
        (None, Some(data)) => Some(prices::inline(tx, &data, false)?),
        (None, None) => None,
    };
    if let Some(price) = &price
        && (price["recurring"].is_null() || price["currency"] != subscription["currency"])
    {
        let message = "The price must be recurring, and in the currency of the subscription.";
        return Err(Error::invalid(message).at(params.full_name("price")));
    }
    let quantity = params.integer_from("quantity", 1)?;
    let metadata = params.metadata()?;
    let items = subscription["items"]["data"].as_array_mut();
    let item = items
        .into_iter()
        .flatten()
        .find(|item| item["id"] == id.as_str())
        .ok_or_else(|| Error::missing("subscription_item", &id, &params.full_name("id")))?;
    if let Some(price) = price {
        item["plan"] = prices::plan(&price);
        item["price"] = price;
    }
    if let Some(quantity) = quantity {
        item["quantity"] = quantity.into();
    }
    if params.has("metadata") {
        item["metadata"] = metadata;
    }
    Ok(())
}

fn is_another_plan(before: &Value, after: &Value) -> bool {
    let cost = |item: &Value| (item["price"]["id"].clone(), item["quantity"].clone());
    !subscriptions::items(before)
        .map(cost)
        .eq(subscriptions::items(after).map(cost))
}

/// Moves the end of the trial; answers whether that is now.
fn read_trial_end(tx: &Transaction, params: &Params, subscription: &mut Value) -> Result<bool, Error> {
    let Some(text) = params.text("trial_end")? else {
        return Ok(false);
    };
    let trialing = subscription["status"] == "trialing";
    if text == "now" {
        if trialing {
            subscription["trial_end"] = tx.now.into();
            subscription["status"] = "active".into();
        }
        return Ok(trialing);
    }
    let end = params.integer("trial_end")?.unwrap_or_default();
    if end <= tx.now || !trialing {
        let message = "`trial_end` must be in the future, and the local stand-in only moves a trial that has not ended.";
        return Err(Error::invalid(message).at("trial_end"));
    }
    let (start, _) = subscriptions::period(subscription);
    subscription["trial_end"] = end.into();
    subscription["billing_cycle_anchor"] = end.into();
    subscriptions::set_period(subscription, start, end);
    if subscription["cancel_at_period_end"] == true {
        subscription["cancel_at"] = end.into();
    }
    Ok(false)
}
