//! The mails that the system writes, each a module.
//!
//! What concerns an account's safety does not greet by name. Whoever signs up types the name, and the address may be
//! somebody else's: our mail must not carry a stranger's words to them.

pub mod email_change;
pub mod email_changed;
pub mod email_confirmation;
pub mod google_linked;
pub mod password_changed;
pub mod password_reset;
pub mod receipt;
pub mod second_factor_disabled;
pub mod second_factor_enabled;

#[cfg(test)]
mod tests;
