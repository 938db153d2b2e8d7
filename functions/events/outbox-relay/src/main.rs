//! The Lambda `OutboxRelayFunction`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::job::run(outbox_relay::Context::new, outbox_relay::handle).await
}
