//! Products and their prices, <https://docs.stripe.com/api/prices>.

use serde_json::{Value, json};

use super::errors::Error;
use super::lists;
use super::money;
use super::params::Params;
use super::store::{Kind, Transaction};

/// The parameters of a product that may also stand in `product_data`.
const PRODUCT: &[&str] = &[
    "description",
    "images",
    "metadata",
    "name",
    "tax_code",
    "tax_details",
    "unit_label",
];

/// `POST /v1/products`
pub(super) fn create_product(tx: &mut Transaction, params: &Params) -> Result<Value, Error> {
    let ignored = [
        "marketing_features",
        "shippable",
        "statement_descriptor",
        "type",
        "url",
    ];
    let not_modelled = ["default_price_data", "package_dimensions"];
    params.only(&[PRODUCT, &["active", "id"], &ignored, &not_modelled])?;
    params.not_modelled(&not_modelled)?;
    let id = params.text("id")?;
    if let Some(id) = &id
        && tx.get(Kind::Product, id).is_some()
    {
        let message = format!("Product already exists: {id}");
        return Err(Error::coded("resource_already_exists", message)
            .at("id")
            .final_for_its_key());
    }
    let active = params.boolean("active")?.unwrap_or(true);
    let product = product(tx, params, id, active)?;
    tx.put(Kind::Product, &product);
    tx.emit("product.created", &product);
    Ok(product)
}

fn product(tx: &Transaction, params: &Params, id: Option<String>, active: bool) -> Result<Value, Error> {
    Ok(json!({
        "id": id.unwrap_or_else(|| tx.id("prod_", 14)),
        "object": "product",
        "active": active,
        "created": tx.now,
        "default_price": null,
        "description": params.text("description")?,
        "images": params.texts("images")?,
        "livemode": false,
        "marketing_features": [],
        "metadata": params.metadata()?,
        "name": params.require("name")?,
        "package_dimensions": null,
        "shippable": null,
        "statement_descriptor": null,
        "tax_code": null,
        "type": "service",
        "unit_label": params.text("unit_label")?,
        "updated": tx.now,
        "url": null,
    }))
}

/// `POST /v1/prices`
pub(super) fn create(tx: &mut Transaction, params: &Params) -> Result<Value, Error> {
    let known = [
        "active",
        "lookup_key",
        "metadata",
        "nickname",
        "product",
        "product_data",
        "recurring",
        "transfer_lookup_key",
    ];
    let not_modelled = [
        "currency_options",
        "custom_unit_amount",
        "tiers",
        "tiers_mode",
        "transform_quantity",
        "unit_amount_decimal",
    ];
    params.only(&[
        &known,
        &["currency", "tax_behavior", "unit_amount"],
        &not_modelled,
    ])?;
    params.not_modelled(&not_modelled)?;
    let mut price = read(tx, params)?;
    let key = params.text_up_to("lookup_key", 200)?;
    if let Some(key) = &key {
        take_lookup_key(tx, key, params.boolean("transfer_lookup_key")?.unwrap_or(false))?;
    }
    price["active"] = params.boolean("active")?.unwrap_or(true).into();
    price["lookup_key"] = key.into();
    price["metadata"] = params.metadata()?;
    price["nickname"] = params.text("nickname")?.into();
    tx.put(Kind::Price, &price);
    tx.emit("price.created", &price);
    Ok(price)
}

/// A lookup key names one price: the one that has it gives it up, or the request is refused.
fn take_lookup_key(tx: &mut Transaction, key: &str, transfer: bool) -> Result<(), Error> {
    let holder = tx
        .oldest_first(Kind::Price)
        .find(|price| price["lookup_key"] == key);
    let Some(mut holder) = holder.cloned() else {
        return Ok(());
    };
    if !transfer {
        let id = holder["id"].as_str().unwrap_or_default();
        let message = format!(
            "A price (`{id}`) already uses that lookup key. Pass `transfer_lookup_key=true` to transfer it."
        );
        return Err(Error::coded("resource_already_exists", message).at("lookup_key"));
    }
    holder["lookup_key"] = Value::Null;
    tx.put(Kind::Price, &holder);
    Ok(())
}

/// A price that stands in a request as `price_data`; `product_data` is taken where Stripe takes it. It is stored, and
/// nobody else can use it: inline prices are not active.
pub(super) fn inline(tx: &mut Transaction, data: &Params, with_product: bool) -> Result<Value, Error> {
    let not_modelled = ["unit_amount_decimal"];
    let product: &[&str] = if with_product { &["product_data"] } else { &[] };
    data.only(&[
        &["currency", "product", "recurring", "tax_behavior", "unit_amount"],
        product,
        &not_modelled,
    ])?;
    data.not_modelled(&not_modelled)?;
    let price = read(tx, data)?;
    tx.put(Kind::Price, &price);
    Ok(price)
}

