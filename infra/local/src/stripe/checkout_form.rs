//! Visits to the page to pay on: showing it, and taking its form.

use std::collections::HashMap;
use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

use super::charges::Buyer;
use super::checkout_outcomes::{self, Outcome};
use super::checkout_page as page;
use super::checkout_sessions::is_mail_address;
use super::errors::Error;
use super::store::{Kind, Origin, Transaction};
use super::{Stripe, form};
use crate::wire::Response;

/// How long the answer to a form waits for the first attempts to deliver its events, so that the buyer usually comes
/// back to a purchase that is paid.
const WAIT_FOR_DELIVERIES: Duration = Duration::from_secs(2);

/// What a visit found.
enum Visit {
    Unknown,
    Ended(Value),
    Open {
        session: Value,
        basket: Value,
    },
    /// The page does not offer what the form asks for.
    NotOffered,
}

/// Looks the session up, and ends it if its time has run out.
fn visit(tx: &mut Transaction, id: &str) -> Visit {
    let Some(mut session) = tx.get(Kind::CheckoutSession, id) else {
        return Visit::Unknown;
    };
    if checkout_outcomes::is_overdue(&session, tx.now) {
        checkout_outcomes::expire(tx, &mut session);
    }
    if session["status"] != "open" {
        return Visit::Ended(session);
    }
    Visit::Open {
        basket: tx.get(Kind::Basket, id).unwrap_or_default(),
        session,
    }
}

/// A filled-in form.
struct Form {
    outcome: Outcome,
    email: Option<String>,
    deliver: bool,
}

impl Form {
    fn read(body: &[u8]) -> Result<Self, &'static str> {
        let fields: HashMap<String, String> = form::pairs(body)
            .map_err(|_: Error| "It is not a form.")?
            .into_iter()
            .collect();
        let outcome = fields.get("outcome").and_then(|outcome| Outcome::named(outcome));
        let email = fields.get("email").cloned().filter(|email| !email.is_empty());
        if email.as_deref().is_some_and(|email| !is_mail_address(email)) {
            return Err("The mail address is not one.");
        }
        Ok(Self {
            outcome: outcome
                .ok_or("`outcome` must be paid, declined, async_paid, async_failed, declines_later, without_card or expired.")?,
            email,
            deliver: fields.get("deliver").is_none_or(|deliver| deliver != "false"),
        })
    }

    /// Who pays: the address that the session knows, or the one typed in.
    fn buyer(&self, session: &Value) -> Buyer {
        let known = session["customer_details"]["email"].as_str().map(str::to_owned);
        let email = known
            .or_else(|| self.email.clone())
            .unwrap_or_else(|| "buyer@example.com".into());
        Buyer {
            email: Some(email),
            name: Some("Test Buyer".into()),
        }
    }
}

impl Stripe {
    /// `GET /c/pay/{session}`
    pub(super) fn show_checkout(&self, id: &str) -> Response {
        match self.transact(&Origin::default(), true, |tx| Ok(visit(tx, id))) {
            Ok((Visit::Unknown, _)) => page::unknown(),
            Ok((Visit::Ended(session), _)) => page::ended(&session, StatusCode::OK),
            Ok((Visit::Open { session, basket }, _)) => page::open(&session, &basket, None),
            Ok((Visit::NotOffered, _)) | Err(_) => page::broken(),
        }
    }

    /// `POST /c/pay/{session}` with `outcome`, the buyer's `email` where the session has none, and `deliver=false` to
    /// keep the events from being sent by themselves.
    pub(super) async fn submit_checkout(&self, id: &str, body: &[u8]) -> Response {
        let form = match Form::read(body) {
            Ok(form) => form,
            Err(reason) => return page::not_understood(reason),
        };
        let reached = self.transact(&Origin::default(), form.deliver, |tx| {
            let mut visit = visit(tx, id);
            if let Visit::Open { session, basket } = &mut visit {
                if !form.outcome.is_offered(session, basket) {
                    return Ok(Visit::NotOffered);
                }
                let buyer = form.buyer(session);
                checkout_outcomes::reach(tx, session, form.outcome, &buyer);
            }
            Ok(visit)
        });
        let (session, basket) = match reached {
            Ok((Visit::Unknown, _)) => return page::unknown(),
            Ok((Visit::NotOffered, _)) => return page::not_understood("This session cannot end like that."),
            Ok((Visit::Ended(session), _)) => return page::ended(&session, StatusCode::CONFLICT),
            Ok((Visit::Open { session, basket }, events)) => {
                self.courier.first_attempts(&events, WAIT_FOR_DELIVERIES).await;
                (session, basket)
            }
            Err(_) => return page::broken(),
        };
        let way = match form.outcome {
            Outcome::Declined => return page::open(&session, &basket, Some("Your card was declined.")),
            Outcome::Expired => &session["cancel_url"],
            _ => &session["success_url"],
        };
        match way.as_str() {
            Some(url) => page::redirect(&page::return_url(&session, url)),
            None => page::ended(&session, StatusCode::OK),
        }
    }
}
