//! Templates of mails, under the person who has them.
//!
//! A template holds the wording that it has now, and its number: each change of the wording is another one. A mail keeps what it
//! says by itself, so that a template can be changed and deleted.
//!
//! What came of a template's mails is counted beside it, in [`SHARDS`] items among which the mails are spread: a transaction that
//! notes something of one mail and counts it would otherwise meet every other one of that template. That holds for the templates
//! that come with the product too, of which each person has counts of their own.

use std::collections::{BTreeMap, BTreeSet};

use domain::template::{Category, TemplateName, Token};
use domain::{TemplateId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::failed;
use crate::item::{ApplyError, Change, Consistency, Item, Key, TransactError, attribute, number, read, text};
use crate::usage::{Counted, count_fewer, count_more};
use crate::{Table, TableError};

/// How many templates a person may have.
pub const TEMPLATES_AT_MOST: u32 = 100;
/// Among how many items the counts of a template are spread.
pub const SHARDS: u8 = 8;

/// What its author says of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Details {
    /// What it is called.
    pub name: TemplateName,
    /// What it is about.
    pub category: Category,
    /// Its subject, as it is written.
    pub subject: String,
    /// Its body, as it is written.
    pub body: String,
}

impl Details {
    fn says(&self, other: &Self) -> bool {
        (&self.subject, &self.body) == (&other.subject, &other.body)
    }
}

/// A template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// What its author says of it.
    pub details: Details,
    /// The tokens that stand in it.
    pub tokens: BTreeSet<Token>,
    /// The number of its wording.
    pub wording: u32,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// How often it was written; a change is made to the version that was read.
    #[serde(default, skip_serializing)]
    pub(crate) version: u32,
}

/// How often what became of a template's mails. One mail counts once at most for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// The mail service took them.
    pub sent: u32,
    /// They arrived.
    pub delivered: u32,
    /// They could not be delivered.
    pub bounced: u32,
    /// They were called spam.
    pub complained: u32,
    /// A person opened them. What machines fetch is not counted.
    pub opened: u32,
    /// A person followed a link in them.
    pub clicked: u32,
    /// They were answered.
    pub replied: u32,
    /// Their recipients wanted no more.
    pub unsubscribed: u32,
    /// What they offered was accepted.
    pub accepted: u32,
}

impl Counts {
    fn and(self, more: Self) -> Self {
        Self {
            sent: self.sent + more.sent,
            delivered: self.delivered + more.delivered,
            bounced: self.bounced + more.bounced,
            complained: self.complained + more.complained,
            opened: self.opened + more.opened,
            clicked: self.clicked + more.clicked,
            replied: self.replied + more.replied,
            unsubscribed: self.unsubscribed + more.unsubscribed,
            accepted: self.accepted + more.accepted,
        }
    }
}

/// A template was not written.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// The person has as many as there may be.
    #[error("there are {TEMPLATES_AT_MOST} templates")]
    Full,
    /// The table failed.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// What became of a change.
#[derive(Debug)]
pub enum Changed {
    /// It is made: the template as it is now.
    Now(Box<Template>),
    /// Somebody else changed or deleted the template since it was read: look again.
    Outdated,
}

impl Template {
    /// A new template.
    #[must_use]
    pub fn new(id: TemplateId, details: Details, tokens: BTreeSet<Token>, now: Timestamp) -> Self {
        Self {
            id,
            details,
            tokens,
            wording: 1,
            made_at: now,
            changed_at: now,
            version: 1,
        }
    }

    fn key(author: UserId, template: TemplateId) -> Key {
        Key::new(format!("USER#{author}"), format!("TEMPLATE#{template}"))
    }
}

/// The prefix of the keys of a template's counts.
fn counts_of(template: TemplateId) -> String {
    format!("TEMPLATE-COUNTS#{template}#")
}

/// An item of counts.
#[derive(Deserialize)]
struct CountsItem {
    template: TemplateId,
    #[serde(flatten)]
    counts: Counts,
}

