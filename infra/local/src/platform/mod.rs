//! Puts everything together and runs it: what `main` starts, and what the black-box tests start, as often at the same
//! time as they like. There is nothing global in it.

mod foundation;
mod listeners;
mod services;
#[cfg(test)]
mod tests;
mod triggers;

use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use runtime::{ConfigError, Runtime};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use utoipa::openapi::OpenApi;

use self::foundation::Foundation;
pub use self::listeners::Addresses;
use self::listeners::Listeners;
use self::services::Services;
use self::triggers::Triggers;
use crate::clock::MovableClock;
use crate::control::{self, Control};
use crate::cost::Ledger;
use crate::dynamodb::{self, DynamoDb};
use crate::functions::{self, Entry};
use crate::gateway::{self, Gateway};
use crate::google::{self, Google};
use crate::iam::Authority;
use crate::lambda::Lambda;
use crate::rentcast::{self, Rentcast};
use crate::secrets::{self, StripeSecrets};
use crate::ses::Message;
use crate::stripe::Stripe;
use crate::template::{self, Inputs, Template};
use crate::textract::Textract;
use crate::triggers::backlog::Backlog;
use crate::wire::StandIn;
use crate::wire::faults::Faults;
use crate::wire::server::serve;

/// The access key of the person at this machine, and its secret.
pub const OPERATOR_KEY: &str = "local";
/// Stripe's API.
const REAL_STRIPE: &str = "https://api.stripe.com/";
/// Where Stripe's events go.
const STRIPE_WEBHOOK_PATH: &str = "/api/stripe/webhook";
/// Where the web client's development server is, whose pages call the API too.
const WEB_CLIENT: &str = "http://localhost:5000";
/// How long the system takes at most to come to rest when it is stopped.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// How a system is set up.
#[derive(Clone)]
pub struct Config {
    /// Where it listens.
    pub ports: Ports,
    /// Where it keeps things.
    pub storage: Storage,
    /// The deployment it runs.
    pub template: PathBuf,
    /// The real Stripe's secrets, if it is to be used instead of the stand-in.
    pub stripe: Option<StripeSecrets>,
    /// Whether demonstration data is loaded.
    pub seed: bool,
    /// Whether schedules set functions going by themselves.
    pub schedules: bool,
}

/// Ports on the loopback address; 0 takes any that is free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ports {
    /// The API and this system's own pages.
    pub api: u16,
    /// DynamoDB.
    pub dynamodb: u16,
    /// S3.
    pub s3: u16,
    /// The stand-in for Stripe.
    pub stripe: u16,
}

/// Where a system keeps things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Storage {
    /// In memory: all is gone when it ends.
    Memory,
    /// In this directory: a process that is killed loses nothing that was answered for.
    Directory(PathBuf),
}

impl Storage {
    fn directory(&self) -> Option<&Path> {
        match self {
            Self::Memory => None,
            Self::Directory(directory) => Some(directory),
        }
    }
}

impl Config {
    /// In memory, on free ports, from the workspace's own template: for tests.
    #[must_use]
    pub fn in_memory() -> Self {
        Self {
            ports: Ports::default(),
            storage: Storage::Memory,
            template: template::default_path(),
            stripe: None,
            seed: false,
            schedules: true,
        }
    }
}

/// What the platform runs.
pub struct Product {
    /// The functions.
    pub functions: Vec<Entry>,
    /// Gives a person a role that no one can give themselves.
    pub grant: Grant,
    /// Loads demonstration data.
    pub seed: Seed,
}

