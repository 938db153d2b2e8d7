//! The system as a whole: how it is built, what it may do, what it costs, what it keeps.

mod at_rest;
mod authority;
pub(crate) mod binaries;
mod costs;
mod durability;
mod events;
mod imports;
mod patterns;
mod permissions;
mod process;
mod programs;
pub(crate) mod readme;
mod routes;
mod scenario;
mod workspace;
