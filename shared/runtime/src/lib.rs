#![doc = include_str!("../README.md")]

pub mod batch;
pub mod clock;
pub mod environment;
pub mod job;
pub mod start;
pub mod telemetry;

pub use clock::Clock;
pub use environment::{ConfigError, Environment};
pub use job::JobError;
pub use start::Runtime;
