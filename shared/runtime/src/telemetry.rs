//! Logs as JSON lines, each with the request's id; metrics in CloudWatch's embedded metric format
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>).

use std::io::Write;

use jiff::Timestamp;
use tracing::Span;
use tracing_subscriber::EnvFilter;

use crate::ConfigError;

/// The CloudWatch namespace of our metrics.
const NAMESPACE: &str = "ApartmentLocator";

/// Starts logging for a process on Lambda. `LOG_LEVEL` sets the level (`info` unless set).
pub fn start() {
    let level = EnvFilter::try_from_env("LOG_LEVEL").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(level)
        .init();
}

/// Says why a function cannot start. Lambda shows the line and starts no instance.
pub fn start_failed(error: &ConfigError) {
    tracing::error!(%error, "the function cannot start");
}

/// The span that all of an invocation's log lines belong to.
#[must_use]
pub fn request_span(request_id: &str) -> Span {
    tracing::info_span!("invocation", request_id)
}

/// Counts `value` of `metric` for `function`, whose name on Lambda tells the stages of one AWS account apart. The line
/// goes to standard output, where CloudWatch picks it up; no call is made.
pub fn count(metric: &str, function: &str, value: u64, now: Timestamp) {
    let line = embedded_metric(metric, function, value, now);
    // A metric that cannot be written must not fail the work it counts.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

fn embedded_metric(metric: &str, function: &str, value: u64, now: Timestamp) -> serde_json::Value {
    serde_json::json!({
        "_aws": {
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["FunctionName"]],
                "Metrics": [{ "Name": metric, "Unit": "Count" }],
            }],
        },
        "FunctionName": function,
        metric: value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_one_json_object_that_names_its_value_and_whose_it_is() {
        let line = embedded_metric("MailUnconfirmed", "prod-notices", 2, Timestamp::UNIX_EPOCH);
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Metrics"][0]["Name"], "MailUnconfirmed");
        assert_eq!(line["MailUnconfirmed"], 2);
        assert_eq!(directive["Dimensions"][0][0], "FunctionName");
        assert_eq!(line["FunctionName"], "prod-notices");
    }
}
