//! The pages of the billing portal and of an invoice.

use http::StatusCode;
use serde_json::Value;

use super::calendar;
use super::checkout_page::{link, message, page};
use super::money;
use super::prices;
use super::store::{Kind, Transaction};
use super::subscriptions;
use crate::html::escape;
use crate::wire::Response;

/// The portal of a customer, with what was just done.
pub(super) fn portal(tx: &Transaction, session: &Value, customer: &Value, said: Option<&str>) -> Response {
    let said = said.map_or_else(String::new, |said| {
        format!("<p class=\"said\" role=\"status\">{}</p>\n", escape(said))
    });
    let subscriptions: String = tx
        .newest_first(Kind::Subscription)
        .filter(|it| it["customer"] == customer["id"])
        .map(|it| subscription(tx, it))
        .collect();
    let invoices: String = tx
        .newest_first(Kind::Invoice)
        .filter(|it| it["customer"] == customer["id"])
        .map(invoice_line)
        .collect();
    let body = format!(
        r#"<h1>Your subscription to Apartment Locator AI</h1>
<p class="who">{email}</p>
{said}{subscriptions}
<h2>Card</h2>
<form method="post">
<p>{card}</p>
<fieldset>
<button name="action" value="card">Take a new card</button>
<button name="action" value="failing_card">Take a card that is declined later</button>
</fieldset>
</form>
<h2>Invoices</h2>
<ul>
{invoices}</ul>
{back}"#,
        email = escape(customer["email"].as_str().unwrap_or_default()),
        card = escape(&card(tx, customer)),
        back = link(&session["return_url"], "back", "← Back to Apartment Locator AI"),
    );
    page(StatusCode::OK, "Billing", "", &body)
}

fn subscription(tx: &Transaction, subscription: &Value) -> String {
    let item = &subscription["items"]["data"][0];
    let price = &item["price"];
    let cost = prices::display(price["unit_amount"].as_i64().unwrap_or_default(), price);
    let end = calendar::display(subscriptions::period(subscription).1);
    let canceled = subscription["cancel_at_period_end"] == true;
    let (next, action) = match subscription["status"].as_str() {
        Some("canceled" | "incomplete_expired") => ("ended".to_owned(), None),
        _ if canceled => (format!("ends on {end}"), Some(("resume", "Resume"))),
        Some("trialing") => (format!("free until {end}"), Some(("cancel", "Cancel"))),
        Some("past_due") => ("not paid".to_owned(), Some(("cancel", "Cancel"))),
        _ => (format!("renews on {end}"), Some(("cancel", "Cancel"))),
    };
    let id = escape(subscription["id"].as_str().unwrap_or_default());
    let form = action.map_or_else(String::new, |(action, text)| {
        format!(
            "<form method=\"post\">\n<input type=\"hidden\" name=\"subscription\" value=\"{id}\">\n\
             <button name=\"action\" value=\"{action}\">{text}</button>\n</form>\n"
        )
    });
    format!(
        "<ul><li><div><strong>{}</strong><small>{}</small></div><span>{}</span></li></ul>\n{form}",
        escape(&prices::name(tx, price)),
        escape(&next),
        escape(&cost),
    )
}

/// The card that is charged.
fn card(tx: &Transaction, customer: &Value) -> String {
    let of_subscription = subscriptions::living_of(tx, &customer["id"])
        .into_iter()
        .find_map(|it| it["default_payment_method"].as_str().map(str::to_owned));
    let card = of_subscription.or_else(|| {
        customer["invoice_settings"]["default_payment_method"]
            .as_str()
            .map(str::to_owned)
    });
    card.and_then(|id| tx.get(Kind::PaymentMethod, &id)).map_or_else(
        || "No card is saved.".to_owned(),
        |card| format!("Visa •••• {}", card["card"]["last4"].as_str().unwrap_or_default()),
    )
}

fn invoice_line(invoice: &Value) -> String {
    let status = invoice["status"].as_str().unwrap_or_default();
    let pay = if status == "open" {
        format!(
            "<form method=\"post\"><input type=\"hidden\" name=\"invoice\" value=\"{}\">\
             <button name=\"action\" value=\"pay\">Pay now</button></form>",
            escape(invoice["id"].as_str().unwrap_or_default())
        )
    } else {
        String::new()
    };
    format!(
        "<li><div>{}<small> {}, {}</small></div><span>{}</span>{pay}</li>\n",
        link(
            &invoice["hosted_invoice_url"],
            "invoice",
            &escape(invoice["number"].as_str().unwrap_or("Draft")),
        ),
        escape(&calendar::display(
            invoice["created"].as_i64().unwrap_or_default()
        )),
        escape(status),
        escape(&amount(&invoice["amount_due"], invoice)),
    )
}

fn amount(value: &Value, invoice: &Value) -> String {
    money::display(
        value.as_i64().unwrap_or_default(),
        invoice["currency"].as_str().unwrap_or_default(),
    )
}

/// One invoice.
pub(super) fn invoice(invoice: &Value) -> Response {
    let lines: String = invoice["lines"]["data"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|line| {
            let at = |field: &str| calendar::display(line["period"][field].as_i64().unwrap_or_default());
            format!(
                "<li><div><strong>{}</strong><small>{} – {}</small></div><span>{}</span></li>\n",
                escape(line["description"].as_str().unwrap_or_default()),
                escape(&at("start")),
                escape(&at("end")),
                escape(&amount(&line["amount"], invoice)),
            )
        })
        .collect();
    let number = escape(invoice["number"].as_str().unwrap_or("Draft"));
    let body = format!(
        "<h1>Invoice {number} of Apartment Locator AI</h1>\n<p class=\"total\">{}<small>{}</small></p>\n\
         <ul>\n{lines}</ul>\n<dl><dt>Paid</dt><dd>{}</dd></dl>",
        escape(&amount(&invoice["amount_due"], invoice)),
        escape(invoice["status"].as_str().unwrap_or_default()),
        escape(&amount(&invoice["amount_paid"], invoice)),
    );
    page(StatusCode::OK, "Invoice", "", &body)
}

/// The link leads nowhere.
pub(super) fn gone() -> Response {
    let text = "It leads there for an hour, and only in the system that made it. Go back and open it again.";
    message(StatusCode::NOT_FOUND, "This link has expired", text, "")
}
