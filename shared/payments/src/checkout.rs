//! Checkout Sessions (<https://docs.stripe.com/api/checkout/sessions>): Stripe's page on which a buyer pays once, or
//! begins a subscription.

use domain::purchase::News;
use domain::subscription::{Interval, TRIAL_DAYS};
use domain::{EmailAddress, ListingId, Plan, PurchaseId, UserId};
use jiff::Timestamp;
use stripe::StripeRequest;
use stripe_checkout::CheckoutSessionMode;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData,
    CreateCheckoutSessionLineItemsPriceDataRecurring,
    CreateCheckoutSessionLineItemsPriceDataRecurringInterval, CreateCheckoutSessionPaymentIntentData,
    CreateCheckoutSessionPaymentMethodCollection, CreateCheckoutSessionSubscriptionData,
    CreateCheckoutSessionSubscriptionDataTrialSettings,
    CreateCheckoutSessionSubscriptionDataTrialSettingsEndBehavior,
    CreateCheckoutSessionSubscriptionDataTrialSettingsEndBehaviorMissingPaymentMethod, ExpireCheckoutSession,
    ProductData, RetrieveCheckoutSession,
};

use crate::object::{CheckoutSession, Reference};
use crate::{Meaning, Stripe, StripeFailure, metadata, news};

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

/// A subscription as Stripe's page shows it.
#[derive(Clone, Copy, Debug)]
pub struct SubscriptionOrder<'a> {
    /// Our id of it; Stripe carries it along and does this once for it.
    pub id: PurchaseId,
    /// The buyer.
    pub user: UserId,
    /// Who the buyer is at Stripe.
    pub customer: &'a str,
    /// What is bought.
    pub plan: &'a Plan,
    /// How often it is paid.
    pub interval: Interval,
    /// For how much each time.
    pub amount: domain::Cents,
    /// Whether it begins with a trial. A trial needs no card; without one it ends with the trial.
    pub trial: bool,
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
    /// The page to send the buyer to; none once it is closed.
    pub url: Option<String>,
}

