//! What Stripe's events mean to us.

use domain::lease::Claim;
use domain::purchase::{DisputeState, News, Payment, Refund, RefundState};
use domain::{Invoice, UserId};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::metadata;
use crate::object::{self, CheckoutSession, Metadata, Misshapen, PaymentIntent, Reference, moment};

/// The kinds of events that we listen to. Stripe is asked for these when a day's events are looked through.
pub const KINDS: [&str; 20] = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "customer.subscription.trial_will_end",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.finalized",
];

/// An event that Stripe reports: signed and sent, or listed when we ask.
#[derive(Clone, Debug, Deserialize)]
pub struct ReportedEvent {
    /// Stripe's id of it.
    pub id: String,
    /// What kind of event it is: `checkout.session.completed`.
    #[serde(rename = "type")]
    pub kind: String,
    created: i64,
    livemode: bool,
    data: Data,
}

#[derive(Clone, Debug, Deserialize)]
struct Data {
    object: serde_json::Value,
}

/// What an event means to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Something happened to the money of a purchase.
    Payment(Payment),
    /// Money of a payment went back, or may. The report does not say whose: the payment itself does.
    Reversal {
        /// Stripe's id of the payment.
        payment_intent: String,
        /// What happened.
        news: News,
    },
    /// Something happened to a subscription. What it is now, Stripe tells when asked: reports overtake each other.
    Subscription {
        /// Stripe's id of it.
        id: String,
        /// Whose it is.
        user: UserId,
        /// Whether this says that its trial is about to end.
        trial_ending: bool,
    },
    /// An invoice of a subscription was made, paid, or not paid.
    Invoice {
        /// The invoice.
        invoice: Invoice,
        /// Stripe's id of the subscription.
        subscription: String,
        /// Whose it is.
        user: UserId,
        /// Whether this says that a payment failed.
        payment_failed: bool,
    },
    /// It is about something that is not ours.
    NotOurs,
    /// We do not listen to this kind.
    Ignored,
}

impl ReportedEvent {
    /// Whether it is about real money.
    #[must_use]
    pub fn is_livemode(&self) -> bool {
        self.livemode
    }

    /// When Stripe made it.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        moment(self.created).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// What the event means to us.
    ///
    /// # Errors
    /// [`Misshapen`] if it is of a kind that we listen to, and cannot be read.
    pub fn meaning(&self) -> Result<Meaning, Misshapen> {
        match self.kind.as_str() {
            "checkout.session.completed"
            | "checkout.session.async_payment_succeeded"
            | "checkout.session.async_payment_failed"
            | "checkout.session.expired" => self.of_session(self.object()?),
            "payment_intent.succeeded" => of_intent(self.object()?, News::Paid(self.created())),
            "payment_intent.payment_failed" => of_intent(self.object()?, News::Failed),
            "charge.refunded" => {
                let charge: object::Charge = self.object()?;
                Ok(reversal(
                    charge.payment_intent,
                    News::RefundedInAll(charge.amount_refunded),
                ))
            }
            "refund.created" | "refund.updated" | "refund.failed" => of_refund(self.object()?),
            "charge.dispute.created" | "charge.dispute.updated" | "charge.dispute.closed" => {
                of_dispute(self.object()?)
            }
            "customer.subscription.created"
            | "customer.subscription.updated"
            | "customer.subscription.deleted"
            | "customer.subscription.trial_will_end" => self.of_subscription(),
            "invoice.finalized" | "invoice.paid" | "invoice.payment_failed" => {
                self.of_invoice(self.object()?)
            }
            _ => Ok(Meaning::Ignored),
        }
    }

    fn object<T: DeserializeOwned>(&self) -> Result<T, Misshapen> {
        T::deserialize(&self.data.object).map_err(|_| Misshapen)
    }

