//! Addresses: found in text, and compared as the United States Postal Service abbreviates them (Publication 28,
//! <https://pe.usps.com/text/pub28/welcome.htm>).

use domain::lease::Expected;

use super::section::Piece;
use super::token::{Kind, Token};
use crate::Document;

/// The usual words for kinds of streets, each with its abbreviation in Publication 28, appendix C1.
#[rustfmt::skip]
const SUFFIXES: &[(&str, &[&str])] = &[
    ("aly", &["alley", "aly"]), ("ave", &["avenue", "ave", "av", "aven"]), ("bnd", &["bend", "bnd"]),
    ("blvd", &["boulevard", "blvd", "boul"]), ("br", &["branch"]), ("byp", &["bypass"]), ("cir", &["circle", "cir", "circ"]),
    ("cres", &["crescent", "cres"]), ("ct", &["court", "ct", "crt"]), ("cv", &["cove", "cv"]), ("crk", &["creek", "crk"]),
    ("xing", &["crossing", "xing"]), ("dr", &["drive", "dr", "drv"]), ("expy", &["expressway", "expy"]),
    ("ext", &["extension", "ext"]), ("gdns", &["gardens", "gdns", "garden"]), ("gln", &["glen", "gln"]),
    ("grn", &["green", "grn"]), ("grv", &["grove", "grv"]), ("hbr", &["harbor", "hbr"]), ("hts", &["heights", "hts"]),
    ("hwy", &["highway", "hwy"]), ("hl", &["hill", "hl"]), ("holw", &["hollow", "holw"]), ("isle", &["isle"]),
    ("jct", &["junction", "jct"]), ("lk", &["lake", "lk"]), ("lndg", &["landing", "lndg"]), ("ln", &["lane", "ln"]),
    ("loop", &["loop"]), ("mnr", &["manor", "mnr"]), ("mdw", &["meadow", "meadows", "mdw", "mdws"]), ("mews", &["mews"]),
    ("ml", &["mill"]), ("mt", &["mount", "mt"]), ("park", &["park", "prk"]), ("pkwy", &["parkway", "pkwy", "pky"]),
    ("pass", &["pass"]), ("path", &["path"]), ("pike", &["pike"]), ("pl", &["place", "pl"]), ("plz", &["plaza", "plz"]),
    ("pt", &["point", "pt"]), ("rdg", &["ridge", "rdg"]), ("rd", &["road", "rd"]), ("row", &["row"]), ("run", &["run"]),
    ("sq", &["square", "sq"]), ("sta", &["station", "sta"]), ("st", &["street", "st", "str", "saint"]),
    ("smt", &["summit", "smt"]), ("ter", &["terrace", "ter", "terr"]), ("trce", &["trace", "trce"]),
    ("trl", &["trail", "trl"]), ("tpke", &["turnpike", "tpke"]), ("vw", &["view", "vw"]), ("vlg", &["village", "vlg"]),
    ("walk", &["walk"]), ("way", &["way", "wy"]), ("broadway", &["broadway"]), ("esplanade", &["esplanade"]),
];
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("n", &["north", "n"]),
    ("s", &["south", "s"]),
    ("e", &["east", "e"]),
    ("w", &["west", "w"]),
    ("ne", &["northeast", "ne"]),
    ("nw", &["northwest", "nw"]),
    ("se", &["southeast", "se"]),
    ("sw", &["southwest", "sw"]),
];
/// Words before the name of a unit (Publication 28, appendix C2).
const UNITS: &[&str] = &[
    "apt",
    "apartment",
    "unit",
    "ste",
    "suite",
    "rm",
    "room",
    "no",
    "number",
    "num",
    "apmt",
    "flat",
    "lot",
    "spc",
];
const BUILDINGS: &[&str] = &["bldg", "building"];
#[rustfmt::skip]
const STATES: &[(&str, &str)] = &[
    ("alabama", "al"), ("alaska", "ak"), ("arizona", "az"), ("arkansas", "ar"), ("california", "ca"), ("colorado", "co"),
    ("connecticut", "ct"), ("delaware", "de"), ("florida", "fl"), ("georgia", "ga"), ("hawaii", "hi"), ("idaho", "id"),
    ("illinois", "il"), ("indiana", "in"), ("iowa", "ia"), ("kansas", "ks"), ("kentucky", "ky"), ("louisiana", "la"),
    ("maine", "me"), ("maryland", "md"), ("massachusetts", "ma"), ("michigan", "mi"), ("minnesota", "mn"),
    ("mississippi", "ms"), ("missouri", "mo"), ("montana", "mt"), ("nebraska", "ne"), ("nevada", "nv"), ("ohio", "oh"),
    ("oklahoma", "ok"), ("oregon", "or"), ("pennsylvania", "pa"), ("tennessee", "tn"), ("texas", "tx"), ("utah", "ut"),
    ("vermont", "vt"), ("virginia", "va"), ("washington", "wa"), ("wisconsin", "wi"), ("wyoming", "wy"),
];