/// Reads a price and stores its product, if that is new.
fn read(tx: &mut Transaction, params: &Params) -> Result<Value, Error> {
    let product = match (params.text("product")?, params.nested("product_data")?) {
        (Some(_), Some(_)) => {
            let message = "You may only specify one of these parameters: product, product_data.";
            return Err(Error::coded("parameters_exclusive", message).at(params.full_name("product_data")));
        }
        (Some(id), None) => tx.require(Kind::Product, &id, &params.full_name("product"))?,
        (None, Some(data)) => {
            data.only(&[PRODUCT])?;
            let product = product(tx, &data, None, true)?;
            tx.put(Kind::Product, &product);
            product
        }
        (None, None) => return Err(params.missing("product_data")),
    };
    let recurring = recurring(params)?;
    let currency = money::currency(params, "currency")?;
    let unit_amount = params
        .integer_from("unit_amount", 0)?
        .ok_or_else(|| params.missing("unit_amount"))?;
    Ok(json!({
        "id": tx.id("price_1", 23),
        "object": "price",
        "active": false,
        "billing_scheme": "per_unit",
        "created": tx.now,
        "currency": currency,
        "custom_unit_amount": null,
        "livemode": false,
        "lookup_key": null,
        "metadata": {},
        "nickname": null,
        "product": product["id"],
        "recurring": recurring,
        "tax_behavior": "unspecified",
        "tiers_mode": null,
        "transform_quantity": null,
        "type": if recurring.is_null() { "one_time" } else { "recurring" },
        "unit_amount": unit_amount,
        "unit_amount_decimal": unit_amount.to_string(),
    }))
}

fn recurring(params: &Params) -> Result<Value, Error> {
    let Some(recurring) = params.nested("recurring")? else {
        return Ok(Value::Null);
    };
    let not_modelled = ["meter", "usage_type"];
    recurring.only(&[&["interval", "interval_count"], &not_modelled])?;
    recurring.not_modelled(&not_modelled)?;
    let interval = recurring
        .one_of("interval", &["day", "week", "month", "year"])?
        .ok_or_else(|| recurring.missing("interval"))?;
    Ok(json!({
        "interval": interval,
        "interval_count": recurring.integer_from("interval_count", 1)?.unwrap_or(1),
        "meter": null,
        "trial_period_days": null,
        "usage_type": "licensed",
    }))
}

/// `GET /v1/prices`
pub(super) fn list(tx: &Transaction, params: &Params) -> Result<Value, Error> {
    let not_modelled = ["recurring"];
    params.only(&[
        lists::KNOWN,
        &["active", "currency", "lookup_keys", "product", "type"],
        &not_modelled,
    ])?;
    params.not_modelled(&not_modelled)?;
    let active = params.boolean("active")?;
    let keys = params.texts("lookup_keys")?;
    let wanted = params.wanted(&["currency", "product", "type"])?;
    lists::page(tx, Kind::Price, "/v1/prices", params, |price| {
        active.is_none_or(|active| price["active"] == active)
            && (keys.is_empty() || keys.iter().any(|key| price["lookup_key"] == key.as_str()))
            && wanted.iter().all(|(field, value)| price[field] == *value)
    })
}

/// `GET /v1/products`
pub(super) fn list_products(tx: &Transaction, params: &Params) -> Result<Value, Error> {
    params.only(&[lists::KNOWN, &["active", "ids"]])?;
    let active = params.boolean("active")?;
    let ids = params.texts("ids")?;
    lists::page(tx, Kind::Product, "/v1/products", params, |product| {
        active.is_none_or(|active| product["active"] == active)
            && (ids.is_empty() || ids.iter().any(|id| product["id"] == id.as_str()))
    })
}

/// The name of a price's product.
pub(super) fn name(tx: &Transaction, price: &Value) -> String {
    product_of(tx, price)["name"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// A price's product.
pub(super) fn product_of(tx: &Transaction, price: &Value) -> Value {
    price["product"]
        .as_str()
        .and_then(|id| tx.get(Kind::Product, id))
        .unwrap_or_default()
}

/// The price in the form that came before prices: subscription items still carry it.
pub(super) fn plan(price: &Value) -> Value {
    json!({
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": price["billing_scheme"],
        "created": price["created"],
        "currency": price["currency"],
        "interval": price["recurring"]["interval"],
        "interval_count": price["recurring"]["interval_count"],
        "livemode": false,
        "metadata": price["metadata"],
        "meter": null,
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": null,
        "transform_usage": null,
        "trial_period_days": null,
        "usage_type": "licensed",
    })
}

/// What a price costs, for a person: `$49.00 a month`, `$10.00 every 2 weeks`.
pub(super) fn display(amount: i64, price: &Value) -> String {
    let amount = money::display(amount, price["currency"].as_str().unwrap_or_default());
    let interval = price["recurring"]["interval"].as_str().unwrap_or_default();
    match price["recurring"]["interval_count"].as_i64() {
        None => amount,
        Some(1) => format!("{amount} a {interval}"),
        Some(count) => format!("{amount} every {count} {interval}s"),
    }
}
