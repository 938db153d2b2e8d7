//! The Lambda `LeaseOcrFunction`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::job::run(lease_ocr::Context::new, lease_ocr::handle).await
}
