//! The mails that the system writes by itself: each once, whatever fails.

mod receipts;
mod telling;
