//! Mails a receipt when a purchase is paid.
