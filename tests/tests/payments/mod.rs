//! `/api/payments`.

mod create_checkout;
mod late_reports;
mod money_back;
mod reconciliation;
mod webhook_orders;
