//! Tables of what was measured.

use std::fmt::Write;

use serde_json::Value;

use crate::measure::{Measured, tells_of_success};
use crate::subject::Kind;

const MEGABYTE: f64 = 1_000_000.0;
/// The most that a function may weigh as a zip file: without Stripe, and with it.
const ZIP_AT_MOST: (f64, f64) = (3.0, 5.0);
/// The most that its start may take, in starts of the greeting one.
const START_AT_MOST: f64 = 2.0;
/// The most that its start may take, in starts of the Node handler.
const START_OF_NODE_AT_MOST: f64 = 0.2;
/// The most that its first invocation may take, in first invocations of the Node handler that does the same.
const FIRST_OF_NODE_AT_MOST: f64 = 0.5;
/// Functions with a Node handler that does the same.
const SAME_WORK: [(&str, &str); 2] = [
    ("sessions", "node: me, bundled"),
    ("checkout", "node: create-checkout, bundled"),
];

/// The report, in Markdown.
pub(crate) fn of(facts: &[String], measured: &[Measured]) -> String {
    let mut report = String::from(
        "# Results\n\nWritten by the benchmark; [README.md](README.md) says how to read it.\n\n",
    );
    for fact in facts {
        // Writing to a text does not fail.
        let _ = writeln!(report, "- {fact}");
    }
    report.push_str("\n## Figures\n\nTimes in milliseconds: median (95th percentile). Sizes in MB. ");
    report.push_str("In brackets, a refusal: what it takes says nothing.\n\n");
    report.push_str(
        "| program | invoked with | answers | size | zip | start | first invocation | warm | peak memory |\n",
    );
    report.push_str("|---|---|---|---|---|---|---|---|---|\n");
    for one in measured {
        let _ = writeln!(report, "{}", figures(one));
    }
    report.push_str("\n## Ratios\n\nFrom the medians above; in brackets, an aim that is missed.\n\n");
    report.push_str("| function | start ÷ hello (≤ 2) | start ÷ Node (≤ 0.2) | first ÷ Node (≤ 0.5) | zip (≤ 3 MB; ≤ 5 MB with Stripe) |\n");
    report.push_str("|---|---|---|---|---|\n");
    for one in measured {
        if let Kind::Ours { stripe } = one.subject.kind {
            let _ = writeln!(report, "{}", ratios(one, stripe, measured));
        }
    }
    report
}

fn figures(one: &Measured) -> String {
    let times = |sample: &crate::statistics::Sample| match (sample.median(), sample.percentile(95)) {
        (Some(median), Some(high)) => format!("{median:.1} ({high:.1})"),
        _ => "—".to_owned(),
    };
    let memory = one.memory.highest();
    format!(
        "| {} | `{}` | {} | {} | {} | {} | {} | {} | {} |",
        one.subject.name,
        one.subject.payload,
        answered(&one.answer),
        megabytes(one.subject.size.map(|size| size.file)),
        megabytes(one.subject.size.map(|size| size.zip)),
        times(&one.start),
        times(&one.first),
        times(&one.warm),
        memory.map_or_else(|| "—".to_owned(), |bytes| format!("{:.1}", bytes / MEGABYTE)),
    )
}

/// The status of a route, or that a job is done; in brackets if it is not.
fn answered(answer: &Value) -> String {
    let status = answer["statusCode"].as_u64();
    match (tells_of_success(answer), status) {
        (true, Some(status)) => status.to_string(),
        (true, None) => "done".to_owned(),
        (false, Some(status)) => format!("[{status}]"),
        (false, None) => "[not done]".to_owned(),
    }
}

fn ratios(one: &Measured, stripe: bool, all: &[Measured]) -> String {
    let named = |name: &str| all.iter().find(|other| other.subject.name == name);
    let hello = all.iter().find(|other| other.subject.kind == Kind::Hello);
    // A variant's name goes on after the function's.
    let function = one.subject.name.split(' ').next();
    let (_, same) = SAME_WORK
        .iter()
        .find(|(name, _)| Some(*name) == function)
        .copied()
        .unzip();
    // A start is compared with that of the handler that has as much to load.
    let usual = SAME_WORK[usize::from(stripe)].1;
    let start = |other: Option<&Measured>| Some(one.start.median()? / other?.start.median()?);
    let first = |other: Option<&Measured>| Some(one.first.median()? / other?.first.median()?);
    let zip_at_most = if stripe { ZIP_AT_MOST.1 } else { ZIP_AT_MOST.0 };
    format!(
        "| {} | {} | {} | {} | {} |",
        one.subject.name,
        aimed(start(hello), START_AT_MOST),
        aimed(start(named(usual)), START_OF_NODE_AT_MOST),
        aimed(first(same.and_then(named)), FIRST_OF_NODE_AT_MOST),
        aimed(one.subject.size.map(|size| in_megabytes(size.zip)), zip_at_most),
    )
}

/// A value; in brackets if it is more than was aimed at, a dash if there is none.
fn aimed(value: Option<f64>, at_most: f64) -> String {
    match value {
        None => "—".to_owned(),
        Some(value) if value <= at_most => format!("{value:.2}"),
        Some(value) => format!("[{value:.2}]"),
    }
}

fn megabytes(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "—".to_owned(), |bytes| format!("{:.2}", in_megabytes(bytes)))
}

#[expect(clippy::cast_precision_loss, reason = "no program is that large")]
fn in_megabytes(bytes: u64) -> f64 {
    bytes as f64 / MEGABYTE
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_refusal_stands_in_brackets() {
        let answers = [
            (json!({ "statusCode": 200 }), "200"),
            (json!({ "statusCode": 403 }), "[403]"),
            (Value::Null, "done"),
            (json!({ "batchItemFailures": [{}] }), "[not done]"),
        ];
        for (answer, expected) in answers {
            assert_eq!(answered(&answer), expected);
        }
    }

    #[test]
    fn an_aim_that_is_missed_stands_in_brackets() {
        assert_eq!(aimed(Some(1.234), 2.0), "1.23");
        assert_eq!(aimed(Some(2.5), 2.0), "[2.50]");
        assert_eq!(aimed(None, 2.0), "—");
    }
}
