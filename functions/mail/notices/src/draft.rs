//! What an event is told of as: to whom, and in which mail.

use domain::event::Fact;
use domain::lease::VerificationStatus;
use domain::subscription::SubscriptionStatus;
use domain::{
    Cents, DomainEvent, EmailAddress, ExportId, LinkId, PurchaseId, Subscription, UserId, VerificationId,
};
use jiff::Timestamp;
use mail::notice::account_deleted::AccountDeleted;
use mail::notice::data_export_ready::DataExportReady;
use mail::notice::email_change::EmailChange;
use mail::notice::email_changed::EmailChanged;
use mail::notice::email_confirmation::EmailConfirmation;
use mail::notice::google_linked::GoogleLinked;
use mail::notice::lease_in_review::LeaseInReview;
use mail::notice::lease_rejected::LeaseRejected;
use mail::notice::lease_without_saving::LeaseWithoutSaving;
use mail::notice::password_changed::PasswordChanged;
use mail::notice::password_reset::PasswordReset;
use mail::notice::payment_failed::PaymentFailed;
use mail::notice::receipt::Receipt;
use mail::notice::refund::Refund;
use mail::notice::second_factor_disabled::SecondFactorDisabled;
use mail::notice::second_factor_enabled::SecondFactorEnabled;
use mail::notice::subscription_ended::SubscriptionEnded;
use mail::notice::subscription_started::SubscriptionStarted;
use mail::notice::trial_ending::TrialEnding;
use mail::{Message, Notice, OneTimeLink};
use runtime::JobError;
use table::item::Consistency;
use table::link::Purpose;
use table::mail::Intent;

use crate::lease_refund::Refund as RefundOfLease;
use crate::{Context, later};

/// A mail that is written, and not sent yet.
pub(crate) struct Draft {
    /// What makes it the same mail as another.
    pub(crate) intent: Intent,
    /// Who it is about.
    pub(crate) user: UserId,
    /// The mail.
    pub(crate) message: Message,
}

/// The mail that tells of an event, if there is somebody to tell and it is still of use.
pub(crate) async fn of(context: &Context, event: &DomainEvent) -> Result<Option<Draft>, JobError> {
    let writer = Writer { context, event };
    let at = event.occurred_at;
    match event.fact {
        Fact::EmailConfirmationRequested { user_id, link_id } => {
            writer.link(user_id, Purpose::ConfirmEmail, link_id).await
        }
        Fact::PasswordResetRequested { user_id, link_id } => {
            writer.link(user_id, Purpose::ResetPassword, link_id).await
        }
        Fact::EmailChangeRequested { user_id, link_id } => {
            writer.link(user_id, Purpose::ChangeEmail, link_id).await
        }
        Fact::EmailChanged { user_id, link_id } => writer.to_former_address(user_id, link_id).await,
        Fact::PasswordChanged { user_id } => {
            writer
                .to_owner(user_id, &PasswordChanged { changed_at: at })
                .await
        }
        Fact::SecondFactorEnabled { user_id } => {
            writer
                .to_owner(user_id, &SecondFactorEnabled { enabled_at: at })
                .await
        }
        Fact::SecondFactorDisabled { user_id } => {
            writer
                .to_owner(user_id, &SecondFactorDisabled { disabled_at: at })
                .await
        }
        Fact::GoogleLinked { user_id } => writer.to_owner(user_id, &GoogleLinked { linked_at: at }).await,
        Fact::AccountDeleted { user_id } => writer.to_last_address(user_id).await,
        Fact::DataExportReady { user_id, export_id } => writer.export(user_id, export_id).await,
        Fact::PurchasePaid { user_id, purchase_id } => writer.receipt(user_id, purchase_id).await,
        Fact::PurchaseRefunded { user_id, purchase_id } => writer.refund(user_id, purchase_id).await,
        Fact::RefundOnItsWay {
            user_id: user,
            purchase_id: purchase,
            verification_id: verification,
        }
        | Fact::RefundSucceeded {
            user_id: user,
            purchase_id: purchase,
            verification_id: verification,
        }
        | Fact::RefundFailed {
            user_id: user,
            purchase_id: purchase,
            verification_id: verification,
        } => {
            let refund = RefundOfLease {
                user,
                purchase,
                verification,
            };
            writer.lease_refund(refund).await
        }
        Fact::SubscriptionStarted { user_id }
        | Fact::TrialEnding { user_id }
        | Fact::PaymentFailed { user_id, .. }
        | Fact::SubscriptionEnded { user_id } => writer.subscription(user_id).await,
        Fact::LeaseNeedsReview {
            user_id,
            verification_id,
        }
        | Fact::LeaseRejected {
            user_id,
            verification_id,
        }
        | Fact::LeaseVerified {
            user_id,
            verification_id,
        } => writer.lease(user_id, verification_id).await,
        ref fact => Err(JobError::GiveUp(format!("no mail tells of {}", fact.name()))),
    }
}

