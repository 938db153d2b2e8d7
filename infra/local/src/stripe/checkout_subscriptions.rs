//! Checkout sessions that begin a subscription: what they say about it, and what happens when the buyer agrees.

use serde_json::{Value, json};

use super::cards;
use super::charges::{Buyer, Decline};
use super::checkout_outcomes;
use super::customers;
use super::errors::Error;
use super::params::Params;
use super::payment_intents;
use super::store::{Kind, Transaction};
use super::subscriptions::{self, Terms};

/// What the buyer pays with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Card {
    /// A card that works.
    Works,
    /// A card that works today, and is declined from then on.
    DeclinesLater,
    /// None, where a trial needs none.
    None,
}

/// Reads `subscription_data`, and keeps it until the buyer agrees.
pub(super) fn read(tx: &Transaction, params: &Params) -> Result<Value, Error> {
    let collection = params
        .one_of("payment_method_collection", &["always", "if_required"])?
        .unwrap_or_else(|| "always".into());
    let mut details = json!({
        "metadata": {},
        "description": null,
        "trial_period_days": null,
        "trial_end": null,
        "missing_payment_method": "create_invoice",
        "payment_method_collection": collection,
    });
    let Some(data) = params.nested("subscription_data")? else {
        return Ok(details);
    };
    let not_modelled = [
        "application_fee_percent",
        "billing_cycle_anchor",
        "billing_cycle_anchor_config",
        "default_tax_rates",
        "on_behalf_of",
        "pending_invoice_item_interval",
        "transfer_data",
    ];
    let ignored = ["billing_mode", "invoice_settings", "proration_behavior"];
    data.only(&[
        &[
            "description",
            "metadata",
            "trial_end",
            "trial_period_days",
            "trial_settings",
        ],
        &ignored,
        &not_modelled,
    ])?;
    data.not_modelled(&not_modelled)?;
    subscriptions::trial_end(tx, &data)?;
    details["metadata"] = data.metadata()?;
    details["description"] = data.text_up_to("description", 500)?.into();
    details["trial_period_days"] = data.integer("trial_period_days")?.into();
    details["trial_end"] = data.integer("trial_end")?.into();
    if let Some(settings) = data.nested("trial_settings")? {
        settings.only(&[&["end_behavior"]])?;
        if let Some(behavior) = settings.nested("end_behavior")? {
            behavior.only(&[&["missing_payment_method"]])?;
            let choices = ["cancel", "create_invoice", "pause"];
            if let Some(choice) = behavior.one_of("missing_payment_method", &choices)? {
                details["missing_payment_method"] = choice.into();
            }
        }
    }
    Ok(details)
}

/// How many days are free, if there is a trial.
pub(super) fn trial_days(details: &Value, now: i64) -> Option<i64> {
    let until = details["trial_end"]
        .as_i64()
        .map(|end| (end - now) / super::calendar::DAY);
    until.or_else(|| details["trial_period_days"].as_i64())
}

/// Whether the buyer may begin without a card.
pub(super) fn needs_no_card(details: &Value) -> bool {
    details["payment_method_collection"] == "if_required" && trial_days(details, 0).is_some()
}

/// The buyer agrees: the subscription begins.
pub(super) fn complete(tx: &mut Transaction, session: &mut Value, buyer: &Buyer, card: Card) {
    let basket = basket(tx, session);
    let details = &basket["subscription"];
    if session["customer"].is_null() {
        let customer = customers::new(tx, &json!({ "email": buyer.email, "name": buyer.name }));
        session["customer"] = customer["id"].clone();
    }
    let customer = session["customer"].as_str().unwrap_or_default().to_owned();
    let saved = (card != Card::None).then(|| cards::save(tx, &customer, true));
    let trial_end = details["trial_end"].as_i64().or_else(|| {
        let days = details["trial_period_days"].as_i64()?;
        Some(tx.now + days * super::calendar::DAY)
    });
    let items = basket["items"].as_array().into_iter().flatten();
    let terms = Terms {
        customer: session["customer"].clone(),
        prices: items
            .map(|item| (item["price"].clone(), item["quantity"].as_i64().unwrap_or(1)))
            .collect(),
        metadata: details["metadata"].clone(),
        description: details["description"].clone(),
        trial_end,
        without_card: details["missing_payment_method"]
            .as_str()
            .unwrap_or("create_invoice")
            .to_owned(),
        card: saved.clone(),
    };
    let subscription = subscriptions::new(tx, &terms);
    subscriptions::begin(tx, subscription, |tx, subscription| {
        session["subscription"] = subscription["id"].clone();
        session["invoice"] = subscription["latest_invoice"].clone();
        let status = if trial_end.is_some() {
            "no_payment_required"
        } else {
            "paid"
        };
        checkout_outcomes::complete(tx, session, buyer, status);
    });
    if let Some(saved) = saved
        && card == Card::DeclinesLater
    {
        cards::set_works(tx, &saved, false);
    }
}

/// The bank declines the card: the session stays open. A trial costs nothing, so that nothing was charged.
pub(super) fn decline(tx: &mut Transaction, session: &Value, buyer: &Buyer) {
    if session["amount_total"] == 0 {
        return;
    }
    let mut intent = payment_intents::open(
        tx,
        &json!({
            "amount": session["amount_total"],
            "currency": session["currency"],
            "customer": session["customer"],
            "description": "Subscription creation",
            "metadata": {},
            "receipt_email": null,
        }),
    );
    intent["payment_method"] = tx.id("pm_1", 23).into();
    payment_intents::decline_card(tx, &mut intent, buyer, Decline::GENERIC);
}

fn basket(tx: &Transaction, session: &Value) -> Value {
    session["id"]
        .as_str()
        .and_then(|id| tx.get(Kind::Basket, id))
        .unwrap_or_default()
}
