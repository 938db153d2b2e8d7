//! A purchase, and what is known of its money.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::lease::Claim;
use crate::{Cents, ListingId, PurchaseId, UserId, VerificationId};

/// Where a purchase stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurchaseStatus {
    /// The buyer is at Stripe, or Stripe still waits for the money.
    Pending,
    /// The buyer left, and the page is closed.
    Expired,
    /// The money did not come.
    Failed,
    /// Paid.
    Paid,
    /// Paid, and a part of it given back.
    PartiallyRefunded,
    /// Paid, and all of it given back.
    Refunded,
    /// Paid, and the buyer's bank took the money back: for as long as it decides, or for good.
    Disputed,
}

impl PurchaseStatus {
    /// Whether what was bought is open to its buyer. What was given back or is disputed is not.
    #[must_use]
    pub const fn opens(self) -> bool {
        matches!(self, Self::Paid | Self::PartiallyRefunded)
    }
}

/// How far the payment got. Later ones are higher: if money came, it came, whatever else is reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Nothing is decided.
    #[default]
    Pending,
    /// The page was closed unpaid.
    Expired,
    /// The money will not come.
    Failed,
    /// The money came.
    Paid,
}

/// Where a refund stands. A refund can fail after it succeeded
/// (<https://docs.stripe.com/refunds#failed-refunds>), never the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// On its way.
    Pending,
    /// The money is back with the buyer.
    Succeeded,
    /// It came back to us, or was called off.
    Failed,
}

/// A refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// How much, in cents.
    pub amount: u64,
    /// Where it stands.
    pub state: RefundState,
    /// What it pays, if it is for a verified lease.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
}

/// Where a dispute stands. An inquiry takes no money yet and can become a dispute; a decision is final
/// (<https://docs.stripe.com/disputes/how-disputes-work>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeState {
    /// The bank asks, and has taken nothing.
    Inquiry,
    /// The bank has taken the money and decides.
    Open,
    /// Decided for us: the money is back.
    Won,
    /// Decided against us: the money is gone.
    Lost,
}

/// One thing that Stripe reports of the money of a purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The buyer finished, and the bank has yet to confirm.
    Processing,
    /// The page was closed unpaid.
    Expired,
    /// The money will not come; or not from this card.
    Failed,
    /// The money is ours since then.
    Paid(Timestamp),
    /// A refund, by Stripe's id of it, and where it stands.
    Refund(String, Refund),
    /// So many cents were given back by all refunds together.
    RefundedInAll(u64),
    /// A dispute, by Stripe's id of it, and where it stands.
    Dispute(String, DisputeState),
}

/// What is known of a payment for a purchase: one piece of news, and whose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Whose purchase.
    pub user: UserId,
    /// Which one.
    pub purchase: PurchaseId,
    /// The property that it is for.
    pub listing: Option<ListingId>,
    /// What happened to the money.
    pub news: News,
    /// The amount of the purchase, in cents, as Stripe counts it; where the news tells it.
    pub amount: Option<u64>,
    /// Stripe's PaymentIntent, if it is known.
    pub payment_intent: Option<String>,
}

/// All that is known of the money of a purchase.
///
/// Stripe's events come more than once and in any order, so this is the *set* of what was learned, not the last of it:
/// whatever is learned only ever adds to it, and the purchase's status is read off the whole. The order and the
/// repetition of events cannot matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Money {
    progress: Progress,
    /// When the money came: the earliest moment that was reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paid_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    refunds: BTreeMap<String, Refund>,
    #[serde(default)]
    refunded_in_all: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    disputes: BTreeMap<String, DisputeState>,
}

impl Money {
    /// Adds what `news` tells.
    pub fn learn(&mut self, news: &News) {
        match news {
            News::Processing => {}
            News::Expired => self.progress = self.progress.max(Progress::Expired),
            News::Failed => self.progress = self.progress.max(Progress::Failed),
            News::Paid(at) => {
                self.progress = Progress::Paid;
                self.paid_at = Some(self.paid_at.map_or(*at, |known| known.min(*at)));
            }
            News::Refund(id, refund) => {
                let known = self.refunds.entry(id.clone()).or_insert(*refund);
                known.state = known.state.max(refund.state);
                known.claim = known.claim.max(refund.claim);
            }
            News::RefundedInAll(amount) => self.refunded_in_all = self.refunded_in_all.max(*amount),
            News::Dispute(id, state) => {
                let known = self.disputes.entry(id.clone()).or_insert(*state);
                *known = (*known).max(*state);
            }
        }
    }

