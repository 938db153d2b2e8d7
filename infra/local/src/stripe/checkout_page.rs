//! The page to pay on. It stands where Stripe's own page would, and lets the person at this machine choose how the
//! payment ends.

use bytes::Bytes;
use http::{StatusCode, header};
use serde_json::Value;

use super::checkout_subscriptions::{needs_no_card, trial_days};
use super::money;
use super::prices;
use crate::html::escape;
use crate::wire::Response;

const STYLE: &str = include_str!("checkout_page.css");

/// The page of an open session, after a declined card with the bank's message.
pub(super) fn open(session: &Value, basket: &Value, declined: Option<&str>) -> Response {
    let alert = declined.map_or_else(String::new, |message| {
        format!(
            r#"<p class="alert" role="alert">{} Try another one.</p>"#,
            escape(message)
        )
    });
    let sale = if session["mode"] == "subscription" {
        Sale::subscription(session, basket)
    } else {
        Sale::payment(session)
    };
    let endings: String = sale
        .endings
        .iter()
        .map(|(outcome, text)| format!("<button name=\"outcome\" value=\"{outcome}\">{text}</button>\n"))
        .collect();
    let body = format!(
        r#"<h1>{title}</h1>
{total}
{alert}<ul>
{lines}</ul>
<form method="post">
{buyer}<button class="pay" name="outcome" value="paid">{pay}</button>
<fieldset>
<legend>Or see how another ending looks:</legend>
{endings}</fieldset>
</form>
{back}"#,
        title = sale.title,
        total = sale.total,
        pay = sale.pay,
        lines = lines(basket),
        buyer = buyer(session),
        back = link(&session["cancel_url"], "back", "← Back without paying"),
    );
    let status = if declined.is_some() {
        StatusCode::PAYMENT_REQUIRED
    } else {
        StatusCode::OK
    };
    page(status, "Pay", "", &body)
}

/// What the page of a session says, as markup.
struct Sale {
    title: &'static str,
    total: String,
    pay: String,
    /// What the buyer may choose besides paying: the form's value, and the button's text.
    endings: Vec<(&'static str, &'static str)>,
}

impl Sale {
    fn payment(session: &Value) -> Self {
        let total = session["amount_total"].as_i64().unwrap_or_default();
        let currency = session["currency"].as_str().unwrap_or_default();
        let amount = escape(&money::display(total, currency));
        Self {
            title: "Pay Apartment Locator AI",
            total: format!(
                r#"<p class="total">{amount}<small>{}</small></p>"#,
                escape(&currency.to_ascii_uppercase())
            ),
            pay: format!("Pay {amount}"),
            endings: vec![
                ("declined", "Card is declined"),
                ("async_paid", "Bank debit, which succeeds later"),
                ("async_failed", "Bank debit, which fails later"),
                ("expired", "Let the session expire"),
            ],
        }
    }