    fn of_session(&self, session: CheckoutSession) -> Result<Meaning, Misshapen> {
        if session.mode == "subscription" {
            return Ok(session
                .subscription
                .clone()
                .map_or(Meaning::Ignored, |subscription| {
                    subscribed(
                        &session.metadata.unwrap_or_default(),
                        subscription.into_id(),
                        false,
                    )
                }));
        }
        let news = match (self.kind.as_str(), session.payment_status.as_str()) {
            ("checkout.session.completed", "paid" | "no_payment_required")
            | ("checkout.session.async_payment_succeeded", _) => News::Paid(self.created()),
            ("checkout.session.completed", _) => News::Processing,
            ("checkout.session.expired", _) => News::Expired,
            _ => News::Failed,
        };
        of_payment_session(session, news)
    }

    fn of_subscription(&self) -> Result<Meaning, Misshapen> {
        #[derive(Deserialize)]
        struct Changed {
            id: String,
            #[serde(default)]
            metadata: Metadata,
        }
        let changed: Changed = self.object()?;
        let trial_ending = self.kind == "customer.subscription.trial_will_end";
        Ok(subscribed(&changed.metadata, changed.id, trial_ending))
    }

    fn of_invoice(&self, invoice: object::Invoice) -> Result<Meaning, Misshapen> {
        let payment_failed = self.kind == "invoice.payment_failed";
        Ok(invoice
            .ours()?
            .map_or(Meaning::NotOurs, |(invoice, subscription, user)| {
                Meaning::Invoice {
                    invoice,
                    subscription,
                    user,
                    payment_failed,
                }
            }))
    }
}

fn subscribed(ids: &Metadata, id: String, trial_ending: bool) -> Meaning {
    ids.id(metadata::USER)
        .map_or(Meaning::NotOurs, |user| Meaning::Subscription {
            id,
            user,
            trial_ending,
        })
}

fn reversal(payment_intent: Option<Reference>, news: News) -> Meaning {
    payment_intent.map_or(Meaning::NotOurs, |intent| Meaning::Reversal {
        payment_intent: intent.into_id(),
        news,
    })
}

/// What happened to the money of the purchase that a session is for.
pub(crate) fn of_payment_session(session: CheckoutSession, news: News) -> Result<Meaning, Misshapen> {
    let ids = session.metadata.unwrap_or_default();
    let Some((user, purchase)) = ids.id(metadata::USER).zip(ids.id(metadata::PURCHASE)) else {
        return Ok(Meaning::NotOurs);
    };
    if session.currency.as_deref() != Some("usd") {
        return Ok(Meaning::NotOurs);
    }
    Ok(Meaning::Payment(Payment {
        user,
        purchase,
        listing: ids.id(metadata::LISTING),
        news,
        amount: Some(session.amount_total.ok_or(Misshapen)?),
        payment_intent: session.payment_intent.map(Reference::into_id),
    }))
}

/// What happened to the money of the purchase that a payment is for.
pub(crate) fn of_intent(intent: PaymentIntent, news: News) -> Result<Meaning, Misshapen> {
    let ids = intent.metadata.unwrap_or_default();
    // A card that is declined on a Checkout page is not the end: the page stays open, and says itself how it ended.
    let news = if news == News::Failed && ids.has(metadata::ON_PAGE) {
        News::Processing
    } else {
        news
    };
    let Some((user, purchase)) = ids.id(metadata::USER).zip(ids.id(metadata::PURCHASE)) else {
        return Ok(Meaning::NotOurs);
    };
    if intent.currency != "usd" {
        return Ok(Meaning::NotOurs);
    }
    Ok(Meaning::Payment(Payment {
        user,
        purchase,
        listing: ids.id(metadata::LISTING),
        news,
        amount: Some(intent.amount),
        payment_intent: Some(intent.id),
    }))
}

fn of_refund(refund: object::Refund) -> Result<Meaning, Misshapen> {
    let payment_intent = refund.payment_intent.clone();
    Ok(reversal(payment_intent, refund_news(refund)?))
}

