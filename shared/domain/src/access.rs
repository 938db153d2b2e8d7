//! What a person's purchases open.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::plan::{Offer, Opens};
use crate::{PlanId, PurchaseId};

/// What one paid purchase of a plan opens, and how much of it is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
}

impl Grant {
    /// Whether its term is running at `now`.
    #[must_use]
    pub fn is_running(&self, now: Timestamp) -> bool {
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

    /// What paying for `plan` at `paid_at` grants. A plan bought again while it runs starts where the running term
    /// ends, so that no paid day is lost. `None` if the plan opens no more than one property, or is a subscription.
    #[must_use]
    pub fn granted_by(&self, plan: PlanId, paid_at: Timestamp) -> Option<Grant> {
        let Offer::Once {
            opens: opens @ Opens::AnyProperty { analyses, .. },
            ..
        } = plan.plan().offer
        else {
            return None;
        };
        let start = self
            .0
            .values()
            .filter(|grant| grant.plan == plan)
            .filter_map(|grant| grant.until)
            .fold(paid_at, Timestamp::max);
        Some(Grant {
            plan,
            since: paid_at,
            until: opens.ends(start),
            analyses_limit: analyses,
            analyses_used: 0,
        })
    }

    /// Adds a grant; one that is there already stays as it is.
    pub fn add(&mut self, purchase: PurchaseId, grant: Grant) {
        self.0.entry(purchase).or_insert(grant);
    }

    /// The purchases whose term is over at `now`.
    pub fn ended(&self, now: Timestamp) -> impl Iterator<Item = PurchaseId> {
        self.0
            .iter()
            .filter(move |(_, grant)| !grant.is_running(now))
            .map(|(purchase, _)| *purchase)
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
            let grant = grants.granted_by(*plan, time(paid_at)).unwrap();
            grants.add(PurchaseId::from_bytes(number.to_be_bytes()), grant);
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
        assert_eq!(
            Grants::default().granted_by(PlanId::PerProperty, time("2026-01-01T00:00:00Z")),
            None
        );
        assert_eq!(
            Grants::default().granted_by(PlanId::LandlordPro, time("2026-01-01T00:00:00Z")),
            None
        );
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
    fn a_plan_with_no_analyses_left_gives_way_to_one_that_has_some() {
        let used_up = Grant {
            plan: PlanId::Basic,
            since: time("2026-01-02T00:00:00Z"),
            until: Some(time("2026-01-09T00:00:00Z")),
            analyses_limit: Some(5),
            analyses_used: 5,
        };
        let fresh = Grant {
            analyses_used: 0,
            until: Some(time("2026-01-08T00:00:00Z")),
            ..used_up.clone()
        };
        let mut grants = Grants::default();
        grants.add(PurchaseId::from_bytes([1; 16]), used_up);
        grants.add(PurchaseId::from_bytes([2; 16]), fresh);
        let (purchase, grant) = grants.current(time("2026-01-03T00:00:00Z")).unwrap();
        assert!(grant.has_analyses_left(time("2026-01-03T00:00:00Z")));
        assert_eq!(purchase, PurchaseId::from_bytes([2; 16]));
    }
}
