//! What the system must do, through its doors. One binary, because each links everything; its modules follow the
//! API's paths.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what does not hold stops the test"
)]

mod access;
mod auth;
mod competition_sets;
mod contract;
mod deaths;
mod email_suppressions;
mod email_templates;
mod emails;
mod idempotency;
mod landlord;
mod lease_corpus;
mod leases;
mod notices;
mod payments;
mod purchases;
mod refunds;
mod refusals;
mod scraped_properties;
mod stripe;
mod subscriptions;
mod system;
