//! Checkout sessions, <https://docs.stripe.com/api/checkout/sessions>: what is sold, to whom, and where the buyer goes
//! afterwards. How a session ends is in `checkout_outcomes`.

use serde_json::{Map, Value, json};

use super::checkout_outcomes;
use super::checkout_subscriptions;
use super::customers;
use super::errors::Error;
use super::lists;
use super::money;
use super::params::Params;
use super::prices;
use super::store::{Kind, Transaction};

/// The shortest and the longest life of a session, in seconds.
const SHORTEST: i64 = 30 * 60;
const LONGEST: i64 = 24 * 60 * 60;

/// Parameters that are read here.
const KNOWN: &[&str] = &[
    "allow_promotion_codes",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "currency",
    "customer",
    "customer_creation",
    "customer_email",
    "expires_at",
    "line_items",
    "locale",
    "metadata",
    "mode",
    "payment_intent_data",
    "payment_method_collection",
    "phone_number_collection",
    "submit_type",
    "subscription_data",
    "success_url",
    "ui_mode",
];

/// Parameters that change how the page looks or what it asks for, and nothing that is charged.
const TAKEN_AND_IGNORED: &[&str] = &[
    "adaptive_pricing",
    "after_expiration",
    "allowed_payment_method_types",
    "branding_settings",
    "consent_collection",
    "custom_fields",
    "custom_text",
    "customer_update",
    "excluded_payment_method_types",
    "integration_identifier",
    "managed_payments",
    "name_collection",
    "origin_context",
    "payment_method_configuration",
    "payment_method_data",
    "payment_method_options",
    "payment_method_types",
    "permissions",
    "saved_payment_method_options",
    "wallet_options",
];

/// Parameters that Stripe knows and that would change what is charged, or how.
const NOT_MODELLED: &[&str] = &[
    "automatic_tax",
    "customer_account",
    "discounts",
    "invoice_creation",
    "optional_items",
    "redirect_on_completion",
    "return_url",
    "setup_intent_data",
    "shipping_address_collection",
    "shipping_options",
    "tax_id_collection",
];

/// `POST /v1/checkout/sessions`
pub(super) fn create(tx: &mut Transaction, params: &Params) -> Result<Value, Error> {
    params.only(&[KNOWN, TAKEN_AND_IGNORED, NOT_MODELLED])?;
    params.not_modelled(NOT_MODELLED)?;
    let mode = Mode::read(params)?;
    if let Some("embedded_page" | "elements" | "form") = ui_mode(params)?.as_deref() {
        return Err(Error::invalid("The local stand-in for Stripe has hosted pages only.").at("ui_mode"));
    }
    let subscription = match mode {
        Mode::Payment => Value::Null,
        Mode::Subscription => checkout_subscriptions::read(tx, params)?,
    };
    let is_free_today = checkout_subscriptions::trial_days(&subscription, tx.now).is_some();
    let basket = Basket::read(tx, params, mode, is_free_today)?;
    let session = new(tx, params, &basket)?;
    tx.put(
        Kind::Basket,
        &basket.stored(&session["id"], params, &subscription)?,
    );
    tx.put(Kind::CheckoutSession, &session);
    Ok(session)
}

/// What a session is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// One payment.
    Payment,
    /// The beginning of a subscription.
    Subscription,
}

impl Mode {
    /// Reads `mode`, and refuses the parameters of the other mode.
    fn read(params: &Params) -> Result<Self, Error> {
        let modes = ["payment", "setup", "subscription"];
        let (mode, foreign) = match params.one_of("mode", &modes)?.as_deref() {
            Some("payment") => (
                Self::Payment,
                &["payment_method_collection", "subscription_data"][..],
            ),
            Some("subscription") => (
                Self::Subscription,
                &["customer_creation", "payment_intent_data", "submit_type"][..],
            ),
            Some(mode) => {
                let message =
                    format!("The local stand-in for Stripe does not model sessions in `{mode}` mode.");
                return Err(Error::invalid(message).at("mode"));
            }
            None => return Err(params.missing("mode")),
        };
        match foreign.iter().find(|field| params.has(field)) {
            Some(field) => {
                let name = mode.name();
                Err(Error::invalid(format!("You can not pass `{field}` in `{name}` mode.")).at(*field))
            }
            None => Ok(mode),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Subscription => "subscription",
        }
    }
}

