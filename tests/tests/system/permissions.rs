//! What the functions' statements in `template.yaml` allow is what the functions do: no less, and no more.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use local::iam::{Effect, Right, action_matches, resource_matches};
use serde_yaml_ng::Value;
use tests::System;

use super::routes::template;
use super::scenario::every_path;
use super::workspace;

/// Statements that the scenario cannot use, as function and action, each with the reason.
const NOT_SEEN_HERE: [(&str, &str); 6] = [
    // Lambda sends it in the function's name, when the job has failed three times.
    ("EmailSenderFunction", "sqs:SendMessage"),
    ("LeaseExtractFunction", "sqs:SendMessage"),
    ("LeaseOcrFunction", "sqs:SendMessage"),
    ("LeaseSweeperFunction", "sqs:SendMessage"),
    ("ReconciliationFunction", "sqs:SendMessage"),
    ("RefundsFunction", "sqs:SendMessage"),
];

#[tokio::test]
async fn every_statement_is_used_and_nothing_else_is_asked_for() {
    let system = System::start().await;
    // Whoever is refused cannot go on: what was refused says more than where the way ended.
    let walked = AssertUnwindSafe(every_path(&system)).catch_unwind().await;
    let authority = system.platform.authority();
    assert!(
        authority.denied().is_empty(),
        "refused: template.yaml lacks {:#?}",
        authority.denied()
    );
    assert!(walked.is_ok(), "the scenario ends early, see above");
    let used = authority.used();
    let covers = |granted: &Right, used: &Right| {
        granted.function == used.function
            && action_matches(&granted.action, &used.action)
            && resource_matches(&granted.resource, &used.resource)
    };
    let excused = |right: &Right| NOT_SEEN_HERE.contains(&(right.function.as_str(), right.action.as_str()));
    let unused: Vec<Right> = authority
        .granted()
        .into_iter()
        .filter(|granted| !used.iter().any(|used| covers(granted, used)) && !excused(granted))
        .collect();
    assert!(
        unused.is_empty(),
        "template.yaml allows what no function does: {unused:#?}"
    );
}

#[test]
fn every_function_has_statements_of_its_own_without_wildcards_in_their_actions() {
    for (id, function) in template().functions {
        assert!(
            !function.generated_role,
            "{id} has the role that SAM makes: write its statements out"
        );
        assert!(!function.statements.is_empty(), "{id} has no statement");
        for statement in function.statements {
            assert_eq!(statement.effect, Effect::Allow, "{id}");
            let wild: Vec<_> = statement
                .actions
                .iter()
                .filter(|action| action.contains(['*', '?']))
                .collect();
            assert!(wild.is_empty(), "{id}: {wild:?}");
        }
    }
}

#[test]
fn a_statement_about_every_resource_has_its_reason() {
    let template = workspace::template();
    let with_reasons: BTreeMap<String, String> =
        serde_yaml_ng::from_value(template["Metadata"]["WildcardResources"].clone()).unwrap();
    let resources = template["Resources"].as_mapping().unwrap();
    let wild: BTreeSet<String> = resources
        .iter()
        .filter(|(_, resource)| has_wild_statement(resource))
        .map(|(id, _)| id.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        wild,
        with_reasons.keys().cloned().collect(),
        "template.yaml, Metadata, WildcardResources"
    );
    assert!(
        with_reasons.values().all(|reason| reason.len() > 20),
        "{with_reasons:?}"
    );
}

/// Whether a statement within this part of the template is about `*`, alone or among others.
fn has_wild_statement(part: &Value) -> bool {
    let is_wild = |resource: &Value| resource.as_str() == Some("*");
    let statement = part.get("Effect").and_then(|_| part.get("Resource"));
    let wild = statement.is_some_and(|resource| {
        is_wild(resource) || resource.as_sequence().is_some_and(|all| all.iter().any(is_wild))
    });
    wild || match part {
        Value::Mapping(members) => members.values().any(has_wild_statement),
        Value::Sequence(items) => items.iter().any(has_wild_statement),
        Value::Tagged(tagged) => has_wild_statement(&tagged.value),
        _ => false,
    }
}
