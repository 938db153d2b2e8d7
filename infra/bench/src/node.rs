//! The same work in Node: `infra/bench/node`, installed and bundled here.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::package::size;
use crate::programs::deployed;
use crate::subject::{Kind, Subject};
use crate::world::World;
use crate::{BenchError, root};

/// Each handler, and the function whose work it does.
const HANDLERS: [(&str, &str); 2] = [
    ("me", "SessionsFunction"),
    ("create-checkout", "CheckoutFunction"),
];
/// What no two answers have alike.
const DIFFERS: [&str; 3] = ["purchaseId", "sessionId", "url"];

/// What there is to measure, once both are known to do the same work.
pub(crate) async fn subjects(world: &World) -> Result<Vec<Subject>, BenchError> {
    let folder = root().join("infra/bench/node");
    install(&folder)?;
    let node = program()?;
    let mut subjects = Vec::new();
    for (handler, function) in HANDLERS {
        for bundled in [true, false] {
            let subject = subject(world, &folder, &node, handler, function, bundled)?;
            same_work(world, &subject, function).await?;
            subjects.push(subject);
        }
    }
    Ok(subjects)
}

fn subject(
    world: &World,
    folder: &Path,
    node: &Path,
    handler: &str,
    function: &str,
    bundled: bool,
) -> Result<Subject, BenchError> {
    let file = if bundled {
        folder.join(format!("dist/{handler}.js"))
    } else {
        folder.join(format!("{handler}.mjs"))
    };
    let mut run = deployed(world, function, node)?;
    run.arguments = vec![folder.join("bootstrap.mjs").into(), file.clone().into()];
    // What Lambda's own Node runtime is started with: a heap that leaves room for the rest.
    run.arguments
        .insert(0, format!("--max-old-space-size={}", run.memory * 9 / 10).into());
    Ok(Subject {
        name: format!("node: {handler}{}", if bundled { ", bundled" } else { "" }),
        kind: Kind::Node,
        function: run,
        payload: world.payload(function)?.to_owned(),
        size: bundled.then(|| size(&file, "index.js")).transpose()?,
    })
}

/// Whether the handler answers what the function answers.
async fn same_work(world: &World, subject: &Subject, function: &str) -> Result<(), BenchError> {
    let event = world.event(&subject.payload, 0)?;
    let started = subject.function.start().await;
    let mut instance = started.map_err(|error| BenchError::Start(subject.name.clone(), error))?;
    let answer = instance.invoke(&event).await;
    let answer = answer
        .map_err(|error| BenchError::Invoke(subject.name.clone(), error))?
        .answer;
    let ours = world
        .platform
        .lambda()
        .invoke(function, event, "bench")
        .await
        .outcome;
    let (theirs, ours) = (work(&answer), work(&ours.unwrap_or_default()));
    if theirs == ours {
        return Ok(());
    }
    Err(BenchError::OtherWork(
        subject.name.clone(),
        theirs.to_string(),
        ours.to_string(),
    ))
}

/// Status and body of an answer, without what differs by nature.
fn work(answer: &Value) -> Value {
    let body = answer["body"].as_str().unwrap_or_default();
    let mut body: Value = serde_json::from_str(body).unwrap_or_default();
    for name in DIFFERS {
        if body[name].is_string() {
            body[name] = "some".into();
        }
    }
    serde_json::json!({ "status": answer["statusCode"], "body": body })
}

/// Installs exactly what the lock file names, and bundles the handlers.
fn install(folder: &Path) -> Result<(), BenchError> {
    for arguments in [
        &["ci", "--no-audit", "--no-fund"][..],
        &["run", "--silent", "bundle"],
    ] {
        let missing = |error| {
            BenchError::Node(format!(
                "npm cannot be run ({error}): install Node 20, or leave it out with --without-node"
            ))
        };
        let mut npm = Command::new("npm");
        let output = npm
            .args(arguments)
            .current_dir(folder)
            .output()
            .map_err(missing)?;
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(BenchError::Node(format!("npm {}: {errors}", arguments.join(" "))));
        }
    }
    Ok(())
}

/// Where Node is: a function's process has no search path of ours.
fn program() -> Result<PathBuf, BenchError> {
    let output = Command::new("node").args(["-p", "process.execPath"]).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_the_same_work_if_only_their_ids_differ() {
        let answer = |id: &str, status: u16| serde_json::json!({ "statusCode": status, "body": format!(r#"{{"purchaseId":"{id}","total":1}}"#) });
        assert_eq!(work(&answer("a", 200)), work(&answer("b", 200)));
        assert_ne!(work(&answer("a", 200)), work(&answer("a", 500)));
    }
}
