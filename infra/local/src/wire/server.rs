//! Serves a stand-in over HTTP/1.1: reads, authenticates and authorises each request before the stand-in sees it,
//! fails it where a fault is armed, and enters its cost.

use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use jiff::Timestamp;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::faults::{Faults, Kind};
use super::{Access, Authentication, Principal, Refusal, Request, Response, StandIn, signature};
use crate::cost::{Cost, INVOCATION_HEADER, Ledger};
use crate::iam::Authority;

/// How long to wait after a connection could not be accepted, which happens when the process is out of file handles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What all servers share.
pub struct Context {
    /// The access keys given out.
    pub keys: signature::Keys,
    /// What each function may do.
    pub authority: Arc<Authority>,
    /// The faults armed.
    pub faults: Arc<Faults>,
    /// Where costs are entered.
    pub ledger: Arc<Ledger>,
}

/// Serves a stand-in until `shutdown` becomes true or its sender is gone; requests under way are answered first.
/// Connections from other machines are closed unanswered, whatever the listener is bound to.
pub async fn serve(
    listener: TcpListener,
    stand_in: Arc<dyn StandIn>,
    context: Arc<Context>,
    mut shutdown: watch::Receiver<bool>,
) {
    let server = Arc::new(Server {
        stand_in,
        context,
        shutdown: shutdown.clone(),
    });
    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = shutdown.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, peer)) => server.connect(stream, peer, &connections),
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    connections.shutdown().await;
}

/// The connection is to be closed without an answer.
#[derive(Debug)]
struct Lost;

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer is lost on purpose")
    }
}

impl Error for Lost {}

struct Server {
    stand_in: Arc<dyn StandIn>,
    context: Arc<Context>,
    shutdown: watch::Receiver<bool>,
}

