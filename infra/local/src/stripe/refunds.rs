//! Refunds, <https://docs.stripe.com/api/refunds>.

use serde_json::{Value, json};

use super::charges;
use super::errors::Error;
use super::lists;
use super::money;
use super::params::Params;
use super::store::{Kind, Transaction};

const NOT_MODELLED: &[&str] = &[
    "currency",
    "customer",
    "origin",
    "refund_application_fee",
    "reverse_transfer",
];

const REASONS: &[&str] = &["duplicate", "fraudulent", "requested_by_customer"];

/// `POST /v1/refunds`: the whole rest of a charge, or a part of it.
pub(super) fn create(tx: &mut Transaction, params: &Params) -> Result<Value, Error> {
    params.only(&[
        &[
            "amount",
            "charge",
            "instructions_email",
            "metadata",
            "payment_intent",
            "reason",
        ],
        NOT_MODELLED,
    ])?;
    params.not_modelled(NOT_MODELLED)?;
    let amount = params.integer_from("amount", 1)?;
    let reason = params.one_of("reason", REASONS)?;
    let metadata = params.metadata()?;
    let mut charge = charges::succeeded(tx, params)?;
    let amount = refundable(tx, &charge, amount).map_err(Error::final_for_its_key)?;

    let by_card = charge["payment_method_details"]["type"] == "card";
    let refund = json!({
        "id": tx.id("re_3", 23),
        "object": "refund",
        "amount": amount,
        "balance_transaction": null,
        "charge": charge["id"],
        "created": tx.now,
        "currency": charge["currency"],
        "destination_details": if by_card {
            json!({
                "type": "card",
                "card": { "reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund" },
            })
        } else {
            json!({ "type": "us_bank_transfer", "us_bank_transfer": { "reference_status": "pending" } })
        },
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "receipt_number": null,
        "source_transfer_reversal": null,
        "status": if tx.refunds_take_time { "pending" } else { "succeeded" },
        "transfer_reversal": null,
    });
    tx.put(Kind::Refund, &refund);
    tx.emit("refund.created", &refund);
    let previous = count(tx, &mut charge, amount);
    tx.emit_change("charge.refunded", &charge, Some(previous));
    Ok(refund)
}

/// The amount to give back: what was asked for, or all that is left of the charge.
fn refundable(tx: &Transaction, charge: &Value, asked: Option<i64>) -> Result<i64, Error> {
    let id = charge["id"].as_str().unwrap_or_default();
    let dispute = charge["dispute"]
        .as_str()
        .and_then(|dispute| tx.get(Kind::Dispute, dispute));
    if dispute.is_some_and(|dispute| dispute["is_charge_refundable"] == false) {
        let message = format!("Charge {id} has been charged back; cannot issue a refund.");
        return Err(Error::coded("charge_disputed", message));
    }
    let paid = charge["amount"].as_i64().unwrap_or_default();
    let left = paid - charge["amount_refunded"].as_i64().unwrap_or_default();
    if left == 0 {
        let message = format!("Charge {id} has already been refunded.");
        return Err(Error::coded("charge_already_refunded", message));
    }
    let amount = asked.unwrap_or(left);
    if amount > left {
        // Stripe sends no code with this one.
        let currency = charge["currency"].as_str().unwrap_or_default();
        let what = if left == paid {
            "charge amount"
        } else {
            "unrefunded amount on charge"
        };
        let (asked, left) = (money::display(amount, currency), money::display(left, currency));
        return Err(
            Error::invalid(format!("Refund amount ({asked}) is greater than {what} ({left})")).at("amount"),
        );
    }
    Ok(amount)
}

/// Counts `amount` as refunded (or, below zero, as no longer refunded); answers what the charge said before.
fn count(tx: &mut Transaction, charge: &mut Value, amount: i64) -> Value {
    let previous = json!({ "amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"] });
    let refunded = charge["amount_refunded"].as_i64().unwrap_or_default() + amount;
    charge["amount_refunded"] = refunded.into();
    charge["refunded"] = (charge["amount"] == refunded).into();
    tx.put(Kind::Charge, charge);
    previous
}

/// The bank sends the money back to us, days later: the refund has failed, and the debt is open again.
pub(super) fn fail(tx: &mut Transaction, id: &str) -> Result<Value, Error> {
    let mut refund = tx.require(Kind::Refund, id, "id")?;
    if refund["status"] == "failed" {
        return Err(Error::invalid(format!("Refund {id} has already failed.")));
    }
    let previous = json!({ "status": refund["status"] });
    refund["status"] = "failed".into();
    refund["failure_reason"] = "expired_or_canceled_card".into();
    tx.put(Kind::Refund, &refund);
    if let Some(mut charge) = refund["charge"]
        .as_str()
        .and_then(|charge| tx.get(Kind::Charge, charge))
    {
        count(tx, &mut charge, -refund["amount"].as_i64().unwrap_or_default());
    }
    tx.emit_change("refund.updated", &refund, Some(previous.clone()));
    tx.emit_change("charge.refund.updated", &refund, Some(previous));
    tx.emit("refund.failed", &refund);
    Ok(refund)
}

/// The bank has given the money to the buyer, days after the refund was made.
pub(super) fn succeed(tx: &mut Transaction, id: &str) -> Result<Value, Error> {
    let mut refund = tx.require(Kind::Refund, id, "id")?;
    if refund["status"] != "pending" {
        return Err(Error::invalid(format!("Refund {id} is not pending.")));
    }
    let previous = json!({ "status": refund["status"] });
    refund["status"] = "succeeded".into();
    tx.put(Kind::Refund, &refund);
    tx.emit_change("refund.updated", &refund, Some(previous.clone()));
    tx.emit_change("charge.refund.updated", &refund, Some(previous));
    Ok(refund)
}

/// `GET /v1/refunds`
pub(super) fn list(tx: &Transaction, params: &Params) -> Result<Value, Error> {
    params.only(&[lists::KNOWN, &["charge", "payment_intent"]])?;
    let charge = params.text("charge")?;
    let intent = params.text("payment_intent")?;
    lists::page(tx, Kind::Refund, "/v1/refunds", params, |refund| {
        charge.as_deref().is_none_or(|id| refund["charge"] == id)
            && intent.as_deref().is_none_or(|id| refund["payment_intent"] == id)
    })
}
