//! Payment intents, <https://docs.stripe.com/api/payment_intents>, and their life: from the first attempt to the money.

use http::StatusCode;
use serde_json::{Value, json};

use super::cards;
use super::charges::{self, Buyer, Decline, Method};
use super::checkout_outcomes;
use super::customers;
use super::errors::Error;
use super::lists;
use super::money;
use super::params::Params;
use super::store::{Kind, Transaction};

/// Parameters that Stripe knows and that would change what is charged, or when.
const NOT_MODELLED: &[&str] = &[
    "amount_details",
    "application_fee_amount",
    "capture_method",
    "confirmation_method",
    "confirmation_token",
    "hooks",
    "mandate",
    "mandate_data",
    "on_behalf_of",
    "payment_details",
    "payment_method_data",
    "setup_future_usage",
    "transfer_data",
    "transfer_group",
];

const KNOWN: &[&str] = &[
    "allowed_payment_method_types",
    "amount",
    "automatic_payment_methods",
    "confirm",
    "currency",
    "customer",
    "customer_account",
    "description",
    "error_on_requires_action",
    "excluded_payment_method_types",
    "metadata",
    "off_session",
    "payment_method",
    "payment_method_configuration",
    "payment_method_options",
    "payment_method_types",
    "radar_options",
    "receipt_email",
    "return_url",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "use_stripe_sdk",
];

const KNOWN_TO_CONFIRM: &[&str] = &[
    "allowed_payment_method_types",
    "error_on_requires_action",
    "excluded_payment_method_types",
    "off_session",
    "payment_method",
    "payment_method_options",
    "payment_method_types",
    "radar_options",
    "receipt_email",
    "return_url",
    "shipping",
    "use_stripe_sdk",
];

/// `POST /v1/payment_intents`
pub(super) fn create(tx: &mut Transaction, params: &Params) -> Result<(StatusCode, Value), Error> {
    params.only(&[KNOWN, NOT_MODELLED])?;
    params.not_modelled(NOT_MODELLED)?;
    let amount = params
        .integer_from("amount", 1)?
        .ok_or_else(|| params.missing("amount"))?;
    let currency = money::currency(params, "currency")?;
    money::check(amount, &currency, "Amount").map_err(|error| error.at("amount"))?;
    let customer = params.text("customer")?;
    if let Some(customer) = &customer {
        customers::living(tx, customer, "customer")?;
    }
    let details = json!({
        "amount": amount,
        "currency": currency,
        "customer": customer,
        "description": params.text_up_to("description", 1000)?,
        "metadata": params.metadata()?,
        "receipt_email": params.text("receipt_email")?,
    });
    let method = params.text("payment_method")?;
    let confirm = params.boolean("confirm")?.unwrap_or(false);
    let mut intent = open(tx, &details);
    if let Some(method) = method {
        take_method(&mut intent, &method);
        tx.put(Kind::PaymentIntent, &intent);
    }
    if confirm {
        attempt(tx, intent)
    } else {
        Ok((StatusCode::OK, intent))
    }
}

/// `POST /v1/payment_intents/{id}/confirm`
pub(super) fn confirm(tx: &mut Transaction, id: &str, params: &Params) -> Result<(StatusCode, Value), Error> {
    params.only(&[KNOWN_TO_CONFIRM, NOT_MODELLED])?;
    params.not_modelled(NOT_MODELLED)?;
    let mut intent = tx.require(Kind::PaymentIntent, id, "intent")?;
    refuse_unless(
        &intent,
        &["requires_payment_method", "requires_confirmation"],
        "confirm",
    )?;
    if let Some(method) = params.text("payment_method")? {
        take_method(&mut intent, &method);
    }
    attempt(tx, intent)
}

/// `POST /v1/payment_intents/{id}/cancel`
pub(super) fn cancel(tx: &mut Transaction, id: &str, params: &Params) -> Result<Value, Error> {
    params.only(&[&["cancellation_reason"]])?;
    let reasons = ["abandoned", "duplicate", "fraudulent", "requested_by_customer"];
    let reason = params.one_of("cancellation_reason", &reasons)?;
    let mut intent = tx.require(Kind::PaymentIntent, id, "intent")?;
    refuse_unless(
        &intent,
        &["requires_payment_method", "requires_confirmation", "processing"],
        "cancel",
    )?;
    end(tx, &mut intent, reason.as_deref());
    Ok(intent)
}

/// `GET /v1/payment_intents`
pub(super) fn list(tx: &Transaction, params: &Params) -> Result<Value, Error> {
    params.only(&[lists::KNOWN, &["customer", "customer_account"]])?;
    let customer = params.text("customer")?;
    lists::page(tx, Kind::PaymentIntent, "/v1/payment_intents", params, |intent| {
        customer.as_deref().is_none_or(|id| intent["customer"] == id)
    })
}

