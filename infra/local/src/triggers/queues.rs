//! SQS queues, and the event source mappings that hand their messages to functions.
//!
//! A message stays in its queue until it is handled; in a data directory each one is a file, so that none is lost
//! when the process is killed. One that failed comes back after a short while (on AWS: after the queue's visibility
//! timeout), and moves to the dead-letter queue when it was received as often as the redrive policy allows. Messages
//! do not age: what lies in a dead-letter queue stays there.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};

use super::failed_items;
use crate::clock::MovableClock;
use crate::lambda::Lambda;
use crate::pattern::Pattern;
use crate::template::{QueueTrigger, REGION};
use crate::wire::aws::uuid;

/// How soon a message that failed once is tried again; each further time doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// Its body.
    pub body: String,
    /// When it was sent.
    pub sent: Timestamp,
    /// How often it was received.
    pub receives: u32,
    /// When it was received first.
    pub first_received: Option<Timestamp>,
    /// Why it failed last.
    pub error: Option<String>,
}

/// A queue.
#[derive(Debug)]
pub struct Queue {
    name: String,
    arn: String,
    redrive: Option<(u32, Arc<Queue>)>,
    directory: Option<PathBuf>,
    clock: Arc<MovableClock>,
    state: Mutex<State>,
    arrived: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    messages: BTreeMap<String, Message>,
    /// The ids of those that can be received now.
    ready: VecDeque<String>,
}

impl Queue {
    /// A queue that keeps its messages in a directory of its own under `directory`, or in memory. `redrive` says how
    /// often a message is received before it moves, and to which queue.
    ///
    /// # Errors
    /// The directory cannot be made or read.
    pub fn open(
        name: &str,
        arn: &str,
        redrive: Option<(u32, Arc<Queue>)>,
        directory: Option<&Path>,
        clock: Arc<MovableClock>,
    ) -> io::Result<Arc<Self>> {
        let directory = directory.map(|directory| directory.join(name));
        let state = directory
            .as_deref()
            .map_or_else(|| Ok(State::default()), State::load)?;
        Ok(Arc::new(Self {
            name: name.to_owned(),
            arn: arn.to_owned(),
            redrive,
            directory,
            clock,
            state: Mutex::new(state),
            arrived: watch::Sender::new(()),
        }))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// Puts a message into the queue and gives its id. When this returns, the message outlives the process.
    ///
    /// # Errors
    /// The message cannot be written.
    pub fn send(&self, body: String) -> io::Result<String> {
        let message = Message {
            id: uuid(),
            body,
            sent: self.clock.now(),
            receives: 0,
            first_received: None,
            error: None,
        };
        let id = message.id.clone();
        self.take_in(message)?;
        Ok(id)
    }

    fn take_in(&self, message: Message) -> io::Result<()> {
        self.write(&message)?;
        {
            let mut state = self.lock();
            state.ready.push_back(message.id.clone());
            state.messages.insert(message.id.clone(), message);
        }
        self.arrived.send_replace(());
        Ok(())
    }

    /// Up to `max` messages, which no one else receives until they fail.
    pub fn receive(&self, max: usize) -> Vec<Message> {
        let now = self.clock.now();
        let mut state = self.lock();
        let mut received = Vec::new();
        while received.len() < max {
            let Some(id) = state.ready.pop_front() else { break };
            let Some(message) = state.messages.get_mut(&id) else {
                continue;
            };
            message.receives += 1;
            message.first_received.get_or_insert(now);
            received.push(message.clone());
        }
        received
    }

    /// Ends a message that was handled.
    pub fn delete(&self, id: &str) {
        if self.lock().messages.remove(id).is_some()
            && let Some(file) = self.file(id)
            && let Err(error) = std::fs::remove_file(&file)
        {
            tracing::error!(%error, queue = self.name, "a message that was handled could not be removed");
        }
    }

    /// Gives back a message that was not handled: to be received again after a pause, or to the dead-letter queue.
    pub fn fail(self: &Arc<Self>, id: &str, error: &str) {
        let Some(message) = self.note_failure(id, error) else {
            return;
        };
        match &self.redrive {
            Some((max_receives, dead_letters)) if message.receives >= *max_receives => {
                match dead_letters.take_in(message) {
                    Ok(()) => self.delete(id),
                    Err(error) => tracing::error!(%error, queue = self.name, "a message could not be moved"),
                }
            }
            _ => self.make_ready_after(pause(message.receives), message.id),
        }
    }

    fn note_failure(&self, id: &str, error: &str) -> Option<Message> {
        let mut state = self.lock();
        let message = state.messages.get_mut(id)?;
        message.error = Some(error.to_owned());
        // The number of receives is kept as well, so that a message cannot be tried for ever by restarts.
        if let Err(error) = self.write(message) {
            tracing::error!(%error, queue = self.name, "a failed message could not be written down");
        }
        Some(message.clone())
    }

    fn make_ready_after(self: &Arc<Self>, pause: Duration, id: String) {
        let queue = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            queue.lock().ready.push_back(id);
            queue.arrived.send_replace(());
        });
    }

    /// Whether it has no message, not even one that is being handled.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().messages.is_empty()
    }

    /// All messages, the oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        let mut messages: Vec<Message> = self.lock().messages.values().cloned().collect();
        messages.sort_by_key(|message| message.sent);
        messages
    }

    /// A reader of the queue, until `shutdown`.
    #[must_use]
    pub fn arrivals(self: &Arc<Self>, shutdown: watch::Receiver<bool>) -> Arrivals {
        Arrivals {
            arrived: self.arrived.subscribe(),
            queue: Arc::clone(self),
            shutdown,
        }
    }

    fn file(&self, id: &str) -> Option<PathBuf> {
        self.directory
            .as_ref()
            .map(|directory| directory.join(format!("{id}.json")))
    }

    fn write(&self, message: &Message) -> io::Result<()> {
        match self.file(&message.id) {
            Some(file) => replace_file(&file, &serde_json::to_vec(message)?),
            None => Ok(()),
        }
    }

    /// The messages stay usable if a thread panicked while it held them.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes a file whole or not at all.
