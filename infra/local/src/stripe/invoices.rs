//! Invoices, <https://docs.stripe.com/api/invoices>: what a period or a change of plan costs, and the tries to collect
//! it. A card that declines is tried again after three, five and seven days.

use http::StatusCode;
use serde_json::{Value, json};

use super::calendar::{self, DAY};
use super::cards;
use super::charges::{Buyer, Decline};
use super::customers;
use super::errors::Error;
use super::invoice_payments;
use super::lists;
use super::money;
use super::params::Params;
use super::payment_intents;
use super::prices;
use super::store::{Kind, Transaction};
use super::subscriptions;

/// The pauses between the tries to collect an invoice, in seconds.
const RETRIES: [i64; 3] = [3 * DAY, 5 * DAY, 7 * DAY];

/// A line of an invoice, before it has one.
pub(super) struct Line {
    pub(super) item: Value,
    pub(super) amount: i64,
    pub(super) description: String,
    pub(super) period: (i64, i64),
    pub(super) proration: bool,
}

impl Line {
    /// The part of an item's price for the rest of a period: taken (`sign` 1) or given back (−1).
    pub(super) fn proration(tx: &Transaction, item: &Value, period: (i64, i64), sign: i64) -> Self {
        let (start, end) = period;
        let price = item["price"]["unit_amount"].as_i64().unwrap_or_default();
        let whole = i128::from(price) * i128::from(item["quantity"].as_i64().unwrap_or(1));
        let (length, rest) = (i128::from(end - start).max(1), i128::from(end - tx.now));
        let part = i64::try_from((whole * rest.max(0) * 2 + length) / (2 * length)).unwrap_or_default();
        let what = if sign < 0 { "Unused" } else { "Remaining" };
        Self {
            amount: sign * part,
            description: format!(
                "{what} time on {} after {}",
                prices::name(tx, &item["price"]),
                calendar::display(tx.now)
            ),
            item: item.clone(),
            period: (tx.now, end),
            proration: true,
        }
    }

    fn object(&self, tx: &Transaction, invoice: &str, subscription: &Value) -> Value {
        json!({
            "id": tx.id("il_1", 23),
            "object": "line_item",
            "amount": self.amount,
            "currency": subscription["currency"],
            "description": self.description,
            "discount_amounts": [],
            "discountable": !self.proration,
            "discounts": [],
            "invoice": invoice,
            "livemode": false,
            "metadata": subscription["metadata"],
            "parent": {
                "type": "subscription_item_details",
                "invoice_item_details": null,
                "subscription_item_details": {
                    "invoice_item": null,
                    "proration": self.proration,
                    "proration_details": { "credited_items": null },
                    "subscription": subscription["id"],
                    "subscription_item": self.item["id"],
                },
            },
            "period": { "end": self.period.1, "start": self.period.0 },
            "pretax_credit_amounts": [],
            "pricing": {
                "type": "price_details",
                "price_details": { "price": self.item["price"]["id"], "product": self.item["price"]["product"] },
                "unit_amount_decimal": self.item["price"]["unit_amount_decimal"],
            },
            "quantity": self.item["quantity"],
            "subtotal": self.amount,
            "taxes": [],
        })
    }

    fn stored(&self) -> Value {
        json!({
            "item": self.item,
            "amount": self.amount,
            "description": self.description,
            "start": self.period.0,
            "end": self.period.1,
        })
    }

    fn read(stored: &Value) -> Self {
        Self {
            item: stored["item"].clone(),
            amount: stored["amount"].as_i64().unwrap_or_default(),
            description: stored["description"].as_str().unwrap_or_default().to_owned(),
            period: (
                stored["start"].as_i64().unwrap_or_default(),
                stored["end"].as_i64().unwrap_or_default(),
            ),
            proration: true,
        }
    }
}

/// Keeps lines for the next invoice of a subscription.
pub(super) fn keep_pending(tx: &mut Transaction, subscription: &Value, lines: &[Line]) {
    let id = subscription["id"].as_str().unwrap_or_default();
    let mut pending = tx
        .get(Kind::PendingLines, id)
        .unwrap_or_else(|| json!({ "id": id, "lines": [] }));
    if let Some(kept) = pending["lines"].as_array_mut() {
        kept.extend(lines.iter().map(Line::stored));
    }
    tx.put(Kind::PendingLines, &pending);
}

