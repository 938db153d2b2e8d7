//! The lease guarantee: a lease is sent, looked at, read, decided by the machine or by a person, and forgotten.

mod client;
mod events;
mod expiry;
mod files;
mod logs;
mod privacy;
mod review;
mod upload;
mod verified;
