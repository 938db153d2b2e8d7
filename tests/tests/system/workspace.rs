//! The repository as it lies on the disk: its packages, its template, its documents.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use serde_yaml_ng::Value;

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .expect("the tests lie in the workspace")
}

/// A file of the workspace.
pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A package of the workspace.
#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
    manifest_path: PathBuf,
}

/// What a package depends on.
#[derive(Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// Where it lies, if it is of this workspace.
    pub(crate) path: Option<PathBuf>,
    /// `dev`, `build`, or nothing.
    pub(crate) kind: Option<String>,
}

/// What is built of a package.
#[derive(Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: Vec<String>,
    pub(crate) src_path: PathBuf,
    /// Whether `cargo test` builds it as a test.
    pub(crate) test: bool,
}

impl Package {
    /// Its folder, from the root of the workspace: `functions/payments/checkout`.
    pub(crate) fn folder(&self) -> PathBuf {
        let folder = self.manifest_path.parent().expect("a manifest lies in a folder");
        folder
            .strip_prefix(root())
            .expect("a package of this workspace")
            .to_owned()
    }

    /// Whether it is one of the Lambda functions.
    pub(crate) fn is_function(&self) -> bool {
        self.folder().starts_with("functions")
    }

    /// Its target of this kind, if it has one.
    pub(crate) fn target(&self, kind: &str) -> Option<&Target> {
        self.targets
            .iter()
            .find(|target| target.kind.iter().any(|of| of == kind))
    }
}

/// All packages of the workspace.
pub(crate) fn packages() -> Vec<Package> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Metadata = serde_json::from_slice(&output.stdout).expect("cargo's metadata");
    metadata.packages
}

/// `template.yaml`, as written: its intrinsic functions are tags.
pub(crate) fn template() -> Value {
    serde_yaml_ng::from_str(&read("template.yaml")).expect("the template is YAML")
}

/// The template's functions, as written, by logical id.
pub(crate) fn template_functions() -> Vec<(String, Value)> {
    let template = template();
    let resources = template["Resources"]
        .as_mapping()
        .expect("the template has resources")
        .clone();
    resources
        .into_iter()
        .filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function")
        .map(|(id, resource)| (id.as_str().expect("an id").to_owned(), resource))
        .collect()
}
