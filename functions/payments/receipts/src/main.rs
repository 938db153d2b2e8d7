//! The Lambda `ReceiptsFunction`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::job::run(receipts::Context::new, receipts::handle).await
}
