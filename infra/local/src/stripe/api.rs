//! The API: who asks, what is asked, and the answer in Stripe's form.

use base64::Engine as _;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::{Map, Value};

use super::errors::Error;
use super::expand::expand;
use super::idempotency::{Key, Turn};
use super::params::Params;
use super::store::{Kind, Origin, Transaction};
use super::{
    API_VERSION, Stripe, cards, charges, checkout_sessions, customers, disputes, events, form,
    invoice_payments, invoices, payment_intents, portal, prices, refunds, subscription_changes,
    subscriptions,
};
use crate::secrets::STRIPE_KEY;
use crate::wire::{Request, Response};

/// An answer before it becomes a response.
struct Answer {
    status: StatusCode,
    body: Value,
    /// The request that got this answer first.
    replayed_from: Option<String>,
}

impl Stripe {
    /// Answers a request to the API.
    pub(super) async fn api(&self, request: &Request) -> Response {
        let request_id = self.ids.next("req_", 14);
        let answer = match authenticate(&request.headers) {
            Ok(()) => self.call(request, &request_id).await,
            Err(error) => Err(error),
        };
        let mut response = match answer {
            Ok(answer) => {
                let mut response = json_response(answer.status, &answer.body);
                if let Some(first) = answer
                    .replayed_from
                    .and_then(|id| HeaderValue::from_str(&id).ok())
                {
                    let headers = response.headers_mut();
                    headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
                    headers.insert("original-request", first);
                }
                response
            }
            Err(error) => error_response(&error, &request_id),
        };
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(&request_id) {
            headers.insert("request-id", id);
        }
        let version = request.headers.get("stripe-version").cloned();
        headers.insert(
            "stripe-version",
            version.unwrap_or(HeaderValue::from_static(API_VERSION)),
        );
        if let Some(key) = request.headers.get("idempotency-key") {
            headers.insert("idempotency-key", key.clone());
        }
        response
    }

    async fn call(&self, request: &Request, request_id: &str) -> Result<Answer, Error> {
        match request.method {
            Method::GET => self.read(request),
            Method::POST => self.write(request, request_id).await,
            Method::DELETE => self.delete(request, request_id).await,
            _ => Err(Error::unrecognized(&request.method, request.uri.path())),
        }
    }

    fn read(&self, request: &Request) -> Result<Answer, Error> {
        let path = request.uri.path();
        let fields = form::nest(&form::pairs(request.uri.query().unwrap_or_default().as_bytes())?)?;
        let params = Params::new(&fields);
        let paths = params.texts("expand")?;
        let (body, _) = self.transact(&Origin::default(), true, |tx| {
            let mut body = retrieve_or_list(tx, &segments(path), &params)
                .unwrap_or_else(|| Err(Error::unrecognized(&Method::GET, path)))?;
            expand(tx, &mut body, &paths)?;
            Ok(body)
        })?;
        Ok(Answer {
            status: StatusCode::OK,
            body,
            replayed_from: None,
        })
    }

    /// Carries a POST out, once for each idempotency key.
    async fn write(&self, request: &Request, request_id: &str) -> Result<Answer, Error> {
        let path = request.uri.path();
        require_form(&request.headers, &request.body)?;
        let pairs = form::pairs(&request.body)?;
        let fields = form::nest(&pairs)?;
        let key = Key::read(&request.headers, path, &pairs)?;
        let _taken = match &key {
            None => None,
            Some(key) => match self.keys_in_use.take(key, &self.store, self.now())? {
                Turn::First(taken) => Some(taken),
                Turn::Kept(kept) => {
                    let replayed_from = Some(kept.request_id);
                    return Ok(Answer {
                        status: kept.status,
                        body: kept.body,
                        replayed_from,
                    });
                }
            },
        };
        if !self.config.latency.is_zero() {
            tokio::time::sleep(self.config.latency).await;
        }
        let origin = Origin {
            request_id: Some(request_id.to_owned()),
            idempotency_key: key.as_ref().map(|key| key.key.clone()),
        };
        let ((status, body), _) = self.transact(&origin, true, |tx| {
            let (status, body) = match carry_out(tx, path, &fields) {
                Ok(done) => done,
                Err(error) if error.is_final_for_its_key() => {
                    tx.discard();
                    (error.status, error.body(request_id))
                }
                Err(error) => return Err(error),
            };
            if let Some(key) = &key {
                key.keep(tx, status, &body, request_id);
            }
            Ok((status, body))
        })?;
        Ok(Answer {
            status,
            body,
            replayed_from: None,
        })
    }
}

