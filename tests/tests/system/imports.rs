//! The house stands as it was drawn: imports run one way, every room has its page, nothing is called "utils".

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::workspace::{Package, packages, read, root, template_functions};

/// Names that say nothing of what is inside.
const SAY_NOTHING: [&str; 6] = ["util", "utils", "helper", "helpers", "common", "misc"];
/// The most lines that a function's `main.rs` may have: configuration, clients, run.
const MAIN_AT_MOST: usize = 25;
/// What the domain may be built on: values, and no outside world. The randomness is that of ids; the hashes are those of
/// one-time codes.
const BELOW_THE_DOMAIN: [&str; 9] = [
    "email_address",
    "getrandom",
    "hmac",
    "jiff",
    "serde",
    "sha1",
    "sha2",
    "thiserror",
    "ulid",
];

/// The floor that a package stands on. A package may depend on the floors below its own and on nothing beside it.
fn floor(package: &Package) -> u8 {
    match (package.name.as_str(), package.is_function()) {
        ("domain" | "hello" | "runtime" | "runtime-api", false) => 0,
        ("market" | "places" | "spreadsheets", false) => 1,
        ("table" | "payments" | "mail" | "documents" | "exports" | "rentcast" | "sample-leases", false) => 2,
        ("lease-files" | "web", false) => 3,
        ("guarantee" | "settlement", false) => 4,
        (_, true) => 5,
        ("local", false) => 6,
        ("bench" | "tests", false) => 7,
        (other, false) => panic!("{other} has no floor yet: say in this test which packages it may import"),
    }
}

#[test]
fn imports_run_one_way() {
    let packages = packages();
    let of_name = |name: &str| packages.iter().find(|package| package.name == name);
    let mut wrong = Vec::new();
    for package in &packages {
        for dependency in package
            .dependencies
            .iter()
            .filter(|dependency| dependency.path.is_some())
        {
            let imported = of_name(&dependency.name).expect("a path leads to a package of this workspace");
            if floor(imported) >= floor(package) {
                wrong.push(format!("{} imports {}", package.name, imported.name));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "domain, runtime ← market, places, spreadsheets ← table, payments, mail, documents, exports, rentcast ← web, lease-files ← settlement, guarantee ← functions ← local ← tests: {wrong:?}"
    );
}

#[test]
fn the_domain_knows_no_aws_no_http_and_no_runtime() {
    let packages = packages();
    let domain = packages.iter().find(|package| package.name == "domain").unwrap();
    let normal = domain
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind.is_none());
    let others: Vec<_> = normal
        .map(|dependency| &dependency.name)
        .filter(|name| !BELOW_THE_DOMAIN.contains(&name.as_str()))
        .collect();
    assert!(others.is_empty(), "the domain depends on {others:?}");
}

/// The packages that are rules as the domain is, and what each may be built on beside it.
const RULES: [(&str, &[&str]); 3] = [
    ("market", &["jiff", "serde", "thiserror"]),
    ("places", &[]),
    (
        "spreadsheets",
        &[
            "csv",
            "jiff",
            "serde",
            "serde_json",
            "serde_path_to_error",
            "thiserror",
        ],
    ),
];

#[test]
fn rules_know_no_aws_no_http_and_no_runtime() {
    let packages = packages();
    for (name, allowed) in RULES {
        let package = packages.iter().find(|package| package.name == name).unwrap();
        let others: Vec<_> = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind.is_none())
            .map(|dependency| dependency.name.as_str())
            .filter(|on| *on != "domain" && !allowed.contains(on))
            .collect();
        assert!(others.is_empty(), "{name} depends on {others:?}");
    }
}

#[test]
fn every_file_folder_and_module_has_a_name_that_says_what_is_in_it() {
    let mut nameless = Vec::new();
    for path in files(&root()) {
        let relative = path.strip_prefix(root()).unwrap();
        let says_nothing = |name: &str| SAY_NOTHING.contains(&name);
        let names = relative
            .iter()
            .filter_map(|part| Path::new(part).file_stem()?.to_str());
        nameless.extend(
            names
                .filter(|name| says_nothing(name))
                .map(|_| relative.display().to_string()),
        );
        if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let modules = text.lines().filter_map(module_name);
            nameless.extend(
                modules
                    .filter(|name| says_nothing(name))
                    .map(|name| format!("{}: mod {name}", relative.display())),
            );
        }
    }
    assert!(nameless.is_empty(), "{nameless:#?}");
}

/// The module that a line declares, if it declares one.
fn module_name(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let declaration = match line.strip_prefix("pub") {
        Some(rest) => rest.trim_start_matches(|c| c != ' ').trim_start(),
        None => line,
    };
    declaration.strip_prefix("mod ")?.split([' ', ';', '{']).next()
}

/// The files of a folder and the folders in it; not what is built, fetched, hidden or kept by a local run.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with('.') || ["target", "node_modules", "dist"].contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn every_crate_opens_with_its_readme() {
    let mut without = Vec::new();
    for package in packages() {
        let folder = root().join(package.folder());
        let library = package
            .target("lib")
            .unwrap_or_else(|| panic!("{} has no lib.rs", package.name));
        let opens = read(&library.src_path).starts_with("#![doc = include_str!(\"../README.md\")]");
        if !opens || !folder.join("README.md").is_file() {
            without.push(package.name);
        }
    }
    assert!(
        without.is_empty(),
        "without a README.md as their crate's documentation: {without:?}"
    );
}

#[test]
fn a_functions_main_only_starts_it() {
    for function in packages().into_iter().filter(Package::is_function) {
        let main = function
            .target("bin")
            .unwrap_or_else(|| panic!("{} has no main.rs", function.name));
        assert!(
            !main.test,
            "{}: a main.rs without tests says so: [[bin]] test = false",
            function.name
        );
        let lines = read(&main.src_path).lines().count();
        assert!(
            lines <= MAIN_AT_MOST,
            "{}: main.rs has {lines} lines",
            function.name
        );
    }
}

#[test]
fn every_function_of_the_template_is_a_package_and_the_other_way_round() {
    let packages = packages();
    let built: BTreeSet<(String, String)> = packages
        .iter()
        .filter(|package| package.is_function())
        .map(|package| {
            (
                package.folder().display().to_string(),
                package.target("bin").unwrap().name.clone(),
            )
        })
        .collect();
    let text = |value: &serde_yaml_ng::Value| value.as_str().expect("a text").to_owned();
    let deployed: BTreeSet<(String, String)> = template_functions()
        .into_iter()
        .map(|(_, function)| {
            let code = text(&function["Properties"]["CodeUri"]);
            (code, text(&function["Metadata"]["BuildProperties"]["Binary"]))
        })
        .collect();
    assert_eq!(
        built, deployed,
        "packages on the left, CodeUri and Binary of template.yaml on the right"
    );
}
