//! `/api/payments`.

mod create_checkout;
mod late_reports;
mod money_back;
mod webhook_orders;
