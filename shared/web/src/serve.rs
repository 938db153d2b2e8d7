//! The frame around a router, and the way onto Lambda.

use std::net::IpAddr;
use std::time::Instant;

use axum::Router;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state, map_request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Uri};
use lambda_http::RequestExt;
use lambda_http::request::RequestContext;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use runtime::{ConfigError, Environment, Runtime, telemetry};
use table::Table;
use table::login::Network;
use tracing::Instrument;

use crate::idempotency::Idempotency;
use crate::origin::Origins;
use crate::{Answer, Problem, input};

/// The header that names a request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The routes that the web client calls, in their frame: every `POST` may be repeated, and a write on the cookie comes from
/// one of our own origins.
///
/// # Errors
/// [`ConfigError`] if `ORIGINS` or `SEALING_KEYS` is missing or unusable.
pub fn for_people(router: Router, table: &Table, environment: &Environment) -> Result<Router, ConfigError> {
    for_people_who_send(input::BODY_AT_MOST, router, table, environment)
}

/// The same for routes of which one takes a body of up to so many bytes.
///
/// # Errors
/// [`ConfigError`] if `ORIGINS` or `SEALING_KEYS` is missing or unusable.
pub fn for_people_who_send(
    bytes: usize,
    router: Router,
    table: &Table,
    environment: &Environment,
) -> Result<Router, ConfigError> {
    let origins: Origins = environment.parsed("ORIGINS")?;
    let idempotency = Idempotency::new(table, environment)?.of_bodies_up_to(bytes);
    Ok(framed(idempotency.honoured(router), Some(origins)))
}

/// Puts a router into its frame; what it does not know is answered 404 or 405.
pub fn framed(router: Router, origins: Option<Origins>) -> Router {
    let router = router
        .fallback(async || Problem::not_found("path"))
        .method_not_allowed_fallback(async || Problem::method_not_allowed("other methods"));
    in_frame(router, origins)
}

/// The frame itself: the request's id, one log line, the check of a write's origin (where there are origins that may
/// write), headers that keep answers out of caches, and problems written out.
pub fn in_frame(router: Router, origins: Option<Origins>) -> Router {
    let framed = router.layer(from_fn_with_state(origins, frame));
    Router::new()
        .fallback_service(framed)
        .layer(map_request(with_whole_path))
}

/// What stands in a path as it is (RFC 3986, section 3.3), its slashes included.
const PATH: AsciiSet = NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// API Gateway decodes the path, and `lambda_http` makes an address of it as it comes, where a `#` that was encoded ends
/// the path and a `..` shortens it: another route would answer than the one that API Gateway chose. So the path is encoded
/// again. (A query after a `#` stays lost; what has a `#` in its path is nothing that we have, whatever is asked of it.)
async fn with_whole_path(mut request: Request) -> Request {
    let decoded = request.raw_http_path();
    if decoded == request.uri().path() && !decoded.contains('%') {
        return request;
    }
    let mut whole = utf8_percent_encode(decoded, &PATH).to_string();
    if let Some(query) = request.uri().query() {
        whole.push('?');
        whole.push_str(query);
    }
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = whole
        .parse::<PathAndQuery>()
        .ok()
        .filter(|whole| whole.path().starts_with('/'))
        .or(parts.path_and_query);
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
    request
}

async fn frame(State(origins): State<Option<Origins>>, request: Request, next: Next) -> Response {
    let id = request
        .lambda_context_ref()
        .map_or_else(|| "local".to_owned(), |context| context.request_id.clone());
    let span = telemetry::request_span(&id);
    async move {
        let started = Instant::now();
        let route = request
            .extensions()
            .get::<MatchedPath>()
            .map(|path| path.as_str().to_owned());
        let (parts, body) = request.into_parts();
        let method = parts.method.clone();
        let response = match origins.map_or(Ok(()), |origins| origins.check(&parts)) {
            Ok(()) => next.run(Request::from_parts(parts, body)).await,
            Err(problem) => problem.into_response(),
        };
        // The route, not the path: a path can hold what a person typed.
        tracing::info!(
            %method,
            route = route.as_deref().unwrap_or("none"),
            status = response.status().as_u16(),
            millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "answered"
        );
        finished(response, &id)
    }
    .instrument(span)
    .await
}