/// Where a page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageState {
    /// The buyer may still finish.
    Open,
    /// The buyer has finished.
    Complete,
    /// It was closed, and nothing was bought on it.
    Expired,
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
        let mut of_payment = ids.clone();
        of_payment.insert(metadata::ON_PAGE.to_owned(), "true".to_owned());
        let request = CreateCheckoutSession::new()
            .mode(CheckoutSessionMode::Payment)
            .client_reference_id(order.purchase.to_string())
            .customer_email(order.email.as_str())
            .line_items(vec![line(&order)])
            .metadata(ids)
            .payment_intent_data(CreateCheckoutSessionPaymentIntentData {
                metadata: Some(of_payment),
                ..CreateCheckoutSessionPaymentIntentData::new()
            })
            .success_url(return_to.success)
            .cancel_url(return_to.cancel);
        self.open(&request, &format!("checkout:{}", order.purchase)).await
    }

    /// Opens the page on which a subscription begins. Asked again for the same order, it is the same page.
    ///
    /// # Errors
    /// [`StripeFailure`] if Stripe does not open one.
    pub async fn open_subscription_checkout(
        &self,
        order: SubscriptionOrder<'_>,
        return_to: ReturnTo,
    ) -> Result<Checkout, StripeFailure> {
        let ids = metadata::of([
            (metadata::PURCHASE, order.id.to_string()),
            (metadata::USER, order.user.to_string()),
            (metadata::PLAN, order.plan.id.to_string()),
        ]);
        let mut subscription = CreateCheckoutSessionSubscriptionData::new();
        subscription.metadata = Some(ids.clone());
        let mut request = CreateCheckoutSession::new()
            .mode(CheckoutSessionMode::Subscription)
            .client_reference_id(order.id.to_string())
            .customer(order.customer)
            .line_items(vec![recurring_line(&order)])
            .metadata(ids)
            .success_url(return_to.success)
            .cancel_url(return_to.cancel);
        if order.trial {
            subscription.trial_period_days = Some(TRIAL_DAYS);
            subscription.trial_settings = Some(CreateCheckoutSessionSubscriptionDataTrialSettings::new(
                CreateCheckoutSessionSubscriptionDataTrialSettingsEndBehavior::new(
                    CreateCheckoutSessionSubscriptionDataTrialSettingsEndBehaviorMissingPaymentMethod::Cancel,
                ),
            ));
            request =
                request.payment_method_collection(CreateCheckoutSessionPaymentMethodCollection::IfRequired);
        }
        let request = request.subscription_data(subscription);
        self.open(&request, &format!("subscription:{}", order.id)).await
    }

    async fn open(&self, request: &CreateCheckoutSession, key: &str) -> Result<Checkout, StripeFailure> {
        let session: CheckoutSession = self.act(request, key).await?;
        Ok(Checkout {
            session: session.id,
            url: session.url,
        })
    }

    /// A page, and where it stands.
    ///
    /// # Errors
    /// [`StripeFailure`] if Stripe does not answer, or does not know the page.
    pub async fn page(&self, session: &str) -> Result<(Checkout, PageState), StripeFailure> {
        let session = self.checkout(session).await?;
        let state = match session.status.as_deref() {
            Some("open") => PageState::Open,
            Some("complete") => PageState::Complete,
            _ => PageState::Expired,
        };
        let page = Checkout {
            session: session.id,
            url: session.url,
        };
        Ok((page, state))
    }

    /// Closes an open page, so that nothing can be bought on it any more. One that is not open stays what it is.
    ///
    /// # Errors
    /// [`StripeFailure`] if it is not known whether it is closed.
    pub async fn close_page(&self, session: &str) -> Result<(), StripeFailure> {
        let request = ExpireCheckoutSession::new(session);
        match self
            .act::<CheckoutSession>(&request, &format!("close:{session}"))
            .await
        {
            // Only an open one can be closed.
            Ok(_) | Err(StripeFailure::Refused { status: 400, .. }) => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    /// What became of a page, in the words of the event that Stripe sends of it; nothing while it is open.
    ///
    /// # Errors
    /// [`StripeFailure`] if Stripe does not answer, or does not know the page.
    pub async fn checkout_news(
        &self,
        session: &str,
        now: Timestamp,
    ) -> Result<Option<Meaning>, StripeFailure> {
        let session = self.checkout(session).await?;
        let status = session.status.clone();
        if session.mode == "subscription" {
            let subscription = session.subscription.clone().map(Reference::into_id);
            let user = session.metadata.clone().unwrap_or_default().id(metadata::USER);
            return Ok(subscription.zip(user).map(|(id, user)| Meaning::Subscription {
                id,
                user,
                trial_ending: false,
            }));
        }
        let news = match (status.as_deref(), session.payment_status.as_str()) {
            (Some("complete"), "paid" | "no_payment_required") => News::Paid(now),
            (Some("complete"), _) => News::Processing,
            (Some("expired"), _) => News::Expired,
            _ => return Ok(None),
        };
        news::of_payment_session(session, news)
            .map(Some)
            .map_err(|error| StripeFailure::Unusable(error.to_string()))
    }

    async fn checkout(&self, session: &str) -> Result<CheckoutSession, StripeFailure> {
        let request = RetrieveCheckoutSession::new(session);
        self.ask(|| request.build()).await
    }
}

/// Our ids, which travel with a purchase.
pub(crate) fn ids(order: &Order<'_>) -> std::collections::HashMap<String, String> {
    let mut ids = metadata::of([
        (metadata::PURCHASE, order.purchase.to_string()),
        (metadata::USER, order.user.to_string()),
    ]);
    if let Some(property) = order.property {
        ids.insert(metadata::LISTING.to_owned(), property.listing.to_string());
    }
    ids
}

/// What the bill says is bought.
pub(crate) fn product_name(plan: &Plan) -> String {
    format!("Apartment Locator AI: {}", plan.name)
}

fn line(order: &Order<'_>) -> CreateCheckoutSessionLineItems {
    let description = match order.property {
        Some(property) => format!("{}, for good", property.name),
        None => order.plan.summary.to_owned(),
    };
    line_of(order.plan, description, order.amount, None)
}

fn recurring_line(order: &SubscriptionOrder<'_>) -> CreateCheckoutSessionLineItems {
    line_of(
        order.plan,
        order.plan.summary.to_owned(),
        order.amount,
        Some(order.interval),
    )
}

fn line_of(
    plan: &Plan,
    description: String,
    amount: domain::Cents,
    interval: Option<Interval>,
) -> CreateCheckoutSessionLineItems {
    let mut product = ProductData::new(product_name(plan));
    product.description = Some(description);
    let recurring = interval.map(|interval| {
        CreateCheckoutSessionLineItemsPriceDataRecurring::new(match interval {
            Interval::Month => CreateCheckoutSessionLineItemsPriceDataRecurringInterval::Month,
            Interval::Year => CreateCheckoutSessionLineItemsPriceDataRecurringInterval::Year,
        })
    });
    let price = CreateCheckoutSessionLineItemsPriceData {
        product_data: Some(product),
        unit_amount: Some(i64::from(amount.get())),
        recurring,
        // All prices are in US dollars.
        ..CreateCheckoutSessionLineItemsPriceData::new(stripe_types::Currency::USD)
    };
    CreateCheckoutSessionLineItems {
        price_data: Some(price),
        quantity: Some(1),
        ..CreateCheckoutSessionLineItems::new()
    }
}
