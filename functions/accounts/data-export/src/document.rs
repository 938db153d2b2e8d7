//! The document: what a person is shown, part by part.

use std::collections::BTreeMap;

use domain::{ExportId, UserId};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use table::TableError;
use table::belongings::{Belonging, PARTS, Shown};

/// What the document is, for programs.
const FORMAT: &str = "apartment-locator/personal-data";
/// Raised when a member goes or changes its meaning.
const FORMAT_VERSION: u32 = 1;

/// The document, as far as it is written.
#[derive(Debug)]
pub(crate) struct Document {
    parts: Map<String, Value>,
    /// How many items there are of kinds that nobody has decided on.
    not_shown: BTreeMap<String, u64>,
}

/// One kind that is not shown.
#[derive(Serialize)]
struct NotShown<'a> {
    kind: &'a str,
    items: u64,
}

impl Document {
    /// A document with nothing in its parts.
    pub(crate) fn new() -> Self {
        let empty = |is_list| if is_list { json!([]) } else { Value::Null };
        Self {
            parts: PARTS
                .into_iter()
                .map(|(part, is_list)| (part.to_owned(), empty(is_list)))
                .collect(),
            not_shown: BTreeMap::new(),
        }
    }

    /// Adds what a person is shown of an item.
    pub(crate) fn add(&mut self, belonging: &Belonging) -> Result<(), TableError> {
        match belonging.shown()? {
            Shown::In(part, value) => match self.parts.get_mut(part) {
                Some(Value::Array(list)) => list.push(value),
                _ => {
                    self.parts.insert(part.to_owned(), value);
                }
            },
            Shown::Undecided(kind) => *self.not_shown.entry(kind).or_default() += 1,
        }
        Ok(())
    }

    /// Whether the account is in it: without one there is nobody to show anything to.
    pub(crate) fn has_account(&self) -> bool {
        self.parts.get("account").is_some_and(Value::is_object)
    }

    /// How many items are not shown.
    pub(crate) fn not_shown(&self) -> u64 {
        self.not_shown.values().sum()
    }

    /// The whole, as it is written.
    pub(crate) fn written(
        self,
        user: UserId,
        id: ExportId,
        now: Timestamp,
    ) -> Result<Vec<u8>, serde_json::Error> {
        let not_shown = self.not_shown.iter();
        let not_shown: Vec<_> = not_shown
            .map(|(kind, items)| NotShown { kind, items: *items })
            .collect();
        let mut whole = json!({
            "format": FORMAT,
            "formatVersion": FORMAT_VERSION,
            "exportId": id,
            "userId": user,
            "writtenAt": now,
            "notShown": not_shown,
        });
        if let Value::Object(members) = &mut whole {
            members.extend(self.parts);
        }
        serde_json::to_vec_pretty(&whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_is_described_by_the_readme_and_the_other_way_round() {
        let (user, id) = (UserId::from_bytes([1; 16]), ExportId::from_bytes([2; 16]));
        let written = Document::new().written(user, id, Timestamp::UNIX_EPOCH).unwrap();
        let written: Map<String, Value> = serde_json::from_slice(&written).unwrap();
        let rows = include_str!("../README.md")
            .lines()
            .filter(|line| line.starts_with("| `"));
        let mut described: Vec<_> = rows
            .filter_map(|row| row.trim_start_matches("| ").split(" | ").next())
            .flat_map(|names| names.split(", "))
            .map(|name| name.trim_matches('`').to_owned())
            .collect();
        described.sort();
        let mut members: Vec<_> = written.keys().cloned().collect();
        members.sort();
        assert_eq!(described, members);
    }
}
