//! The ledger of what is owed for verified leases, and how far it is given back.
//!
//! A purchase holds one [`Debt`] for each lease that was verified on it. What became of a debt is read off two things:
//! the debt itself, which says what we asked of Stripe, and [`Money`], the set of what Stripe reports. Reports come in
//! any order, more than once and sometimes never; so does the death of whoever was asking. Nothing here depends on when
//! something is learned, only on whether it is.
//!
//! A refund is asked for in *attempts*. Each has an idempotency key of its own, under which Stripe does it once. An
//! attempt whose outcome is unknown stays open, and counts against what is left of the payment, until Stripe says what
//! became of it.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::VerificationStatus;
use crate::purchase::{Money, RefundState};
use crate::{Cents, PurchaseStatus, VerificationId};

/// How long an attempt may be sent again under its key. Stripe forgets a key after a day at the earliest
/// (<https://docs.stripe.com/api/idempotent_requests>).
const SENT_AGAIN_FOR: SignedDuration = SignedDuration::from_hours(23);
/// The age at which an attempt that Stripe knows nothing of never happened. No sender of its last hour is at work any
/// more.
const NEVER_HAPPENED_AFTER: SignedDuration = SignedDuration::from_hours(25);
/// How long the attempt after a refused one waits: longer than any function runs, so that nobody still sends the refused
/// one.
const QUIET: SignedDuration = SignedDuration::from_mins(3);
/// When a debt is looked at again that somebody should be at work on.
const SOON: SignedDuration = SignedDuration::from_mins(15);
/// When a debt is looked at again that waits for a bank.
const LATER: SignedDuration = SignedDuration::from_hours(24);

/// What a refund pays: which lease's debt, in which attempt. It travels with the refund through Stripe and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Claim {
    /// The verified lease.
    pub verification: VerificationId,
    /// The attempt, from 1; 0 for a refund that was made by hand.
    pub attempt: u32,
}

/// What is owed for one verified lease, and what was asked of Stripe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Debt {
    due: Cents,
    attempt: u32,
    asked: Asked,
}

/// How far the present attempt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum Asked {
    /// Stripe is to be asked, at this time or later.
    Not { from: Timestamp },
    /// Stripe was asked for so much, first at this time.
    For { amount: Cents, at: Timestamp },
    /// Stripe refused, at this time, and nothing explains why.
    Refused { at: Timestamp },
}

/// Where a debt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// So much is to be asked for.
    Wanted(Cents),
    /// It has to wait.
    Waiting(Wait),
    /// Stripe was asked, and what became of it is not known.
    Requested,
    /// So much is on its way, Stripe says.
    Pending(Cents),
    /// So much was given back.
    Paid(Cents),
    /// Stripe refused, or the money came back to us: it is still owed, and a person has to look.
    Failed,
    /// Nothing is owed any more, and nothing was given back for it.
    Ended(Ended),
}

/// What a debt waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The payment is disputed, and a bank decides.
    Disputed,
    /// How much is left of the payment depends on a refund whose outcome is not known.
    Undecided,
}

/// How nothing came to be owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// All that was paid was given back by other refunds.
    GivenBack,
    /// A bank gave the payment back to the renter.
    Disputed,
}

impl Standing {
    /// Where the verification stands with it.
    #[must_use]
    pub const fn status(self) -> VerificationStatus {
        match self {
            Self::Wanted(_) | Self::Waiting(_) | Self::Requested | Self::Pending(_) => {
                VerificationStatus::RefundPending
            }
            Self::Paid(_) | Self::Ended(_) => VerificationStatus::Refunded,
            Self::Failed => VerificationStatus::RefundFailed,
        }
    }

    /// What was given back in the end; nothing while that is open.
    #[must_use]
    pub const fn given_back(self) -> Option<Cents> {
        match self {
            Self::Paid(amount) => Some(amount),
            Self::Ended(_) => Some(Cents::new(0)),
            Self::Wanted(_) | Self::Waiting(_) | Self::Requested | Self::Pending(_) | Self::Failed => None,
        }
    }
}

/// What Stripe is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// What it pays; it makes the idempotency key.
    pub claim: Claim,
    /// How much. The same each time that an attempt is sent.
    pub amount: Cents,
}

