//! The billing portal, <https://docs.stripe.com/api/customer_portal>: a page on which a customer cancels, resumes,
//! changes the card, and sees the invoices.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::cards;
use super::checkout_page;
use super::customers;
use super::errors::Error;
use super::invoices;
use super::params::Params;
use super::portal_page as page;
use super::store::{Kind, Origin, Transaction};
use super::subscription_changes;
use super::subscriptions;
use super::{Stripe, form};
use crate::wire::Response;

/// How long a link to the portal leads there, in seconds.
const LIFE: i64 = 60 * 60;

/// How long the answer to a form waits for the first attempts to deliver its events.
const WAIT_FOR_DELIVERIES: Duration = Duration::from_secs(2);

/// `POST /v1/billing_portal/sessions`
pub(super) fn create(tx: &mut Transaction, params: &Params) -> Result<Value, Error> {
    let not_modelled = ["customer_account", "on_behalf_of"];
    params.only(&[
        &["configuration", "customer", "flow_data", "locale", "return_url"],
        &not_modelled,
    ])?;
    params.not_modelled(&not_modelled)?;
    let customer = params.require("customer")?;
    let customer = customers::living(tx, &customer, "customer")?;
    let id = tx.id("bps_1", 23);
    let session = json!({
        "id": id,
        "object": "billing_portal.session",
        "configuration": params.text("configuration")?.unwrap_or_else(|| "bpc_local".into()),
        "created": tx.now,
        "customer": customer["id"],
        "customer_account": null,
        "flow": flow(tx, params, &customer["id"])?,
        "livemode": false,
        "locale": params.text("locale")?,
        "on_behalf_of": null,
        "return_url": params.url("return_url")?,
        "url": format!("{}/p/session/{id}", tx.base_url),
    });
    tx.put(Kind::PortalSession, &session);
    Ok(session)
}

/// The one thing that the customer is sent there for, if it is one.
fn flow(tx: &Transaction, params: &Params, customer: &Value) -> Result<Value, Error> {
    let Some(data) = params.nested("flow_data")? else {
        return Ok(Value::Null);
    };
    let not_modelled = ["subscription_update", "subscription_update_confirm"];
    data.only(&[
        &["after_completion", "subscription_cancel", "type"],
        &not_modelled,
    ])?;
    data.not_modelled(&not_modelled)?;
    let kind = data
        .one_of("type", &["payment_method_update", "subscription_cancel"])?
        .ok_or_else(|| data.missing("type"))?;
    let mut cancel = Value::Null;
    if kind == "subscription_cancel" {
        let data = data
            .nested("subscription_cancel")?
            .ok_or_else(|| data.missing("subscription_cancel"))?;
        data.only(&[&["subscription"]])?;
        let param = data.full_name("subscription");
        let id = data.require("subscription")?;
        let subscription = tx.require(Kind::Subscription, &id, &param)?;
        if subscription["customer"] != *customer {
            return Err(Error::missing("subscription", &id, &param));
        }
        cancel = json!({ "retention": null, "subscription": id });
    }
    let mut after = json!({ "hosted_confirmation": null, "redirect": null, "type": "portal_homepage" });
    if let Some(completion) = data.nested("after_completion")? {
        completion.only(&[&["hosted_confirmation", "redirect", "type"]])?;
        let kinds = ["hosted_confirmation", "portal_homepage", "redirect"];
        let kind = completion.one_of("type", &kinds)?;
        after["type"] = kind.ok_or_else(|| completion.missing("type"))?.into();
        if let Some(redirect) = completion.nested("redirect")? {
            let url = redirect.url("return_url")?;
            after["redirect"] = json!({ "return_url": url.ok_or_else(|| redirect.missing("return_url"))? });
        }
    }
    Ok(json!({
        "after_completion": after,
        "customer_update": null,
        "subscription_cancel": cancel,
        "subscription_update": null,
        "subscription_update_confirm": null,
        "type": kind,
    }))
}

/// What the customer does on the page.
enum Action {
    Cancel(String),
    Resume(String),
    Card { works: bool },
    Pay(String),
}

impl Action {
    fn read(body: &[u8]) -> Option<Self> {
        let mut fields: HashMap<String, String> = form::pairs(body).ok()?.into_iter().collect();
        match fields.get("action").map(String::as_str)? {
            "cancel" => Some(Self::Cancel(fields.remove("subscription")?)),
            "resume" => Some(Self::Resume(fields.remove("subscription")?)),
            "card" => Some(Self::Card { works: true }),
            "failing_card" => Some(Self::Card { works: false }),
            "pay" => Some(Self::Pay(fields.remove("invoice")?)),
            _ => None,
        }
    }

