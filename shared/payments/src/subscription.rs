//! Subscriptions (<https://docs.stripe.com/api/subscriptions>), and what belongs to them: customers, the billing portal,
//! the refund of an invoice.

use domain::subscription::Interval;
use domain::{EmailAddress, Plan, UserId};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use stripe::StripeRequest;
use stripe_billing::billing_portal_session::CreateBillingPortalSession;
use stripe_billing::subscription::{
    CancelSubscription, RetrieveSubscription, UpdateSubscription, UpdateSubscriptionItems,
    UpdateSubscriptionItemsPriceData, UpdateSubscriptionItemsPriceDataRecurring,
    UpdateSubscriptionItemsPriceDataRecurringInterval, UpdateSubscriptionPaymentBehavior,
    UpdateSubscriptionProrationBehavior,
};
use stripe_client_core::{RequestBuilder, StripeMethod};
use stripe_core::customer::{CreateCustomer, DeleteCustomer};
use stripe_core::refund::CreateRefund;

use crate::checkout::product_name;
use crate::object::{Reference, SubscriptionObject};
use crate::{Stripe, StripeFailure, Subscribed, metadata};

/// The plan that a subscription is to have.
#[derive(Clone, Copy, Debug)]
pub struct NewPlan<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// How often it is paid.
    pub interval: Interval,
    /// For how much each time.
    pub amount: domain::Cents,
    /// Whether the difference for the rest of the period is to be paid now, and the change be made only if it is. If
    /// not, it is set off against the next invoice.
    pub pay_now: bool,
}

