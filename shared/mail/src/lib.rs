#![doc = include_str!("../README.md")]

pub mod letter;
pub mod message;
pub mod notice;
pub mod outgoing;
pub mod ready;
pub mod send;
pub mod template;

pub use letter::{Letterhead, Notice, OneTimeLink};
pub use message::Message;
pub use outgoing::Outgoing;
pub use send::{Mailer, SendError};
