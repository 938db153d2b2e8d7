//! Puts everything together and runs it: what `main` starts, and what the black-box tests start, as often at the same
//! time as they like. There is nothing global in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use futures::future::BoxFuture;
use runtime::{Clock, ConfigError, Environment, Runtime};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use utoipa::openapi::OpenApi;

use crate::clock::MovableClock;
use crate::control::{self, Control};
use crate::cost::Ledger;
use crate::dynamodb::{self, DynamoDb};
use crate::eventbridge::EventBridge;
use crate::functions::{self, Entry};
use crate::gateway::{self, Gateway};
use crate::iam::Authority;
use crate::lambda::{Deployed, Lambda, marking_client};
use crate::s3::{Bucket, S3};
use crate::secrets::{self, StripeSecrets};
use crate::ses::{Message, Ses};
use crate::stripe::Stripe;
use crate::template::{self, Inputs, REGION, StreamTrigger, Template};
use crate::triggers::queues::{self, Queue};
use crate::triggers::rules::Rules;
use crate::triggers::{objects, schedules, streams};
use crate::wire::faults::Faults;
use crate::wire::server::{self, serve};
use crate::wire::signature::Keys;
use crate::wire::{Principal, StandIn};

/// The access key of the person at this machine, and its secret.
pub const OPERATOR_KEY: &str = "local";
/// Stripe's API.
const REAL_STRIPE: &str = "https://api.stripe.com/";
/// Where Stripe's events go.
const STRIPE_WEBHOOK_PATH: &str = "/api/stripe/webhook";
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

/// Where a system listens.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The API and this system's own pages.
    pub api: SocketAddr,
    /// DynamoDB.
    pub dynamodb: SocketAddr,
    /// S3.
    pub s3: SocketAddr,
    /// SES.
    pub ses: SocketAddr,
    /// EventBridge.
    pub eventbridge: SocketAddr,
    /// The stand-in for Stripe; none if the real one is used.
    pub stripe: Option<SocketAddr>,
}

