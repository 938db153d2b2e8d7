//! What the stand-in remembers: objects in memory, each change first written to a journal.
//!
//! The journal is a file of JSON lines. A line is one change, whole: the objects of an operation, its events, and the
//! answer kept for its idempotency key. A process that is killed leaves at most one unfinished line, which was never
//! answered and is dropped by the next start; that start also writes the journal anew, without what was overwritten.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::API_VERSION;
use super::errors::Error;
use super::ids::Ids;

/// A kind of object. Its name is Stripe's, except for those after events, which are the stand-in's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Kind {
    #[serde(rename = "customer")]
    Customer,
    #[serde(rename = "checkout.session")]
    CheckoutSession,
    #[serde(rename = "payment_intent")]
    PaymentIntent,
    #[serde(rename = "charge")]
    Charge,
    #[serde(rename = "refund")]
    Refund,
    #[serde(rename = "dispute")]
    Dispute,
    #[serde(rename = "product")]
    Product,
    #[serde(rename = "price")]
    Price,
    #[serde(rename = "payment_method")]
    PaymentMethod,
    #[serde(rename = "subscription")]
    Subscription,
    #[serde(rename = "invoice")]
    Invoice,
    #[serde(rename = "invoice_payment")]
    InvoicePayment,
    #[serde(rename = "billing_portal.session")]
    PortalSession,
    #[serde(rename = "event")]
    Event,
    /// What a session sells, under the session's id.
    #[serde(rename = "basket")]
    Basket,
    /// A bank debit that is not settled yet, under its payment intent's id.
    #[serde(rename = "settlement")]
    Settlement,
    /// Whether the bank lets a saved card pay, under the card's id.
    #[serde(rename = "card")]
    Card,
    /// What a subscription's next invoice will also say, under the subscription's id.
    #[serde(rename = "pending_lines")]
    PendingLines,
    /// Which end of its trial a subscription's customer was told of, under the subscription's id.
    #[serde(rename = "told")]
    Told,
    /// Which invoice payment collects an invoice, under the invoice's id.
    #[serde(rename = "collection")]
    Collection,
    /// Whether an event was delivered, under the event's id.
    #[serde(rename = "delivery")]
    Delivery,
    /// The answer kept for an idempotency key, under the key.
    #[serde(rename = "answer")]
    Answer,
}

impl Kind {
    const ALL: [Self; 22] = [
        Self::Customer,
        Self::CheckoutSession,
        Self::PaymentIntent,
        Self::Charge,
        Self::Refund,
        Self::Dispute,
        Self::Product,
        Self::Price,
        Self::PaymentMethod,
        Self::Subscription,
        Self::Invoice,
        Self::InvoicePayment,
        Self::PortalSession,
        Self::Event,
        Self::Basket,
        Self::Settlement,
        Self::Card,
        Self::PendingLines,
        Self::Told,
        Self::Collection,
        Self::Delivery,
        Self::Answer,
    ];

    /// The kind of the object that an id names, by its prefix.
    pub(super) fn of_id(id: &str) -> Option<Self> {
        match id.split_once('_')?.0 {
            "cus" => Some(Self::Customer),
            "cs" => Some(Self::CheckoutSession),
            "pi" => Some(Self::PaymentIntent),
            "ch" => Some(Self::Charge),
            "re" => Some(Self::Refund),
            "du" => Some(Self::Dispute),
            "prod" => Some(Self::Product),
            "price" => Some(Self::Price),
            "pm" => Some(Self::PaymentMethod),
            "sub" => Some(Self::Subscription),
            "in" => Some(Self::Invoice),
            "inpay" => Some(Self::InvoicePayment),
            "evt" => Some(Self::Event),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Serialize::serialize(self, f)
    }
}

/// One object as it is from now on, or that it is gone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Write(Kind, String, Option<Value>);

/// Objects of one kind, in the order in which they were created.
#[derive(Default)]
struct Collection {
    positions: HashMap<String, u64>,
    objects: BTreeMap<u64, (String, Value)>,
    next: u64,
}

impl Collection {
    fn get(&self, id: &str) -> Option<&Value> {
        self.positions
            .get(id)
            .and_then(|position| self.objects.get(position))
            .map(|(_, value)| value)
    }

