//! From an HTTP request to an event of payload format 2.0.
//!
//! As on AWS, and not all of it obvious: the path arrives decoded and ends at a `?` that was encoded, the query string
//! arrives as it was sent; cookies leave the headers for a list of their own; a body is text only for a few content
//! types, and base64 for all others, forms and a missing type included.

use std::collections::BTreeMap;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_TYPE, COOKIE, HOST, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::SOURCE_IP_HEADER;
use crate::template::{ACCOUNT_ID, API_ID};

/// What an event is made from.
pub(super) struct Source<'a> {
    pub(super) parts: &'a Parts,
    pub(super) body: &'a [u8],
    /// The decoded path.
    pub(super) path: &'a str,
    pub(super) route_key: &'a str,
    pub(super) path_parameters: &'a BTreeMap<String, String>,
    pub(super) source_ip: IpAddr,
    pub(super) request_id: &'a str,
    pub(super) now: Timestamp,
}

/// The event.
pub(super) fn payload(source: &Source) -> Value {
    let parts = source.parts;
    let header = |name: HeaderName| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let path = source.path.split('?').next().unwrap_or_default();
    let query = parts.uri.query().unwrap_or_default();
    let host = header(HOST);
    let mut event = json!({
        "version": "2.0",
        "routeKey": source.route_key,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers(source),
        "requestContext": {
            "accountId": ACCOUNT_ID,
            "apiId": API_ID,
            "domainName": host,
            "domainPrefix": host.split('.').next().unwrap_or_default(),
            "http": {
                "method": parts.method.as_str(),
                "path": path,
                "protocol": format!("{:?}", parts.version),
                "sourceIp": source.source_ip.to_string(),
                "userAgent": header(USER_AGENT),
            },
            "requestId": source.request_id,
            "routeKey": source.route_key,
            "stage": "$default",
            "time": source.now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": source.now.as_millisecond(),
        },
        "isBase64Encoded": false,
    });
    let cookies = cookies(&parts.headers);
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    if !query.is_empty() {
        event["queryStringParameters"] = query_parameters(query);
    }
    if !source.path_parameters.is_empty() {
        event["pathParameters"] = json!(source.path_parameters);
    }
    if !source.body.is_empty() {
        let (body, is_base64) = body(header(CONTENT_TYPE), source.body);
        event["body"] = json!(body);
        event["isBase64Encoded"] = json!(is_base64);
    }
    event
}

/// Headers in small letters, those of one name joined by commas, with what API Gateway adds.
fn headers(source: &Source) -> Value {
    let headers = &source.parts.headers;
    let mut joined = Map::new();
    for name in headers
        .keys()
        .filter(|name| **name != COOKIE && name.as_str() != SOURCE_IP_HEADER)
    {
        let values: Vec<_> = headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        joined.insert(name.to_string(), Value::String(values.join(",")));
    }
    let forwarded_for = match joined.get("x-forwarded-for").and_then(Value::as_str) {
        Some(others) => format!("{others}, {}", source.source_ip),
        None => source.source_ip.to_string(),
    };
    let port = source
        .parts
        .headers
        .get(HOST)
        .and_then(|host| host.to_str().ok()?.rsplit_once(':'))
        .map_or("80", |(_, port)| port);
    joined.insert("x-forwarded-for".into(), forwarded_for.into());
    joined.insert("x-forwarded-port".into(), port.into());
    joined.insert("x-forwarded-proto".into(), "http".into());
    Value::Object(joined)
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let sent = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    sent.flat_map(|value| value.split(';'))
        .map(|cookie| cookie.trim().to_owned())
        .filter(|c| !c.is_empty())
        .collect()
}

/// Decoded parameters, those of one name joined by commas.
fn query_parameters(query: &str) -> Value {
    let mut joined: Map<String, Value> = Map::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let value = match joined.get(name.as_ref()).and_then(Value::as_str) {
            Some(before) => format!("{before},{value}"),
            None => value.into_owned(),
        };
        joined.insert(name.into_owned(), Value::String(value));
    }
    Value::Object(joined)
}

/// The body as text, or else in base64.
fn body(content_type: &str, body: &[u8]) -> (String, bool) {
    match std::str::from_utf8(body) {
        Ok(text) if is_text(content_type) => (text.to_owned(), false),
        _ => (STANDARD.encode(body), true),
    }
}

fn is_text(content_type: &str) -> bool {
    let kind = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    kind.starts_with("text/")
        || ["application/json", "application/javascript", "application/xml"].contains(&kind.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(request: http::request::Builder, body: &[u8]) -> Value {
        let (parts, ()) = request.body(()).unwrap().into_parts();
        payload(&Source {
            path: &super::super::routes::decode(parts.uri.path()).unwrap(),
            parts: &parts,
            body,
            route_key: "GET /s/{id}",
            path_parameters: &BTreeMap::from([("id".into(), "x".into())]),
            source_ip: [192, 0, 2, 7].into(),
            request_id: "r-1",
            now: "2026-03-12T19:03:58Z".parse().unwrap(),
        })
    }

    #[test]
    fn an_event_has_the_parts_of_payload_format_2() {
        let request = http::Request::get("/s/a%20b?x=1&x=2%203&y")
            .header("Host", "localhost:3000")
            .header("X-Two", "1")
            .header("X-Two", "2")
            .header("Cookie", "a=1; b=2")
            .header("User-Agent", "test");
        let event = event(request, b"");
        assert_eq!(event["rawPath"], "/s/a b");
        assert_eq!(event["rawQueryString"], "x=1&x=2%203&y");
        assert_eq!(event["queryStringParameters"], json!({ "x": "1,2 3", "y": "" }));
        assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
        assert_eq!(event["headers"]["x-two"], "1,2");
        assert!(event["headers"].get("cookie").is_none() && event.get("body").is_none());
        let context = &event["requestContext"];
        assert_eq!(context["time"], "12/Mar/2026:19:03:58 +0000");
        assert_eq!(context["http"]["sourceIp"], "192.0.2.7");
        assert_eq!(context["http"]["protocol"], "HTTP/1.1");
    }

    #[test]
    fn a_body_is_text_for_a_few_content_types_only() {
        for (content_type, text) in [
            ("application/json; charset=utf-8", true),
            ("text/plain", true),
            ("application/x-www-form-urlencoded", false),
            ("application/problem+json", false),
            ("", false),
        ] {
            let event = event(
                http::Request::post("/s/x").header("content-type", content_type),
                b"{}",
            );
            assert_eq!(event["isBase64Encoded"], !text, "{content_type}");
            assert_eq!(event["body"], if text { "{}" } else { "e30=" }, "{content_type}");
        }
        let event = event(
            http::Request::post("/s/x").header("content-type", "text/plain"),
            b"\xff",
        );
        assert_eq!(event["isBase64Encoded"], true);
    }

    #[test]
    fn a_caller_can_choose_the_address_that_is_seen_and_the_function_does_not_see_how() {
        let event = event(
            http::Request::get("/s/x").header(SOURCE_IP_HEADER, "192.0.2.7"),
            b"",
        );
        assert!(event["headers"].get(SOURCE_IP_HEADER).is_none());
        assert_eq!(event["headers"]["x-forwarded-for"], "192.0.2.7");
    }
}
