//! The system's own pages: `/_local/` to see and steer what a deployment would hide in consoles, `/docs` for the API's
//! reference and `/openapi.json` for its description.
//!
//! Only this machine reaches them, and only by a loopback name: a page on the web could have its own name point here
//! (DNS rebinding), or post a form across origins, and is refused either way.

mod guard;
mod mail;
mod page;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use jiff::Timestamp;
use runtime::Runtime;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::openapi::OpenApi;

use crate::clock::MovableClock;
use crate::cost::Ledger;
use crate::google::{Google, Wish};
use crate::iam::Authority;
use crate::lambda::Lambda;
use crate::platform::{Addresses, Grant};
use crate::rentcast::{self, Rentcast};
use crate::ses::{Message, Outcome, Ses};
use crate::textract::{Conduct, Textract};
use crate::triggers::queues::Queue;
use crate::wire::faults::{Fault, Faults};

/// Everything that can be seen and steered.
pub(crate) struct Control {
    pub(crate) addresses: Addresses,
    pub(crate) lambda: Arc<Lambda>,
    pub(crate) clock: Arc<MovableClock>,
    pub(crate) ses: Arc<Ses>,
    pub(crate) google: Arc<Google>,
    pub(crate) rentcast: Arc<Rentcast>,
    pub(crate) textract: Arc<Textract>,
    /// The queues that no function reads.
    pub(crate) dead_letters: Vec<Arc<Queue>>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) authority: Arc<Authority>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) openapi: OpenApi,
    pub(crate) operator: Runtime,
    pub(crate) grant: Grant,
}

/// Something that was given up.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// The queue it lies in.
    pub queue: String,
    /// Its id.
    pub id: String,
    /// When it was put there or, with a redrive, into its first queue.
    pub sent_at: Timestamp,
    /// How often it was tried, where the queue counts that.
    pub tries: u32,
    /// Why it failed last.
    pub error: Option<String>,
    /// What it says, as JSON where it is JSON.
    pub body: Value,
}

impl Control {
    pub(crate) fn dead_letters(&self) -> Vec<DeadLetter> {
        let of_queue = |queue: &Arc<Queue>| {
            let name = queue.name().to_owned();
            queue.messages().into_iter().map(move |message| DeadLetter {
                queue: name.clone(),
                id: message.id,
                sent_at: message.sent,
                tries: message.receives,
                error: message.error,
                body: serde_json::from_str(&message.body).unwrap_or(Value::String(message.body)),
            })
        };
        self.dead_letters.iter().flat_map(of_queue).collect()
    }
}

/// The pages.
pub(crate) fn router(control: Arc<Control>) -> Router {
    let docs = utoipa_swagger_ui::SwaggerUi::new("/docs")
        .config(
            utoipa_swagger_ui::Config::default()
                .validator_url("none")
                .try_it_out_enabled(true)
                .use_base_layout(),
        )
        .url("/openapi.json", control.openapi.clone());
    Router::new()
        .route("/_local", get(|| async { Redirect::permanent("/_local/") }))
        .route("/_local/", get(show_page))
        .route("/_local/outbox", get(outbox))
        .route("/_local/outbox/{id}", get(show_mail).post(tell))
        .route("/_local/outbox/{id}/html", get(mail_as_html))
        .route("/_local/outbox/{id}/source", get(mail_as_source))
        .route("/_local/dead-letters", get(dead_letters))
        .route("/_local/invoke/{function}", post(invoke))
        .route("/_local/clock", get(clock).post(advance))
        .route("/_local/costs", get(costs))
        .route("/_local/permissions", get(permissions))
        .route("/_local/grant", post(grant))
        .route("/_local/google", post(press_google))
        .route(
            "/_local/textract",
            get(conduct).post(set_conduct).delete(reset_conduct),
        )
        .route(
            "/_local/rentcast",
            get(rentcast).post(set_rentcast).delete(reset_rentcast),
        )
        .route("/_local/faults", get(faults).post(arm).delete(disarm))
        .with_state(control)
        .merge(docs)
        // On the pages alone: the fallback added later, the API, has its own rules.
        .layer(middleware::from_fn(guard::loopback_only))
}

