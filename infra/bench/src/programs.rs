//! The binaries, built with the profile that is asked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use serde_yaml_ng::Value as Yaml;

use crate::package::size;
use crate::subject::{Kind, Subject};
use crate::world::World;
use crate::{BenchError, Options, root};

/// The package of the binary that everything is measured against.
const HELLO: &str = "hello";
/// The payload that it is invoked with: any would do.
const HEALTH: &str = "12-http-health";
/// The variable that a function which calls Stripe has.
const STRIPE_KEY: &str = "STRIPE_SECRET_KEY";

/// Built binaries.
pub(crate) struct Programs {
    hello: PathBuf,
    /// By logical id.
    functions: BTreeMap<String, PathBuf>,
    /// The logical ids, by the binaries' names.
    ids: BTreeMap<String, String>,
}

impl Programs {
    /// Builds them: the greeting one by itself, so that it is linked with no more than it uses.
    pub(crate) fn build(world: &World, options: &Options) -> Result<Self, BenchError> {
        let mut binaries = binaries(&std::fs::read_to_string(root().join("template.yaml"))?)?;
        let ids: BTreeMap<_, _> = binaries
            .iter()
            .map(|(id, name)| (name.clone(), id.clone()))
            .collect();
        if let Some(name) = options.only.iter().find(|name| !ids.contains_key(*name)) {
            return Err(BenchError::NoSuchFunction(name.clone()));
        }
        binaries.retain(|_, name| options.only.is_empty() || options.only.contains(name));
        // What cannot be measured is said before the hour that the binaries take.
        for id in binaries.keys() {
            deployed(world, id, Path::new(""))?;
            world.payload(id)?;
        }
        let names: Vec<&str> = binaries.values().map(String::as_str).collect();
        let built = cargo(options.profile(), &names)?;
        let program = |name: &str, built: &BTreeMap<String, PathBuf>| {
            let program = built.get(name).cloned();
            program.ok_or_else(|| BenchError::Build(name.to_owned()))
        };
        let functions = binaries
            .iter()
            .map(|(id, name)| Ok((id.clone(), program(name, &built)?)));
        Ok(Self {
            functions: functions.collect::<Result<_, BenchError>>()?,
            hello: program(HELLO, &cargo(options.profile(), &[HELLO])?)?,
            ids,
        })
    }

    /// What there is to measure.
    pub(crate) fn subjects(
        &self,
        world: &World,
        variants: &[(String, PathBuf)],
    ) -> Result<Vec<Subject>, BenchError> {
        let mut subjects = Vec::new();
        for (id, program) in &self.functions {
            subjects.push(ours(world, id, program)?);
        }
        for (name, file) in variants {
            let id = self.ids.get(name);
            let id = id.ok_or_else(|| BenchError::NoSuchFunction(name.clone()))?;
            subjects.push(Subject {
                name: format!("{name} ({})", file.display()),
                ..ours(world, id, file)?
            });
        }
        let hello = runtime_api::Function {
            variables: BTreeMap::new(),
            ..deployed(world, "UnmatchedFunction", &self.hello)?
        };
        subjects.insert(0, subject(&self.hello, Kind::Hello, hello, HEALTH)?);
        Ok(subjects)
    }
}

/// A function, run from this binary.
fn ours(world: &World, id: &str, program: &Path) -> Result<Subject, BenchError> {
    let function = deployed(world, id, program)?;
    let stripe = function.variables.contains_key(STRIPE_KEY);
    subject(program, Kind::Ours { stripe }, function, world.payload(id)?)
}

fn subject(
    program: &Path,
    kind: Kind,
    function: runtime_api::Function,
    payload: &str,
) -> Result<Subject, BenchError> {
    Ok(Subject {
        name: program
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        kind,
        function,
        payload: payload.to_owned(),
        size: Some(size(program, "bootstrap")?),
    })
}

/// A function of the system, run from this program.
pub(crate) fn deployed(world: &World, id: &str, program: &Path) -> Result<runtime_api::Function, BenchError> {
    let deployed = world.platform.lambda().function(id);
    let deployed = deployed.ok_or_else(|| BenchError::Template(format!("there is no {id}")))?;
    let definition = &deployed.definition;
    let variables = deployed.environment.variables();
    Ok(runtime_api::Function {
        program: program.to_owned(),
        arguments: Vec::new(),
        name: definition.name.clone(),
        arn: definition.arn.clone(),
        memory: definition.memory,
        timeout: definition.timeout,
        log_group: definition.log_group.clone(),
        variables: variables
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    })
}

/// The binary of each function in the template, by logical id.
fn binaries(template: &str) -> Result<BTreeMap<String, String>, BenchError> {
    let template: Yaml =
        serde_yaml_ng::from_str(template).map_err(|error| BenchError::Template(error.to_string()))?;
    let resources = template["Resources"].as_mapping();
    let functions = resources
        .into_iter()
        .flatten()
        .filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function");
    functions
        .map(|(id, resource)| {
            let binary = resource["Metadata"]["BuildProperties"]["Binary"].as_str();
            let found = id.as_str().zip(binary);
            let (id, binary) =
                found.ok_or_else(|| BenchError::Template(format!("{id:?} names no binary")))?;
            Ok((id.to_owned(), binary.to_owned()))
        })
        .collect()
}

/// Builds these packages, and says where their programs are.
fn cargo(profile: &str, packages: &[&str]) -> Result<BTreeMap<String, PathBuf>, BenchError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["build", "--locked", "--bins", "--profile", profile])
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(root())
        .stderr(Stdio::inherit());
    for package in packages {
        command.args(["--package", package]);
    }
    let output = command.output()?;
    if !output.status.success() {
        return Err(BenchError::Build(packages.join(", ")));
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    Ok(messages.lines().filter_map(program).collect())
}

/// The program that a message of cargo's says is built, if it says so.
fn program(message: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(message).ok()?;
    let path = message["executable"].as_str()?;
    Some((message["target"]["name"].as_str()?.to_owned(), path.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_names_the_binary_of_each_function() {
        let template = "
Resources:
  Table: {Type: AWS::DynamoDB::Table}
  MeFunction:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: me}}
    Properties: {Role: !GetAtt MeRole.Arn}
";
        assert_eq!(
            binaries(template).unwrap(),
            BTreeMap::from([("MeFunction".to_owned(), "me".to_owned())])
        );
        let nameless = template.replace("{Binary: me}", "{}");
        assert!(binaries(&nameless).is_err());
    }

    #[test]
    fn cargos_messages_tell_where_a_program_is() {
        let message = r#"{"reason":"compiler-artifact","target":{"name":"me"},"executable":"/t/me"}"#;
        assert_eq!(program(message), Some(("me".to_owned(), "/t/me".into())));
        assert_eq!(program(r#"{"reason":"build-finished","executable":null}"#), None);
    }
}
