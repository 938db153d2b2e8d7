//! Everything that is kept under a person, whatever it is: read page by page, to be shown to them or to be erased.
//!
//! What a person is shown of each kind of item is said here. A kind that is not named is not shown, because nobody has said
//! that it holds no secret; whoever asks for it learns that it is there. A test holds every kind of the README to have its
//! place here. Erasing works the other way round: what is not named here as bookkeeping is deleted.

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, WriteRequest};
use domain::UserId;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::closure::BOOKS_KEPT;
use crate::error::failed;
use crate::item::{ApplyError, Change, Item, Key, number, text, ttl};
use crate::{Table, TableError};

/// How many items a page may have.
const PAGE: i32 = 100;
/// How many items are deleted by one call
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html>).
const AT_ONCE: usize = 25;
/// What every item has, and tells nothing of its person.
const ENVELOPE: [&str; 13] = [
    "PK", "SK", "GSI1PK", "GSI1SK", "GSI2PK", "GSI2SK", "GSI3PK", "GSI3SK", "GSI4PK", "GSI4SK", "entity",
    "ttl", "version",
];

/// An item that is kept under a person.
#[derive(Clone, Debug)]
pub struct Belonging(Item);

/// Part of what is kept under a person, in the order of the keys.
#[derive(Debug)]
pub struct Page {
    /// The items.
    pub belongings: Vec<Belonging>,
    /// Where the next page begins, if there is one.
    pub next: Option<Place>,
}

/// A place between two pages.
#[derive(Debug)]
pub struct Place(Item);

/// What its person is shown of an item.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// This, in this part of the whole.
    In(&'static str, Value),
    /// Nothing: nobody has said yet what of this kind may be shown.
    Undecided(String),
}

/// What is done with an item when its person goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is deleted.
    Erased,
    /// It records money that was or may be paid. It stays for as long as bookkeeping needs it, without what tells more
    /// of its person than that: without these attributes.
    Kept(&'static [&'static str]),
}

/// How an item is shown.
#[derive(Clone, Copy)]
enum Showing {
    /// All of it.
    Whole,
    /// As this says, because there are secrets in it.
    As(fn(&Map<String, Value>) -> Value),
}

/// What is shown of a kind of item: in which part, and how.
fn showing(entity: &str) -> Option<(&'static str, Showing)> {
    Some(match entity {
        "Account" => ("account", Showing::As(account)),
        "Credentials" => ("signingIn", Showing::As(credentials)),
        "Link" => ("mailedLinks", Showing::As(link)),
        "FormerEmail" => ("formerAddresses", Showing::Whole),
        "Purchase" => ("purchases", Showing::Whole),
        "Unlock" => ("unlockedProperties", Showing::Whole),
        "Invoice" => ("invoices", Showing::Whole),
        "Property" => ("properties", Showing::Whole),
        "DeletedProperty" => ("deletedProperties", Showing::Whole),
        "Import" => ("imports", Showing::Whole),
        "Portfolio" => ("portfolio", Showing::Whole),
        "PortfolioDay" => ("portfolioDays", Showing::Whole),
        "PortfolioCity" => ("portfolioCities", Showing::Whole),
        "Verification" => ("verifications", Showing::Whole),
        "Guarantee" => ("guarantees", Showing::Whole),
        "Evidence" => ("leaseEvidence", Showing::Whole),
        "CompetitionSet" => ("competitionSets", Showing::Whole),
        "Competitor" => ("competitors", Showing::As(competitor)),
        "Competition" => ("competition", Showing::Whole),
        "Template" => ("emailTemplates", Showing::Whole),
        "TemplateCounts" => ("emailTemplateCounts", Showing::Whole),
        "Email" => ("emails", Showing::Whole),
        "EmailWording" => ("emailWordings", Showing::Whole),
        "EmailDay" => ("emailDays", Showing::Whole),
        "Suppression" => ("emailSuppressions", Showing::Whole),
        "Export" => ("exports", Showing::Whole),
        _ => return None,
    })
}

