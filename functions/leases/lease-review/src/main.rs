//! The Lambda `LeaseReviewFunction`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::serve::run(lease_review::router).await
}
