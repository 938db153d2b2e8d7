//! The Lambda `EmailTemplatesFunction`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::serve::run(email_templates::router).await
}
