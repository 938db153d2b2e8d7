//! Lambda: invokes functions within their time limit, at once or later, as often at the same time as is asked for.
//!
//! An asynchronous invocation goes through a queue of its function, is repeated when it fails (twice, unless the
//! template says otherwise), and ends in the dead letters.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use lambda_http::Context;
use runtime::Environment;
use serde_json::Value;
use tokio::sync::watch;
use tracing::Instrument;

use crate::clock::MovableClock;
use crate::cost::{Cost, INVOCATION, INVOCATION_HEADER, Ledger};
use crate::functions::{Function, FunctionError};
use crate::iam::Authority;
use crate::template::{ACCOUNT_ID, FunctionDefinition, REGION};
use crate::triggers::queues::Queue;
use crate::wire::aws::uuid;
use crate::wire::faults::Faults;
use crate::wire::{Access, Principal};

/// The largest event and the largest answer of a synchronous invocation, in bytes
/// (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
pub const PAYLOAD_LIMIT: usize = 6 * 1024 * 1024;

/// A function together with what the template says about it.
pub struct Deployed {
    /// What the template says.
    pub definition: FunctionDefinition,
    /// Its variables, with its access key and the way to the services: what its own process would find.
    pub environment: Environment,
    /// The function itself.
    pub function: Arc<dyn Function>,
    /// Its asynchronous invocations that are not done yet.
    pub later: Arc<Queue>,
}

/// Invokes the functions.
pub struct Lambda {
    functions: BTreeMap<String, Deployed>,
    authority: Arc<Authority>,
    faults: Arc<Faults>,
    ledger: Arc<Ledger>,
    clock: Arc<MovableClock>,
}

/// An invocation that has ended.
#[derive(Debug)]
pub struct Invocation {
    /// Its request id.
    pub request_id: String,
    /// What it cost.
    pub cost: Cost,
    /// The function's answer, or how it failed.
    pub outcome: Result<Value, FunctionError>,
}

impl Lambda {
    /// A Lambda service with these functions, by logical id.
    #[must_use]
    pub fn new(
        functions: BTreeMap<String, Deployed>,
        authority: Arc<Authority>,
        faults: Arc<Faults>,
        ledger: Arc<Ledger>,
        clock: Arc<MovableClock>,
    ) -> Self {
        Self {
            functions,
            authority,
            faults,
            ledger,
            clock,
        }
    }

    /// The function of this logical id.
    #[must_use]
    pub fn function(&self, id: &str) -> Option<&Deployed> {
        self.functions.get(id)
    }

