#![doc = include_str!("../README.md")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what does not hold stops the test"
)]

pub mod account;
pub mod answer;
pub mod competition;
pub mod death;
pub mod email;
pub mod landlord;
pub mod lease;
pub mod listing;
pub mod person;
pub mod picture;
pub mod refund;
pub mod rewind;
pub mod snapshot;
pub mod stripe;
pub mod subscriber;
pub mod suppression;
pub mod system;
pub mod template;

pub use account::App;
pub use answer::Answer;
pub use person::Person;
pub use picture::Picture;
pub use refund::Lease;
pub use snapshot::Snapshot;
pub use stripe::{Checkout, Outcome};
pub use system::System;