/// Tokens that an address may take.
const LONGEST: usize = 26;

/// What an address is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Of what is let.
    Premises,
    /// Of somebody: the landlord, an office, a court.
    Other,
    /// Nothing says of what.
    Unsaid,
}

/// An address in a piece.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) whose: Whose,
    pub(super) words: Vec<usize>,
    pub(super) has_unit: bool,
}

/// The addresses in a piece.
pub(super) fn found(document: &Document, piece: &Piece) -> Vec<Found> {
    let tokens = &piece.tokens[..piece.own.end.min(piece.tokens.len())];
    let mut found = Vec::new();
    let mut at = piece.own.start;
    while at < tokens.len() {
        super::count_step();
        let Some(end) = end_of(tokens, at) else {
            at += 1;
            continue;
        };
        // "Apartment 4B, 148 Mill Road" and "Unit 4B at 148 Mill Road".
        let start = unit_before(tokens, piece.own.start, at).unwrap_or(at);
        let mut words: Vec<usize> = tokens[start..end].iter().map(|token| token.word).collect();
        words.dedup();
        found.push(Found {
            whose: whose(document, tokens, start, end),
            has_unit: start < at || unit_of(&plain(&document.text(words.iter().copied()))).is_some(),
            words,
        });
        at = end;
    }
    found
}

/// Where the address ends that begins at `start`; none if none begins there.
fn end_of(tokens: &[Token], start: usize) -> Option<usize> {
    let first = &tokens[start];
    let digits = first.text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let is_number = first.kind == Kind::Number
        && (1..=6).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && first.text.len() - digits.len() <= 1;
    if !is_number
        || start > 0 && first.glued && !tokens[start - 1].is_mark(&["(", "\"", "\u{201c}", ":", "[", "#"])
    {
        return None;
    }
    // "34-12 30th Avenue" and "12 1/2 Oak Street".
    let mut at = start + 1;
    while at + 1 < tokens.len()
        && tokens[at].is_mark(&["-", "/"])
        && tokens[at].glued
        && tokens[at + 1].kind == Kind::Number
    {
        at += 2;
    }
    let named = tokens.get(at).is_some_and(|token| {
        token.kind == Kind::Word && token.capital
            || token.kind == Kind::Number && token.text.ends_with(|c: char| c.is_alphabetic())
    });
    if !named {
        return None;
    }
    let suffix = (at..tokens.len().min(at + 7))
        .take_while(|at| {
            let token = &tokens[*at];
            token.capital || token.kind == Kind::Number || token.is_mark(&[".", "'"])
        })
        .filter(|at| canonical_of(SUFFIXES, &lower(&tokens[*at])).is_some())
        .last()?;
    if suffix == at && !tokens[at].is("broadway") && tokens[at].text.len() < 5 {
        return None;
    }
    let mut end = suffix + 1;
    let mut zip = None;
    while end < tokens.len() && end < start + LONGEST {
        let token = &tokens[end];
        let five = token.kind == Kind::Number
            && token.text.len() == 5
            && token.text.bytes().all(|byte| byte.is_ascii_digit());
        if five && !token.glued {
            zip = Some(end + 1);
            break;
        }
        let goes_on = token.capital
            || token.is_mark(&[",", ".", "#", "-", "'"])
            || token.kind == Kind::Number
            || is_unit(token)
            || in_a_city(tokens, end)
            || token.text.len() == 1 && token.kind == Kind::Word;
        let over = token.is_mark(&["(", ")", ";", "\""])
            || token.kind == Kind::Money
            || !goes_on
            // A period that ends a sentence: behind a word that is no abbreviation, before a capital.
            || token.is_mark(&["."])
                && tokens[end - 1].text.len() > 4
                && tokens.get(end + 1).is_some_and(|next| next.capital && !is_unit(next));
        if over {
            break;
        }
        end += 1;
    }
    let mut end = zip.unwrap_or(end);
    // "-1234" behind the ZIP.
    if zip.is_some()
        && tokens
            .get(end)
            .is_some_and(|token| token.is_mark(&["-"]) && token.glued)
    {
        end = (end + 2).min(tokens.len());
    }
    while end > start + 1 && tokens[end - 1].is_mark(&[",", "."]) {
        end -= 1;
    }
    Some(end)
}

