//! What must hold of every document, whatever it says.

use documents::lease::{judge, read, steps_of};
use documents::{Block, Document};
use domain::lease::{Bounds, Evidence, Expected, Finding, Signer, Verdict};
use jiff::civil::date;

/// The most steps of reading that a part of a document may take: a word, a block, a reference to one.
const STEPS: u64 = 200;
/// The most characters of a finding's text.
const TEXT_AT_MOST: usize = 200;

/// Reads and judges a document, and panics if that breaks what must hold: it takes steps in proportion to the document,
/// says the same each time, finds things within the pages only, and verifies a rent only on what a verdict needs.
pub fn hold(blocks: Vec<Block>) {
    let parts = parts(&blocks);
    let (evidence, steps) = steps_of(|| read(&Document::new(blocks.clone())));
    assert!(steps <= STEPS * (parts + 10), "{steps} steps for {parts} parts");
    assert_eq!(read(&Document::new(blocks)), evidence, "read another time");
    let Evidence {
        rents,
        set_aside,
        doubts,
        tenants,
        landlords,
        addresses,
        dated,
        begins,
        ends,
        signatures,
    } = &evidence;
    rents.iter().for_each(is_in_its_place);
    set_aside.iter().for_each(|aside| is_in_its_place(&aside.amount));
    doubts.iter().for_each(is_in_its_place);
    tenants
        .iter()
        .chain(landlords)
        .chain(addresses)
        .for_each(is_in_its_place);
    dated.iter().chain(begins).chain(ends).for_each(is_in_its_place);
    signatures.iter().for_each(is_in_its_place);
    is_verified_with_reason(&evidence);
}

/// How much there is to read.
fn parts(blocks: &[Block]) -> u64 {
    let of_block = |block: &Block| {
        let words = block
            .text
            .as_ref()
            .map_or(0, |text| text.split_whitespace().count());
        let references: usize = block.relationships.iter().map(|related| related.ids.len()).sum();
        1 + words + references
    };
    blocks.iter().map(of_block).sum::<usize>() as u64
}

fn is_in_its_place<T>(found: &Finding<T>) {
    let Bounds {
        left,
        top,
        width,
        height,
    } = found.bounds;
    let is_share = |share: f32| (0.0..=1.0001).contains(&share);
    assert!(
        [left, top, width, height, left + width, top + height]
            .into_iter()
            .all(is_share),
        "{:?}",
        found.bounds
    );
    assert!(found.page >= 1);
    assert!(
        (0.0..=100.0).contains(&found.confidence.percent()),
        "{:?}",
        found.confidence
    );
    assert!(found.text.chars().count() <= TEXT_AT_MOST, "{:?}", found.text);
}

/// The purchase that the seeds were made for, first of all the sample leases' first home.
fn expected() -> Expected {
    Expected {
        tenant: Some("Jordan Whitfield".to_owned()),
        address: "148 Mill Road, Unit 4B".to_owned(),
        city: "Atlanta".to_owned(),
        state: "GA".to_owned(),
        zip_code: "30308".to_owned(),
        paid_on: date(2026, 3, 2),
    }
}

fn is_verified_with_reason(evidence: &Evidence) {
    let today = date(2026, 3, 20);
    let expected = expected();
    let Verdict::Verified(rent) = judge(evidence, &expected, today) else {
        return;
    };
    assert!(evidence.doubts.is_empty());
    assert!(evidence.rents.iter().all(|found| found.value == rent));
    assert!(
        evidence
            .rents
            .iter()
            .any(|found| found.confidence.percent() >= 90.0)
    );
    assert!(!evidence.tenants.is_empty() && !evidence.addresses.is_empty());
    assert!(!evidence.dated.is_empty());
    let in_time = |found: &Finding<_>| (expected.paid_on..=today).contains(&found.value);
    assert!(evidence.dated.iter().all(in_time));
    let by_hand = |by: Signer, typed: bool| by == Signer::Tenant && !typed;
    assert!(
        evidence
            .signatures
            .iter()
            .any(|found| by_hand(found.value.by, found.value.typed))
    );
}
