//! What a template says, in the terms that the local system works with.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use http::Method;

use crate::iam::Statement;
use crate::pattern::Pattern;
use crate::s3::CorsRule;
use crate::triggers::schedules::Timing;

/// A whole template.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// The functions, by logical id.
    pub functions: BTreeMap<String, FunctionDefinition>,
    /// The HTTP API.
    pub api: HttpApi,
    /// What reads a table's stream.
    pub stream_triggers: Vec<StreamTrigger>,
    /// What reads a queue.
    pub queue_triggers: Vec<QueueTrigger>,
    /// What runs at given times.
    pub schedules: Vec<Schedule>,
    /// What is set going by an event on a bus.
    pub rules: Vec<Rule>,
    /// What is set going by a new object in a bucket.
    pub object_triggers: Vec<ObjectTrigger>,
    /// The topics.
    pub topics: Vec<TopicDefinition>,
    /// Who hears what is published to a topic.
    pub subscriptions: Vec<Subscription>,
    /// The roles that services take on, those of functions among them.
    pub roles: Vec<RoleDefinition>,
    /// The queues.
    pub queues: Vec<QueueDefinition>,
    /// The tables.
    pub tables: Vec<TableDefinition>,
    /// The buckets.
    pub buckets: Vec<BucketDefinition>,
    /// The custom event buses.
    pub buses: Vec<BusDefinition>,
    /// The identities that mail may be sent from: domains and addresses.
    pub mail_identities: Vec<String>,
    /// SES's configuration sets, by name, each with the types of events that it publishes on the default bus.
    pub configuration_sets: BTreeMap<String, BTreeSet<String>>,
}

/// A function.
#[derive(Clone, Debug)]
pub struct FunctionDefinition {
    /// Its logical id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its environment variables.
    pub environment: BTreeMap<String, String>,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// Its memory, in megabytes.
    pub memory: u32,
    /// The name of the log group that Lambda writes to in the function's name.
    pub log_group: String,
    /// How often an asynchronous invocation that failed is repeated.
    pub retries: u32,
    /// What its role allows.
    pub statements: Vec<Statement>,
    /// Whether SAM makes the role, and adds to it what the Lambda service itself needs (logs, streams, queues).
    pub generated_role: bool,
}

/// The HTTP API.
#[derive(Clone, Debug, Default)]
pub struct HttpApi {
    /// Its routes.
    pub routes: Vec<Route>,
    /// How it answers to pages of other origins; without this it does not.
    pub cors: Option<Cors>,
}

/// A route of the HTTP API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method; none stands for any.
    pub method: Option<Method>,
    /// The path with its `{parameters}`; none for `$default`.
    pub path: Option<String>,
    /// The function that answers, by logical id.
    pub function: String,
}

/// The route's key, as API Gateway writes it: `GET /api/purchases`, `ANY /x/{proxy+}`, `$default`.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.path, &self.method) {
            (None, _) => f.write_str("$default"),
            (Some(path), Some(method)) => write!(f, "{method} {path}"),
            (Some(path), None) => write!(f, "ANY {path}"),
        }
    }
}

/// `CorsConfiguration`; `*` in a list stands for everything.
#[derive(Clone, Debug, Default)]
pub struct Cors {
    /// Origins whose pages may call.
    pub allow_origins: Vec<String>,
    /// Methods they may use.
    pub allow_methods: Vec<String>,
    /// Headers they may send.
    pub allow_headers: Vec<String>,
    /// Headers they may read.
    pub expose_headers: Vec<String>,
    /// Whether they may send credentials.
    pub allow_credentials: bool,
    /// How long a browser may keep the answer, in seconds.
    pub max_age: Option<u32>,
}

