//! Saved cards: payment methods that belong to a customer, <https://docs.stripe.com/api/payment_methods>, and whether
//! their bank lets them pay.

use serde_json::{Value, json};

use super::customers;
use super::errors::Error;
use super::lists;
use super::params::Params;
use super::store::{Kind, Transaction};
use super::subscriptions;

/// Saves a new card of `customer` as the one to charge. A card that does not work is saved all the same, and declined
/// when it is charged, as Stripe's test card 4000 0000 0000 0341.
pub(super) fn save(tx: &mut Transaction, customer: &str, works: bool) -> String {
    let id = tx.id("pm_1", 23);
    let known = tx.get(Kind::Customer, customer).unwrap_or_default();
    let card = json!({
        "id": id,
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": {
            "address": { "city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null },
            "email": known["email"],
            "name": known["name"],
            "phone": null,
            "tax_id": null,
        },
        "card": {
            "brand": "visa",
            "checks": { "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass" },
            "country": "US",
            "display_brand": "visa",
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": "q2XnTpLd8sVb1RkY",
            "funding": "credit",
            "generated_from": null,
            "last4": if works { "4242" } else { "0341" },
            "networks": { "available": ["visa"], "preferred": null },
            "regulated_status": "unregulated",
            "three_d_secure_usage": { "supported": true },
            "wallet": null,
        },
        "created": tx.now,
        "customer": customer,
        "livemode": false,
        "metadata": {},
        "type": "card",
    });
    tx.put(Kind::PaymentMethod, &card);
    set_works(tx, &id, works);
    tx.emit("payment_method.attached", &card);
    id
}

/// Sets whether the bank lets a card pay from now on.
pub(super) fn set_works(tx: &mut Transaction, card: &str, works: bool) {
    tx.put(Kind::Card, &json!({ "id": card, "works": works }));
}

/// Whether the bank lets the card pay.
pub(super) fn works(tx: &Transaction, card: &str) -> bool {
    tx.get(Kind::Card, card).is_none_or(|card| card["works"] == true)
}

/// Makes a card the one that a customer's invoices are charged to, and those of all subscriptions.
pub(super) fn make_default(tx: &mut Transaction, customer: &Value, card: &str) {
    let mut after = customer.clone();
    after["invoice_settings"]["default_payment_method"] = card.into();
    tx.put_change(Kind::Customer, "customer.updated", customer, &after);
    for before in subscriptions::living_of(tx, &customer["id"]) {
        let mut after = before.clone();
        after["default_payment_method"] = card.into();
        tx.put_change(
            Kind::Subscription,
            "customer.subscription.updated",
            &before,
            &after,
        );
    }
}

/// Sets whether every card of a customer works from now on.
pub(super) fn set_all(tx: &mut Transaction, customer: &str, works: bool) -> Result<Value, Error> {
    let customer = customers::living(tx, customer, "id")?;
    for card in of_customer(tx, &customer["id"]) {
        set_works(tx, card["id"].as_str().unwrap_or_default(), works);
    }
    Ok(customer)
}

fn of_customer<'a>(tx: &Transaction<'a>, customer: &Value) -> impl Iterator<Item = &'a Value> + use<'a> {
    let customer = customer.clone();
    tx.oldest_first(Kind::PaymentMethod)
        .filter(move |card| card["customer"] == customer)
}

/// `GET /v1/payment_methods` and `GET /v1/customers/{id}/payment_methods`
pub(super) fn list(tx: &Transaction, customer: Option<&str>, params: &Params) -> Result<Value, Error> {
    params.only(&[lists::KNOWN, &["customer", "type"]])?;
    let customer = match customer {
        Some(id) => customers::living(tx, id, "id")?["id"].clone(),
        None => params.text("customer")?.into(),
    };
    let kind = params.text("type")?;
    lists::page(tx, Kind::PaymentMethod, "/v1/payment_methods", params, |card| {
        (customer.is_null() || card["customer"] == customer)
            && kind.as_deref().is_none_or(|kind| card["type"] == kind)
    })
}