pub(crate) fn replace_file(file: &Path, content: &[u8]) -> io::Result<()> {
    let draft = file.with_extension("tmp");
    std::fs::write(&draft, content)?;
    std::fs::rename(&draft, file)
}

impl State {
    fn load(directory: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(directory)?;
        let mut messages = Vec::new();
        for entry in std::fs::read_dir(directory)? {
            let path = entry?.path();
            // A draft is a message whose sender was never told that it was sent.
            if path.extension().is_some_and(|extension| extension == "json") {
                messages.push(serde_json::from_slice::<Message>(&std::fs::read(path)?)?);
            }
        }
        messages.sort_by_key(|message| message.sent);
        Ok(Self {
            ready: messages.iter().map(|message| message.id.clone()).collect(),
            messages: messages
                .into_iter()
                .map(|message| (message.id.clone(), message))
                .collect(),
        })
    }
}

fn pause(receives: u32) -> Duration {
    FIRST_PAUSE
        .saturating_mul(1 << receives.saturating_sub(1).min(16))
        .min(LONGEST_PAUSE)
}

/// Reads a queue, waiting where it is empty.
pub struct Arrivals {
    queue: Arc<Queue>,
    arrived: watch::Receiver<()>,
    shutdown: watch::Receiver<bool>,
}

impl Arrivals {
    /// The next messages, at least one and at most `max`; none when the system stops.
    pub async fn next(&mut self, max: usize) -> Option<Vec<Message>> {
        loop {
            if *self.shutdown.borrow() {
                return None;
            }
            self.arrived.mark_unchanged();
            let messages = self.queue.receive(max);
            if !messages.is_empty() {
                return Some(messages);
            }
            tokio::select! {
                _ = self.arrived.changed() => {}
                _ = self.shutdown.wait_for(|stop| *stop) => return None,
            }
        }
    }
}

/// What Lambda must be allowed to do with a queue in a function's name.
pub(crate) const READ_ACTIONS: [&str; 3] = [
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
];

/// Hands a queue's messages to a function until `shutdown`.
pub(crate) async fn run(
    trigger: QueueTrigger,
    queue: Arc<Queue>,
    lambda: Arc<Lambda>,
    shutdown: watch::Receiver<bool>,
) {
    let trigger = Arc::new(trigger);
    let free = Arc::new(Semaphore::new(trigger.concurrency));
    let mut arrivals = queue.arrivals(shutdown);
    while let Ok(permit) = Arc::clone(&free).acquire_owned().await {
        let Some(messages) = arrivals.next(trigger.batch_size).await else {
            return;
        };
        let (trigger, queue, lambda) = (Arc::clone(&trigger), Arc::clone(&queue), Arc::clone(&lambda));
        tokio::spawn(async move {
            hand_over(&trigger, &queue, &lambda, messages).await;
            drop(permit);
        });
    }
}

async fn hand_over(trigger: &QueueTrigger, queue: &Arc<Queue>, lambda: &Lambda, messages: Vec<Message>) {
    let (wanted, others): (Vec<_>, Vec<_>) = messages
        .into_iter()
        .partition(|message| wants(&trigger.filters, message));
    for message in others {
        queue.delete(&message.id);
    }
    if wanted.is_empty() {
        return;
    }
    let records: Vec<Value> = wanted
        .iter()
        .map(|message| record(message, queue.arn()))
        .collect();
    let event = json!({ "Records": records });
    let outcome = lambda
        .invoke(&trigger.function, event, &trigger.function)
        .await
        .outcome;
    let ids: Vec<&str> = wanted.iter().map(|message| message.id.as_str()).collect();
    let failed = match &outcome {
        Ok(answer) if trigger.partial => failed_items(answer, &ids),
        Ok(_) => Vec::new(),
        Err(_) => ids.clone(),
    };
    let reason = outcome.err().map_or_else(
        || "the function named it as failed".to_owned(),
        |error| error.to_string(),
    );
    for id in ids {
        if failed.contains(&id) {
            queue.fail(id, &reason);
        } else {
            queue.delete(id);
        }
    }
}

