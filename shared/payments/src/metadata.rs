//! The names under which our ids travel through Stripe and back.

use std::collections::HashMap;

/// The purchase, or the page on which a subscription is bought.
pub(crate) const PURCHASE: &str = "purchase_id";
/// The person.
pub(crate) const USER: &str = "user_id";
/// The property.
pub(crate) const LISTING: &str = "property_id";
/// The plan of a subscription.
pub(crate) const PLAN: &str = "plan_id";

/// The verified lease that a refund is for.
pub(crate) const VERIFICATION: &str = "verification_id";
/// Which attempt to refund it this is.
pub(crate) const ATTEMPT: &str = "attempt";

/// Marks a payment that is made on a Checkout page.
pub(crate) const ON_PAGE: &str = "on_page";

/// These ids, as Stripe's requests take them.
pub(crate) fn of<const N: usize>(ids: [(&str, String); N]) -> HashMap<String, String> {
    ids.into_iter().map(|(name, id)| (name.to_owned(), id)).collect()
}
