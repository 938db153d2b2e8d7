//! Whom a sender's mails do not go to.

use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::json;
use tests::suppression::SUPPRESSIONS;
use tests::{Person, System};

async fn counted(person: &Person<'_>) -> u64 {
    let partition = format!("USER#{}", person.id);
    let snapshot = person.system.snapshot().await.of_partition(&partition);
    let account = snapshot.item(&partition, "ACCOUNT").expect("an account");
    let counted = account["usage"]["suppressions"].as_u64().expect("a count");
    assert_eq!(counted, snapshot.of("Suppression").len() as u64);
    counted
}

#[tokio::test]
async fn a_sender_keeps_mails_from_an_address_sees_it_and_lifts_it() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let said = json!({ "address": " Tom@Example.com", "note": "He moved out." });
    let made = lena.post(SUPPRESSIONS, &said).await.is(201).json.clone();
    assert_eq!(made["address"], "tom@example.com");
    assert_eq!(
        (&made["reason"], &made["by"], &made["removable"], &made["note"]),
        (
            &json!("by_hand"),
            &json!("you"),
            &json!(true),
            &json!("He moved out.")
        )
    );
    let list = lena.get(SUPPRESSIONS).await.is(200).json.clone();
    assert_eq!(
        list,
        json!({ "suppressions": [made], "total": 1, "nextCursor": null })
    );
    let path = format!("{SUPPRESSIONS}/{}", made["id"].as_str().unwrap());
    lena.delete(&path).await.is(204);
    assert_eq!(
        lena.delete(&path).await.is(404).text_at("/detail"),
        "There is no such suppression."
    );
    assert_eq!(lena.get(SUPPRESSIONS).await.is(200).json["total"], 0);
    assert_eq!(counted(&lena).await, 0);
}

#[tokio::test]
async fn an_address_that_is_there_already_stays_as_it_is() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let first = lena
        .post(
            SUPPRESSIONS,
            &json!({ "address": "tom@example.com", "note": "First." }),
        )
        .await
        .is(201)
        .json
        .clone();
    let again = json!({ "address": "TOM@example.com", "note": "Second." });
    assert_eq!(lena.post(SUPPRESSIONS, &again).await.is(200).json, first);
    assert_eq!(counted(&lena).await, 1);
}

#[tokio::test]
async fn of_many_at_once_each_address_is_there_once_and_counted_once() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let wishes = (0..20).map(|number| json!({ "address": format!("tenant{}@example.com", number % 4) }));
    let wishes: Vec<_> = wishes.collect();
    let answers = join_all(wishes.iter().map(|wish| lena.post(SUPPRESSIONS, wish))).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 4);
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 201)));
    assert_eq!(counted(&lena).await, 4);
}

#[tokio::test]
async fn the_list_has_each_address_once_however_it_is_paged() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let mut made = BTreeSet::new();
    for number in 0..7 {
        made.insert(lena.suppresses(&format!("tenant{number}@example.com")).await);
    }
    let mut path = format!("{SUPPRESSIONS}?limit=3");
    let mut seen = Vec::new();
    loop {
        let page = lena.get(&path).await.is(200).json.clone();
        let ids = page["suppressions"].as_array().unwrap().iter();
        seen.extend(ids.map(|row| row["id"].as_str().unwrap().to_owned()));
        match page["nextCursor"].as_str() {
            Some(cursor) => path = format!("{SUPPRESSIONS}?limit=3&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 7);
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), made);
    let ben = system.landlord("ben").await;
    let first = lena.get(&format!("{SUPPRESSIONS}?limit=3")).await;
    let cursor = first.text_at("/nextCursor");
    ben.get(&format!("{SUPPRESSIONS}?cursor={cursor}")).await.is(400);
}

#[tokio::test]
async fn a_sender_sees_and_lifts_nothing_of_anothers() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let ben = system.landlord("ben").await;
    let id = lena.suppresses("tom@example.com").await;
    let made = lena.get(SUPPRESSIONS).await.json["suppressions"].clone();
    assert_eq!(
        ben.get(SUPPRESSIONS).await.is(200).json["suppressions"],
        json!([])
    );
    let path = format!("{SUPPRESSIONS}/{id}");
    ben.delete(&path).await.is(404);
    // The same address is another matter for another sender.
    assert_eq!(ben.suppresses("tom@example.com").await, id);
    ben.delete(&path).await.is(204);
    assert_eq!(lena.get(SUPPRESSIONS).await.is(200).json["suppressions"], made);
}

#[tokio::test]
async fn what_is_no_address_and_no_note_is_named_and_nothing_is_kept() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    for (field, said) in [
        ("address", json!({ "address": "tom" })),
        (
            "address",
            json!({ "address": "tom@example.com\r\nBcc: x@example.com" }),
        ),
        ("address", json!({ "note": "x" })),
        (
            "note",
            json!({ "address": "tom@example.com", "note": "x".repeat(201) }),
        ),
        ("note", json!({ "address": "tom@example.com", "note": "a\nb" })),
        (
            "reason",
            json!({ "address": "tom@example.com", "reason": "complaint" }),
        ),
    ] {
        let refused = lena.post(SUPPRESSIONS, &said).await;
        assert_eq!(
            refused.is(400).json["errors"][0]["field"],
            field,
            "{}",
            refused.text
        );
    }
    lena.get(&format!("{SUPPRESSIONS}?limit=101")).await.is(400);
    lena.delete(&format!("{SUPPRESSIONS}/supp_1")).await.is(404);
    assert_eq!(lena.get(SUPPRESSIONS).await.is(200).json["total"], 0);
    let rita = system.person("rita").await;
    rita.get(SUPPRESSIONS).await.is(403);
}
