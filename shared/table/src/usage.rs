//! Plan limits: how many rows an account has of what plans limit, counted where the rows are written. The count and the row
//! are one transaction with the limit as its condition, so that two at once cannot pass it together.

use domain::UserId;
use domain::plan::{Limited, Limits};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::item::{Change, number};

/// How many rows there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// A landlord's units.
    pub units: u32,
    /// An agent's clients.
    pub clients: u32,
    /// Templates of mails. No plan limits them; there is one limit for all.
    pub templates: u32,
    /// Addresses that the person does not want to write to any more, likewise.
    pub suppressions: u32,
    /// A landlord's competition sets, likewise.
    #[serde(rename = "competitionSets")]
    pub competition_sets: u32,
}

/// What has one limit for all, whatever their plan.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Counted {
    /// Templates of mails.
    Templates,
    /// Addresses suppressed by hand.
    Suppressions,
    /// Competition sets.
    CompetitionSets,
}

impl Counted {
    const fn attribute(self) -> &'static str {
        match self {
            Self::Templates => "templates",
            Self::Suppressions => "suppressions",
            Self::CompetitionSets => "competitionSets",
        }
    }
}

/// The part of a transaction that counts one more, if that is within what there may be.
pub(crate) fn count_more(user: UserId, counted: Counted, at_most: u32) -> Change {
    Change::new(Account::key(user), "ADD #usage.#counted :one")
        .only_if(
            "attribute_exists(PK) AND (attribute_not_exists(#usage.#counted) OR #usage.#counted < :most)",
        )
        .name("#usage", "usage")
        .name("#counted", counted.attribute())
        .value(":one", number(1))
        .value(":most", number(at_most))
}

/// The part of a transaction that counts one fewer.
pub(crate) fn count_fewer(user: UserId, counted: Counted) -> Change {
    fewer(user, counted.attribute())
}

fn fewer(user: UserId, attribute: &str) -> Change {
    Change::new(Account::key(user), "ADD #usage.#counted :fewer")
        .only_if("#usage.#counted > :none")
        .name("#usage", "usage")
        .name("#counted", attribute)
        .value(":fewer", number(-1))
        .value(":none", number(0))
}

const fn attribute_of(limited: Limited) -> &'static str {
    match limited {
        Limited::Units => "units",
        Limited::Clients => "clients",
    }
}

/// The part of a transaction that counts `rows` more of these, if `limits` allow them all. A downgrade below what is in use
/// leaves the rows and refuses new ones.
pub(crate) fn take(user: UserId, limited: Limited, rows: u32, limits: Limits) -> Change {
    let change = Change::new(Account::key(user), "ADD #usage.#limited :rows")
        .name("#usage", "usage")
        .name("#limited", attribute_of(limited))
        .value(":rows", number(rows));
    match limits.on(limited) {
        Some(limit) => {
            let change = change.only_if("attribute_exists(PK) AND #usage.#limited <= :room");
            match limit.checked_sub(rows) {
                Some(room) => change.value(":room", number(room)),
                // More rows at once than the plan has at all.
                None => change.value(":room", number(-1)),
            }
        }
        None => change.only_if("attribute_exists(PK)"),
    }
}

/// The part of a transaction that counts one of these fewer.
pub(crate) fn give_back(user: UserId, limited: Limited) -> Change {
    fewer(user, attribute_of(limited))
}