/// The "in" of "148 Mill Road in Atlanta, GA": a state or a ZIP code has to follow, so that it is no other "in".
fn in_a_city(tokens: &[Token], at: usize) -> bool {
    let behind = tokens.get(at + 1..tokens.len().min(at + 9)).unwrap_or_default();
    let ends = behind.iter().any(|token| {
        let five = token.kind == Kind::Number && token.text.len() == 5;
        five && token.text.bytes().all(|byte| byte.is_ascii_digit())
            || token.capital && STATES.iter().any(|(name, code)| token.is(name) || token.is(code))
    });
    tokens[at].is("in") && behind.first().is_some_and(|next| next.capital) && ends
}

fn is_unit(token: &Token) -> bool {
    UNITS.contains(&token.text.as_str()) || BUILDINGS.contains(&token.text.as_str())
}

/// Where a unit begins that is named before the street.
fn unit_before(tokens: &[Token], from: usize, start: usize) -> Option<usize> {
    let from = start.saturating_sub(14).max(from);
    let at = (from..start).rev().find(|at| {
        matches!(
            tokens[*at].text.as_str(),
            "apt" | "apartment" | "unit" | "suite" | "#"
        )
    })?;
    // Between: its name, and small words that lead on to the street.
    let mut next = at + 1;
    while tokens
        .get(next)
        .is_some_and(|token| token.is_mark(&["#", "."]) || matches!(token.text.as_str(), "no" | "number"))
    {
        next += 1;
    }
    let name = tokens.get(next).filter(|_| next < start)?;
    let is_name =
        name.kind == Kind::Number || name.kind == Kind::Word && name.text.len() <= 2 && name.capital;
    (is_name
        && !tokens[next..start]
            .iter()
            .any(|token| token.is_mark(&[";", "(", ")"])))
    .then_some(at)
}

/// Of what an address is: the nearest word before it that says so.
fn whose(document: &Document, tokens: &[Token], start: usize, end: usize) -> Whose {
    // `500 Market Street ("Landlord")`.
    let behind = tokens[end..tokens.len().min(end + 7)].iter();
    let mut behind = behind.take_while(|token| !token.is_mark(&[".", ";"]));
    if behind.any(|token| {
        matches!(
            token.text.as_str(),
            "landlord" | "lessor" | "owner" | "agent" | "manager" | "management"
        )
    }) {
        return Whose::Other;
    }
    let before = &tokens[start.saturating_sub(26)..start];
    let mut weak = false;
    for (distance, token) in before.iter().rev().enumerate() {
        let text = token.text.as_str();
        let as_written = document.words[token.word].text.to_lowercase();
        if matches!(
            text,
            "premise"
                | "property"
                | "dwelling"
                | "residence"
                | "apartment"
                | "home"
                | "house"
                | "unit"
                | "demised"
                | "leased"
                | "flat"
                | "condominium"
                | "townhouse"
                | "townhome"
                | "space"
                | "let"
        ) || matches!(
            as_written.trim_matches(|c: char| !c.is_alphabetic()),
            "leases" | "rents" | "lets" | "demises"
        ) {
            // "the office of the property": what was said before it counts more.
            let mut rest = before[..before.len() - 1 - distance]
                .iter()
                .rev()
                .skip_while(|token| token.is("the"));
            let leads = rest
                .next()
                .is_some_and(|token| matches!(token.text.as_str(), "of" | "at" | "in" | "for" | "from"));
            let office = leads && rest.take(5).any(|token| is_somebody(&token.text));
            return if office && matches!(text, "property" | "home") {
                Whose::Other
            } else {
                Whose::Premises
            };
        }
        if is_somebody(text) {
            return Whose::Other;
        }
        weak |= matches!(text, "located" | "known" | "situated" | "situate" | "location");
    }
    if weak { Whose::Premises } else { Whose::Unsaid }
}

