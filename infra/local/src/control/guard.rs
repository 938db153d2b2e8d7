//! Keeps web pages away from the system's own pages.

use axum::extract::Request;
use axum::http::uri::{Authority, Uri};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// The names of this machine.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Answers requests that name this machine by a loopback name, and come from no other origin.
pub(super) async fn loopback_only(request: Request, next: Next) -> Response {
    if is_local(request.headers()) {
        return next.run(request).await;
    }
    let reason =
        "These pages answer to localhost, 127.0.0.1 and [::1] only, and to no page of another origin.\n";
    (StatusCode::FORBIDDEN, reason).into_response()
}

fn is_local(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host = text(header::HOST).is_some_and(|host| {
        host.parse::<Authority>()
            .is_ok_and(|authority| LOOPBACK.contains(&authority.host()))
    });
    let origin = text(header::ORIGIN).is_none_or(|origin| {
        origin
            .parse::<Uri>()
            .is_ok_and(|uri| uri.host().is_some_and(|host| LOOPBACK.contains(&host)))
    });
    host && origin
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(host: &'static str, origin: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]);
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        }
        headers
    }

    #[test]
    fn a_loopback_name_with_any_port_is_answered() {
        for host in ["localhost", "localhost:3000", "127.0.0.1:1", "[::1]:3000"] {
            assert!(is_local(&headers(host, None)), "{host}");
        }
        assert!(is_local(&headers(
            "localhost:3000",
            Some("http://localhost:3000")
        )));
    }

    #[test]
    fn a_name_that_was_made_to_point_here_is_refused() {
        for host in [
            "evil.example",
            "evil.example:3000",
            "localhost.evil.example",
            "user@evil.example",
            "",
        ] {
            assert!(!is_local(&headers(host, None)), "{host}");
        }
        assert!(!is_local(&HeaderMap::new()));
    }

    #[test]
    fn a_page_of_another_origin_is_refused() {
        for origin in ["https://evil.example", "null", "http://localhost.evil.example"] {
            assert!(!is_local(&headers("localhost:3000", Some(origin))), "{origin}");
        }
    }
}
