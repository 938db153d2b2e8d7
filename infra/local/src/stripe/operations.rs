//! The names of operations: method and path, with `{id}` where an id stands, so that the same operation has the same
//! name whatever it is done to.

use http::Method;

/// Collections whose name is two parts long.
const LONG: [&str; 2] = ["billing_portal", "checkout"];

/// The name of an operation: `GET /v1/subscriptions/{id}`.
pub(super) fn name(method: &Method, path: &str) -> String {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let id_at = match parts.as_slice() {
        ["v1" | "_local", collection, ..] if LONG.contains(collection) => 3,
        ["v1" | "_local", ..] | ["c" | "p", ..] => 2,
        ["i", ..] => 1,
        _ => usize::MAX,
    };
    let named: Vec<&str> = parts
        .iter()
        .enumerate()
        .map(|(at, part)| if at == id_at { "{id}" } else { part })
        .collect();
    format!("{method} /{}", named.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_has_one_name_whatever_it_is_done_to() {
        for (path, expected) in [
            ("/v1/subscriptions", "GET /v1/subscriptions"),
            ("/v1/subscriptions/sub_1x", "GET /v1/subscriptions/{id}"),
            ("/v1/checkout/sessions", "GET /v1/checkout/sessions"),
            (
                "/v1/checkout/sessions/cs_1/expire",
                "GET /v1/checkout/sessions/{id}/expire",
            ),
            ("/v1/billing_portal/sessions", "GET /v1/billing_portal/sessions"),
            ("/c/pay/cs_1", "GET /c/pay/{id}"),
            ("/_local/refunds/re_1/fail", "GET /_local/refunds/{id}/fail"),
        ] {
            assert_eq!(name(&Method::GET, path), expected);
        }
    }
}
