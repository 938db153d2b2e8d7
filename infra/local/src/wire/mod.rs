//! What every stand-in has in common: it answers an HTTP request, in the wire format of the service it stands in for,
//! and never knows who carried the request there.

pub mod aws;
pub mod faults;
pub mod server;
pub mod signature;
#[cfg(test)]
pub(crate) mod test_client;

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method, Uri};

use signature::SignatureError;

/// A request to a stand-in, after the server has read its body and, where it does so, checked its signature.
#[derive(Clone, Debug)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// Path and query.
    pub uri: Uri,
    /// All headers, as sent.
    pub headers: HeaderMap,
    /// The whole body, as sent.
    pub body: Bytes,
    /// Who signed it.
    pub principal: Principal,
}

/// What a stand-in answers. A [`crate::cost::Cost`] among its extensions says which capacity the request consumed.
pub type Response = http::Response<Bytes>;

/// Who makes a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Principal {
    /// A function, by its logical id in `template.yaml`; its calls are held to its statements.
    Function(String),
    /// The person at this machine, or the platform itself: everything is allowed.
    Operator,
    /// Nobody known: nothing is allowed that needs a right. The stand-in may still know its caller by other means.
    Anonymous,
}

/// The name that faults and boundaries know a principal by.
impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Function(id) => id,
            Self::Operator => "operator",
            Self::Anonymous => "anonymous",
        })
    }
}

/// One right that a request needs: an IAM action on a resource.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Access {
    /// Such as `dynamodb:PutItem`.
    pub action: String,
    /// The resource's ARN.
    pub resource: String,
}

/// How a stand-in knows its callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// AWS Signature Version 4 in the request's headers; the server verifies it.
    Signature,
    /// AWS Signature Version 4 in one of the further forms that S3 takes (in the URL, over a streamed body); the
    /// stand-in verifies it, and checks the rights. [`Request::principal`] is then who the request claims to be from.
    SignatureByStandIn,
    /// Something else than AWS, which the stand-in sees to. The calls are not counted as AWS calls.
    Other,
}

/// Why the server answers in a stand-in's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No statement of the function allows this.
    AccessDenied(Principal, Access),
    /// The signature is missing or wrong; the error says which.
    BadSignature(SignatureError),
    /// The body is larger than the service takes, in bytes.
    TooLarge(usize),
    /// An injected fault: slow down.
    Throttled,
    /// An injected fault: an internal error.
    Internal,
}

/// A stand-in for one outside service.
#[async_trait]
pub trait StandIn: Send + Sync + 'static {
    /// The service's name, as AWS signs it (`dynamodb`, `ses`, `events`, `s3`, `textract`), or `stripe`.
    fn service(&self) -> &'static str;

    /// How it knows its callers.
    fn authentication(&self) -> Authentication {
        Authentication::Signature
    }

    /// Who makes a request, where the server cannot tell ([`Authentication::Other`]).
    fn caller(&self, _request: &Request) -> Principal {
        Principal::Anonymous
    }

    /// The largest body the real service takes, in bytes.
    fn body_limit(&self) -> usize;

    /// What the request asks for, as a fault names it: the operation that an AWS JSON service is told in a header, such
    /// as `PutItem`; otherwise method and path, such as `POST /v1/checkout/sessions`.
    fn operation(&self, request: &Request) -> String {
        aws::target(request).map_or_else(
            || format!("{} {}", request.method, request.uri.path()),
            str::to_owned,
        )
    }

    /// The rights that this request needs. Every one of them must be allowed before [`StandIn::answer`] is asked.
    fn needs(&self, request: &Request) -> Vec<Access>;

    /// The answer.
    async fn answer(&self, request: Request) -> Response;

    /// A refusal, in the service's own wire format.
    fn refuse(&self, refusal: &Refusal) -> Response;
}
