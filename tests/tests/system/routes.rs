//! The routes in the code, in `infra/openapi.json` and in `template.yaml` are the same.

use std::collections::{BTreeMap, BTreeSet};

use local::functions::openapi;
use local::product::functions;
use local::template::{Inputs, Template, default_path};
use serde_json::{Value, json};

use super::workspace::{read, root};

const DOCUMENT: &str = "infra/openapi.json";
/// Set to write the document instead of comparing it.
const UPDATE: &str = "UPDATE_OPENAPI";

/// The operations of an OpenAPI document: method and path, and what is said of them.
pub(crate) fn operations(document: &Value) -> BTreeMap<String, Value> {
    let paths = document["paths"].as_object().expect("a document has paths");
    let of_path = |(path, methods): (&String, &Value)| {
        let methods = methods.as_object().expect("a path has methods").clone();
        let path = path.clone();
        methods
            .into_iter()
            .map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation))
    };
    paths.iter().flat_map(of_path).collect()
}

/// The template, with some value for each secret.
pub(crate) fn template() -> Template {
    let secrets = [
        "stripe_secret_key",
        "stripe_webhook_secrets",
        "cursor_key",
        "sealing_keys",
        "link_key",
    ];
    let secrets = secrets.map(|name| (name.to_owned(), format!("a {name}"))).into();
    Template::load(
        &default_path(),
        &Inputs {
            secrets,
            ..Inputs::default()
        },
    )
    .expect("the template can be read")
}

#[test]
fn the_committed_document_is_what_the_code_says() {
    let document = openapi(&functions()).to_pretty_json().unwrap() + "\n";
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(root().join(DOCUMENT), &document).unwrap();
    }
    let committed = read(DOCUMENT);
    let same = committed
        .lines()
        .zip(document.lines())
        .take_while(|(committed, code)| committed == code)
        .count();
    assert!(
        committed == document,
        "{DOCUMENT} is not what the code says, from line {} on: {UPDATE}=1 cargo test -p tests the_committed_document \
         writes it",
        same + 1
    );
}

#[test]
fn every_route_in_the_code_leads_to_its_function_and_the_other_way_round() {
    let mut in_code = BTreeSet::new();
    for entry in functions() {
        let Some(document) = entry.openapi else { continue };
        let document = serde_json::to_value(document()).unwrap();
        in_code.extend(
            operations(&document)
                .into_keys()
                .map(|route| (route, entry.id.to_owned())),
        );
    }
    // What no route matches has no description: it is one problem for everything.
    in_code.insert(("$default".to_owned(), "UnmatchedFunction".to_owned()));
    let routes = template().api.routes;
    let in_template = routes
        .iter()
        .map(|route| (route.to_string(), route.function.clone()))
        .collect();
    assert_eq!(
        in_code, in_template,
        "routes of the code on the left, of template.yaml on the right"
    );
}

#[test]
fn every_function_of_the_template_is_built_in_and_the_other_way_round() {
    let built: BTreeSet<String> = functions().iter().map(|entry| entry.id.to_owned()).collect();
    let deployed: BTreeSet<String> = template().functions.into_keys().collect();
    assert_eq!(built, deployed);
}

#[test]
fn every_operation_has_an_id_of_its_own_a_tag_and_a_summary() {
    let document = serde_json::to_value(openapi(&functions())).unwrap();
    let mut ids = BTreeSet::new();
    for (route, operation) in operations(&document) {
        let id = operation["operationId"]
            .as_str()
            .unwrap_or_else(|| panic!("{route} has no operationId"));
        assert!(
            ids.insert(id.to_owned()),
            "{id} is the id of more than one operation"
        );
        for said in ["summary", "tags"] {
            assert!(!operation[said].is_null(), "{route} has no {said}");
        }
    }
}

/// Stripe has its own way of saying that an event comes again; and mail programs have none of saying that a click does, which is the
/// same however often it comes.
const WITHOUT_A_KEY: [&str; 2] = ["POST /api/stripe/webhook", "POST /api/unsubscribe/{token}"];

#[test]
fn every_post_takes_an_idempotency_key() {
    let document = serde_json::to_value(openapi(&functions())).unwrap();
    for (route, operation) in operations(&document) {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let takes_one = parameters
            .filter(|parameter| parameter["in"] == "header")
            .any(|parameter| parameter["name"] == "Idempotency-Key");
        let should = route.starts_with("POST ") && !WITHOUT_A_KEY.contains(&route.as_str());
        assert_eq!(takes_one, should, "{route}");
        if takes_one {
            assert!(operation["responses"]["422"].is_object(), "{route}");
        }
    }
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    let document = serde_json::to_value(openapi(&functions())).unwrap();
    let mut broken = Vec::new();
    references(&document, &mut |reference| {
        let pointer = reference
            .strip_prefix('#')
            .expect("references stay within the document");
        if document.pointer(pointer).is_none() {
            broken.push(reference.to_owned());
        }
    });
    assert!(broken.is_empty(), "{broken:?}");
    let schemes = document["components"]["securitySchemes"]
        .as_object()
        .expect("there are ways to sign in");
    for (route, operation) in operations(&document) {
        let wanted = operation["security"].as_array().into_iter().flatten();
        for scheme in wanted
            .filter_map(Value::as_object)
            .flat_map(|scheme| scheme.keys())
        {
            assert!(
                schemes.contains_key(scheme),
                "{route} wants {scheme}, which is not described"
            );
        }
    }
}

fn references(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str().filter(|_| name == "$ref") {
                    Some(reference) => found(reference),
                    None => references(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// What is said of the document as a whole comes from the product, not from whichever crate was merged first.
#[test]
fn the_document_is_the_products() {
    let document = serde_json::to_value(openapi(&functions())).unwrap();
    assert_eq!(document["info"]["title"], json!("Apartment Locator AI"));
}
