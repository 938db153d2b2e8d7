//! Errors as problems (RFC 9457). A handler fails with a [`Problem`]; the frame in [`crate::serve`] writes it out, with
//! the request's id.

use std::borrow::Cow;
use std::num::NonZeroU32;

use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use table::TableError;
use utoipa::ToSchema;

/// What a handler gives: an answer, or a problem.
pub type Answer<T> = Result<T, Problem>;

/// A request that was not answered as wished: what is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    retry_after: Option<NonZeroU32>,
    allow: Option<String>,
    plan: Option<&'static str>,
}

/// A field that was not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The field, as a path: `email`, `splits[0].percentage`.
    pub field: String,
    /// What it should be.
    pub message: String,
}

/// A problem as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub(crate) struct Document<'a> {
    /// Names the kind of problem.
    #[serde(rename = "type")]
    kind: String,
    /// The kind, in words.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What is wrong with this request, and what to do.
    detail: &'a str,
    /// The kind, for programs.
    code: &'a str,
    /// Names this request in our logs.
    request_id: &'a str,
    /// Each field that was wrong.
    errors: &'a [FieldError],
    /// The detail again, where most of the web client looks for it.
    error: &'a str,
    /// And again, where the rest of it does.
    message: &'a str,
    /// The plan that would allow this, where one would.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<&'a str>,
}

/// The detail of every 5xx: what went wrong inside is in the log, not in the answer.
const INTERNAL: &str =
    "Something went wrong on our side. Try again; if it happens again, tell us the requestId.";

impl Problem {
    /// A problem of this status, kind and detail.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
            allow: None,
            plan: None,
        }
    }

    /// 400: these fields are not as they should be.
    #[must_use]
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let named: Vec<_> = errors
            .iter()
            .map(|error| format!("{} {}", error.field, error.message))
            .collect();
        Self {
            errors,
            ..Self::new(StatusCode::BAD_REQUEST, "invalid_request", named.join("; "))
        }
    }

    /// 400: this field is not as it should be.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a text or an error, which nobody needs any more"
    )]
    pub fn field(field: impl Into<String>, message: impl ToString) -> Self {
        Self::fields(vec![FieldError {
            field: field.into(),
            message: message.to_string(),
        }])
    }

    /// 401: nobody is signed in.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Sign in first: there is no valid session.",
        )
    }

    /// 402: this needs a payment.
    #[must_use]
    pub fn payment_required(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::PAYMENT_REQUIRED, code, detail)
    }

    /// 403: the caller may not do this.
    #[must_use]
    pub fn forbidden(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, detail)
    }

    /// 404: there is no such thing, or none that is the caller's; the two are not told apart.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("There is no such {what}."),
        )
    }

    /// 405: this path exists, with other methods.
    #[must_use]
    pub fn method_not_allowed(allowed: &str) -> Self {
        let detail = format!("This path answers {allowed} only.");
        Self {
            allow: Some(allowed.to_owned()),
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
        }
    }

    /// 409: this cannot be done as things stand.
    #[must_use]
    pub fn conflict(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 429: too many attempts; the next one counts from `until`.
    #[must_use]
    pub fn too_many(now: Timestamp, until: Timestamp) -> Self {
        let seconds = until
            .duration_since(now)
            .as_millis()
            .max(1)
            .unsigned_abs()
            .div_ceil(1000);
        let seconds = u32::try_from(seconds)
            .ok()
            .and_then(NonZeroU32::new)
            .unwrap_or(NonZeroU32::MIN);
        let detail = format!("Too many attempts. Try again in {seconds} seconds.");
        Self {
            retry_after: Some(seconds),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", detail)
        }
    }

    /// 500: a fault of ours; log it where it is found.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", INTERNAL)
    }

    /// 503: something that we need does not answer just now.
    #[must_use]
    pub fn unavailable() -> Self {
        Self {
            retry_after: Some(NonZeroU32::MIN),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", INTERNAL)
        }
    }

    /// Says after how many seconds to try again.
    #[must_use]
    pub fn retry_in(mut self, seconds: NonZeroU32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Names these fields as wrong, beside a detail that speaks of them all.
    #[must_use]
    pub fn naming(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// Names the plan that would allow what was asked.
    #[must_use]
    pub fn lifted_by(mut self, plan: &'static str) -> Self {
        self.plan = Some(plan);
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The kind, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The fields that it names as wrong.
    #[must_use]
    pub fn into_errors(self) -> Vec<FieldError> {
        self.errors
    }

    /// The answer as it is sent, for the request of this id.
    pub(crate) fn into_document(self, request_id: &str) -> Response {
        let document = Document {
            kind: format!("urn:apartment-locator:problem:{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Problem"),
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            request_id,
            errors: &self.errors,
            error: &self.detail,
            message: &self.detail,
            plan: self.plan,
        };
        // A structure of texts and numbers always serialises.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            http::header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds.get()));
        }
        if let Some(allowed) = self
            .allow
            .and_then(|allowed| HeaderValue::from_str(&allowed).ok())
        {
            headers.insert(ALLOW, allowed);
        }
        response
    }
}

impl IntoResponse for Problem {
    /// Only the status and the problem itself: the frame writes the document, because it knows the request's id.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Logs why, and says that it cannot be done now.
impl From<TableError> for Problem {
    fn from(error: TableError) -> Self {
        tracing::error!(%error, "the table failed");
        match error {
            // Whoever asks again finds the other write done.
            TableError::Conflict | TableError::Unavailable(_) => Self::unavailable(),
            TableError::Corrupt(_) => Self::internal(),
        }
    }
}

impl From<domain::id::NoRandomness> for Problem {
    fn from(error: domain::id::NoRandomness) -> Self {
        tracing::error!(%error, "no id or secret can be made");
        Self::unavailable()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    async fn sent(problem: Problem) -> (http::response::Parts, serde_json::Value) {
        let (parts, body) = problem.into_document("req-1").into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (parts, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_problem_repeats_its_detail_where_the_web_client_looks() {
        let (parts, body) = sent(Problem::field("email", "must be a mail address")).await;
        assert_eq!(parts.headers["content-type"], "application/problem+json");
        assert_eq!(body["error"], body["detail"]);
        assert_eq!(body["message"], body["detail"]);
        assert_eq!(body["errors"][0]["field"], "email");
        assert_eq!(body["requestId"], "req-1");
    }

    #[tokio::test]
    async fn what_went_wrong_inside_is_not_in_the_answer() {
        let (parts, body) = sent(TableError::Corrupt("USER#1 secret".into()).into()).await;
        assert_eq!(parts.status, 500);
        assert!(!body.to_string().contains("secret"));
    }

    #[tokio::test]
    async fn too_many_attempts_say_when_to_try_again() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let (parts, _) = sent(Problem::too_many(now, "2026-01-01T00:00:01.5Z".parse().unwrap())).await;
        assert_eq!(parts.headers["retry-after"], "2");
    }
}
