//! All that the table holds at one moment: to prove what was written, and what was not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Every item of the table, by its key.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    items: BTreeMap<(String, String), Value>,
}

impl Snapshot {
    /// Of these items.
    #[must_use]
    pub fn of_items(items: Vec<Value>) -> Self {
        let key = |item: &Value, name: &str| item[name].as_str().expect("every item has a key").to_owned();
        let items = items
            .into_iter()
            .map(|item| ((key(&item, "PK"), key(&item, "SK")), item));
        Self {
            items: items.collect(),
        }
    }

    /// The items of an entity, in the order of their keys.
    #[must_use]
    pub fn of<'a>(&'a self, entity: &str) -> Vec<&'a Value> {
        self.items
            .values()
            .filter(|item| item["entity"] == entity)
            .collect()
    }

    /// The domain events that tell of facts of this name.
    #[must_use]
    pub fn facts(&self, name: &str) -> Vec<&Value> {
        let mut facts = self.of("Event");
        facts.retain(|event| event["type"] == name);
        facts
    }

    /// All items, in the order of their keys.
    pub fn items(&self) -> impl Iterator<Item = &Value> {
        self.items.values()
    }

    /// The items of one partition alone.
    #[must_use]
    pub fn of_partition(mut self, partition: &str) -> Self {
        self.items.retain(|(key, _), _| key == partition);
        self
    }

    /// The item at this key.
    #[must_use]
    pub fn item(&self, partition: &str, sort: &str) -> Option<&Value> {
        self.items.get(&(partition.to_owned(), sort.to_owned()))
    }

    /// The same without the items of some entities: those that count attempts, for one.
    #[must_use]
    pub fn without(mut self, entities: &[&str]) -> Self {
        self.items
            .retain(|_, item| !entities.iter().any(|entity| item["entity"] == **entity));
        self
    }

    /// Holds the table to be as it was in `before`. Mails that were on their way then may have been sent meanwhile: what
    /// makes another go out is seen by its event.
    ///
    /// # Panics
    /// If anything was written; the message shows what.
    #[track_caller]
    pub fn is_unchanged_since(&self, before: &Self) {
        let keys: BTreeSet<_> = before.items.keys().chain(self.items.keys()).collect();
        let changed: Vec<_> = keys
            .into_iter()
            .map(|key| (key, before.items.get(key), self.items.get(key)))
            .filter(|(_, before, after)| before != after)
            .filter(|(_, _, after)| after.is_none_or(|item| item["entity"] != "Mail"))
            .collect();
        assert!(changed.is_empty(), "written: {changed:#?}");
    }

    /// Whether any item holds this text anywhere.
    #[must_use]
    pub fn mentions(&self, text: &str) -> bool {
        self.items.values().any(|item| item.to_string().contains(text))
    }
}
