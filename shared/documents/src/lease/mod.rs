//! What a lease says, and whether a machine may decide on it.

mod address;
mod amount;
mod charges;
mod context;
mod cue;
mod date;
mod judge;
mod name;
mod number_words;
mod party;
mod section;
mod signature;
mod term;
mod token;

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use domain::lease::{Bounds, Confidence, Evidence, Finding, FoundBy, Reason, Signer};

pub use judge::judge;

use crate::Document;
use crate::document::around;
use amount::Amount;
use cue::Says;
use section::{Paper, Piece};
use token::Token;

/// What Textract is asked, each under the name that its answer comes back with.
pub const QUESTIONS: [(&str, &str); 7] = [
    ("RENT", "What is the monthly rent?"),
    ("TENANT", "Who is the tenant?"),
    ("LANDLORD", "Who is the landlord?"),
    ("ADDRESS", "What is the address of the leased premises?"),
    ("BEGINS", "On which date does the lease begin?"),
    ("ENDS", "On which date does the lease end?"),
    ("SIGNED", "On which date was the lease signed?"),
];

/// Characters of a finding's text.
const TEXT_AT_MOST: usize = 200;
/// Findings of one kind that are kept: evidence is stored as one item, and looked at by a person.
const KEPT: usize = 24;
const SET_ASIDE_KEPT: usize = 60;
/// Findings of one rent that are kept.
const OF_ONE_RENT: usize = 6;
/// What an answer to a question needs to be heard, in percent.
const HEARD: f32 = 50.0;
/// Pieces behind an address among which fields for its city, state and ZIP code are looked for.
const PLACE_WITHIN: usize = 3;
/// Below this a page as a whole is hard to read, in percent.
const LEGIBLE: f32 = 60.0;

/// What is found in `document`, each with its place.
#[must_use]
pub fn read(document: &Document) -> Evidence {
    let pieces = section::pieces(document, &crate::layout::passages(document));
    let mut evidence = Evidence::default();
    days(document, &pieces, &mut evidence);
    parties(document, &pieces, &mut evidence);
    addresses(document, &pieces, &mut evidence);
    signatures(document, &pieces, &mut evidence);
    rents(document, &pieces, &mut evidence);
    papers(document, &pieces, &mut evidence);
    legibility(document, &mut evidence);
    evidence
}

fn rents(document: &Document, pieces: &[Piece], evidence: &mut Evidence) {
    let mut units: Vec<String> = evidence
        .addresses
        .iter()
        .filter_map(|found| address::unit(&found.value))
        .collect();
    units.dedup();
    let mut all: Vec<_> = pieces
        .iter()
        .flat_map(|piece| charges::judged(document, piece, &units))
        .collect();
    let mut unplaced = Vec::new();
    for answer in document
        .answers
        .iter()
        .filter(|answer| answer.alias == "RENT" && answer.confidence >= HEARD)
    {
        let placed = all.iter_mut().filter(|amount| {
            let word = &document.words[amount.word];
            word.page == answer.page && overlap(word.bounds, answer.bounds)
        });
        let mut any = false;
        for amount in placed {
            any = true;
            if !amount.found_by.contains(&FoundBy::Query) {
                amount.found_by.push(FoundBy::Query);
            }
        }
        if !any {
            unplaced.push(answer);
        }
    }
    let months = match (evidence.begins.as_slice(), evidence.ends.as_slice()) {
        ([begins, ..], [ends, ..]) => term::months(begins.value, ends.value),
        _ => None,
    };
    let outcome = charges::weigh(document, all, pieces.iter().any(says_due_monthly), months);
    evidence.rents = kept_rents(outcome.rents);
    evidence.set_aside = outcome.set_aside;
    evidence.set_aside.truncate(SET_ASIDE_KEPT);
    evidence.doubts = outcome.doubts;
    // An answer that no amount of the text stands under is only heard where it contradicts.
    for answer in unplaced {
        let said = charges::rents_in(&answer.text);
        if said
            .iter()
            .any(|rent| evidence.rents.iter().any(|found| found.value != *rent))
        {
            evidence.doubts.push(Finding {
                value: Reason::RentsDisagree,
                page: answer.page,
                bounds: answer.bounds,
                text: shortened(&answer.text),
                confidence: Confidence::new(answer.confidence),
                found_by: FoundBy::Query,
            });
        }
    }
    for piece in pieces {
        if let Some(doubt) = charges::doubt_of(document, piece) {
            evidence.doubts.push(doubt);
        }
    }
    evidence.doubts.sort_by_key(|doubt| doubt.value);
    evidence.doubts.truncate(KEPT);
}

