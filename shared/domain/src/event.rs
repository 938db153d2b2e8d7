//! Domain events: what happened, told to the rest of the system through the outbox. They carry ids, never personal
//! data; whoever needs more reads it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{EmailId, EventId, ExportId, LinkId, PurchaseId, UserId, VerificationId};

/// Something that happened, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DomainEvent {
    /// The event's own id: a consumer that has seen it does nothing.
    pub event_id: EventId,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// What happened. `type` is the `detail-type` on the bus, which rules route by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
pub enum Fact {
    /// The money for a purchase came.
    PurchasePaid {
        /// Whose purchase.
        user_id: UserId,
        /// Which one.
        purchase_id: PurchaseId,
    },
    /// Stripe gave money of a purchase back.
    PurchaseRefunded {
        /// Whose purchase.
        user_id: UserId,
        /// Which one.
        purchase_id: PurchaseId,
    },
    /// Money is to be given back for a verified lease.
    RefundDue {
        /// Whose lease.
        user_id: UserId,
        /// The purchase whose money goes back.
        purchase_id: PurchaseId,
        /// The lease's verification.
        verification_id: VerificationId,
    },
    /// Money for a verified lease is on its way, and not there yet.
    RefundOnItsWay {
        /// Whose lease.
        user_id: UserId,
        /// The purchase whose money goes back.
        purchase_id: PurchaseId,
        /// The lease's verification.
        verification_id: VerificationId,
    },
    /// Money was given back for a verified lease.
    RefundSucceeded {
        /// Whose lease.
        user_id: UserId,
        /// The purchase whose money goes back.
        purchase_id: PurchaseId,
        /// The lease's verification.
        verification_id: VerificationId,
    },
    /// Money for a verified lease could not be given back, or came back to us: it is still owed.
    RefundFailed {
        /// Whose lease.
        user_id: UserId,
        /// The purchase whose money goes back.
        purchase_id: PurchaseId,
        /// The lease's verification.
        verification_id: VerificationId,
    },
    /// A subscription began.
    SubscriptionStarted {
        /// Whose.
        user_id: UserId,
    },
    /// A subscription's trial is about to end.
    TrialEnding {
        /// Whose.
        user_id: UserId,
    },
    /// An invoice of a subscription could not be collected.
    PaymentFailed {
        /// Whose.
        user_id: UserId,
        /// Stripe's id of the invoice.
        invoice_id: String,
    },
    /// A subscription is over.
    SubscriptionEnded {
        /// Whose.
        user_id: UserId,
    },
    /// An address is to be confirmed by a link in a mail to it.
    EmailConfirmationRequested {
        /// Whose address.
        user_id: UserId,
        /// The link.
        link_id: LinkId,
    },
    /// Somebody asked for a new password for an account; a link goes to its address.
    PasswordResetRequested {
        /// Whose account.
        user_id: UserId,
        /// The link.
        link_id: LinkId,
    },
    /// A person wants another address; a link goes to the new one.
    EmailChangeRequested {
        /// Who.
        user_id: UserId,
        /// The link: its item holds the new address.
        link_id: LinkId,
    },
    /// A password was set or changed.
    PasswordChanged {
        /// Whose.
        user_id: UserId,
    },
    /// An account signs in with another address; the old one is told.
    EmailChanged {
        /// Whose account.
        user_id: UserId,
        /// The link that did it: an item of its id holds the old address.
        link_id: LinkId,
    },
    /// Signing in asks for a second factor now.
    SecondFactorEnabled {
        /// Whose account.
        user_id: UserId,
    },
    /// Signing in asks for no second factor any more.
    SecondFactorDisabled {
        /// Whose account.
        user_id: UserId,
    },
    /// An account can be signed in to with Google.
    GoogleLinked {
        /// Whose account.
        user_id: UserId,
    },
    /// The rent in a lease is decided, and what it gives back.
    LeaseVerified {
        /// Whose lease.
        user_id: UserId,
        /// Its verification.
        verification_id: VerificationId,
    },
    /// A person has to decide on a lease.
    LeaseNeedsReview {
        /// Whose lease.
        user_id: UserId,
        /// Its verification.
        verification_id: VerificationId,
    },
    /// A lease that was sent proves nothing.
    LeaseRejected {
        /// Whose lease.
        user_id: UserId,
        /// Its verification.
        verification_id: VerificationId,
    },
    /// A mail that a person sends is to go out now.
    EmailDue {
        /// Whose mail.
        user_id: UserId,
        /// Which one.
        email_id: EmailId,
    },
    /// An account is gone.
    AccountDeleted {
        /// Whose it was.
        user_id: UserId,
    },
    /// A person wants a copy of what is kept about them.
    DataExportRequested {
        /// Who.
        user_id: UserId,
        /// The copy.
        export_id: ExportId,
    },
    /// A copy of what is kept about a person can be fetched.
    DataExportReady {
        /// Whose.
        user_id: UserId,
        /// The copy.
        export_id: ExportId,
    },
}

