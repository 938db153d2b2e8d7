//! PaymentIntents (<https://docs.stripe.com/api/payment_intents>): a payment on a page of our own web client.

use domain::purchase::News;
use jiff::Timestamp;
use stripe::StripeRequest;
use stripe_core::payment_intent::{
    CreatePaymentIntent, CreatePaymentIntentAutomaticPaymentMethods, RetrievePaymentIntent,
};

use crate::checkout::{Order, ids, product_name};
use crate::object::PaymentIntent;
use crate::{Meaning, Stripe, StripeFailure, news};

/// A payment that the web client may finish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Stripe's id of it.
    pub id: String,
    /// What the web client finishes it with.
    pub client_secret: String,
}

impl Stripe {
    /// Begins a payment for `order`. Asked again for the same purchase, it is the same payment.
    ///
    /// # Errors
    /// [`StripeFailure`] if Stripe does not begin one.
    pub async fn begin_payment(&self, order: Order<'_>) -> Result<Intent, StripeFailure> {
        let request = CreatePaymentIntent::new(i64::from(order.amount.get()), stripe_types::Currency::USD)
            .automatic_payment_methods(CreatePaymentIntentAutomaticPaymentMethods::new(true))
            .description(product_name(order.plan))
            .metadata(ids(&order));
        let intent: PaymentIntent = self.act(&request, &format!("payment:{}", order.purchase)).await?;
        let client_secret = intent
            .client_secret
            .ok_or_else(|| StripeFailure::Unusable("the payment has no client secret".to_owned()))?;
        Ok(Intent {
            id: intent.id,
            client_secret,
        })
    }

    /// What became of a payment, in the words of the event that Stripe sends of it; nothing while it is open.
    ///
    /// # Errors
    /// [`StripeFailure`] if Stripe does not answer, or does not know the payment.
    pub async fn payment_news(&self, intent: &str, now: Timestamp) -> Result<Option<Meaning>, StripeFailure> {
        let intent = self.payment(intent).await?;
        let news = match intent.status.as_str() {
            "succeeded" => News::Paid(now),
            "processing" => News::Processing,
            _ => return Ok(None),
        };
        told(intent, news).map(Some)
    }

    /// What `news` of a payment means: the payment itself says whose it is.
    ///
    /// # Errors
    /// [`StripeFailure`] if Stripe does not answer, or does not know the payment.
    pub async fn payment_of(&self, intent: &str, news: News) -> Result<Meaning, StripeFailure> {
        told(self.payment(intent).await?, news)
    }

    async fn payment(&self, intent: &str) -> Result<PaymentIntent, StripeFailure> {
        let request = RetrievePaymentIntent::new(intent);
        self.ask(|| request.build()).await
    }
}

fn told(intent: PaymentIntent, news: News) -> Result<Meaning, StripeFailure> {
    news::of_intent(intent, news).map_err(|error| StripeFailure::Unusable(error.to_string()))
}
