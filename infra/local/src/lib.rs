#![doc = include_str!("../README.md")]
// `json!` recurses once for each field, and Stripe's objects have many.
#![recursion_limit = "256"]

pub mod clock;
pub mod control;
pub mod cost;
pub mod demo;
pub mod dynamodb;
pub mod eventbridge;
pub mod functions;
pub mod gateway;
pub mod google;
mod html;
pub mod iam;
pub mod lambda;
pub mod options;
pub mod pattern;
pub mod platform;
pub mod product;
pub mod rentcast;
pub mod s3;
pub mod secrets;
pub mod seed;
pub mod serving;
pub mod ses;
pub mod story;
pub mod stripe;
pub mod template;
pub mod textract;
pub mod triggers;
pub mod wire;
