//! Disputes, <https://docs.stripe.com/api/disputes>: a buyer asks the bank for the money back, and the bank decides.

use serde_json::{Value, json};

use super::charges;
use super::errors::Error;
use super::lists;
use super::params::Params;
use super::store::{Kind, Transaction};

/// How long there is to answer a dispute, in seconds: nine days.
const TIME_TO_ANSWER: i64 = 9 * 24 * 60 * 60;

/// The pieces of evidence that may be handed in. None is, here.
const EVIDENCE: [&str; 26] = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "uncategorized_file",
    "uncategorized_text",
];

/// A buyer disputes a charge, the whole of it or the part in `amount`.
pub(super) fn open(tx: &mut Transaction, params: &Params) -> Result<Value, Error> {
    params.only(&[&["amount", "charge", "payment_intent", "reason"]])?;
    let amount = params.integer_from("amount", 1)?;
    let reason = params.text("reason")?.unwrap_or_else(|| "fraudulent".into());
    let mut charge = charges::succeeded(tx, params)?;
    if charge["disputed"] == true {
        return Err(Error::invalid("This charge is or was disputed already.").at("charge"));
    }
    let whole = charge["amount"].as_i64().unwrap_or_default();
    let amount = amount.unwrap_or(whole);
    if amount > whole {
        return Err(Error::invalid("The dispute is about more than the charge.").at("amount"));
    }
    let mut evidence: Value = EVIDENCE
        .iter()
        .map(|piece| ((*piece).to_owned(), Value::Null))
        .collect();
    evidence["enhanced_evidence"] = json!({});
    let dispute = json!({
        "id": tx.id("du_1", 23),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": tx.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": evidence,
        "evidence_details": {
            "due_by": tx.now + TIME_TO_ANSWER,
            "enhanced_eligibility": {},
            "has_evidence": false,
            "past_due": false,
            "submission_count": 0,
        },
        "is_charge_refundable": false,
        "livemode": false,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "type": "card",
            "card": { "brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": "10.4" },
        },
        "reason": reason,
        "status": "needs_response",
    });
    charge["disputed"] = true.into();
    charge["dispute"] = dispute["id"].clone();
    tx.put(Kind::Charge, &charge);
    tx.put(Kind::Dispute, &dispute);
    tx.emit("charge.dispute.created", &dispute);
    tx.emit("charge.dispute.funds_withdrawn", &dispute);
    Ok(dispute)
}

/// The seller's evidence is with the bank, which has not decided yet.
pub(super) fn review(tx: &mut Transaction, id: &str) -> Result<Value, Error> {
    let before = tx.require(Kind::Dispute, id, "id")?;
    if before["status"] != "needs_response" {
        return Err(Error::invalid(format!(
            "Dispute {id} does not wait for an answer."
        )));
    }
    let mut after = before.clone();
    after["status"] = "under_review".into();
    after["evidence_details"]["has_evidence"] = true.into();
    after["evidence_details"]["submission_count"] = 1.into();
    tx.put_change(Kind::Dispute, "charge.dispute.updated", &before, &after);
    Ok(after)
}

/// The bank has decided: `outcome` is `won` or `lost`, as seen from the seller.
pub(super) fn close(tx: &mut Transaction, id: &str, params: &Params) -> Result<Value, Error> {
    params.only(&[&["outcome"]])?;
    let outcome = params
        .one_of("outcome", &["won", "lost"])?
        .ok_or_else(|| params.missing("outcome"))?;
    let mut dispute = tx.require(Kind::Dispute, id, "id")?;
    if dispute["status"] == "won" || dispute["status"] == "lost" {
        return Err(Error::invalid(format!("Dispute {id} is closed already.")));
    }
    let previous = json!({ "status": dispute["status"] });
    dispute["is_charge_refundable"] = (outcome == "won").into();
    if outcome == "won" {
        tx.emit("charge.dispute.funds_reinstated", &dispute);
    }
    dispute["status"] = outcome.into();
    tx.put(Kind::Dispute, &dispute);
    tx.emit_change("charge.dispute.closed", &dispute, Some(previous));
    Ok(dispute)
}

/// `GET /v1/disputes`
pub(super) fn list(tx: &Transaction, params: &Params) -> Result<Value, Error> {
    params.only(&[lists::KNOWN, &["charge", "payment_intent"]])?;
    let charge = params.text("charge")?;
    let intent = params.text("payment_intent")?;
    lists::page(tx, Kind::Dispute, "/v1/disputes", params, |dispute| {
        charge.as_deref().is_none_or(|id| dispute["charge"] == id)
            && intent.as_deref().is_none_or(|id| dispute["payment_intent"] == id)
    })
}
