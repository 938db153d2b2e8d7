//! Items: keys, the envelope that every item has, and the way between items and structures.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, KeysAndAttributes, Put};
use aws_sdk_dynamodb::types::{ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use domain::UserId;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::failed;
use crate::{Table, TableError};

/// An item as DynamoDB has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// An item's primary key. Only parsed types are formatted into one, so that no `#` can be smuggled in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) partition: String,
    pub(crate) sort: String,
}

impl Key {
    pub(crate) fn new(partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self {
            partition: partition.into(),
            sort: sort.into(),
        }
    }

    /// The key's two attributes.
    pub(crate) fn attributes(&self) -> Item {
        HashMap::from([
            ("PK".to_owned(), text(&self.partition)),
            ("SK".to_owned(), text(&self.sort)),
        ])
    }

    fn of(item: &Item) -> Option<Self> {
        Some(Self::new(
            item.get("PK")?.as_s().ok()?,
            item.get("SK")?.as_s().ok()?,
        ))
    }
}

/// A text attribute.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a word, a number or a reference: nothing is lost by giving it away"
)]
pub(crate) fn text(value: impl ToString) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

/// A number attribute.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a word, a number or a reference: nothing is lost by giving it away"
)]
pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A time that conditions compare: to the millisecond, always. Texts compare as their times do only if they are of one
/// length, and a time prints as many decimals as it needs.
pub(crate) fn moment(at: Timestamp) -> AttributeValue {
    text(at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"))
}

/// The `ttl` attribute: whole seconds since 1970, after which DynamoDB may delete the item.
pub(crate) fn ttl(at: Timestamp) -> AttributeValue {
    number(at.as_second())
}

/// A value as an attribute.
pub(crate) fn attribute(value: &impl Serialize) -> Result<AttributeValue, TableError> {
    serde_dynamo::to_attribute_value(value).map_err(|error| TableError::Corrupt(error.to_string()))
}

/// The structure that an item holds.
pub(crate) fn read<T: DeserializeOwned>(item: Item) -> Result<T, TableError> {
    let key = Key::of(&item);
    serde_dynamo::from_item(item).map_err(|error| {
        // The key names the item for whoever repairs it, and holds no personal data; the values might.
        let key = key.map_or_else(|| "?".to_owned(), |key| format!("{} {}", key.partition, key.sort));
        TableError::Corrupt(format!("{key}: {error}"))
    })
}

impl Table {
    /// A new item: the structure's attributes within the envelope.
    pub(crate) fn item(&self, key: &Key, entity: &str, value: &impl Serialize) -> Result<Item, TableError> {
        let mut item: Item =
            serde_dynamo::to_item(value).map_err(|error| TableError::Corrupt(error.to_string()))?;
        let now = text(self.clock.now());
        item.extend(key.attributes());
        item.insert("entity".to_owned(), text(entity));
        item.insert("version".to_owned(), number(1));
        item.insert("createdAt".to_owned(), now.clone());
        item.insert("updatedAt".to_owned(), now);
        Ok(item)
    }

    /// The item at `key`. A strongly consistent read costs twice as much, and sees every write before it.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        key: &Key,
        consistency: Consistency,
    ) -> Result<Option<T>, TableError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .consistent_read(consistency == Consistency::Strong)
            .send()
            .await
            .map_err(failed)?;
        answer.item.map(read).transpose()
    }

    /// The items at `keys`, in one call.
    pub(crate) async fn get_all<const N: usize>(
        &self,
        keys: [&Key; N],
        consistency: Consistency,
    ) -> Result<[Option<Item>; N], TableError> {
        let mut found = self.get_found(&keys, consistency).await?;
        Ok(keys.map(|key| found.remove(key)))
    }

    /// Which of `keys`, 100 at most, have an item.
    pub(crate) async fn get_any(&self, keys: &[Key]) -> Result<HashSet<Key>, TableError> {
        let keys: Vec<_> = keys.iter().collect();
        let found = self.get_found(&keys, Consistency::Strong).await?;
        Ok(found.into_keys().collect())
    }

    /// The items that there are at `keys`, 100 at most, in one call.
    pub(crate) async fn get_found(
        &self,
        keys: &[&Key],
        consistency: Consistency,
    ) -> Result<HashMap<Key, Item>, TableError> {
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys.iter().map(|key| key.attributes()).collect()))
            .consistent_read(consistency == Consistency::Strong)
            .build()
            .map_err(|error| TableError::Unavailable(error.to_string()))?;
        let answer = self
            .client
            .batch_get_item()
            .request_items(&self.name, wanted)
            .send()
            .await
            .map_err(failed)?;
        if answer
            .unprocessed_keys
            .is_some_and(|unprocessed| !unprocessed.is_empty())
        {
            return Err(TableError::Unavailable(
                "ProvisionedThroughputExceededException".to_owned(),
            ));
        }
        Ok(answer
            .responses
            .unwrap_or_default()
            .remove(&self.name)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|item| Some((Key::of(&item)?, item)))
            .collect())
    }

    /// A page of what belongs to a person and has a sort key of this prefix, the last key first, from the one after
    /// `after`; and whether there is more behind it.
    pub(crate) async fn newest_first(
        &self,
        user: UserId,
        prefix: &str,
        limit: u8,
        after: Option<Key>,
    ) -> Result<(Vec<Item>, bool), TableError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("PK = :user AND begins_with(SK, :prefix)")
            .expression_attribute_values(":user", text(format!("USER#{user}")))
            .expression_attribute_values(":prefix", text(prefix))
            .scan_index_forward(false)
            .limit(i32::from(limit))
            .set_exclusive_start_key(after.map(|key| key.attributes()))
            .send()
            .await
            .map_err(failed)?;
        Ok((
            answer.items.unwrap_or_default(),
            answer.last_evaluated_key.is_some(),
        ))
    }

    /// The items of a partition of GSI1, where they stand by the time at which something is to be done for them, for which it is to be
    /// done by now: at most `limit`, the longest due first.
    pub(crate) async fn due<T: DeserializeOwned>(
        &self,
        partition: &str,
        limit: u8,
    ) -> Result<Vec<T>, TableError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("GSI1")
            .key_condition_expression("GSI1PK = :partition AND GSI1SK <= :now")
            .expression_attribute_values(":partition", text(partition))
            .expression_attribute_values(":now", moment(self.clock.now()))
            .limit(i32::from(limit.max(1)))
            .send()
            .await
            .map_err(failed)?;
        answer.items.unwrap_or_default().into_iter().map(read).collect()
    }

    /// Writes an item by itself, over whatever is there.
    pub(crate) async fn store(&self, item: Item) -> Result<(), TableError> {
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
        put.send().await.map_err(failed)?;
        Ok(())
    }

    /// Writes all of `parts`, or none.
    pub(crate) async fn transact(&self, parts: Vec<TransactWriteItem>) -> Result<(), TransactError> {
        self.client
            .transact_write_items()
            .set_transact_items(Some(parts))
            .send()
            .await
            .map_err(|error| match crate::error::cancelled(error) {
                Ok(cancelled) => TransactError::Condition(cancelled),
                Err(error) => TransactError::Other(error),
            })?;
        Ok(())
    }

    /// A part of a transaction: this item, if none has its key yet.
    pub(crate) fn create(&self, item: Item) -> Result<TransactWriteItem, TableError> {
        self.put_if(item, "attribute_not_exists(PK)", None)
    }

    /// A part of a transaction: this item, over whatever has its key, if that fits `condition`.
    pub(crate) fn put(
        &self,
        item: Item,
        condition: &str,
        value: (&str, AttributeValue),
    ) -> Result<TransactWriteItem, TableError> {
        self.put_if(item, condition, Some(value))
    }

    fn put_if(
        &self,
        item: Item,
        condition: &str,
        value: Option<(&str, AttributeValue)>,
    ) -> Result<TransactWriteItem, TableError> {
        let values = value.map(|(placeholder, value)| Item::from([(placeholder.to_owned(), value)]));
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(values)
            .build()
            .map_err(|error| TableError::Unavailable(error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// A part of a transaction: this item, in the place of one that has its key.
    pub(crate) fn replace(&self, item: Item) -> Result<TransactWriteItem, TableError> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .build()
            .map_err(|error| TableError::Unavailable(error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// A part of a transaction: the item at `key` is there, and is no more.
    pub(crate) fn delete(&self, key: &Key) -> Result<TransactWriteItem, TableError> {
        self.delete_if(key, "attribute_exists(PK)", Item::new())
    }

    /// A part of a transaction: the item at `key` fits `condition`, and is no more.
    pub(crate) fn delete_if(
        &self,
        key: &Key,
        condition: &str,
        values: Item,
    ) -> Result<TransactWriteItem, TableError> {
        let delete = Delete::builder()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .condition_expression(condition)
            .set_expression_attribute_values(none_if_empty(values))
            .build()
            .map_err(|error| TableError::Unavailable(error.to_string()))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// A part of a transaction: there is an item at `key`.
    pub(crate) fn exists(&self, key: &Key) -> Result<TransactWriteItem, TableError> {
        self.holds(key, "attribute_exists(PK)", Item::new())
    }

    /// A part of a transaction: the item at `key` fits `condition`, whether or not it is there.
    pub(crate) fn holds(
        &self,
        key: &Key,
        condition: &str,
        values: Item,
    ) -> Result<TransactWriteItem, TableError> {
        let check = ConditionCheck::builder()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .condition_expression(condition)
            .set_expression_attribute_values(none_if_empty(values))
            .build()
            .map_err(|error| TableError::Unavailable(error.to_string()))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// A part of a transaction: the item at `key` is no more, whether or not it was there.
    pub(crate) fn forget(&self, key: &Key) -> Result<TransactWriteItem, TableError> {
        let delete = Delete::builder()
            .table_name(&self.name)
            .set_key(Some(key.attributes()))
            .build()
            .map_err(|error| TableError::Unavailable(error.to_string()))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// A part of a transaction: this change.
    pub(crate) fn change(&self, change: Change) -> Result<TransactWriteItem, TableError> {
        let update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(change.key.attributes()))
            .update_expression(change.update)
            .set_condition_expression(change.condition)
            .set_expression_attribute_names(none_if_empty(change.names))
            .set_expression_attribute_values(none_if_empty(change.values))
            .build()
            .map_err(|error| TableError::Unavailable(error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Makes this change by itself and gives the item as it is afterwards.
    pub(crate) async fn apply(&self, change: Change) -> Result<Item, ApplyError> {
        use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(change.key.attributes()))
            .update_expression(change.update)
            .set_condition_expression(change.condition)
            .set_expression_attribute_names(none_if_empty(change.names))
            .set_expression_attribute_values(none_if_empty(change.values))
            .return_values(aws_sdk_dynamodb::types::ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await
            .map_err(|error| match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    ApplyError::Condition(refused.item().cloned().unwrap_or_default())
                }
                _ => ApplyError::Other(failed(error)),
            })?;
        Ok(answer.attributes.unwrap_or_default())
    }
}

/// How fresh a read must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consistency {
    /// May miss the writes of the last moments; half the price.
    Eventual,
    /// Sees every write before it.
    Strong,
}

/// A transaction was not written.
#[derive(Debug)]
pub(crate) enum TransactError {
    Condition(crate::error::Cancelled),
    Other(TableError),
}

impl From<TransactError> for TableError {
    fn from(error: TransactError) -> Self {
        match error {
            TransactError::Condition(_) => Self::Conflict,
            TransactError::Other(error) => error,
        }
    }
}

impl From<TableError> for TransactError {
    fn from(error: TableError) -> Self {
        Self::Other(error)
    }
}

/// A change was not made; where its condition failed, the item as it is.
#[derive(Debug)]
pub(crate) enum ApplyError {
    Condition(Item),
    Other(TableError),
}

impl From<ApplyError> for TableError {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Condition(_) => Self::Conflict,
            ApplyError::Other(error) => error,
        }
    }
}

/// An update of one item, with the condition under which it is made.
pub(crate) struct Change {
    key: Key,
    update: String,
    condition: Option<String>,
    names: HashMap<String, String>,
    values: Item,
}

impl Change {
    /// The change that `update` (an update expression) makes to the item at `key`.
    pub(crate) fn new(key: Key, update: impl Into<String>) -> Self {
        Self {
            key,
            update: update.into(),
            condition: None,
            names: HashMap::new(),
            values: Item::new(),
        }
    }

    /// Only if this holds.
    pub(crate) fn only_if(mut self, condition: impl Into<String>) -> Self {
        self.condition = Some(condition.into());
        self
    }

    /// What a `#name` in the expressions stands for.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a word, a number or a reference: nothing is lost by giving it away"
    )]
    pub(crate) fn name(mut self, placeholder: impl Into<String>, name: impl ToString) -> Self {
        self.names.insert(placeholder.into(), name.to_string());
        self
    }

    /// What a `:value` in the expressions stands for.
    pub(crate) fn value(mut self, placeholder: impl Into<String>, value: AttributeValue) -> Self {
        self.values.insert(placeholder.into(), value);
        self
    }
}

fn none_if_empty<K, V>(map: HashMap<K, V>) -> Option<HashMap<K, V>> {
    (!map.is_empty()).then_some(map)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn moments_compare_as_their_times_do_and_read_back(
            one in 1_700_000_000_000..1_900_000_000_000_i64, apart in -2000..2000_i64,
        ) {
            let time = |millisecond| Timestamp::from_millisecond(millisecond).unwrap();
            let written = |at| moment(at).as_s().unwrap().clone();
            let (one, other) = (time(one), time(one + apart));
            prop_assert_eq!(written(one).cmp(&written(other)), one.cmp(&other));
            prop_assert_eq!(written(one).parse::<Timestamp>().unwrap(), one);
        }
    }
}
