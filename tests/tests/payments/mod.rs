//! `/api/payments`, and the receipts of what was paid.

mod create_checkout;
mod receipts;
