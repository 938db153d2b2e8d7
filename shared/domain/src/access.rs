//! What a person's purchases open.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::plan::Opens;
use crate::{PlanId, PurchaseId};

/// What one paid purchase of a plan opens, and how much of it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// The plan that was bought.
    pub plan: PlanId,
    /// When it was paid.
    pub since: Timestamp,
    /// The first moment at which it no longer opens anything; for good if there is none. Stored as a number, because the
    /// table compares it with the time.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "jiff::fmt::serde::timestamp::millisecond::optional"
    )]
    pub until: Option<Timestamp>,
    /// How many properties it lets the person analyse; unlimited if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analyses_limit: Option<u32>,
    /// How many it has analysed.
    pub analyses_used: u32,
    /// Whether the money was given back or is disputed, so that it opens nothing. Stored only where it is so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

impl Grant {
    /// What paying for `plan` at `paid_at` grants. `None` if the plan opens no more than one property, or is a
    /// subscription.
    #[must_use]
    pub fn of(plan: PlanId, paid_at: Timestamp) -> Option<Self> {
        let opens = plan.opens_any_property()?;
        let Opens::AnyProperty { analyses, .. } = opens else {
            return None;
        };
        Some(Self {
            plan,
            since: paid_at,
            until: opens.ends(paid_at),
            analyses_limit: analyses,
            analyses_used: 0,
            withdrawn: false,
        })
    }

    /// Whether its term is running at `now`.
    #[must_use]
    pub fn is_running(&self, now: Timestamp) -> bool {
        !self.withdrawn && self.is_within(now)
    }

    fn is_within(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Whether it lets the person analyse one more property at `now`.
    #[must_use]
    pub fn has_analyses_left(&self, now: Timestamp) -> bool {
        self.is_running(now) && self.analyses_limit.is_none_or(|limit| self.analyses_used < limit)
    }

    /// Whether nothing more can be bought that this does not already open.
    #[must_use]
    pub fn is_unlimited_for_good(&self) -> bool {
        self.until.is_none() && self.analyses_limit.is_none()
    }

    /// What is left of it, so that grants can be compared: more analyses first, then a later end.
    fn worth(&self, now: Timestamp) -> (bool, bool, Timestamp) {
        (
            self.has_analyses_left(now),
            self.analyses_limit.is_none(),
            self.until.unwrap_or(Timestamp::MAX),
        )
    }
}

/// All that a person's purchases of plans have granted, by purchase.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Grants(BTreeMap<PurchaseId, Grant>);

impl Grants {
    /// The grant that counts at `now`: the running one that opens most.
    #[must_use]
    pub fn current(&self, now: Timestamp) -> Option<(PurchaseId, &Grant)> {
        self.0
            .iter()
            .filter(|(_, grant)| grant.is_running(now))
            .max_by_key(|(_, grant)| grant.worth(now))
            .map(|(purchase, grant)| (*purchase, grant))
    }

    /// Whether a purchase of `plan` is running at `now`.
    #[must_use]
    pub fn is_running(&self, plan: PlanId, now: Timestamp) -> bool {
        self.0
            .values()
            .any(|grant| grant.plan == plan && grant.is_running(now))
    }

    /// These grants with the one of `purchase` among them: paid at that time, and withdrawn or not. What was used of it
    /// stays. All terms are laid out anew, so that the result does not depend on the order in which it was learned.
    #[must_use]
    pub fn with(&self, purchase: PurchaseId, grant: Grant) -> Self {
        let mut grants = self.clone();
        let analyses_used = grants.0.get(&purchase).map_or(0, |known| known.analyses_used);
        grants.0.insert(
            purchase,
            Grant {
                analyses_used,
                ..grant
            },
        );
        grants.lay_out(grant.plan);
        grants
    }

    /// Gives each grant of `plan` its term: from when it was paid, or from the end of the one before it if that is later,
    /// so that a plan bought again while it runs loses no paid day. A withdrawn one takes no time.
    fn lay_out(&mut self, plan: PlanId) {
        let mut of_plan: Vec<_> = self
            .0
            .iter_mut()
            .filter(|(_, grant)| grant.plan == plan)
            .collect();
        of_plan.sort_by_key(|(purchase, grant)| (grant.since, **purchase));
        let mut end = None;
        for (_, grant) in of_plan {
            let start = end.map_or(grant.since, |end: Timestamp| end.max(grant.since));
            grant.until = Grant::of(plan, start).and_then(|grant| grant.until);
            if !grant.withdrawn {
                end = grant.until;
            }
        }
    }

