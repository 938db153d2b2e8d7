//! Cross-origin requests, answered from the template's `CorsConfiguration`
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>). With a configuration, API
//! Gateway answers preflight requests itself and overrides what the function says.

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};

use crate::template::Cors;

/// The answer to a preflight request; none if the request is not one.
pub(super) fn preflight(cors: &Cors, parts: &Parts) -> Option<Response<Bytes>> {
    let origin = parts.headers.get(ORIGIN)?;
    if parts.method != Method::OPTIONS || !parts.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
        return None;
    }
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    if let Some(allowed) = allowed_origin(cors, origin) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        set_list(headers, ACCESS_CONTROL_ALLOW_METHODS, &cors.allow_methods);
        set_list(headers, ACCESS_CONTROL_ALLOW_HEADERS, &cors.allow_headers);
        if let Some(max_age) = cors.max_age {
            headers.insert(ACCESS_CONTROL_MAX_AGE, max_age.into());
        }
        allow_credentials(cors, headers);
    }
    headers.insert(VARY, HeaderValue::from_static("origin"));
    Some(response)
}

/// Puts what a page of this origin may see on a response.
pub(super) fn allow(cors: &Cors, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
    for name in [
        ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_ALLOW_METHODS,
        ACCESS_CONTROL_ALLOW_HEADERS,
        ACCESS_CONTROL_ALLOW_CREDENTIALS,
        ACCESS_CONTROL_EXPOSE_HEADERS,
        ACCESS_CONTROL_MAX_AGE,
    ] {
        headers.remove(name);
    }
    if let Some(allowed) = origin.and_then(|origin| allowed_origin(cors, origin)) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        set_list(headers, ACCESS_CONTROL_EXPOSE_HEADERS, &cors.expose_headers);
        allow_credentials(cors, headers);
        headers.append(VARY, HeaderValue::from_static("origin"));
    }
}

/// What `access-control-allow-origin` says to this origin.
fn allowed_origin(cors: &Cors, origin: &HeaderValue) -> Option<HeaderValue> {
    let asking = origin.to_str().ok()?;
    let matches = |allowed: &String| match allowed.as_str() {
        "*" => Some(HeaderValue::from_static("*")),
        allowed => match allowed.strip_suffix('*') {
            Some(scheme) if asking.starts_with(scheme) => Some(origin.clone()),
            _ if asking == allowed => Some(origin.clone()),
            _ => None,
        },
    };
    cors.allow_origins.iter().find_map(matches)
}

fn allow_credentials(cors: &Cors, headers: &mut HeaderMap) {
    if cors.allow_credentials {
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
}

fn set_list(headers: &mut HeaderMap, name: HeaderName, items: &[String]) {
    if let (false, Ok(list)) = (items.is_empty(), HeaderValue::from_str(&items.join(","))) {
        headers.insert(name, list);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cors() -> Cors {
        Cors {
            allow_origins: vec!["http://localhost:5000".into(), "https://*".into()],
            allow_methods: vec!["GET".into(), "POST".into()],
            allow_headers: vec!["content-type".into()],
            expose_headers: vec!["retry-after".into()],
            allow_credentials: true,
            max_age: Some(60),
        }
    }

    fn preflight_of(origin: &str) -> Response<Bytes> {
        let request = http::Request::options("/api/x")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .body(())
            .unwrap();
        preflight(&cors(), &request.into_parts().0).unwrap()
    }

    #[test]
    fn a_preflight_of_an_allowed_origin_is_told_what_it_may_do() {
        let response = preflight_of("http://localhost:5000");
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert_eq!(
            response.headers()["access-control-allow-origin"],
            "http://localhost:5000"
        );
        assert_eq!(response.headers()["access-control-allow-methods"], "GET,POST");
        assert_eq!(response.headers()["access-control-allow-credentials"], "true");
        assert!(
            preflight_of("https://any.example")
                .headers()
                .contains_key("access-control-allow-origin")
        );
    }

    #[test]
    fn a_preflight_of_another_origin_is_told_nothing() {
        assert!(
            !preflight_of("http://evil.example")
                .headers()
                .contains_key("access-control-allow-origin")
        );
    }

    #[test]
    fn an_ordinary_options_request_is_no_preflight() {
        let request = http::Request::options("/api/x")
            .header("origin", "http://localhost:5000")
            .body(())
            .unwrap();
        assert!(preflight(&cors(), &request.into_parts().0).is_none());
    }

    #[test]
    fn the_functions_own_headers_are_overridden() {
        let mut headers =
            HeaderMap::from_iter([(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"))]);
        allow(
            &cors(),
            Some(&HeaderValue::from_static("http://evil.example")),
            &mut headers,
        );
        assert!(headers.is_empty());
        allow(
            &cors(),
            Some(&HeaderValue::from_static("http://localhost:5000")),
            &mut headers,
        );
        assert_eq!(headers["access-control-expose-headers"], "retry-after");
    }
}
