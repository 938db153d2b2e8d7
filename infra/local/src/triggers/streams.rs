//! The table's stream, and the event source mappings that hand its records to functions
//! (<https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html>).
//!
//! Records are handed over in order. How far a mapping has come is kept in the data directory after each batch, so
//! that a process that is killed goes on where it was; a batch that was under way is then done again.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dynoxide::Database;
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::failed_items;
use super::queues::{Queue, replace_file};
use crate::clock::MovableClock;
use crate::lambda::Lambda;
use crate::template::{REGION, StreamTrigger};

/// How long to wait for the notice of a write. Items that expire come without one.
const IDLE: Duration = Duration::from_millis(500);
/// How soon a batch that failed once is tried again; each further time doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What Lambda must be allowed to do with a stream in a function's name.
pub(crate) const READ_ACTIONS: [&str; 4] = [
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
];

/// A record of the stream.
#[derive(Clone, Debug, PartialEq)]
struct Record {
    sequence_number: String,
    /// As Lambda hands it over.
    event: Value,
}

/// Records that are handed over together.
#[derive(Clone, Debug, PartialEq)]
struct Batch {
    records: Vec<Record>,
    /// How often it was tried.
    attempts: u32,
}

/// One mapping.
pub(crate) struct Mapping {
    trigger: StreamTrigger,
    database: Database,
    lambda: Arc<Lambda>,
    clock: Arc<MovableClock>,
    /// Who hears about batches given up.
    on_failure: Option<Arc<Queue>>,
    position: Position,
}

/// The sequence number of the last record that is done with; none before the first.
struct Position {
    last: Arc<Mutex<Option<String>>>,
    file: Option<PathBuf>,
}

impl Position {
    fn open(directory: Option<&Path>, trigger: &StreamTrigger) -> io::Result<Self> {
        let Some(directory) = directory else {
            return Ok(Self {
                last: Arc::default(),
                file: None,
            });
        };
        std::fs::create_dir_all(directory)?;
        let file = directory.join(format!("{}-{}.position", trigger.function, trigger.table));
        let last = match std::fs::read_to_string(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            text => Some(text?),
        };
        Ok(Self {
            last: Arc::new(Mutex::new(last)),
            file: Some(file),
        })
    }

    fn advance(&mut self, to: &str) -> io::Result<()> {
        if let Some(file) = &self.file {
            replace_file(file, to.as_bytes())?;
        }
        *lock(&self.last) = Some(to.to_owned());
        Ok(())
    }
}

/// The position stays usable if a thread panicked while it held it.
fn lock(last: &Mutex<Option<String>>) -> MutexGuard<'_, Option<String>> {
    last.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How far a mapping has come.
pub(crate) struct Progress {
    database: Database,
    stream: String,
    last: Arc<Mutex<Option<String>>>,
}

impl Progress {
    /// The last record that is done with.
    pub(crate) fn position(&self) -> Option<String> {
        lock(&self.last).clone()
    }

    /// Whether no record comes after this one.
    pub(crate) fn is_end(&self, position: Option<String>) -> bool {
        read(&self.database, &self.stream, position, 1).is_ok_and(|rest| rest.is_empty())
    }
}

