//! The states of a purchase.

use serde::{Deserialize, Serialize};

use crate::{ListingId, PurchaseId, UserId};

/// Where a purchase stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
}

/// What Stripe reports about a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentNews {
    /// The buyer finished, and the bank has yet to confirm.
    Processing,
    /// The money is ours.
    Paid,
    /// The money will not come.
    Failed,
    /// The page was closed unpaid.
    Expired,
}

/// What is known of a payment for a purchase: what happened, and to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Whose purchase.
    pub user: UserId,
    /// Which one.
    pub purchase: PurchaseId,
    /// The property that it is for.
    pub listing: Option<ListingId>,
    /// What happened to the money.
    pub news: PaymentNews,
    /// The amount, in cents, as Stripe counted it.
    pub amount: u64,
    /// Stripe's PaymentIntent, if it is known.
    pub payment_intent: Option<String>,
}

impl PurchaseStatus {
    /// The state after `news`.
    ///
    /// Events come more than once and in any order, so the result may not depend on either: each piece of news stands
    /// for a state, states are ranked, and the highest one stays. Paid ranks above all: if money came, it came.
    #[must_use]
    pub fn after(self, news: PaymentNews) -> Self {
        self.max(match news {
            PaymentNews::Processing => Self::Pending,
            PaymentNews::Expired => Self::Expired,
            PaymentNews::Failed => Self::Failed,
            PaymentNews::Paid => Self::Paid,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn news() -> impl Strategy<Value = PaymentNews> {
        prop_oneof![
            Just(PaymentNews::Processing),
            Just(PaymentNews::Paid),
            Just(PaymentNews::Failed),
            Just(PaymentNews::Expired),
        ]
    }

    fn told(all: &[PaymentNews]) -> PurchaseStatus {
        all.iter()
            .fold(PurchaseStatus::Pending, |status, news| status.after(*news))
    }

    proptest! {
        #[test]
        fn the_order_and_the_repetition_of_news_do_not_matter(
            (all, shuffled) in proptest::collection::vec(news(), 0..6)
                .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        ) {
            prop_assert_eq!(told(&all), told(&shuffled));
            let twice: Vec<_> = all.iter().chain(&shuffled).copied().collect();
            prop_assert_eq!(told(&all), told(&twice));
        }

        #[test]
        fn only_news_of_the_money_makes_a_purchase_paid(all in proptest::collection::vec(news(), 0..6)) {
            prop_assert_eq!(told(&all) == PurchaseStatus::Paid, all.contains(&PaymentNews::Paid));
        }
    }
}
