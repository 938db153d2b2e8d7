//! The Lambda `EmailSuppressionsFunction`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::serve::run(email_suppressions::router).await
}
