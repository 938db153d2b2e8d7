//! Cross-origin rules (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html>).

use bytes::Bytes;
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;

use super::error;
use crate::wire::Response;

/// Which pages may make which requests; named as in CloudFormation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CorsRule {
    /// The rule's name.
    #[serde(default)]
    pub id: Option<String>,
    /// Patterns of origins, with one `*` at most.
    pub allowed_origins: Vec<String>,
    /// Methods.
    pub allowed_methods: Vec<String>,
    /// Patterns of request headers, with one `*` at most.
    #[serde(default)]
    pub allowed_headers: Vec<String>,
    /// The response headers that the page may read.
    #[serde(default)]
    pub exposed_headers: Vec<String>,
    /// How long a browser may remember this, in seconds.
    #[serde(default)]
    pub max_age: Option<u32>,
}

impl CorsRule {
    fn matches(&self, origin: &str, method: &str, headers: &[&str]) -> bool {
        let any = |patterns: &[String], text: &str| patterns.iter().any(|pattern| fits(pattern, text));
        any(&self.allowed_origins, origin)
            && self.allowed_methods.iter().any(|allowed| allowed == method)
            && headers.iter().all(|name| any(&self.allowed_headers, name))
    }

    /// Says so in a response's headers.
    pub(super) fn allow(&self, origin: &str, headers: &mut HeaderMap) {
        let everyone = self.allowed_origins.iter().any(|pattern| pattern == "*");
        set(
            headers,
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            if everyone { "*" } else { origin },
        );
        set(
            headers,
            header::ACCESS_CONTROL_ALLOW_METHODS,
            &self.allowed_methods.join(", "),
        );
        if !everyone {
            set(headers, header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
        if !self.exposed_headers.is_empty() {
            set(
                headers,
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
                &self.exposed_headers.join(", "),
            );
        }
        if let Some(seconds) = self.max_age {
            set(headers, header::ACCESS_CONTROL_MAX_AGE, &seconds.to_string());
        }
        set(
            headers,
            header::VARY,
            "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
        );
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Whether a pattern with at most one `*` fits a text, upper and lower case alike.
fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
    match pattern.split_once('*') {
        Some((start, end)) => {
            text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end)
        }
        None => pattern == text,
    }
}

/// The first rule that allows the request.
pub(super) fn rule_for<'a>(
    rules: &'a [CorsRule],
    origin: &str,
    method: &str,
    headers: &[&str],
) -> Option<&'a CorsRule> {
    rules.iter().find(|rule| rule.matches(origin, method, headers))
}

/// The answer to a browser that asks before it makes the request itself.
pub(super) fn preflight(rules: &[CorsRule], origin: &str, headers: &HeaderMap) -> Response {
    let value = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let method = value(header::ACCESS_CONTROL_REQUEST_METHOD).unwrap_or_default();
    let asked = value(header::ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
    let names: Vec<&str> = asked
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let Some(rule) = rule_for(rules, origin, method, &names) else {
        return error(
            StatusCode::FORBIDDEN,
            "AccessForbidden",
            "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request \
             method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the \
             resource's CORS spec.",
        );
    };
    let mut response = Response::new(Bytes::new());
    rule.allow(origin, response.headers_mut());
    if !names.is_empty() {
        set(
            response.headers_mut(),
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            &names.join(", "),
        );
    }
    response
}
