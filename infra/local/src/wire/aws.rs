//! What the AWS services have in common on the wire: where they are, and how they answer in JSON
//! (<https://smithy.io/2.0/aws/protocols/index.html>).

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use super::{Principal, Refusal, Request, Response};

/// The region that the local system plays.
pub const REGION: &str = "us-east-1";

/// The account that the local system plays.
pub const ACCOUNT: &str = "000000000000";

/// The header that names an AWS JSON request's operation, such as `DynamoDB_20120810.PutItem`.
const TARGET: &str = "x-amz-target";

/// The operation that an AWS JSON request names in its header, without the service's prefix.
#[must_use]
pub fn target(request: &Request) -> Option<&str> {
    let target = request.headers.get(TARGET)?.to_str().ok()?;
    target.split_once('.').map(|(_, operation)| operation)
}

/// The protocol that a service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// AWS JSON 1.0: DynamoDB.
    Json10,
    /// AWS JSON 1.1: EventBridge, Textract.
    Json11,
    /// REST with JSON bodies: SES.
    RestJson,
}

impl Protocol {
    fn content_type(self) -> &'static str {
        match self {
            Self::Json10 => "application/x-amz-json-1.0",
            Self::Json11 => "application/x-amz-json-1.1",
            Self::RestJson => "application/json",
        }
    }

    /// A successful answer.
    #[must_use]
    pub fn answer(self, body: &Value) -> Response {
        self.response(StatusCode::OK, None, body.to_string())
    }

    /// An error, by its code (the shape's name) and its message.
    #[must_use]
    pub fn error(self, status: StatusCode, code: &str, message: &str) -> Response {
        let body = match self {
            Self::RestJson => json!({ "message": message }),
            Self::Json10 | Self::Json11 => json!({ "__type": code, "message": message }),
        };
        self.response(status, Some(code), body.to_string())
    }

    /// What AWS answers before a service is asked at all.
    #[must_use]
    pub fn refusal(self, refusal: &Refusal) -> Response {
        let rest = self == Self::RestJson;
        let forbidden = if rest {
            StatusCode::FORBIDDEN
        } else {
            StatusCode::BAD_REQUEST
        };
        match refusal {
            Refusal::AccessDenied(principal, access) => self.error(
                forbidden,
                "AccessDeniedException",
                &access_denied(principal, access),
            ),
            Refusal::BadSignature(error) => self.error(forbidden, error.code(), &error.to_string()),
            Refusal::TooLarge(limit) => self.error(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLargeException",
                &format!("the request is larger than {limit} bytes"),
            ),
            Refusal::Throttled if rest => self.error(
                StatusCode::TOO_MANY_REQUESTS,
                "TooManyRequestsException",
                "Too many requests",
            ),
            Refusal::Throttled => self.error(StatusCode::BAD_REQUEST, "ThrottlingException", "Rate exceeded"),
            Refusal::Internal => self.error(
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalServerError",
                "Internal server error",
            ),
        }
    }

    /// An answer with a body that is JSON already.
    #[must_use]
    pub fn response(self, status: StatusCode, error_code: Option<&str>, body: String) -> Response {
        let mut response = http::Response::builder()
            .status(status)
            .header(http::header::CONTENT_TYPE, self.content_type())
            .header("x-amzn-requestid", uuid());
        if let (Self::RestJson, Some(code)) = (self, error_code) {
            response = response.header("x-amzn-errortype", code);
        }
        response
            .body(Bytes::from(body))
            .unwrap_or_else(|_| internal_error())
    }
}

/// A random id in the form that AWS gives to requests, messages and events (RFC 9562, version 4).
#[must_use]
pub fn uuid() -> String {
    let mut bytes = [0; 16];
    if let Err(error) = getrandom::fill(&mut bytes) {
        tracing::error!(%error, "the operating system has no random numbers");
    }
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex::encode(bytes);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// IAM's words for a right that is missing
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>).
#[must_use]
pub fn access_denied(principal: &Principal, access: &super::Access) -> String {
    let super::Access { action, resource } = access;
    format!(
        "User: arn:aws:sts::{ACCOUNT}:assumed-role/{principal}/{principal} is not authorized to perform: {action} \
         on resource: {resource} because no identity-based policy allows the {action} action"
    )
}

/// The answer when no other can be built.
#[must_use]
pub fn internal_error() -> Response {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}
