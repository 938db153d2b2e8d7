#![doc = include_str!("../README.md")]

mod subscription;

use domain::UserId;
use domain::purchase::Payment;
use payments::{Meaning, Misshapen, ReportedEvent, Stripe, StripeFailure};
use runtime::{ConfigError, Runtime};
use table::payment::Applied;
use table::purchase::Purchase;
use table::stripe_event::StripeEventId;
use table::{Table, TableError};
use web::Problem;

/// How often a report is settled anew when another one was faster.
const ATTEMPTS: usize = 4;

/// Settles what Stripe reports.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The table that it is written into.
    pub table: Table,
    /// Stripe, which is asked.
    pub stripe: Stripe,
}

/// What became of a report.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// It is part of what is known now.
    Now,
    /// It was about a purchase, which stands like this now.
    Purchase(Box<Purchase>),
    /// It had been seen before.
    Before,
    /// It is about nothing of ours.
    NotOurs,
    /// It is of a kind that we do not listen to.
    Ignored,
}

/// A report was not settled. It must come again; nothing is half-written.
#[derive(Debug, thiserror::Error)]
pub enum SettlementError {
    /// The report cannot be read.
    #[error(transparent)]
    Misshapen(#[from] Misshapen),
    /// The table failed, or something else was faster.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Stripe was asked, and did not answer.
    #[error(transparent)]
    Stripe(#[from] StripeFailure),
}

/// Logs why, and says whether trying again helps.
impl From<SettlementError> for Problem {
    fn from(error: SettlementError) -> Self {
        match error {
            SettlementError::Table(error) => error.into(),
            SettlementError::Stripe(error @ StripeFailure::Unavailable(_)) => {
                tracing::error!(%error, "Stripe did not do what was asked");
                Self::unavailable()
            }
            error => {
                tracing::error!(%error, "Stripe did not do what was asked");
                Self::internal()
            }
        }
    }
}

/// What became of a payment that was asked after.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// It is for this purchase, which stands like this now.
    Purchase(Box<Purchase>),
    /// It began a subscription, which is settled.
    Subscription,
    /// Nothing was paid yet.
    Open,
    /// There is no such payment, or it is somebody else's.
    Absent,
}

impl Settlement {
    /// The table and Stripe, as this function's environment names them.
    ///
    /// # Errors
    /// [`ConfigError`] if a variable is missing or unusable.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(runtime)?,
            stripe: Stripe::new(runtime)?,
        })
    }

    /// Settles an event. Safe to repeat, at once or later.
    ///
    /// # Errors
    /// [`SettlementError`] if it must come again.
    pub async fn event(&self, event: &ReportedEvent) -> Result<Settled, SettlementError> {
        let id = StripeEventId::parse(&event.id).ok_or(Misshapen)?;
        let settled = self.settle(event.meaning()?, Some(&id)).await?;
        let (event, kind) = (&event.id, &event.kind);
        match &settled {
            Settled::Purchase(purchase) => {
                tracing::info!(event, kind, purchase = %purchase.id, status = ?purchase.status, "settled");
            }
            Settled::NotOurs => tracing::warn!(event, kind, "an event is about nothing of ours"),
            Settled::Now | Settled::Before | Settled::Ignored => {
                tracing::info!(event, kind, outcome = ?settled, "settled");
            }
        }
        Ok(settled)
    }

    /// Asks Stripe what became of a Checkout Session of `user`'s, and settles it.
    ///
    /// # Errors
    /// [`SettlementError`] if it must be asked again.
    pub async fn checkout(&self, user: UserId, session: &str) -> Result<Asked, SettlementError> {
        let news = self.stripe.checkout_news(session, self.table.now()).await;
        self.asked(user, news).await
    }

    /// Asks Stripe what became of a payment of `user`'s, and settles it.
    ///
    /// # Errors
    /// [`SettlementError`] if it must be asked again.
    pub async fn payment(&self, user: UserId, intent: &str) -> Result<Asked, SettlementError> {
        let news = self.stripe.payment_news(intent, self.table.now()).await;
        self.asked(user, news).await
    }

    async fn asked(
        &self,
        user: UserId,
        news: Result<Option<Meaning>, StripeFailure>,
    ) -> Result<Asked, SettlementError> {
        let meaning = match news {
            Ok(Some(meaning)) => meaning,
            Ok(None) => return Ok(Asked::Open),
            Err(failure) if failure.is_absent() => return Ok(Asked::Absent),
            Err(failure) => return Err(failure.into()),
        };
        let theirs = match &meaning {
            Meaning::Payment(payment) => payment.user == user,
            Meaning::Subscription { user: owner, .. } => *owner == user,
            _ => false,
        };
        if !theirs {
            return Ok(Asked::Absent);
        }
        Ok(match self.settle(meaning, None).await? {
            Settled::Purchase(purchase) => Asked::Purchase(purchase),
            Settled::Now | Settled::Before => Asked::Subscription,
            Settled::NotOurs | Settled::Ignored => Asked::Absent,
        })
    }

    async fn settle(
        &self,
        meaning: Meaning,
        event: Option<&StripeEventId>,
    ) -> Result<Settled, SettlementError> {
        match meaning {
            Meaning::Payment(payment) => self.purchase(&payment, event).await,
            Meaning::Reversal { payment_intent, news } => {
                match self.stripe.payment_of(&payment_intent, news).await {
                    // A payment is never itself a reversal: this ends.
                    Ok(meaning) => Box::pin(self.settle(meaning, event)).await,
                    Err(failure) if failure.is_absent() => Ok(Settled::NotOurs),
                    Err(failure) => Err(failure.into()),
                }
            }
            Meaning::Subscription {
                id,
                user,
                trial_ending,
            } => self.subscription(user, &id, event, trial_ending).await,
            Meaning::Invoice {
                invoice,
                subscription,
                user,
                payment_failed,
            } => {
                self.invoice(user, invoice, &subscription, event, payment_failed)
                    .await
            }
            Meaning::NotOurs => Ok(Settled::NotOurs),
            Meaning::Ignored => Ok(Settled::Ignored),
        }
    }

    /// Applies what is told of a purchase. The buyer who asks and Stripe which reports come at the same moment: whoever finds
    /// that the other was faster looks again.
    async fn purchase(
        &self,
        payment: &Payment,
        event: Option<&StripeEventId>,
    ) -> Result<Settled, SettlementError> {
        for _ in 0..ATTEMPTS {
            match self.table.apply_payment(payment, event).await {
                Ok(Applied::Now(purchase)) => return Ok(Settled::Purchase(purchase)),
                Ok(Applied::Before) => return Ok(Settled::Before),
                Ok(Applied::NotOurs) => return Ok(Settled::NotOurs),
                Err(TableError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(TableError::Conflict.into())
    }
}