/// Takes the lines that were kept for the next invoice.
pub(super) fn take_pending(tx: &mut Transaction, subscription: &Value) -> Vec<Line> {
    let id = subscription["id"].as_str().unwrap_or_default();
    let Some(pending) = tx.get(Kind::PendingLines, id) else {
        return Vec::new();
    };
    tx.remove(Kind::PendingLines, id);
    let lines = pending["lines"].as_array().into_iter().flatten();
    lines.map(Line::read).collect()
}

/// Makes a draft, which is not stored yet.
pub(super) fn draft(
    tx: &Transaction,
    subscription: &Value,
    lines: &[Line],
    reason: &str,
    period: (i64, i64),
) -> Value {
    let id = tx.id("in_1", 23);
    let customer = customer(tx, subscription);
    let total: i64 = lines.iter().map(|line| line.amount).sum();
    let lines: Vec<Value> = lines
        .iter()
        .map(|line| line.object(tx, &id, subscription))
        .collect();
    let count = lines.len();
    json!({
        "id": id,
        "object": "invoice",
        "account_country": "US",
        "account_name": "Apartment Locator AI",
        "account_tax_ids": null,
        "amount_due": total.max(0),
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": total.max(0),
        "amount_shipping": 0,
        "application": null,
        "attempt_count": 0,
        "attempted": false,
        "auto_advance": true,
        "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null },
        "automatically_finalizes_at": null,
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": tx.now,
        "currency": subscription["currency"],
        "custom_fields": null,
        "customer": subscription["customer"],
        "customer_account": null,
        "customer_address": null,
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "customer_shipping": null,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_payment_method": null,
        "default_source": null,
        "default_tax_rates": [],
        "description": null,
        "discounts": [],
        "due_date": null,
        "effective_at": null,
        "ending_balance": null,
        "footer": null,
        "from_invoice": null,
        "hosted_invoice_url": null,
        "invoice_pdf": null,
        "issuer": { "type": "self" },
        "last_finalization_error": null,
        "latest_revision": null,
        "lines": {
            "object": "list",
            "data": lines,
            "has_more": false,
            "total_count": count,
            "url": format!("/v1/invoices/{id}/lines"),
        },
        "livemode": false,
        "metadata": {},
        "next_payment_attempt": null,
        "number": null,
        "on_behalf_of": null,
        "parent": {
            "type": "subscription_details",
            "quote_details": null,
            "subscription_details": {
                "metadata": subscription["metadata"],
                "subscription": subscription["id"],
            },
        },
        "payment_settings": { "default_mandate": null, "payment_method_options": null, "payment_method_types": null },
        "period_end": period.1,
        "period_start": period.0,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": null,
        "rendering": null,
        "shipping_cost": null,
        "shipping_details": null,
        "starting_balance": 0,
        "statement_descriptor": null,
        "status": "draft",
        "status_transitions": {
            "finalized_at": null,
            "marked_uncollectible_at": null,
            "paid_at": null,
            "voided_at": null,
        },
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "test_clock": null,
        "total": total,
        "total_discount_amounts": [],
        "total_excluding_tax": total,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        "webhooks_delivered_at": null,
    })
}

fn customer(tx: &Transaction, of: &Value) -> Value {
    of["customer"]
        .as_str()
        .and_then(|id| tx.get(Kind::Customer, id))
        .unwrap_or_default()
}

/// Tells of a draft, makes it final, and tries to collect it. Answers whether nothing is owed any more.
pub(super) fn bill(tx: &mut Transaction, invoice: &mut Value) -> bool {
    tx.put(Kind::Invoice, invoice);
    tx.emit("invoice.created", invoice);
    finalize(tx, invoice);
    if invoice["amount_due"] == 0 {
        settle(tx, invoice);
        return true;
    }
    invoice_payments::open(tx, invoice);
    let paid = attempt(tx, invoice).is_ok();
    if !paid {
        plan_retry(tx, invoice);
        tx.emit("invoice.payment_failed", invoice);
    }
    paid
}