/// An error, for the operator to read.
struct Refused(StatusCode, String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn bad_request(error: impl ToString) -> Refused {
    Refused(StatusCode::BAD_REQUEST, error.to_string())
}

/// What was posted: JSON by a program, or a form by the page, which goes back there.
struct Posted<T> {
    value: T,
    by_page: bool,
}

/// Reads what was posted. It is told by its first character, because `curl -d` calls JSON a form.
fn posted<T: DeserializeOwned>(body: &Bytes) -> Result<Posted<T>, Refused> {
    let by_page = !matches!(body.trim_ascii_start().first(), None | Some(b'{'));
    let value = match by_page {
        true => serde_urlencoded::from_bytes(body).map_err(bad_request)?,
        false => serde_json::from_slice(body).map_err(bad_request)?,
    };
    Ok(Posted { value, by_page })
}

/// Back to the page, or the answer.
fn done(by_page: bool, answer: Value) -> Response {
    if by_page {
        Redirect::to("/_local/").into_response()
    } else {
        Json(answer).into_response()
    }
}

async fn show_page(State(control): State<Arc<Control>>) -> impl IntoResponse {
    const POLICY: &str =
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";
    (content_policy(POLICY), Html(page::render(&control)))
}

fn content_policy(policy: &'static str) -> [(HeaderName, HeaderValue); 1] {
    [(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy))]
}

async fn outbox(State(control): State<Arc<Control>>) -> Json<Value> {
    Json(json!({ "messages": control.ses.messages() }))
}

/// A mail: how it looks, what it is made of, and what may become of it.
async fn show_mail(State(control): State<Arc<Control>>, Path(id): Path<String>) -> Result<Response, Refused> {
    const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'";
    let message = message(&control, &id)?;
    Ok((content_policy(POLICY), Html(mail::render(&message))).into_response())
}

/// A mail as its reader sees it: without scripts, and without anything from the network.
async fn mail_as_html(
    State(control): State<Arc<Control>>,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let message = message(&control, &id)?;
    let policy = content_policy("sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:");
    Ok(match message.html {
        Some(html) => (policy, Html(html)).into_response(),
        None => (policy, message.text.unwrap_or_default()).into_response(),
    })
}

/// A mail as a mail server is handed it.
async fn mail_as_source(
    State(control): State<Arc<Control>>,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let message = message(&control, &id)?;
    let headers = [
        (header::CONTENT_TYPE, "message/rfc822"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"mail.eml\""),
    ];
    Ok((headers, message.source()).into_response())
}

fn message(control: &Control, id: &str) -> Result<Message, Refused> {
    let mut messages = control.ses.messages().into_iter();
    let message = messages.find(|message| message.id == id);
    message.ok_or_else(|| Refused(StatusCode::NOT_FOUND, format!("there is no mail {id}")))
}

/// Tells what became of a mail: `{"outcome": "bounce"}`.
async fn tell(
    State(control): State<Arc<Control>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let Posted { value, by_page } = posted::<Outcome>(&body)?;
    control
        .ses
        .tell(&id, value)
        .map_err(|error| Refused(StatusCode::NOT_FOUND, error.to_string()))?;
    if by_page {
        return Ok(Redirect::to(&format!("/_local/outbox/{id}")).into_response());
    }
    Ok(done(by_page, json!({})))
}

async fn dead_letters(State(control): State<Arc<Control>>) -> Json<Value> {
    Json(json!({ "deadLetters": control.dead_letters() }))
}

/// The form's field that holds an event.
#[derive(Deserialize)]
struct EventField {
    event: String,
}

