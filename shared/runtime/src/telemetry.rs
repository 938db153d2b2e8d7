//! Logs as JSON lines, each with the request's id; metrics in CloudWatch's embedded metric format
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>).

use std::io::Write;

use jiff::Timestamp;
use tracing::Span;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::ConfigError;

/// The CloudWatch namespace of our metrics.
const NAMESPACE: &str = "ApartmentLocator";

/// Starts logging for a process on Lambda. `LOG_LEVEL` sets the level, also of single crates: `info,table=debug`.
pub fn start() {
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false);
    let levels = levels(std::env::var("LOG_LEVEL").ok().as_deref());
    tracing_subscriber::registry().with(levels).with(lines).init();
}

/// The levels that a value of `LOG_LEVEL` names; `info` if it names none. Filters by what a span holds, which would link
/// an engine for regular expressions, are not among them.
fn levels(named: Option<&str>) -> Targets {
    let named = named.filter(|levels| !levels.is_empty());
    named
        .and_then(|levels| levels.parse().ok())
        .unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO))
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
    use tracing::Level;

    use super::*;

    #[test]
    fn the_level_is_info_unless_a_usable_one_is_named() {
        for named in [None, Some(""), Some("info"), Some("table=very loud")] {
            let levels = levels(named);
            assert!(levels.would_enable("table", &Level::INFO), "{named:?}");
            assert!(!levels.would_enable("table", &Level::DEBUG), "{named:?}");
        }
        let levels = levels(Some("warn,table=debug"));
        assert!(levels.would_enable("table", &Level::DEBUG));
        assert!(!levels.would_enable("web", &Level::INFO));
    }

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
