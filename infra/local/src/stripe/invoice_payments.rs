//! Invoice payments, <https://docs.stripe.com/api/invoice-payment>: which payment intent pays which invoice.

use serde_json::{Value, json};

use super::errors::Error;
use super::lists;
use super::params::Params;
use super::payment_intents;
use super::store::{Kind, Transaction};

/// Makes the payment of an invoice that was just made final, with its payment intent.
pub(super) fn open(tx: &mut Transaction, invoice: &Value) {
    let description = match invoice["billing_reason"].as_str() {
        Some("subscription_create") => "Subscription creation",
        Some("subscription_cycle") => "Subscription cycle",
        _ => "Subscription update",
    };
    let intent = payment_intents::open(
        tx,
        &json!({
            "amount": invoice["amount_due"],
            "currency": invoice["currency"],
            "customer": invoice["customer"],
            "description": description,
            "metadata": {},
            "receipt_email": null,
        }),
    );
    let payment = json!({
        "id": tx.id("inpay_1", 23),
        "object": "invoice_payment",
        "amount_paid": null,
        "amount_requested": invoice["amount_due"],
        "created": tx.now,
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": true,
        "livemode": false,
        "payment": { "type": "payment_intent", "payment_intent": intent["id"] },
        "status": "open",
        "status_transitions": { "canceled_at": null, "paid_at": null },
    });
    tx.put(Kind::InvoicePayment, &payment);
    tx.put(
        Kind::Collection,
        &json!({ "id": invoice["id"], "payment": payment["id"] }),
    );
}

/// The payment of an invoice; none if nothing was owed.
fn of_invoice(tx: &Transaction, invoice: &Value) -> Option<Value> {
    let collection = tx.get(Kind::Collection, invoice["id"].as_str()?)?;
    tx.get(Kind::InvoicePayment, collection["payment"].as_str()?)
}

/// The payment intent of an invoice.
pub(super) fn intent(tx: &Transaction, invoice: &Value) -> Value {
    of_invoice(tx, invoice)
        .and_then(|payment| {
            let intent = payment["payment"]["payment_intent"].as_str()?;
            tx.get(Kind::PaymentIntent, intent)
        })
        .unwrap_or_default()
}

/// The invoice was paid with it.
pub(super) fn succeed(tx: &mut Transaction, invoice: &Value) {
    if let Some(mut payment) = of_invoice(tx, invoice) {
        payment["status"] = "paid".into();
        payment["amount_paid"] = payment["amount_requested"].clone();
        payment["status_transitions"]["paid_at"] = tx.now.into();
        tx.put(Kind::InvoicePayment, &payment);
        tx.emit("invoice_payment.paid", &payment);
    }
}

/// The list of payments that stands in an expanded invoice.
pub(super) fn all_of(tx: &Transaction, invoice: &Value) -> Value {
    let data: Vec<Value> = of_invoice(tx, invoice).into_iter().collect();
    let id = invoice["id"].as_str().unwrap_or_default();
    let url = format!("/v1/invoice_payments?invoice={id}");
    json!({ "object": "list", "url": url, "has_more": false, "data": data })
}

/// `GET /v1/invoice_payments`
pub(super) fn list(tx: &Transaction, params: &Params) -> Result<Value, Error> {
    params.only(&[lists::KNOWN, &["invoice", "payment", "status"]])?;
    params.one_of("status", &["canceled", "open", "paid"])?;
    let intent = match params.nested("payment")? {
        Some(payment) => {
            payment.only(&[&["payment_intent", "type"]])?;
            Some(payment.require("payment_intent")?)
        }
        None => None,
    };
    let wanted = params.wanted(&["invoice", "status"])?;
    lists::page(tx, Kind::InvoicePayment, "/v1/invoice_payments", params, |it| {
        wanted.iter().all(|(field, value)| it[field] == *value)
            && intent
                .as_deref()
                .is_none_or(|id| it["payment"]["payment_intent"] == id)
    })
}
