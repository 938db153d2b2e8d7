//! The Lambda `LeaseExtractFunction`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::job::run(lease_extract::Context::new, lease_extract::handle).await
}
