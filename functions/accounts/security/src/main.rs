//! The Lambda `SecurityFunction`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::serve::run(security::router).await
}
