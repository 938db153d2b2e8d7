//! A job: a function set going by a queue, a stream, a schedule or an object, not by a person's request.

use std::future::Future;
use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::Instrument;

use crate::{ConfigError, Runtime, telemetry};

/// How a job fails. The platform retries what failed, and puts it into the dead-letter queue when that does not help.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Something outside did not work; the same event may succeed later.
    #[error("{0}; it will be tried again")]
    Retry(String),
    /// The event can never succeed; it belongs into the dead-letter queue.
    #[error("{0}; trying again will not help")]
    GiveUp(String),
}

/// Runs a job on Lambda: builds its context once, then handles events until the instance ends.
///
/// # Errors
/// A configuration error at start, or the loss of the Lambda Runtime API.
pub async fn run<C, E, A, F, Fut>(
    context: impl FnOnce(&Runtime) -> Result<C, ConfigError>,
    handle: F,
) -> Result<(), Error>
where
    C: Send + Sync + 'static,
    E: DeserializeOwned,
    A: Serialize,
    F: Fn(Arc<C>, E) -> Fut,
    Fut: Future<Output = Result<A, JobError>>,
{
    telemetry::start();
    let context = Arc::new(context(&Runtime::of_process()).inspect_err(telemetry::start_failed)?);
    lambda_runtime::run(service_fn(|event: LambdaEvent<E>| {
        let span = telemetry::request_span(&event.context.request_id);
        let answer = handle(Arc::clone(&context), event.payload);
        async move {
            answer
                .await
                .inspect_err(|error| tracing::error!(%error, "the job failed"))
                .map_err(Error::from)
        }
        .instrument(span)
    }))
    .await
}
