//! The mails that the system writes by itself.

mod receipts;
