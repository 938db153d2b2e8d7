//! Black box: the system through its doors. This library starts a whole system, in memory and on ports of its own, and
//! has the words that the tests in `tests/` are written in: people who sign up, ask and buy; Stripe, which reports; and
//! the table, to prove what was written and what was not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what does not hold stops the test"
)]

pub mod answer;
pub mod listing;
pub mod person;
pub mod snapshot;
pub mod stripe;
pub mod system;

pub use answer::Answer;
pub use person::Person;
pub use snapshot::Snapshot;
pub use stripe::{Checkout, Outcome};
pub use system::System;