/// A stream's event source mapping.
#[derive(Clone, Debug)]
pub struct StreamTrigger {
    /// The function, by logical id.
    pub function: String,
    /// The ARN of the stream.
    pub stream: String,
    /// The name of the stream's table.
    pub table: String,
    /// A record must match one of these; without any, every record matches.
    pub filters: Vec<Pattern>,
    /// The most records in one event.
    pub batch_size: usize,
    /// How often a failed batch is repeated; none means until its records leave the stream.
    pub retries: Option<u32>,
    /// Whether a failed batch is split in two.
    pub bisect: bool,
    /// Whether the function names the records that failed.
    pub partial: bool,
    /// Whether reading starts with the oldest record, not with the next one.
    pub from_start: bool,
    /// The ARN of the queue that hears about batches given up.
    pub on_failure: Option<String>,
}

/// A queue's event source mapping.
#[derive(Clone, Debug)]
pub struct QueueTrigger {
    /// The function, by logical id.
    pub function: String,
    /// The queue's ARN.
    pub queue: String,
    /// A message must match one of these, or is deleted; without any, every message matches.
    pub filters: Vec<Pattern>,
    /// The most messages in one event.
    pub batch_size: usize,
    /// Whether the function names the messages that failed.
    pub partial: bool,
    /// The most invocations at once.
    pub concurrency: usize,
}

/// A schedule.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Its name, unique in the template.
    pub id: String,
    /// The function, by logical id.
    pub function: String,
    /// When it runs.
    pub timing: Timing,
    /// The event to send instead of the usual one.
    pub input: Option<serde_json::Value>,
}

/// A rule on an event bus.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name, unique in the template.
    pub id: String,
    /// The bus, by name.
    pub bus: String,
    /// The events it takes.
    pub pattern: Pattern,
    /// Where it sends them.
    pub targets: Vec<RuleTarget>,
}

/// Where a rule sends an event.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleTarget {
    /// To whom.
    pub to: Target,
    /// What is sent instead of the event.
    pub input: Option<serde_json::Value>,
}

/// Who can be sent an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A queue, by ARN.
    Queue(String),
    /// A function, by logical id.
    Function(String),
}

/// A bucket's notification.
#[derive(Clone, Debug)]
pub struct ObjectTrigger {
    /// The function, by logical id.
    pub function: String,
    /// The bucket's name.
    pub bucket: String,
    /// The kinds of events, such as `s3:ObjectCreated:*`.
    pub events: Vec<String>,
    /// How the key must begin.
    pub prefix: String,
    /// How the key must end.
    pub suffix: String,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicDefinition {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
}

/// A topic's subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The topic's ARN.
    pub topic: String,
    /// Who hears it.
    pub to: Target,
    /// Whether a queue gets the message alone, without SNS's envelope.
    pub raw: bool,
}

/// A role.
#[derive(Clone, Debug)]
pub struct RoleDefinition {
    /// Its ARN.
    pub arn: String,
    /// The services that may take it on, such as `textract.amazonaws.com`.
    pub trusts: Vec<String>,
    /// What it allows.
    pub statements: Vec<Statement>,
}

/// A queue.
#[derive(Clone, Debug)]
pub struct QueueDefinition {
    /// Its logical id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// How often a message is received before it moves to the dead-letter queue.
    pub redrive: Option<Redrive>,
}

/// `RedrivePolicy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    /// How often a message is received at most.
    pub max_receives: u32,
    /// The dead-letter queue's ARN.
    pub to: String,
}

/// A table.
#[derive(Clone, Debug)]
pub struct TableDefinition {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its key.
    pub key: Key,
    /// Its global secondary indexes.
    pub indexes: Vec<IndexDefinition>,
    /// The attribute that says when an item may go.
    pub ttl_attribute: Option<String>,
    /// What its stream shows of an item, if it has a stream.
    pub stream: Option<String>,
}

/// The attributes of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The partition key.
    pub partition: String,
    /// The sort key.
    pub sort: Option<String>,
}

/// A global secondary index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexDefinition {
    /// Its name.
    pub name: String,
    /// Its key.
    pub key: Key,
}

/// A bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketDefinition {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Which pages of other origins may use it.
    pub cors: Vec<CorsRule>,
}

/// A custom event bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusDefinition {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
}
