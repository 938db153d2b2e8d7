#![doc = include_str!("../README.md")]

pub mod message;
pub mod receipt;
pub mod send;

pub use message::Message;
pub use send::{Mailer, SendError};