    /// Does it for `customer`; answers what to say, or nothing if it is not theirs or cannot be done.
    fn carry_out(&self, tx: &mut Transaction, customer: &Value) -> Option<&'static str> {
        match self {
            Self::Cancel(id) => end_with_period(tx, customer, id, true),
            Self::Resume(id) => end_with_period(tx, customer, id, false),
            Self::Card { works } => {
                let card = cards::save(tx, customer["id"].as_str()?, *works);
                cards::make_default(tx, customer, &card);
                Some("The new card was saved.")
            }
            Self::Pay(id) => {
                let mut invoice = tx
                    .get(Kind::Invoice, id)
                    .filter(|it| it["customer"] == customer["id"] && it["status"] == "open")?;
                match invoices::pay_by_hand(tx, &mut invoice) {
                    Ok(()) => Some("The invoice was paid."),
                    Err(_) => Some("Your card was declined."),
                }
            }
        }
    }
}

fn end_with_period(tx: &mut Transaction, customer: &Value, id: &str, cancel: bool) -> Option<&'static str> {
    let before = tx
        .get(Kind::Subscription, id)
        .filter(|it| it["customer"] == customer["id"] && !subscriptions::has_ended(it))?;
    let mut after = before.clone();
    subscription_changes::set_cancel_at_period_end(tx, &mut after, cancel);
    tx.put_change(
        Kind::Subscription,
        "customer.subscription.updated",
        &before,
        &after,
    );
    Some(if cancel {
        "The subscription ends with its period."
    } else {
        "The subscription goes on."
    })
}

/// The session and its customer, while the link leads there.
fn visit(tx: &Transaction, id: &str) -> Option<(Value, Value)> {
    let session = tx.get(Kind::PortalSession, id)?;
    let customer = customers::living(tx, session["customer"].as_str()?, "customer").ok()?;
    let is_open = session["created"].as_i64()? + LIFE > tx.now;
    is_open.then_some((session, customer))
}

impl Stripe {
    /// `GET /p/session/{session}`
    pub(super) fn show_portal(&self, id: &str) -> Response {
        let shown = self.transact(&Origin::default(), true, |tx| {
            Ok(visit(tx, id).map(|(session, customer)| page::portal(tx, &session, &customer, None)))
        });
        match shown {
            Ok((page, _)) => page.unwrap_or_else(page::gone),
            Err(_) => checkout_page::broken(),
        }
    }

    /// `POST /p/session/{session}` with `action`, and `subscription` or `invoice`.
    pub(super) async fn submit_portal(&self, id: &str, body: &[u8]) -> Response {
        let Some(action) = Action::read(body) else {
            return checkout_page::not_understood("It is not one of the portal's.");
        };
        let done = self.transact(&Origin::default(), true, |tx| {
            Ok(visit(tx, id).map(|(session, customer)| (session, action.carry_out(tx, &customer))))
        });
        let (session, said) = match done {
            Ok((Some((session, Some(said))), events)) => {
                self.courier.first_attempts(&events, WAIT_FOR_DELIVERIES).await;
                (session, said)
            }
            Ok((Some((_, None)), _)) => {
                return checkout_page::not_understood("That cannot be done any more.");
            }
            Ok((None, _)) => return page::gone(),
            Err(_) => return checkout_page::broken(),
        };
        match session["flow"]["after_completion"]["redirect"]["return_url"].as_str() {
            Some(url) => checkout_page::redirect(url),
            None => self.portal_after(id, said),
        }
    }

    fn portal_after(&self, id: &str, said: &str) -> Response {
        let shown = self.transact(&Origin::default(), true, |tx| {
            Ok(visit(tx, id).map(|(session, customer)| page::portal(tx, &session, &customer, Some(said))))
        });
        match shown {
            Ok((page, _)) => page.unwrap_or_else(page::gone),
            Err(_) => checkout_page::broken(),
        }
    }

    /// `GET /i/{invoice}`
    pub(super) fn show_invoice(&self, id: &str) -> Response {
        match self.object(id) {
            Some(invoice) if invoice["object"] == "invoice" => page::invoice(&invoice),
            _ => page::gone(),
        }
    }
}
