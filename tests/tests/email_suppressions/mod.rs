//! Addresses that are not to be written to: what a sender decides, and what mail servers and recipients say.

mod everywhere;
mod own;
