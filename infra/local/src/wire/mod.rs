//! What every stand-in has in common: it answers an HTTP request, in the wire format of the service it stands in for,
//! and never knows who carried the request there.

pub mod faults;
pub mod server;
pub mod signature;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method, Uri};

/// A request to a stand-in, after the server has read and decoded its body and checked its signature.
#[derive(Clone, Debug)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// Path and query.
    pub uri: Uri,
    /// All headers, as sent.
    pub headers: HeaderMap,
    /// The whole body; a streamed (`aws-chunked`) one is already decoded.
    pub body: Bytes,
    /// Who signed it.
    pub principal: Principal,
}

/// What a stand-in answers.
pub type Response = http::Response<Bytes>;

/// Who makes a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Principal {
    /// A function, by its logical id in `template.yaml`; its calls are held to its statements.
    Function(String),
    /// The person at this machine, or the platform itself: everything is allowed.
    Operator,
}

/// One right that a request needs: an IAM action on a resource.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Access {
    /// Such as `dynamodb:PutItem`.
    pub action: String,
    /// The resource's ARN.
    pub resource: String,
}

/// Why the server answers in a stand-in's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No statement of the function allows this.
    AccessDenied(Principal, Access),
    /// The signature is missing or wrong; the text says which.
    BadSignature(String),
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
    /// The service's name, as AWS signs it (`dynamodb`, `ses`, `events`, `s3`), or `stripe`.
    fn service(&self) -> &'static str;

    /// The largest body the real service takes, in bytes.
    fn body_limit(&self) -> usize;

    /// The rights that this request needs. Every one of them must be allowed before [`StandIn::answer`] is asked.
    fn needs(&self, request: &Request) -> Vec<Access>;

    /// The answer.
    async fn answer(&self, request: Request) -> Response;

    /// A refusal, in the service's own wire format.
    fn refuse(&self, refusal: &Refusal) -> Response;
}
