//! The Lambda `LeaseEraserFunction`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::job::run(lease_eraser::Context::new, lease_eraser::handle).await
}
