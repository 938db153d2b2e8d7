//! DynamoDB and its streams: the embedded database `dynoxide`, in memory or in a file, behind DynamoDB's own wire
//! protocol.
//!
//! The database carries out one request at a time, so transactions never conflict with each other; one whose condition
//! no longer holds is cancelled as on AWS. In a file, SQLite's write-ahead log is on disk before a request is answered.

mod capacity;
mod expiry;
mod operations;
mod rights;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use dynoxide::{Database, DynoxideError};
use http::StatusCode;
use runtime::Clock;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::wire::aws::{self, Protocol, internal_error};
use crate::wire::{Access, Refusal, Request, Response, StandIn};

/// The largest request body, in bytes
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>).
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// The database's file, in its directory.
const FILE: &str = "dynamodb.sqlite";

/// Where the tables are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// In memory, until the process ends.
    Memory,
    /// In a file in this directory, which is made if it does not exist.
    Directory(PathBuf),
}

/// A table as `template.yaml` describes it. All keys are strings, every index projects all attributes, and billing is
/// on demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDefinition {
    /// The table's name.
    pub name: String,
    /// The attribute that is the partition key.
    pub partition: String,
    /// The attribute that is the sort key.
    pub sort: String,
    /// The global secondary indexes.
    pub indexes: Vec<IndexDefinition>,
    /// The attribute that holds an item's time to live, in seconds since 1970, if items expire.
    pub ttl_attribute: Option<String>,
    /// Whether there is a stream of new images.
    pub stream: bool,
}

/// A global secondary index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexDefinition {
    /// The index's name.
    pub name: String,
    /// The attribute that is its partition key.
    pub partition: String,
    /// The attribute that is its sort key.
    pub sort: String,
}

/// The database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The directory cannot be made.
    #[error("the directory for the tables cannot be made: {0}")]
    Directory(#[from] std::io::Error),
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] DynoxideError),
    /// A table of this name exists, but was made from another definition.
    #[error("the table {0} was made from another definition: remove the data directory to make it anew")]
    Changed(String),
}

/// The stand-in; cheap to clone.
#[derive(Clone)]
pub struct DynamoDb {
    database: Database,
    clock: Clock,
    written: Arc<Notify>,
}

impl DynamoDb {
    /// Opens the database; items expire by `clock`.
    ///
    /// # Errors
    /// [`TableError`] if the directory or the file in it cannot be used.
    pub fn open(location: &Location, clock: Clock) -> Result<Self, TableError> {
        let database = match location {
            Location::Memory => Database::memory()?,
            Location::Directory(directory) => {
                std::fs::create_dir_all(directory)?;
                Database::new(&directory.join(FILE).to_string_lossy())?
            }
        };
        Ok(Self {
            database,
            clock,
            written: Arc::default(),
        })
    }

    /// The database itself. What is written past the wire is not announced by [`DynamoDb::written`].
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Notified after each successful write, so that a stream's reader need not ask again and again. A write that
    /// happens while nobody waits is remembered for the next who does.
    #[must_use]
    pub fn written(&self) -> Arc<Notify> {
        Arc::clone(&self.written)
    }

    /// Creates the table unless it exists.
    ///
    /// # Errors
    /// [`TableError`] if the table exists with other keys or other indexes, or the database fails.
    pub fn ensure_table(&self, definition: &TableDefinition) -> Result<(), TableError> {
        let name = &definition.name;
        match operations::run(&self.database, "DescribeTable", &json!({ "TableName": name })) {
            Ok(existing) if is_made_from(&existing["Table"], definition) => return Ok(()),
            Ok(_) => return Err(TableError::Changed(name.clone())),
            Err(DynoxideError::ResourceNotFoundException(_)) => {}
            Err(error) => return Err(error.into()),
        }
        operations::run(&self.database, "CreateTable", &create_table(definition))?;
        if let Some(attribute) = &definition.ttl_attribute {
            let specification = json!({ "Enabled": true, "AttributeName": attribute });
            let request = json!({ "TableName": name, "TimeToLiveSpecification": specification });
            operations::run(&self.database, "UpdateTimeToLive", &request)?;
        }
        Ok(())
    }

    /// Carries out an operation without holding up the other tasks of this thread.
    async fn run(&self, operation: &str, body: Value) -> Result<Value, DynoxideError> {
        let (database, name) = (self.database.clone(), operation.to_owned());
        let done = tokio::task::spawn_blocking(move || operations::run(&database, &name, &body))
            .await
            .unwrap_or_else(|error| Err(DynoxideError::InternalServerError(error.to_string())));
        if done.is_ok() && operations::writes(operation) {
            self.written.notify_waiters();
            self.written.notify_one();
        }
        done
    }
}

