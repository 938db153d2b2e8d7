//! The services of a system: functions, tables, queues, rules, and the stand-ins.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::Value;

use super::foundation::Foundation;
use super::{Addresses, StartError};
use crate::dynamodb::{self, DynamoDb};
use crate::eventbridge::EventBridge;
use crate::functions::Entry;
use crate::google::Google;
use crate::lambda::{Deployed, Lambda};
use crate::rentcast::Rentcast;
use crate::s3::{Bucket, S3};
use crate::secrets;
use crate::ses::{self, Ses};
use crate::stripe::{self, Stripe};
use crate::template::{self, FunctionDefinition, QueueDefinition, Template};
use crate::textract::{self, Tesseract, Textract};
use crate::triggers::objects;
use crate::triggers::queues::Queue;
use crate::triggers::rules::Rules;
use crate::triggers::topics::Topics;
use crate::wire::Principal;

/// The bus that every account has. SES publishes there.
const DEFAULT_BUS: &str = "default";

/// All services.
pub(super) struct Services {
    pub(super) database: DynamoDb,
    /// The template's queues, by ARN.
    pub(super) queues: BTreeMap<String, Arc<Queue>>,
    /// The queues that no function reads.
    pub(super) dead_letters: Vec<Arc<Queue>>,
    pub(super) lambda: Arc<Lambda>,
    pub(super) ses: Arc<Ses>,
    pub(super) s3: Arc<S3>,
    pub(super) eventbridge: Arc<EventBridge>,
    pub(super) textract: Arc<Textract>,
    pub(super) google: Arc<Google>,
    pub(super) rentcast: Arc<Rentcast>,
    /// None if the real one is used.
    pub(super) stripe: Option<Arc<Stripe>>,
}

impl Services {
    /// Opens all services, with what an earlier process left in `directory`.
    pub(super) fn open(
        template: &Template,
        entries: &[Entry],
        foundation: &Foundation,
        addresses: &Addresses,
        directory: Option<&Path>,
    ) -> Result<Self, StartError> {
        let opening = Opening {
            template,
            foundation,
            directory,
        };
        let queues = opening.queues()?;
        let given_up = opening.queue("asynchronous-invocations-given-up", "", None)?;
        let lambda = Arc::new(Lambda::new(
            opening.functions(entries, &given_up)?,
            Arc::clone(&foundation.authority),
            Arc::clone(&foundation.faults),
            Arc::clone(&foundation.ledger),
            Arc::clone(&foundation.clock),
        ));
        let rules = Arc::new(Rules::new(
            template.rules.clone(),
            queues.clone(),
            Arc::clone(&lambda),
        ));
        let topics = Arc::new(Topics::new(
            template.topics.clone(),
            template.subscriptions.clone(),
            queues.clone(),
            Arc::clone(&lambda),
            Arc::clone(&foundation.clock),
        ));
        let s3 = opening.s3(&lambda)?;
        Ok(Self {
            database: opening.tables()?,
            dead_letters: opening.unread(&queues).chain([given_up]).collect(),
            ses: opening.ses(&rules)?,
            textract: opening.textract(&s3, &topics)?,
            s3,
            eventbridge: opening.eventbridge(&rules),
            google: Google::new(foundation.clock())?,
            rentcast: Rentcast::new(foundation.clock()),
            stripe: addresses
                .stripe
                .map(|address| opening.stripe(address))
                .transpose()?,
            queues,
            lambda,
        })
    }
}

struct Opening<'a> {
    template: &'a Template,
    foundation: &'a Foundation,
    directory: Option<&'a Path>,
}

