//! The server of one instance: hands out events, takes answers
//! (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>).

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc};
use tokio::task::{JoinHandle, JoinSet};

/// What every path begins with.
const VERSION: &str = "/2018-06-01/runtime/";
/// The largest answer, in bytes (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
const ANSWER_LIMIT: usize = 6 * 1024 * 1024;

/// An error in the words of the function's runtime.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{error_type}: {error_message}")]
pub struct ReportedError {
    /// The kind of error.
    #[serde(default)]
    pub error_type: String,
    /// What happened.
    #[serde(default)]
    pub error_message: String,
}

/// An event on its way to the function.
pub(crate) struct Delivery {
    /// The id of the invocation.
    pub(crate) id: String,
    /// The event.
    pub(crate) event: Bytes,
    /// When the function must be done, in milliseconds since 1970.
    pub(crate) deadline: u128,
    /// The function's ARN.
    pub(crate) arn: String,
}

/// What the function tells, and when it did.
pub(crate) struct Report {
    /// When the request was there: the whole of it for an answer, its head for a question.
    pub(crate) at: Instant,
    /// What it tells.
    pub(crate) told: Told,
}

/// What the function tells.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// It asks for an event.
    Ready,
    /// It answers this invocation.
    Answer(String, Bytes),
    /// It could not handle this invocation.
    Failure(String, ReportedError),
    /// It cannot start.
    NoStart(ReportedError),
}

/// A running server. It closes its connections when it is dropped.
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Starts one on a free port: it hands out what `deliveries` brings, and tells `reports`.
    pub(crate) async fn start(
        deliveries: mpsc::Receiver<Delivery>,
        reports: mpsc::UnboundedSender<Report>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let api = Arc::new(Api {
            deliveries: Mutex::new(deliveries),
            reports,
        });
        Ok(Self {
            address,
            accepting: tokio::spawn(accept(listener, api)),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Serves each connection in a task of its own; all of them end together with this one.
async fn accept(listener: TcpListener, api: Arc<Api>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, Arc::clone(&api)));
    }
}

async fn serve(stream: TcpStream, api: Arc<Api>) {
    // Requests and answers are single writes; waiting for more to send only costs time. A connection that cannot be
    // told so is slower, and a broken one is the function's to notice.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let api = Arc::clone(&api);
        async move { api.answer(request).await }
    });
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// The connection is closed: there is nobody left to tell, or no event to come.
#[derive(Debug, thiserror::Error)]
#[error("the instance is gone")]
struct Gone;

struct Api {
    deliveries: Mutex<mpsc::Receiver<Delivery>>,
    reports: mpsc::UnboundedSender<Report>,
}

impl Api {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Gone> {
        let at = Instant::now();
        let (head, body) = request.into_parts();
        let path = head.uri.path().strip_prefix(VERSION).unwrap_or_default();
        let parts: Vec<&str> = path.split('/').collect();
        match (&head.method, parts.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next(at).await,
            (&Method::POST, ["invocation", id, "response"]) => match read(body).await {
                Ok(answer) => self.tell(Told::Answer((*id).to_owned(), answer)),
                Err(error) => {
                    self.tell(Told::Failure((*id).to_owned(), error.clone()))?;
                    Ok(json(StatusCode::PAYLOAD_TOO_LARGE, &error))
                }
            },
            (&Method::POST, ["invocation", id, "error"]) => {
                self.tell(Told::Failure((*id).to_owned(), read_error(body).await))
            }
            (&Method::POST, ["init", "error"]) => self.tell(Told::NoStart(read_error(body).await)),
            _ => Ok(json(
                StatusCode::NOT_FOUND,
                &serde_json::json!({ "errorType": "UnknownPath" }),
            )),
        }
    }

    async fn next(&self, at: Instant) -> Result<Response<Full<Bytes>>, Gone> {
        self.report(at, Told::Ready)?;
        let delivery = self.deliveries.lock().await.recv().await.ok_or(Gone)?;
        Response::builder()
            .header("content-type", "application/json")
            .header("lambda-runtime-aws-request-id", &delivery.id)
            .header("lambda-runtime-deadline-ms", delivery.deadline.to_string())
            .header("lambda-runtime-invoked-function-arn", &delivery.arn)
            .header("lambda-runtime-trace-id", trace_id(&delivery))
            .body(Full::new(delivery.event))
            .map_err(|_| Gone)
    }

    fn tell(&self, told: Told) -> Result<Response<Full<Bytes>>, Gone> {
        self.report(Instant::now(), told)?;
        Ok(json(StatusCode::ACCEPTED, &serde_json::json!({ "status": "OK" })))
    }

    fn report(&self, at: Instant, told: Told) -> Result<(), Gone> {
        self.reports.send(Report { at, told }).map_err(|_| Gone)
    }
}

/// X-Ray's header, for a request that is not traced.
fn trace_id(delivery: &Delivery) -> String {
    let seconds = delivery.deadline / 1000;
    format!("Root=1-{seconds:08x}-000000000000000000000001;Sampled=0")
}

async fn read(body: Incoming) -> Result<Bytes, ReportedError> {
    let read = Limited::new(body, ANSWER_LIMIT).collect().await;
    read.map(http_body_util::Collected::to_bytes)
        .map_err(|error| ReportedError {
            error_type: "Function.ResponseSizeTooLarge".to_owned(),
            error_message: error.to_string(),
        })
}

/// The error that the function reports; one that is not as the API asks for is shown as it came.
async fn read_error(body: Incoming) -> ReportedError {
    match read(body).await {
        Ok(body) => serde_json::from_slice(&body).unwrap_or_else(|_| ReportedError {
            error_type: "Runtime.Unknown".to_owned(),
            error_message: String::from_utf8_lossy(&body).into_owned(),
        }),
        Err(error) => error,
    }
}

fn json(status: StatusCode, body: &impl Serialize) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(serde_json::to_vec(body).unwrap_or_default().into()));
    *response.status_mut() = status;
    response
}