    fn apply(&mut self, id: String, value: Option<Value>) {
        match value {
            Some(value) => {
                let position = *self.positions.entry(id.clone()).or_insert_with(|| {
                    self.next += 1;
                    self.next
                });
                self.objects.insert(position, (id, value));
            }
            None => {
                if let Some(position) = self.positions.remove(&id) {
                    self.objects.remove(&position);
                }
            }
        }
    }
}

/// All objects, and the journal if they outlive the process.
#[derive(Default)]
pub(super) struct Store {
    collections: HashMap<Kind, Collection>,
    journal: Option<Journal>,
}

impl Store {
    /// Reads what an earlier process left in `directory`; without one, a store that ends with the process.
    pub(super) fn open(directory: Option<&Path>) -> io::Result<Self> {
        let mut store = Self::default();
        if let Some(directory) = directory {
            fs::create_dir_all(directory)?;
            let path = directory.join("stripe.jsonl");
            for change in Journal::read(&path)? {
                store.apply(change);
            }
            store.journal = Some(Journal::rewrite(path, &store.all())?);
        }
        Ok(store)
    }

    /// Everything, as it is.
    pub(super) fn all(&self) -> Vec<Write> {
        Kind::ALL
            .into_iter()
            .flat_map(|kind| {
                self.oldest_first(kind)
                    .map(move |(id, value)| Write(kind, id.clone(), Some(value.clone())))
            })
            .collect()
    }

    /// Makes everything as it was.
    pub(super) fn restore(&mut self, then: &[Write]) -> io::Result<()> {
        let known: HashSet<_> = then.iter().map(|Write(kind, id, _)| (*kind, id)).collect();
        let new = self
            .all()
            .into_iter()
            .filter(|Write(kind, id, _)| !known.contains(&(*kind, id)));
        let gone = new.map(|Write(kind, id, _)| Write(kind, id, None));
        self.commit(gone.chain(then.iter().cloned()).collect())
    }

    fn apply(&mut self, change: Vec<Write>) {
        for Write(kind, id, value) in change {
            self.collections.entry(kind).or_default().apply(id, value);
        }
    }

    /// Makes a change: in the journal first, then in memory.
    pub(super) fn commit(&mut self, change: Vec<Write>) -> io::Result<()> {
        if change.is_empty() {
            return Ok(());
        }
        if let Some(journal) = &mut self.journal {
            journal.append(&change)?;
        }
        self.apply(change);
        Ok(())
    }

    /// The object with this id.
    pub(super) fn get(&self, kind: Kind, id: &str) -> Option<&Value> {
        self.collections.get(&kind)?.get(id)
    }

    /// All objects of a kind with their ids, in order of creation.
    pub(super) fn oldest_first(&self, kind: Kind) -> impl DoubleEndedIterator<Item = (&String, &Value)> {
        self.collections
            .get(&kind)
            .into_iter()
            .flat_map(|all| all.objects.values().map(|(id, value)| (id, value)))
    }
}

/// The file of changes.
struct Journal {
    file: File,
    length: u64,
}

impl Journal {
    /// The finished changes in the file at `path`; none if there is no such file.
    fn read(path: &Path) -> io::Result<Vec<Vec<Write>>> {
        let mut reader = match File::open(path) {
            Ok(file) => BufReader::new(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut changes = Vec::new();
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            if line.last() != Some(&b'\n') {
                tracing::warn!(file = %path.display(), "the last change was not finished, and is dropped");
                break;
            }
            changes.push(serde_json::from_slice(&line).map_err(|error| {
                let message = format!("{}, line {}: {error}", path.display(), changes.len() + 1);
                io::Error::new(io::ErrorKind::InvalidData, message)
            })?);
            line.clear();
        }
        Ok(changes)
    }

    /// Replaces the file by one that holds `writes`, at once.
    fn rewrite(path: PathBuf, writes: &[Write]) -> io::Result<Self> {
        let new = path.with_extension("jsonl.new");
        let mut file = File::create(&new)?;
        let mut length = 0;
        for write in writes {
            let line = line(std::slice::from_ref(write))?;
            file.write_all(&line)?;
            length += line.len() as u64;
        }
        file.sync_all()?;
        fs::rename(new, path)?;
        Ok(Self { file, length })
    }

    /// Adds one change. What the kernel has taken survives the end of the process. A line that could not be written
    /// whole is cut off again, so that the next one does not run into it.
    fn append(&mut self, change: &[Write]) -> io::Result<()> {
        let line = line(change)?;
        if let Err(error) = self.file.write_all(&line) {
            self.file.set_len(self.length)?;
            io::Seek::seek(&mut self.file, io::SeekFrom::Start(self.length))?;
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }
}

fn line(change: &[Write]) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(change)?;
    line.push(b'\n');
    Ok(line)
}

/// Who asked for a change: the request and its idempotency key, as events name them.
#[derive(Clone, Debug, Default)]
pub(super) struct Origin {
    pub(super) request_id: Option<String>,
    pub(super) idempotency_key: Option<String>,
}

/// One operation on the store: it sees its own changes, and they are made all together or not at all.
pub(super) struct Transaction<'a> {
    store: &'a Store,
    ids: &'a Ids,
    origin: &'a Origin,
    writes: Vec<Write>,
    events: Vec<String>,
    /// Where the pages are served.
    pub(super) base_url: &'a str,
    /// The platform's time, in seconds since 1970.
    pub(super) now: i64,
    /// Whether the events of this operation are sent by themselves.
    pub(super) deliver: bool,
    /// How long a bank debit takes, in seconds.
    pub(super) settlement: i64,
    /// Whether refunds are pending at first.
    pub(super) refunds_take_time: bool,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(
        store: &'a Store,
        ids: &'a Ids,
        origin: &'a Origin,
        base_url: &'a str,
        now: i64,
    ) -> Self {
        Self {
            store,
            ids,
            origin,
            writes: Vec::new(),
            events: Vec::new(),
            base_url,
            now,
            deliver: true,
            settlement: 0,
            refunds_take_time: false,
        }
    }