    /// The logical ids of all functions.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(String::as_str)
    }

    /// Whether a function's role allows what Lambda is about to do in its name.
    pub(crate) fn may(&self, function: &str, action: &str, resource: &str) -> bool {
        // SAM gives a role that it makes these rights by itself.
        if self
            .function(function)
            .is_some_and(|deployed| deployed.definition.generated_role)
        {
            return true;
        }
        let access = Access {
            action: action.to_owned(),
            resource: resource.to_owned(),
        };
        self.authority
            .check(&Principal::Function(function.to_owned()), &access)
    }

    /// Invokes a function and waits for its answer. `purpose` names what it was for in the cost table: a route, or
    /// the function itself. The invocation goes on when the caller stops waiting, as on AWS.
    pub async fn invoke(&self, id: &str, event: Value, purpose: &str) -> Invocation {
        let request_id = uuid();
        let outcome = match self.function(id) {
            Some(deployed) => self.run(deployed, event, &request_id).await,
            None => Err(FunctionError::new(
                "ResourceNotFoundException",
                format!("Function not found: {id}"),
            )),
        };
        Invocation {
            cost: self.ledger.close(&request_id, purpose),
            outcome,
            request_id,
        }
    }

    async fn run(&self, deployed: &Deployed, event: Value, request_id: &str) -> Result<Value, FunctionError> {
        let definition = &deployed.definition;
        self.write_logs(definition);
        let size = event.to_string().len();
        if size > PAYLOAD_LIMIT {
            let message = format!("{size} byte payload is too large for the RequestResponse invocation type");
            return Err(FunctionError::new("RequestTooLargeException", message));
        }
        let context = self.context(definition, request_id);
        let function = Arc::clone(&deployed.function);
        let limit = definition.timeout;
        let span = tracing::info_span!("lambda", function = definition.id);
        let death = self.faults.death_of(&definition.id);
        let exited = exited(request_id);
        let work = async move {
            tokio::select! {
                biased;
                () = death => Ok(Err(exited)),
                outcome = tokio::time::timeout(limit, function.invoke(event, context)) => outcome,
            }
        };
        let work = INVOCATION
            .scope(request_id.to_owned(), work)
            .instrument(span.clone());
        let outcome = match tokio::spawn(work).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(FunctionError::new(
                "Sandbox.Timedout",
                format!(
                    "RequestId: {request_id} Error: Task timed out after {:.2} seconds",
                    limit.as_secs_f64()
                ),
            )),
            Err(_) => Err(FunctionError::new("Runtime.ExitError", "the function panicked")),
        };
        if let Err(error) = &outcome {
            span.in_scope(|| tracing::warn!(%error, "the invocation failed"));
        }
        outcome.and_then(|answer| {
            let size = answer.to_string().len();
            if size > PAYLOAD_LIMIT {
                let message =
                    format!("Response payload size ({size} bytes) exceeded maximum allowed payload size");
                return Err(FunctionError::new("Function.ResponseSizeTooLarge", message));
            }
            Ok(answer)
        })
    }

    /// Lambda writes a function's logs in the function's name; without the right to, they are lost on AWS.
    fn write_logs(&self, definition: &FunctionDefinition) {
        let stream = format!(
            "arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{}:log-stream:local",
            definition.log_group
        );
        for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
            if !self.may(&definition.id, action, &stream) {
                tracing::warn!(
                    function = definition.id,
                    action,
                    "the role does not allow this: no logs on AWS"
                );
            }
        }
    }

    fn context(&self, definition: &FunctionDefinition, request_id: &str) -> Context {
        let mut context = Context::default();
        request_id.clone_into(&mut context.request_id);
        context.invoked_function_arn.clone_from(&definition.arn);
        let deadline = self
            .clock
            .now()
            .as_millisecond()
            .saturating_add_unsigned(millis(definition.timeout));
        context.deadline = u64::try_from(deadline).unwrap_or_default();
        let mut configuration = lambda_http::lambda_runtime::Config::default();
        configuration.function_name.clone_from(&definition.name);
        configuration.memory = i32::try_from(definition.memory).unwrap_or(i32::MAX);
        configuration.version = "$LATEST".into();
        configuration.log_group.clone_from(&definition.log_group);
        context.env_config = Arc::new(configuration);
        context
    }

    /// Invokes a function soon, without waiting for it. A function that is not there is not invoked.
    pub fn invoke_later(&self, id: &str, event: &Value) {
        let Some(deployed) = self.function(id) else { return };
        if let Err(error) = deployed.later.send(event.to_string()) {
            tracing::error!(%error, function = id, "an asynchronous invocation could not be written down");
        }
    }

    /// Works through a function's asynchronous invocations until `shutdown`.
    pub(crate) async fn run_later(self: Arc<Self>, id: String, shutdown: watch::Receiver<bool>) {
        let Some(queue) = self.function(&id).map(|deployed| Arc::clone(&deployed.later)) else {
            return;
        };
        let mut arrivals = queue.arrivals(shutdown);
        while let Some(messages) = arrivals.next(1).await {
            for message in messages {
                let (lambda, id, queue) = (Arc::clone(&self), id.clone(), Arc::clone(&queue));
                tokio::spawn(async move {
                    let event = serde_json::from_str(&message.body).unwrap_or_default();
                    match lambda.invoke(&id, event, &id).await.outcome {
                        Ok(_) => queue.delete(&message.id),
                        Err(error) => queue.fail(&message.id, &error.to_string()),
                    }
                });
            }
        }
    }
}

fn exited(request_id: &str) -> FunctionError {
    FunctionError::new(
        "Runtime.ExitError",
        format!("RequestId: {request_id} Error: Runtime exited without providing a reason"),
    )
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// An HTTP client that marks each request with the invocation it is made for, so that its cost finds its way back.
/// A function that hands a call to a task of its own loses the mark.
#[derive(Debug)]
struct MarkingClient(SharedHttpClient);

#[derive(Debug)]
struct MarkingConnector(SharedHttpConnector);

/// The HTTP client of the functions: plain HTTP, as all endpoints are on this machine.
#[must_use]
pub fn marking_client() -> SharedHttpClient {
    SharedHttpClient::new(MarkingClient(aws_smithy_http_client::Builder::new().build_http()))
}

impl HttpClient for MarkingClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(MarkingConnector(self.0.http_connector(settings, components)))
    }
}

impl HttpConnector for MarkingConnector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        if let Ok(invocation) = INVOCATION.try_with(Clone::clone) {
            request.headers_mut().insert(INVOCATION_HEADER, invocation);
        }
        self.0.call(request)
    }
}