impl Server {
    fn connect(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr, connections: &GracefulShutdown) {
        if !peer.ip().is_loopback() {
            return;
        }
        // Requests and answers are single writes; waiting for more to send only costs time.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "the connection may be slow");
        }
        let server = Arc::clone(self);
        let service = service_fn(move |request| {
            let server = Arc::clone(&server);
            async move {
                server
                    .handle(request)
                    .await
                    .map(|response| response.map(Full::new))
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }

    async fn handle(&self, request: http::Request<Incoming>) -> Result<Response, Lost> {
        let (parts, body) = request.into_parts();
        let invocation = parts
            .headers
            .get(INVOCATION_HEADER)
            .and_then(|id| id.to_str().ok())
            .map(str::to_owned);
        if self.stand_in.authentication() != Authentication::Other {
            self.context
                .ledger
                .enter(invocation.as_deref(), Cost::call(0.0, 0.0));
        }
        let body = match self.read(body).await? {
            Ok(body) => body,
            Err(refusal) => return Ok(self.stand_in.refuse(&refusal)),
        };
        let mut request = Request {
            method: parts.method,
            uri: parts.uri,
            headers: parts.headers,
            body,
            principal: Principal::Anonymous,
        };
        if let Err(refusal) = self.admit(&mut request) {
            return Ok(self.stand_in.refuse(&refusal));
        }
        let operation = self.stand_in.operation(&request);
        let (faults, principal) = (&self.context.faults, request.principal.clone());
        match faults.cross(&principal, self.stand_in.service(), &operation) {
            None => Ok(self.answer(request, invocation.as_deref()).await),
            Some(Kind::Throttle) => Ok(self.stand_in.refuse(&Refusal::Throttled)),
            Some(Kind::InternalError) => Ok(self.stand_in.refuse(&Refusal::Internal)),
            Some(Kind::AnswerLost) => {
                self.answer(request, invocation.as_deref()).await;
                Err(Lost)
            }
            Some(Kind::TimeOut) => self.never().await,
            Some(Kind::DeathBefore) => {
                faults.end(&principal);
                self.never().await
            }
            Some(Kind::DeathAfter) => {
                self.answer(request, invocation.as_deref()).await;
                faults.end(&principal);
                self.never().await
            }
        }
    }

    /// No answer: ends when the client hangs up, which drops this future, or with the server.
    async fn never(&self) -> Result<Response, Lost> {
        let _ = self.shutdown.clone().wait_for(|stop| *stop).await;
        Err(Lost)
    }

    /// Reads the whole body; a client that breaks off gets no answer.
    async fn read(&self, body: Incoming) -> Result<Result<Bytes, Refusal>, Lost> {
        let limit = self.stand_in.body_limit();
        match Limited::new(body, limit).collect().await {
            Ok(body) => Ok(Ok(body.to_bytes())),
            Err(error) if error.is::<LengthLimitError>() => Ok(Err(Refusal::TooLarge(limit))),
            Err(_) => Err(Lost),
        }
    }

    /// Finds out who is calling, and whether they may.
    fn admit(&self, request: &mut Request) -> Result<(), Refusal> {
        let keys = &self.context.keys;
        request.principal = match self.stand_in.authentication() {
            Authentication::Signature => {
                signature::verify(request, self.stand_in.service(), keys, Timestamp::now())
                    .map_err(Refusal::BadSignature)?
            }
            Authentication::SignatureByStandIn => keys.claimed(request),
            Authentication::Other => self.stand_in.caller(request),
        };
        for access in self.stand_in.needs(request) {
            if !self.allows(&request.principal, &access) {
                return Err(Refusal::AccessDenied(request.principal.clone(), access));
            }
        }
        Ok(())
    }

    fn allows(&self, principal: &Principal, access: &Access) -> bool {
        *principal != Principal::Anonymous && self.context.authority.check(principal, access)
    }

    async fn answer(&self, request: Request, invocation: Option<&str>) -> Response {
        let response = self.stand_in.answer(request).await;
        if let Some(cost) = response.extensions().get::<Cost>() {
            self.context.ledger.enter(invocation, *cost);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::sync::atomic::{AtomicU32, Ordering};

    use async_trait::async_trait;
    use http::StatusCode;

    use crate::wire::aws::Protocol;
    use crate::wire::faults::Fault;

    /// Counts what reaches it, and says so.
    #[derive(Default)]
    struct Counter {
        signed: bool,
        reached: AtomicU32,
    }

    #[async_trait]
    impl StandIn for Counter {
        fn service(&self) -> &'static str {
            "counter"
        }
        fn authentication(&self) -> Authentication {
            if self.signed {
                Authentication::Signature
            } else {
                Authentication::Other
            }
        }
        fn body_limit(&self) -> usize {
            10
        }
        fn needs(&self, request: &Request) -> Vec<Access> {
            let right = || Access {
                action: "counter:Count".into(),
                resource: "*".into(),
            };
            if request.uri.path() == "/guarded" {
                vec![right()]
            } else {
                Vec::new()
            }
        }
        async fn answer(&self, request: Request) -> Response {
            let reached = self.reached.fetch_add(1, Ordering::SeqCst) + 1;
            let mut response = Response::new(format!("{reached} {}", request.body.len()).into());
            response.extensions_mut().insert(Cost {
                calls: 0,
                rcu: 0.5,
                wcu: 0.0,
            });
            response
        }
        fn refuse(&self, refusal: &Refusal) -> Response {
            Protocol::Json11.refusal(refusal)
        }
    }

    struct Running {
        url: String,
        stand_in: Arc<Counter>,
        context: Arc<Context>,
        stop: watch::Sender<bool>,
        server: tokio::task::JoinHandle<()>,
    }

    async fn start(signed: bool) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stand_in = Arc::new(Counter {
            signed,
            ..Counter::default()
        });
        let context = Arc::new(Context {
            keys: signature::Keys::default(),
            authority: Arc::default(),
            faults: Arc::default(),
            ledger: Arc::default(),
        });
        let (stop, stopped) = watch::channel(false);
        let server = tokio::spawn(serve(
            listener,
            Arc::clone(&stand_in) as Arc<dyn StandIn>,
            Arc::clone(&context),
            stopped,
        ));
        Running {
            url,
            stand_in,
            context,
            stop,
            server,
        }
    }

    impl Running {
        async fn post(&self, path: &str, body: &'static str) -> Result<(StatusCode, String), reqwest::Error> {
            let request = reqwest::Client::new()
                .post(format!("{}{path}", self.url))
                .body(body);
            let response = request.header(INVOCATION_HEADER, "invocation").send().await?;
            Ok((response.status(), response.text().await?))
        }

        fn reached(&self) -> u32 {
            self.stand_in.reached.load(Ordering::SeqCst)
        }
    }

    #[tokio::test]
    async fn a_body_over_the_limit_never_reaches_the_stand_in() {
        let running = start(false).await;
        assert_eq!(running.post("/", "0123456789").await.unwrap().1, "1 10");
        let (status, _) = running.post("/", "0123456789a").await.unwrap();
        assert_eq!((status, running.reached()), (StatusCode::PAYLOAD_TOO_LARGE, 1));
    }

    #[tokio::test]
    async fn an_unsigned_request_to_an_aws_service_is_refused() {
        let running = start(true).await;
        let (status, body) = running.post("/", "").await.unwrap();
        assert_eq!((status, running.reached()), (StatusCode::BAD_REQUEST, 0));
        assert!(body.contains("MissingAuthenticationTokenException"), "{body}");
    }

    #[tokio::test]
    async fn nobody_known_has_no_right() {
        let running = start(false).await;
        let (_, body) = running.post("/guarded", "").await.unwrap();
        assert!(
            body.contains("AccessDeniedException") && body.contains("counter:Count"),
            "{body}"
        );
    }

    #[tokio::test]
    async fn a_lost_answer_has_its_effect_and_no_answer() {
        let running = start(false).await;
        running
            .context
            .faults
            .arm(Fault::of("counter", "POST /a", Kind::AnswerLost));
        assert!(running.post("/a", "").await.is_err());
        assert_eq!(running.reached(), 1);
        assert_eq!(running.post("/a", "").await.unwrap().1, "2 0");
    }

    #[tokio::test]
    async fn throttling_and_internal_errors_have_no_effect() {
        let running = start(false).await;
        running
            .context
            .faults
            .arm(Fault::of("counter", "", Kind::Throttle));
        running
            .context
            .faults
            .arm(Fault::of("counter", "", Kind::InternalError));
        assert!(
            running
                .post("/", "")
                .await
                .unwrap()
                .1
                .contains("ThrottlingException")
        );
        assert_eq!(
            running.post("/", "").await.unwrap().0,
            StatusCode::INTERNAL_SERVER_ERROR
        );
        assert_eq!(running.reached(), 0);
    }

    #[tokio::test]
    async fn a_time_out_lasts_until_the_client_gives_up_or_the_server_stops() {
        let running = start(false).await;
        running
            .context
            .faults
            .arm(Fault::of("counter", "", Kind::TimeOut));
        let patience = Duration::from_millis(50);
        assert!(
            tokio::time::timeout(patience, running.post("/", ""))
                .await
                .is_err()
        );
        running
            .context
            .faults
            .arm(Fault::of("counter", "", Kind::TimeOut));
        let (call, ()) = tokio::join!(running.post("/", ""), async {
            tokio::time::sleep(patience).await;
            running.stop.send_replace(true);
        });
        assert!(call.is_err());
        running.server.await.unwrap();
        assert_eq!(running.stand_in.reached.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn an_aws_call_and_its_capacity_are_entered_for_the_invocation() {
        let aws = start(true).await;
        aws.post("/", "").await.unwrap();
        assert_eq!(aws.context.ledger.close("invocation", "f"), Cost::call(0.0, 0.0));
        let other = start(false).await;
        other.post("/", "").await.unwrap();
        assert_eq!(
            other.context.ledger.close("invocation", "f"),
            Cost {
                calls: 0,
                rcu: 0.5,
                wcu: 0.0
            }
        );
    }
}