/// The parts of what a person is shown, and whether there is one of a kind or a list.
pub const PARTS: [(&str, bool); 26] = [
    ("account", false),
    ("signingIn", false),
    ("mailedLinks", true),
    ("formerAddresses", true),
    ("purchases", true),
    ("unlockedProperties", true),
    ("invoices", true),
    ("properties", true),
    ("deletedProperties", true),
    ("imports", true),
    ("portfolio", false),
    ("portfolioDays", true),
    ("portfolioCities", true),
    ("verifications", true),
    ("guarantees", true),
    ("leaseEvidence", true),
    ("competitionSets", true),
    ("competitors", true),
    ("competition", false),
    ("emailTemplates", true),
    ("emailTemplateCounts", true),
    ("emails", true),
    ("emailWordings", true),
    ("emailDays", true),
    ("emailSuppressions", true),
    ("exports", true),
];

/// These attributes alone.
fn only(item: &Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    let known = names.iter().filter_map(|name| Some((*name, item.get(*name)?)));
    known
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect()
}

/// The account, with its sessions but without what opens them.
fn account(item: &Map<String, Value>) -> Value {
    let mut shown = only(
        item,
        &[
            "id",
            "email",
            "emailVerified",
            "name",
            "role",
            "grants",
            "purchases",
            "invoices",
            "usage",
            "billing",
            "createdAt",
            "updatedAt",
        ],
    );
    let sessions = item.get("sessions").and_then(Value::as_object);
    let sessions = sessions.into_iter().flatten().map(|(id, session)| {
        let known = session
            .as_object()
            .map(|it| only(it, &["since", "until", "device"]));
        let mut session = known.unwrap_or_default();
        session.insert("id".to_owned(), id.as_str().into());
        Value::Object(session)
    });
    shown.insert("sessions".to_owned(), sessions.collect());
    Value::Object(shown)
}

/// That there are credentials and since when; never what they are.
fn credentials(item: &Map<String, Value>) -> Value {
    let factor = item.get("secondFactor").and_then(Value::as_object);
    let factor = factor.map(|factor| {
        let codes = factor.get("recoveryCodes").and_then(Value::as_object);
        json!({ "since": factor.get("since"), "recoveryCodesLeft": codes.map_or(0, Map::len) })
    });
    json!({
        "password": item.contains_key("passwordHash"),
        "passwordChangedAt": item.get("changedAt"),
        "google": item.contains_key("google"),
        "secondFactor": factor,
    })
}

/// Where a link was mailed to and what for; never what makes it good.
fn link(item: &Map<String, Value>) -> Value {
    let mut shown = only(
        item,
        &["id", "email", "until", "usedAt", "createdAt", "updatedAt"],
    );
    let sort = item.get("SK").and_then(Value::as_str).unwrap_or_default();
    let purpose = sort.strip_prefix("LINK#").unwrap_or_default();
    shown.insert("purpose".to_owned(), purpose.into());
    Value::Object(shown)
}

/// A competitor, with the set that it is in.
fn competitor(item: &Map<String, Value>) -> Value {
    let mut shown = only(item, &["id", "details", "addedAt"]);
    let sort = item.get("SK").and_then(Value::as_str).unwrap_or_default();
    let set = sort.split('#').nth(1).unwrap_or_default();
    shown.insert("set".to_owned(), set.into());
    Value::Object(shown)
}

impl Belonging {
    fn text(&self, attribute: &str) -> &str {
        let value = self.0.get(attribute).and_then(|value| value.as_s().ok());
        value.map_or("", String::as_str)
    }

    /// What kind of item it is.
    #[must_use]
    pub fn entity(&self) -> &str {
        self.text("entity")
    }

