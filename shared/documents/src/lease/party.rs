//! Who lets and who rents.

use domain::lease::Signer;

use super::section::Piece;
use super::token::{Kind, Token};
use crate::Document;

/// Names that were found together, as words of the document.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) by: Signer,
    pub(super) words: Vec<usize>,
}

/// Whose role a word names.
pub(super) fn role(stem: &str) -> Option<Signer> {
    match stem {
        "tenant" | "lessee" | "resident" | "renter" | "cotenant" => Some(Signer::Tenant),
        "landlord" | "lessor" | "owner" | "manager" | "management" | "agent" => Some(Signer::Landlord),
        _ => None,
    }
}

/// Words of labels that ask for something else of a person than the name.
const NOT_A_NAME: [&str; 42] = [
    "phone",
    "telephone",
    "email",
    "mail",
    "share",
    "portion",
    "insurance",
    "initial",
    "address",
    "date",
    "rent",
    "deposit",
    "payment",
    "signature",
    "sign",
    "number",
    "notice",
    "fee",
    "income",
    "employer",
    "emergency",
    "guarantor",
    "occupant",
    "pay",
    "responsible",
    "responsibility",
    "obligation",
    "duty",
    "liability",
    "utility",
    "paid",
    "contact",
    "reference",
    "vehicle",
    "pet",
    "unit",
    "lease",
    "agreement",
    "key",
    "witness",
    "copy",
    "amount",
];
/// Words that stand between a name and the role.
const BETWEEN: [&str; 18] = [
    "the",
    "hereinafter",
    "hereafter",
    "herein",
    "called",
    "referred",
    "to",
    "as",
    "collectively",
    "individually",
    "known",
    "each",
    "a",
    "jointly",
    "severally",
    "together",
    "whether",
    "or",
];
/// Words, in capitals too, at which a name is over.
const OVER: [&str; 30] = [
    "between",
    "by",
    "with",
    "is",
    "made",
    "this",
    "lease",
    "agreement",
    "from",
    "to",
    "on",
    "the",
    "in",
    "of",
    "for",
    "entered",
    "into",
    "party",
    "date",
    "name",
    "print",
    "printed",
    "signature",
    "residential",
    "rental",
    "effective",
    "as",
    "let",
    "dated",
    "contract",
];

/// The parties that a piece names.
pub(super) fn found(document: &Document, piece: &Piece) -> Vec<Found> {
    let Piece { tokens, own, .. } = piece;
    let mut found = Vec::new();
    if let Some(by) = label_role(&tokens[..own.start]) {
        found.extend(names(document, by, &tokens[own.clone()]));
    }
    let mut at = own.start;
    while at < own.end.min(tokens.len()) {
        super::count_step();
        let Some(by) = role(&tokens[at].text) else {
            at += 1;
            continue;
        };
        if let Some((start, end)) = labelled(tokens, own.clone(), at) {
            found.extend(names(document, by, &tokens[start..end]));
        } else if tokens[at].capital
            && let Some((start, end)) = before_its_role(tokens, own.start, at)
        {
            found.extend(names(document, by, &tokens[start..end]));
        }
        at += 1;
    }
    found
}

/// The role that a label asks the name of.
fn label_role(label: &[Token]) -> Option<Signer> {
    let words: Vec<&str> = label
        .iter()
        .filter(|token| token.kind == Kind::Word)
        .map(|token| token.text.as_str())
        .collect();
    if words.len() > 6 || words.iter().any(|word| NOT_A_NAME.contains(word)) {
        return None;
    }
    words.iter().find_map(|word| role(word))
}

/// The value behind "Tenant(s):", up to the next label.
fn labelled(tokens: &[Token], own: std::ops::Range<usize>, at: usize) -> Option<(usize, usize)> {
    let end = own.end.min(tokens.len());
    let colon = (at + 1..end.min(at + 6)).find(|at| tokens[*at].is_mark(&[":"]))?;
    // What stands before the role belongs to the label: "Name of Tenant:", "2. Tenant:".
    let label_start = (own.start..at)
        .rev()
        .find(|at| tokens[*at].is_mark(&[".", ":", ";", ",", ")"]) || tokens[*at].kind == Kind::Number)
        .map_or(own.start, |at| at + 1);
    label_role(&tokens[label_start..colon])?;
    let mut stop = colon + 1;
    while stop < end && !tokens[stop].is_mark(&["(", ";", "_"]) {
        // The next label begins with a role, or ends with a colon.
        if role(&tokens[stop].text).is_some() || tokens[stop].kind == Kind::Number {
            break;
        }
        if tokens[stop].is_mark(&[":"]) {
            stop = stop.saturating_sub(2).max(colon + 1);
            break;
        }
        stop += 1;
    }
    (stop > colon + 1).then_some((colon + 1, stop))
}

/// The names that stand before `("Tenant")`, `, as Tenant`, `, hereinafter called "Tenant"`.
fn before_its_role(tokens: &[Token], from: usize, at: usize) -> Option<(usize, usize)> {
    let mut end = at;
    let mut marked = false;
    while end > from {
        let token = &tokens[end - 1];
        let joins = token.kind == Kind::Word && BETWEEN.contains(&token.text.as_str());
        if joins {
            marked |= matches!(
                token.text.as_str(),
                "the" | "as" | "called" | "hereinafter" | "hereafter"
            );
        } else if token.is_mark(&["(", "\"", "\u{201c}", "\u{201d}", "'", "\u{2018}", "\u{2019}"]) {
            marked = true;
        } else if !token.is_mark(&[",", "-"]) {
            break;
        }
        end -= 1;
    }
    if !marked {
        return None;
    }
    // "Ana Lopez, an individual", "…, husband and wife": what they are stands behind a comma.
    let mut start = end;
    if start > from && tokens[start - 1].kind == Kind::Word && !tokens[start - 1].capital {
        let comma = (from.max(start.saturating_sub(10))..start)
            .rev()
            .find(|at| tokens[*at].is_mark(&[","]))?;
        start = comma;
        end = comma;
    }
    while start > from {
        let token = &tokens[start - 1];
        let part = token.kind == Kind::Word
            && token.capital
            && !OVER.contains(&token.text.as_str())
            && role(&token.text).is_none()
            || token.is("and")
            || token.is_mark(&[",", ".", "&", "-", "'"]);
        if !part {
            break;
        }
        start -= 1;
    }
    while start < end && (tokens[start].kind == Kind::Mark || tokens[start].is("and")) {
        start += 1;
    }
    (start < end).then_some((start, end))
}

