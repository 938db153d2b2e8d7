//! The IAM actions that a request needs, and on what
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html>).

use std::collections::BTreeSet;

use dynoxide::actions::get_shard_iterator::decode_shard_iterator;
use serde_json::Value;

use crate::wire::Access;
use crate::wire::aws::{ACCOUNT, REGION};

/// The action that authorises each kind of part in a transaction: there is none for the transaction as a whole
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html>).
const PARTS: [(&str, &str); 5] = [
    ("Put", "PutItem"),
    ("Update", "UpdateItem"),
    ("Delete", "DeleteItem"),
    ("ConditionCheck", "ConditionCheckItem"),
    ("Get", "GetItem"),
];

/// What the request needs.
pub(super) fn needed(operation: &str, body: &Value) -> Vec<Access> {
    match operation {
        "TransactWriteItems" | "TransactGetItems" => of_transaction(body),
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flatten();
            tables
                .map(|(table, _)| access(operation, table_arn(table)))
                .collect()
        }
        "ListTables" | "ListStreams" => vec![access(operation, "*".to_owned())],
        "DescribeStream" | "GetShardIterator" => body["StreamArn"]
            .as_str()
            .map(|arn| access(operation, arn.to_owned()))
            .into_iter()
            .collect(),
        "GetRecords" => {
            let table = body["ShardIterator"]
                .as_str()
                .and_then(decode_shard_iterator)
                .map(|(table, ..)| table);
            table
                .map(|table| access(operation, format!("{}/stream/*", table_arn(&table))))
                .into_iter()
                .collect()
        }
        _ => {
            let table = body["TableName"].as_str().map(table_arn);
            let resource = table.map(|table| match body["IndexName"].as_str() {
                Some(index) => format!("{table}/index/{index}"),
                None => table,
            });
            resource
                .map(|resource| access(operation, resource))
                .into_iter()
                .collect()
        }
    }
}

fn of_transaction(body: &Value) -> Vec<Access> {
    let items = body["TransactItems"].as_array().into_iter().flatten();
    let needed: BTreeSet<Access> = items
        .flat_map(|item| {
            PARTS.iter().filter_map(|(part, action)| {
                item[part]["TableName"]
                    .as_str()
                    .map(|table| access(action, table_arn(table)))
            })
        })
        .collect();
    needed.into_iter().collect()
}

fn access(action: &str, resource: String) -> Access {
    Access {
        action: format!("dynamodb:{action}"),
        resource,
    }
}

/// A table's ARN; a request may name the table by it.
fn table_arn(table: &str) -> String {
    if table.starts_with("arn:") {
        table.to_owned()
    } else {
        format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TABLE: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/apartments";

    fn needs(operation: &str, body: &Value) -> Vec<String> {
        needed(operation, body)
            .into_iter()
            .map(|access| format!("{} {}", access.action, access.resource))
            .collect()
    }

    #[test]
    fn a_transaction_needs_the_action_of_each_of_its_parts() {
        let part = || json!({ "TableName": "apartments" });
        let body =
            json!({ "TransactItems": [{ "Put": part() }, { "ConditionCheck": part() }, { "Put": part() }] });
        assert_eq!(
            needs("TransactWriteItems", &body),
            [
                format!("dynamodb:ConditionCheckItem {TABLE}"),
                format!("dynamodb:PutItem {TABLE}")
            ]
        );
        let body = json!({ "TransactItems": [{ "Get": part() }] });
        assert_eq!(
            needs("TransactGetItems", &body),
            [format!("dynamodb:GetItem {TABLE}")]
        );
    }

    #[test]
    fn a_query_on_an_index_needs_the_right_to_that_index() {
        let body = json!({ "TableName": "apartments", "IndexName": "GSI1" });
        assert_eq!(
            needs("Query", &body),
            [format!("dynamodb:Query {TABLE}/index/GSI1")]
        );
        assert_eq!(
            needs("Query", &json!({ "TableName": TABLE })),
            [format!("dynamodb:Query {TABLE}")]
        );
    }

    #[test]
    fn a_batch_needs_its_own_action_on_each_table() {
        let body = json!({ "RequestItems": { "apartments": { "Keys": [] } } });
        assert_eq!(
            needs("BatchGetItem", &body),
            [format!("dynamodb:BatchGetItem {TABLE}")]
        );
    }
}
