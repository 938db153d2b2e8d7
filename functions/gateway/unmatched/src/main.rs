//! The Lambda `UnmatchedFunction`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::serve::run(unmatched::router).await
}