/// What a refund says of itself. One that is for a verified lease says for which.
pub(crate) fn refund_news(refund: object::Refund) -> Result<News, Misshapen> {
    let state = match refund.status.as_deref() {
        Some("succeeded") => RefundState::Succeeded,
        Some("failed" | "canceled") => RefundState::Failed,
        Some("pending" | "requires_action") | None => RefundState::Pending,
        Some(_) => return Err(Misshapen),
    };
    let ids = refund.metadata.unwrap_or_default();
    let claim = ids.id(metadata::VERIFICATION).map(|verification| Claim {
        verification,
        // Whoever refunds by hand names the lease, and no attempt of ours.
        attempt: ids.id(metadata::ATTEMPT).unwrap_or_default(),
    });
    let amount = refund.amount;
    Ok(News::Refund(refund.id, Refund { amount, state, claim }))
}

fn of_dispute(dispute: object::Dispute) -> Result<Meaning, Misshapen> {
    let payment_intent = dispute.payment_intent.clone();
    Ok(reversal(payment_intent, dispute_news(dispute)?))
}

/// What a dispute says of itself.
pub(crate) fn dispute_news(dispute: object::Dispute) -> Result<News, Misshapen> {
    let state = match dispute.status.as_str() {
        "warning_needs_response" | "warning_under_review" | "warning_closed" | "prevented" => {
            DisputeState::Inquiry
        }
        "needs_response" | "under_review" => DisputeState::Open,
        "won" => DisputeState::Won,
        "lost" => DisputeState::Lost,
        _ => return Err(Misshapen),
    };
    Ok(News::Dispute(dispute.id, state))
}

#[cfg(test)]
mod tests {
    use domain::PurchaseId;
    use serde_json::{Value, json};

    use super::*;

    const NOW: i64 = 1_767_225_600;

    fn meaning(kind: &str, object: &Value) -> Result<Meaning, Misshapen> {
        let event = json!({ "id": "evt_1", "type": kind, "created": NOW, "livemode": false, "data": { "object": object } });
        serde_json::from_value::<ReportedEvent>(event).unwrap().meaning()
    }

    fn user() -> UserId {
        UserId::from_bytes([1; 16])
    }

    fn ids() -> Value {
        json!({
            "user_id": user().to_string(), "purchase_id": PurchaseId::from_bytes([2; 16]).to_string(),
            "plan_id": "landlord_pro",
        })
    }

    fn session(payment_status: &str) -> Value {
        json!({
            "id": "cs_1", "mode": "payment", "status": "complete", "payment_status": payment_status, "amount_total": 999,
            "currency": "usd", "payment_intent": "pi_1", "subscription": null, "created": NOW, "metadata": ids(), "url": null,
        })
    }