/// Whether a filter takes the message; a body that is JSON is matched as such.
fn wants(filters: &[Pattern], message: &Message) -> bool {
    if filters.is_empty() {
        return true;
    }
    let body = serde_json::from_str(&message.body).unwrap_or_else(|_| Value::String(message.body.clone()));
    let event = json!({ "messageId": message.id, "body": body });
    filters.iter().any(|filter| filter.matches(&event))
}

/// A message as Lambda hands it over (<https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>).
fn record(message: &Message, queue_arn: &str) -> Value {
    let first = message.first_received.unwrap_or(message.sent);
    json!({
        "messageId": message.id,
        "receiptHandle": format!("{}#{}", message.id, message.receives),
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": message.receives.to_string(),
            "SentTimestamp": message.sent.as_millisecond().to_string(),
            "SenderId": "AIDALOCAL",
            "ApproximateFirstReceiveTimestamp": first.as_millisecond().to_string(),
        },
        "messageAttributes": {},
        "md5OfBody": hex::encode(Md5::digest(&message.body)),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> Arc<MovableClock> {
        Arc::new(MovableClock::open(None).unwrap())
    }

    fn queue(name: &str, redrive: Option<(u32, Arc<Queue>)>, directory: Option<&Path>) -> Arc<Queue> {
        Queue::open(
            name,
            &format!("arn:aws:sqs:us-east-1:000000000000:{name}"),
            redrive,
            directory,
            clock(),
        )
        .unwrap()
    }

    #[test]
    fn a_message_is_received_by_one_reader_and_gone_when_deleted() {
        let queue = queue("q", None, None);
        let id = queue.send("hello".into()).unwrap();
        let received = queue.receive(10);
        assert_eq!((received[0].id.as_str(), received[0].receives), (id.as_str(), 1));
        assert!(queue.receive(10).is_empty());
        queue.delete(&id);
        assert!(queue.messages().is_empty());
    }

    #[tokio::test]
    async fn a_message_that_fails_too_often_moves_to_the_dead_letters_with_its_error() {
        let dead = queue("dead", None, None);
        let queue = queue("q", Some((2, Arc::clone(&dead))), None);
        queue.send("poison".into()).unwrap();
        let (_keep, shutdown) = watch::channel(false);
        let mut arrivals = queue.arrivals(shutdown);
        for attempt in 1..=2 {
            let messages = arrivals.next(10).await.unwrap();
            assert_eq!(messages[0].receives, attempt);
            queue.fail(&messages[0].id, "no luck");
        }
        assert!(queue.messages().is_empty());
        assert_eq!(dead.messages()[0].body, "poison");
        assert_eq!(dead.messages()[0].error.as_deref(), Some("no luck"));
    }

    #[tokio::test]
    async fn messages_in_a_directory_outlive_the_process() {
        let directory = tempfile::tempdir().unwrap();
        let first = queue("q", None, Some(directory.path()));
        first.send("waiting".into()).unwrap();
        let handled = first.send("handled".into()).unwrap();
        first.receive(10);
        first.delete(&handled);
        std::fs::write(directory.path().join("q/half.tmp"), "{\"id\":").unwrap();
        drop(first);
        let again = queue("q", None, Some(directory.path()));
        let bodies: Vec<String> = again
            .receive(10)
            .into_iter()
            .map(|message| message.body)
            .collect();
        assert_eq!(bodies, ["waiting"]);
    }

    #[tokio::test]
    async fn a_reader_is_told_of_the_end() {
        let (stop, shutdown) = watch::channel(false);
        let mut arrivals = queue("q", None, None).arrivals(shutdown);
        stop.send_replace(true);
        assert!(arrivals.next(1).await.is_none());
    }

    #[test]
    fn a_record_has_the_form_that_lambda_gives_it() {
        let message = Message {
            id: "1".into(),
            body: "Test message.".into(),
            sent: Timestamp::from_millisecond(1_545_082_649_183).unwrap(),
            receives: 1,
            first_received: Some(Timestamp::from_millisecond(1_545_082_649_185).unwrap()),
            error: None,
        };
        let record = record(&message, "arn:aws:sqs:us-east-2:123456789012:my-queue");
        assert_eq!(record["md5OfBody"], "e4e68fb7bd0e697a0ae8f1bb342846b3");
        assert_eq!(record["attributes"]["ApproximateReceiveCount"], "1");
        assert_eq!(record["attributes"]["SentTimestamp"], "1545082649183");
    }
}
