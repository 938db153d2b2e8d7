//! The Lambda `LeaseUploadFunction`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::serve::run(lease_upload::router).await
}