fn ui_mode(params: &Params) -> Result<Option<String>, Error> {
    params.one_of(
        "ui_mode",
        &["hosted_page", "hosted", "embedded_page", "elements", "form"],
    )
}

/// What a session sells.
struct Basket {
    mode: Mode,
    /// Whether a trial makes everything cost nothing today.
    is_free_today: bool,
    currency: String,
    total: i64,
    items: Vec<Value>,
    descriptions: Vec<Option<String>>,
}

impl Basket {
    /// Reads `line_items`: up to 100, all in one currency, each with its price, in a subscription for the same period.
    fn read(tx: &mut Transaction, params: &Params, mode: Mode, is_free_today: bool) -> Result<Self, Error> {
        let lines = params.list("line_items")?;
        if lines.is_empty() {
            return Err(params.missing("line_items"));
        }
        if lines.len() > 100 {
            let message = "You can have up to 100 line items in a Checkout Session.";
            return Err(Error::invalid(message).at("line_items"));
        }
        let mut basket = Self {
            mode,
            is_free_today,
            currency: String::new(),
            total: 0,
            items: Vec::new(),
            descriptions: Vec::new(),
        };
        for line in &lines {
            basket.add(tx, line)?;
        }
        if params
            .text("currency")?
            .is_some_and(|currency| currency.to_ascii_lowercase() != basket.currency)
        {
            return Err(Error::invalid("The line items are not in the session's currency.").at("currency"));
        }
        if mode == Mode::Payment || basket.total > 0 {
            let what = "The Checkout Session's total amount due";
            money::check(basket.total, &basket.currency, what).map_err(|error| error.at("line_items"))?;
        }
        Ok(basket)
    }

    fn add(&mut self, tx: &mut Transaction, line: &Params) -> Result<(), Error> {
        let not_modelled = ["adjustable_quantity", "tax_rates"];
        line.only(&[&["metadata", "price", "price_data", "quantity"], &not_modelled])?;
        line.not_modelled(&not_modelled)?;
        let price = match (line.text("price")?, line.nested("price_data")?) {
            (Some(_), Some(_)) => {
                let message = "You may only specify one of these parameters: price, price_data.";
                return Err(Error::coded("parameters_exclusive", message).at(line.full_name("price")));
            }
            (Some(id), None) => tx.require(Kind::Price, &id, &line.full_name("price"))?,
            (None, Some(data)) => prices::inline(tx, &data, true)?,
            (None, None) => return Err(line.missing("price_data")),
        };
        self.refuse_unfit(line, &price)?;
        let quantity = line
            .integer_from("quantity", 1)?
            .ok_or_else(|| line.missing("quantity"))?;
        let product = prices::product_of(tx, &price);
        self.descriptions
            .push(product["description"].as_str().map(str::to_owned));
        let amount = if self.is_free_today {
            0
        } else {
            let unit_amount = price["unit_amount"].as_i64().unwrap_or_default();
            unit_amount.saturating_mul(quantity)
        };
        self.total = self.total.saturating_add(amount);
        self.items.push(json!({
            "id": tx.id("li_1", 23),
            "object": "item",
            "amount_discount": 0,
            "amount_subtotal": amount,
            "amount_tax": 0,
            "amount_total": amount,
            "currency": price["currency"],
            "description": product["name"],
            "metadata": line.metadata()?,
            "price": price,
            "quantity": quantity,
        }));
        Ok(())
    }

    /// Refuses a price that the session's mode or its other lines do not allow.
    fn refuse_unfit(&mut self, line: &Params, price: &Value) -> Result<(), Error> {
        let refuse = |message: &str| Err(Error::invalid(message).at(line.full_name("price")));
        let currency = price["currency"].as_str().unwrap_or_default();
        if !self.currency.is_empty() && self.currency != currency {
            return refuse("All line items of a Checkout Session must be in the same currency.");
        }
        currency.clone_into(&mut self.currency);
        match (self.mode, price["recurring"].is_null()) {
            (Mode::Payment, false) => {
                return refuse(
                    "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode \
                     or use only one-time prices.",
                );
            }
            (Mode::Subscription, true) => {
                return refuse(
                    "The local stand-in for Stripe takes only recurring prices in `subscription` mode.",
                );
            }
            _ => {}
        }
        let first = self.items.first().map(|item| &item["price"]["recurring"]);
        if first.is_some_and(|first| *first != price["recurring"]) {
            return refuse("All recurring prices of a Checkout Session must have the same interval.");
        }
        Ok(())
    }