impl Stripe {
    /// The subscription, if there is one of this id and it is one of ours.
    ///
    /// # Errors
    /// [`StripeFailure`] if Stripe does not answer.
    pub async fn subscription(&self, id: &str) -> Result<Option<Subscribed>, StripeFailure> {
        let request = RetrieveSubscription::new(id);
        match self.ask::<SubscriptionObject>(|| request.build()).await {
            Ok(object) => object
                .ours()
                .map_err(|error| StripeFailure::Unusable(error.to_string())),
            Err(failure) if failure.is_absent() => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Makes a subscription end with its period, or go on after it. `key` names this one wish.
    ///
    /// # Errors
    /// [`StripeFailure`] if it is not known to be done.
    pub async fn end_with_period(
        &self,
        id: &str,
        ends: bool,
        key: &str,
    ) -> Result<Subscribed, StripeFailure> {
        let request = UpdateSubscription::new(id).cancel_at_period_end(ends);
        ours(self.act(&request, key).await?)
    }

    /// Ends a subscription now.
    ///
    /// # Errors
    /// [`StripeFailure`] if it is not known to have ended. One that had ended before is refused as absent.
    pub async fn end_now(&self, id: &str) -> Result<Subscribed, StripeFailure> {
        let request = CancelSubscription::new(id);
        ours(self.act(&request, &format!("end:{id}")).await?)
    }

    /// Gives a subscription another plan. `key` names this one wish.
    ///
    /// # Errors
    /// [`StripeFailure`] if it is not known to be done; [`StripeFailure::is_unpaid`] if the card does not pay the
    /// difference.
    pub async fn change_plan(
        &self,
        current: &Subscribed,
        new: NewPlan<'_>,
        key: &str,
    ) -> Result<Subscribed, StripeFailure> {
        let product = self.product(new.plan).await?;
        let interval = match new.interval {
            Interval::Month => UpdateSubscriptionItemsPriceDataRecurringInterval::Month,
            Interval::Year => UpdateSubscriptionItemsPriceDataRecurringInterval::Year,
        };
        let price = UpdateSubscriptionItemsPriceData {
            unit_amount: Some(i64::from(new.amount.get())),
            ..UpdateSubscriptionItemsPriceData::new(
                stripe_types::Currency::USD,
                product,
                UpdateSubscriptionItemsPriceDataRecurring::new(interval),
            )
        };
        let item = UpdateSubscriptionItems {
            id: Some(current.item.clone()),
            price_data: Some(price),
            ..UpdateSubscriptionItems::new()
        };
        let proration = if new.pay_now {
            UpdateSubscriptionProrationBehavior::AlwaysInvoice
        } else {
            UpdateSubscriptionProrationBehavior::CreateProrations
        };
        let request = UpdateSubscription::new(current.subscription.id.as_str())
            .items(vec![item])
            .metadata(metadata::of([(metadata::PLAN, new.plan.id.to_string())]))
            .proration_behavior(proration)
            .payment_behavior(UpdateSubscriptionPaymentBehavior::ErrorIfIncomplete);
        ours(self.act(&request, key).await?)
    }

    /// The product that a plan is at Stripe, made if there is none: a price that is set afresh must be one of a product.
    async fn product(&self, plan: &Plan) -> Result<String, StripeFailure> {
        let id = format!("plan_{}", plan.id);
        let name = product_name(plan);
        let request = NewProduct { id: &id, name: &name };
        match self.act::<IgnoredAny>(&request, &format!("product:{id}")).await {
            Ok(_) => Ok(id),
            Err(failure) if failure.is("resource_already_exists") => Ok(id),
            Err(failure) => Err(failure),
        }
    }

    /// A customer for a person; the same one each time.
    ///
    /// # Errors
    /// [`StripeFailure`] if it is not known whether there is one.
    pub async fn create_customer(&self, user: UserId, email: &EmailAddress) -> Result<String, StripeFailure> {
        let request = CreateCustomer::new()
            .email(email.as_str())
            .metadata(metadata::of([(metadata::USER, user.to_string())]));
        let made: Identified = self.act(&request, &format!("customer:{user}")).await?;
        Ok(made.id)
    }

    /// Removes a customer, and with it whatever still costs them money: Stripe ends a removed customer's subscriptions
    /// (<https://docs.stripe.com/api/customers/delete>). One that is gone already is removed.
    ///
    /// # Errors
    /// [`StripeFailure`] if it is not known to be gone.
    pub async fn remove_customer(&self, customer: &str) -> Result<(), StripeFailure> {
        let request = DeleteCustomer::new(customer);
        match self
            .act::<IgnoredAny>(&request, &format!("remove:{customer}"))
            .await
        {
            Ok(_) => Ok(()),
            Err(failure) if failure.is_absent() => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    /// A page of Stripe's on which a customer sees their invoices and changes their card.
    ///
    /// # Errors
    /// [`StripeFailure`] if Stripe does not open one.
    pub async fn open_portal(
        &self,
        customer: &str,
        return_to: &str,
        key: &str,
    ) -> Result<String, StripeFailure> {
        #[derive(Deserialize)]
        struct Portal {
            url: String,
        }
        let request = CreateBillingPortalSession::new()
            .customer(customer)
            .return_url(return_to);
        let portal: Portal = self.act(&request, key).await?;
        Ok(portal.url)
    }

    /// Gives back what was paid for an invoice. What was given back already stays given back once.
    ///
    /// # Errors
    /// [`StripeFailure`] if it is not known to be given back.
    pub async fn refund_invoice(&self, invoice: &str) -> Result<(), StripeFailure> {
        let payments: InvoicePayments = self
            .ask(|| RequestBuilder::new(StripeMethod::Get, "/invoice_payments").query(&OfInvoice { invoice }))
            .await?;
        let intents = payments
            .data
            .into_iter()
            .filter(|payment| payment.status == "paid")
            .filter_map(|payment| payment.payment.payment_intent);
        for intent in intents {
            let intent = intent.into_id();
            let request = CreateRefund::new().payment_intent(intent.as_str());
            match self
                .act::<IgnoredAny>(&request, &format!("refund:{intent}"))
                .await
            {
                Ok(_) => {}
                Err(failure) if failure.is("charge_already_refunded") => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }
}

fn ours(object: SubscriptionObject) -> Result<Subscribed, StripeFailure> {
    object
        .ours()
        .map_err(|error| StripeFailure::Unusable(error.to_string()))?
        .ok_or_else(|| StripeFailure::Unusable("the subscription is not one of ours".to_owned()))
}

#[derive(Deserialize)]
struct Identified {
    id: String,
}

#[derive(Deserialize)]
struct InvoicePayments {
    data: Vec<InvoicePayment>,
}

#[derive(Deserialize)]
struct InvoicePayment {
    status: String,
    payment: AssociatedPayment,
}

#[derive(Deserialize)]
struct AssociatedPayment {
    payment_intent: Option<Reference>,
}

/// Which payments. A structure, because a list of pairs would be written as numbered parameters.
#[derive(Serialize)]
struct OfInvoice<'a> {
    invoice: &'a str,
}

/// `POST /v1/products` (<https://docs.stripe.com/api/products/create>), under an id of our own choice.
#[derive(Serialize)]
struct NewProduct<'a> {
    id: &'a str,
    name: &'a str,
}

impl StripeRequest for NewProduct<'_> {
    type Output = ();

    fn build(&self) -> RequestBuilder {
        RequestBuilder::new(StripeMethod::Post, "/products").form(self)
    }
}