    /// These grants without those of plans that were all over at `then`. The others stay together: the term of one may
    /// begin where that of another ends.
    #[must_use]
    pub fn not_over_at(&self, then: Timestamp) -> Self {
        let running: BTreeSet<_> = self
            .0
            .values()
            .filter(|grant| grant.is_within(then))
            .map(|grant| grant.plan)
            .collect();
        let kept = self.0.iter().filter(|(_, grant)| running.contains(&grant.plan));
        Self(kept.map(|(purchase, grant)| (*purchase, *grant)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn bought(plans: &[(PlanId, &str)]) -> Grants {
        let mut grants = Grants::default();
        for (number, (plan, paid_at)) in (1u128..).zip(plans) {
            let grant = Grant::of(*plan, time(paid_at)).unwrap();
            grants = grants.with(PurchaseId::from_bytes(number.to_be_bytes()), grant);
        }
        grants
    }

    #[test]
    fn a_basic_plan_opens_for_seven_days_to_the_moment() {
        let grants = bought(&[(PlanId::Basic, "2026-01-01T10:00:00Z")]);
        assert!(grants.current(time("2026-01-08T09:59:59.999Z")).is_some());
        assert!(grants.current(time("2026-01-08T10:00:00Z")).is_none());
    }

    #[test]
    fn full_access_never_ends() {
        let grants = bought(&[(PlanId::FullAccess, "2026-01-01T10:00:00Z")]);
        assert!(grants.current(time("2126-01-01T10:00:00Z")).is_some());
    }

    #[test]
    fn one_property_grants_no_plan() {
        assert_eq!(Grant::of(PlanId::PerProperty, time("2026-01-01T00:00:00Z")), None);
        assert_eq!(Grant::of(PlanId::LandlordPro, time("2026-01-01T00:00:00Z")), None);
    }

    #[test]
    fn the_same_plan_bought_again_while_it_runs_loses_no_paid_day() {
        let grants = bought(&[
            (PlanId::Pro, "2026-01-01T00:00:00Z"),
            (PlanId::Pro, "2026-01-11T00:00:00Z"),
        ]);
        assert!(grants.current(time("2026-03-01T23:59:59Z")).is_some());
        assert!(grants.current(time("2026-03-02T00:00:00Z")).is_none());
    }

    #[test]
    fn an_unlimited_plan_counts_before_a_limited_one() {
        let grants = bought(&[
            (PlanId::Basic, "2026-01-01T00:00:00Z"),
            (PlanId::Pro, "2026-01-02T00:00:00Z"),
        ]);
        let (_, grant) = grants.current(time("2026-01-03T00:00:00Z")).unwrap();
        assert_eq!(grant.plan, PlanId::Pro);
    }

    #[test]
    fn the_order_in_which_payments_are_learned_of_does_not_matter() {
        let one = (
            PurchaseId::from_bytes([1; 16]),
            Grant::of(PlanId::Pro, time("2026-01-01T00:00:00Z")).unwrap(),
        );
        let two = (
            PurchaseId::from_bytes([2; 16]),
            Grant::of(PlanId::Pro, time("2026-01-11T00:00:00Z")).unwrap(),
        );
        let grants = Grants::default();
        assert_eq!(
            grants.with(one.0, one.1).with(two.0, two.1),
            grants.with(two.0, two.1).with(one.0, one.1)
        );
    }

    #[test]
    fn a_withdrawn_grant_opens_nothing_and_takes_no_time() {
        let one = PurchaseId::from_bytes([1; 16]);
        let paid = Grant::of(PlanId::Pro, time("2026-01-01T00:00:00Z")).unwrap();
        let withdrawn = Grant {
            withdrawn: true,
            ..paid
        };
        let again = Grant::of(PlanId::Pro, time("2026-01-11T00:00:00Z")).unwrap();
        let grants = Grants::default()
            .with(one, withdrawn)
            .with(PurchaseId::from_bytes([2; 16]), again);
        let alone = Grants::default().with(one, withdrawn);
        assert!(alone.current(time("2026-01-05T00:00:00Z")).is_none());
        assert!(grants.current(time("2026-02-09T23:59:59Z")).is_some());
        assert!(grants.current(time("2026-02-10T00:00:00Z")).is_none());
        // Given back and then won: as if it had never been withdrawn.
        assert!(
            grants
                .with(one, paid)
                .current(time("2026-03-01T23:59:59Z"))
                .is_some()
        );
    }

    #[test]
    fn what_was_used_stays_used_when_a_payment_is_learned_of_again() {
        let one = PurchaseId::from_bytes([1; 16]);
        let paid = Grant::of(PlanId::Basic, time("2026-01-01T00:00:00Z")).unwrap();
        let mut grants = Grants::default().with(one, paid);
        if let Some(grant) = grants.0.get_mut(&one) {
            grant.analyses_used = 5;
        }
        let grants = grants.with(one, paid);
        assert!(
            !grants
                .current(time("2026-01-02T00:00:00Z"))
                .unwrap()
                .1
                .has_analyses_left(time("2026-01-02T00:00:00Z"))
        );
    }

    #[test]
    fn grants_that_are_long_over_go_together() {
        let grants = bought(&[
            (PlanId::Pro, "2026-01-01T00:00:00Z"),
            (PlanId::Pro, "2026-01-11T00:00:00Z"),
            (PlanId::Basic, "2026-01-01T00:00:00Z"),
        ]);
        let kept = grants.not_over_at(time("2026-02-15T00:00:00Z"));
        assert_eq!(kept.0.len(), 2);
        assert_eq!(
            kept.current(time("2026-02-15T00:00:00Z")),
            grants.current(time("2026-02-15T00:00:00Z"))
        );
        assert_eq!(
            grants.not_over_at(time("2026-03-02T00:00:00Z")),
            Grants::default()
        );
    }

    #[test]
    fn a_plan_with_no_analyses_left_gives_way_to_one_that_has_some() {
        let used_up = Grant {
            plan: PlanId::Basic,
            since: time("2026-01-02T00:00:00Z"),
            until: Some(time("2026-01-09T00:00:00Z")),
            analyses_limit: Some(5),
            analyses_used: 5,
            withdrawn: false,
        };
        let fresh = Grant {
            analyses_used: 0,
            until: Some(time("2026-01-08T00:00:00Z")),
            ..used_up
        };
        let grants = Grants(BTreeMap::from([
            (PurchaseId::from_bytes([1; 16]), used_up),
            (PurchaseId::from_bytes([2; 16]), fresh),
        ]));
        let (purchase, grant) = grants.current(time("2026-01-03T00:00:00Z")).unwrap();
        assert!(grant.has_analyses_left(time("2026-01-03T00:00:00Z")));
        assert_eq!(purchase, PurchaseId::from_bytes([2; 16]));
    }
}
