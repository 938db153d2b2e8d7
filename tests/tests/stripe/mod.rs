//! `/api/stripe`

mod believing;
mod failing;
mod webhook;