impl Stripe {
    /// Carries a DELETE out. It needs no idempotency key: what is gone stays gone.
    async fn delete(&self, request: &Request, request_id: &str) -> Result<Answer, Error> {
        let path = request.uri.path();
        require_form(&request.headers, &request.body)?;
        let mut pairs = form::pairs(request.uri.query().unwrap_or_default().as_bytes())?;
        pairs.extend(form::pairs(&request.body)?);
        let fields = form::nest(&pairs)?;
        if !self.config.latency.is_zero() {
            tokio::time::sleep(self.config.latency).await;
        }
        let origin = Origin {
            request_id: Some(request_id.to_owned()),
            idempotency_key: None,
        };
        let (body, _) = self.transact(&origin, true, |tx| {
            let params = Params::new(&fields);
            let mut body = match segments(path).as_slice() {
                ["customers", id] => customers::delete(tx, id, &params)?,
                ["subscriptions", id] => subscriptions::cancel(tx, id, &params)?,
                _ => return Err(Error::unrecognized(&Method::DELETE, path)),
            };
            expand(tx, &mut body, &params.texts("expand")?)?;
            Ok(body)
        })?;
        Ok(Answer {
            status: StatusCode::OK,
            body,
            replayed_from: None,
        })
    }
}

/// The parts of a path after `/v1`.
fn segments(path: &str) -> Vec<&str> {
    path.strip_prefix("/v1/")
        .map_or_else(Vec::new, |rest| rest.split('/').collect())
}

/// Every GET; nothing where Stripe has no such address.
fn retrieve_or_list(tx: &Transaction, path: &[&str], params: &Params) -> Option<Result<Value, Error>> {
    let retrieve = |kind, id: &str| {
        params.only(&[])?;
        tx.require(kind, id, "id")
    };
    Some(match path {
        ["charges"] => charges::list(tx, params),
        ["charges", id] => retrieve(Kind::Charge, id),
        ["checkout", "sessions"] => checkout_sessions::list(tx, params),
        ["checkout", "sessions", id] => retrieve(Kind::CheckoutSession, id),
        ["checkout", "sessions", id, "line_items"] => checkout_sessions::line_items(tx, id, params),
        ["customers"] => customers::list(tx, params),
        ["customers", id] => retrieve(Kind::Customer, id),
        ["customers", id, "payment_methods"] => cards::list(tx, Some(id), params),
        ["disputes"] => disputes::list(tx, params),
        ["disputes", id] => retrieve(Kind::Dispute, id),
        ["events"] => events::list(tx, params),
        ["events", id] => params.only(&[]).and_then(|()| events::retrieve(tx, id)),
        ["invoice_payments"] => invoice_payments::list(tx, params),
        ["invoice_payments", id] => retrieve(Kind::InvoicePayment, id),
        ["invoices"] => invoices::list(tx, params),
        ["invoices", id] => retrieve(Kind::Invoice, id),
        ["invoices", id, "lines"] => invoices::list_lines(tx, id, params),
        ["payment_intents"] => payment_intents::list(tx, params),
        ["payment_intents", id] => params
            .only(&[&["client_secret"]])
            .and_then(|()| tx.require(Kind::PaymentIntent, id, "intent")),
        ["payment_methods"] => cards::list(tx, None, params),
        ["payment_methods", id] => retrieve(Kind::PaymentMethod, id),
        ["prices"] => prices::list(tx, params),
        ["prices", id] => retrieve(Kind::Price, id),
        ["products"] => prices::list_products(tx, params),
        ["products", id] => retrieve(Kind::Product, id),
        ["refunds"] => refunds::list(tx, params),
        ["refunds", id] => retrieve(Kind::Refund, id),
        ["subscriptions"] => subscriptions::list(tx, params),
        ["subscriptions", id] => retrieve(Kind::Subscription, id),
        _ => return None,
    })
}

