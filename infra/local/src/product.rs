//! The product, as the platform runs it: every function, by its logical id in `template.yaml`.

use std::sync::Arc;

use domain::{EmailAddress, Role};
use runtime::Runtime;
use table::Table;

use crate::functions::Entry;
use crate::platform::Product;
use crate::seed;

/// Every function of the product, and what only an operator may do.
#[must_use]
pub fn product() -> Product {
    Product {
        functions: functions(),
        grant: Arc::new(|runtime, email, role| Box::pin(grant(runtime, email, role))),
        seed: Arc::new(|runtime| {
            Box::pin(async move { seed::load(&runtime).await.map_err(|error| error.to_string()) })
        }),
    }
}

/// The functions.
#[must_use]
pub fn functions() -> Vec<Entry> {
    vec![
        Entry::http("SessionsFunction", sessions::router, sessions::openapi),
        Entry::http("SecurityFunction", security::router, security::openapi),
        Entry::http(
            "PersonalDataFunction",
            personal_data::router,
            personal_data::openapi,
        ),
        Entry::job(
            "DataExportFunction",
            data_export::Context::new,
            data_export::handle,
        ),
        Entry::job("ErasureFunction", erasure::Context::new, erasure::handle),
        Entry::http("CheckoutFunction", checkout::router, checkout::openapi),
        Entry::http(
            "StripeWebhookFunction",
            stripe_webhook::router,
            stripe_webhook::openapi,
        ),
        Entry::http("BillingFunction", billing::router, billing::openapi),
        Entry::job(
            "ReconciliationFunction",
            reconciliation::Context::new,
            reconciliation::handle,
        ),
        Entry::job("RefundsFunction", refunds::Context::new, refunds::handle),
        Entry::http("AccessFunction", access::router, access::openapi),
        Entry::http("LeaseUploadFunction", lease_upload::router, lease_upload::openapi),
        Entry::job("LeaseOcrFunction", lease_ocr::Context::new, lease_ocr::handle),
        Entry::job(
            "LeaseExtractFunction",
            lease_extract::Context::new,
            lease_extract::handle,
        ),
        Entry::job(
            "LeaseSweeperFunction",
            lease_sweeper::Context::new,
            lease_sweeper::handle,
        ),
        Entry::job(
            "LeaseEraserFunction",
            lease_eraser::Context::new,
            lease_eraser::handle,
        ),
        Entry::http("LeaseReviewFunction", lease_review::router, lease_review::openapi),
        Entry::http("PropertiesFunction", properties::router, properties::openapi),
        Entry::http(
            "PortfolioAnalyticsFunction",
            portfolio_analytics::router,
            portfolio_analytics::openapi,
        ),
        Entry::http("ListingsFunction", listings::router, listings::openapi),
        Entry::http(
            "CompetitionSetsFunction",
            competition_sets::router,
            competition_sets::openapi,
        ),
        Entry::http("UnmatchedFunction", unmatched::router, unmatched::openapi),
        Entry::job(
            "OutboxRelayFunction",
            outbox_relay::Context::new,
            outbox_relay::handle,
        ),
        Entry::http(
            "EmailTemplatesFunction",
            email_templates::router,
            email_templates::openapi,
        ),
        Entry::http(
            "EmailSuppressionsFunction",
            email_suppressions::router,
            email_suppressions::openapi,
        ),
        Entry::http("EmailsFunction", emails::router, emails::openapi),
        Entry::job(
            "EmailSenderFunction",
            email_sender::Context::new,
            email_sender::handle,
        ),
        Entry::http("UnsubscribeFunction", unsubscribe::router, unsubscribe::openapi),
        Entry::job(
            "EmailEventsFunction",
            email_events::Context::new,
            email_events::handle,
        ),
        Entry::job("NoticesFunction", notices::Context::new, notices::handle),
    ]
}

/// Gives a person a role, also the one that nobody can take: admin.
async fn grant(runtime: Runtime, email: String, role: String) -> Result<(), String> {
    let email: EmailAddress = email.parse().map_err(|error| format!("email {error}"))?;
    let role: Role = role.parse().map_err(|error| format!("role {error}"))?;
    let table = Table::new(&runtime).map_err(|error| error.to_string())?;
    let user = table
        .user_with_email(&email)
        .await
        .map_err(|error| error.to_string())?;
    let user = user.ok_or("nobody has signed up with this mail address")?;
    table
        .set_role(user, role)
        .await
        .map_err(|error| error.to_string())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn no_two_functions_call_different_things_by_one_name() {
        let mut seen = BTreeMap::new();
        for document in functions()
            .iter()
            .filter_map(|entry| entry.openapi)
            .map(|openapi| openapi())
        {
            for (name, schema) in document
                .components
                .into_iter()
                .flat_map(|components| components.schemas)
            {
                let schema = serde_json::to_value(schema).unwrap();
                let first = seen.entry(name.clone()).or_insert_with(|| schema.clone());
                assert_eq!(*first, schema, "{name}");
            }
        }
        assert!(!seen.is_empty());
    }
}