impl Addresses {
    /// The API's address for a browser. Cookies and origins tell `localhost` and `127.0.0.1` apart.
    #[must_use]
    pub fn api_url(&self) -> String {
        format!("http://localhost:{}", self.api.port())
    }
}

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
    /// The tables cannot be used.
    #[error(transparent)]
    Tables(#[from] dynamodb::TableError),
    /// The stand-in for Stripe cannot be set up.
    #[error("the stand-in for Stripe cannot be set up: {0}")]
    Stripe(#[from] crate::stripe::StripeError),
    /// The demonstration data cannot be loaded.
    #[error("the demonstration data cannot be loaded: {0}")]
    Seed(String),
}

/// A running system. It stops when it is dropped, at once; [`Platform::stop`] lets it finish.
pub struct Platform {
    addresses: Addresses,
    control: Arc<Control>,
    database: DynamoDb,
    stripe: Option<Arc<Stripe>>,
    shutdown: watch::Sender<bool>,
    tasks: JoinSet<()>,
    /// Keeps other processes off the data directory.
    _lock: Option<File>,
}

impl Platform {
    /// Starts a system. When this returns, everything listens and every trigger is at work.
    ///
    /// # Errors
    /// [`StartError`]; nothing is left running then.
    pub async fn start(config: Config, product: Product) -> Result<Self, StartError> {
        let directory = config.storage.directory();
        let lock = directory.map(lock).transpose()?;
        let listeners = Listeners::bind(&config).await?;
        let addresses = listeners.addresses.clone();
        let template = read_template(&config, &addresses)?;
        let (shutdown, stop) = watch::channel(false);

        let clock = Arc::new(MovableClock::open(directory)?);
        let statements = template
            .functions
            .iter()
            .map(|(id, f)| (id.clone(), f.statements.clone()))
            .collect();
        let authority = Arc::new(Authority::new(statements));
        let ledger = Arc::new(Ledger::default());
        let faults = Arc::new(Faults::default());
        let surroundings = Surroundings::new(&addresses, &clock);

        let database = open_tables(&template, directory, surroundings.clock.clone())?;
        let queues = open_queues(&template, directory, &clock)?;
        let given_up = Queue::open(
            "asynchronous-invocations-given-up",
            "",
            None,
            queue_directory(directory).as_deref(),
            Arc::clone(&clock),
        )?;
        let deployed = build(
            &template,
            &product.functions,
            &surroundings,
            directory,
            &given_up,
            &clock,
        )?;
        let lambda = Arc::new(Lambda::new(
            deployed,
            Arc::clone(&authority),
            Arc::clone(&ledger),
            Arc::clone(&clock),
        ));
        let rules = Arc::new(Rules::new(
            template.rules.clone(),
            queues.clone(),
            Arc::clone(&lambda),
        ));

        let ses = open_ses(&template, directory, &surroundings, &rules)?;
        let s3 = open_s3(&template, directory, &surroundings, &authority, &lambda)?;
        let stripe = match (addresses.stripe, &config.stripe) {
            (Some(address), None) => Some(open_stripe(address, directory, &surroundings)?),
            _ => None,
        };
        let eventbridge = eventbridge(&template, &surroundings, &rules);

        let operator = surroundings.runtime(
            Principal::Operator,
            OPERATOR_KEY,
            OPERATOR_KEY,
            table_name(&template),
        );
        let read: BTreeSet<&str> = template
            .queue_triggers
            .iter()
            .map(|trigger| trigger.queue.as_str())
            .collect();
        let dead_letters = queues
            .values()
            .filter(|queue| !read.contains(queue.arn()))
            .cloned();
        let control = Arc::new(Control {
            addresses: addresses.clone(),
            lambda: Arc::clone(&lambda),
            clock: Arc::clone(&clock),
            ses: Arc::clone(&ses),
            dead_letters: dead_letters.chain([given_up]).collect(),
            ledger: Arc::clone(&ledger),
            authority: Arc::clone(&authority),
            faults: Arc::clone(&faults),
            openapi: functions::openapi(&product.functions),
            operator,
            grant: product.grant,
        });

        let mut tasks = JoinSet::new();
        let context = Arc::new(server::Context {
            keys: surroundings.keys.clone(),
            authority: Arc::clone(&authority),
            faults,
            ledger,
        });
        let mut stand_ins: Vec<(TcpListener, Arc<dyn StandIn>)> = vec![
            (listeners.dynamodb, Arc::new(database.clone())),
            (listeners.s3, s3),
            (listeners.ses, ses),
            (listeners.eventbridge, eventbridge),
        ];
        if let (Some(listener), Some(stripe)) = (listeners.stripe, stripe.clone()) {
            stand_ins.push((listener, stripe));
        }
        for (listener, stand_in) in stand_ins {
            tasks.spawn(serve(listener, stand_in, Arc::clone(&context), stop.clone()));
        }
        tasks.spawn(database.clone().keep_expiring(stop.clone()));

        let gateway = Arc::new(Gateway::new(
            template.api.clone(),
            Arc::clone(&lambda),
            Arc::clone(&clock),
        ));
        tasks.spawn(serve_api(
            listeners.api,
            gateway,
            Arc::clone(&control),
            stop.clone(),
        ));

        let triggers = Triggers {
            template,
            queues,
            lambda,
            clock,
            database: &database,
            directory,
        };
        triggers.start(&mut tasks, &stop)?;
        if let Some(stripe) = &stripe {
            stripe.set_webhook_endpoint(format!("http://{}{STRIPE_WEBHOOK_PATH}", addresses.api));
            let at_work = stripe.start(stop.clone());
            tasks.spawn(async move {
                let _ = at_work.await;
            });
        }
        let platform = Self {
            addresses,
            control,
            database,
            stripe,
            shutdown,
            tasks,
            _lock: lock,
        };
        if config.seed {
            (product.seed)(platform.runtime())
                .await
                .map_err(StartError::Seed)?;
        }
        Ok(platform)
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

    /// The database behind DynamoDB.
    #[must_use]
    pub fn database(&self) -> &DynamoDb {
        &self.database
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

struct Listeners {
    api: TcpListener,
    dynamodb: TcpListener,
    s3: TcpListener,
    ses: TcpListener,
    eventbridge: TcpListener,
    stripe: Option<TcpListener>,
    addresses: Addresses,
}

impl Listeners {
    async fn bind(config: &Config) -> Result<Self, StartError> {
        let ports = config.ports;
        let api = bind(ports.api, "--port").await?;
        let dynamodb = bind(ports.dynamodb, "--dynamodb-port").await?;
        let s3 = bind(ports.s3, "--s3-port").await?;
        let ses = bind(0, "any").await?;
        let eventbridge = bind(0, "any").await?;
        let stripe = match config.stripe {
            None => Some(bind(ports.stripe, "--stripe-port").await?),
            Some(_) => None,
        };
        let addresses = Addresses {
            api: api.local_addr()?,
            dynamodb: dynamodb.local_addr()?,
            s3: s3.local_addr()?,
            ses: ses.local_addr()?,
            eventbridge: eventbridge.local_addr()?,
            stripe: stripe.as_ref().map(TcpListener::local_addr).transpose()?,
        };
        Ok(Self {
            api,
            dynamodb,
            s3,
            ses,
            eventbridge,
            stripe,
            addresses,
        })
    }
}

async fn bind(port: u16, option: &'static str) -> Result<TcpListener, StartError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => StartError::PortInUse { port, option },
            _ => StartError::Port { port, option, source },
        })
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
            format!("http://localhost:{port},http://127.0.0.1:{port}"),
        ),
        ("WebUrl", addresses.api_url()),
        ("StripeApiUrl", stripe_url),
    ];
    let inputs = Inputs {
        parameters: parameters.map(|(name, value)| (name.to_owned(), value)).into(),
        secrets: secrets::all(config.storage.directory(), config.stripe.as_ref())?,
    };
    Ok(Template::load(&config.template, &inputs)?)
}

