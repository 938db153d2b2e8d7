//! The table as it was before: to try what could have come instead.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, PutRequest, WriteRequest};

use crate::{Snapshot, System};

type Item = HashMap<String, AttributeValue>;

/// What is told to the rest of the system, and what comes of it. It is under way by itself, and is not brought back.
const UNDER_WAY: [&str; 2] = ["Event", "Mail"];
/// How many writes one call takes.
const WRITES_AT_MOST: usize = 25;

/// The table at one moment.
#[derive(Clone, Debug)]
pub struct Moment {
    items: Vec<Item>,
}

impl Moment {
    /// What the table held then.
    ///
    /// # Panics
    /// If an item is no JSON.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of_items(serde_dynamo::from_items(self.items.clone()).expect("items are JSON"))
    }
}

impl System {
    /// This moment.
    ///
    /// # Panics
    /// If the table cannot be read.
    pub async fn moment(&self) -> Moment {
        let (client, name) = self.dynamodb();
        let scan = client.scan().table_name(name).consistent_read(true);
        let items = scan.into_paginator().items().send();
        let items = items
            .collect::<Result<Vec<_>, _>>()
            .await
            .expect("a scan of the table");
        Moment { items }
    }

    /// Brings the table back to a moment, without what has been told since.
    ///
    /// # Panics
    /// If it cannot be written.
    pub async fn rewind(&self, moment: &Moment) {
        let now = self.moment().await;
        self.rewind_from(&now, moment).await;
    }

    /// The same, where it is known what the table holds `now`.
    ///
    /// # Panics
    /// If it cannot be written.
    pub async fn rewind_from(&self, now: &Moment, moment: &Moment) {
        let kept: Vec<&Item> = moment.items.iter().filter(|item| !is_under_way(item)).collect();
        let surplus = now
            .items
            .iter()
            .filter(|item| !kept.iter().any(|kept| is_same(item, kept)));
        let changed = kept.iter().filter(|item| !now.items.contains(item));
        let writes: Vec<_> = surplus.map(delete).chain(changed.map(|item| put(item))).collect();
        let (client, name) = self.dynamodb();
        for writes in writes.chunks(WRITES_AT_MOST) {
            write(&client, &name, writes.to_vec()).await;
        }
    }
}

fn delete(item: &Item) -> WriteRequest {
    let request = DeleteRequest::builder()
        .key("PK", item["PK"].clone())
        .key("SK", item["SK"].clone());
    let request = request.build().expect("a key");
    WriteRequest::builder().delete_request(request).build()
}

fn put(item: &Item) -> WriteRequest {
    let request = PutRequest::builder().set_item(Some(item.clone())).build();
    WriteRequest::builder()
        .put_request(request.expect("an item"))
        .build()
}

async fn write(client: &Client, name: &str, writes: Vec<WriteRequest>) {
    let written = client.batch_write_item().request_items(name, writes).send().await;
    let left = written.expect("the table takes it").unprocessed_items;
    assert!(
        left.is_none_or(|left| left.is_empty()),
        "the table takes all of it"
    );
}

fn is_same(one: &Item, other: &Item) -> bool {
    (one.get("PK"), one.get("SK")) == (other.get("PK"), other.get("SK"))
}

fn is_under_way(item: &Item) -> bool {
    let entity = item.get("entity").and_then(|entity| entity.as_s().ok());
    entity.is_some_and(|entity| UNDER_WAY.contains(&entity.as_str()))
}
