//! What is shown.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use domain::EmailAddress;
use http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use http::{HeaderValue, StatusCode};
use web::Problem;

/// Nothing is loaded, nothing runs, no other page shows this one, and its form leads back here alone.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What a page says.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Page<'a> {
    /// Whether it is meant.
    Ask {
        /// Who sent the mail.
        sender: &'a str,
        /// Where it went, as much as its reader needs to know it again.
        address: &'a str,
    },
    /// It is done.
    Done {
        /// Who sent the mail.
        sender: &'a str,
        /// Where it went.
        address: &'a str,
    },
    /// The sender is gone.
    Gone,
    /// The link is not whole.
    NotWhole,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Written<'a> {
    page: Page<'a>,
}

impl Page<'_> {
    /// The page as an answer.
    pub(crate) fn answer(self) -> Response {
        let status = match self {
            Page::NotWhole => StatusCode::NOT_FOUND,
            Page::Ask { .. } | Page::Done { .. } | Page::Gone => StatusCode::OK,
        };
        let html = match (Written { page: self }).render() {
            Ok(html) => html,
            Err(error) => {
                tracing::error!(%error, "the page cannot be written");
                return Problem::internal().into_response();
            }
        };
        let headers = [
            (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
            // The token must not travel on.
            (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        ];
        (status, headers, Html(html)).into_response()
    }
}

/// An address, as much of it as its owner needs to know it again: whoever is handed a mail on sees it, too.
pub(crate) fn hinted(address: &EmailAddress) -> String {
    let (local, domain) = address.as_str().split_once('@').unwrap_or_default();
    let first: String = local.chars().take(1).collect();
    format!("{first}…@{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_known_again_by_its_owner_and_not_told_to_others() {
        assert_eq!(
            hinted(&"tom.tenant@example.com".parse().unwrap()),
            "t…@example.com"
        );
    }

    #[test]
    fn a_name_shows_as_it_is_written_and_is_no_markup() {
        let page = Page::Ask {
            sender: "<b>Lena</b> & \"Co\"",
            address: "t…@example.com",
        };
        let html = Written { page }.render().unwrap();
        assert!(
            html.contains("&#60;b&#62;Lena&#60;/b&#62; &#38; &#34;Co&#34;"),
            "{html}"
        );
    }
}
