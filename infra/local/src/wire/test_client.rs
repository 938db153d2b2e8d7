//! What the unit tests of the stand-ins share: a stand-in that runs, and the real SDK's configuration to call it.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use runtime::{Clock, Environment, Runtime};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::server::{Context, serve};
use super::{Principal, StandIn, signature};
use crate::cost::{Cost, INVOCATION_HEADER};
use crate::iam::{Authority, Statement};

/// The access key of the function that calls.
pub(crate) const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
/// Its secret.
pub(crate) const SECRET: &str = "secret";
const FUNCTION: &str = "CallerFunction";
const INVOCATION: &str = "invocation";

/// A stand-in that runs.
pub(crate) struct Running {
    /// Where it listens.
    pub(crate) endpoint: String,
    /// What its server uses.
    pub(crate) context: Arc<Context>,
    _stop: watch::Sender<bool>,
}

/// A context in which the calling function may do `actions` on everything.
pub(crate) fn context(actions: &[&str]) -> Arc<Context> {
    let statement = json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
    // A statement allows something, and who calls no AWS has none.
    let statements = (!actions.is_empty()).then(|| Statement::from_json(&statement).unwrap());
    let statements: Vec<_> = statements.into_iter().collect();
    let context = Context {
        keys: signature::Keys::default(),
        authority: Arc::new(Authority::new([(FUNCTION.to_owned(), statements)].into())),
        faults: Arc::default(),
        ledger: Arc::default(),
    };
    context
        .keys
        .add(ACCESS_KEY_ID, SECRET, Principal::Function(FUNCTION.into()));
    Arc::new(context)
}

/// Starts a stand-in on a free port.
pub(crate) async fn start(stand_in: Arc<dyn StandIn>, context: Arc<Context>) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(serve(listener, stand_in, Arc::clone(&context), stopped));
    Running {
        endpoint,
        context,
        _stop: stop,
    }
}

impl Running {
    /// What the calling function is built from; `service` is named as in [`Runtime::aws`].
    pub(crate) fn runtime(&self, service: &str) -> Runtime {
        let environment = Environment::from_iter([
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            (
                format!("AWS_ENDPOINT_URL_{}", service.to_uppercase()).as_str(),
                self.endpoint.as_str(),
            ),
        ]);
        let http = aws_smithy_http_client::Builder::new().build_http();
        Runtime::new(environment, Clock::system(), SharedHttpClient::new(Marked(http)))
    }

    /// What the calls cost since the last time this was asked.
    pub(crate) fn cost(&self) -> Cost {
        self.context.ledger.close(INVOCATION, FUNCTION)
    }
}

/// Marks each call with its invocation, as the platform's client does.
#[derive(Debug)]
struct Marked<T>(T);

impl HttpClient for Marked<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Marked(self.0.http_connector(settings, components)))
    }
}

impl HttpConnector for Marked<SharedHttpConnector> {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        request.headers_mut().insert(INVOCATION_HEADER, INVOCATION);
        self.0.call(request)
    }
}
