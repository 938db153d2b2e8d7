#![doc = include_str!("../README.md")]

pub mod again;
pub mod app;
pub mod caller;
pub mod cookie;
pub mod cursor;
pub mod google;
pub mod idempotency;
pub mod input;
pub mod lease;
pub mod openapi;
pub mod origin;
pub mod page;
pub mod password;
pub mod problem;
pub mod proof;
pub mod seal;
pub mod serve;
pub mod user;

pub use app::App;
pub use caller::Caller;
pub use input::{Body, Id, Patch, Query};
pub use page::Part;
pub use problem::{Answer, Problem};
