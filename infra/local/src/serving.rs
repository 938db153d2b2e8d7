//! What the program does when it is started: serve until it is told to stop, and say where.

use std::error::Error;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::functions;
use crate::options::Options;
use crate::platform::{Addresses, OPERATOR_KEY, Platform, Storage};
use crate::product;
use crate::textract::TESSERACT_MISSING;

/// Serves until Ctrl-C or SIGTERM.
///
/// # Errors
/// The system cannot start.
pub async fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    log_to_stderr("info");
    let config = options.config();
    let storage = config.storage.clone();
    let mut terminated = signal(SignalKind::terminate())?;
    let platform = Platform::start(config, product::product()).await?;
    let scans = platform.textract().reads_scans();
    write!(
        std::io::stdout(),
        "{}",
        banner(platform.addresses(), &storage, scans)
    )?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminated.recv() => {}
    }
    tracing::info!("stopping");
    platform.stop().await;
    Ok(())
}

/// Logs for a person, from this level upwards unless `LOG_LEVEL` says otherwise.
pub(crate) fn log_to_stderr(level: &str) {
    let filter = EnvFilter::try_from_env("LOG_LEVEL").unwrap_or_else(|_| EnvFilter::new(level));
    // A second call in the same process keeps the first one's choice.
    let _ = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_env_filter(filter)
        .try_init();
}

/// Prints the API's OpenAPI document.
///
/// # Errors
/// It cannot be written.
pub fn print_openapi() -> Result<(), Box<dyn Error>> {
    let document = functions::openapi(&product::product().functions);
    writeln!(std::io::stdout(), "{}", document.to_pretty_json()?)?;
    Ok(())
}

/// Says why the program ends.
#[expect(
    clippy::print_stderr,
    reason = "the person who started the program reads this"
)]
pub fn report(error: &dyn Error) -> ExitCode {
    eprintln!("{error}");
    ExitCode::FAILURE
}

/// Where everything is.
fn banner(addresses: &Addresses, storage: &Storage, scans: bool) -> String {
    let api = addresses.api_url();
    let stripe = addresses
        .stripe
        .map_or_else(|| "the real one".to_owned(), |stripe| format!("http://{stripe}"));
    let kept = match storage {
        Storage::Memory => "in memory, until this process ends".to_owned(),
        Storage::Directory(directory) => format!("in {}", directory.display()),
    };
    let scans = if scans {
        "read by tesseract"
    } else {
        TESSERACT_MISSING
    };
    format!(
        "
  Apartment Locator AI

  API          {api}/api
  This system  {api}/_local/
  Reference    {api}/docs/
  Stripe       {stripe}
  DynamoDB     http://{}   access key and secret: {OPERATOR_KEY}
  S3           http://{}   likewise
  Data         {kept}
  Scans        {scans}

  Ctrl-C stops it.

",
        addresses.dynamodb, addresses.s3
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_banner_names_every_address_that_a_person_needs() {
        let at = |port| std::net::SocketAddr::from(([127, 0, 0, 1], port));
        let addresses = Addresses {
            api: at(3000),
            dynamodb: at(8000),
            s3: at(9000),
            ses: at(1),
            eventbridge: at(2),
            google: at(3),
            rentcast: at(5),
            textract: at(4),
            stripe: Some(at(12111)),
        };
        let banner = banner(&addresses, &Storage::Memory, false);
        for address in [
            "localhost:3000/api",
            "localhost:3000/_local/",
            "127.0.0.1:8000",
            ":9000",
            ":12111",
            "apt-get install tesseract-ocr",
        ] {
            assert!(banner.contains(address), "{address}");
        }
    }
}
