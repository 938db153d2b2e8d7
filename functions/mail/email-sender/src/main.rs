//! The Lambda `EmailSenderFunction`.

// The compiler follows the job's futures through the SDK's layers deeper than it does by default.
#![recursion_limit = "256"]

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::job::run(email_sender::Context::new, email_sender::handle).await
}
