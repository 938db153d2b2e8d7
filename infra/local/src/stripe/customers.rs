//! Customers, <https://docs.stripe.com/api/customers>.

use serde_json::{Value, json};

use super::errors::Error;
use super::lists;
use super::params::Params;
use super::store::{Kind, Transaction};
use super::subscriptions;

/// Parameters that Stripe knows and that nothing here depends on.
const NOT_MODELLED: &[&str] = &[
    "balance",
    "cash_balance",
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
    params.only(&[KNOWN, &["invoice_settings"], NOT_MODELLED])?;
    params.not_modelled(NOT_MODELLED)?;
    params.not_modelled(&["invoice_settings"])?;
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

/// `POST /v1/customers/{id}`
pub(super) fn update(tx: &mut Transaction, id: &str, params: &Params) -> Result<Value, Error> {
    params.only(&[KNOWN, &["invoice_settings"], NOT_MODELLED])?;
    params.not_modelled(NOT_MODELLED)?;
    let before = living(tx, id, "id")?;
    let mut after = before.clone();
    for (field, longest) in [
        ("description", 5000),
        ("email", 512),
        ("name", 256),
        ("phone", 20),
    ] {
        if let Some(text) = params.text_up_to(field, longest)? {
            after[field] = text.into();
        }
    }
    after["metadata"] = params.metadata_over(&before["metadata"])?;
    if let Some(settings) = params.nested("invoice_settings")? {
        settings.only(&[&["default_payment_method"]])?;
        if let Some(card) = settings.text("default_payment_method")? {
            let param = settings.full_name("default_payment_method");
            let card = tx.require(Kind::PaymentMethod, &card, &param)?;
            if card["customer"] != before["id"] {
                let message = "The payment method must be attached to the customer.";
                return Err(Error::invalid(message).at(param));
            }
            after["invoice_settings"]["default_payment_method"] = card["id"].clone();
        }
    }
    tx.put_change(Kind::Customer, "customer.updated", &before, &after);
    Ok(after)
}

/// `DELETE /v1/customers/{id}`: cancels the customer's subscriptions at once. Only that there was one stays known.
pub(super) fn delete(tx: &mut Transaction, id: &str, params: &Params) -> Result<Value, Error> {
    params.only(&[])?;
    let customer = living(tx, id, "id")?;
    for mut subscription in subscriptions::living_of(tx, &customer["id"]) {
        subscriptions::end(tx, &mut subscription, "cancellation_requested");
    }
    let deleted = json!({ "id": id, "object": "customer", "deleted": true });
    tx.put(Kind::Customer, &deleted);
    tx.emit("customer.deleted", &customer);
    Ok(deleted)
}

/// The customer with this id, who may have been deleted.
pub(super) fn known(tx: &Transaction, id: &str, param: &str) -> Result<Value, Error> {
    tx.require(Kind::Customer, id, param)
}

/// The customer with this id; a deleted one is missing.
pub(super) fn living(tx: &Transaction, id: &str, param: &str) -> Result<Value, Error> {
    let customer = known(tx, id, param)?;
    if customer["deleted"] == true {
        return Err(Error::missing("customer", id, param));
    }
    Ok(customer)
}

/// `GET /v1/customers`
pub(super) fn list(tx: &Transaction, params: &Params) -> Result<Value, Error> {
    params.only(&[lists::KNOWN, &["email", "test_clock"]])?;
    let email = params.text("email")?;
    lists::page(tx, Kind::Customer, "/v1/customers", params, |customer| {
        customer["deleted"] != true && email.as_deref().is_none_or(|email| customer["email"] == email)
    })
}
