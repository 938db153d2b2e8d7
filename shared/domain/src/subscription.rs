//! Subscriptions: a plan that is paid by the month or by the year.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::plan::{Limits, Offer, WITHOUT_PLAN};
use crate::{Cents, PlanId};

/// The days of a person's first subscription that cost nothing.
pub const TRIAL_DAYS: u32 = 14;
/// How long a plan stays open after a payment for it failed, counted from the begin of the unpaid period.
pub const GRACE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How often a subscription is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interval {
    /// Each month. The web client says `monthly` when it asks.
    #[serde(alias = "monthly")]
    Month,
    /// Each year. The web client says `annual` when it asks.
    #[serde(alias = "annual", alias = "yearly")]
    Year,
}

impl Interval {
    /// `month` or `year`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Stripe's eight statuses of a subscription (<https://docs.stripe.com/api/subscriptions/object#subscription_object-status>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionStatus {
    /// The first payment has not come yet.
    Incomplete,
    /// The first payment never came.
    IncompleteExpired,
    /// In its trial.
    Trialing,
    /// Paid.
    Active,
    /// A payment failed and is tried again.
    PastDue,
    /// Over.
    Canceled,
    /// Payments failed for good; invoices go on.
    Unpaid,
    /// The trial ended without a means of payment.
    Paused,
}

impl SubscriptionStatus {
    /// The status as Stripe writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::IncompleteExpired => "incomplete_expired",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Canceled => "canceled",
            Self::Unpaid => "unpaid",
            Self::Paused => "paused",
        }
    }

    /// Whether it can still cost its owner money.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(
            self,
            Self::Trialing | Self::Active | Self::PastDue | Self::Unpaid | Self::Paused
        )
    }
}

/// A subscription as Stripe last told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// Stripe's id of it.
    pub id: String,
    /// The plan.
    pub plan: PlanId,
    /// How often it is paid.
    pub interval: Interval,
    /// How much each time.
    pub amount: Cents,
    /// Where it stands.
    pub status: SubscriptionStatus,
    /// When it was begun.
    pub created: Timestamp,
    /// The begin of the period that runs.
    pub period_start: Timestamp,
    /// Its end.
    pub period_end: Timestamp,
    /// When its trial ends or ended, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial_end: Option<Timestamp>,
    /// Whether it ends with the period.
    pub cancel_at_period_end: bool,
    /// When it ended, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

impl Subscription {
    /// Whether its plan counts at `now`: in its trial, paid, or for [`GRACE`] after a payment failed.
    #[must_use]
    pub fn entitles(&self, now: Timestamp) -> bool {
        match self.status {
            SubscriptionStatus::Trialing | SubscriptionStatus::Active => true,
            SubscriptionStatus::PastDue => now < self.grace_ends(),
            _ => false,
        }
    }

    /// When the plan stops counting, if the payment for the period that runs stays away.
    #[must_use]
    pub fn grace_ends(&self) -> Timestamp {
        self.period_start.saturating_add(GRACE).unwrap_or(Timestamp::MAX)
    }

    /// Whether this is the one that counts, of two of one person. A live one counts before one that is not; of two live
    /// ones the elder, because the younger was bought by mistake; of two that are over, the one begun last.
    #[must_use]
    pub fn counts_before(&self, other: &Self) -> bool {
        let standing = |subscription: &Self| {
            let live = subscription.status.is_live();
            let created = subscription.created.as_second();
            (live, if live { -created } else { created })
        };
        // Ids decide between two of the same second, so that everybody decides alike.
        (standing(self), &other.id) > (standing(other), &self.id)
    }
}

impl Limits {
    /// What the owner of `subscription` may have at `now`.
    #[must_use]
    pub fn of(subscription: Option<&Subscription>, now: Timestamp) -> Self {
        match subscription
            .filter(|subscription| subscription.entitles(now))
            .map(|subscription| subscription.plan.plan().offer)
        {
            Some(Offer::Recurring { limits, .. }) => limits,
            _ => WITHOUT_PLAN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn subscription(id: &str, status: SubscriptionStatus, created: &str) -> Subscription {
        Subscription {
            id: id.to_owned(),
            plan: PlanId::LandlordPro,
            interval: Interval::Month,
            amount: Cents::new(4900),
            status,
            created: time(created),
            period_start: time("2026-03-01T00:00:00Z"),
            period_end: time("2026-04-01T00:00:00Z"),
            trial_end: None,
            cancel_at_period_end: false,
            ended_at: None,
        }
    }

    #[test]
    fn a_plan_counts_for_seven_days_after_a_payment_failed() {
        let late = subscription("sub_1", SubscriptionStatus::PastDue, "2026-02-01T00:00:00Z");
        assert!(late.entitles(time("2026-03-07T23:59:59Z")));
        assert!(!late.entitles(time("2026-03-08T00:00:00Z")));
        assert_eq!(
            Limits::of(Some(&late), time("2026-03-07T00:00:00Z")).units,
            Some(20)
        );
        assert_eq!(
            Limits::of(Some(&late), time("2026-03-08T00:00:00Z")).units,
            Some(2)
        );
    }

    #[test]
    fn only_a_trial_and_a_paid_period_count_without_end() {
        use SubscriptionStatus::{Active, Canceled, Incomplete, IncompleteExpired, Paused, Trialing, Unpaid};
        let counts = |status| subscription("sub_1", status, "2026-02-01T00:00:00Z").entitles(Timestamp::MAX);
        assert!([Trialing, Active].into_iter().all(counts));
        assert!(
            ![Canceled, Incomplete, IncompleteExpired, Paused, Unpaid]
                .into_iter()
                .any(counts)
        );
    }

    #[test]
    fn of_two_subscriptions_exactly_one_counts() {
        use SubscriptionStatus::{Active, Canceled, Trialing};
        let early = "2026-02-01T00:00:00Z";
        let late = "2026-02-02T00:00:00Z";
        let elder = subscription("sub_2", Trialing, early);
        assert!(elder.counts_before(&subscription("sub_1", Active, late)));
        assert!(elder.counts_before(&subscription("sub_1", Canceled, late)));
        assert!(subscription("sub_1", Active, late).counts_before(&subscription("sub_2", Canceled, early)));
        assert!(subscription("sub_1", Canceled, late).counts_before(&subscription("sub_2", Canceled, early)));
        let (one, two) = (
            subscription("sub_1", Active, early),
            subscription("sub_2", Active, early),
        );
        assert!(one.counts_before(&two) && !two.counts_before(&one));
    }

    #[test]
    fn the_words_of_the_web_client_for_an_interval_are_read() {
        let read = |text: &str| serde_json::from_str::<Interval>(text).ok();
        assert_eq!(read("\"monthly\""), Some(Interval::Month));
        assert_eq!(read("\"annual\""), Some(Interval::Year));
        assert_eq!(read("\"year\""), Some(Interval::Year));
        assert_eq!(read("\"weekly\""), None);
    }
}
