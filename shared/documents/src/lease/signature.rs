//! Who signed.

use domain::lease::{Bounds, Signature, Signer};

use super::name::same_person;
use super::party::role;
use super::section::Piece;
use super::token::{Kind, stem};
use crate::Document;

/// How far above or below a signature its label may be, as a share of the page.
const NEAR: f32 = 0.055;
/// How far to the left on the same level.
const BESIDE: f32 = 0.3;
/// A page with more lines is none that a person signs; looking around on it would take too long.
const LINES_AT_MOST: usize = 1000;

/// The words near a word: on the same level to its left, or above and below it.
pub(super) fn near(document: &Document, word: usize) -> Vec<usize> {
    let word = &document.words[word];
    around(document, word.page, word.bounds)
        .into_iter()
        .map(|(at, _)| at)
        .collect()
}

/// The words near a box, the nearest first, each with its distance.
fn around(document: &Document, page: u16, bounds: Bounds) -> Vec<(usize, f32)> {
    let mut near: Vec<(usize, f32)> = Vec::new();
    let lines = document.lines_of(page);
    if lines.len() > LINES_AT_MOST {
        return near;
    }
    for line in lines {
        super::count_step();
        if line.bounds.top > bounds.top + bounds.height + NEAR
            || line.bounds.top + line.bounds.height < bounds.top - NEAR
        {
            continue;
        }
        for at in line.words.clone() {
            let word = &document.words[at].bounds;
            let across = (word.left - (bounds.left + bounds.width))
                .max(bounds.left - (word.left + word.width))
                .max(0.0);
            let below = word.top - (bounds.top + bounds.height);
            let above = bounds.top - (word.top + word.height);
            let apart = below.max(above).max(0.0);
            let level = apart <= 0.0;
            let before = word.left < bounds.left + 0.5 * bounds.width;
            if level && before && across <= BESIDE {
                near.push((at, across * 0.3));
            } else if !level && apart <= NEAR && across <= 0.04 {
                // What a signature stands on is printed below it; what is above may belong to another.
                near.push((at, apart + across + if above > 0.0 { 0.03 } else { 0.0 }));
            }
        }
    }
    near.sort_by(|a, b| a.1.total_cmp(&b.1));
    near
}

/// A signature with its place.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) signature: Signature,
    pub(super) page: u16,
    pub(super) bounds: Bounds,
    pub(super) text: String,
    pub(super) confidence: f32,
}

/// The drawn signatures.
pub(super) fn drawn(document: &Document, tenants: &[String], landlords: &[String]) -> Vec<Found> {
    let of = |mark: &crate::document::Mark| {
        let near = around(document, mark.page, mark.bounds);
        let text: Vec<&str> = near
            .iter()
            .take(12)
            .map(|(at, _)| document.words[*at].text.as_str())
            .collect();
        let mut words: Vec<usize> = near.iter().map(|(at, _)| *at).collect();
        words.sort_unstable();
        let said = document.text(words);
        let initials = near
            .iter()
            .take(3)
            .any(|(at, _)| stem(&document.words[*at].text).starts_with("initial"));
        let by_role = near.iter().find_map(|(at, _)| {
            let text = document.words[*at].text.to_lowercase();
            let word = text.trim_matches(|c: char| !c.is_alphanumeric());
            // "Tenant(s)" and "Co-Tenant".
            word.split(|c: char| !c.is_alphabetic() && c != '\'' && c != '\u{2019}')
                .find_map(|word| match stem(word).as_str() {
                    "witness" | "guarantor" | "notary" | "broker" | "occupant" | "cosigner" => {
                        Some(Signer::Unknown)
                    }
                    other => role(other),
                })
        });
        let named = |names: &[String]| {
            names
                .iter()
                .find(|name| super::name::folded(&said).contains(&super::name::folded(name)))
                .cloned()
        };
        let (tenant, landlord) = (named(tenants), named(landlords));
        let by = if initials {
            Signer::Unknown
        } else {
            by_role.unwrap_or(match (&tenant, &landlord) {
                (Some(_), None) => Signer::Tenant,
                (None, Some(_)) => Signer::Landlord,
                _ => Signer::Unknown,
            })
        };
        Found {
            signature: Signature {
                by,
                typed: false,
                name: match by {
                    Signer::Tenant => tenant.unwrap_or_default(),
                    Signer::Landlord => landlord.unwrap_or_default(),
                    Signer::Unknown => String::new(),
                },
            },
            page: mark.page,
            bounds: mark.bounds,
            text: text.join(" "),
            confidence: mark.confidence,
        }
    };
    document.signatures.iter().map(of).collect()
}

/// Signatures that were typed: "/s/ Ana Lopez", "Electronically signed by Ana Lopez".
pub(super) fn typed(
    document: &Document,
    pieces: &[Piece],
    tenants: &[String],
    landlords: &[String],
) -> Vec<Found> {
    let mut found = Vec::new();
    for piece in pieces {
        let tokens = &piece.tokens;
        for at in piece.own.clone() {
            let conformed = tokens[at].is_mark(&["/"])
                && tokens.get(at + 1).is_some_and(|token| token.is("s"))
                && tokens.get(at + 2).is_some_and(|token| token.is_mark(&["/"]));
            let electronic = tokens[at].is("by")
                && at > 0
                && matches!(tokens[at - 1].text.as_str(), "signed" | "docusigned" | "esigned")
                && tokens[at.saturating_sub(3)..at].iter().any(|token| {
                    matches!(
                        token.text.as_str(),
                        "electronically" | "digitally" | "docusigned" | "e" | "esigned"
                    )
                });
            if !conformed && !electronic {
                continue;
            }
            let start = at + if conformed { 3 } else { 1 };
            let name: Vec<usize> = tokens[start.min(tokens.len())..]
                .iter()
                .skip_while(|token| token.is_mark(&[":"]))
                .take_while(|token| {
                    token.kind == Kind::Word && token.capital || token.is_mark(&[".", "-", "'", ","])
                })
                .take(10)
                .map(|token| token.word)
                .collect();
            let mut name = name;
            name.dedup();
            let Some(first) = name.first().copied() else {
                continue;
            };
            let text = document.text(name.iter().copied());
            let is_of = |names: &[String]| names.iter().any(|other| same_person(other, &text));
            let by = if is_of(tenants) {
                Signer::Tenant
            } else if is_of(landlords) {
                Signer::Landlord
            } else {
                Signer::Unknown
            };
            found.push(Found {
                page: document.words[first].page,
                bounds: crate::document::around(name.iter().map(|word| document.words[*word].bounds)),
                confidence: name
                    .iter()
                    .map(|word| document.words[*word].confidence)
                    .fold(100.0, f32::min),
                signature: Signature {
                    by,
                    typed: true,
                    name: text.clone(),
                },
                text,
            });
        }
    }
    found
}
