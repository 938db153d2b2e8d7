//! The rules one by one, and the ledger against a model of Stripe, in every order that chance comes up with.

mod model;

use super::*;
use crate::purchase::{DisputeState, News, Refund};

const PAID: Cents = Cents::new(4900);
const DUE: Cents = Cents::new(2450);

fn lease(number: u8) -> VerificationId {
    VerificationId::from_bytes([number; 16])
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + 60 * minute).unwrap()
}

fn hours(hours: i64) -> Timestamp {
    at(60 * hours)
}

fn paid() -> Money {
    let mut money = Money::default();
    money.learn(&News::Paid(at(0)));
    money
}

fn refund(id: &str, amount: u64, state: RefundState, claim: Option<Claim>) -> News {
    News::Refund(id.to_owned(), Refund { amount, state, claim })
}

fn claim(verification: VerificationId, attempt: u32) -> Option<Claim> {
    Some(Claim {
        verification,
        attempt,
    })
}

fn dispute(state: DisputeState) -> News {
    News::Dispute("dp_1".to_owned(), state)
}

/// The debts for these leases, each half of what was paid.
fn owing(leases: &[VerificationId]) -> Debts {
    let mut debts = Debts::default();
    leases.iter().for_each(|lease| debts.owe(*lease, DUE, at(0)));
    debts
}