/// What is to be done about a debt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask Stripe for this, once it is written that it is asked.
    Ask(Request),
    /// It is too early: come again in a few minutes.
    ComeAgain,
    /// Nothing: it is settled, or somebody else's turn.
    Rest,
}

/// What is owed on one purchase.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Debts(BTreeMap<VerificationId, Debt>);

impl Debts {
    /// Whether nothing was ever owed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The leases that something is or was owed for.
    pub fn verifications(&self) -> impl Iterator<Item = VerificationId> {
        self.0.keys().copied()
    }

    /// What is owed for a lease, whether or not it was given back.
    #[must_use]
    pub fn due(&self, verification: VerificationId) -> Option<Cents> {
        self.0.get(&verification).map(|debt| debt.due)
    }

    /// How often Stripe was or is to be asked for what is owed for a lease.
    #[must_use]
    pub fn attempts(&self, verification: VerificationId) -> Option<u32> {
        self.0.get(&verification).map(|debt| debt.attempt)
    }

    /// Takes on a debt, as decided. One that is there stays as it is: a lease is paid for once.
    pub fn owe(&mut self, verification: VerificationId, due: Cents, now: Timestamp) {
        let asked = Asked::Not { from: now };
        self.0.entry(verification).or_insert(Debt {
            due,
            attempt: 1,
            asked,
        });
    }

    /// Where a debt stands, of a purchase for which `paid` was paid; nothing if there is none.
    #[must_use]
    pub fn standing(&self, verification: VerificationId, money: &Money, paid: Cents) -> Option<Standing> {
        let debt = self.0.get(&verification)?;
        let by_state = |state| {
            let mut refunds = money.refunds_for(verification);
            refunds.find(move |(_, refund)| refund.state == state)
        };
        if let Some((_, refund)) = by_state(RefundState::Succeeded) {
            return Some(Standing::Paid(cents(refund.amount)));
        }
        if let Some((_, refund)) = by_state(RefundState::Pending) {
            return Some(Standing::Pending(cents(refund.amount)));
        }
        if money.is_lost() {
            return Some(Standing::Ended(Ended::Disputed));
        }
        let came_back = self.came_back(verification, money);
        if matches!(debt.asked, Asked::For { .. }) && !came_back {
            return Some(Standing::Requested);
        }
        let left = u64::from(paid.get()).saturating_sub(money.taken_back());
        if left == 0 && money.paid_at().is_some() {
            return Some(Standing::Ended(Ended::GivenBack));
        }
        if came_back || matches!(debt.asked, Asked::Refused { .. }) {
            return Some(Standing::Failed);
        }
        if money.is_disputed() {
            return Some(Standing::Waiting(Wait::Disputed));
        }
        let for_sure = left.saturating_sub(self.open_besides(verification, money));
        if for_sure == 0 || money.paid_at().is_none() {
            return Some(Standing::Waiting(Wait::Undecided));
        }
        Some(Standing::Wanted(debt.due.min(cents(for_sure))))
    }

    /// What is to be done about a debt now, after everything that Stripe knows of the payment's refunds was learned.
    pub fn step(&mut self, verification: VerificationId, money: &Money, paid: Cents, now: Timestamp) -> Step {
        let standing = self.standing(verification, money, paid);
        let Some(debt) = self.0.get_mut(&verification) else {
            return Step::Rest;
        };
        let attempt = debt.attempt;
        let ask = |amount| {
            Step::Ask(Request {
                claim: Claim {
                    verification,
                    attempt,
                },
                amount,
            })
        };
        match (standing, debt.asked) {
            (Some(Standing::Wanted(_)), Asked::Not { from }) if now < from => Step::ComeAgain,
            (Some(Standing::Wanted(amount)), _) => {
                debt.asked = Asked::For { amount, at: now };
                ask(amount)
            }
            (Some(Standing::Requested), Asked::For { amount, at }) if now < at + SENT_AGAIN_FOR => {
                ask(amount)
            }
            (Some(Standing::Requested), Asked::For { at, .. }) if at + NEVER_HAPPENED_AFTER <= now => {
                debt.next_attempt(now);
                self.step(verification, money, paid, now)
            }
            _ => Step::Rest,
        }
    }

