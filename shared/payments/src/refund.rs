//! Refunds of a payment (<https://docs.stripe.com/api/refunds>), for verified leases.

use domain::lease::Request;
use domain::purchase::News;
use domain::{PurchaseId, UserId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use stripe::StripeRequest;
use stripe_client_core::{RequestBuilder, StripeMethod};
use stripe_core::refund::{CreateRefund, ListRefund};

use crate::object::{Misshapen, Refund};
use crate::{Stripe, StripeFailure, metadata, news};

/// How many objects a page has: as many as Stripe gives. A payment has a handful.
const PAGE: i64 = 100;

/// A refund that is asked for: of which payment, for what, and whose.
#[derive(Clone, Copy, Debug)]
pub struct LeaseRefund<'a> {
    /// Stripe's id of the payment.
    pub payment_intent: &'a str,
    /// For which lease, in which attempt, and how much.
    pub request: Request,
    /// Whose purchase.
    pub user: UserId,
    /// Which one.
    pub purchase: PurchaseId,
}

impl StripeFailure {
    /// Whether Stripe refuses what was asked, and not us: asked the same once more, it would refuse once more.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { status, .. } if !matches!(status, 401 | 403))
    }
}

impl Stripe {
    /// Gives a part of a payment back for a verified lease; what Stripe says of it. However often it is asked for the same
    /// attempt within a day, it is done once.
    ///
    /// # Errors
    /// [`StripeFailure`] if it is not known to be done.
    pub async fn refund_for_lease(&self, refund: LeaseRefund<'_>) -> Result<News, StripeFailure> {
        let claim = refund.request.claim;
        let request = CreateRefund::new()
            .payment_intent(refund.payment_intent)
            .amount(i64::from(refund.request.amount.get()))
            .metadata(metadata::of([
                (metadata::VERIFICATION, claim.verification.to_string()),
                (metadata::ATTEMPT, claim.attempt.to_string()),
                (metadata::USER, refund.user.to_string()),
                (metadata::PURCHASE, refund.purchase.to_string()),
            ]));
        let key = format!("refund:{}:{}", claim.verification, claim.attempt);
        let made: Refund = self.act(&request, &key).await?;
        readable(news::refund_news(made))
    }

    /// Every refund and every dispute of a payment, in the words of the events that Stripe sends of them.
    ///
    /// # Errors
    /// [`StripeFailure`] if Stripe does not answer.
    pub async fn reversals_of(&self, payment_intent: &str) -> Result<Vec<News>, StripeFailure> {
        let refunds = ListRefund::new().payment_intent(payment_intent).limit(PAGE);
        let refunds = self.whole(|| refunds.build()).await?;
        let of = OfPayment { payment_intent };
        let disputes = || RequestBuilder::new(StripeMethod::Get, "/disputes").query(&of);
        let disputes = self.whole(disputes).await?;
        let refunds = refunds.into_iter().map(news::refund_news);
        let disputes = disputes.into_iter().map(news::dispute_news);
        readable(refunds.chain(disputes).collect())
    }

    /// A list that has to come whole: what is missing of it could be taken for what is not there.
    async fn whole<T: DeserializeOwned>(
        &self,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<Vec<T>, StripeFailure> {
        let list: List<T> = self.ask(request).await?;
        if list.has_more {
            return Err(StripeFailure::Unusable("a list is longer than a page".to_owned()));
        }
        Ok(list.data)
    }
}

fn readable<T>(read: Result<T, Misshapen>) -> Result<T, StripeFailure> {
    read.map_err(|error| StripeFailure::Unusable(error.to_string()))
}

#[derive(Deserialize)]
struct List<T> {
    data: Vec<T>,
    has_more: bool,
}

/// Which payment. A structure, because a list of pairs would be written as numbered parameters.
#[derive(Serialize)]
struct OfPayment<'a> {
    payment_intent: &'a str,
}
