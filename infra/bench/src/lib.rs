#![doc = include_str!("../README.md")]

mod machine;
mod measure;
mod node;
mod package;
mod programs;
mod report;
mod statistics;
mod subject;
mod world;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use runtime_api::{InvokeError, StartError};

use crate::measure::{Amount, measure};
use crate::programs::Programs;
use crate::world::World;

/// Where the results of a whole run are kept.
const RESULTS: &str = "infra/bench/RESULTS.md";

/// Measures the functions' binaries as Lambda would run them.
#[derive(Clone, Debug, Parser)]
pub struct Options {
    /// Fewer rounds, and binaries that are linked in seconds; prints, and keeps nothing.
    #[arg(long)]
    pub quick: bool,
    /// The cargo profile of the binaries, in place of the one that is deployed.
    #[arg(long)]
    pub profile: Option<String>,
    /// Only these functions, by their binaries' names.
    #[arg(long, num_args = 1..)]
    pub only: Vec<String>,
    /// Leave out Node.
    #[arg(long)]
    pub without_node: bool,
    /// A binary that is measured beside those of this workspace: the same function, built or written otherwise.
    #[arg(long, value_name = "FUNCTION=FILE", value_parser = function_and_file)]
    pub variant: Vec<(String, PathBuf)>,
}

/// The function of a variant, by its binary's name, and the file.
fn function_and_file(argument: &str) -> Result<(String, PathBuf), String> {
    let parts = argument.split_once('=');
    let (function, file) = parts.ok_or("a function's name, `=` and a file were expected")?;
    Ok((function.to_owned(), file.into()))
}

impl Options {
    fn profile(&self) -> &str {
        let default = if self.quick { "quick" } else { "release" };
        self.profile.as_deref().unwrap_or(default)
    }

    /// Whether this is the run whose results are kept.
    fn is_whole(&self) -> bool {
        let as_deployed = !self.quick && self.profile.is_none() && self.variant.is_empty();
        as_deployed && self.only.is_empty() && !self.without_node
    }
}

/// What keeps the benchmark from its figures.
#[derive(Debug, thiserror::Error)]
enum BenchError {
    #[error("the local system does not start: {0}")]
    System(#[from] local::platform::StartError),
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("template.yaml: {0}")]
    Template(String),
    #[error("{0} does not build")]
    Build(String),
    #[error("{0}")]
    Node(String),
    #[error("{0}: {1}")]
    Start(String, StartError),
    #[error("{0}: {1}")]
    Invoke(String, InvokeError),
    #[error("the zip file cannot be written: {0}")]
    Zip(#[from] zip::result::ZipError),
    #[error("no function of template.yaml has a binary called {0}")]
    NoSuchFunction(String),
    #[error("no payload in events/README.md goes to {0}: add one, and the function is measured with it")]
    NoPayload(String),
    #[error("what comes before everything else does not succeed, {0}: {1}")]
    Before(String, String),
    #[error("{0} does other work than its function:\n{1}\n{2}")]
    OtherWork(String, String, String),
}

/// Runs the benchmark, and prints what it measured.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for a person")]
pub async fn run(options: Options) -> ExitCode {
    match whole(&options).await {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn whole(options: &Options) -> Result<String, BenchError> {
    let facts = machine::facts(options.profile());
    let world = World::start().await?;
    let programs = Programs::build(&world, options)?;
    let mut subjects = programs.subjects(&world, &options.variant)?;
    if !options.without_node {
        subjects.extend(node::subjects(&world).await?);
    }
    let amount = if options.quick {
        Amount::QUICK
    } else {
        Amount::WHOLE
    };
    let measured = measure(subjects, amount, &world).await?;
    let report = report::of(&facts, &measured);
    if options.is_whole() {
        std::fs::write(root().join(RESULTS), &report)?;
    }
    Ok(report)
}

/// The folder of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
