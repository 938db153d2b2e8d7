//! The Lambda `PortfolioAnalyticsFunction`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::serve::run(portfolio_analytics::router).await
}