/// The likeliest first; of many findings of one rent only some, so that another rent is never left out.
fn kept_rents(mut rents: Vec<Finding<domain::Rent>>) -> Vec<Finding<domain::Rent>> {
    rents.sort_by(|a, b| {
        let by_confidence = b.confidence.percent().total_cmp(&a.confidence.percent());
        by_confidence.then(a.page.cmp(&b.page))
    });
    let mut counts = std::collections::HashMap::new();
    rents.retain(|rent| {
        let count = counts.entry(rent.value).or_insert(0_usize);
        *count += 1;
        *count <= OF_ONE_RENT
    });
    rents.truncate(KEPT);
    rents
}

/// Whether a piece has rent fall due by the month: "Rent is due on the first day of each month."
fn says_due_monthly(piece: &Piece) -> bool {
    let says = |says: Says| piece.cues.iter().any(|cue| cue.says == says);
    says(Says::Rent)
        && (says(Says::Month) || context::names_a_day_of_the_month(&piece.tokens))
        && piece.tokens.iter().any(|token| {
            matches!(
                token.text.as_str(),
                "due" | "payable" | "paid" | "pay" | "advance"
            )
        })
}

fn days(document: &Document, pieces: &[Piece], evidence: &mut Evidence) {
    let mut seen = HashSet::new();
    let all: Vec<(FoundBy, term::Found)> = pieces
        .iter()
        .flat_map(|piece| {
            let found = term::found(document, piece);
            found.into_iter().map(|found| (piece.found_by, found))
        })
        .collect();
    // "Ending date: March 31, 2027" may come back as a field "date:" alone: the sentence says which.
    let term: HashSet<usize> = all
        .iter()
        .filter(|(_, found)| !found.weak && found.meaning != term::Meaning::Signed)
        .flat_map(|(_, found)| found.words.iter().copied())
        .collect();
    for (found_by, found) in all {
        if !(found.weak && found.words.iter().any(|word| term.contains(word))) {
            let list = match found.meaning {
                term::Meaning::Signed => &mut evidence.dated,
                term::Meaning::Begins => &mut evidence.begins,
                term::Meaning::Ends => &mut evidence.ends,
            };
            // The earliest and the latest days are what the decision needs: each is kept once.
            if seen.insert((found.meaning as u8, found.date)) && list.len() < KEPT {
                let text = document.text(found.words.iter().copied());
                list.push(finding(document, found.date, &found.words, &text, found_by));
            }
        }
    }
    // Beyond what is kept nothing may hide.
    evidence.dated.sort_by_key(|found| found.value);
}

fn parties(document: &Document, pieces: &[Piece], evidence: &mut Evidence) {
    let mut seen = HashSet::new();
    for piece in pieces {
        for found in party::found(document, piece) {
            let text = document.text(found.words.iter().copied());
            let name = text
                .trim_matches(|c: char| !c.is_alphanumeric() && c != '.')
                .to_owned();
            let list = match found.by {
                Signer::Tenant => &mut evidence.tenants,
                Signer::Landlord | Signer::Unknown => &mut evidence.landlords,
            };
            if !name.is_empty() && list.len() < KEPT && seen.insert((found.by as u8, name::folded(&name))) {
                let name = shortened(&name);
                list.push(finding(document, name, &found.words, &text, piece.found_by));
            }
        }
    }
    if evidence.tenants.is_empty() {
        let of_landlord = |text: &str| {
            evidence
                .landlords
                .iter()
                .any(|landlord| name::folded(&landlord.value) == name::folded(text))
        };
        let answers = document.answers.iter().filter(|answer| {
            answer.alias == "TENANT"
                && answer.confidence >= Confidence::ENOUGH.percent()
                && !of_landlord(&answer.text)
        });
        evidence.tenants = answers.take(KEPT).map(answered).collect();
    }
}