/// Why a mapping stops reading for a while.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StreamError {
    #[error("the stream could not be read: {0}")]
    Stream(#[from] dynoxide::DynoxideError),
    #[error("the position could not be kept: {0}")]
    Position(#[from] io::Error),
    #[error("a task ended early: {0}")]
    Task(#[from] tokio::task::JoinError),
}

impl Mapping {
    /// A mapping that goes on where it was, by what lies in `directory`. Without a position, it begins where the
    /// template says.
    pub(crate) fn open(
        trigger: StreamTrigger,
        database: Database,
        lambda: Arc<Lambda>,
        clock: Arc<MovableClock>,
        on_failure: Option<Arc<Queue>>,
        directory: Option<&Path>,
    ) -> Result<Self, StreamError> {
        let position = Position::open(directory, &trigger)?;
        let is_new = lock(&position.last).is_none();
        if is_new && !trigger.from_start {
            let request = DescribeStreamRequest {
                stream_arn: trigger.stream.clone(),
                ..Default::default()
            };
            let shards = database.describe_stream(request)?.stream_description.shards;
            *lock(&position.last) = shards
                .into_iter()
                .find_map(|shard| shard.sequence_number_range.ending_sequence_number);
        }
        Ok(Self {
            trigger,
            database,
            lambda,
            clock,
            on_failure,
            position,
        })
    }

    /// How far it has come, at any time from now on.
    pub(crate) fn progress(&self) -> Progress {
        Progress {
            database: self.database.clone(),
            stream: self.trigger.stream.clone(),
            last: Arc::clone(&self.position.last),
        }
    }

    /// Hands over records until `shutdown`; `written` announces writes.
    pub(crate) async fn run(mut self, mut written: watch::Receiver<()>, mut shutdown: watch::Receiver<bool>) {
        while !*shutdown.borrow() {
            written.mark_unchanged();
            let more = match self.step(&mut shutdown).await {
                Ok(more) => more,
                Err(error) => {
                    tracing::error!(%error, function = self.trigger.function, "the stream is tried again");
                    false
                }
            };
            if !more {
                tokio::select! {
                    _ = tokio::time::timeout(IDLE, written.changed()) => {}
                    _ = shutdown.wait_for(|stop| *stop) => return,
                }
            }
        }
    }

    /// Reads and hands over one batch; whether there was one.
    async fn step(&mut self, shutdown: &mut watch::Receiver<bool>) -> Result<bool, StreamError> {
        let records = self.read().await?;
        let Some(last) = records.last().map(|record| record.sequence_number.clone()) else {
            return Ok(false);
        };
        let wanted = records.into_iter().filter(|record| self.wants(record)).collect();
        if self.hand_over(wanted, shutdown).await? {
            self.position.advance(&last)?;
        }
        Ok(true)
    }

    /// The next records. The database is asked on a thread that may wait.
    async fn read(&self) -> Result<Vec<Record>, StreamError> {
        let database = self.database.clone();
        let (stream, after, limit) = (
            self.trigger.stream.clone(),
            lock(&self.position.last).clone(),
            self.trigger.batch_size,
        );
        tokio::task::spawn_blocking(move || read(&database, &stream, after, limit)).await?
    }

    fn wants(&self, record: &Record) -> bool {
        let filters = &self.trigger.filters;
        filters.is_empty() || filters.iter().any(|filter| filter.matches(&record.event))
    }

    /// Hands records to the function until each is done with; false if the system stops before that.
    async fn hand_over(
        &mut self,
        records: Vec<Record>,
        shutdown: &mut watch::Receiver<bool>,
    ) -> Result<bool, StreamError> {
        let mut work = VecDeque::from([Batch { records, attempts: 0 }]);
        while let Some(mut batch) = work.pop_front() {
            let (Some(last), false) = (batch.records.last(), *shutdown.borrow()) else {
                return Ok(batch.records.is_empty());
            };
            let last = last.sequence_number.clone();
            let Err(failure) = self.invoke(&batch).await else {
                self.position.advance(&last)?;
                continue;
            };
            if failure.first > 0 {
                let done = batch.records.drain(..failure.first).next_back();
                if let Some(done) = done {
                    self.position.advance(&done.sequence_number)?;
                }
                work.push_front(Batch {
                    attempts: batch.attempts + 1,
                    ..batch
                });
            } else if self.trigger.bisect && batch.records.len() > 1 {
                // Splitting does not use up the tries.
                let second = batch.records.split_off(batch.records.len().div_ceil(2));
                work.push_front(Batch {
                    records: second,
                    attempts: batch.attempts,
                });
                work.push_front(batch);
            } else if self
                .trigger
                .retries
                .is_some_and(|retries| batch.attempts >= retries)
            {
                self.give_up(&batch, &failure)?;
                self.position.advance(&last)?;
            } else {
                let pause = FIRST_PAUSE
                    .saturating_mul(1 << batch.attempts.min(16))
                    .min(LONGEST_PAUSE);
                let _ = tokio::time::timeout(pause, shutdown.wait_for(|stop| *stop)).await;
                work.push_front(Batch {
                    attempts: batch.attempts + 1,
                    ..batch
                });
            }
        }
        Ok(true)
    }

    async fn invoke(&self, batch: &Batch) -> Result<(), Failure> {
        let records: Vec<&Value> = batch.records.iter().map(|record| &record.event).collect();
        let function = &self.trigger.function;
        let invocation = self
            .lambda
            .invoke(function, json!({ "Records": records }), function)
            .await;
        let failed = |first, error: Option<String>| {
            Err(Failure {
                first,
                request_id: invocation.request_id.clone(),
                error,
            })
        };
        match invocation.outcome {
            Err(error) => failed(0, Some(error.to_string())),
            Ok(_) if !self.trigger.partial => Ok(()),
            Ok(answer) => {
                let numbers: Vec<&str> = batch
                    .records
                    .iter()
                    .map(|record| record.sequence_number.as_str())
                    .collect();
                let named = failed_items(&answer, &numbers);
                match numbers.iter().position(|number| named.contains(number)) {
                    Some(first) => failed(first, None),
                    None => Ok(()),
                }
            }
        }
    }

    /// Tells the failure destination of a batch that is given up.
    fn give_up(&self, batch: &Batch, failure: &Failure) -> io::Result<()> {
        let function = &self.trigger.function;
        tracing::error!(
            function,
            records = batch.records.len(),
            "records of the stream are given up"
        );
        let Some(queue) = &self.on_failure else {
            return Ok(());
        };
        queue
            .send(self.failure_document(batch, failure).to_string())
            .map(drop)
    }

    /// What AWS writes of a batch given up: where its records are, not what is in them
    /// (<https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>).
    fn failure_document(&self, batch: &Batch, failure: &Failure) -> Value {
        let end = |record: Option<&Record>| {
            let record = record.map(|record| (&record.sequence_number, &record.event["dynamodb"]));
            let (number, details) = record.unzip();
            let created = details.and_then(|details| details["ApproximateCreationDateTime"].as_f64());
            let created = created.and_then(|seconds| jiff::Timestamp::from_second(seconds as i64).ok());
            (json!(number), json!(created))
        };
        let (start_number, start_time) = end(batch.records.first());
        let (end_number, end_time) = end(batch.records.last());
        let arn = self
            .lambda
            .function(&self.trigger.function)
            .map(|deployed| deployed.definition.arn.as_str());
        json!({
            "requestContext": {
                "requestId": failure.request_id,
                "functionArn": arn,
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": batch.attempts + 1,
            },
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                "functionError": failure.error.as_ref().map(|_| "Unhandled"),
            },
            "version": "1.0",
            "timestamp": self.clock.now().to_string(),
            "DDBStreamBatchInfo": {
                "shardId": shard_id(&self.trigger.table),
                "startSequenceNumber": start_number,
                "endSequenceNumber": end_number,
                "approximateArrivalOfFirstRecord": start_time,
                "approximateArrivalOfLastRecord": end_time,
                "batchSize": batch.records.len(),
                "streamArn": self.trigger.stream,
            },
        })
    }
}

/// A batch that failed, whole or in part.
struct Failure {
    /// The place of the first record that failed.
    first: usize,
    request_id: String,
    /// How the invocation failed; none if the function named the records.
    error: Option<String>,
}

/// The one shard of a table's stream, as the database names it.
fn shard_id(table: &str) -> String {
    dynoxide::streams::shard_id(table)
}

fn read(
    database: &Database,
    stream: &str,
    after: Option<String>,
    limit: usize,
) -> Result<Vec<Record>, StreamError> {
    let table = stream.split('/').nth(1).unwrap_or_default();
    let iterator = database.get_shard_iterator(GetShardIteratorRequest {
        stream_arn: stream.to_owned(),
        shard_id: shard_id(table),
        shard_iterator_type: if after.is_some() {
            "AFTER_SEQUENCE_NUMBER"
        } else {
            "TRIM_HORIZON"
        }
        .into(),
        sequence_number: after,
    })?;
    let request = GetRecordsRequest {
        shard_iterator: iterator.shard_iterator.unwrap_or_default(),
        limit: Some(limit),
    };
    let records = database.get_records(request)?.records;
    Ok(records
        .into_iter()
        .filter_map(|record| lambda_record(&record, stream))
        .collect())
}

/// A record as Lambda hands it over (<https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>).
fn lambda_record(record: &dynoxide::actions::get_records::Record, stream: &str) -> Option<Record> {
    let mut event = serde_json::to_value(record).ok()?;
    event["awsRegion"] = json!(REGION);
    event["eventSourceARN"] = json!(stream);
    Some(Record {
        sequence_number: record.dynamodb.sequence_number.clone(),
        event,
    })
}
