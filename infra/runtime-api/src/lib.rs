#![doc = include_str!("../README.md")]

mod environment;
mod instance;
mod server;

pub use instance::{Function, Instance, Invocation, InvokeError, StartError};
pub use server::ReportedError;