fn keys(partition: &str, sort: &str) -> Value {
    json!([
        { "AttributeName": partition, "KeyType": "HASH" },
        { "AttributeName": sort, "KeyType": "RANGE" },
    ])
}

/// The request that creates a table.
fn create_table(definition: &TableDefinition) -> Value {
    let TableDefinition {
        name,
        partition,
        sort,
        indexes,
        stream,
        ..
    } = definition;
    let mut attributes = vec![partition, sort];
    attributes.extend(indexes.iter().flat_map(|index| [&index.partition, &index.sort]));
    attributes.sort();
    attributes.dedup();
    let attributes: Vec<Value> = attributes
        .into_iter()
        .map(|attribute| json!({ "AttributeName": attribute, "AttributeType": "S" }))
        .collect();
    let mut request = json!({
        "TableName": name,
        "KeySchema": keys(partition, sort),
        "AttributeDefinitions": attributes,
        "BillingMode": "PAY_PER_REQUEST",
    });
    if !indexes.is_empty() {
        let index = |index: &IndexDefinition| {
            json!({
                "IndexName": index.name,
                "KeySchema": keys(&index.partition, &index.sort),
                "Projection": { "ProjectionType": "ALL" },
            })
        };
        request["GlobalSecondaryIndexes"] = indexes.iter().map(index).collect();
    }
    if *stream {
        request["StreamSpecification"] = json!({ "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" });
    }
    request
}

/// Whether an existing table has the keys and indexes of the definition.
fn is_made_from(existing: &Value, definition: &TableDefinition) -> bool {
    let empty = Vec::new();
    let mut indexes: Vec<(Value, Value)> = existing["GlobalSecondaryIndexes"]
        .as_array()
        .unwrap_or(&empty)
        .iter()
        .map(|index| (index["IndexName"].clone(), index["KeySchema"].clone()))
        .collect();
    let mut defined: Vec<(Value, Value)> = definition
        .indexes
        .iter()
        .map(|index| (json!(index.name), keys(&index.partition, &index.sort)))
        .collect();
    indexes.sort_by_key(|(name, _)| name.to_string());
    defined.sort_by_key(|(name, _)| name.to_string());
    existing["KeySchema"] == keys(&definition.partition, &definition.sort)
        && indexes == defined
        && existing["StreamSpecification"]["StreamEnabled"]
            .as_bool()
            .unwrap_or(false)
            == definition.stream
}

#[async_trait]
impl StandIn for DynamoDb {
    fn service(&self) -> &'static str {
        "dynamodb"
    }

    fn body_limit(&self) -> usize {
        BODY_LIMIT
    }

    fn needs(&self, request: &Request) -> Vec<Access> {
        // What cannot be read asks for nothing, and is refused by `answer`.
        match (aws::target(request), serde_json::from_slice(&request.body)) {
            (Some(operation), Ok(body)) => rights::needed(operation, &body),
            _ => Vec::new(),
        }
    }

    async fn answer(&self, request: Request) -> Response {
        let operation = aws::target(&request).unwrap_or_default();
        if !operations::is_known(operation) {
            return Protocol::Json10.error(
                StatusCode::BAD_REQUEST,
                "com.amazon.coral.service#UnknownOperationException",
                "",
            );
        }
        let Ok(mut body) = serde_json::from_slice::<Value>(&request.body) else {
            return error(&DynoxideError::SerializationException(String::new()));
        };
        let asked = capacity::ask(operation, &mut body);
        match self.run(operation, body).await {
            Ok(mut answer) => {
                let cost = capacity::consumed(operation, &answer);
                if !asked {
                    capacity::hide(&mut answer);
                }
                let mut response = Protocol::Json10.answer(&answer);
                response.extensions_mut().insert(cost);
                response
            }
            Err(refused) => {
                let mut response = error(&refused);
                response
                    .extensions_mut()
                    .insert(capacity::consumed_by_refusal(&refused));
                response
            }
        }
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        Protocol::Json10.refusal(refusal)
    }
}

fn error(error: &DynoxideError) -> Response {
    let Ok(status) = StatusCode::from_u16(error.status_code()) else {
        return internal_error();
    };
    if status.is_server_error() {
        tracing::error!(%error, "the database failed");
    }
    Protocol::Json10.response(status, None, error.to_json())
}

#[cfg(test)]
mod tests;
