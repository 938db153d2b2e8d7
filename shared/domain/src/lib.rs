#![doc = include_str!("../README.md")]

pub mod access;
pub mod competition;
pub mod delivery;
pub mod email;
pub mod event;
pub mod id;
pub mod invoice;
pub mod lease;
pub mod listing;
pub mod money;
pub mod one_time;
pub mod plan;
pub mod property;
pub mod purchase;
pub mod role;
pub mod share;
pub mod subscription;
pub mod suppression;
pub mod template;
pub mod text;
pub mod zip;

pub use email::EmailAddress;
pub use event::DomainEvent;
pub use id::{
    CompetitionSetId, CompetitorId, EmailId, EventId, ExportId, LinkId, ListingId, PropertyId, PurchaseId,
    SessionId, TemplateId, UserId, VerificationId,
};
pub use invoice::{Invoice, InvoiceId, InvoiceStatus};
pub use money::{Cents, Rent};
pub use plan::{Plan, PlanId};
pub use purchase::PurchaseStatus;
pub use role::Role;
pub use share::Share;
pub use subscription::Subscription;
pub use suppression::SuppressionId;
pub use text::{Password, PersonName};
pub use zip::Zip;
