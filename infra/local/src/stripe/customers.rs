//! Customers, <https://docs.stripe.com/api/customers>.

use serde_json::{Value, json};

use super::errors::Error;
use super::lists;
use super::params::Params;
use super::store::{Kind, Transaction};

/// Parameters that Stripe knows and that nothing here depends on.
const NOT_MODELLED: &[&str] = &[
    "balance",
    "cash_balance",
    "invoice_settings",
    "next_invoice_sequence",
    "payment_method",
    "source",
    "tax",
    "tax_id_data",
    "test_clock",
];

const KNOWN: &[&str] = &[
    "address",
    "business_name",
    "description",
    "email",
    "individual_name",
    "invoice_prefix",
    "metadata",
    "name",
    "phone",
    "preferred_locales",
    "shipping",
    "tax_exempt",
    "validate",
];

/// `POST /v1/customers`
pub(super) fn create(tx: &mut Transaction, params: &Params) -> Result<Value, Error> {
    params.only(&[KNOWN, NOT_MODELLED])?;
    params.not_modelled(NOT_MODELLED)?;
    let customer = new(
        tx,
        &json!({
            "description": params.text("description")?,
            "email": params.text_up_to("email", 512)?,
            "metadata": params.metadata()?,
            "name": params.text_up_to("name", 256)?,
            "phone": params.text_up_to("phone", 20)?,
        }),
    );
    Ok(customer)
}

/// Makes a customer of `details`.
pub(super) fn new(tx: &mut Transaction, details: &Value) -> Value {
    let id = tx.id("cus_", 14);
    let customer = json!({
        "id": id,
        "object": "customer",
        "address": null,
        "balance": 0,
        "created": tx.now,
        "currency": null,
        "default_source": null,
        "delinquent": false,
        "description": details["description"],
        "discount": null,
        "email": details["email"],
        "invoice_prefix": tx.id("", 8).to_ascii_uppercase(),
        "invoice_settings": {
            "custom_fields": null,
            "default_payment_method": null,
            "footer": null,
            "rendering_options": null,
        },
        "livemode": false,
        "metadata": if details["metadata"].is_object() { details["metadata"].clone() } else { json!({}) },
        "name": details["name"],
        "next_invoice_sequence": 1,
        "phone": details["phone"],
        "preferred_locales": [],
        "shipping": null,
        "tax_exempt": "none",
        "test_clock": null,
    });
    tx.put(Kind::Customer, &customer);
    tx.emit("customer.created", &customer);
    customer
}

/// `GET /v1/customers`
pub(super) fn list(tx: &Transaction, params: &Params) -> Result<Value, Error> {
    params.only(&[lists::KNOWN, &["email", "test_clock"]])?;
    let email = params.text("email")?;
    lists::page(tx, Kind::Customer, "/v1/customers", params, |customer| {
        email.as_deref().is_none_or(|email| customer["email"] == email)
    })
}
