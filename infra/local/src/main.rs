//! The local system: `cargo run`.

use std::process::ExitCode;

use clap::Parser;
use local::options::{Command, Options};
use local::{demo, serving};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let ended = match options.command {
        None => serving::run(&options).await,
        Some(Command::Demo) => demo::run(&options).await,
        Some(Command::Openapi) => serving::print_openapi(),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => serving::report(&*error),
    }
}
