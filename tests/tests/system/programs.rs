//! The workspace's programs, built: the local system and every function.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use super::workspace::{Package, packages, root};

/// Variables that `cargo test` sets and that a person's shell does not have.
const OF_THIS_TEST: [&str; 3] = ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "LD_LIBRARY_PATH"];

/// The program of this name, built as `cargo run` and `cargo build` build it. Built anew only where the tests themselves
/// did not.
pub(crate) fn program(name: &str) -> &'static Path {
    static PROGRAMS: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    PROGRAMS
        .get_or_init(build)
        .get(name)
        .unwrap_or_else(|| panic!("the workspace has no program {name}"))
}

/// The names of the programs: the local system's, and those of the functions.
fn names() -> impl Iterator<Item = String> {
    let packages = packages().into_iter();
    packages
        .filter(|package| package.is_function() || package.name == "local")
        .filter_map(|package: Package| Some(package.target("bin")?.name.clone()))
}

/// Builds all of them at once, because cargo builds for one caller at a time.
fn build() -> BTreeMap<String, PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    // Together with these tests, so that both share what is compiled.
    cargo.args(["build", "--workspace", "--test", env!("CARGO_CRATE_NAME")]);
    for name in names() {
        cargo.args(["--bin", &name]);
    }
    cargo
        .args(["--locked", "--offline", "--quiet"])
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(root());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("CARGO_PKG_") || OF_THIS_TEST.contains(&name.as_str()) {
            cargo.env_remove(name);
        }
    }
    let output = cargo.stderr(Stdio::inherit()).output().expect("cargo runs");
    assert!(output.status.success(), "the programs do not build");
    let messages = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    messages.lines().filter_map(built).collect()
}

/// The program that a message of cargo's says is built, if it says so.
fn built(message: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(message).ok()?;
    let program = message["executable"].as_str()?;
    let target = &message["target"];
    (target["kind"][0] == "bin").then(|| Some((target["name"].as_str()?.to_owned(), program.into())))?
}