/// A part of a transaction that counts what became of a mail: `changes`, each the name of one of [`Counts`] and by how much; none if
/// nothing changes. `author` is whose template it is, or who sent a mail from one that comes with the product; `share` is any
/// number of the mail's that spreads mails evenly, always the same for one mail.
pub(crate) fn count(
    author: UserId,
    template: TemplateId,
    share: u8,
    changes: impl IntoIterator<Item = (&'static str, i8)>,
) -> Option<Change> {
    let changes: Vec<_> = changes.into_iter().collect();
    if changes.is_empty() {
        return None;
    }
    let key = Key::new(
        format!("USER#{author}"),
        format!("{}{}", counts_of(template), share % SHARDS),
    );
    let added: Vec<_> = changes
        .iter()
        .map(|(name, _)| format!("{name} :{name}"))
        .collect();
    let update = format!(
        "SET entity = :entity, #template = :template ADD {}",
        added.join(", ")
    );
    let change = Change::new(key, update)
        .name("#template", "template")
        .value(":entity", text("TemplateCounts"))
        .value(":template", text(template));
    Some(changes.into_iter().fold(change, |change, (name, by)| {
        change.value(format!(":{name}"), number(by))
    }))
}

impl Table {
    /// Writes a template and counts it, all or nothing. One that is there already was written by an earlier attempt at the same
    /// request; the answer is then that one.
    ///
    /// # Errors
    /// [`AddError::Full`] if there are as many as there may be.
    pub async fn add_template(&self, author: UserId, template: Template) -> Result<Template, AddError> {
        let key = Template::key(author, template.id);
        let parts = vec![
            self.create(self.item(&key, "Template", &template)?)?,
            self.change(count_more(author, Counted::Templates, TEMPLATES_AT_MOST))?,
        ];
        match self.transact(parts).await {
            Ok(()) => Ok(template),
            Err(TransactError::Condition(failed)) if failed.at(0) => {
                let earlier = self.template(author, template.id).await?;
                Ok(earlier.ok_or(TableError::Conflict)?)
            }
            Err(TransactError::Condition(_)) => Err(AddError::Full),
            Err(TransactError::Other(error)) => Err(error.into()),
        }
    }

    /// A person's template, if there is one of this id.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn template(
        &self,
        author: UserId,
        template: TemplateId,
    ) -> Result<Option<Template>, TableError> {
        self.get(&Template::key(author, template), Consistency::Strong)
            .await
    }

    /// A page of a person's templates, the newest first, from the one behind `after`; and whether there are more.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn templates(
        &self,
        author: UserId,
        limit: u8,
        after: Option<TemplateId>,
    ) -> Result<(Vec<Template>, bool), TableError> {
        let after = after.map(|template| Template::key(author, template));
        let (items, more) = self.newest_first(author, "TEMPLATE#", limit, after).await?;
        Ok((items.into_iter().map(read).collect::<Result<_, _>>()?, more))
    }

    /// Gives a template these details, if it still is the version that `known` is. Another wording has another number.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn change_template(
        &self,
        author: UserId,
        known: &Template,
        details: &Details,
        tokens: &BTreeSet<Token>,
    ) -> Result<Changed, TableError> {
        let wording = known.wording + u32::from(!known.details.says(details));
        let change = Change::new(
            Template::key(author, known.id),
            "SET details = :details, tokens = :tokens, wording = :wording, changedAt = :now, updatedAt = :now \
             ADD version :one",
        )
        .only_if("version = :known")
        .value(":details", attribute(details)?)
        .value(":tokens", attribute(tokens)?)
        .value(":wording", number(wording))
        .value(":known", number(known.version))
        .value(":now", text(self.clock.now()))
        .value(":one", number(1));
        match self.apply(change).await {
            Ok(item) => Ok(Changed::Now(Box::new(read(item)?))),
            Err(ApplyError::Condition(_)) => Ok(Changed::Outdated),
            Err(ApplyError::Other(error)) => Err(error),
        }
    }

    /// Deletes a template and counts one fewer, all or nothing. `false` if there is none. What came of its mails stays counted.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn delete_template(&self, author: UserId, template: TemplateId) -> Result<bool, TableError> {
        let parts = vec![
            self.delete(&Template::key(author, template))?,
            self.change(count_fewer(author, Counted::Templates))?,
        ];
        match self.transact(parts).await {
            Ok(()) => Ok(true),
            Err(TransactError::Condition(failed)) if failed.at(0) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Counts what became of a mail, by itself: `changes`, each the name of one of [`Counts`] and by how much. Mails are spread
    /// among the items by `share`.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn count_mail(
        &self,
        author: UserId,
        template: TemplateId,
        share: u8,
        changes: &[(&'static str, i8)],
    ) -> Result<(), TableError> {
        if let Some(change) = count(author, template, share, changes.iter().copied()) {
            self.apply(change).await?;
        }
        Ok(())
    }

    /// What became of the mails of one of a person's templates, or of one that comes with the product.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn template_counts(&self, author: UserId, template: TemplateId) -> Result<Counts, TableError> {
        let all = self.counts(author, &counts_of(template)).await?;
        Ok(all.get(&template).copied().unwrap_or_default())
    }

    /// What became of the mails of all of a person's templates. Those of which nothing is known are not there.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn all_template_counts(
        &self,
        author: UserId,
    ) -> Result<BTreeMap<TemplateId, Counts>, TableError> {
        self.counts(author, "TEMPLATE-COUNTS#").await
    }

    async fn counts(&self, author: UserId, prefix: &str) -> Result<BTreeMap<TemplateId, Counts>, TableError> {
        // Of a hundred templates, with those of the product and deleted ones, no megabyte: one call reads them all.
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("PK = :user AND begins_with(SK, :prefix)")
            .expression_attribute_values(":user", text(format!("USER#{author}")))
            .expression_attribute_values(":prefix", text(prefix))
            .send()
            .await
            .map_err(failed)?;
        summed(answer.items.unwrap_or_default())
    }
}

fn summed(items: Vec<Item>) -> Result<BTreeMap<TemplateId, Counts>, TableError> {
    let mut all: BTreeMap<TemplateId, Counts> = BTreeMap::new();
    for item in items {
        let CountsItem { template, counts } = read(item)?;
        let sum = all.entry(template).or_default();
        *sum = sum.and(counts);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_counts_of_a_template_are_the_sum_of_its_items() {
        let (one, other) = (TemplateId::from_bytes([1; 16]), TemplateId::from_bytes([2; 16]));
        let item = |template: TemplateId, counts: serde_json::Value| {
            let mut item = counts;
            item["PK"] = "USER#u".into();
            item["SK"] = format!("{}1", counts_of(template)).into();
            item["entity"] = "TemplateCounts".into();
            item["template"] = template.to_string().into();
            serde_dynamo::to_item(item).unwrap()
        };
        let all = summed(vec![
            item(one, json!({ "sent": 3, "delivered": 2 })),
            item(other, json!({ "sent": 1 })),
            item(one, json!({ "sent": 4, "opened": 1, "accepted": 1 })),
        ]);
        let all = all.unwrap();
        let expected = Counts {
            sent: 7,
            delivered: 2,
            opened: 1,
            accepted: 1,
            ..Counts::default()
        };
        assert_eq!(all[&one], expected);
        assert_eq!(all[&other].sent, 1);
    }
}
