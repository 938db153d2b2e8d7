//! The Lambda `StripeWebhookFunction`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::serve::run(stripe_webhook::router).await
}
