//! What an event is told of as: to whom, and in which mail.

use domain::event::Fact;
use domain::{DomainEvent, EmailAddress, LinkId, PurchaseId, UserId};
use mail::notice::email_change::EmailChange;
use mail::notice::email_changed::EmailChanged;
use mail::notice::email_confirmation::EmailConfirmation;
use mail::notice::google_linked::GoogleLinked;
use mail::notice::password_changed::PasswordChanged;
use mail::notice::password_reset::PasswordReset;
use mail::notice::receipt::Receipt;
use mail::notice::second_factor_disabled::SecondFactorDisabled;
use mail::notice::second_factor_enabled::SecondFactorEnabled;
use mail::{Message, Notice, OneTimeLink};
use runtime::JobError;
use table::item::Consistency;
use table::link::Purpose;
use table::mail::Intent;

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
        Fact::PurchasePaid { user_id, purchase_id } => writer.receipt(user_id, purchase_id).await,
        ref fact => Err(JobError::GiveUp(format!("no mail tells of {}", fact.name()))),
    }
}

/// Writes the mail of one event.
struct Writer<'a> {
    context: &'a Context,
    event: &'a DomainEvent,
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

    fn written(
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
