#![doc = include_str!("../README.md")]

pub mod checkout;
pub mod client;
pub mod event_list;
pub mod intent;
mod metadata;
pub mod news;
pub mod object;
pub mod refund;
pub mod subscription;
pub mod webhook;

pub use client::{Stripe, StripeFailure};
pub use news::{Meaning, ReportedEvent};
pub use object::{Misshapen, Subscribed};