fn is_somebody(stem: &str) -> bool {
    matches!(
        stem,
        "landlord"
            | "lessor"
            | "owner"
            | "manager"
            | "management"
            | "agent"
            | "notice"
            | "mail"
            | "mailed"
            | "mailing"
            | "send"
            | "sent"
            | "payable"
            | "pay"
            | "payment"
            | "paid"
            | "deliver"
            | "delivered"
            | "office"
            | "bank"
            | "current"
            | "previous"
            | "former"
            | "forwarding"
            | "permanent"
            | "employer"
            | "emergency"
            | "guarantor"
            | "attorney"
            | "courthouse"
            | "broker"
            | "company"
            | "llc"
            | "inc"
            | "present"
            | "email"
            | "phone"
            | "witness"
            | "notary"
            | "remit"
            | "prior"
    )
}

fn lower(token: &Token) -> String {
    // A stem may have lost an "s" that belongs to it: "mews", "gardens".
    token.text.clone()
}

fn canonical_of(table: &[(&'static str, &[&str])], word: &str) -> Option<&'static str> {
    let of = |form: &&str| *form == word || super::token::stem(form) == word;
    table
        .iter()
        .find(|(_, forms)| forms.iter().any(of))
        .map(|(canonical, _)| *canonical)
}

/// An address as it is compared: small letters, abbreviated; commas and `#` stand alone.
fn plain(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut part = String::new();
    let push = |part: &mut String, parts: &mut Vec<String>| {
        if !part.is_empty() {
            parts.push(abbreviated(&std::mem::take(part)));
        }
    };
    for c in super::name::folded(text).chars() {
        match c {
            '#' | ',' => {
                push(&mut part, &mut parts);
                parts.push(c.to_string());
            }
            c if c.is_alphanumeric() || c == '-' => part.push(c),
            '.' | '\'' => {}
            _ => push(&mut part, &mut parts),
        }
    }
    push(&mut part, &mut parts);
    parts
}

fn abbreviated(word: &str) -> String {
    const ORDINALS: [(&str, &str); 12] = [
        ("first", "1st"),
        ("second", "2nd"),
        ("third", "3rd"),
        ("fourth", "4th"),
        ("fifth", "5th"),
        ("sixth", "6th"),
        ("seventh", "7th"),
        ("eighth", "8th"),
        ("ninth", "9th"),
        ("tenth", "10th"),
        ("eleventh", "11th"),
        ("twelfth", "12th"),
    ];
    if let Some((_, number)) = ORDINALS.iter().find(|(ordinal, _)| *ordinal == word) {
        return (*number).to_owned();
    }
    canonical_of(DIRECTIONS, word)
        .or_else(|| {
            SUFFIXES
                .iter()
                .find(|(_, forms)| forms.contains(&word))
                .map(|(canonical, _)| *canonical)
        })
        .map_or_else(|| word.to_owned(), str::to_owned)
}

/// The unit that an address names, without hyphens.
fn unit_of(parts: &[String]) -> Option<String> {
    let at = parts
        .iter()
        .position(|part| part == "#" || UNITS.contains(&part.as_str()) && part != "no" && part != "number")?;
    let name = parts[at + 1..]
        .iter()
        .find(|part| *part != "#" && *part != "no" && *part != "number" && *part != ",")?;
    Some(name.replace('-', ""))
}

fn building_of(parts: &[String]) -> Option<String> {
    let at = parts.iter().position(|part| BUILDINGS.contains(&part.as_str()))?;
    parts.get(at + 1).cloned()
}

/// The unit that an address names: small letters and digits alone.
pub(super) fn unit(address: &str) -> Option<String> {
    unit_of(&plain(address))
}

/// Whether an address says in which city it is, or under which ZIP code.
pub(super) fn names_place(address: &str, expected: &Expected) -> bool {
    let (found, city) = (plain(address), plain(&expected.city));
    found.contains(&expected.zip_code)
        || found.iter().any(|part| {
            part.strip_prefix(expected.zip_code.as_str())
                .is_some_and(|rest| rest.starts_with('-'))
        })
        || !city.is_empty() && found.windows(city.len()).any(|window| window == city)
}

/// The city, state and ZIP code that a piece is the field of: "City: Atlanta", "State: GA".
pub(super) fn place_alone(document: &Document, piece: &Piece) -> Option<String> {
    const LABELS: [&str; 8] = [
        "city", "town", "state", "zip", "zipcode", "code", "postal", "county",
    ];
    let Piece { tokens, own, .. } = piece;
    let is_label = |token: &Token| LABELS.contains(&token.text.as_str());
    let joins = |token: &Token| token.is_mark(&["/", ",", "&"]) || token.is("and");
    // A label is what stands before a colon: "Kansas City" is none.
    let before_colon = |at: usize| {
        tokens[at..]
            .iter()
            .find(|token| !is_label(token) && !joins(token))
            .is_some_and(|token| token.is_mark(&[":"]))
    };
    let labelled = tokens.first().is_some_and(is_label) && before_colon(0);
    if !labelled || own.len() > 16 {
        return None;
    }
    let mut words: Vec<usize> = (own.start..own.end)
        .filter(|at| {
            let token = &tokens[*at];
            token.kind != Kind::Mark && !(is_label(token) && before_colon(*at))
        })
        .map(|at| tokens[at].word)
        .collect();
    words.dedup();
    let text = document.text(words);
    (!text.is_empty()).then_some(text)
}

/// How an address compares with the one that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    Same,
    OtherUnit,
    Other,
}

/// Compares an address of a lease with the property's.
pub(super) fn compare(found: &str, expected: &Expected) -> Compared {
    let (found, wanted) = (plain(found), plain(&expected.address));
    let unit = unit_of(&wanted);
    let street = street(&wanted);
    if street.len() < 2 || !holds_street(&found, &street, expected) {
        return Compared::Other;
    }
    let units = (unit_of(&found), unit);
    let buildings = (building_of(&found), building_of(&wanted));
    match (units, buildings) {
        ((Some(a), Some(b)), _) if a != b => Compared::OtherUnit,
        (_, (Some(a), Some(b))) if a != b => Compared::OtherUnit,
        _ => Compared::Same,
    }
}

/// The number and the street of an address.
fn street(parts: &[String]) -> Vec<String> {
    let first = parts
        .iter()
        .position(|part| part.starts_with(|c: char| c.is_ascii_digit()));
    let Some(first) = first else { return Vec::new() };
    // A unit before the street: "Apt 4B, 148 Mill Road".
    let first = if first > 0 && (UNITS.contains(&parts[first - 1].as_str()) || parts[first - 1] == "#") {
        match parts[first + 1..]
            .iter()
            .position(|part| part.starts_with(|c: char| c.is_ascii_digit()))
        {
            Some(at) => first + 1 + at,
            None => first,
        }
    } else {
        first
    };
    parts[first..]
        .iter()
        .take_while(|part| {
            *part != ","
                && *part != "#"
                && !UNITS.contains(&part.as_str())
                && !BUILDINGS.contains(&part.as_str())
        })
        .cloned()
        .collect()
}

/// Whether this is the street, and nothing behind it says that it is one of the same name elsewhere.
fn holds_street(found: &[String], street: &[String], expected: &Expected) -> bool {
    let Some(at) = found.windows(street.len()).position(|window| window == street) else {
        return false;
    };
    // The number must begin: "1148 Mill Road" does not hold "148 Mill Road", and is another word anyway; "Apt 4, 148" does.
    let rest = &found[at + street.len()..];
    let city = plain(&expected.city);
    if let Some(next) = rest.first()
        && (canonical_of(DIRECTIONS, next).is_some()
            || SUFFIXES.iter().any(|(canonical, _)| canonical == next))
        && city.first() != Some(next)
    {
        return false;
    }
    let zip = rest.iter().rev().find_map(|part| {
        let five = part.get(..5)?;
        let is_zip =
            five.bytes().all(|byte| byte.is_ascii_digit()) && (part.len() == 5 || part.as_bytes()[5] == b'-');
        is_zip.then_some(five)
    });
    if let Some(zip) = zip {
        return zip == expected.zip_code;
    }
    let named_state = rest.iter().rev().find_map(|part| {
        STATES
            .iter()
            .find(|(name, code)| part == name || part == code)
            .map(|(_, code)| *code)
    });
    if named_state.is_some_and(|state| state != expected.state.to_lowercase()) {
        return false;
    }
    // Without a ZIP the city has to be the same, if one is named.
    let names = rest.iter().any(|part| {
        part.len() > 3 && part.chars().all(char::is_alphabetic) && !UNITS.contains(&part.as_str())
    });
    !names || city.is_empty() || rest.windows(city.len()).any(|window| window == city)
}

/// A unit that is named by itself, as a field "Unit: 4B" does.
pub(super) fn unit_alone(document: &Document, piece: &Piece) -> Option<Vec<usize>> {
    let Piece { tokens, own, .. } = piece;
    let label: Vec<&str> = tokens[..own.start]
        .iter()
        .filter(|token| token.kind != Kind::Mark)
        .map(|token| token.text.as_str())
        .collect();
    let is_label = |label: &[&str]| {
        !label.is_empty()
            && label.len() <= 3
            && label
                .iter()
                .any(|word| matches!(*word, "unit" | "apt" | "apartment"))
            && label.iter().all(|word| {
                matches!(
                    *word,
                    "unit" | "apt" | "apartment" | "no" | "number" | "the" | "premise"
                )
            })
    };
    let value = if is_label(&label) {
        own.clone()
    } else {
        // "Unit No.: 4B" in one line.
        let colon = (own.start..own.end.min(own.start + 6)).find(|at| tokens[*at].is_mark(&[":"]))?;
        let label: Vec<&str> = tokens[own.start..colon]
            .iter()
            .filter(|token| token.kind != Kind::Mark)
            .map(|token| token.text.as_str())
            .collect();
        if !is_label(&label) {
            return None;
        }
        colon + 1..own.end
    };
    let mut words: Vec<usize> = tokens[value].iter().map(|token| token.word).collect();
    words.dedup();
    let text = document.text(words.iter().copied());
    let name = text.trim_matches(|c: char| !c.is_alphanumeric());
    ((1..=2).contains(&words.len()) && (1..=8).contains(&name.len())).then_some(words)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn expected(address: &str) -> Expected {
        Expected {
            tenant: None,
            address: address.to_owned(),
            city: "North Little Rock".to_owned(),
            state: "AR".to_owned(),
            zip_code: "72114".to_owned(),
            paid_on: date(2026, 5, 1),
        }
    }

    #[test]
    fn an_address_is_the_same_however_it_is_abbreviated() {
        let expected = expected("148 North Mill Road, Apt 4-B");
        for same in [
            "148 N. Mill Rd., Apt. 4B, North Little Rock, AR 72114",
            "148 N Mill Rd #4B North Little Rock Arkansas 72114-1234",
            "148 NORTH MILL ROAD UNIT 4-B, NORTH LITTLE ROCK, AR",
            "Apartment 4B, 148 North Mill Road, North Little Rock",
            "148 North Mill Road",
            "148 North Mill Road North Little Rock AR 72114",
            "148 North Mill Road, Apartment No. 4B, North Little Rock",
        ] {
            assert_eq!(compare(same, &expected), Compared::Same, "{same}");
        }
    }

    #[test]
    fn another_unit_is_told_from_another_address() {
        let expected = expected("148 North Mill Road, Apt 4B");
        for (other, compared) in [
            ("148 North Mill Road, Apt 5B", Compared::OtherUnit),
            ("148 North Mill Road #4", Compared::OtherUnit),
            ("Unit 12, 148 North Mill Road", Compared::OtherUnit),
            ("149 North Mill Road, Apt 4B", Compared::Other),
            ("148 South Mill Road, Apt 4B", Compared::Other),
            ("148 Mill Road, Apt 4B", Compared::Other),
            ("148 North Mill Road West, Apt 4B", Compared::Other),
            ("148 North Miller Road, Apt 4B", Compared::Other),
            ("148 North Mill Street, Apt 4B", Compared::Other),
            ("148 North Mill Road, Apt 4B, Conway, AR 72032", Compared::Other),
            ("148 North Mill Road, Apt 4B, Conway", Compared::Other),
            (
                "148 North Mill Road, Apt 4B, North Little Rock, TX",
                Compared::Other,
            ),
            ("1148 North Mill Road, Apt 4B", Compared::Other),
        ] {
            assert_eq!(compare(other, &expected), compared, "{other}");
        }
    }

    #[test]
    fn ordinals_and_saints_are_abbreviated() {
        let expected = expected("12 First Saint James Street");
        assert_eq!(compare("12 1st St. James St", &expected), Compared::Same);
    }
}
