//! The mails that the system writes, each a module.
//!
//! What concerns an account's safety does not greet by name. Whoever signs up types the name, and the address may be
//! somebody else's: our mail must not carry a stranger's words to them.

pub mod account_deleted;
pub mod data_export_ready;
pub mod email_change;
pub mod email_changed;
pub mod email_confirmation;
pub mod google_linked;
pub mod lease_in_review;
pub mod lease_refund;
pub mod lease_refund_failed;
pub mod lease_refund_on_its_way;
pub mod lease_refund_to_look_at;
pub mod lease_rejected;
pub mod lease_without_saving;
pub mod password_changed;
pub mod password_reset;
pub mod payment_failed;
pub mod receipt;
pub mod refund;
pub mod second_factor_disabled;
pub mod second_factor_enabled;
pub mod subscription_ended;
pub mod subscription_started;
pub mod trial_ending;

#[cfg(test)]
mod tests;
