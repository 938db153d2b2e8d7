//! Time to live: items whose time has passed by the platform's clock are deleted, some time later
//! (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html>).

use std::time::Duration;

use dynoxide::DynoxideError;
use jiff::{Span, Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::DynamoDb;

/// How often expired items are looked for. AWS takes up to two days.
const INTERVAL: Duration = Duration::from_secs(60);

/// Items that expired longer ago than this many years are left alone, as on AWS: such a time is more likely a mistake.
const TOO_OLD_YEARS: i64 = 5;

impl DynamoDb {
    /// Deletes expired items now and then, until `shutdown` becomes true or its sender is gone.
    pub async fn keep_expiring(self, mut shutdown: watch::Receiver<bool>) {
        loop {
            if let Err(error) = self.expire().await {
                tracing::warn!(%error, "expired items could not be deleted");
            }
            tokio::select! {
                () = tokio::time::sleep(INTERVAL) => {}
                _ = shutdown.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// Deletes the items that have expired by now, and answers how many.
    ///
    /// # Errors
    /// The database's error.
    pub async fn expire(&self) -> Result<usize, DynoxideError> {
        let tables = self.run("ListTables", json!({})).await?;
        let mut deleted = 0;
        for table in tables["TableNames"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            let ttl = self
                .run("DescribeTimeToLive", json!({ "TableName": table }))
                .await?;
            if let Some(attribute) = ttl["TimeToLiveDescription"]["AttributeName"].as_str() {
                deleted += self.expire_table(table, attribute).await?;
            }
        }
        Ok(deleted)
    }

    async fn expire_table(&self, table: &str, attribute: &str) -> Result<usize, DynoxideError> {
        let description = self.run("DescribeTable", json!({ "TableName": table })).await?;
        let keys = description["Table"]["KeySchema"].as_array().into_iter().flatten();
        let keys: Vec<&str> = keys.filter_map(|key| key["AttributeName"].as_str()).collect();
        let now = self.clock.now();
        let names = json!({ "#ttl": attribute });
        let values = json!({ ":past": number(long_ago(now)), ":now": number(now) });
        let expired = "#ttl BETWEEN :past AND :now";
        let mut scan = json!({
            "TableName": table,
            "FilterExpression": expired,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        });
        let mut deleted = 0;
        loop {
            let page = self.run("Scan", scan.clone()).await?;
            for item in page["Items"].as_array().into_iter().flatten() {
                let key: Value = keys
                    .iter()
                    .map(|key| ((*key).to_owned(), item[key].clone()))
                    .collect();
                let delete = json!({
                    "TableName": table,
                    "Key": key,
                    // It may have been written anew since the scan.
                    "ConditionExpression": expired,
                    "ExpressionAttributeNames": names,
                    "ExpressionAttributeValues": values,
                });
                match self.run("DeleteItem", delete).await {
                    Ok(_) => deleted += 1,
                    Err(DynoxideError::ConditionalCheckFailedException(..)) => {}
                    Err(error) => return Err(error),
                }
            }
            match page.get("LastEvaluatedKey") {
                Some(last) => scan["ExclusiveStartKey"] = last.clone(),
                None => return Ok(deleted),
            }
        }
    }
}

fn number(time: Timestamp) -> Value {
    json!({ "N": time.as_second().to_string() })
}

fn long_ago(now: Timestamp) -> Timestamp {
    let years = Span::new().years(TOO_OLD_YEARS);
    now.to_zoned(TimeZone::UTC)
        .checked_sub(years)
        .map_or(Timestamp::UNIX_EPOCH, |time| time.timestamp())
}
