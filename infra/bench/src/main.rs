//! `cargo run --profile quick -p bench`

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    bench::run(bench::Options::parse()).await
}