    /// What its person is shown of it.
    ///
    /// # Errors
    /// [`TableError::Corrupt`] if it cannot be shown as text.
    pub fn shown(&self) -> Result<Shown, TableError> {
        let Some((part, showing)) = showing(self.entity()) else {
            return Ok(Shown::Undecided(self.entity().to_owned()));
        };
        let item: Map<String, Value> = serde_dynamo::from_item(self.0.clone())
            .map_err(|error| TableError::Corrupt(format!("{}: {error}", self.text("SK"))))?;
        Ok(Shown::In(
            part,
            match showing {
                Showing::As(show) => show(&item),
                Showing::Whole => {
                    let mut item = item;
                    item.retain(|name, _| !ENVELOPE.contains(&name.as_str()));
                    Value::Object(item)
                }
            },
        ))
    }

    /// What is done with it when its person goes.
    #[must_use]
    pub fn fate(&self) -> Fate {
        match self.entity() {
            "Purchase" => Fate::Kept(&["property"]),
            // Stripe's pages of an invoice show its addressee.
            "Invoice" => Fate::Kept(&["invoice.page", "invoice.pdf"]),
            _ => Fate::Erased,
        }
    }

    /// Whether it is one that was kept, when its person went.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        matches!(self.fate(), Fate::Kept(_)) && self.0.contains_key("ttl")
    }

    /// Stripe's page on which it is being paid, if it is a purchase whose page may be open.
    #[must_use]
    pub fn open_page(&self) -> Option<&str> {
        let pending = self.entity() == "Purchase" && self.text("status") == "pending";
        Some(self.text("checkoutSession")).filter(|session| pending && !session.is_empty())
    }

    fn key(&self) -> Key {
        Key::new(self.text("PK"), self.text("SK"))
    }
}

impl Table {
    /// A page of everything that is kept under a person, as it is at this moment.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn belongings(&self, user: UserId, from: Option<Place>) -> Result<Page, TableError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("PK = :user")
            .expression_attribute_values(":user", text(format!("USER#{user}")))
            .consistent_read(true)
            .limit(PAGE)
            .set_exclusive_start_key(from.map(|place| place.0))
            .send()
            .await
            .map_err(failed)?;
        Ok(Page {
            belongings: answer
                .items
                .unwrap_or_default()
                .into_iter()
                .map(Belonging)
                .collect(),
            next: answer.last_evaluated_key.map(Place),
        })
    }

    /// Deletes these. What is deleted already is deleted.
    ///
    /// # Errors
    /// [`TableError`] if the table fails, or is too busy for all of them.
    pub async fn erase(&self, belongings: &[&Belonging]) -> Result<(), TableError> {
        for some in belongings.chunks(AT_ONCE) {
            let deletes = some.iter().map(|belonging| {
                let delete = DeleteRequest::builder().set_key(Some(belonging.key().attributes()));
                let delete = delete
                    .build()
                    .map_err(|error| TableError::Unavailable(error.to_string()))?;
                Ok(WriteRequest::builder().delete_request(delete).build())
            });
            let deletes = deletes.collect::<Result<Vec<_>, TableError>>()?;
            let answer = self
                .client
                .batch_write_item()
                .request_items(&self.name, deletes)
                .send()
                .await
                .map_err(failed)?;
            if answer.unprocessed_items.is_some_and(|left| !left.is_empty()) {
                return Err(TableError::Unavailable(
                    "ProvisionedThroughputExceededException".to_owned(),
                ));
            }
        }
        Ok(())
    }

    /// Keeps one for bookkeeping, without `private`. Whoever has read it before cannot write on the strength of that.
    ///
    /// # Errors
    /// [`TableError`] if the table fails.
    pub async fn keep(&self, belonging: &Belonging, private: &[&str]) -> Result<(), TableError> {
        let now = self.clock.now();
        // Each is an attribute, or one within a map.
        let paths = private.iter().map(|path| match path.split_once('.') {
            Some((outer, name)) => (Some(outer), name),
            None => (None, *path),
        });
        let paths: Vec<_> = paths.enumerate().collect();
        let removed = paths.iter().map(|(number, (outer, _))| match outer {
            Some(_) => format!("#outer{number}.#private{number}"),
            None => format!("#private{number}"),
        });
        let removed: Vec<_> = removed.collect();
        let update = format!(
            "SET #ttl = :over, updatedAt = :now ADD version :one REMOVE {}",
            removed.join(", ")
        );
        let change = Change::new(belonging.key(), update)
            .only_if("attribute_exists(PK) AND attribute_not_exists(#ttl)")
            .name("#ttl", "ttl")
            .value(":over", books_closed(now))
            .value(":now", text(now))
            .value(":one", number(1));
        let change = paths.iter().fold(change, |change, (number, (outer, name))| {
            let change = match outer {
                Some(outer) => change.name(format!("#outer{number}"), outer),
                None => change,
            };
            change.name(format!("#private{number}"), name)
        });
        match self.apply(change).await {
            // Kept already, or gone: its time was over.
            Ok(_) | Err(ApplyError::Condition(_)) => Ok(()),
            Err(ApplyError::Other(error)) => Err(error),
        }
    }
}

