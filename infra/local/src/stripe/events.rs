//! Events, <https://docs.stripe.com/api/events>: what happened, for 30 days.

use serde_json::Value;

use super::errors::Error;
use super::lists;
use super::params::Params;
use super::store::{Kind, Transaction};

/// How long Stripe shows an event, in seconds.
const SHOWN: i64 = 30 * 24 * 60 * 60;

/// `GET /v1/events/{id}`
pub(super) fn retrieve(tx: &Transaction, id: &str) -> Result<Value, Error> {
    let event = tx.require(Kind::Event, id, "id")?;
    if is_shown(tx, &event) {
        Ok(as_of_now(tx, event))
    } else {
        Err(Error::missing("event", id, "id"))
    }
}

/// `GET /v1/events`
pub(super) fn list(tx: &Transaction, params: &Params) -> Result<Value, Error> {
    params.only(&[lists::KNOWN, &["delivery_success", "type", "types"]])?;
    let mut types = params.texts("types")?;
    if let Some(one) = params.text("type")? {
        if !types.is_empty() {
            let message = "You may only specify one of these parameters: type, types.";
            return Err(Error::coded("parameters_exclusive", message));
        }
        types.push(one);
    }
    let delivered = params.boolean("delivery_success")?;
    let mut page = lists::page(tx, Kind::Event, "/v1/events", params, |event| {
        is_shown(tx, event)
            && (types.is_empty() || types.iter().any(|pattern| matches(pattern, event)))
            && delivered.is_none_or(|delivered| (pending(tx, event) == 0) == delivered)
    })?;
    if let Some(events) = page["data"].as_array_mut() {
        for event in events {
            *event = as_of_now(tx, event.take());
        }
    }
    Ok(page)
}

fn is_shown(tx: &Transaction, event: &Value) -> bool {
    event["created"]
        .as_i64()
        .is_some_and(|created| created > tx.now - SHOWN)
}

/// Whether `pattern`, such as `charge.refunded` or `charge.*`, holds for the event.
fn matches(pattern: &str, event: &Value) -> bool {
    let kind = event["type"].as_str().unwrap_or_default();
    match pattern.strip_suffix('*') {
        Some(start) => kind.starts_with(start),
        None => kind == pattern,
    }
}

/// How many endpoints have not taken the event yet.
fn pending(tx: &Transaction, event: &Value) -> i64 {
    let delivery = event["id"].as_str().and_then(|id| tx.get(Kind::Delivery, id));
    i64::from(delivery.is_none_or(|delivery| delivery["state"] != "delivered"))
}

fn as_of_now(tx: &Transaction, mut event: Value) -> Value {
    event["pending_webhooks"] = pending(tx, &event).into();
    event
}
