//! The access patterns and the entities in `shared/table/README.md` are those of the running system.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tests::System;

use super::readme::{Pattern, patterns, table};
use super::scenario::every_path;
use super::workspace::{packages, root, template_functions};

/// Who does what no function does.
const OPERATOR: &str = "operator";

/// The name of a function's crate, from its logical id.
fn crate_of(function: &str) -> String {
    let functions = template_functions();
    let (_, found) = functions
        .iter()
        .find(|(id, _)| id == function)
        .expect("a function of the template");
    let folder = found["Properties"]["CodeUri"].as_str().expect("a folder");
    Path::new(folder)
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned()
}

/// What a pattern asks DynamoDB for, and which actions that needs: a transaction needs those of its parts.
fn operation_and_actions(pattern: &Pattern) -> (String, Vec<String>) {
    match pattern.operation.split_once(" (") {
        Some((operation, parts)) => {
            let parts = parts.trim_end_matches(')').split(", ");
            (
                operation.to_owned(),
                parts.map(|part| format!("{part}Item")).collect(),
            )
        }
        None => (pattern.operation.clone(), vec![pattern.operation.clone()]),
    }
}

#[tokio::test]
async fn the_pattern_table_names_every_call_that_functions_make_and_no_other() {
    let system = System::start().await;
    every_path(&system).await;
    let of_functions: Vec<Pattern> = patterns()
        .into_iter()
        .filter(|pattern| pattern.functions != [OPERATOR])
        .collect();

    let mut written = BTreeSet::new();
    let mut rights_written = BTreeSet::new();
    for pattern in &of_functions {
        let (operation, actions) = operation_and_actions(pattern);
        for function in &pattern.functions {
            written.insert((function.clone(), operation.clone()));
            rights_written.extend(
                actions
                    .iter()
                    .map(|action| (function.clone(), action.clone(), pattern.index.clone())),
            );
        }
    }
    let crossed = system.platform.faults().boundaries();
    let made: BTreeSet<(String, String)> = crossed
        .into_keys()
        .filter(|boundary| boundary.service == "dynamodb" && boundary.principal != OPERATOR)
        .map(|boundary| (crate_of(&boundary.principal), boundary.operation))
        .collect();
    assert_eq!(
        written, made,
        "operations in the README's table on the left, those made on the right"
    );

    let used: BTreeSet<(String, String, String)> = system
        .platform
        .authority()
        .used()
        .into_iter()
        .filter(|right| right.action.starts_with("dynamodb:") && !right.resource.contains("/stream/"))
        .map(|right| {
            let index = right
                .resource
                .split_once("/index/")
                .map_or("table", |(_, index)| index);
            (
                crate_of(&right.function),
                right.action.replace("dynamodb:", ""),
                index.to_owned(),
            )
        })
        .collect();
    assert_eq!(
        rights_written, used,
        "function, action and index: the README's table on the left, used on the right"
    );
}

/// An entity, as the README describes it.
struct Entity {
    name: String,
    keys: [String; 2],
    indexes: [String; 4],
    expires: String,
}

fn entities() -> Vec<Entity> {
    let entity = |cells: Vec<String>| {
        let [name, partition, sort, first, second, third, fourth, expires, _] = cells
            .try_into()
            .unwrap_or_else(|cells| panic!("9 columns, not {cells:?}"));
        Entity {
            name,
            keys: [partition, sort],
            indexes: [first, second, third, fourth],
            expires,
        }
    };
    table("Entities").into_iter().map(entity).collect()
}

/// Whether a key has the form that the README gives it: in `USER#<user>`, `<user>` stands for any text without `#`.
fn has_form(key: &Value, form: &str) -> bool {
    let (parts, forms): (Vec<_>, Vec<_>) = (
        key.as_str().unwrap_or_default().split('#').collect(),
        form.split('#').collect(),
    );
    let fits = |(part, form): (&&str, &str)| {
        if form.starts_with('<') {
            !part.is_empty()
        } else {
            *part == form
        }
    };
    parts.len() == forms.len() && parts.iter().zip(forms).all(fits)
}

#[tokio::test]
async fn the_entity_table_describes_every_item_and_every_entity_is_found() {
    let system = System::start().await;
    every_path(&system).await;
    let entities = entities();
    let snapshot = system.snapshot().await;
    let mut found = BTreeSet::new();
    for item in snapshot.items() {
        let entity = entities
            .iter()
            .find(|entity| item["entity"] == entity.name.as_str());
        let entity = entity.unwrap_or_else(|| panic!("no entity of the README: {item}"));
        found.insert(&entity.name);
        for (attribute, form) in ["PK", "SK"].into_iter().zip(&entity.keys) {
            assert!(
                has_form(&item[attribute], form),
                "{attribute} of {} is not {form}: {item}",
                entity.name
            );
        }
        for (index, form) in ["GSI1", "GSI2", "GSI3", "GSI4"].into_iter().zip(&entity.indexes) {
            let keys = [&item[format!("{index}PK")], &item[format!("{index}SK")]];
            let (at_times, form) = match form.strip_prefix("at times ") {
                Some(form) => (true, form),
                None => (false, form.as_str()),
            };
            match form.split_once(", ") {
                Some(_) if at_times && keys.iter().all(|key| key.is_null()) => {}
                Some(forms) => {
                    let fits = has_form(keys[0], forms.0) && has_form(keys[1], forms.1);
                    assert!(fits, "{index} of {} is not {form}: {item}", entity.name);
                }
                None => assert!(
                    keys.iter().all(|key| key.is_null()),
                    "{} is not in {index}: {item}",
                    entity.name
                ),
            }
        }
        match entity.expires.as_str() {
            "" => assert!(item["ttl"].is_null(), "{} does not expire: {item}", entity.name),
            // What bookkeeping keeps of a closed account.
            "7 years after its account is closed" => {}
            "without an account" => assert_eq!(item["ttl"].is_null(), item["userId"].is_string(), "{item}"),
            _ => assert!(item["ttl"].is_number(), "{} expires: {item}", entity.name),
        }
    }
    let described: BTreeSet<&String> = entities.iter().map(|entity| &entity.name).collect();
    assert_eq!(
        described, found,
        "entities of the README on the left, found in the table on the right"
    );
}

#[test]
fn every_pattern_names_a_test_that_is_there() {
    let mut sources = String::new();
    for package in packages() {
        append_sources(&root().join(package.folder()), &mut sources);
    }
    for pattern in patterns() {
        let declared = format!("fn {}(", pattern.test);
        assert!(
            sources.contains(&declared),
            "{}: there is no test {}",
            pattern.name,
            pattern.test
        );
    }
}

fn append_sources(folder: &Path, sources: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            append_sources(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}
