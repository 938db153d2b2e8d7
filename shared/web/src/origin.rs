//! Cross-site request forgery. A browser sends the session cookie along with whatever page made it send a request; so
//! a write must come from one of our own web origins. Browsers say where a write comes from in `Origin`, which no page
//! can forge (RFC 6454 §7; <https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html>).

use std::str::FromStr;

use http::header::ORIGIN;
use http::request::Parts;

use crate::{Answer, Problem, caller};

/// The web origins that may write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origins(Vec<String>);

/// A text lists no origins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OriginsError;

impl std::fmt::Display for OriginsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("it must list web origins such as https://app.example.com, with commas between them")
    }
}

impl FromStr for Origins {
    type Err = OriginsError;

    fn from_str(text: &str) -> Result<Self, OriginsError> {
        let origins: Vec<_> = text
            .split(',')
            .map(|origin| origin.trim().to_ascii_lowercase())
            .collect();
        let fits = |origin: &String| {
            let host = origin
                .strip_prefix("https://")
                .or_else(|| origin.strip_prefix("http://"));
            host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '*', '?', '#']))
        };
        if origins.iter().all(fits) {
            Ok(Self(origins))
        } else {
            Err(OriginsError)
        }
    }
}

impl Origins {
    /// Lets a request pass that does not write, that comes from one of these origins, or that no browser sent on
    /// somebody's behalf: without an `Origin` and without relying on the cookie.
    ///
    /// # Errors
    /// 403 for any other.
    pub(crate) fn check(&self, parts: &Parts) -> Answer<()> {
        if parts.method.is_safe() {
            return Ok(());
        }
        let passes = match parts.headers.get(ORIGIN) {
            Some(origin) => origin
                .to_str()
                .is_ok_and(|origin| self.0.contains(&origin.to_ascii_lowercase())),
            None => !caller::relies_on_cookie(parts) || is_same_origin(parts),
        };
        if passes {
            Ok(())
        } else {
            Err(Problem::forbidden(
                "cross_origin",
                "A write must come from our own web client.",
            ))
        }
    }
}

/// Fetch metadata, which browsers send and pages cannot (<https://www.w3.org/TR/fetch-metadata/>).
fn is_same_origin(parts: &Parts) -> bool {
    parts
        .headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "same-origin")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(method: &str, headers: &[(&str, &str)]) -> bool {
        let origins: Origins = "https://app.example.com, http://localhost:3000".parse().unwrap();
        let mut request = http::Request::builder().method(method);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        origins.check(&request.body(()).unwrap().into_parts().0).is_ok()
    }

    const COOKIE: (&str, &str) = ("cookie", "theme=dark; __Host-session=alai_00");

    #[test]
    fn a_write_from_our_own_origin_passes() {
        assert!(passes("POST", &[COOKIE, ("origin", "https://app.example.com")]));
        assert!(passes("POST", &[COOKIE, ("sec-fetch-site", "same-origin")]));
    }

    #[test]
    fn a_write_from_another_origin_is_refused_with_or_without_the_cookie() {
        for origin in [
            "https://evil.example",
            "null",
            "https://app.example.com.evil.example",
        ] {
            assert!(!passes("POST", &[COOKIE, ("origin", origin)]), "{origin}");
            assert!(!passes("DELETE", &[("origin", origin)]), "{origin}");
        }
    }

    #[test]
    fn a_write_on_the_cookie_alone_must_say_where_it_comes_from() {
        assert!(!passes("POST", &[COOKIE]));
        assert!(!passes("POST", &[COOKIE, ("sec-fetch-site", "cross-site")]));
        assert!(passes("POST", &[("authorization", "Bearer alai_00")]));
        assert!(passes("POST", &[]));
    }

    #[test]
    fn reading_is_never_refused() {
        assert!(passes("GET", &[COOKIE, ("origin", "https://evil.example")]));
    }

    #[test]
    fn a_wildcard_is_no_origin() {
        assert!("https://*.example.com".parse::<Origins>().is_err());
        assert!("".parse::<Origins>().is_err());
    }
}
