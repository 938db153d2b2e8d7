//! The Lambda `BillingFunction`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::serve::run(billing::router).await
}
