//! Templates of mails.

use domain::template::Category;
use serde_json::{Value, json};

use crate::{Answer, Person};

/// Where templates are.
pub const TEMPLATES: &str = "/api/email-templates";
/// The first of those that come with the product.
pub const READY_MADE: &str = "tmpl_00000000000000000000000001";

/// A template of this name, with three tokens.
#[must_use]
pub fn template(name: &str) -> Value {
    json!({
        "name": name, "category": "renewal", "subject": "Your lease of {{unit_number}}",
        "body": "Hello {{tenant_name}},\n\nstay for **{{offered_rent}}**?\n",
    })
}

impl Person<'_> {
    /// Makes a template, and gives its id.
    pub async fn makes_template(&self, name: &str) -> String {
        let made = self.post(TEMPLATES, &template(name)).await;
        made.is(201).text_at("/id").to_owned()
    }

    /// Makes a template of this category.
    pub async fn makes_template_of(&self, name: &str, category: Category) -> Answer {
        let mut said = template(name);
        said["category"] = category.as_str().into();
        self.post(TEMPLATES, &said).await
    }
}