impl Opening<'_> {
    fn within_directory(&self, name: &str) -> Option<PathBuf> {
        self.directory.map(|directory| directory.join(name))
    }

    fn queue(&self, name: &str, arn: &str, redrive: Option<(u32, Arc<Queue>)>) -> io::Result<Arc<Queue>> {
        let directory = self.within_directory("queues");
        Queue::open(
            name,
            arn,
            redrive,
            directory.as_deref(),
            Arc::clone(&self.foundation.clock),
        )
    }

    /// The template's queues, by ARN.
    fn queues(&self) -> Result<BTreeMap<String, Arc<Queue>>, StartError> {
        let mut open = BTreeMap::new();
        let mut waiting: Vec<&QueueDefinition> = self.template.queues.iter().collect();
        // A dead-letter queue comes before those that send to it.
        while let Some(next) = waiting.iter().position(|queue| sends_to_open(queue, &open)) {
            let QueueDefinition {
                name, arn, redrive, ..
            } = waiting.remove(next);
            let to = redrive
                .as_ref()
                .and_then(|redrive| Some((redrive.max_receives, open.get(&redrive.to).cloned()?)));
            open.insert(arn.clone(), self.queue(name, arn, to)?);
        }
        match waiting.first() {
            None => Ok(open),
            Some(stuck) => Err(StartError::DeadLetters(stuck.id.clone())),
        }
    }

    /// The queues that no function reads.
    fn unread(&self, queues: &BTreeMap<String, Arc<Queue>>) -> impl Iterator<Item = Arc<Queue>> {
        let read: BTreeSet<&str> = self
            .template
            .queue_triggers
            .iter()
            .map(|trigger| trigger.queue.as_str())
            .collect();
        queues
            .values()
            .filter(move |queue| !read.contains(queue.arn()))
            .cloned()
    }

    /// The template's functions, each with an access key of its own.
    fn functions(
        &self,
        entries: &[Entry],
        given_up: &Arc<Queue>,
    ) -> Result<BTreeMap<String, Deployed>, StartError> {
        let functions = &self.template.functions;
        if let Some(entry) = entries.iter().find(|entry| !functions.contains_key(entry.id)) {
            return Err(StartError::NotInTemplate(entry.id));
        }
        let deploy = |(id, definition): (&String, &FunctionDefinition)| {
            let entry = entries.iter().find(|entry| entry.id == id);
            let entry = entry.ok_or_else(|| StartError::NoSuchFunction(id.clone()))?;
            Ok((id.clone(), self.function(entry, definition, given_up)?))
        };
        functions.iter().map(deploy).collect()
    }

    fn function(
        &self,
        entry: &Entry,
        definition: &FunctionDefinition,
        given_up: &Arc<Queue>,
    ) -> Result<Deployed, StartError> {
        let id = &definition.id;
        let runtime = self.foundation.runtime(
            Principal::Function(id.clone()),
            &format!("LOCAL{id}"),
            &secrets::random()?,
            variables(definition),
        );
        let function = entry.build(&runtime).map_err(|source| StartError::Function {
            function: id.clone(),
            source,
        })?;
        let redrive = (definition.retries + 1, Arc::clone(given_up));
        Ok(Deployed {
            definition: definition.clone(),
            environment: runtime.environment,
            function,
            later: self.queue(&format!("asynchronous-invocations-{id}"), "", Some(redrive))?,
        })
    }

    fn tables(&self) -> Result<DynamoDb, StartError> {
        let location = self.directory.map_or(dynamodb::Location::Memory, |directory| {
            dynamodb::Location::Directory(directory.to_owned())
        });
        let database = DynamoDb::open(&location, self.foundation.clock())?;
        for table in &self.template.tables {
            database.ensure_table(&table_definition(table))?;
        }
        Ok(database)
    }

    fn ses(&self, rules: &Arc<Rules>) -> io::Result<Arc<Ses>> {
        let settings = ses::Settings {
            identities: self.template.mail_identities.clone(),
            configuration_sets: self.template.configuration_sets.clone(),
        };
        let rules = Arc::clone(rules);
        let publish = Arc::new(move |event: Value| {
            if let Err(error) = rules.publish(DEFAULT_BUS, &event) {
                tracing::error!(%error, "an event of SES could not be delivered");
            }
        });
        Ses::open(self.directory, settings, self.foundation.clock(), publish).map(Arc::new)
    }

    fn s3(&self, lambda: &Arc<Lambda>) -> io::Result<Arc<S3>> {
        let buckets = self.template.buckets.iter();
        let (triggers, lambda) = (self.template.object_triggers.clone(), Arc::clone(lambda));
        S3::open(
            self.directory,
            buckets.map(|bucket| Bucket {
                name: bucket.name.clone(),
                cors: bucket.cors.clone(),
            }),
            self.foundation.keys.clone(),
            Arc::clone(&self.foundation.authority),
            self.foundation.clock(),
            Arc::new(move |event: Value| objects::announce(&triggers, &event, &lambda)),
        )
        .map(Arc::new)
    }

    fn eventbridge(&self, rules: &Arc<Rules>) -> Arc<EventBridge> {
        let rules = Arc::clone(rules);
        let buses = self.template.buses.iter().map(|bus| bus.name.clone());
        let deliver = Arc::new(
            move |bus: String, event: Value| -> BoxFuture<'static, io::Result<()>> {
                let delivered = rules.publish(&bus, &event);
                Box::pin(async move { delivered })
            },
        );
        Arc::new(EventBridge::new(buses, self.foundation.clock(), deliver))
    }

    fn textract(&self, s3: &Arc<S3>, topics: &Arc<Topics>) -> io::Result<Arc<Textract>> {
        let settings = textract::Settings {
            topics: self
                .template
                .topics
                .iter()
                .map(|topic| topic.arn.clone())
                .collect(),
            roles: self.template.roles.clone(),
            tesseract: Tesseract::find(),
        };
        let topics = Arc::clone(topics);
        Textract::open(
            self.directory,
            settings,
            self.foundation.clock(),
            Arc::clone(s3),
            Arc::clone(&self.foundation.authority),
            Arc::new(move |topic: &str, message: &str| topics.publish(topic, message)),
        )
        .map(Arc::new)
    }

    fn stripe(&self, address: SocketAddr) -> Result<Arc<Stripe>, StartError> {
        let mut config = stripe::Config::new(format!("http://{address}"), self.foundation.clock());
        config.data = self.within_directory("stripe");
        config.webhook_secrets = vec![secrets::WEBHOOK_SECRET.to_owned()];
        Ok(Stripe::new(config)?)
    }
}