/// Every POST.
fn carry_out(
    tx: &mut Transaction,
    path: &str,
    fields: &Map<String, Value>,
) -> Result<(StatusCode, Value), Error> {
    let params = Params::new(fields);
    let (status, mut body) = match segments(path).as_slice() {
        ["billing_portal", "sessions"] => (StatusCode::OK, portal::create(tx, &params)?),
        ["checkout", "sessions"] => (StatusCode::OK, checkout_sessions::create(tx, &params)?),
        ["checkout", "sessions", id, "expire"] => {
            (StatusCode::OK, checkout_sessions::expire(tx, id, &params)?)
        }
        ["customers"] => (StatusCode::OK, customers::create(tx, &params)?),
        ["customers", id] => (StatusCode::OK, customers::update(tx, id, &params)?),
        ["invoices", id, "pay"] => invoices::pay(tx, id, &params)?,
        ["payment_intents"] => payment_intents::create(tx, &params)?,
        ["payment_intents", id, "cancel"] => (StatusCode::OK, payment_intents::cancel(tx, id, &params)?),
        ["payment_intents", id, "confirm"] => payment_intents::confirm(tx, id, &params)?,
        ["prices"] => (StatusCode::OK, prices::create(tx, &params)?),
        ["products"] => (StatusCode::OK, prices::create_product(tx, &params)?),
        ["refunds"] => (StatusCode::OK, refunds::create(tx, &params)?),
        ["subscriptions", id] => subscription_changes::update(tx, id, &params)?,
        _ => return Err(Error::unrecognized(&Method::POST, path)),
    };
    if status == StatusCode::OK {
        expand(tx, &mut body, &params.texts("expand")?)?;
    }
    Ok((status, body))
}

/// The function whose key this is, if it is one's own.
pub(super) fn function_of(headers: &HeaderMap) -> Option<String> {
    let key = api_key(headers.get(header::AUTHORIZATION)?.to_str().ok()?)?;
    let function = key.strip_prefix(STRIPE_KEY)?.strip_prefix('_')?;
    Some(function.to_owned())
}

/// Takes any key of the test mode, as bearer token or, as `curl -u` sends it, as user name.
fn authenticate(headers: &HeaderMap) -> Result<(), Error> {
    let key = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(api_key);
    match key {
        Some(key)
            if ["sk_test_", "rk_test_"]
                .iter()
                .any(|kind| key.len() > kind.len() && key.starts_with(kind)) =>
        {
            Ok(())
        }
        Some(key) => {
            let start: String = key.chars().take(8).collect();
            Err(Error::unauthorized(format!(
                "Invalid API Key provided: {start}****"
            )))
        }
        None => Err(Error::unauthorized(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer \
             auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for \
             details, or we can help at https://support.stripe.com/.",
        )),
    }
}

fn api_key(authorization: &str) -> Option<String> {
    let (scheme, credentials) = authorization.split_once(' ')?;
    let key = match scheme.to_ascii_lowercase().as_str() {
        "bearer" => credentials.trim().to_owned(),
        "basic" => {
            let decoded = base64::engine::general_purpose::STANDARD
                .decode(credentials.trim())
                .ok()?;
            String::from_utf8(decoded).ok()?.split(':').next()?.to_owned()
        }
        _ => return None,
    };
    Some(key).filter(|key| !key.is_empty())
}

/// A body must be a form.
fn require_form(headers: &HeaderMap, body: &Bytes) -> Result<(), Error> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if body.is_empty() || essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Ok(());
    }
    Err(Error::invalid(
        "Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have any \
         questions, we can help at https://support.stripe.com/.",
    ))
}

/// A response with JSON, printed as Stripe prints it.
pub(super) fn json_response(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(serde_json::to_vec_pretty(body).unwrap_or_default().into());
    *response.status_mut() = status;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-cache, no-store"),
    ];
    for (name, value) in headers {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A response with an error.
pub(super) fn error_response(error: &Error, request_id: &str) -> Response {
    let mut response = json_response(error.status, &error.body(request_id));
    if error.status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static(r#"Basic realm="Stripe""#),
        );
    }
    if error.status == StatusCode::TOO_MANY_REQUESTS {
        let retry = HeaderName::from_static("stripe-should-retry");
        response
            .headers_mut()
            .insert(retry, HeaderValue::from_static("true"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_functions_own_key_says_who_calls_and_no_other_does() {
        let caller = |key: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, format!("Bearer {key}").parse().unwrap());
            function_of(&headers)
        };
        let own = format!("{STRIPE_KEY}_BillingFunction");
        assert_eq!(caller(&own).as_deref(), Some("BillingFunction"));
        for key in [STRIPE_KEY, "sk_test_BillingFunction"] {
            assert_eq!(caller(key), None);
        }
        assert_eq!(function_of(&HeaderMap::new()), None);
    }
}
