//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::platform::{Config, Ports, Storage};
use crate::secrets::StripeSecrets;
use crate::template;

/// Runs the whole of Apartment Locator AI on this machine, in one process: the API, its functions, and stand-ins for
/// everything they call.
#[derive(Clone, Debug, Parser)]
#[command(name = "local", version)]
pub struct Options {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// The API, this system's own pages, and the API reference. 0 takes any free port, here and below.
    #[arg(long, global = true, value_name = "PORT", default_value_t = 3000)]
    pub port: u16,

    /// DynamoDB.
    #[arg(long, global = true, value_name = "PORT", default_value_t = 8000)]
    pub dynamodb_port: u16,

    /// S3.
    #[arg(long, global = true, value_name = "PORT", default_value_t = 9000)]
    pub s3_port: u16,

    /// Stripe. Not used when STRIPE_SECRET_KEY is set: then the real Stripe is.
    #[arg(long, global = true, value_name = "PORT", default_value_t = 12111)]
    pub stripe_port: u16,

    /// Where everything is kept.
    #[arg(long, global = true, value_name = "DIR", default_value = ".local")]
    pub data: PathBuf,

    /// Keep nothing: all is gone when the process ends.
    #[arg(long, global = true, conflicts_with = "data")]
    pub memory: bool,

    /// Load demonstration data: listings and people.
    #[arg(long, global = true)]
    pub seed: bool,

    /// The deployment to run; the repository's template.yaml unless given.
    #[arg(long, global = true, value_name = "FILE")]
    pub template: Option<PathBuf>,
}

/// What the program can do instead of serving.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Play the main story against a fresh system in memory, step by step.
    Demo,
    /// Print the API's OpenAPI document.
    Openapi,
}

impl Options {
    /// The configuration these options ask for. `STRIPE_SECRET_KEY` and `STRIPE_WEBHOOK_SECRET` are read from the
    /// process's environment.
    #[must_use]
    pub fn config(&self) -> Config {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Config {
            ports: Ports {
                api: self.port,
                dynamodb: self.dynamodb_port,
                s3: self.s3_port,
                stripe: self.stripe_port,
            },
            storage: if self.memory {
                Storage::Memory
            } else {
                Storage::Directory(self.data.clone())
            },
            template: self.template.clone().unwrap_or_else(template::default_path),
            stripe: variable("STRIPE_SECRET_KEY").map(|secret_key| StripeSecrets {
                secret_key,
                webhook_secret: variable("STRIPE_WEBHOOK_SECRET"),
            }),
            seed: self.seed,
            schedules: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_may_stand_on_either_side_of_the_command() {
        for arguments in [["local", "--memory", "demo"], ["local", "demo", "--memory"]] {
            let options = Options::try_parse_from(arguments).unwrap();
            assert_eq!((options.command, options.memory), (Some(Command::Demo), true));
        }
    }

    #[test]
    fn memory_and_a_directory_exclude_each_other() {
        assert!(Options::try_parse_from(["local", "--memory", "--data", "x"]).is_err());
    }
}