/// Invokes a function with the posted event, and waits for its answer.
async fn invoke(
    State(control): State<Arc<Control>>,
    Path(function): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    if control.lambda.function(&function).is_none() {
        let known: Vec<&str> = control.lambda.ids().collect();
        let error = format!("there is no function {function}; there are {}", known.join(", "));
        return Err(Refused(StatusCode::NOT_FOUND, error));
    }
    let event = match serde_urlencoded::from_bytes::<EventField>(&body) {
        Ok(field) => serde_json::from_str(&field.event).map_err(bad_request)?,
        Err(_) if body.is_empty() => json!({}),
        Err(_) => serde_json::from_slice(&body).map_err(bad_request)?,
    };
    let lambda = Arc::clone(&control.lambda);
    let invoked = tokio::spawn(async move { lambda.invoke(&function, event, &function).await }).await;
    let invoked = invoked.map_err(|error| Refused(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    let (status, part, value) = match invoked.outcome {
        Ok(answer) => (StatusCode::OK, "answer", answer),
        Err(error) => (StatusCode::BAD_GATEWAY, "error", json!(error)),
    };
    let answer = json!({ "requestId": invoked.request_id, "cost": invoked.cost, part: value });
    Ok((status, Json(answer)).into_response())
}

/// Presses Google's button as anybody: `{"email": "ana@gmail.com"}`.
async fn press_google(State(control): State<Arc<Control>>, body: Bytes) -> Result<Response, Refused> {
    let Posted { value, .. } = posted::<Wish>(&body)?;
    let credential = control.google.credential(&value);
    let credential =
        credential.map_err(|error| Refused(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    Ok(Json(json!({ "credential": credential })).into_response())
}

async fn clock(State(control): State<Arc<Control>>) -> Json<Value> {
    Json(time(&control))
}

fn time(control: &Control) -> Value {
    json!({ "now": control.clock.now(), "aheadMs": control.clock.offset_ms() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance: String,
}

async fn advance(State(control): State<Arc<Control>>, body: Bytes) -> Result<Response, Refused> {
    let Posted { value, by_page } = posted::<Advance>(&body)?;
    control.clock.advance(value.advance.trim()).map_err(bad_request)?;
    Ok(done(by_page, time(&control)))
}

async fn costs(State(control): State<Arc<Control>>) -> Json<Value> {
    Json(json!({ "costs": control.ledger.totals() }))
}

async fn permissions(State(control): State<Arc<Control>>) -> Json<Value> {
    let authority = &control.authority;
    Json(json!({
        "used": authority.used(),
        "denied": authority.denied(),
        "granted": authority.granted(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Granting {
    email: String,
    role: String,
}

async fn grant(State(control): State<Arc<Control>>, body: Bytes) -> Result<Response, Refused> {
    let Posted { value, by_page } = posted::<Granting>(&body)?;
    let Granting { email, role } = value;
    let granted = (control.grant)(control.operator.clone(), email.clone(), role.clone()).await;
    granted.map_err(bad_request)?;
    Ok(done(by_page, json!({ "email": email, "role": role })))
}

async fn conduct(State(control): State<Arc<Control>>) -> Json<Conduct> {
    Json(control.textract.conduct())
}

/// Has Textract's jobs behave in some way: `{"hold": true}`. What is not named is as usual.
async fn set_conduct(State(control): State<Arc<Control>>, body: Bytes) -> Result<Response, Refused> {
    let Posted { value, by_page } = posted::<Conduct>(&body)?;
    control.textract.set_conduct(value);
    Ok(done(by_page, json!(control.textract.conduct())))
}

async fn reset_conduct(State(control): State<Arc<Control>>, _: HeaderMap) -> Json<Conduct> {
    control.textract.set_conduct(Conduct::default());
    Json(control.textract.conduct())
}

/// How RentCast behaves, and how often it was asked.
async fn rentcast(State(control): State<Arc<Control>>) -> Json<Value> {
    Json(json!({ "conduct": control.rentcast.conduct(), "asked": control.rentcast.asked() }))
}

/// Has RentCast behave in some way: `{"unpaid": true}`. What is not named is as usual.
async fn set_rentcast(State(control): State<Arc<Control>>, body: Bytes) -> Result<Response, Refused> {
    let Posted { value, by_page } = posted::<rentcast::Conduct>(&body)?;
    control.rentcast.set_conduct(value);
    Ok(done(by_page, json!({ "conduct": control.rentcast.conduct() })))
}

async fn reset_rentcast(State(control): State<Arc<Control>>, _: HeaderMap) -> Json<Value> {
    control.rentcast.set_conduct(rentcast::Conduct::default());
    Json(json!({ "conduct": control.rentcast.conduct() }))
}

async fn faults(State(control): State<Arc<Control>>) -> Json<Value> {
    let boundaries: Vec<Value> = control
        .faults
        .boundaries()
        .into_iter()
        .map(|(boundary, calls)| json!({ "boundary": boundary, "calls": calls }))
        .collect();
    Json(json!({ "armed": control.faults.armed(), "boundaries": boundaries }))
}

async fn arm(State(control): State<Arc<Control>>, body: Bytes) -> Result<Response, Refused> {
    let Posted { value, by_page } = posted::<Fault>(&body)?;
    control.faults.arm(value);
    Ok(done(by_page, json!({ "armed": control.faults.armed() })))
}

async fn disarm(State(control): State<Arc<Control>>, _: HeaderMap) -> Json<Value> {
    control.faults.clear();
    Json(json!({ "armed": [] }))
}
