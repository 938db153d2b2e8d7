//! From what a buyer wants to a purchase: the plan, its price, and the property where it is for one.

use domain::listing::Listing;
use domain::plan::{Offer, Opens};
use domain::{Cents, EmailAddress, ListingId, Plan, PlanId, PurchaseId};
use payments::checkout::{self, Order};
use table::Table;
use table::purchase::{Property, Purchase};
use web::idempotency::Operation;
use web::{Answer, Caller, Problem};

/// What is sold.
pub(crate) struct Sale {
    plan: &'static Plan,
    price: Cents,
    listing: Option<ListingId>,
}

/// The sale of `plan`, with a property exactly where the plan is for one.
///
/// # Errors
/// 400 for a subscription, for a missing property and for one too many.
pub(crate) fn sale(plan: PlanId, listing: Option<ListingId>) -> Answer<Sale> {
    let plan = plan.plan();
    let Offer::Once { price, opens } = plan.offer else {
        return Err(Problem::field(
            "planId",
            "must be a plan that is paid once: per_property, basic, pro, premium or full_access",
        ));
    };
    match (opens, &listing) {
        (Opens::OneProperty, None) => Err(Problem::field(
            "propertyId",
            "is required for the plan per_property",
        )),
        (Opens::AnyProperty { .. }, Some(_)) => Err(Problem::field(
            "propertyId",
            "goes with the plan per_property only",
        )),
        _ => Ok(Sale { plan, price, listing }),
    }
}

/// A new purchase of it by the caller, and its listing. In a repetition of the request it is the same purchase.
///
/// # Errors
/// 404 if there is no such property, 409 if the caller has already what this would open.
pub(crate) async fn begin(
    table: &Table,
    caller: &Caller,
    operation: Operation,
    sale: &Sale,
) -> Answer<(Purchase, Option<Listing>)> {
    let now = table.now();
    let current = caller.account.grants.current(now).map(|(_, grant)| grant);
    if current.is_some_and(domain::access::Grant::is_unlimited_for_good) {
        return Err(Problem::conflict(
            "already_yours",
            "Your account already opens every property, for good.",
        ));
    }
    let listing = match &sale.listing {
        Some(listing) => Some(locked_listing(table, caller, listing).await?),
        None => None,
    };
    let property = listing.as_ref().map(|listing| Property {
        listing: listing.id.clone(),
        quote: listing.quote(),
    });
    let id = PurchaseId::from_bytes(operation.id("purchase"));
    let purchase = Purchase::pending(id, caller.id(), sale.plan.id, sale.price, property, operation.at);
    Ok((purchase, listing))
}

async fn locked_listing(table: &Table, caller: &Caller, listing: &ListingId) -> Answer<Listing> {
    let (listing, unlock) = table.listing_and_unlock(caller.id(), listing).await?;
    if unlock.is_some() {
        return Err(Problem::conflict(
            "already_yours",
            "You have already unlocked this property.",
        ));
    }
    listing.ok_or_else(|| Problem::not_found("property"))
}

/// The purchase, as Stripe's page shows it.
pub(crate) fn order<'a>(
    purchase: &Purchase,
    email: &'a EmailAddress,
    listing: Option<&'a Listing>,
) -> Order<'a> {
    Order {
        purchase: purchase.id,
        user: purchase.user,
        email,
        plan: purchase.plan.plan(),
        amount: purchase.amount,
        property: listing.map(|listing| checkout::Property {
            listing: &listing.id,
            name: &listing.name,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_is_not_sold_here() {
        assert_eq!(
            sale(PlanId::LandlordPro, None)
                .err()
                .map(|problem| problem.code()),
            Some("invalid_request")
        );
    }

    #[test]
    fn a_property_goes_with_per_property_and_nothing_else() {
        let listing: ListingId = "1001".parse().unwrap();
        assert!(sale(PlanId::PerProperty, None).is_err());
        assert!(sale(PlanId::Basic, Some(listing.clone())).is_err());
        assert_eq!(
            sale(PlanId::PerProperty, Some(listing)).unwrap().price,
            Cents::new(199)
        );
    }
}