/// Gives the invoice its number, and sets the customer's balance off against it. What is too little to be charged is
/// carried over to the next invoice.
fn finalize(tx: &mut Transaction, invoice: &mut Value) {
    let mut customer = customer(tx, invoice);
    let sequence = customer["next_invoice_sequence"].as_i64().unwrap_or(1);
    let prefix = customer["invoice_prefix"].as_str().unwrap_or("INVOICE");
    invoice["number"] = format!("{prefix}-{sequence:04}").into();
    let balance = customer["balance"].as_i64().unwrap_or_default();
    let owed = invoice["total"].as_i64().unwrap_or_default() + balance;
    let currency = invoice["currency"].as_str().unwrap_or_default();
    let due = if money::is_chargeable(owed, currency) {
        owed
    } else {
        0
    };
    invoice["starting_balance"] = balance.into();
    invoice["ending_balance"] = (owed - due).into();
    invoice["amount_due"] = due.into();
    invoice["amount_remaining"] = due.into();
    invoice["status"] = "open".into();
    invoice["effective_at"] = tx.now.into();
    invoice["status_transitions"]["finalized_at"] = tx.now.into();
    let url = format!("{}/i/{}", tx.base_url, invoice["id"].as_str().unwrap_or_default());
    invoice["invoice_pdf"] = format!("{url}/pdf").into();
    invoice["hosted_invoice_url"] = url.into();
    if customer.is_object() && customer["deleted"] != true {
        customer["next_invoice_sequence"] = (sequence + 1).into();
        customer["balance"] = (owed - due).into();
        tx.put(Kind::Customer, &customer);
    }
    tx.put(Kind::Invoice, invoice);
    tx.emit("invoice.finalized", invoice);
}

/// Nothing is owed any more.
fn settle(tx: &mut Transaction, invoice: &mut Value) {
    invoice["status"] = "paid".into();
    invoice["attempted"] = true.into();
    invoice["auto_advance"] = false.into();
    invoice["amount_paid"] = invoice["amount_due"].clone();
    invoice["amount_remaining"] = 0.into();
    invoice["next_payment_attempt"] = Value::Null;
    invoice["status_transitions"]["paid_at"] = tx.now.into();
    tx.put(Kind::Invoice, invoice);
    tx.emit("invoice.paid", invoice);
    tx.emit("invoice.payment_succeeded", invoice);
}

/// Tries to charge the subscription's card, or the customer's; answers Stripe's error object if that fails.
fn attempt(tx: &mut Transaction, invoice: &mut Value) -> Result<(), Value> {
    let tries = invoice["attempt_count"].as_i64().unwrap_or_default() + 1;
    invoice["attempt_count"] = tries.into();
    invoice["attempted"] = true.into();
    let mut intent = invoice_payments::intent(tx, invoice);
    let buyer = Buyer {
        email: invoice["customer_email"].as_str().map(str::to_owned),
        name: invoice["customer_name"].as_str().map(str::to_owned),
    };
    let card = card(tx, invoice);
    intent["payment_method"] = card.as_deref().into();
    match card {
        Some(card) if cards::works(tx, &card) => {
            payment_intents::pay(tx, &mut intent, &buyer);
            invoice_payments::succeed(tx, invoice);
            settle(tx, invoice);
            Ok(())
        }
        Some(_) => {
            let error = payment_intents::decline_card(tx, &mut intent, &buyer, Decline::GENERIC);
            tx.put(Kind::Invoice, invoice);
            Err(error)
        }
        None => {
            tx.put(Kind::PaymentIntent, &intent);
            tx.put(Kind::Invoice, invoice);
            let message = "This customer has no attached payment source or default payment method.";
            Err(Error::invalid(message).body(""))
        }
    }
}

/// The card that an invoice is charged to.
fn card(tx: &Transaction, invoice: &Value) -> Option<String> {
    let subscription = subscriptions::of_invoice(tx, invoice).unwrap_or_default();
    let customer = customer(tx, invoice);
    [
        &subscription["default_payment_method"],
        &customer["invoice_settings"]["default_payment_method"],
    ]
    .into_iter()
    .find_map(|card| card.as_str().map(str::to_owned))
}

/// Sets when an unpaid invoice is tried again; never after the last try.
fn plan_retry(tx: &mut Transaction, invoice: &mut Value) {
    let tries = invoice["attempt_count"].as_u64().unwrap_or(1).max(1);
    let pause = usize::try_from(tries - 1)
        .ok()
        .and_then(|try_number| RETRIES.get(try_number));
    invoice["next_payment_attempt"] = pause.map(|pause| tx.now + pause).into();
    tx.put(Kind::Invoice, invoice);
}

