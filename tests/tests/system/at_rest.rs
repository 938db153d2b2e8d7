//! What `infra/README.md` says that a stage costs at rest, which the template decides.

use serde_yaml_ng::Value;

use super::workspace::{read, template};

/// The key for a month, and the secret, in cents.
const KEY_AND_SECRET: usize = 140;
/// A metric of an alarm of standard resolution for a month, in cents: <https://aws.amazon.com/cloudwatch/pricing/>.
const METRIC: usize = 10;

fn resources(template: &Value, kind: &str) -> Vec<Value> {
    let resources = template["Resources"].as_mapping().expect("resources");
    let of_kind = resources.values().filter(|resource| resource["Type"] == kind);
    of_kind.cloned().collect()
}

/// The metrics that alarms look at: an alarm on a sum pays for each of its parts.
fn metrics(template: &Value) -> usize {
    let alarms = resources(template, "AWS::CloudWatch::Alarm").into_iter();
    let of_alarm = |alarm: Value| {
        let parts = alarm["Properties"]["Metrics"].as_sequence().cloned();
        parts.map_or(1, |parts| {
            let measured = parts.iter().filter(|part| part.get("MetricStat").is_some());
            measured.count()
        })
    };
    alarms.map(of_alarm).sum()
}

#[test]
fn what_a_stage_costs_at_rest_is_what_the_template_makes() {
    let template = template();
    let per_function = serde_yaml_ng::from_str(&read("infra/function-alarms.yaml")).expect("YAML");
    let (own, each) = (metrics(&template), metrics(&per_function));
    let functions = resources(&template, "AWS::Serverless::Function").len();
    assert_eq!(
        resources(&template, "AWS::CloudFormation::Stack").len(),
        functions,
        "each function has its alarms, and nothing else is such a stack"
    );
    let cents = KEY_AND_SECRET + METRIC * (own + each * functions);
    let expected = [
        format!(
            "At rest a stage costs ${}.{:02} a month",
            cents / 100,
            cents % 100
        ),
        format!("({own} metrics of its own, and {each} of each of {functions} functions"),
    ];
    let text = read("infra/README.md")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    for expected in expected {
        assert!(text.contains(&expected), "infra/README.md, Costs: {expected}");
    }
}
