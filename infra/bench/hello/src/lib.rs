#![doc = include_str!("../README.md")]

use std::convert::Infallible;

use lambda_http::{Body, Request, Response};

/// Greets.
///
/// # Errors
/// Never.
#[expect(
    clippy::unused_async,
    reason = "a handler is asynchronous, and this one waits for nothing"
)]
pub async fn greet(_: Request) -> Result<Response<Body>, Infallible> {
    Ok(Response::new("Hello, world".into()))
}
