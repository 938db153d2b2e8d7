#![doc = include_str!("../README.md")]

pub mod checkout;
pub mod client;
pub mod webhook;

pub use client::{Stripe, StripeFailure};