    /// When the money came, if it did.
    #[must_use]
    pub fn paid_at(&self) -> Option<Timestamp> {
        self.paid_at
    }

    /// How many cents were given back and stayed so.
    ///
    /// Each refund is reported by itself, and their sum by the charge. The charge's sum counts where a refund's own
    /// report has not come; what failed since is not in it any more.
    #[must_use]
    pub fn refunded(&self) -> u64 {
        self.of(RefundState::Succeeded)
            .max(self.refunded_in_all.saturating_sub(self.of(RefundState::Failed)))
    }

    /// How many cents were given back or are on their way: what of a payment cannot be given back once more.
    #[must_use]
    pub fn taken_back(&self) -> u64 {
        (self.of(RefundState::Succeeded) + self.of(RefundState::Pending))
            .max(self.refunded_in_all.saturating_sub(self.of(RefundState::Failed)))
    }

    /// How many cents were given back for something else than verified leases, where refunds for these may have
    /// taken `unknown` cents more than is known.
    #[must_use]
    pub fn refunded_besides_leases(&self, unknown: u64) -> u64 {
        let sum = |of: fn(&Refund) -> bool| {
            let refunds = self.refunds.values().filter(|refund| of(refund));
            refunds.map(|refund| refund.amount).sum::<u64>()
        };
        let others = sum(|refund| refund.claim.is_none() && refund.state == RefundState::Succeeded);
        let for_leases = sum(|refund| refund.claim.is_some() && refund.state != RefundState::Failed);
        let in_all = self.refunded_in_all.saturating_sub(self.of(RefundState::Failed));
        others.max(in_all.saturating_sub(for_leases + unknown))
    }

    /// The refunds that are for this verified lease.
    pub fn refunds_for(&self, verification: VerificationId) -> impl Iterator<Item = (Claim, Refund)> {
        let refunds = self.refunds.values();
        let claimed = refunds.filter_map(|refund| Some((refund.claim?, *refund)));
        claimed.filter(move |(claim, _)| claim.verification == verification)
    }

    fn of(&self, state: RefundState) -> u64 {
        let refunds = self.refunds.values().filter(|refund| refund.state == state);
        refunds.map(|refund| refund.amount).sum()
    }

    /// Whether a bank holds the money, or took it for good.
    #[must_use]
    pub fn is_disputed(&self) -> bool {
        let taken = |state: &DisputeState| matches!(state, DisputeState::Open | DisputeState::Lost);
        self.disputes.values().any(taken)
    }

