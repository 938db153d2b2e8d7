//! Errors in Stripe's form, <https://docs.stripe.com/api/errors>.

use http::StatusCode;
use serde_json::{Value, json};

/// A request that was not carried out.
#[derive(Clone, Debug)]
pub(super) struct Error {
    pub(super) status: StatusCode,
    kind: &'static str,
    code: Option<&'static str>,
    message: String,
    param: Option<String>,
    executed: bool,
}

impl Error {
    fn new(
        status: StatusCode,
        kind: &'static str,
        code: Option<&'static str>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            kind,
            code,
            message: message.into(),
            param: None,
            executed: false,
        }
    }

    /// The request does not make sense; nothing was tried.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", None, message)
    }

    /// As [`Error::invalid`], with one of Stripe's codes, <https://docs.stripe.com/error-codes>.
    pub(super) fn coded(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_request_error",
            Some(code),
            message,
        )
    }

    /// The key was used before, for another request.
    pub(super) fn idempotency(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "idempotency_error", None, message)
    }

    /// The key is in use by a request that has not ended yet.
    pub(super) fn key_in_use(key: &str) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "invalid_request_error",
            Some("idempotency_key_in_use"),
            format!(
                "There is currently another in-progress request using this Idempotent Key (that probably means \
                 you submitted twice, and the other request is still going through): {key}. Please try again later."
            ),
        )
    }

    /// No key, or not one of the test mode.
    pub(super) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_request_error", None, message)
    }

    /// The key may not do this.
    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "invalid_request_error", None, message)
    }

    /// No object has this id. `param` is `id` or `intent` where the id stood in the path; Stripe then answers 404.
    pub(super) fn missing(noun: &str, id: &str, param: &str) -> Self {
        let status = if matches!(param, "id" | "intent") {
            StatusCode::NOT_FOUND
        } else {
            StatusCode::BAD_REQUEST
        };
        let message = format!("No such {noun}: '{id}'");
        Self::new(status, "invalid_request_error", Some("resource_missing"), message).at(param)
    }

    /// Stripe has no such address.
    pub(super) fn unrecognized(method: &http::Method, path: &str) -> Self {
        let message = format!(
            "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at \
             https://support.stripe.com/."
        );
        Self::new(StatusCode::NOT_FOUND, "invalid_request_error", None, message)
    }

    /// Too many requests.
    pub(super) fn throttled() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "invalid_request_error",
            Some("rate_limit"),
            "Request rate limit exceeded. Learn more about rate limits here: https://stripe.com/docs/rate-limits.",
        )
    }

    /// The body is larger than `limit` bytes.
    pub(super) fn too_large(limit: usize) -> Self {
        let message = format!("The request body is larger than {limit} bytes.");
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "invalid_request_error",
            None,
            message,
        )
    }

    /// Stripe itself failed.
    pub(super) fn internal() -> Self {
        let message =
            "An unknown error occurred. Please try again, or contact support if this keeps happening.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "api_error", None, message)
    }

    /// Names the parameter that the error is about.
    pub(super) fn at(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    /// Marks an error of the operation itself, not of its parameters: it is the answer to this idempotency key from
    /// now on, <https://docs.stripe.com/api/idempotent_requests>.
    pub(super) fn final_for_its_key(mut self) -> Self {
        self.executed = true;
        self
    }

    /// Whether the operation began, so that the answer is kept for its idempotency key.
    pub(super) fn is_final_for_its_key(&self) -> bool {
        self.executed
    }

    /// The error object, with the address of its log entry.
    pub(super) fn body(&self, request_id: &str) -> Value {
        let mut error = json!({
            "type": self.kind,
            "message": self.message,
            "request_log_url": format!("https://dashboard.stripe.com/test/logs/{request_id}"),
        });
        if let Some(code) = self.code {
            error["code"] = code.into();
            error["doc_url"] =
                format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")).into();
        }
        if let Some(param) = &self.param {
            error["param"] = param.as_str().into();
        }
        json!({ "error": error })
    }
}
