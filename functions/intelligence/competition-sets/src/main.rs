//! The Lambda `CompetitionSetsFunction`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::serve::run(competition_sets::router).await
}