    fn subscription(session: &Value, basket: &Value) -> Self {
        let items = || basket["items"].as_array().into_iter().flatten();
        let each = items().map(|item| {
            let quantity = item["quantity"].as_i64().unwrap_or(1);
            item["price"]["unit_amount"]
                .as_i64()
                .unwrap_or_default()
                .saturating_mul(quantity)
        });
        let first = items()
            .next()
            .map(|item| item["price"].clone())
            .unwrap_or_default();
        let cost = escape(&prices::display(each.sum(), &first));
        let created = session["created"].as_i64().unwrap_or_default();
        let details = &basket["subscription"];
        let mut endings = vec![("declined", "Card is declined")];
        if needs_no_card(details) {
            endings.push(("without_card", "Start the trial without a card"));
        }
        endings.push(("declines_later", "Card works today and is declined later"));
        endings.push(("expired", "Let the session expire"));
        let (total, pay) = match trial_days(details, created) {
            Some(days) => (
                format!(r#"<p class="total trial">{days} days free<small>then {cost}</small></p>"#),
                "Start the trial".to_owned(),
            ),
            None => (
                format!(r#"<p class="total">{cost}</p>"#),
                format!("Subscribe for {cost}"),
            ),
        };
        Self {
            title: "Subscribe to Apartment Locator AI",
            total,
            pay,
            endings,
        }
    }
}

fn lines(basket: &Value) -> String {
    let descriptions = basket["descriptions"].as_array().into_iter().flatten();
    let items = basket["items"].as_array().into_iter().flatten();
    items
        .zip(descriptions)
        .map(|(item, description)| {
            let name = escape(item["description"].as_str().unwrap_or_default());
            let description = description
                .as_str()
                .map_or_else(String::new, |text| format!("<small>{}</small>", escape(text)));
            let quantity = match item["quantity"].as_i64() {
                None | Some(1) => String::new(),
                Some(quantity) => format!(" × {quantity}"),
            };
            let amount = escape(&cost(item));
            format!(
                "<li><div><strong>{name}{quantity}</strong>{description}</div><span>{amount}</span></li>\n"
            )
        })
        .collect()
}

/// What a line costs: today, or every month where that goes on.
fn cost(item: &Value) -> String {
    let price = &item["price"];
    if price["recurring"].is_null() {
        let currency = item["currency"].as_str().unwrap_or_default();
        return money::display(item["amount_total"].as_i64().unwrap_or_default(), currency);
    }
    prices::display(price["unit_amount"].as_i64().unwrap_or_default(), price)
}

/// The buyer's address if it is known, else a field to type it into.
fn buyer(session: &Value) -> String {
    match session["customer_details"]["email"].as_str() {
        Some(email) => format!("<dl><dt>Email</dt><dd>{}</dd></dl>\n", escape(email)),
        None => {
            let field = r#"<input type="email" name="email" value="buyer@example.com" required>"#;
            format!("<label>Email{field}</label>\n")
        }
    }
}

/// The page of a session that has ended. As the answer to a payment, it comes with a 409.
pub(super) fn ended(session: &Value, status: StatusCode) -> Response {
    let (title, text) = match (session["status"].as_str(), session["payment_status"].as_str()) {
        (Some("expired"), _) => (
            "This session has expired",
            "Nothing was charged. Go back and start again.",
        ),
        (_, Some("unpaid")) => (
            "The bank debit is on its way",
            "This session is complete; it cannot be paid again.",
        ),
        _ if session["mode"] == "subscription" => (
            "The subscription has begun",
            "This session is complete; it cannot be used again.",
        ),
        _ => (
            "This has been paid",
            "This session is complete; it cannot be paid again.",
        ),
    };
    let way = if session["status"] == "expired" {
        &session["cancel_url"]
    } else {
        &session["success_url"]
    };
    let way = way.as_str().map(|url| return_url(session, url)).into();
    message(status, title, text, &link(&way, "button", "Continue"))
}

/// Where the buyer goes after the payment: `{CHECKOUT_SESSION_ID}` becomes the session's id.
pub(super) fn return_url(session: &Value, url: &str) -> String {
    url.replace(
        "{CHECKOUT_SESSION_ID}",
        session["id"].as_str().unwrap_or_default(),
    )
}

/// There is no such session.
pub(super) fn unknown() -> Response {
    let text = "The link may be incomplete, or the session was made by another run of this system.";
    message(StatusCode::NOT_FOUND, "There is no such session", text, "")
}

/// The form was not one of this page's.
pub(super) fn not_understood(reason: &str) -> Response {
    message(
        StatusCode::BAD_REQUEST,
        "This form was not understood",
        reason,
        "",
    )
}

/// Something failed here.
pub(super) fn broken() -> Response {
    message(
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something went wrong",
        "The log says what. Nothing was charged.",
        "",
    )
}

/// Sends the browser to `url`.
pub(super) fn redirect(url: &str) -> Response {
    let location = header::HeaderValue::from_str(url);
    match location {
        Ok(location) => {
            let mut response = Response::default();
            *response.status_mut() = StatusCode::SEE_OTHER;
            response.headers_mut().insert(header::LOCATION, location);
            response
        }
        Err(_) => not_understood("The address to return to cannot be sent to a browser."),
    }
}

/// A page that says one thing.
pub(super) fn message(status: StatusCode, title: &str, text: &str, way: &str) -> Response {
    let body = format!(
        "<h1>{}</h1>\n<p class=\"hint\">{}</p>\n{way}",
        escape(title),
        escape(text)
    );
    page(status, title, r#" class="message""#, &body)
}

/// A link, or nothing where there is nowhere to go.
pub(super) fn link(url: &Value, class: &str, text: &str) -> String {
    let url = url.as_str().map(escape);
    url.map_or_else(String::new, |url| {
        format!(r#"<a class="{class}" href="{url}">{text}</a>"#)
    })
}

/// A page of the stand-in's.
pub(super) fn page(status: StatusCode, title: &str, class: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main{class}>\n\
         <p class=\"badge\">Local stand-in for Stripe · no real money</p>\n{body}\n</main>\n</body>\n</html>\n",
        escape(title)
    );
    let mut response = Response::new(Bytes::from(html));
    *response.status_mut() = status;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        ),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in headers {
        response
            .headers_mut()
            .insert(name, header::HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_that_was_sent_becomes_markup() {
        let evil = r#"<script>alert("1")</script>'&"#;
        let session = json!({
            "amount_total": 999, "currency": evil, "customer_details": { "email": evil },
            "cancel_url": format!("http://x/{evil}"),
        });
        let basket = json!({
            "items": [{ "description": evil, "amount_total": 999, "currency": "usd", "quantity": 1 }],
            "descriptions": [evil],
        });
        let html = String::from_utf8(open(&session, &basket, Some(evil)).into_body().to_vec()).unwrap();
        assert!(!html.contains("<script") && !html.contains(r#"("1")"#), "{html}");
    }
}