    /// Whether a bank took the money for good.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.disputes.values().any(|state| *state == DisputeState::Lost)
    }

    /// Where a purchase for `amount` stands.
    #[must_use]
    pub fn status(&self, amount: Cents) -> PurchaseStatus {
        match self.progress {
            Progress::Pending => PurchaseStatus::Pending,
            Progress::Expired => PurchaseStatus::Expired,
            Progress::Failed => PurchaseStatus::Failed,
            Progress::Paid if self.is_disputed() => PurchaseStatus::Disputed,
            Progress::Paid => match self.refunded() {
                0 => PurchaseStatus::Paid,
                part if part < u64::from(amount.get()) => PurchaseStatus::PartiallyRefunded,
                _ => PurchaseStatus::Refunded,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PRICE: Cents = Cents::new(2999);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn refund(id: &str, amount: u64, state: RefundState) -> News {
        let claim = None;
        News::Refund(id.to_owned(), Refund { amount, state, claim })
    }

    fn dispute(state: DisputeState) -> News {
        News::Dispute("dp_1".to_owned(), state)
    }

    fn told(all: &[News]) -> Money {
        let mut money = Money::default();
        all.iter().for_each(|news| money.learn(news));
        money
    }

    /// Every sequence in which each of `news` comes once or twice, in every order.
    fn every_sequence(news: &[News], mut check: impl FnMut(&[News])) -> usize {
        fn extend(
            left: &mut [u8],
            sequence: &mut Vec<News>,
            news: &[News],
            check: &mut impl FnMut(&[News]),
        ) -> usize {
            if left.iter().all(|times| *times == 0) {
                check(sequence);
                return 1;
            }
            let mut count = 0;
            for index in 0..left.len() {
                if left[index] > 0 {
                    left[index] -= 1;
                    sequence.push(news[index].clone());
                    count += extend(left, sequence, news, check);
                    sequence.pop();
                    left[index] += 1;
                }
            }
            count
        }
        let mut count = 0;
        for twice in 0..1_u32 << news.len() {
            let mut left: Vec<u8> = (0..news.len())
                .map(|index| 1 + u8::from(twice & (1 << index) != 0))
                .collect();
            count += extend(&mut left, &mut Vec::new(), news, &mut check);
        }
        count
    }

    #[test]
    fn every_order_of_five_events_each_once_or_twice_ends_in_the_same_state() {
        use DisputeState::{Lost, Open, Won};
        use RefundState::{Failed, Pending, Succeeded};
        let stories: [(&[News], PurchaseStatus); 6] = [
            (
                &[
                    News::Processing,
                    News::Paid(at(5)),
                    News::Paid(at(3)),
                    News::Failed,
                    News::Expired,
                ],
                PurchaseStatus::Paid,
            ),
            (
                &[
                    News::Processing,
                    News::Paid(at(5)),
                    refund("re_1", 1000, Pending),
                    News::RefundedInAll(1000),
                    refund("re_1", 1000, Succeeded),
                ],
                PurchaseStatus::PartiallyRefunded,
            ),
            (
                &[
                    News::Paid(at(5)),
                    refund("re_1", 999, Succeeded),
                    refund("re_2", 2000, Succeeded),
                    News::RefundedInAll(999),
                    News::RefundedInAll(2999),
                ],
                PurchaseStatus::Refunded,
            ),
            (
                &[
                    News::Paid(at(5)),
                    News::RefundedInAll(2999),
                    refund("re_1", 2999, Pending),
                    refund("re_1", 2999, Succeeded),
                    refund("re_1", 2999, Failed),
                ],
                PurchaseStatus::Paid,
            ),
            (
                &[
                    News::Processing,
                    News::Paid(at(5)),
                    News::Paid(at(7)),
                    dispute(Open),
                    dispute(Won),
                ],
                PurchaseStatus::Paid,
            ),
            (
                &[
                    News::Failed,
                    News::Paid(at(5)),
                    dispute(DisputeState::Inquiry),
                    dispute(Open),
                    dispute(Lost),
                ],
                PurchaseStatus::Disputed,
            ),
        ];
        for (news, status) in stories {
            let end = told(news);
            assert_eq!(end.status(PRICE), status);
            let sequences = every_sequence(news, |sequence| assert_eq!(told(sequence), end));
            // 5 events, of which k come twice: C(5, k) · (5 + k)! / 2^k sequences.
            assert_eq!(sequences, 120 + 1_800 + 12_600 + 50_400 + 113_400 + 113_400);
        }
    }

    #[test]
    fn an_inquiry_takes_nothing() {
        assert_eq!(
            told(&[News::Paid(at(1)), dispute(DisputeState::Inquiry)]).status(PRICE),
            PurchaseStatus::Paid
        );
    }

    #[test]
    fn a_refund_is_no_refund_of_what_was_never_paid() {
        assert_eq!(
            told(&[News::RefundedInAll(2999)]).status(PRICE),
            PurchaseStatus::Pending
        );
    }

    fn any_news() -> impl Strategy<Value = News> {
        let refund_state = prop_oneof![
            Just(RefundState::Pending),
            Just(RefundState::Succeeded),
            Just(RefundState::Failed)
        ];
        let dispute_state = prop_oneof![
            Just(DisputeState::Open),
            Just(DisputeState::Won),
            Just(DisputeState::Lost)
        ];
        prop_oneof![
            Just(News::Processing),
            (0..9_i64).prop_map(|second| News::Paid(at(second))),
            Just(News::Failed),
            Just(News::Expired),
            (0..3_u64, refund_state).prop_map(|(id, state)| refund(&format!("re_{id}"), 1000, state)),
            (0..4_u64).prop_map(|times| News::RefundedInAll(1000 * times)),
            (0..2_u64, dispute_state).prop_map(|(id, state)| News::Dispute(format!("dp_{id}"), state)),
        ]
    }

    proptest! {
        #[test]
        fn the_order_and_the_repetition_of_news_do_not_matter(
            (all, shuffled) in proptest::collection::vec(any_news(), 0..9)
                .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        ) {
            prop_assert_eq!(told(&all), told(&shuffled));
            let twice: Vec<_> = all.iter().chain(&shuffled).cloned().collect();
            prop_assert_eq!(told(&all), told(&twice));
        }

        #[test]
        fn only_news_of_the_money_opens_what_was_bought(all in proptest::collection::vec(any_news(), 0..9)) {
            let paid = all.iter().any(|news| matches!(news, News::Paid(_)));
            prop_assert!(paid || !told(&all).status(PRICE).opens());
        }
    }
}
