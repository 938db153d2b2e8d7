//! The whole system on one machine, in one process.

// `json!` recurses once for each field, and Stripe's objects have many.
#![recursion_limit = "256"]

pub mod cost;
pub mod dynamodb;
pub mod eventbridge;
pub mod iam;
pub mod s3;
pub mod ses;
pub mod stripe;
pub mod wire;
