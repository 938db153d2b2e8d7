//! `/api/landlord`

mod limits;
mod properties;

use tests::{Person, Snapshot};

/// How many properties the landlord's account counts, and how many there are.
async fn counted_and_there(landlord: &Person<'_>) -> (u64, usize) {
    let partition = format!("USER#{}", landlord.id);
    let snapshot: Snapshot = landlord.system.snapshot().await.of_partition(&partition);
    let account = snapshot.item(&partition, "ACCOUNT").expect("an account");
    let counted = account["usage"]["units"].as_u64().expect("a count");
    (counted, snapshot.of("Property").len())
}
