//! `/api/payments`.

mod create_checkout;
