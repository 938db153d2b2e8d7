//! What happens outside the API, for the person at this machine and for tests. Bodies are forms or JSON.
//!
//! | request | effect |
//! |---|---|
//! | `POST /_local/disputes` with `payment_intent` or `charge`, `amount`, `reason` | a buyer disputes a charge |
//! | `POST /_local/disputes/{id}/review` | the seller's evidence is with the bank |
//! | `POST /_local/disputes/{id}/close` with `outcome=won` or `lost` | the bank decides |
//! | `POST /_local/refunds` with the parameters of `POST /v1/refunds` | a refund made in Stripe's dashboard |
//! | `POST /_local/refunds/{id}/succeed` | a pending refund reaches the buyer |
//! | `POST /_local/refunds/{id}/fail` | the money of a refund comes back |
//! | `POST /_local/customers/{id}/cards` with `works=false` or `true` | the bank declines the customer's cards from now on, or no longer |
//! | `POST /_local/payment_intents/{id}/settle` with `outcome=paid` or `failed` | the bank decides about a debit |
//! | `POST /_local/subscriptions/{id}/status` with `status` | a subscription comes to stand there |
//! | `POST /_local/events/{id}/deliver` with `times` | the event is posted again, that often at once |
//! | `GET /_local/events/{id}/signed` | the payload and a fresh signature |

use std::time::Duration;

use http::{Method, StatusCode, header};
use serde_json::{Map, Value, json};

use super::api::{error_response, json_response};
use super::errors::Error;
use super::params::Params;
use super::store::{Kind, Origin, Transaction};
use super::{Stripe, cards, disputes, form, payment_intents, refunds, subscriptions};
use crate::wire::{Request, Response};

/// How long an answer waits for the first attempts to deliver its events.
const WAIT_FOR_DELIVERIES: Duration = Duration::from_secs(2);

/// The most deliveries of one event at once.
const MOST_DELIVERIES: i64 = 1000;

impl Stripe {
    /// Answers a request below `/_local/`.
    pub(super) async fn control(&self, request: &Request, path: &[&str]) -> Response {
        match self.controlled(request, path).await {
            Ok(body) => json_response(StatusCode::OK, &body),
            Err(error) => error_response(&error, &self.ids.next("req_", 14)),
        }
    }

    async fn controlled(&self, request: &Request, path: &[&str]) -> Result<Value, Error> {
        let fields = fields(request)?;
        let params = Params::new(&fields);
        match (&request.method, path) {
            (&Method::POST, ["disputes"]) => self.happen(|tx| disputes::open(tx, &params)).await,
            (&Method::POST, ["disputes", id, "close"]) => {
                self.happen(|tx| disputes::close(tx, id, &params)).await
            }
            (&Method::POST, ["disputes", id, "review"]) => self.happen(|tx| disputes::review(tx, id)).await,
            (&Method::POST, ["customers", id, "cards"]) => {
                params.only(&[&["works"]])?;
                let works = params.boolean("works")?.ok_or_else(|| params.missing("works"))?;
                self.happen(|tx| cards::set_all(tx, id, works)).await
            }
            (&Method::POST, ["payment_intents", id, "settle"]) => {
                params.only(&[&["outcome"]])?;
                let outcome = params
                    .one_of("outcome", &["failed", "paid"])?
                    .ok_or_else(|| params.missing("outcome"))?;
                self.happen(|tx| payment_intents::decide(tx, id, outcome == "paid"))
                    .await
            }
            (&Method::POST, ["subscriptions", id, "status"]) => {
                self.happen(|tx| subscriptions::set_status(tx, id, &params)).await
            }
            (&Method::POST, ["refunds"]) => self.happen(|tx| refunds::create(tx, &params)).await,
            (&Method::POST, ["refunds", id, "succeed"]) => self.happen(|tx| refunds::succeed(tx, id)).await,
            (&Method::POST, ["refunds", id, "fail"]) => self.happen(|tx| refunds::fail(tx, id)).await,
            (&Method::POST, ["events", id, "deliver"]) => self.deliver_again(id, &params).await,
            (&Method::GET, ["events", id, "signed"]) => {
                let (payload, signature) = self.signed(id).ok_or_else(|| no_event(id))?;
                Ok(json!({ "payload": String::from_utf8_lossy(&payload), "signature": signature }))
            }
            (method, _) => Err(Error::unrecognized(method, request.uri.path())),
        }
    }

    async fn happen(
        &self,
        work: impl FnOnce(&mut Transaction) -> Result<Value, Error>,
    ) -> Result<Value, Error> {
        let (object, events) = self.transact(&Origin::default(), true, work)?;
        self.courier.first_attempts(&events, WAIT_FOR_DELIVERIES).await;
        Ok(object)
    }

    async fn deliver_again(&self, id: &str, params: &Params<'_>) -> Result<Value, Error> {
        params.only(&[&["times"]])?;
        let times = params.integer_from("times", 1)?.unwrap_or(1).min(MOST_DELIVERIES);
        if !self.events().iter().any(|event| event["id"] == id) {
            return Err(no_event(id));
        }
        let statuses = self.redeliver(id, usize::try_from(times).unwrap_or(1)).await;
        Ok(json!({ "statuses": statuses }))
    }
}

fn no_event(id: &str) -> Error {
    Error::missing(&Kind::Event.to_string(), id, "id")
}

fn fields(request: &Request) -> Result<Map<String, Value>, Error> {
    let content_type = request
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if content_type.is_some_and(|content_type| content_type.starts_with("application/json")) {
        return serde_json::from_slice(&request.body)
            .map_err(|error| Error::invalid(format!("Invalid JSON: {error}")));
    }
    form::nest(&form::pairs(&request.body)?)
}