fn refuse_unless(intent: &Value, statuses: &[&str], verb: &str) -> Result<(), Error> {
    let status = intent["status"].as_str().unwrap_or_default();
    if statuses.contains(&status) {
        return Ok(());
    }
    let message = format!(
        "You cannot {verb} this PaymentIntent because it has a status of {status}. Only a PaymentIntent with one of \
         the following statuses may be the subject of this: {}.",
        statuses.join(", ")
    );
    Err(Error::coded("payment_intent_unexpected_state", message).final_for_its_key())
}

fn take_method(intent: &mut Value, method: &str) {
    intent["payment_method"] = method.into();
    intent["status"] = "requires_confirmation".into();
}

/// What becomes of a bank debit with one of Stripe's test accounts: paid, refused, or undecided until someone at this
/// machine decides it.
fn debit_ending(method: &str) -> Option<Option<bool>> {
    match method {
        "pm_usBankAccount_success" => Some(Some(true)),
        "pm_usBankAccount_insufficientFunds" | "pm_usBankAccount_debitNotAuthorized" => Some(Some(false)),
        "pm_usBankAccount_processing" => Some(None),
        _ => None,
    }
}

/// The bank decides about a debit that is on its way.
pub(super) fn decide(tx: &mut Transaction, id: &str, paid: bool) -> Result<Value, Error> {
    let intent = tx.require(Kind::PaymentIntent, id, "intent")?;
    refuse_unless(&intent, &["processing"], "settle")?;
    let kept = tx.get(Kind::Settlement, id).unwrap_or_default();
    let settlement = json!({ "id": id, "session": kept["session"], "due": tx.now, "paid": paid });
    checkout_outcomes::settle(tx, &settlement);
    tx.require(Kind::PaymentIntent, id, "intent")
}

/// Tries to charge the payment method: one of Stripe's test cards or accounts, <https://docs.stripe.com/testing>, or a
/// card that the customer has saved.
fn attempt(tx: &mut Transaction, mut intent: Value) -> Result<(StatusCode, Value), Error> {
    let buyer = Buyer {
        email: intent["receipt_email"].as_str().map(str::to_owned),
        name: None,
    };
    if let Some(ending) = intent["payment_method"].as_str().and_then(debit_ending) {
        intent["payment_method"] = tx.id("pm_1", 23).into();
        debit(tx, &mut intent, &buyer);
        if let Some(paid) = ending {
            let due = tx.now + tx.settlement;
            let settlement = json!({ "id": intent["id"], "session": null, "due": due, "paid": paid });
            tx.put(Kind::Settlement, &settlement);
        }
        return Ok((StatusCode::OK, intent));
    }
    let decline = match intent["payment_method"].as_str() {
        Some("pm_card_visa" | "pm_card_mastercard" | "pm_card_amex") => None,
        Some("pm_card_visa_chargeDeclined" | "pm_card_chargeDeclined") => Some(Decline::GENERIC),
        Some("pm_card_visa_chargeDeclinedInsufficientFunds" | "pm_card_chargeDeclinedInsufficientFunds") => {
            Some(Decline::INSUFFICIENT_FUNDS)
        }
        Some("pm_card_visa_chargeDeclinedExpiredCard" | "pm_card_chargeDeclinedExpiredCard") => {
            Some(Decline::EXPIRED_CARD)
        }
        Some(other) => match tx.get(Kind::PaymentMethod, other) {
            Some(_) => (!cards::works(tx, other)).then_some(Decline::GENERIC),
            None => return Err(Error::missing("PaymentMethod", other, "payment_method")),
        },
        None => {
            let message = "You cannot confirm this PaymentIntent because it's missing a payment method.";
            return Err(Error::coded("payment_intent_unexpected_state", message).final_for_its_key());
        }
    };
    let saved = intent["payment_method"]
        .as_str()
        .is_some_and(|id| tx.get(Kind::PaymentMethod, id).is_some());
    if !saved {
        intent["payment_method"] = tx.id("pm_1", 23).into();
    }
    match decline {
        None => {
            pay(tx, &mut intent, &buyer);
            Ok((StatusCode::OK, intent))
        }
        Some(reason) => {
            let error = decline_card(tx, &mut intent, &buyer, reason);
            Ok((StatusCode::PAYMENT_REQUIRED, error))
        }
    }
}

