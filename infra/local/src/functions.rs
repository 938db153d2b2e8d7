//! The functions that the platform runs, each built from its own crate's public parts, in this process.

use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Context, LambdaEvent, Service};
use runtime::{ConfigError, JobError, Runtime, telemetry};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracing::Instrument;
use utoipa::openapi::OpenApi;

/// A function, ready to be invoked.
#[async_trait]
pub trait Function: Send + Sync {
    /// Handles one event.
    async fn invoke(&self, event: Value, context: Context) -> Result<Value, FunctionError>;
}

/// How an invocation failed, in Lambda's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{error_type}: {error_message}")]
pub struct FunctionError {
    /// A name for the kind of error, such as `Sandbox.Timedout`.
    pub error_type: String,
    /// What happened.
    pub error_message: String,
}

impl FunctionError {
    /// An error of this kind.
    pub fn new(error_type: impl Into<String>, error_message: impl Into<String>) -> Self {
        Self {
            error_type: error_type.into(),
            error_message: error_message.into(),
        }
    }
}

/// Builds a function from its environment, clock and clients.
type Build = Box<dyn Fn(&Runtime) -> Result<Arc<dyn Function>, ConfigError> + Send + Sync>;

/// A function that the platform can run.
pub struct Entry {
    /// Its logical id in `template.yaml`.
    pub id: &'static str,
    /// What it says of its routes, if it answers HTTP requests.
    pub openapi: Option<fn() -> OpenApi>,
    build: Build,
}

impl Entry {
    /// A function that is built in a way of its own.
    pub fn new<B>(id: &'static str, build: B) -> Self
    where
        B: Fn(&Runtime) -> Result<Arc<dyn Function>, ConfigError> + Send + Sync + 'static,
    {
        Self {
            id,
            openapi: None,
            build: Box::new(build),
        }
    }

    /// A function that answers HTTP requests: its router, and the description of its routes.
    #[must_use]
    pub fn http(
        id: &'static str,
        router: fn(&Runtime) -> Result<Router, ConfigError>,
        openapi: fn() -> OpenApi,
    ) -> Self {
        Self {
            id,
            openapi: Some(openapi),
            build: Box::new(move |runtime| Ok(Arc::new(HttpFunction(router(runtime)?)))),
        }
    }

    /// A job: its context, built once, and what it does with an event.
    pub fn job<C, E, A, F, Fut>(
        id: &'static str,
        context: fn(&Runtime) -> Result<C, ConfigError>,
        handle: F,
    ) -> Self
    where
        C: Send + Sync + 'static,
        E: DeserializeOwned + Send + 'static,
        A: Serialize + Send + 'static,
        F: Fn(Arc<C>, E) -> Fut + Copy + Send + Sync + 'static,
        Fut: Future<Output = Result<A, JobError>> + Send + 'static,
    {
        let build = move |runtime: &Runtime| -> Result<Arc<dyn Function>, ConfigError> {
            let context = Arc::new(context(runtime)?);
            Ok(Arc::new(Job {
                handle: move |event: E| handle(Arc::clone(&context), event),
                event: std::marker::PhantomData,
            }))
        };
        Self::new(id, build)
    }

    /// Builds the function.
    ///
    /// # Errors
    /// [`ConfigError`] if its environment lacks something.
    pub fn build(&self, runtime: &Runtime) -> Result<Arc<dyn Function>, ConfigError> {
        (self.build)(runtime)
    }
}

/// An HTTP function behind the adapter that it has on Lambda as well.
struct HttpFunction(Router);

#[async_trait]
impl Function for HttpFunction {
    async fn invoke(&self, event: Value, context: Context) -> Result<Value, FunctionError> {
        // The adapter looks at the event's raw text to tell the kinds of events apart.
        let payload: LambdaRequest = serde_json::from_str(&event.to_string()).map_err(unreadable)?;
        // An axum router is always ready. The adapter is not `Send` and must be gone before the wait.
        let answer = Adapter::from(self.0.clone()).call(LambdaEvent::new(payload, context));
        let Ok(answer) = answer.await;
        serde_json::to_value(answer)
            .map_err(|error| FunctionError::new("Runtime.MarshalError", error.to_string()))
    }
}

struct Job<H, E> {
    handle: H,
    event: std::marker::PhantomData<fn(E)>,
}

#[async_trait]
impl<H, E, A, Fut> Function for Job<H, E>
where
    E: DeserializeOwned + Send + 'static,
    A: Serialize + Send + 'static,
    H: Fn(E) -> Fut + Send + Sync,
    Fut: Future<Output = Result<A, JobError>> + Send + 'static,
{
    async fn invoke(&self, event: Value, context: Context) -> Result<Value, FunctionError> {
        let event: E = serde_json::from_value(event).map_err(unreadable)?;
        let span = telemetry::request_span(&context.request_id);
        let answer = (self.handle)(event).instrument(span).await.map_err(|error| {
            tracing::error!(%error, "the job failed");
            FunctionError::new("JobError", error.to_string())
        })?;
        serde_json::to_value(answer)
            .map_err(|error| FunctionError::new("Runtime.MarshalError", error.to_string()))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn unreadable(error: serde_json::Error) -> FunctionError {
    FunctionError::new("Runtime.UnmarshalError", error.to_string())
}

/// One document of all routes, with what they share.
#[must_use]
pub fn openapi(entries: &[Entry]) -> OpenApi {
    web::openapi::merged(
        entries
            .iter()
            .filter_map(|entry| entry.openapi)
            .map(|openapi| openapi()),
    )
}