/// Gives the person with this mail address this role; the error is for the operator to read. The runtime is the
/// operator's.
pub type Grant = Arc<dyn Fn(Runtime, String, String) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;
/// Loads demonstration data, with the operator's runtime; loading it again changes nothing.
pub type Seed = Arc<dyn Fn(Runtime) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// Why a system cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port is taken.
    #[error("port {port} is in use: choose another with {option} PORT")]
    PortInUse {
        /// The port.
        port: u16,
        /// The option that changes it.
        option: &'static str,
    },
    /// A port cannot be listened on for another reason.
    #[error("cannot listen on port {port} ({option}): {source}")]
    Port {
        /// The port.
        port: u16,
        /// The option that changes it.
        option: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// Another process works on the same data.
    #[error(
        "the data directory {0} is in use by another process: stop it, or choose another with --data DIR"
    )]
    DirectoryInUse(PathBuf),
    /// What is kept cannot be read or written.
    #[error("the data directory cannot be used: {0}")]
    Storage(#[from] io::Error),
    /// The template cannot be used.
    #[error(transparent)]
    Template(#[from] template::TemplateError),
    /// The template has a function that this program has not.
    #[error("the template has {0}, but no such function is built into this program")]
    NoSuchFunction(String),
    /// This program has a function that the template has not.
    #[error("{0} is built into this program, but the template has no such function")]
    NotInTemplate(&'static str),
    /// A function's environment lacks something.
    #[error("{function} cannot start: {source}")]
    Function {
        /// The function's logical id.
        function: String,
        /// What is missing.
        source: ConfigError,
    },
    /// A trigger needs something that the template does not have or does not allow.
    #[error("the trigger of {function} cannot work: {problem}")]
    Trigger {
        /// The function's logical id.
        function: String,
        /// What is missing.
        problem: String,
    },
    /// A queue gives up messages to a queue that is not there, or that gives them back.
    #[error("the dead-letter queue of {0} is not in the template, or leads back to it")]
    DeadLetters(String),
    /// The tables cannot be used.
    #[error(transparent)]
    Tables(#[from] dynamodb::TableError),
    /// The stand-in for Stripe cannot be set up.
    #[error("the stand-in for Stripe cannot be set up: {0}")]
    Stripe(#[from] crate::stripe::StripeError),
    /// The stand-in for Google cannot start.
    #[error(transparent)]
    Google(#[from] google::GoogleError),
    /// The demonstration data cannot be loaded.
    #[error("the demonstration data cannot be loaded: {0}")]
    Seed(String),
}

/// A running system. It stops when it is dropped, at once; [`Platform::stop`] lets it finish.
pub struct Platform {
    addresses: Addresses,
    control: Arc<Control>,
    backlog: Backlog,
    database: DynamoDb,
    stripe: Option<Arc<Stripe>>,
    shutdown: watch::Sender<bool>,
    tasks: JoinSet<()>,
    /// Keeps other processes off the data directory.
    _lock: Option<File>,
}

impl Platform {
    /// Starts a system. When this returns, every trigger is at work and the API answers.
    ///
    /// # Errors
    /// [`StartError`]; nothing is left running then.
    pub async fn start(config: Config, product: Product) -> Result<Self, StartError> {
        let directory = config.storage.directory();
        let lock = directory.map(lock).transpose()?;
        let listeners = Listeners::bind(&config).await?;
        let addresses = listeners.addresses.clone();
        let mut template = read_template(&config, &addresses)?;
        if !config.schedules {
            template.schedules.clear();
        }
        let foundation = Foundation::lay(&template, &addresses, directory)?;
        let services = Services::open(&template, &product.functions, &foundation, &addresses, directory)?;
        let control = Arc::new(Control {
            addresses: addresses.clone(),
            lambda: Arc::clone(&services.lambda),
            clock: Arc::clone(&foundation.clock),
            ses: Arc::clone(&services.ses),
            google: Arc::clone(&services.google),
            rentcast: Arc::clone(&services.rentcast),
            textract: Arc::clone(&services.textract),
            dead_letters: services.dead_letters.clone(),
            ledger: Arc::clone(&foundation.ledger),
            authority: Arc::clone(&foundation.authority),
            faults: Arc::clone(&foundation.faults),
            openapi: functions::openapi(&product.functions),
            operator: foundation.operator(&template),
            grant: product.grant,
        });

        let (shutdown, stop) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let api = serve_stand_ins(listeners, &services, &foundation, &mut tasks, &stop);
        if config.seed {
            (product.seed)(control.operator.clone())
                .await
                .map_err(StartError::Seed)?;
        }
        let triggers = Triggers {
            template: &template,
            foundation: &foundation,
            services: &services,
            directory,
        };
        let backlog = triggers.start(&mut tasks, &stop)?;
        services.textract.resume();
        let gateway = Gateway::new(
            template.api,
            Arc::clone(&services.lambda),
            Arc::clone(&foundation.clock),
        );
        tasks.spawn(serve_api(
            api,
            Arc::new(gateway),
            Arc::clone(&control),
            stop.clone(),
        ));
        if let Some(stripe) = &services.stripe {
            stripe.set_webhook_endpoint(format!("http://{}{STRIPE_WEBHOOK_PATH}", addresses.api));
            let at_work = stripe.start(stop);
            tasks.spawn(async move {
                let _ = at_work.await;
            });
        }
        Ok(Self {
            addresses,
            control,
            backlog,
            database: services.database,
            stripe: services.stripe,
            shutdown,
            tasks,
            _lock: lock,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// The API's base URL, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        self.addresses.api_url()
    }

    /// The operator's runtime: its clients may do everything, and its environment names the table (`TABLE_NAME`).
    #[must_use]
    pub fn runtime(&self) -> Runtime {
        self.control.operator.clone()
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &MovableClock {
        &self.control.clock
    }

    /// What functions may do, did, and were refused.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.control.authority
    }

    /// What invocations cost.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.control.ledger
    }

    /// Faults to arm.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.control.faults
    }

    /// The functions.
    #[must_use]
    pub fn lambda(&self) -> &Arc<Lambda> {
        &self.control.lambda
    }

    /// The mails sent, the oldest first.
    #[must_use]
    pub fn outbox(&self) -> Vec<Message> {
        self.control.ses.messages()
    }

    /// What was given up, the oldest first within each queue.
    #[must_use]
    pub fn dead_letters(&self) -> Vec<control::DeadLetter> {
        self.control.dead_letters()
    }

    /// Whether nothing is on its way to a function through a queue or a stream.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.backlog.is_empty()
    }

    /// The database behind DynamoDB.
    #[must_use]
    pub fn database(&self) -> &DynamoDb {
        &self.database
    }

    /// The stand-in for Google.
    #[must_use]
    pub fn google(&self) -> &Arc<Google> {
        &self.control.google
    }

    /// The stand-in for RentCast.
    #[must_use]
    pub fn rentcast(&self) -> &Arc<Rentcast> {
        &self.control.rentcast
    }

    /// Textract.
    #[must_use]
    pub fn textract(&self) -> &Arc<Textract> {
        &self.control.textract
    }

    /// The stand-in for Stripe; none if the real one is used.
    #[must_use]
    pub fn stripe(&self) -> Option<&Arc<Stripe>> {
        self.stripe.as_ref()
    }

    /// The API's description.
    #[must_use]
    pub fn openapi(&self) -> &OpenApi {
        &self.control.openapi
    }

    /// Stops: no more requests are taken, those under way are answered.
    pub async fn stop(mut self) {
        self.shutdown.send_replace(true);
        let at_rest = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_LIMIT, at_rest).await.is_err() {
            tracing::warn!("some work did not end in time and is broken off");
            self.tasks.shutdown().await;
        }
    }
}

/// Makes the data directory this process's own.
fn lock(directory: &Path) -> Result<File, StartError> {
    std::fs::create_dir_all(directory)?;
    let file = File::create(directory.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StartError::DirectoryInUse(directory.to_owned())),
        Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Reads the template, with this machine's addresses for those of a deployment.
fn read_template(config: &Config, addresses: &Addresses) -> Result<Template, StartError> {
    let port = addresses.api.port();
    let stripe_url = addresses
        .stripe
        .map_or_else(|| REAL_STRIPE.to_owned(), |stripe| format!("http://{stripe}/"));
    let parameters = [
        (
            "Origins",
            format!("http://localhost:{port},http://127.0.0.1:{port},{WEB_CLIENT}"),
        ),
        ("WebUrl", addresses.api_url()),
        ("ApiUrl", addresses.api_url()),
        ("StripeApiUrl", stripe_url),
        ("GoogleClientId", google::CLIENT.to_owned()),
        (
            "GoogleKeysUrl",
            format!("http://{}{}", addresses.google, google::KEYS_PATH),
        ),
        (
            "RentcastApiUrl",
            format!("http://{}{}", addresses.rentcast, rentcast::BASE_PATH),
        ),
    ];
    let inputs = Inputs {
        parameters: parameters.map(|(name, value)| (name.to_owned(), value)).into(),
        secrets: secrets::all(config.storage.directory(), config.stripe.as_ref())?,
    };
    Ok(Template::load(&config.template, &inputs)?)
}

/// Serves the stand-ins, and gives back the listener that is left: the API's.
fn serve_stand_ins(
    listeners: Listeners,
    services: &Services,
    foundation: &Foundation,
    tasks: &mut JoinSet<()>,
    stop: &watch::Receiver<bool>,
) -> TcpListener {
    let context = Arc::new(foundation.server_context());
    let mut stand_ins: Vec<(TcpListener, Arc<dyn StandIn>)> = vec![
        (listeners.dynamodb, Arc::new(services.database.clone())),
        (listeners.s3, Arc::clone(&services.s3) as Arc<dyn StandIn>),
        (listeners.ses, Arc::clone(&services.ses) as Arc<dyn StandIn>),
        (
            listeners.eventbridge,
            Arc::clone(&services.eventbridge) as Arc<dyn StandIn>,
        ),
        (
            listeners.textract,
            Arc::clone(&services.textract) as Arc<dyn StandIn>,
        ),
        (listeners.google, Arc::clone(&services.google) as Arc<dyn StandIn>),
        (
            listeners.rentcast,
            Arc::clone(&services.rentcast) as Arc<dyn StandIn>,
        ),
    ];
    if let (Some(listener), Some(stripe)) = (listeners.stripe, services.stripe.clone()) {
        stand_ins.push((listener, stripe));
    }
    for (listener, stand_in) in stand_ins {
        tasks.spawn(serve(listener, stand_in, Arc::clone(&context), stop.clone()));
    }
    tasks.spawn(services.database.clone().keep_expiring(stop.clone()));
    listeners.api
}

async fn serve_api(
    listener: TcpListener,
    gateway: Arc<Gateway>,
    control: Arc<Control>,
    mut stop: watch::Receiver<bool>,
) {
    let app = control::router(control)
        .fallback_service(axum::Router::new().fallback(gateway::serve).with_state(gateway));
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let stopped = async move {
        let _ = stop.wait_for(|stop| *stop).await;
    };
    if let Err(error) = axum::serve(listener, service)
        .with_graceful_shutdown(stopped)
        .await
    {
        tracing::error!(%error, "the API is no longer served");
    }
}
