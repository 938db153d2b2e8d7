//! Subscriptions, from the page on which they begin to their end.

mod life;
mod two_at_once;
