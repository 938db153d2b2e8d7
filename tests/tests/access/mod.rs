//! `/api/access`

mod activate_plan;
mod status;
mod terms;
mod unlock_property;
mod without_payment;

use serde_json::Value;
use tests::Person;

/// What the person has access to.
async fn status(person: &Person<'_>) -> Value {
    person.get("/api/access/status").await.is(200).json.clone()
}