/// Makes a payment intent of `details`: amount, currency, customer, description, metadata, receipt_email.
pub(super) fn open(tx: &mut Transaction, details: &Value) -> Value {
    let id = tx.id("pi_3", 23);
    let secret = tx.id(&format!("{id}_secret_"), 25);
    let intent = json!({
        "id": id,
        "object": "payment_intent",
        "amount": details["amount"],
        "amount_capturable": 0,
        "amount_details": { "tip": {} },
        "amount_received": 0,
        "application": null,
        "application_fee_amount": null,
        "automatic_payment_methods": { "allow_redirects": "always", "enabled": true },
        "canceled_at": null,
        "cancellation_reason": null,
        "capture_method": "automatic_async",
        "client_secret": secret,
        "confirmation_method": "automatic",
        "created": tx.now,
        "currency": details["currency"],
        "customer": details["customer"],
        "description": details["description"],
        "excluded_payment_method_types": null,
        "last_payment_error": null,
        "latest_charge": null,
        "livemode": false,
        "metadata": details["metadata"],
        "next_action": null,
        "on_behalf_of": null,
        "payment_method": null,
        "payment_method_configuration_details": null,
        "payment_method_options": { "card": { "request_three_d_secure": "automatic" } },
        "payment_method_types": ["card", "us_bank_account"],
        "processing": null,
        "receipt_email": details["receipt_email"],
        "review": null,
        "setup_future_usage": null,
        "shipping": null,
        "source": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "status": "requires_payment_method",
        "transfer_data": null,
        "transfer_group": null,
    });
    tx.put(Kind::PaymentIntent, &intent);
    tx.emit("payment_intent.created", &intent);
    intent
}

/// A card pays the whole amount.
pub(super) fn pay(tx: &mut Transaction, intent: &mut Value, buyer: &Buyer) {
    let mut charge = charges::open(tx, intent, Method::Card, buyer);
    charges::succeed(tx, &mut charge);
    succeed(tx, intent, &charge);
}

/// A card is declined: the intent waits for another one. Answers Stripe's error object.
pub(super) fn decline_card(
    tx: &mut Transaction,
    intent: &mut Value,
    buyer: &Buyer,
    decline: Decline,
) -> Value {
    let mut charge = charges::open(tx, intent, Method::Card, buyer);
    charges::fail(tx, &mut charge, decline);
    fail(tx, intent, &charge, decline);
    let mut error = intent["last_payment_error"].clone();
    error["payment_intent"] = intent.clone();
    json!({ "error": error })
}

/// A bank debit is on its way.
pub(super) fn debit(tx: &mut Transaction, intent: &mut Value, buyer: &Buyer) {
    let charge = charges::open(tx, intent, Method::BankDebit, buyer);
    intent["status"] = "processing".into();
    intent["latest_charge"] = charge["id"].clone();
    intent["last_payment_error"] = Value::Null;
    tx.put(Kind::PaymentIntent, intent);
    tx.emit("payment_intent.processing", intent);
    charges::wait(tx, &charge);
}

/// The bank has paid, or refused.
pub(super) fn settle(tx: &mut Transaction, intent: &mut Value, paid: bool) -> Option<()> {
    let mut charge = tx.get(Kind::Charge, intent["latest_charge"].as_str()?)?;
    if paid {
        charges::succeed(tx, &mut charge);
        succeed(tx, intent, &charge);
    } else {
        charges::fail(tx, &mut charge, Decline::DEBIT_REFUSED);
        fail(tx, intent, &charge, Decline::DEBIT_REFUSED);
    }
    Some(())
}

/// The payment will not be made any more.
pub(super) fn end(tx: &mut Transaction, intent: &mut Value, reason: Option<&str>) {
    intent["status"] = "canceled".into();
    intent["canceled_at"] = tx.now.into();
    intent["cancellation_reason"] = reason.into();
    tx.put(Kind::PaymentIntent, intent);
    tx.emit("payment_intent.canceled", intent);
}

fn succeed(tx: &mut Transaction, intent: &mut Value, charge: &Value) {
    intent["status"] = "succeeded".into();
    intent["amount_received"] = intent["amount"].clone();
    intent["latest_charge"] = charge["id"].clone();
    intent["last_payment_error"] = Value::Null;
    tx.put(Kind::PaymentIntent, intent);
    tx.emit("payment_intent.succeeded", intent);
}

fn fail(tx: &mut Transaction, intent: &mut Value, charge: &Value, decline: Decline) {
    intent["status"] = "requires_payment_method".into();
    intent["payment_method"] = Value::Null;
    intent["latest_charge"] = charge["id"].clone();
    intent["last_payment_error"] = json!({
        "type": "card_error",
        "charge": charge["id"],
        "code": decline.code,
        "decline_code": decline.decline_code,
        "doc_url": format!("https://stripe.com/docs/error-codes/{}", decline.code.replace('_', "-")),
        "message": decline.message,
    });
    tx.put(Kind::PaymentIntent, intent);
    tx.emit("payment_intent.payment_failed", intent);
}
