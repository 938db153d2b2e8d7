//! `/api/emails`: mails that people send, from being queued to what becomes of them.

mod batches;
mod events;
mod failing;
mod lists;
mod queueing;
mod refused;
mod storm;
mod unsubscribing;