    /// Stripe refused an attempt, and everything that it knows of the payment was learned since. If that explains why,
    /// the next attempt is for what is possible then; if nothing does, a person has to look.
    pub fn refused(&mut self, request: Request, money: &Money, paid: Cents, now: Timestamp) {
        let Claim {
            verification,
            attempt,
        } = request.claim;
        let open = self.standing(verification, money, paid) == Some(Standing::Requested);
        let Some(debt) = self.0.get_mut(&verification) else {
            return;
        };
        if !open || debt.attempt != attempt {
            return;
        }
        debt.next_attempt(now + QUIET);
        if self.standing(verification, money, paid) == Some(Standing::Wanted(request.amount)) {
            let asked = Asked::Refused { at: now };
            self.0.entry(verification).and_modify(|debt| debt.asked = asked);
        }
    }

    /// A debt that failed is to be asked for once more. Whether it was one.
    pub fn ask_again(
        &mut self,
        verification: VerificationId,
        money: &Money,
        paid: Cents,
        now: Timestamp,
    ) -> bool {
        if self.standing(verification, money, paid) != Some(Standing::Failed) {
            return false;
        }
        if let Some(debt) = self.0.get_mut(&verification) {
            debt.next_attempt(match debt.asked {
                Asked::Refused { at } => now.max(at + QUIET),
                Asked::Not { .. } | Asked::For { .. } => now,
            });
        }
        true
    }

    /// After which time the debts are to be looked at again, if any may need it.
    #[must_use]
    pub fn looked_at_after(&self, money: &Money, paid: Cents) -> Option<SignedDuration> {
        let standings = self.0.keys().filter_map(|id| self.standing(*id, money, paid));
        let times = standings.filter_map(|standing| match standing {
            Standing::Wanted(_) | Standing::Requested | Standing::Waiting(Wait::Undecided) => Some(SOON),
            Standing::Pending(_) | Standing::Waiting(Wait::Disputed) => Some(LATER),
            Standing::Paid(_) | Standing::Failed | Standing::Ended(_) => None,
        });
        times.min()
    }

    /// Where the purchase stands. What is given back for leases closes nothing, however much it comes to.
    #[must_use]
    pub fn status(&self, money: &Money, paid: Cents) -> PurchaseStatus {
        match money.status(paid) {
            PurchaseStatus::Refunded if self.refunded_otherwise(money) == 0 => {
                PurchaseStatus::PartiallyRefunded
            }
            status => status,
        }
    }

    /// How many cents were given back otherwise than for leases. Of what was given back for these, the renter hears by
    /// what becomes of the lease.
    #[must_use]
    pub fn refunded_otherwise(&self, money: &Money) -> u64 {
        money.refunded_besides_leases(self.open(money, |_| true))
    }

    /// What the open attempts of other debts may take.
    fn open_besides(&self, verification: VerificationId, money: &Money) -> u64 {
        self.open(money, |other| other != verification)
    }

    /// What the open attempts come to that Stripe has not reported on.
    fn open(&self, money: &Money, of: impl Fn(VerificationId) -> bool) -> u64 {
        let debts = self.0.iter().filter(|(id, _)| of(**id));
        let open = debts.filter_map(|(id, debt)| match debt.asked {
            Asked::For { amount, .. } if !self.is_reported(*id, money) => Some(u64::from(amount.get())),
            _ => None,
        });
        open.sum()
    }

    /// Whether Stripe told what became of the present attempt, or of another one that counts.
    fn is_reported(&self, verification: VerificationId, money: &Money) -> bool {
        let attempt = self.0.get(&verification).map(|debt| debt.attempt);
        let mut refunds = money.refunds_for(verification);
        refunds.any(|(claim, refund)| Some(claim.attempt) == attempt || refund.state != RefundState::Failed)
    }

    /// Whether the money of the present attempt came back to us.
    fn came_back(&self, verification: VerificationId, money: &Money) -> bool {
        let attempt = self.0.get(&verification).map(|debt| debt.attempt);
        let mut refunds = money.refunds_for(verification);
        refunds.any(|(claim, refund)| Some(claim.attempt) == attempt && refund.state == RefundState::Failed)
    }
}

impl Debt {
    fn next_attempt(&mut self, from: Timestamp) {
        self.attempt += 1;
        self.asked = Asked::Not { from };
    }
}

/// Stripe's amounts are below the limit of ours; one that is not is more than was ever paid.
fn cents(amount: u64) -> Cents {
    Cents::new(u32::try_from(amount).unwrap_or(u32::MAX))
}
