//! Charges, <https://docs.stripe.com/api/charges>: one for each attempt to take a payment.

use serde_json::{Value, json};

use super::errors::Error;
use super::lists;
use super::params::Params;
use super::store::{Kind, Transaction};

/// How a buyer pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// A card: decided at once.
    Card,
    /// A bank debit: decided days later.
    BankDebit,
}

/// Who pays.
#[derive(Clone, Debug, Default)]
pub(super) struct Buyer {
    pub(super) email: Option<String>,
    pub(super) name: Option<String>,
}

/// Why a card was not charged, <https://docs.stripe.com/declines/codes>.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decline {
    pub(super) code: &'static str,
    pub(super) decline_code: &'static str,
    pub(super) message: &'static str,
}

impl Decline {
    /// The card's bank gives no reason.
    pub(super) const GENERIC: Self = Self {
        code: "card_declined",
        decline_code: "generic_decline",
        message: "Your card was declined.",
    };
    /// There is not enough money.
    pub(super) const INSUFFICIENT_FUNDS: Self = Self {
        code: "card_declined",
        decline_code: "insufficient_funds",
        message: "Your card has insufficient funds.",
    };
    /// The card is too old.
    pub(super) const EXPIRED_CARD: Self = Self {
        code: "expired_card",
        decline_code: "expired_card",
        message: "Your card has expired.",
    };
    /// The bank refused the debit.
    pub(super) const DEBIT_REFUSED: Self = Self {
        code: "payment_method_customer_decline",
        decline_code: "insufficient_funds",
        message: "The customer's account has insufficient funds to cover this payment.",
    };
}

/// Makes a charge of `intent`, which is not decided yet: `status` is `pending`.
pub(super) fn open(tx: &Transaction, intent: &Value, method: Method, buyer: &Buyer) -> Value {
    json!({
        "id": tx.id("ch_3", 23),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": null,
        "application_fee": null,
        "application_fee_amount": null,
        "balance_transaction": null,
        "billing_details": {
            "address": { "city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null },
            "email": buyer.email,
            "name": buyer.name,
            "phone": null,
            "tax_id": null,
        },
        "calculated_statement_descriptor": "APARTMENT LOCATOR",
        "captured": true,
        "created": tx.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "destination": null,
        "dispute": null,
        "disputed": false,
        "failure_balance_transaction": null,
        "failure_code": null,
        "failure_message": null,
        "fraud_details": {},
        "livemode": false,
        "metadata": intent["metadata"],
        "on_behalf_of": null,
        "order": null,
        "outcome": null,
        "paid": false,
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "payment_method_details": method_details(method),
        "presentment_details": null,
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": null,
        "receipt_url": null,
        "refunded": false,
        "review": null,
        "shipping": null,
        "source": null,
        "source_transfer": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "status": "pending",
        "transfer_data": null,
        "transfer_group": null,
    })
}

/// Stripe's test card and test account, <https://docs.stripe.com/testing>.
fn method_details(method: Method) -> Value {
    match method {
        Method::Card => json!({
            "type": "card",
            "card": {
                "amount_authorized": null,
                "brand": "visa",
                "checks": { "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass" },
                "country": "US",
                "exp_month": 12,
                "exp_year": 2034,
                "extended_authorization": { "status": "disabled" },
                "fingerprint": "q2XnTpLd8sVb1RkY",
                "funding": "credit",
                "incremental_authorization": { "status": "unavailable" },
                "installments": null,
                "last4": "4242",
                "mandate": null,
                "multicapture": { "status": "unavailable" },
                "network": "visa",
                "network_token": { "used": false },
                "overcapture": { "maximum_amount_capturable": 0, "status": "unavailable" },
                "regulated_status": "unregulated",
                "three_d_secure": null,
                "wallet": null,
            },
        }),
        Method::BankDebit => json!({
            "type": "us_bank_account",
            "us_bank_account": {
                "account_holder_type": "individual",
                "account_type": "checking",
                "bank_name": "STRIPE TEST BANK",
                "fingerprint": "w7HcZmEo3uJf5GaN",
                "last4": "6789",
                "payment_reference": null,
                "routing_number": "110000000",
            },
        }),
    }
}

/// The charge succeeded.
pub(super) fn succeed(tx: &mut Transaction, charge: &mut Value) {
    charge["status"] = "succeeded".into();
    charge["paid"] = true.into();
    charge["amount_captured"] = charge["amount"].clone();
    charge["outcome"] = json!({
        "advice_code": null,
        "network_advice_code": null,
        "network_decline_code": null,
        "network_status": "approved_by_network",
        "reason": null,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": "Payment complete.",
        "type": "authorized",
    });
    tx.put(Kind::Charge, charge);
    tx.emit("charge.succeeded", charge);
}

/// The charge failed.
pub(super) fn fail(tx: &mut Transaction, charge: &mut Value, decline: Decline) {
    charge["status"] = "failed".into();
    charge["captured"] = false.into();
    charge["failure_code"] = decline.code.into();
    charge["failure_message"] = decline.message.into();
    charge["outcome"] = json!({
        "advice_code": null,
        "network_advice_code": null,
        "network_decline_code": null,
        "network_status": "declined_by_network",
        "reason": decline.decline_code,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": "The bank did not accept this payment.",
        "type": "issuer_declined",
    });
    tx.put(Kind::Charge, charge);
    tx.emit("charge.failed", charge);
}

/// The charge waits for the bank.
pub(super) fn wait(tx: &mut Transaction, charge: &Value) {
    tx.put(Kind::Charge, charge);
    tx.emit("charge.pending", charge);
}

/// The successful charge that a refund or a dispute is about, by its own id or by its payment intent's.
pub(super) fn succeeded(tx: &Transaction, params: &Params) -> Result<Value, Error> {
    let charge = match (params.text("charge")?, params.text("payment_intent")?) {
        (Some(charge), _) => tx.require(Kind::Charge, &charge, "charge")?,
        (None, Some(id)) => {
            let intent = tx.require(Kind::PaymentIntent, &id, "payment_intent")?;
            let latest = intent["latest_charge"]
                .as_str()
                .and_then(|charge| tx.get(Kind::Charge, charge));
            let message = format!("This PaymentIntent ({id}) does not have a successful charge to refund.");
            latest
                .filter(|charge| charge["status"] == "succeeded")
                .ok_or_else(|| Error::invalid(message).at("payment_intent").final_for_its_key())?
        }
        (None, None) => {
            let message =
                "One of the following params should be provided for this request: payment_intent or charge.";
            return Err(Error::coded("parameter_missing", message).at("payment_intent"));
        }
    };
    if charge["status"] != "succeeded" {
        let message = format!(
            "Charge {} has not succeeded.",
            charge["id"].as_str().unwrap_or_default()
        );
        return Err(Error::invalid(message).at("charge").final_for_its_key());
    }
    Ok(charge)
}

/// `GET /v1/charges`
pub(super) fn list(tx: &Transaction, params: &Params) -> Result<Value, Error> {
    params.only(&[lists::KNOWN, &["customer", "payment_intent", "transfer_group"]])?;
    let customer = params.text("customer")?;
    let intent = params.text("payment_intent")?;
    lists::page(tx, Kind::Charge, "/v1/charges", params, |charge| {
        customer.as_deref().is_none_or(|id| charge["customer"] == id)
            && intent.as_deref().is_none_or(|id| charge["payment_intent"] == id)
    })
}