impl Fact {
    /// The fact's name, as rules route by it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::PurchasePaid { .. } => "PurchasePaid",
            Self::PurchaseRefunded { .. } => "PurchaseRefunded",
            Self::RefundDue { .. } => "RefundDue",
            Self::RefundOnItsWay { .. } => "RefundOnItsWay",
            Self::RefundSucceeded { .. } => "RefundSucceeded",
            Self::RefundFailed { .. } => "RefundFailed",
            Self::SubscriptionStarted { .. } => "SubscriptionStarted",
            Self::TrialEnding { .. } => "TrialEnding",
            Self::PaymentFailed { .. } => "PaymentFailed",
            Self::SubscriptionEnded { .. } => "SubscriptionEnded",
            Self::EmailConfirmationRequested { .. } => "EmailConfirmationRequested",
            Self::PasswordResetRequested { .. } => "PasswordResetRequested",
            Self::EmailChangeRequested { .. } => "EmailChangeRequested",
            Self::PasswordChanged { .. } => "PasswordChanged",
            Self::EmailChanged { .. } => "EmailChanged",
            Self::SecondFactorEnabled { .. } => "SecondFactorEnabled",
            Self::SecondFactorDisabled { .. } => "SecondFactorDisabled",
            Self::GoogleLinked { .. } => "GoogleLinked",
            Self::LeaseVerified { .. } => "LeaseVerified",
            Self::LeaseNeedsReview { .. } => "LeaseNeedsReview",
            Self::LeaseRejected { .. } => "LeaseRejected",
            Self::EmailDue { .. } => "EmailDue",
            Self::AccountDeleted { .. } => "AccountDeleted",
            Self::DataExportRequested { .. } => "DataExportRequested",
            Self::DataExportReady { .. } => "DataExportReady",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_of_each() -> Vec<Fact> {
        let user_id = UserId::from_bytes([2; 16]);
        let purchase_id = PurchaseId::from_bytes([3; 16]);
        let verification_id = VerificationId::from_bytes([6; 16]);
        vec![
            Fact::PurchasePaid {
                user_id,
                purchase_id: PurchaseId::from_bytes([3; 16]),
            },
            Fact::PurchaseRefunded {
                user_id,
                purchase_id: PurchaseId::from_bytes([3; 16]),
            },
            Fact::RefundDue {
                user_id,
                purchase_id,
                verification_id,
            },
            Fact::RefundOnItsWay {
                user_id,
                purchase_id,
                verification_id,
            },
            Fact::RefundSucceeded {
                user_id,
                purchase_id,
                verification_id,
            },
            Fact::RefundFailed {
                user_id,
                purchase_id,
                verification_id,
            },
            Fact::SubscriptionStarted { user_id },
            Fact::TrialEnding { user_id },
            Fact::PaymentFailed {
                user_id,
                invoice_id: "in_1".to_owned(),
            },
            Fact::SubscriptionEnded { user_id },
            Fact::EmailConfirmationRequested {
                user_id,
                link_id: LinkId::from_bytes([4; 16]),
            },
            Fact::PasswordResetRequested {
                user_id,
                link_id: LinkId::from_bytes([4; 16]),
            },
            Fact::EmailChangeRequested {
                user_id,
                link_id: LinkId::from_bytes([4; 16]),
            },
            Fact::PasswordChanged { user_id },
            Fact::EmailChanged {
                user_id,
                link_id: LinkId::from_bytes([4; 16]),
            },
            Fact::SecondFactorEnabled { user_id },
            Fact::SecondFactorDisabled { user_id },
            Fact::GoogleLinked { user_id },
            Fact::LeaseVerified {
                user_id,
                verification_id: VerificationId::from_bytes([6; 16]),
            },
            Fact::LeaseNeedsReview {
                user_id,
                verification_id: VerificationId::from_bytes([6; 16]),
            },
            Fact::LeaseRejected {
                user_id,
                verification_id: VerificationId::from_bytes([6; 16]),
            },
            Fact::EmailDue {
                user_id,
                email_id: EmailId::from_bytes([7; 16]),
            },
            Fact::AccountDeleted { user_id },
            Fact::DataExportRequested {
                user_id,
                export_id: ExportId::from_bytes([5; 16]),
            },
            Fact::DataExportReady {
                user_id,
                export_id: ExportId::from_bytes([5; 16]),
            },
        ]
    }

    #[test]
    fn the_name_that_rules_route_by_is_the_one_in_the_event() {
        for fact in one_of_each() {
            let event = DomainEvent {
                event_id: EventId::from_bytes([1; 16]),
                occurred_at: Timestamp::UNIX_EPOCH,
                fact,
            };
            let json = serde_json::to_value(&event).unwrap();
            assert_eq!(json["type"], event.fact.name());
            assert_eq!(serde_json::from_value::<DomainEvent>(json).unwrap(), event);
        }
    }
}
