//! Mails about refunds for verified leases: one for each thing that becomes of one, as long as it is still so.

use domain::event::Fact;
use domain::lease::Standing;
use domain::{Cents, PurchaseId, UserId, VerificationId};
use mail::notice::lease_refund::LeaseRefund;
use mail::notice::lease_refund_failed::LeaseRefundFailed;
use mail::notice::lease_refund_on_its_way::LeaseRefundOnItsWay;
use mail::notice::lease_refund_to_look_at::LeaseRefundToLookAt;
use runtime::JobError;
use table::mail::Intent;
use table::purchase::Purchase;

use crate::draft::{Draft, Writer};
use crate::later;

/// Which refund.
#[derive(Clone, Copy)]
pub(crate) struct Refund {
    pub(crate) user: UserId,
    pub(crate) purchase: PurchaseId,
    pub(crate) verification: VerificationId,
}

impl Refund {
    fn due(self, purchase: &Purchase) -> Cents {
        purchase.debts.due(self.verification).unwrap_or_default()
    }
}

impl Writer<'_> {
    /// Word to the renter of what became of their refund.
    pub(crate) async fn lease_refund(&self, refund: Refund) -> Result<Option<Draft>, JobError> {
        let Refund {
            user, purchase: id, ..
        } = refund;
        let found = self.context.table.purchase_and_account(user, id).await;
        let Some((purchase, account)) = found.map_err(later)? else {
            return Ok(None);
        };
        let (to, name, paid) = (&account.email, &account.name, purchase.amount);
        let due = refund.due(&purchase);
        match (&self.event.fact, purchase.refund_standing(refund.verification)) {
            (Fact::RefundOnItsWay { .. }, Some(Standing::Pending(amount))) => {
                let notice = LeaseRefundOnItsWay {
                    name,
                    amount,
                    paid,
                    purchase: id,
                };
                self.written(user, to, &notice)
            }
            (Fact::RefundSucceeded { .. }, Some(Standing::Paid(amount))) => {
                let notice = LeaseRefund {
                    name,
                    amount,
                    due,
                    paid,
                    purchase: id,
                };
                self.written(user, to, &notice)
            }
            (Fact::RefundFailed { .. }, Some(Standing::Failed)) => {
                let notice = LeaseRefundFailed {
                    name,
                    due,
                    purchase: id,
                };
                self.written(user, to, &notice)
            }
            _ => Ok(None),
        }
    }

    /// Word to us of a refund that a person has to look at.
    pub(crate) async fn to_look_at(&self, refund: Refund) -> Result<Option<Draft>, JobError> {
        let purchase = self.context.table.purchase(refund.user, refund.purchase).await;
        let Some(purchase) = purchase.map_err(later)? else {
            return Ok(None);
        };
        if purchase.refund_standing(refund.verification) != Some(Standing::Failed) {
            return Ok(None);
        }
        let notice = LeaseRefundToLookAt {
            due: refund.due(&purchase),
            purchase: refund.purchase,
            verification: refund.verification,
        };
        let message = self.context.letterhead.write_to_us(&notice);
        let message = message.map_err(|error| JobError::GiveUp(error.to_string()))?;
        Ok(Some(Draft {
            intent: Intent::ToUs(self.event.event_id),
            user: refund.user,
            message,
        }))
    }
}
