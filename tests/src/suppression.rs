//! Addresses that a sender's mails do not go to.

use serde_json::json;

use crate::Person;

/// Where they are.
pub const SUPPRESSIONS: &str = "/api/email-suppressions";
/// Where admins look up and lift what counts for everybody's mails.
pub const EVERYWHERE: &str = "/api/admin/email-suppressions";

impl Person<'_> {
    /// Keeps this person's mails from an address, and gives the suppression's id.
    pub async fn suppresses(&self, address: &str) -> String {
        let made = self.post(SUPPRESSIONS, &json!({ "address": address })).await;
        made.is(201).text_at("/id").to_owned()
    }
}
