//! The Lambda `PersonalDataFunction`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::serve::run(personal_data::router).await
}
