//! The capacity that requests consume
//! (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>). The database
//! reckons it as AWS does, indexes included, for those who ask; here everything asks.

use dynoxide::DynoxideError;
use serde_json::{Value, json};

use super::operations;
use crate::cost::Cost;

/// The operations that report capacity.
const REPORTING: [&str; 10] = [
    "GetItem",
    "BatchGetItem",
    "TransactGetItems",
    "Query",
    "Scan",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "BatchWriteItem",
    "TransactWriteItems",
];

/// Makes the request ask for its capacity, and answers whether it did so anyway.
pub(super) fn ask(operation: &str, body: &mut Value) -> bool {
    let mode = &body["ReturnConsumedCapacity"];
    let asked = !mode.is_null() && *mode != json!("NONE");
    if !asked
        && REPORTING.contains(&operation)
        && let Some(fields) = body.as_object_mut()
    {
        fields.insert("ReturnConsumedCapacity".to_owned(), json!("TOTAL"));
    }
    asked
}

/// Takes the capacity out of the answer to a request that did not ask for it.
pub(super) fn hide(answer: &mut Value) {
    if let Some(fields) = answer.as_object_mut() {
        fields.remove("ConsumedCapacity");
    }
}

/// What an answer says was consumed, over all its tables.
pub(super) fn consumed(operation: &str, answer: &Value) -> Cost {
    let tables = match &answer["ConsumedCapacity"] {
        Value::Array(tables) => tables.as_slice(),
        table => std::slice::from_ref(table),
    };
    let mut cost = Cost::default();
    for table in tables {
        let units = |field: &str| table[field].as_f64();
        // A transaction says whether it read or wrote: one that is repeated with the same token only reads.
        match (
            units("ReadCapacityUnits"),
            units("WriteCapacityUnits"),
            units("CapacityUnits"),
        ) {
            (None, None, Some(units)) if operations::writes(operation) => cost.wcu += units,
            (None, None, Some(units)) => cost.rcu += units,
            (read, written, _) => {
                cost.rcu += read.unwrap_or(0.0);
                cost.wcu += written.unwrap_or(0.0);
            }
        }
    }
    cost
}

/// What a refused write consumes: a condition that fails is charged like the write, at least one unit. AWS does not
/// report the figure, so the least is entered.
pub(super) fn consumed_by_refusal(error: &DynoxideError) -> Cost {
    match error {
        DynoxideError::ConditionalCheckFailedException(..) => Cost {
            calls: 0,
            rcu: 0.0,
            wcu: 1.0,
        },
        _ => Cost::default(),
    }
}