fn addresses(document: &Document, pieces: &[Piece], evidence: &mut Evidence) {
    let mut premises = Vec::new();
    let mut unsaid = Vec::new();
    let mut units: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    // The address that fields for its city and ZIP code may follow: in which list, and how many pieces ago.
    let mut open: Option<(bool, usize)> = None;
    for piece in pieces {
        if let Some(place) = address::place_alone(document, piece) {
            if let Some((of_premises, _)) = open {
                let list = if of_premises { &mut premises } else { &mut unsaid };
                if let Some((last, _)) = list.last_mut() {
                    let last: &mut Finding<String> = last;
                    last.value = shortened(&format!("{}, {place}", last.value));
                }
            }
            continue;
        }
        open = open
            .filter(|(_, ago)| *ago < PLACE_WITHIN)
            .map(|(of_premises, ago)| (of_premises, ago + 1));
        if let Some(words) = address::unit_alone(document, piece) {
            let text = document.text(words);
            if units.len() < 3 && !units.contains(&text) {
                units.push(text);
            }
        }
        for found in address::found(document, piece) {
            open = None;
            let list = match found.whose {
                address::Whose::Premises => &mut premises,
                address::Whose::Unsaid => &mut unsaid,
                address::Whose::Other => continue,
            };
            let text = document.text(found.words.iter().copied());
            let text = text.trim_matches(|c: char| !c.is_alphanumeric());
            if list.len() < KEPT && seen.insert((found.whose as u8, name::folded(text))) {
                list.push((
                    finding(document, shortened(text), &found.words, text, piece.found_by),
                    found.has_unit,
                ));
                if piece.found_by == FoundBy::Sentence {
                    open = Some((found.whose == address::Whose::Premises, 0));
                }
            }
        }
    }
    let found = if premises.is_empty() { unsaid } else { premises };
    for (found, has_unit) in found {
        if has_unit || units.is_empty() {
            evidence.addresses.push(found);
        } else {
            evidence.addresses.extend(units.iter().map(|unit| {
                let mut with_unit = found.clone();
                let unit = unit.trim_start_matches('#');
                with_unit.value = shortened(&format!("Unit {unit}, {}", found.value));
                with_unit
            }));
        }
    }
    if evidence.addresses.is_empty() {
        let answers = document
            .answers
            .iter()
            .filter(|answer| answer.alias == "ADDRESS" && answer.confidence >= Confidence::ENOUGH.percent());
        evidence.addresses = answers.take(KEPT).map(answered).collect();
    }
}

fn signatures(document: &Document, pieces: &[Piece], evidence: &mut Evidence) {
    let names =
        |list: &[Finding<String>]| -> Vec<String> { list.iter().map(|found| found.value.clone()).collect() };
    let (tenants, landlords) = (names(&evidence.tenants), names(&evidence.landlords));
    let drawn = signature::drawn(document, &tenants, &landlords);
    let typed = signature::typed(document, pieces, &tenants, &landlords);
    let mut all: Vec<_> = drawn.into_iter().chain(typed).collect();
    // The tenants' come first, so that none of them is left out.
    all.sort_by_key(|found| (found.signature.by, found.signature.typed));
    evidence.signatures = all
        .into_iter()
        .take(KEPT)
        .map(|found| Finding {
            value: found.signature,
            page: found.page,
            bounds: found.bounds,
            text: shortened(&found.text),
            confidence: Confidence::new(found.confidence),
            found_by: FoundBy::Signature,
        })
        .collect();
}

/// Doubts about what kind of paper it is.
fn papers(document: &Document, pieces: &[Piece], evidence: &mut Evidence) {
    let first = pieces
        .iter()
        .filter(|piece| piece.found_by == FoundBy::Sentence)
        .take(6)
        .map(|piece| (piece, piece.paper))
        .find(|(_, paper)| *paper != Paper::Lease);
    let any_other = pieces.iter().find(|piece| piece.paper == Paper::Other);
    let doubted = match first {
        Some((piece, Paper::Change)) => Some((piece, Reason::RentChangeNotice)),
        Some((piece, _)) => Some((piece, Reason::NotALease)),
        None => any_other.map(|piece| (piece, Reason::NotALease)),
    };
    if let Some((piece, reason)) = doubted {
        let words: Vec<usize> = piece.tokens.iter().map(|token| token.word).take(20).collect();
        let text = document.text(deduplicated(&words));
        evidence
            .doubts
            .push(finding(document, reason, &words, &text, FoundBy::Sentence));
    }
}