fn asked(step: Step) -> Request {
    match step {
        Step::Ask(request) => request,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_debt_is_asked_for_once_and_paid_when_stripe_says_so() {
    let (mut debts, mut money, lease) = (owing(&[lease(1)]), paid(), lease(1));
    let request = asked(debts.step(lease, &money, PAID, at(1)));
    assert_eq!((request.amount, request.claim.attempt), (DUE, 1));
    assert_eq!(debts.standing(lease, &money, PAID), Some(Standing::Requested));
    // Whoever comes next sends the same again, under the same key.
    assert_eq!(asked(debts.step(lease, &money, PAID, at(2))), request);
    money.learn(&refund("re_1", 2450, RefundState::Pending, Some(request.claim)));
    assert_eq!(debts.standing(lease, &money, PAID), Some(Standing::Pending(DUE)));
    money.learn(&refund("re_1", 2450, RefundState::Succeeded, Some(request.claim)));
    assert_eq!(debts.standing(lease, &money, PAID), Some(Standing::Paid(DUE)));
    assert_eq!(debts.step(lease, &money, PAID, at(3)), Step::Rest);
    debts.owe(lease, PAID, at(4));
    assert_eq!(debts.due(lease), Some(DUE));
    assert_eq!(debts.step(lease, &money, PAID, at(5)), Step::Rest);
}

#[test]
fn an_attempt_that_stripe_knows_nothing_of_after_a_day_never_happened() {
    let (mut debts, money, lease) = (owing(&[lease(1)]), paid(), lease(1));
    asked(debts.step(lease, &money, PAID, hours(0)));
    assert_eq!(asked(debts.step(lease, &money, PAID, hours(22))).claim.attempt, 1);
    // Too late to send it again, and too early to be sure that nobody does.
    assert_eq!(debts.step(lease, &money, PAID, hours(24)), Step::Rest);
    assert_eq!(asked(debts.step(lease, &money, PAID, hours(25))).claim.attempt, 2);
}

#[test]
fn money_that_comes_back_is_owed_again_and_waits_for_a_person() {
    let (mut debts, mut money, lease) = (owing(&[lease(1)]), paid(), lease(1));
    let first = asked(debts.step(lease, &money, PAID, at(1))).claim;
    money.learn(&refund("re_1", 2450, RefundState::Succeeded, Some(first)));
    money.learn(&refund("re_1", 2450, RefundState::Failed, Some(first)));
    assert_eq!(debts.standing(lease, &money, PAID), Some(Standing::Failed));
    assert_eq!(debts.step(lease, &money, PAID, at(2)), Step::Rest);
    assert!(debts.ask_again(lease, &money, PAID, at(3)));
    assert!(!debts.ask_again(lease, &money, PAID, at(3)));
    assert_eq!(debts.attempts(lease), Some(2));
    assert_eq!(asked(debts.step(lease, &money, PAID, at(4))).claim.attempt, 2);
}

#[test]
fn a_dispute_blocks_and_its_end_decides() {
    let (mut debts, mut money, lease) = (owing(&[lease(1)]), paid(), lease(1));
    money.learn(&dispute(DisputeState::Inquiry));
    assert_eq!(debts.standing(lease, &money, PAID), Some(Standing::Wanted(DUE)));
    money.learn(&dispute(DisputeState::Open));
    let waiting = Some(Standing::Waiting(Wait::Disputed));
    assert_eq!(debts.standing(lease, &money, PAID), waiting);
    assert_eq!(debts.step(lease, &money, PAID, at(1)), Step::Rest);
    let (mut won, mut lost) = (money.clone(), money);
    won.learn(&dispute(DisputeState::Won));
    asked(debts.clone().step(lease, &won, PAID, at(2)));
    lost.learn(&dispute(DisputeState::Lost));
    let ended = Some(Standing::Ended(Ended::Disputed));
    assert_eq!(debts.standing(lease, &lost, PAID), ended);
    assert_eq!(debts.step(lease, &lost, PAID, at(2)), Step::Rest);
}

#[test]
fn a_refusal_that_a_dispute_explains_is_followed_by_another_attempt_once_it_is_won() {
    let (mut debts, mut money, lease) = (owing(&[lease(1)]), paid(), lease(1));
    let request = asked(debts.step(lease, &money, PAID, at(0)));
    money.learn(&dispute(DisputeState::Open));
    debts.refused(request, &money, PAID, at(1));
    money.learn(&dispute(DisputeState::Won));
    // Somebody may still be sending the refused attempt.
    assert_eq!(debts.step(lease, &money, PAID, at(2)), Step::ComeAgain);
    assert_eq!(asked(debts.step(lease, &money, PAID, at(4))).claim.attempt, 2);
}

#[test]
fn a_refusal_that_nothing_explains_is_for_a_person() {
    let (mut debts, money, lease) = (owing(&[lease(1)]), paid(), lease(1));
    let request = asked(debts.step(lease, &money, PAID, at(0)));
    debts.refused(request, &money, PAID, at(1));
    assert_eq!(debts.standing(lease, &money, PAID), Some(Standing::Failed));
    // A refusal of an attempt that is over says nothing of the next one.
    assert!(debts.ask_again(lease, &money, PAID, at(9)));
    debts.refused(request, &money, PAID, at(9));
    assert_eq!(debts.standing(lease, &money, PAID), Some(Standing::Wanted(DUE)));
}

#[test]
fn where_less_is_left_than_is_due_all_of_it_is_given_and_where_nothing_is_nothing_is_owed() {
    let (mut debts, mut money, lease) = (owing(&[lease(1)]), paid(), lease(1));
    let request = asked(debts.step(lease, &money, PAID, at(0)));
    money.learn(&refund("re_hand", 4000, RefundState::Succeeded, None));
    debts.refused(request, &money, PAID, at(0));
    // Somebody may still be sending the refused attempt.
    assert_eq!(debts.step(lease, &money, PAID, at(2)), Step::ComeAgain);
    assert_eq!(
        asked(debts.step(lease, &money, PAID, at(3))).amount,
        Cents::new(900)
    );

    let (debts, mut money) = (owing(&[lease]), paid());
    money.learn(&News::RefundedInAll(4900));
    let ended = Some(Standing::Ended(Ended::GivenBack));
    assert_eq!(debts.standing(lease, &money, PAID), ended);
    // It came back: so it is owed after all.
    money.learn(&refund("re_hand", 4900, RefundState::Failed, None));
    assert_eq!(debts.standing(lease, &money, PAID), Some(Standing::Wanted(DUE)));
}

#[test]
fn leases_of_one_purchase_never_get_more_than_was_paid_for_it() {
    let (mut debts, mut money) = (owing(&[lease(1), lease(2), lease(3)]), paid());
    money.learn(&refund("re_hand", 100, RefundState::Succeeded, None));
    let first = asked(debts.step(lease(1), &money, PAID, at(0)));
    assert_eq!(
        asked(debts.step(lease(2), &money, PAID, at(0))).amount,
        Cents::new(2350)
    );
    // Whether anything is left depends on what becomes of the other two.
    let undecided = Some(Standing::Waiting(Wait::Undecided));
    assert_eq!(debts.standing(lease(3), &money, PAID), undecided);
    money.learn(&refund("re_1", 2450, RefundState::Failed, Some(first.claim)));
    assert_eq!(
        debts.standing(lease(3), &money, PAID),
        Some(Standing::Wanted(DUE))
    );
}

#[test]
fn a_refund_by_hand_that_names_the_lease_pays_it() {
    let (mut debts, mut money, lease) = (owing(&[lease(1)]), paid(), lease(1));
    let request = asked(debts.step(lease, &money, PAID, at(0)));
    debts.refused(request, &money, PAID, at(1));
    money.learn(&refund("re_hand", 2450, RefundState::Succeeded, claim(lease, 0)));
    assert_eq!(debts.standing(lease, &money, PAID), Some(Standing::Paid(DUE)));
}

#[test]
fn what_is_given_back_for_leases_closes_nothing_and_is_not_told_of_as_another_refund() {
    let (mut debts, mut money) = (owing(&[lease(1), lease(2)]), paid());
    let first = asked(debts.step(lease(1), &money, PAID, at(0))).claim;
    // The charge's sum overtakes the refund's own report.
    money.learn(&News::RefundedInAll(2450));
    assert_eq!(debts.refunded_otherwise(&money), 0);
    money.learn(&refund("re_1", 2450, RefundState::Pending, Some(first)));
    assert_eq!(debts.refunded_otherwise(&money), 0);
    let second = asked(debts.step(lease(2), &money, PAID, at(0))).claim;
    money.learn(&News::RefundedInAll(4900));
    assert_eq!(debts.status(&money, PAID), PurchaseStatus::PartiallyRefunded);
    money.learn(&refund("re_2", 2450, RefundState::Failed, Some(second)));
    money.learn(&refund("re_3", 2450, RefundState::Succeeded, None));
    assert_eq!(debts.refunded_otherwise(&money), 2450);
    money.learn(&refund("re_1", 2450, RefundState::Succeeded, Some(first)));
    assert_eq!(debts.status(&money, PAID), PurchaseStatus::Refunded);
}

#[test]
fn a_debt_is_looked_at_again_for_as_long_as_it_may_move() {
    let (mut debts, mut money, lease) = (owing(&[lease(1)]), paid(), lease(1));
    assert_eq!(debts.looked_at_after(&money, PAID), Some(SOON));
    let first = asked(debts.step(lease, &money, PAID, at(0))).claim;
    assert_eq!(debts.looked_at_after(&money, PAID), Some(SOON));
    money.learn(&refund("re_1", 2450, RefundState::Pending, Some(first)));
    assert_eq!(debts.looked_at_after(&money, PAID), Some(LATER));
    money.learn(&refund("re_1", 2450, RefundState::Succeeded, Some(first)));
    assert_eq!(debts.looked_at_after(&money, PAID), None);
}

#[test]
fn the_ledger_survives_json() {
    let mut debts = owing(&[lease(1), lease(2)]);
    asked(debts.step(lease(1), &paid(), PAID, at(0)));
    let json = serde_json::to_string(&debts).unwrap();
    assert_eq!(serde_json::from_str::<Debts>(&json).unwrap(), debts);
}
