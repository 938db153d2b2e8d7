//! The session cookie. `__Host-` binds it to this host and to TLS (RFC 6265bis §4.1.3.2); browsers treat localhost as
//! secure.

use http::HeaderValue;
use http::header::COOKIE;
use http::request::Parts;
use table::session::{LIFETIME, Token};

const NAME: &str = "__Host-session";

/// The token in the request's cookie, if there is one.
pub(crate) fn token(parts: &Parts) -> Option<&str> {
    parts
        .headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == NAME).then_some(value))
}

/// `Set-Cookie` for a new session.
#[must_use]
pub fn set(token: &Token) -> HeaderValue {
    value(&token.to_string(), LIFETIME.as_secs())
}

/// `Set-Cookie` that takes the cookie away.
#[must_use]
pub fn clear() -> HeaderValue {
    value("", 0)
}

fn value(token: &str, seconds: i64) -> HeaderValue {
    let text = format!("{NAME}={token}; Path=/; Max-Age={seconds}; HttpOnly; Secure; SameSite=Lax");
    // Letters, digits and punctuation of ASCII only.
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use domain::UserId;
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let token = Token::generate(UserId::from_bytes([1; 16]), Timestamp::UNIX_EPOCH).unwrap();
        let cookie = set(&token);
        let cookie = cookie.to_str().unwrap();
        for attribute in [
            "__Host-session=",
            "Path=/",
            "HttpOnly",
            "Secure",
            "SameSite=Lax",
            "Max-Age=604800",
        ] {
            assert!(cookie.contains(attribute), "{attribute} in {cookie}");
        }
    }
}
