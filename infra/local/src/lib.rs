//! The whole system on one machine, in one process.

pub mod cost;
pub mod iam;
pub mod wire;