    /// What is kept beside the session: the lines, and what its payment intent or its subscription will say.
    fn stored(&self, session: &Value, params: &Params, subscription: &Value) -> Result<Value, Error> {
        let mut intent = json!({ "description": null, "metadata": {}, "receipt_email": null });
        if let Some(data) = params.nested("payment_intent_data")? {
            let not_modelled = [
                "application_fee_amount",
                "capture_method",
                "on_behalf_of",
                "setup_future_usage",
                "shipping",
                "transfer_data",
                "transfer_group",
            ];
            let ignored = ["statement_descriptor", "statement_descriptor_suffix"];
            data.only(&[
                &["description", "metadata", "receipt_email"],
                &ignored,
                &not_modelled,
            ])?;
            data.not_modelled(&not_modelled)?;
            intent = json!({
                "description": data.text_up_to("description", 1000)?,
                "metadata": data.metadata()?,
                "receipt_email": data.text("receipt_email")?,
            });
        }
        Ok(json!({
            "id": session,
            "items": self.items,
            "descriptions": self.descriptions,
            "payment_intent": intent,
            "subscription": subscription,
        }))
    }
}

fn new(tx: &Transaction, params: &Params, basket: &Basket) -> Result<Value, Error> {
    let customer = params.text("customer")?;
    let email = params.text_up_to("customer_email", 800)?;
    if customer.is_some() && email.is_some() {
        let message = "You may only specify one of these parameters: customer, customer_email.";
        return Err(Error::coded("parameters_exclusive", message).at("customer_email"));
    }
    if email.as_deref().is_some_and(|email| !is_mail_address(email)) {
        let message = format!("Invalid email address: {}", email.unwrap_or_default());
        return Err(Error::coded("email_invalid", message).at("customer_email"));
    }
    let known_email = match &customer {
        Some(id) => customers::living(tx, id, "customer")?["email"].clone(),
        None => json!(email),
    };
    let subscribes = basket.mode == Mode::Subscription;
    let creation = params.one_of("customer_creation", &["always", "if_required"])?;
    let success_url = params
        .url("success_url")?
        .ok_or_else(|| params.missing("success_url"))?;
    let collects_phone = match params.nested("phone_number_collection")? {
        Some(collection) => collection.boolean("enabled")?.unwrap_or(false),
        None => false,
    };
    let collection = params.text("payment_method_collection")?;
    let collection = collection.unwrap_or_else(|| "always".into());
    let id = tx.id("cs_test_a1", 58);
    Ok(json!({
        "id": id,
        "object": "checkout.session",
        "adaptive_pricing": { "enabled": false },
        "after_expiration": null,
        "allow_promotion_codes": params.boolean("allow_promotion_codes")?,
        "amount_subtotal": basket.total,
        "amount_total": basket.total,
        "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
        "billing_address_collection": params.one_of("billing_address_collection", &["auto", "required"])?,
        "cancel_url": params.url("cancel_url")?,
        "client_reference_id": params.text_up_to("client_reference_id", 200)?,
        "client_secret": null,
        "collected_information": null,
        "consent": null,
        "consent_collection": null,
        "created": tx.now,
        "currency": basket.currency,
        "currency_conversion": null,
        "custom_fields": [],
        "custom_text": {
            "after_submit": null,
            "shipping_address": null,
            "submit": null,
            "terms_of_service_acceptance": null,
        },
        "customer": customer,
        "customer_account": null,
        "customer_creation": if customer.is_none() && !subscribes { creation.or_else(|| Some("if_required".into())) } else { None },
        "customer_details": if known_email.is_null() { Value::Null } else { buyer_details(&known_email, &Value::Null) },
        "customer_email": email,
        "discounts": [],
        "expires_at": expires_at(tx, params)?,
        "integration_identifier": null,
        "invoice": null,
        "invoice_creation": null,
        "livemode": false,
        "locale": params.text("locale")?,
        "metadata": params.metadata()?,
        "mode": basket.mode.name(),
        "origin_context": null,
        "payment_intent": null,
        "payment_link": null,
        "payment_method_collection": if subscribes { collection } else { "if_required".into() },
        "payment_method_configuration_details": null,
        "payment_method_options": { "card": { "request_three_d_secure": "automatic" } },
        "payment_method_types": if subscribes { json!(["card"]) } else { json!(["card", "us_bank_account"]) },
        "payment_status": "unpaid",
        "permissions": null,
        "phone_number_collection": { "enabled": collects_phone },
        "recovered_from": null,
        "saved_payment_method_options": null,
        "setup_intent": null,
        "shipping_address_collection": null,
        "shipping_cost": null,
        "shipping_options": [],
        "status": "open",
        "submit_type": params.one_of("submit_type", &["auto", "book", "donate", "pay", "subscribe"])?,
        "subscription": null,
        "success_url": success_url,
        "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 },
        "ui_mode": "hosted_page",
        "url": format!("{}/c/pay/{id}", tx.base_url),
        "wallet_options": null,
    }))
}