/// What is the same for all functions.
struct Surroundings {
    endpoints: [(&'static str, String); 4],
    clock: Clock,
    http: SharedHttpClient,
    keys: Keys,
}

impl Surroundings {
    fn new(addresses: &Addresses, clock: &Arc<MovableClock>) -> Self {
        let clock = Arc::clone(clock);
        Self {
            endpoints: [
                (
                    "AWS_ENDPOINT_URL_DYNAMODB",
                    format!("http://{}", addresses.dynamodb),
                ),
                (
                    "AWS_ENDPOINT_URL_EVENTBRIDGE",
                    format!("http://{}", addresses.eventbridge),
                ),
                ("AWS_ENDPOINT_URL_S3", format!("http://{}", addresses.s3)),
                ("AWS_ENDPOINT_URL_SESV2", format!("http://{}", addresses.ses)),
            ],
            clock: Clock::from_fn(move || clock.now()),
            http: marking_client(),
            keys: Keys::default(),
        }
    }

    /// The runtime of a principal, which from now on is known by this access key.
    fn runtime<K, V>(
        &self,
        principal: Principal,
        key: &str,
        secret: &str,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Runtime
    where
        K: Into<String>,
        V: Into<String>,
    {
        self.keys.add(key, secret, principal);
        let own = variables
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        let given = [
            ("AWS_ACCESS_KEY_ID", key.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", secret.to_owned()),
            ("AWS_REGION", REGION.to_owned()),
        ];
        let given = given.into_iter().chain(self.endpoints.iter().cloned());
        let all = own.chain(given.map(|(name, value)| (name.to_owned(), value)));
        Runtime::new(Environment::from_iter(all), self.clock.clone(), self.http.clone())
    }
}

fn table_name(template: &Template) -> Option<(&'static str, String)> {
    template
        .tables
        .first()
        .map(|table| ("TABLE_NAME", table.name.clone()))
}

/// Builds the functions of the template, each with an access key of its own.
fn build(
    template: &Template,
    entries: &[Entry],
    surroundings: &Surroundings,
    directory: Option<&Path>,
    given_up: &Arc<Queue>,
    clock: &Arc<MovableClock>,
) -> Result<BTreeMap<String, Deployed>, StartError> {
    if let Some(entry) = entries
        .iter()
        .find(|entry| !template.functions.contains_key(entry.id))
    {
        return Err(StartError::NotInTemplate(entry.id));
    }
    let mut deployed = BTreeMap::new();
    for (id, definition) in &template.functions {
        let entry = entries.iter().find(|entry| entry.id == id);
        let entry = entry.ok_or_else(|| StartError::NoSuchFunction(id.clone()))?;
        let principal = Principal::Function(id.clone());
        let variables = definition.environment.clone();
        let runtime = surroundings.runtime(principal, &format!("LOCAL{id}"), &secrets::random()?, variables);
        let function = entry.build(&runtime).map_err(|source| StartError::Function {
            function: id.clone(),
            source,
        })?;
        let later = Queue::open(
            &format!("asynchronous-invocations-{id}"),
            "",
            Some((definition.retries + 1, Arc::clone(given_up))),
            queue_directory(directory).as_deref(),
            Arc::clone(clock),
        )?;
        deployed.insert(
            id.clone(),
            Deployed {
                definition: definition.clone(),
                function,
                later,
            },
        );
    }
    Ok(deployed)
}

fn open_tables(template: &Template, directory: Option<&Path>, clock: Clock) -> Result<DynamoDb, StartError> {
    let location = directory.map_or(dynamodb::Location::Memory, |directory| {
        dynamodb::Location::Directory(directory.to_owned())
    });
    let database = DynamoDb::open(&location, clock)?;
    for table in &template.tables {
        let sort = |key: &template::Key| key.sort.clone().unwrap_or_default();
        let indexes = table.indexes.iter().map(|index| dynamodb::IndexDefinition {
            name: index.name.clone(),
            partition: index.key.partition.clone(),
            sort: sort(&index.key),
        });
        database.ensure_table(&dynamodb::TableDefinition {
            name: table.name.clone(),
            partition: table.key.partition.clone(),
            sort: sort(&table.key),
            indexes: indexes.collect(),
            ttl_attribute: table.ttl_attribute.clone(),
            stream: table.stream.is_some(),
        })?;
    }
    Ok(database)
}

fn queue_directory(directory: Option<&Path>) -> Option<PathBuf> {
    directory.map(|directory| directory.join("queues"))
}

/// Opens the template's queues, by ARN: a dead-letter queue before those that send to it.
fn open_queues(
    template: &Template,
    directory: Option<&Path>,
    clock: &Arc<MovableClock>,
) -> Result<BTreeMap<String, Arc<Queue>>, StartError> {
    let directory = queue_directory(directory);
    let mut queues: BTreeMap<String, Arc<Queue>> = BTreeMap::new();
    let mut waiting: Vec<_> = template.queues.iter().collect();
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut later = Vec::new();
        for definition in waiting {
            let redrive = match &definition.redrive {
                None => None,
                Some(redrive) => match queues.get(&redrive.to) {
                    Some(dead_letters) => Some((redrive.max_receives, Arc::clone(dead_letters))),
                    None => {
                        later.push(definition);
                        continue;
                    }
                },
            };
            let queue = Queue::open(
                &definition.name,
                &definition.arn,
                redrive,
                directory.as_deref(),
                Arc::clone(clock),
            )?;
            queues.insert(definition.arn.clone(), queue);
        }
        if let (Some(stuck), true) = (later.first(), later.len() == before) {
            let problem = "its dead-letter queue is not in the template, or sends back to it".to_owned();
            return Err(StartError::Trigger {
                function: stuck.id.clone(),
                problem,
            });
        }
        waiting = later;
    }
    Ok(queues)
}

fn open_ses(
    template: &Template,
    directory: Option<&Path>,
    surroundings: &Surroundings,
    rules: &Arc<Rules>,
) -> io::Result<Arc<Ses>> {
    let settings = crate::ses::Settings {
        identities: template.mail_identities.clone(),
        configuration_sets: template.configuration_sets.clone(),
    };
    let rules = Arc::clone(rules);
    // SES publishes to the account's default bus.
    let publish = Arc::new(move |event: Value| {
        if let Err(error) = rules.publish("default", &event) {
            tracing::error!(%error, "an event of SES could not be delivered");
        }
    });
    Ok(Arc::new(Ses::open(
        directory,
        settings,
        surroundings.clock.clone(),
        publish,
    )?))
}

fn open_s3(
    template: &Template,
    directory: Option<&Path>,
    surroundings: &Surroundings,
    authority: &Arc<Authority>,
    lambda: &Arc<Lambda>,
) -> io::Result<Arc<S3>> {
    let buckets = template.buckets.iter().map(|bucket| Bucket {
        name: bucket.name.clone(),
        cors: bucket.cors.clone(),
    });
    let (triggers, lambda) = (template.object_triggers.clone(), Arc::clone(lambda));
    let s3 = S3::open(
        directory,
        buckets,
        surroundings.keys.clone(),
        Arc::clone(authority),
        surroundings.clock.clone(),
        Arc::new(move |event: Value| objects::announce(&triggers, &event, &lambda)),
    )?;
    Ok(Arc::new(s3))
}

fn open_stripe(
    address: SocketAddr,
    directory: Option<&Path>,
    surroundings: &Surroundings,
) -> Result<Arc<Stripe>, StartError> {
    let mut config = crate::stripe::Config::new(format!("http://{address}"), surroundings.clock.clone());
    config.data = directory.map(|directory| directory.join("stripe"));
    config.webhook_secrets = vec![secrets::WEBHOOK_SECRET.to_owned()];
    Ok(Stripe::new(config)?)
}

fn eventbridge(template: &Template, surroundings: &Surroundings, rules: &Arc<Rules>) -> Arc<EventBridge> {
    let rules = Arc::clone(rules);
    let buses = template.buses.iter().map(|bus| bus.name.clone());
    let deliver = Arc::new(
        move |bus: String, event: Value| -> BoxFuture<'static, io::Result<()>> {
            let delivered = rules.publish(&bus, &event);
            Box::pin(async move { delivered })
        },
    );
    Arc::new(EventBridge::new(buses, surroundings.clock.clone(), deliver))
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

/// What sets functions going besides requests.
struct Triggers<'a> {
    template: Template,
    queues: BTreeMap<String, Arc<Queue>>,
    lambda: Arc<Lambda>,
    clock: Arc<MovableClock>,
    database: &'a DynamoDb,
    directory: Option<&'a Path>,
}

impl Triggers<'_> {
    fn start(self, tasks: &mut JoinSet<()>, stop: &watch::Receiver<bool>) -> Result<(), StartError> {
        for id in self.lambda.ids() {
            tasks.spawn(Arc::clone(&self.lambda).run_later(id.to_owned(), stop.clone()));
        }
        for trigger in &self.template.queue_triggers {
            let queue = self.queue(&trigger.function, &trigger.queue)?;
            self.require(&trigger.function, &queues::READ_ACTIONS, &trigger.queue)?;
            tasks.spawn(queues::run(
                trigger.clone(),
                queue,
                Arc::clone(&self.lambda),
                stop.clone(),
            ));
        }
        for schedule in &self.template.schedules {
            let (clock, lambda) = (Arc::clone(&self.clock), Arc::clone(&self.lambda));
            tasks.spawn(schedules::run(schedule.clone(), clock, lambda, stop.clone()));
        }
        let written = announce_writes(self.database, tasks, stop.clone());
        for trigger in &self.template.stream_triggers {
            let mapping = self.stream(trigger)?;
            tasks.spawn(mapping.run(written.clone(), stop.clone()));
        }
        Ok(())
    }

    fn stream(&self, trigger: &StreamTrigger) -> Result<streams::Mapping, StartError> {
        let function = &trigger.function;
        self.require(function, &streams::READ_ACTIONS, &trigger.stream)?;
        let on_failure = match &trigger.on_failure {
            None => None,
            Some(queue) => {
                self.require(function, &["sqs:SendMessage"], queue)?;
                Some(self.queue(function, queue)?)
            }
        };
        let directory = self.directory.map(|directory| directory.join("streams"));
        streams::Mapping::open(
            trigger.clone(),
            self.database.database().clone(),
            Arc::clone(&self.lambda),
            Arc::clone(&self.clock),
            on_failure,
            directory.as_deref(),
        )
        .map_err(|error| StartError::Trigger {
            function: function.clone(),
            problem: error.to_string(),
        })
    }

    fn queue(&self, function: &str, arn: &str) -> Result<Arc<Queue>, StartError> {
        self.queues.get(arn).cloned().ok_or_else(|| StartError::Trigger {
            function: function.to_owned(),
            problem: format!("the queue {arn} is not in the template"),
        })
    }

    /// AWS makes no trigger for a function whose role does not allow what Lambda does in its name.
    fn require(&self, function: &str, actions: &[&str], resource: &str) -> Result<(), StartError> {
        match actions
            .iter()
            .find(|action| !self.lambda.may(function, action, resource))
        {
            None => Ok(()),
            Some(action) => Err(StartError::Trigger {
                function: function.to_owned(),
                problem: format!("its role does not allow {action} on {resource}"),
            }),
        }
    }
}

/// Tells every reader of the stream of each write.
fn announce_writes(
    database: &DynamoDb,
    tasks: &mut JoinSet<()>,
    mut stop: watch::Receiver<bool>,
) -> watch::Receiver<()> {
    let (announce, announced) = watch::channel(());
    let written = database.written();
    tasks.spawn(async move {
        loop {
            tokio::select! {
                () = written.notified() => announce.send_replace(()),
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    });
    announced
}
