//! From a function's answer to an HTTP response.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;

/// The answer of a function in payload format 2.0.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    #[serde(default)]
    headers: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// The response that a function's answer stands for; none if it cannot be read, which API Gateway answers with 500.
/// JSON without a status code is itself the body.
pub(super) fn from_lambda(answer: &Value) -> Option<Response<Bytes>> {
    if answer.get("statusCode").is_none() {
        let mut response = Response::new(Bytes::from(match answer {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }));
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        return Some(response);
    }
    let answer = Answer::deserialize(answer).ok()?;
    let body = answer.body.unwrap_or_default();
    let body = if answer.is_base64_encoded {
        STANDARD.decode(body).ok()?
    } else {
        body.into_bytes()
    };
    let mut headers = HeaderMap::new();
    for (name, value) in answer.headers.unwrap_or_default() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        headers.append(name.parse::<HeaderName>().ok()?, value.parse().ok()?);
    }
    for (name, values) in answer.multi_value_headers.unwrap_or_default() {
        for value in values {
            headers.append(name.parse::<HeaderName>().ok()?, value.parse().ok()?);
        }
    }
    for cookie in answer.cookies.unwrap_or_default() {
        headers.append(SET_COOKIE, cookie.parse().ok()?);
    }
    // These are between the gateway and its caller.
    for name in [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE] {
        headers.remove(name);
    }
    if !body.is_empty() && !headers.contains_key(CONTENT_TYPE) {
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
    }
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(answer.status_code).ok()?;
    *response.headers_mut() = headers;
    Some(response)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_becomes_a_response_with_a_header_for_each_cookie() {
        let response = from_lambda(&json!({
            "statusCode": 201,
            "headers": { "location": "/s/1", "content-length": "99", "x-number": 5 },
            "multiValueHeaders": { "x-two": ["1", "2"] },
            "cookies": ["a=1; Path=/", "b=2"],
            "body": "aGk=",
            "isBase64Encoded": true,
        }))
        .unwrap();
        assert_eq!(
            (response.status().as_u16(), response.body().as_ref()),
            (201, b"hi".as_ref())
        );
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
        assert_eq!(response.headers().get_all("x-two").iter().count(), 2);
        assert_eq!(response.headers()["x-number"], "5");
        assert!(!response.headers().contains_key("content-length"));
    }

    #[test]
    fn json_without_a_status_is_the_body() {
        let response = from_lambda(&json!({ "ok": true })).unwrap();
        assert_eq!(
            (response.status().as_u16(), response.body().as_ref()),
            (200, b"{\"ok\":true}".as_ref())
        );
        assert_eq!(response.headers()["content-type"], "application/json");
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_none() {
        for answer in [
            json!({ "statusCode": 99 }),
            json!({ "statusCode": "many" }),
            json!({ "statusCode": 200, "body": "%", "isBase64Encoded": true }),
            json!({ "statusCode": 200, "headers": { "a b": "c" } }),
        ] {
            assert!(from_lambda(&answer).is_none(), "{answer}");
        }
    }
}
