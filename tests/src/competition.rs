//! Competition sets.

use serde_json::{Value, json};

use crate::{Answer, Person};

/// Where competition sets are.
pub const SETS: &str = "/api/competition-sets";

/// A set of this name, with these of the landlord's own properties.
#[must_use]
pub fn set(name: &str, own: &[&str]) -> Value {
    json!({ "name": name, "description": "", "ownPropertyIds": own, "alertsEnabled": true })
}

impl Person<'_> {
    /// Makes a set, and gives where it is.
    pub async fn makes_set(&self, name: &str, own: &[&str]) -> String {
        let made = self.post(SETS, &set(name, own)).await;
        format!("{SETS}/{}", made.is(201).text_at("/id"))
    }

    /// Enters a competitor into the set at this path, with what else is known of it.
    pub async fn enters(&self, set: &str, address: &str, more: &Value) -> Answer {
        let mut said = json!({ "address": address, "source": "manual" });
        let known = more.as_object().cloned().unwrap_or_default();
        if let Some(fields) = said.as_object_mut() {
            fields.extend(known);
        }
        self.post(&format!("{set}/competitors"), &said).await
    }
}