fn books_closed(now: Timestamp) -> AttributeValue {
    ttl(now + BOOKS_KEPT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn belonging(item: &Value) -> Belonging {
        Belonging(serde_dynamo::to_item(item).unwrap())
    }

    /// The kinds of items under a person, as the README lists them.
    fn entities() -> Vec<&'static str> {
        let readme = include_str!("../README.md");
        let rows = readme.lines().filter_map(|line| {
            let (entity, rest) = line.strip_prefix("| `")?.split_once("` | `")?;
            rest.starts_with("USER#<user>` |").then_some(entity)
        });
        rows.collect()
    }

    #[test]
    fn of_every_kind_of_item_it_is_said_what_its_person_is_shown() {
        let entities = entities();
        assert!(
            entities.contains(&"Account") && entities.contains(&"Export"),
            "{entities:?}"
        );
        for entity in entities {
            let (part, _) = showing(entity).unwrap_or_else(|| {
                panic!("say in belongings.rs what a person is shown of {entity}, and what of it is secret")
            });
            assert!(PARTS.iter().any(|(known, _)| *known == part), "{part}");
        }
    }

    #[test]
    fn what_nobody_has_decided_on_is_not_shown_and_is_erased() {
        let unknown = belonging(&json!({ "PK": "USER#u", "SK": "NEW#1", "entity": "New", "secret": "s" }));
        assert_eq!(unknown.shown().unwrap(), Shown::Undecided("New".to_owned()));
        assert_eq!(unknown.fate(), Fate::Erased);
    }

    #[test]
    fn what_proves_who_a_person_is_is_not_shown() {
        let account = belonging(&json!({
            "PK": "USER#u", "SK": "ACCOUNT", "entity": "Account", "email": "ana@example.com", "credentialsVersion": 3,
            "sessions": { "sess_1": { "digest": "SECRET", "since": "2026-01-01T00:00:00Z", "device": "phone" } },
        }));
        let credentials = belonging(&json!({
            "PK": "USER#u", "SK": "CREDENTIALS", "entity": "Credentials", "passwordHash": "SECRET", "google": "SECRET",
            "pendingFactor": { "secret": "SECRET" },
            "secondFactor": { "secret": "SECRET", "since": "s", "lastStep": 7, "recoveryCodes": { "SECRET": null } },
        }));
        let link = belonging(&json!({
            "PK": "USER#u", "SK": "LINK#RESET-PASSWORD", "entity": "Link", "digest": "SECRET", "email": "ana@example.com",
        }));
        for item in [&account, &credentials, &link] {
            let Shown::In(_, shown) = item.shown().unwrap() else {
                panic!("{item:?}")
            };
            assert!(!shown.to_string().contains("SECRET"), "{shown}");
        }
        let Shown::In(_, shown) = account.shown().unwrap() else {
            panic!("an account is shown")
        };
        assert_eq!(shown["sessions"][0]["device"], "phone");
        let Shown::In(_, shown) = credentials.shown().unwrap() else {
            panic!("credentials are shown")
        };
        assert_eq!(shown["secondFactor"]["recoveryCodesLeft"], 1);
        assert_eq!(shown["password"], true);
    }
}