/// What is known of the buyer.
pub(super) fn buyer_details(email: &Value, name: &Value) -> Value {
    json!({
        "address": null,
        "business_name": null,
        "email": email,
        "individual_name": null,
        "name": name,
        "phone": null,
        "tax_exempt": "none",
        "tax_ids": null,
    })
}

/// Whether mail could be sent there, as far as can be told by looking.
pub(super) fn is_mail_address(text: &str) -> bool {
    let has_no_spaces = !text.contains(|it: char| it.is_whitespace() || it.is_control());
    has_no_spaces
        && text
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
}

fn expires_at(tx: &Transaction, params: &Params) -> Result<i64, Error> {
    let Some(time) = params.integer("expires_at")? else {
        return Ok(tx.now + LONGEST);
    };
    let life = time.saturating_sub(tx.now);
    if life < SHORTEST {
        let message =
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.";
        return Err(Error::invalid(message).at("expires_at"));
    }
    if life > LONGEST {
        let message = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.";
        return Err(Error::invalid(message).at("expires_at"));
    }
    Ok(time)
}

/// `GET /v1/checkout/sessions`
pub(super) fn list(tx: &Transaction, params: &Params) -> Result<Value, Error> {
    let filters = [
        "customer",
        "payment_intent",
        "payment_link",
        "status",
        "subscription",
    ];
    params.only(&[lists::KNOWN, &filters, &["customer_account", "customer_details"]])?;
    params.one_of("status", &["open", "complete", "expired"])?;
    let mut wanted = Map::new();
    for filter in filters {
        if let Some(value) = params.text(filter)? {
            wanted.insert(filter.to_owned(), value.into());
        }
    }
    let email = match params.nested("customer_details")? {
        Some(details) => Some(details.require("email")?),
        None => None,
    };
    lists::page(
        tx,
        Kind::CheckoutSession,
        "/v1/checkout/sessions",
        params,
        |session| {
            wanted.iter().all(|(field, value)| session[field] == *value)
                && email
                    .as_deref()
                    .is_none_or(|email| session["customer_details"]["email"] == email)
        },
    )
}

/// `GET /v1/checkout/sessions/{id}/line_items`
pub(super) fn line_items(tx: &Transaction, id: &str, params: &Params) -> Result<Value, Error> {
    params.only(&[&["ending_before", "limit", "starting_after"]])?;
    tx.require(Kind::CheckoutSession, id, "id")?;
    lists::paginate(
        "line_item",
        items(tx, id),
        &format!("/v1/checkout/sessions/{id}/line_items"),
        params,
    )
}

/// The list of line items that stands in an expanded session: the first ten.
pub(super) fn first_line_items(tx: &Transaction, id: &str) -> Value {
    let mut items = items(tx, id);
    let has_more = items.len() > 10;
    items.truncate(10);
    let url = format!("/v1/checkout/sessions/{id}/line_items");
    json!({ "object": "list", "url": url, "has_more": has_more, "data": items })
}

fn items(tx: &Transaction, id: &str) -> Vec<Value> {
    let basket = tx.get(Kind::Basket, id);
    basket
        .and_then(|mut basket| basket["items"].as_array_mut().map(std::mem::take))
        .unwrap_or_default()
}

/// `POST /v1/checkout/sessions/{id}/expire`
pub(super) fn expire(tx: &mut Transaction, id: &str, params: &Params) -> Result<Value, Error> {
    params.only(&[])?;
    let mut session = tx.require(Kind::CheckoutSession, id, "id")?;
    if session["status"] != "open" {
        let status = session["status"].as_str().unwrap_or_default();
        let message = format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of \
             {status}."
        );
        return Err(Error::invalid(message).final_for_its_key());
    }
    checkout_outcomes::expire(tx, &mut session);
    Ok(session)
}
