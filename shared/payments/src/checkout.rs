//! Checkout Sessions (<https://docs.stripe.com/api/checkout/sessions>): Stripe's page on which a buyer pays.

use std::collections::HashMap;

use domain::{EmailAddress, ListingId, Plan, PurchaseId, UserId};
use stripe_checkout::CheckoutSessionMode;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData,
    CreateCheckoutSessionPaymentIntentData, ProductData,
};

use crate::{Stripe, StripeFailure};

/// A purchase as Stripe's page shows it.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// Our purchase; Stripe carries its id along and does this once for it.
    pub purchase: PurchaseId,
    /// The buyer.
    pub user: UserId,
    /// The buyer's address, filled in on the page.
    pub email: &'a EmailAddress,
    /// What is bought.
    pub plan: &'a Plan,
    /// For how much.
    pub amount: domain::Cents,
    /// The property, if it is for one.
    pub property: Option<Property<'a>>,
}

/// The property that is bought.
#[derive(Clone, Copy, Debug)]
pub struct Property<'a> {
    /// Its listing.
    pub listing: &'a ListingId,
    /// What the page calls it.
    pub name: &'a str,
}

/// Where Stripe sends the buyer afterwards.
#[derive(Clone, Debug)]
pub struct ReturnTo {
    /// After paying. Stripe puts the session's id in place of `{CHECKOUT_SESSION_ID}`.
    pub success: String,
    /// After giving up.
    pub cancel: String,
}

/// An open page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// Stripe's id of the session.
    pub session: String,
    /// The page to send the buyer to.
    pub url: String,
}

/// The names under which our ids travel through Stripe and back.
pub(crate) mod metadata {
    pub(crate) const PURCHASE: &str = "purchase_id";
    pub(crate) const USER: &str = "user_id";
    pub(crate) const LISTING: &str = "property_id";
}

impl Stripe {
    /// Opens the page on which `order` is paid. Asked again for the same purchase, it is the same page.
    ///
    /// # Errors
    /// [`StripeFailure`] if Stripe does not open one.
    pub async fn open_checkout(
        &self,
        order: Order<'_>,
        return_to: ReturnTo,
    ) -> Result<Checkout, StripeFailure> {
        let ids = ids(&order);
        let request = CreateCheckoutSession::new()
            .mode(CheckoutSessionMode::Payment)
            .client_reference_id(order.purchase.to_string())
            .customer_email(order.email.as_str())
            .line_items(vec![line(&order)])
            .metadata(ids.clone())
            .payment_intent_data(CreateCheckoutSessionPaymentIntentData {
                metadata: Some(ids),
                ..CreateCheckoutSessionPaymentIntentData::new()
            })
            .success_url(return_to.success)
            .cancel_url(return_to.cancel);
        let session = self
            .send(request, &format!("checkout:{}", order.purchase))
            .await?;
        let url = session
            .url
            .ok_or_else(|| StripeFailure::Refused("the session has no page".to_owned()))?;
        Ok(Checkout {
            session: session.id.to_string(),
            url,
        })
    }
}

fn ids(order: &Order<'_>) -> HashMap<String, String> {
    let mut ids = HashMap::from([
        (metadata::PURCHASE.to_owned(), order.purchase.to_string()),
        (metadata::USER.to_owned(), order.user.to_string()),
    ]);
    if let Some(property) = order.property {
        ids.insert(metadata::LISTING.to_owned(), property.listing.to_string());
    }
    ids
}

fn line(order: &Order<'_>) -> CreateCheckoutSessionLineItems {
    let mut product = ProductData::new(format!("Apartment Locator AI: {}", order.plan.name));
    product.description = Some(match order.property {
        Some(property) => format!("{}, for good", property.name),
        None => order.plan.summary.to_owned(),
    });
    let price = CreateCheckoutSessionLineItemsPriceData {
        product_data: Some(product),
        unit_amount: Some(i64::from(order.amount.get())),
        ..CreateCheckoutSessionLineItemsPriceData::new(stripe_currency())
    };
    CreateCheckoutSessionLineItems {
        price_data: Some(price),
        quantity: Some(1),
        ..CreateCheckoutSessionLineItems::new()
    }
}

/// All prices are in US dollars.
const fn stripe_currency() -> stripe_types::Currency {
    stripe_types::Currency::USD
}