/// A function's variables: its own, and its name, which Lambda gives it. For the local Stripe each function has a key of its
/// own, so that it is known who calls.
fn variables(definition: &FunctionDefinition) -> BTreeMap<String, String> {
    let mut variables = definition.environment.clone();
    for key in variables
        .values_mut()
        .filter(|value| *value == secrets::STRIPE_KEY)
    {
        *key = format!("{}_{}", secrets::STRIPE_KEY, definition.id);
    }
    variables.insert("AWS_LAMBDA_FUNCTION_NAME".to_owned(), definition.id.clone());
    variables
}

fn sends_to_open(queue: &QueueDefinition, open: &BTreeMap<String, Arc<Queue>>) -> bool {
    queue
        .redrive
        .as_ref()
        .is_none_or(|redrive| open.contains_key(&redrive.to))
}

fn table_definition(table: &template::TableDefinition) -> dynamodb::TableDefinition {
    let sort = |key: &template::Key| key.sort.clone().unwrap_or_default();
    let index = |index: &template::IndexDefinition| dynamodb::IndexDefinition {
        name: index.name.clone(),
        partition: index.key.partition.clone(),
        sort: sort(&index.key),
    };
    dynamodb::TableDefinition {
        name: table.name.clone(),
        partition: table.key.partition.clone(),
        sort: sort(&table.key),
        indexes: table.indexes.iter().map(index).collect(),
        ttl_attribute: table.ttl_attribute.clone(),
        stream: table.stream.is_some(),
    }
}
