//! The Lambda `LeaseSweeperFunction`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::job::run(lease_sweeper::Context::new, lease_sweeper::handle).await
}