/// Tries an invoice again whose time has come.
pub(super) fn retry(tx: &mut Transaction, mut invoice: Value) {
    let paid = attempt(tx, &mut invoice).is_ok();
    if !paid {
        plan_retry(tx, &mut invoice);
        tx.emit("invoice.payment_failed", &invoice);
    }
    let Some(before) = subscriptions::of_invoice(tx, &invoice) else {
        return;
    };
    let mut subscription = before.clone();
    if !paid && invoice["next_payment_attempt"].is_null() {
        subscriptions::end(tx, &mut subscription, "payment_failed");
        return;
    }
    subscriptions::follow(tx, &mut subscription, &invoice, paid);
    tx.put_change(
        Kind::Subscription,
        "customer.subscription.updated",
        &before,
        &subscription,
    );
}

/// The open invoices of an ended subscription stay open, but nobody collects them by himself.
pub(super) fn stop_collecting(tx: &mut Transaction, subscription: &Value) {
    let ids: Vec<&Value> = tx
        .oldest_first(Kind::Invoice)
        .filter(|invoice| invoice["parent"]["subscription_details"]["subscription"] == *subscription)
        .map(|invoice| &invoice["id"])
        .collect();
    for id in ids {
        let invoice = id.as_str().and_then(|id| tx.get(Kind::Invoice, id));
        if let Some(mut invoice) = invoice.filter(|invoice| invoice["status"] == "open") {
            invoice["auto_advance"] = false.into();
            invoice["next_payment_attempt"] = Value::Null;
            tx.put(Kind::Invoice, &invoice);
        }
    }
}

/// `POST /v1/invoices/{id}/pay`
pub(super) fn pay(tx: &mut Transaction, id: &str, params: &Params) -> Result<(StatusCode, Value), Error> {
    let not_modelled = ["mandate", "paid_out_of_band", "payment_method", "source"];
    params.only(&[&["forgive", "off_session"], &not_modelled])?;
    params.not_modelled(&not_modelled)?;
    let mut invoice = tx.require(Kind::Invoice, id, "id")?;
    if invoice["status"] != "open" {
        let message = match invoice["status"].as_str() {
            Some("paid") => "Invoice is already paid",
            _ => "This invoice can not be paid",
        };
        return Err(Error::invalid(message).final_for_its_key());
    }
    match pay_by_hand(tx, &mut invoice) {
        Ok(()) => Ok((StatusCode::OK, invoice)),
        Err(error) => Ok((StatusCode::PAYMENT_REQUIRED, error)),
    }
}

/// A try by hand, which does not change when the next one comes by itself. Answers Stripe's error object if it fails.
pub(super) fn pay_by_hand(tx: &mut Transaction, invoice: &mut Value) -> Result<(), Value> {
    if let Err(error) = attempt(tx, invoice) {
        tx.emit("invoice.payment_failed", invoice);
        return Err(error);
    }
    if let Some(before) = subscriptions::of_invoice(tx, invoice) {
        let mut after = before.clone();
        subscriptions::follow(tx, &mut after, invoice, true);
        tx.put_change(
            Kind::Subscription,
            "customer.subscription.updated",
            &before,
            &after,
        );
    }
    Ok(())
}

/// `GET /v1/invoices`
pub(super) fn list(tx: &Transaction, params: &Params) -> Result<Value, Error> {
    let not_modelled = ["collection_method", "customer_account", "due_date"];
    params.only(&[
        lists::KNOWN,
        &["customer", "status", "subscription"],
        &not_modelled,
    ])?;
    params.not_modelled(&not_modelled)?;
    params.one_of("status", &["draft", "open", "paid", "uncollectible", "void"])?;
    if let Some(id) = params.text("customer")? {
        customers::known(tx, &id, "customer")?;
    }
    let wanted = params.wanted(&["customer", "status"])?;
    let subscription = params.text("subscription")?;
    lists::page(tx, Kind::Invoice, "/v1/invoices", params, |invoice| {
        wanted.iter().all(|(field, value)| invoice[field] == *value)
            && subscription
                .as_deref()
                .is_none_or(|id| invoice["parent"]["subscription_details"]["subscription"] == id)
    })
}

/// `GET /v1/invoices/{id}/lines`
pub(super) fn list_lines(tx: &Transaction, id: &str, params: &Params) -> Result<Value, Error> {
    params.only(&[&["ending_before", "limit", "starting_after"]])?;
    let mut invoice = tx.require(Kind::Invoice, id, "id")?;
    let lines = invoice["lines"]["data"].as_array_mut().map(std::mem::take);
    let url = format!("/v1/invoices/{id}/lines");
    lists::paginate("line_item", lines.unwrap_or_default(), &url, params)
}
