//! `/api/email-templates`

mod lists;
mod preview;
mod statistics;
mod templates;
