//! The mails that the system writes by itself: each once, whatever fails.

mod billing;
mod links;
mod receipts;
mod telling;