/// Doubts about how well it could be read at all.
fn legibility(document: &Document, evidence: &mut Evidence) {
    let mut pages: std::collections::BTreeMap<u16, (f32, f32)> = document
        .blank_pages
        .iter()
        .map(|page| (*page, (0.0, 1.0)))
        .collect();
    for word in &document.words {
        let (sum, count) = pages.entry(word.page).or_insert((0.0, 0.0));
        *sum += word.confidence;
        *count += 1.0;
    }
    let illegible = pages
        .into_iter()
        .filter(|(_, (sum, count))| sum / count < LEGIBLE);
    evidence
        .doubts
        .extend(illegible.take(KEPT).map(|(page, (sum, count))| Finding {
            value: Reason::LowConfidence,
            page,
            bounds: Bounds {
                left: 0.0,
                top: 0.0,
                width: 1.0,
                height: 1.0,
            },
            text: String::new(),
            confidence: Confidence::new(sum / count),
            found_by: FoundBy::Sentence,
        }));
}

/// Something that these words say.
fn finding<T>(document: &Document, value: T, words: &[usize], text: &str, found_by: FoundBy) -> Finding<T> {
    let page = words.first().map_or(1, |word| document.words[*word].page);
    let here = words
        .iter()
        .map(|word| &document.words[*word])
        .filter(|word| word.page == page);
    Finding {
        value,
        page,
        bounds: around(here.clone().map(|word| word.bounds)),
        text: shortened(text),
        confidence: Confidence::new(here.map(|word| word.confidence).fold(100.0, f32::min)),
        found_by,
    }
}

fn answered(answer: &crate::document::Answer) -> Finding<String> {
    Finding {
        value: shortened(&answer.text),
        page: answer.page,
        bounds: answer.bounds,
        text: shortened(&answer.text),
        confidence: Confidence::new(answer.confidence),
        found_by: FoundBy::Query,
    }
}

/// The sentence around an amount: as much of it as there is room for.
fn snippet(document: &Document, tokens: &[Token], start: usize, amount: &Amount, end: usize) -> String {
    let words_of = |from: usize, to: usize| -> Vec<usize> {
        let words: Vec<usize> = tokens[from.min(to)..to].iter().map(|token| token.word).collect();
        deduplicated(&words)
    };
    let start = if start <= amount.start && amount.start - start <= 60 {
        start
    } else {
        amount.start.saturating_sub(60)
    };
    // The label counts as well.
    let before = words_of(
        if start > 0 && tokens.len() < 80 { 0 } else { start },
        amount.start,
    );
    let own = words_of(amount.start, amount.end);
    let after = words_of(amount.end, end.min(amount.end + 30));
    let own_text = document.text(own.iter().copied());
    let room = TEXT_AT_MOST.saturating_sub(own_text.chars().count() + 2);
    let last = |text: &str, most: usize| -> String {
        let count = text.chars().count();
        text.chars().skip(count.saturating_sub(most)).collect()
    };
    let not_own = |words: Vec<usize>| {
        words
            .into_iter()
            .filter(|word| !own.contains(word))
            .collect::<Vec<_>>()
    };
    let before = last(&document.text(not_own(before)), room * 2 / 3);
    let rest = room.saturating_sub(before.chars().count());
    let after: String = document.text(not_own(after)).chars().take(rest).collect();
    format!("{before} {own_text} {after}").trim().to_owned()
}

fn deduplicated(words: &[usize]) -> Vec<usize> {
    let mut words = words.to_vec();
    words.dedup();
    words
}

fn shortened(text: &str) -> String {
    text.chars().take(TEXT_AT_MOST).collect()
}

fn overlap(a: Bounds, b: Bounds) -> bool {
    let across = (a.left + a.width).min(b.left + b.width) - a.left.max(b.left);
    let down = (a.top + a.height).min(b.top + b.height) - a.top.max(b.top);
    across > 0.3 * a.width.min(b.width) && down > 0.3 * a.height.min(b.height)
}

#[cfg(any(test, feature = "steps"))]
thread_local! {
    static STEPS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// What work gives back, and how many steps of reading it took: for tests and fuzzing, which hold reading to time in
/// proportion to the document.
#[cfg(any(test, feature = "steps"))]
pub fn steps_of<T>(work: impl FnOnce() -> T) -> (T, u64) {
    STEPS.with(|steps| steps.set(0));
    let done = work();
    (done, STEPS.with(std::cell::Cell::get))
}

/// Counts a step of reading, where that is wanted.
fn count_step() {
    count_steps(1);
}

/// Counts as many steps of reading as tokens are looked through.
#[cfg_attr(
    not(any(test, feature = "steps")),
    expect(unused_variables, reason = "nobody asks for it")
)]
fn count_steps(tokens: usize) {
    #[cfg(any(test, feature = "steps"))]
    STEPS.with(|steps| steps.set(steps.get() + tokens as u64));
}
