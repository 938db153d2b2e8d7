//! The table as it was before: to try what could have come instead.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::System;

type Item = HashMap<String, AttributeValue>;

/// What is told to the rest of the system, and what comes of it. It is under way by itself, and is left alone.
const UNDER_WAY: [&str; 2] = ["Event", "Mail"];

/// The table at one moment.
#[derive(Clone, Debug)]
pub struct Moment {
    items: Vec<Item>,
}

impl System {
    /// This moment.
    ///
    /// # Panics
    /// If the table cannot be read.
    pub async fn moment(&self) -> Moment {
        let (client, name) = self.dynamodb();
        let mut items = scan(&client, &name).await;
        items.retain(|item| !is_under_way(item));
        Moment { items }
    }

    /// Brings the table back to a moment, without what has been told since.
    ///
    /// # Panics
    /// If it cannot be written.
    pub async fn rewind(&self, moment: &Moment) {
        let (client, name) = self.dynamodb();
        let now = scan(&client, &name).await;
        let kept = |item: &Item| moment.items.iter().any(|other| is_same(item, other));
        for item in now.iter().filter(|item| !kept(item)) {
            let (partition, sort) = (item["PK"].clone(), item["SK"].clone());
            let delete = client.delete_item().table_name(&name);
            let delete = delete.key("PK", partition).key("SK", sort);
            delete.send().await.expect("the table forgets");
        }
        for item in moment.items.iter().filter(|item| !now.contains(item)) {
            let put = client.put_item().table_name(&name);
            let put = put.set_item(Some(item.clone()));
            put.send().await.expect("the table takes back");
        }
    }
}

fn is_same(one: &Item, other: &Item) -> bool {
    (one.get("PK"), one.get("SK")) == (other.get("PK"), other.get("SK"))
}

fn is_under_way(item: &Item) -> bool {
    let entity = item.get("entity").and_then(|entity| entity.as_s().ok());
    entity.is_some_and(|entity| UNDER_WAY.contains(&entity.as_str()))
}

async fn scan(client: &Client, name: &str) -> Vec<Item> {
    let scan = client.scan().table_name(name).consistent_read(true);
    let items = scan.into_paginator().items().send();
    items
        .collect::<Result<Vec<_>, _>>()
        .await
        .expect("a scan of the table")
}
