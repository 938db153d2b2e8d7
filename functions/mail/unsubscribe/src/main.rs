//! The Lambda `UnsubscribeFunction`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::serve::run(unsubscribe::router).await
}