/// The names among these tokens, each by itself.
fn names(document: &Document, by: Signer, tokens: &[Token]) -> Vec<Found> {
    let mut found = Vec::new();
    let until = tokens
        .iter()
        .position(|token| token.is_mark(&["("]) || token.kind == Kind::Number)
        .unwrap_or(tokens.len());
    for group in tokens[..until].split(|token| token.is("and") || token.is_mark(&["&", ";", "/"])) {
        let parts: Vec<&[Token]> = group.split(|token| token.is_mark(&[","])).collect();
        let counts = parts
            .iter()
            .map(|part| part.iter().filter(|token| token.kind == Kind::Word).count());
        let suffix = |part: &[Token]| matches!(part, [only, ..] if matches!(only.text.as_str(), "jr" | "sr" | "ii" | "iii" | "iv"));
        // "Ana Lopez, Ben Cho" are two; "Lopez, Ana" is one, and so is "Ana Lopez, Jr.".
        let several = counts.clone().filter(|count| *count > 0).all(|count| count >= 2);
        if several {
            found.extend(parts.iter().filter_map(|part| name(document, by, part)));
        } else if parts.len() <= 2 || parts.iter().any(|part| suffix(part)) {
            found.extend(name(document, by, group));
        } else {
            found.extend(parts.iter().filter_map(|part| name(document, by, part)));
        }
    }
    found
}

fn name(document: &Document, by: Signer, tokens: &[Token]) -> Option<Found> {
    let names: Vec<&Token> = tokens.iter().filter(|token| token.kind == Kind::Word).collect();
    let is_name = (1..=8).contains(&names.len())
        && names.iter().any(|token| token.text.chars().count() > 1)
        && names.iter().filter(|token| !token.capital).count() <= names.len() / 2
        && !names
            .iter()
            .any(|token| NOT_A_NAME.contains(&token.text.as_str()) || role(&token.text).is_some())
        && !tokens.iter().any(|token| token.kind == Kind::Money);
    if !is_name {
        return None;
    }
    let mut words: Vec<usize> = tokens.iter().map(|token| token.word).collect();
    words.dedup();
    let text = document.text(words.iter().copied());
    text.contains(char::is_alphabetic).then_some(Found { by, words })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::tests::{document_of, pieces_of};

    fn tenants(lines: &[&str]) -> Vec<String> {
        let document = document_of(lines);
        let of_pieces = pieces_of(&document);
        let found = of_pieces.iter().flat_map(|piece| found(&document, piece));
        found
            .filter(|found| found.by == Signer::Tenant)
            .map(|found| {
                let text = document.text(found.words);
                text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
            })
            .collect()
    }

    #[test]
    fn tenants_are_found_however_the_lease_names_them() {
        for (text, expected) in [
            ("Tenant: Ana Lopez", &["Ana Lopez"][..]),
            ("Tenant(s): Ana Lopez and Ben Cho", &["Ana Lopez", "Ben Cho"]),
            ("Name of Resident: Ana Lopez, Ben Cho", &["Ana Lopez", "Ben Cho"]),
            ("Lessee: Lopez, Ana", &["Lopez, Ana"]),
            (
                "This lease is made between Acme Homes LLC (\"Landlord\") and Ana Lopez (\"Tenant\").",
                &["Ana Lopez"],
            ),
            (
                "THIS LEASE IS MADE BY AND BETWEEN ACME HOMES LLC (\"LANDLORD\") AND ANA LOPEZ AND BEN CHO (\"TENANT\").",
                &["ANA LOPEZ", "BEN CHO"],
            ),
            (
                "On May 3, 2026 Acme Homes LLC, as Landlord, and Ana M. Lopez, as Tenant, agree as follows.",
                &["Ana M. Lopez"],
            ),
            (
                "Parties: Acme Homes LLC, the Landlord; Ana Lopez, the Tenant.",
                &["Ana Lopez"],
            ),
            (
                "between Acme, hereinafter called \"Lessor\", and Ana Lopez, hereinafter called \"Lessee\".",
                &["Ana Lopez"],
            ),
            (
                "between Acme (the \"Owner\") and Ana Lopez, an individual (the \"Resident\").",
                &["Ana Lopez"],
            ),
            ("Landlord: Acme Homes LLC Tenant: Ana Lopez", &["Ana Lopez"]),
        ] {
            assert_eq!(tenants(&[text]), expected, "{text}");
        }
    }

    #[test]
    fn what_a_tenant_does_is_not_a_name() {
        for text in [
            "Tenant shall pay rent on the first day.",
            "Tenant's phone: 555 0100",
            "Tenant Signature: ____",
            "The Tenant agrees to keep the Premises clean.",
            "Utilities paid by Tenant: Water and Gas",
        ] {
            assert_eq!(tenants(&[text]), Vec::<String>::new(), "{text}");
        }
    }
}