    /// A new id.
    pub(super) fn id(&self, prefix: &str, length: usize) -> String {
        self.ids.next(prefix, length)
    }

    /// The object with this id, as this operation has left it.
    pub(super) fn get(&self, kind: Kind, id: &str) -> Option<Value> {
        let own = self
            .writes
            .iter()
            .rev()
            .find(|write| write.0 == kind && write.1 == id);
        own.map_or_else(|| self.store.get(kind, id).cloned(), |write| write.2.clone())
    }

    /// As [`Transaction::get`], or Stripe's error that names the parameter (`id` for one in the path).
    pub(super) fn require(&self, kind: Kind, id: &str, param: &str) -> Result<Value, Error> {
        self.get(kind, id)
            .ok_or_else(|| Error::missing(&kind.to_string(), id, param))
    }

    /// All objects of a kind as they were before this operation, newest first.
    pub(super) fn newest_first(&self, kind: Kind) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.store.oldest_first(kind).rev().map(|(_, value)| value)
    }

    /// All objects of a kind as they were before this operation, oldest first.
    pub(super) fn oldest_first(&self, kind: Kind) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.store.oldest_first(kind).map(|(_, value)| value)
    }

    /// Stores an object under its `id`.
    pub(super) fn put(&mut self, kind: Kind, object: &Value) {
        let id = object["id"].as_str().unwrap_or_default().to_owned();
        self.writes.push(Write(kind, id, Some(object.clone())));
    }

    /// Stores an object that was `before`, and tells what changed; nothing is told if nothing did.
    pub(super) fn put_change(&mut self, kind: Kind, event_type: &str, before: &Value, after: &Value) {
        let fields = before.as_object().into_iter().flatten();
        let previous: Map<String, Value> = fields
            .filter(|(field, value)| after[field.as_str()] != **value)
            .map(|(field, value)| (field.clone(), value.clone()))
            .collect();
        if !previous.is_empty() {
            self.put(kind, after);
            self.emit_change(event_type, after, Some(previous.into()));
        }
    }

    /// Removes an object.
    pub(super) fn remove(&mut self, kind: Kind, id: &str) {
        self.writes.push(Write(kind, id.to_owned(), None));
    }

    /// Records that something happened to `object`, which is the event's data as it is now.
    pub(super) fn emit(&mut self, event_type: &str, object: &Value) {
        self.emit_change(event_type, object, None);
    }

    /// As [`Transaction::emit`], for an `*.updated` event: with the values that were there before.
    pub(super) fn emit_change(&mut self, event_type: &str, object: &Value, previous: Option<Value>) {
        let id = self.id("evt_3", 23);
        let mut data = json!({ "object": object });
        if let Some(previous) = previous {
            data["previous_attributes"] = previous;
        }
        let event = json!({
            "id": id,
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "data": data,
            "livemode": false,
            "pending_webhooks": 1,
            "request": { "id": self.origin.request_id, "idempotency_key": self.origin.idempotency_key },
            "type": event_type,
        });
        let state = if self.deliver { "pending" } else { "suppressed" };
        self.put(Kind::Event, &event);
        self.put(Kind::Delivery, &json!({ "id": id, "state": state }));
        self.events.push(id);
    }

    /// Forgets every change of this operation.
    pub(super) fn discard(&mut self) {
        self.writes.clear();
        self.events.clear();
    }

    /// The changes, and the events that are to be delivered.
    pub(super) fn finish(self) -> (Vec<Write>, Vec<String>) {
        let events = if self.deliver { self.events } else { Vec::new() };
        (self.writes, events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(id: &str, value: u64) -> Vec<Write> {
        vec![Write(
            Kind::Customer,
            id.into(),
            Some(json!({ "id": id, "value": value })),
        )]
    }

    fn ids(store: &Store) -> Vec<String> {
        store
            .oldest_first(Kind::Customer)
            .map(|(id, _)| id.clone())
            .collect()
    }

    #[test]
    fn what_was_committed_is_found_by_the_next_process_in_the_same_order() {
        let directory = tempfile::tempdir().unwrap();
        for round in 0..3 {
            let mut store = Store::open(Some(directory.path())).unwrap();
            store.commit(put(&format!("z{}", 9 - round), round)).unwrap();
            store.commit(put("first", round)).unwrap();
        }
        let store = Store::open(Some(directory.path())).unwrap();
        assert_eq!(ids(&store), ["z9", "first", "z8", "z7"]);
        assert_eq!(store.get(Kind::Customer, "first").unwrap()["value"], 2);
    }

    #[test]
    fn what_was_is_again_and_what_came_since_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        let mut store = Store::open(Some(directory.path())).unwrap();
        store.commit(put("a", 1)).unwrap();
        store.commit(put("b", 1)).unwrap();
        let then = store.all();
        store.commit(put("a", 2)).unwrap();
        store.commit(put("c", 2)).unwrap();
        store
            .commit(vec![Write(Kind::Customer, "b".into(), None)])
            .unwrap();
        store.restore(&then).unwrap();
        drop(store);
        let store = Store::open(Some(directory.path())).unwrap();
        assert_eq!(ids(&store), ["a", "b"]);
        assert_eq!(store.get(Kind::Customer, "a").unwrap()["value"], 1);
    }

    #[test]
    fn a_line_that_was_not_finished_is_dropped_and_the_rest_kept() {
        let directory = tempfile::tempdir().unwrap();
        let mut store = Store::open(Some(directory.path())).unwrap();
        store.commit(put("a", 1)).unwrap();
        store.commit(put("b", 2)).unwrap();
        drop(store);
        let path = directory.path().join("stripe.jsonl");
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 5]).unwrap();

        let mut store = Store::open(Some(directory.path())).unwrap();
        assert_eq!(ids(&store), ["a"]);
        store.commit(put("c", 3)).unwrap();
        drop(store);
        assert_eq!(ids(&Store::open(Some(directory.path())).unwrap()), ["a", "c"]);
    }

    #[test]
    fn a_journal_that_was_damaged_is_not_read_over() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("stripe.jsonl"), "[]\nno change\n[]\n").unwrap();
        let error = Store::open(Some(directory.path())).err().unwrap();
        assert!(error.to_string().contains("line 2"), "{error}");
    }

    #[test]
    fn an_operation_sees_its_own_changes_and_discards_them_whole() {
        let mut store = Store::default();
        store.commit(put("a", 1)).unwrap();
        let (ids, origin) = (Ids::new().unwrap(), Origin::default());
        let mut tx = Transaction::new(&store, &ids, &origin, "", 0);
        tx.put(Kind::Customer, &json!({ "id": "a", "value": 2 }));
        assert_eq!(tx.get(Kind::Customer, "a").unwrap()["value"], 2);
        tx.remove(Kind::Customer, "a");
        assert!(tx.get(Kind::Customer, "a").is_none());
        tx.emit("customer.deleted", &json!({}));
        tx.discard();
        assert_eq!(tx.get(Kind::Customer, "a").unwrap()["value"], 1);
        let (writes, events) = tx.finish();
        assert!(writes.is_empty() && events.is_empty());
    }
}
