//! API Gateway's HTTP API: takes an HTTP request, finds its route, hands it to the route's function as an event of
//! payload format 2.0, and turns the function's answer back into HTTP
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>).
//!
//! Every answer carries `x-cost`: what the invocation cost in calls and capacity. A request may carry
//! `x-local-source-ip`, an address to take for the caller's own; only this machine can reach the gateway.

mod answer;
mod cors;
mod event;
mod routes;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_TYPE, HOST};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt;

use crate::clock::MovableClock;
use crate::cost::Cost;
use crate::lambda::{Lambda, PAYLOAD_LIMIT};
use crate::template::HttpApi;
use crate::wire::aws::uuid;
use routes::Routes;

/// The header that says what a request cost.
pub const COST_HEADER: &str = "x-cost";
/// The header in which a caller on this machine gives the address it wants to be seen under.
pub const SOURCE_IP_HEADER: &str = "x-local-source-ip";
/// The header that carries API Gateway's id of the request.
const REQUEST_ID_HEADER: &str = "apigw-requestid";

/// The largest body that API Gateway takes, in bytes
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>).
const BODY_LIMIT: usize = 10 * 1024 * 1024;
/// How much of a body that is too long is read, in bytes.
const READ_AT_MOST: usize = 64 * 1024 * 1024;
/// The most that request line and headers may have together, in bytes.
const HEADERS_LIMIT: usize = 10_240;
/// How long API Gateway waits for a function.
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(30);

/// The HTTP API of a template.
pub struct Gateway {
    routes: Routes,
    cors: Option<crate::template::Cors>,
    lambda: Arc<Lambda>,
    clock: Arc<MovableClock>,
}

impl Gateway {
    /// An API with the template's routes.
    #[must_use]
    pub fn new(api: HttpApi, lambda: Arc<Lambda>, clock: Arc<MovableClock>) -> Self {
        Self {
            routes: Routes::new(api.routes),
            cors: api.cors,
            lambda,
            clock,
        }
    }

    /// Answers a request that came from `peer`.
    pub async fn answer(&self, request: Request<Body>, peer: IpAddr) -> Response<Body> {
        let request_id = uuid();
        let (parts, body) = request.into_parts();
        let origin = parts.headers.get(http::header::ORIGIN).cloned();
        let (mut response, cost) = match self.cors.as_ref().and_then(|cors| cors::preflight(cors, &parts)) {
            Some(preflight) => (preflight, Cost::default()),
            None => {
                let (mut response, cost) = self.route(parts, body, peer, &request_id).await;
                if let Some(cors) = &self.cors {
                    cors::allow(cors, origin.as_ref(), response.headers_mut());
                }
                (response, cost)
            }
        };
        for (name, value) in [(COST_HEADER, cost.to_string()), (REQUEST_ID_HEADER, request_id)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response.map(Body::from)
    }

    async fn route(&self, parts: Parts, body: Body, peer: IpAddr, id: &str) -> (Response<Bytes>, Cost) {
        let event = match self.event(&parts, body, peer, id).await {
            Ok(event) => event,
            Err(status) => return (refusal(status), Cost::default()),
        };
        let lambda = Arc::clone(&self.lambda);
        // A task of its own, because the invocation goes on when the caller hangs up.
        let invocation = tokio::spawn(async move {
            lambda
                .invoke(&event.function, event.payload, &event.route_key)
                .await
        });
        match tokio::time::timeout(INTEGRATION_TIMEOUT, invocation).await {
            Ok(Ok(invocation)) => {
                let answer = invocation
                    .outcome
                    .ok()
                    .and_then(|answer| answer::from_lambda(&answer));
                (
                    answer.unwrap_or_else(|| refusal(StatusCode::INTERNAL_SERVER_ERROR)),
                    invocation.cost,
                )
            }
            Ok(Err(_)) => (refusal(StatusCode::INTERNAL_SERVER_ERROR), Cost::default()),
            Err(_) => (refusal(StatusCode::SERVICE_UNAVAILABLE), Cost::default()),
        }
    }

    /// The event that a request becomes, or the status that API Gateway itself answers.
    async fn event(&self, parts: &Parts, body: Body, peer: IpAddr, id: &str) -> Result<Event, StatusCode> {
        if size(parts) > HEADERS_LIMIT {
            return Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        }
        if !host_is_readable(&parts.headers) {
            return Err(StatusCode::BAD_REQUEST);
        }
        let path = routes::decode(parts.uri.path()).ok_or(StatusCode::BAD_REQUEST)?;
        let found = self
            .routes
            .find(&parts.method, parts.uri.path())
            .ok_or(StatusCode::NOT_FOUND)?;
        let body = read(body).await?;
        let source_ip = parts
            .headers
            .get(SOURCE_IP_HEADER)
            .and_then(|ip| ip.to_str().ok()?.parse().ok());
        let payload = event::payload(&event::Source {
            parts,
            body: &body,
            path: &path,
            route_key: &found.route.to_string(),
            path_parameters: &found.parameters,
            source_ip: source_ip.unwrap_or(peer),
            request_id: id,
            now: self.clock.now(),
        });
        if payload.to_string().len() > PAYLOAD_LIMIT {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        Ok(Event {
            function: found.route.function.clone(),
            route_key: found.route.to_string(),
            payload,
        })
    }
}

/// An event and who gets it.
struct Event {
    function: String,
    route_key: String,
    payload: serde_json::Value,
}

/// The handler that serves the API.
pub async fn serve(
    State(gateway): State<Arc<Gateway>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request<Body>,
) -> Response<Body> {
    gateway.answer(request, peer.ip()).await
}

/// The bytes of request line and headers.
fn size(parts: &Parts) -> usize {
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len());
    parts.uri.to_string().len() + headers.sum::<usize>()
}

/// The host becomes part of a URL in the function; on AWS none arrives that could not.
fn host_is_readable(headers: &HeaderMap) -> bool {
    headers
        .get(HOST)
        .is_none_or(|host| Authority::try_from(host.as_bytes()).is_ok())
}

/// Reads the body. One that is too long is read to its end as well, within reason: a caller who is still sending would
/// find the connection closed instead of an answer.
async fn read(mut body: Body) -> Result<Bytes, StatusCode> {
    let mut bytes = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let data = frame
            .map_err(|_| StatusCode::BAD_REQUEST)?
            .into_data()
            .unwrap_or_default();
        length += data.len();
        if length <= BODY_LIMIT {
            bytes.extend_from_slice(&data);
        } else if length > READ_AT_MOST {
            break;
        }
    }
    if length <= BODY_LIMIT {
        Ok(bytes.freeze())
    } else {
        Err(StatusCode::PAYLOAD_TOO_LARGE)
    }
}

/// What API Gateway answers by itself.
fn refusal(status: StatusCode) -> Response<Bytes> {
    let message = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "Request Entity Too Large",
        status => status.canonical_reason().unwrap_or("Error"),
    };
    let mut response = Response::new(Bytes::from(serde_json::json!({ "message": message }).to_string()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