    fn news(kind: &str, object: &Value) -> News {
        match meaning(kind, object).unwrap() {
            Meaning::Payment(Payment { news, .. }) | Meaning::Reversal { news, .. } => news,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_completed_session_is_paid_only_if_stripe_says_that_it_is() {
        let paid = News::Paid(Timestamp::from_second(NOW).unwrap());
        assert_eq!(news("checkout.session.completed", &session("paid")), paid);
        assert_eq!(
            news("checkout.session.completed", &session("unpaid")),
            News::Processing
        );
        assert_eq!(
            news("checkout.session.async_payment_succeeded", &session("paid")),
            paid
        );
        assert_eq!(
            news("checkout.session.async_payment_failed", &session("unpaid")),
            News::Failed
        );
        assert_eq!(
            news("checkout.session.expired", &session("unpaid")),
            News::Expired
        );
    }

    #[test]
    fn a_session_of_somebody_else_is_not_ours_and_other_kinds_are_ignored() {
        let mut foreign = session("paid");
        foreign["metadata"] = json!({});
        assert_eq!(
            meaning("checkout.session.completed", &foreign),
            Ok(Meaning::NotOurs)
        );
        let mut euros = session("paid");
        euros["currency"] = json!("eur");
        assert_eq!(
            meaning("checkout.session.completed", &euros),
            Ok(Meaning::NotOurs)
        );
        assert_eq!(meaning("tax.settings.updated", &json!({})), Ok(Meaning::Ignored));
        assert_eq!(meaning("checkout.session.completed", &json!({})), Err(Misshapen));
    }

    #[test]
    fn a_card_that_is_declined_on_a_page_is_not_the_end_of_it() {
        let intent = |ids: Value| json!({ "id": "pi_1", "status": "requires_payment_method", "amount": 999, "currency": "usd", "metadata": ids });
        assert_eq!(
            news("payment_intent.payment_failed", &intent(ids())),
            News::Failed
        );
        let mut on_page = ids();
        on_page["on_page"] = json!("true");
        assert_eq!(
            news("payment_intent.payment_failed", &intent(on_page)),
            News::Processing
        );
    }

    #[test]
    fn refunds_and_disputes_name_the_payment_that_knows_whose_they_are() {
        let refund = |status: &str| json!({ "id": "re_1", "amount": 500, "status": status, "payment_intent": "pi_1", "charge": "ch_1" });
        let state = |status: &str| match news("refund.updated", &refund(status)) {
            News::Refund(_, refund) => refund.state,
            other => panic!("{other:?}"),
        };
        assert_eq!(state("requires_action"), RefundState::Pending);
        assert_eq!(state("succeeded"), RefundState::Succeeded);
        assert_eq!(state("canceled"), RefundState::Failed);
        let verification = domain::VerificationId::from_bytes([3; 16]);
        let mut for_lease = refund("pending");
        for_lease["metadata"] = json!({ "verification_id": verification.to_string(), "attempt": "2" });
        let claim = |object: &Value| match news("refund.updated", object) {
            News::Refund(_, refund) => refund.claim,
            other => panic!("{other:?}"),
        };
        let attempt = |attempt| {
            Some(Claim {
                verification,
                attempt,
            })
        };
        assert_eq!(claim(&for_lease), attempt(2));
        for_lease["metadata"]["attempt"] = Value::Null;
        assert_eq!(claim(&for_lease), attempt(0));
        assert_eq!(claim(&refund("pending")), None);
        let dispute = |status: &str| json!({ "id": "dp_1", "status": status, "payment_intent": "pi_1" });
        let state = |status: &str| match news("charge.dispute.updated", &dispute(status)) {
            News::Dispute(_, state) => state,
            other => panic!("{other:?}"),
        };
        assert_eq!(state("warning_needs_response"), DisputeState::Inquiry);
        assert_eq!(state("under_review"), DisputeState::Open);
        assert_eq!(state("won"), DisputeState::Won);
        assert_eq!(state("lost"), DisputeState::Lost);
        let charge = json!({ "id": "ch_1", "amount_refunded": 300, "payment_intent": { "id": "pi_1" } });
        assert_eq!(
            meaning("charge.refunded", &charge),
            Ok(Meaning::Reversal {
                payment_intent: "pi_1".to_owned(),
                news: News::RefundedInAll(300)
            })
        );
    }

    #[test]
    fn an_event_about_a_subscription_says_which_one_and_whose() {
        let changed = Meaning::Subscription {
            id: "sub_1".to_owned(),
            user: user(),
            trial_ending: false,
        };
        let mut session = session("paid");
        session["mode"] = json!("subscription");
        session["subscription"] = json!("sub_1");
        assert_eq!(
            meaning("checkout.session.completed", &session),
            Ok(changed.clone())
        );
        let object = json!({ "id": "sub_1", "metadata": ids() });
        assert_eq!(meaning("customer.subscription.deleted", &object), Ok(changed));
        assert_eq!(
            meaning("customer.subscription.trial_will_end", &object),
            Ok(Meaning::Subscription {
                id: "sub_1".to_owned(),
                user: user(),
                trial_ending: true
            })
        );
        assert_eq!(
            meaning("customer.subscription.updated", &json!({ "id": "sub_1" })),
            Ok(Meaning::NotOurs)
        );
    }

    #[test]
    fn every_kind_that_is_asked_for_is_listened_to() {
        for kind in KINDS {
            assert_ne!(meaning(kind, &json!({})), Ok(Meaning::Ignored), "{kind}");
        }
    }
}