/// The mail that tells ourselves of an event, where one of us has to do something.
pub(crate) async fn to_us(context: &Context, event: &DomainEvent) -> Result<Option<Draft>, JobError> {
    let writer = Writer { context, event };
    match event.fact {
        Fact::RefundFailed {
            user_id: user,
            purchase_id: purchase,
            verification_id: verification,
        } => {
            let refund = RefundOfLease {
                user,
                purchase,
                verification,
            };
            writer.to_look_at(refund).await
        }
        _ => Ok(None),
    }
}

/// Writes the mail of one event.
pub(crate) struct Writer<'a> {
    pub(crate) context: &'a Context,
    pub(crate) event: &'a DomainEvent,
}

impl Writer<'_> {
    /// A link, to the address that it is about.
    async fn link(&self, user: UserId, purpose: Purpose, id: LinkId) -> Result<Option<Draft>, JobError> {
        let found = self.context.table.link_to_mail(user, purpose, id).await;
        let Some(found) = found.map_err(later)? else {
            return Ok(None);
        };
        let token = self.context.links.token(purpose, user, id).to_string();
        let link = OneTimeLink {
            token: &token,
            requested_at: self.event.occurred_at,
            expires_at: found.until,
        };
        match purpose {
            Purpose::ConfirmEmail => self.written(user, &found.email, &EmailConfirmation(link)),
            Purpose::ResetPassword => self.written(user, &found.email, &PasswordReset(link)),
            Purpose::ChangeEmail => self.written(user, &found.email, &EmailChange(link)),
        }
    }

    /// A mail to the address of an account.
    async fn to_owner(&self, user: UserId, notice: &impl Notice) -> Result<Option<Draft>, JobError> {
        let account = self.context.table.account(user, Consistency::Strong).await;
        match account.map_err(later)? {
            Some(account) => self.written(user, &account.email, notice),
            None => Ok(None),
        }
    }

    /// Word of a change of address, to the address that was.
    async fn to_former_address(&self, user: UserId, link: LinkId) -> Result<Option<Draft>, JobError> {
        let found = self.context.table.former_email(user, link).await;
        let Some((former, account)) = found.map_err(later)? else {
            return Ok(None);
        };
        let changed = EmailChanged {
            new_address: &account.email,
            changed_at: self.event.occurred_at,
        };
        self.written(user, &former.email, &changed)
    }

    /// Word of an account's end, to the address that it had.
    async fn to_last_address(&self, user: UserId) -> Result<Option<Draft>, JobError> {
        let deleted = AccountDeleted {
            deleted_at: self.event.occurred_at,
        };
        match self.context.table.last_email(user).await.map_err(later)? {
            Some(email) => self.written(user, &email, &deleted),
            None => Ok(None),
        }
    }

    /// Word that a copy of a person's data can be fetched, as long as it can.
    async fn export(&self, user: UserId, id: ExportId) -> Result<Option<Draft>, JobError> {
        let table = &self.context.table;
        let Some((export, account)) = table.export_and_account(user, id).await.map_err(later)? else {
            return Ok(None);
        };
        match export.until().filter(|until| table.now() < *until) {
            Some(expires_at) => {
                let ready = DataExportReady {
                    requested_at: export.requested_at,
                    expires_at,
                };
                self.written(user, &account.email, &ready)
            }
            None => Ok(None),
        }
    }

    /// Word of what happened to a person's subscription, as long as it is still so.
    async fn subscription(&self, user: UserId) -> Result<Option<Draft>, JobError> {
        let account = self.context.table.account(user, Consistency::Strong).await;
        let Some(account) = account.map_err(later)? else {
            return Ok(None);
        };
        let Some(subscription) = &account.billing.subscription else {
            return Ok(None);
        };
        let (to, name, status) = (&account.email, &account.name, subscription.status);
        let now = self.context.table.now();
        match self.event.fact {
            Fact::SubscriptionStarted { .. } if status.is_live() => {
                let started = SubscriptionStarted {
                    name,
                    subscription,
                    now,
                };
                self.written(user, to, &started)
            }
            Fact::TrialEnding { .. } if ends_in_a_payment(subscription, now) => {
                let ends_at = subscription.trial_end.unwrap_or(subscription.period_end);
                let ending = TrialEnding {
                    name,
                    subscription,
                    ends_at,
                };
                self.written(user, to, &ending)
            }
            Fact::PaymentFailed { .. }
                if matches!(status, SubscriptionStatus::PastDue | SubscriptionStatus::Unpaid) =>
            {
                let failed = PaymentFailed {
                    name,
                    subscription,
                    now,
                };
                self.written(user, to, &failed)
            }
            Fact::SubscriptionEnded { .. } if !status.is_live() => {
                let ended = SubscriptionEnded {
                    name,
                    subscription,
                    ended_at: subscription.ended_at.unwrap_or(self.event.occurred_at),
                };
                self.written(user, to, &ended)
            }
            _ => Ok(None),
        }
    }

    /// Word of money that was given back, with what it is in all.
    async fn refund(&self, user: UserId, id: PurchaseId) -> Result<Option<Draft>, JobError> {
        let found = self.context.table.purchase_and_account(user, id).await;
        let Some((purchase, account)) = found.map_err(later)? else {
            return Ok(None);
        };
        let refunded = u32::try_from(purchase.money.refunded()).unwrap_or(u32::MAX);
        if refunded == 0 {
            // The refund failed at the bank since.
            return Ok(None);
        }
        let refund = Refund {
            name: &account.name,
            plan: purchase.plan.plan(),
            amount: purchase.amount,
            refunded: Cents::new(refunded),
            purchase: id,
        };
        self.written(user, &account.email, &refund)
    }

    /// Word of what became of a lease, as long as it is still so. Where money comes back, the mail about the money tells it.
    async fn lease(&self, user: UserId, id: VerificationId) -> Result<Option<Draft>, JobError> {
        let found = self.context.table.verification_and_account(user, id).await;
        let Some((lease, account)) = found.map_err(later)? else {
            return Ok(None);
        };
        let (to, name) = (&account.email, &account.name);
        match (&self.event.fact, lease.status) {
            (Fact::LeaseNeedsReview { .. }, VerificationStatus::NeedsReview) => {
                let reasons = &lease.reasons;
                self.written(user, to, &LeaseInReview { name, reasons })
            }
            (Fact::LeaseRejected { .. }, VerificationStatus::Rejected) => match lease.reasons.last() {
                Some(reason) => self.written(
                    user,
                    to,
                    &LeaseRejected {
                        name,
                        reason: *reason,
                    },
                ),
                None => Ok(None),
            },
            (Fact::LeaseVerified { .. }, _) => match lease.rent.filter(|_| lease.refund_due.get() == 0) {
                Some(rent) => {
                    let without_saving = LeaseWithoutSaving {
                        name,
                        rent: rent.dollars(),
                        asking_rent: lease.quote.asking_rent.dollars(),
                    };
                    self.written(user, to, &without_saving)
                }
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    /// The receipt of a purchase, which has one however often it is said to be paid.
    async fn receipt(&self, user: UserId, id: PurchaseId) -> Result<Option<Draft>, JobError> {
        let found = self.context.table.purchase_and_account(user, id).await;
        let Some((purchase, account)) = found.map_err(later)? else {
            return Ok(None);
        };
        let receipt = Receipt {
            name: &account.name,
            plan: purchase.plan.plan(),
            amount: purchase.amount,
            paid_at: purchase.money.paid_at().unwrap_or(purchase.started_at),
            purchase: id,
        };
        let draft = self.written(user, &account.email, &receipt)?;
        Ok(draft.map(|draft| Draft {
            intent: Intent::Receipt(id),
            ..draft
        }))
    }

    pub(crate) fn written(
        &self,
        user: UserId,
        to: &EmailAddress,
        notice: &impl Notice,
    ) -> Result<Option<Draft>, JobError> {
        let message = self.context.letterhead.write(to, notice);
        let message = message.map_err(|error| JobError::GiveUp(error.to_string()))?;
        Ok(Some(Draft {
            intent: Intent::Event(self.event.event_id),
            user,
            message,
        }))
    }
}

/// Whether a trial is running that a payment follows.
fn ends_in_a_payment(subscription: &Subscription, now: Timestamp) -> bool {
    let running = subscription.status == SubscriptionStatus::Trialing;
    running && !subscription.cancel_at_period_end && subscription.trial_end.is_some_and(|end| now < end)
}
