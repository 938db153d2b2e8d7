//! `expand[]=payment_intent.latest_charge`: objects in place of their ids, <https://docs.stripe.com/api/expanding_objects>.

use serde_json::Value;

use super::checkout_sessions;
use super::errors::Error;
use super::invoice_payments;
use super::store::{Kind, Transaction};

/// The longest path that Stripe follows.
const DEEPEST: usize = 4;

/// Expands every path in `body`.
pub(super) fn expand(tx: &Transaction, body: &mut Value, paths: &[String]) -> Result<(), Error> {
    for path in paths {
        let parts: Vec<&str> = path.split('.').collect();
        let steps = parts.len() - usize::from(parts[0] == "data");
        if steps > DEEPEST {
            let message =
                format!("You cannot expand more than {DEEPEST} levels of a property. Property: {path}.");
            return Err(Error::invalid(message).at("expand"));
        }
        follow(tx, body, &parts).ok_or_else(|| {
            Error::invalid(format!("This property cannot be expanded ({path}).")).at("expand")
        })?;
    }
    Ok(())
}

/// Walks along `path`; nothing if it leads to what is not an object.
fn follow(tx: &Transaction, object: &mut Value, path: &[&str]) -> Option<()> {
    let Some((field, rest)) = path.split_first() else {
        return Some(());
    };
    if object["object"] == "list" {
        let data = object
            .get_mut("data")
            .filter(|_| *field == "data")?
            .as_array_mut()?;
        return data.iter_mut().try_for_each(|element| follow(tx, element, rest));
    }
    if object["object"] == "checkout.session" && *field == "line_items" {
        let items = checkout_sessions::first_line_items(tx, object["id"].as_str()?);
        object["line_items"] = items;
        return Some(());
    }
    if object["object"] == "invoice" && *field == "payments" {
        object["payments"] = invoice_payments::all_of(tx, object);
    }
    let value = object.get_mut(*field)?;
    if let Some(id) = value.as_str() {
        *value = tx.get(Kind::of_id(id)?, id)?;
    }
    if value.is_null() {
        Some(())
    } else {
        value.is_object().then(|| follow(tx, value, rest))?
    }
}