fn finished(mut response: Response, id: &str) -> Response {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = problem.into_document(id);
    }
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    headers
        .entry("cache-control")
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Runs a router on Lambda, behind API Gateway.
///
/// # Errors
/// A configuration error at start, or the loss of the Lambda Runtime API.
pub async fn run(
    router: impl FnOnce(&Runtime) -> Result<Router, ConfigError>,
) -> Result<(), lambda_http::Error> {
    telemetry::start();
    let router = router(&Runtime::of_process()).inspect_err(telemetry::start_failed)?;
    lambda_http::run(router).await
}

/// The network that a request comes from, as API Gateway saw it. `X-Forwarded-For` is not believed: anyone can send it.
#[derive(Clone, Copy, Debug)]
pub struct From(pub Network);

impl<S: Send + Sync> FromRequestParts<S> for From {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        let Some(RequestContext::ApiGatewayV2(context)) = parts.request_context_ref() else {
            tracing::error!("a request came without API Gateway's context");
            return Err(Problem::internal());
        };
        let address = context
            .http
            .source_ip
            .as_deref()
            .and_then(|address| address.parse::<IpAddr>().ok());
        address.map(|address| Self(address.into())).ok_or_else(|| {
            tracing::error!("API Gateway's context names no source address");
            Problem::internal()
        })
    }
}

/// What the caller's device calls itself.
#[derive(Clone, Debug)]
pub struct Device(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Device {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        let agent = parts
            .headers
            .get(http::header::USER_AGENT)
            .and_then(|value| value.to_str().ok());
        Ok(Self(agent.map(str::to_owned)))
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn answer(request: http::Request<axum::body::Body>) -> (http::response::Parts, serde_json::Value) {
        let router = Router::new().route("/thing", get(async || Problem::conflict("used", "It is used.")));
        let response = framed(router, "https://app.example.com".parse().ok())
            .oneshot(request)
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        (
            parts,
            serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap(),
        )
    }

    fn request(method: &str, path: &str) -> http::Request<axum::body::Body> {
        http::Request::builder()
            .method(method)
            .uri(path)
            .body(axum::body::Body::empty())
            .unwrap()
    }

    #[tokio::test]
    async fn a_problem_is_written_out_with_the_id_of_the_request() {
        let (parts, body) = answer(request("GET", "/thing")).await;
        assert_eq!(parts.status, 409);
        assert_eq!(body["code"], "used");
        assert_eq!(body["requestId"].as_str().unwrap(), parts.headers["x-request-id"]);
        assert_eq!(parts.headers["cache-control"], "no-store");
    }

    #[tokio::test]
    async fn a_path_is_read_as_it_was_sent_whatever_is_encoded_in_it() {
        let echo = async |axum::extract::Path(id): axum::extract::Path<String>| id;
        let router = Router::new()
            .route("/sets/{id}", get(async || "the set"))
            .route("/sets/{id}/members", get(echo));
        let framed = framed(router, None);
        for id in ["x#", "x%23", "..", "a b", "Æ", "100%", "it's (fine); ok=1,2+3"] {
            let request = http::Request::get("https://api.example.com/elsewhere?limit=1")
                .body(axum::body::Body::empty())
                .unwrap()
                .with_raw_http_path(format!("/sets/{id}/members"));
            let body = framed.clone().oneshot(request).await.unwrap().into_body();
            assert_eq!(body.collect().await.unwrap().to_bytes(), id.as_bytes());
        }
    }

    #[tokio::test]
    async fn a_path_that_is_not_there_is_a_problem_too() {
        let (parts, body) = answer(request("GET", "/nothing")).await;
        assert_eq!(
            (parts.status.as_u16(), body["code"].as_str()),
            (404, Some("not_found"))
        );
    }
}
