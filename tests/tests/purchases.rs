//! `GET /api/purchases`

use serde_json::json;
use tests::{Answer, Outcome, Person, System};

fn ids(answer: &Answer) -> Vec<String> {
    let purchases = answer.is(200).json["purchases"].as_array().expect("a list");
    purchases
        .iter()
        .map(|purchase| purchase["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Begins purchases, and gives their ids, newest first.
async fn begin(person: &Person<'_>, count: usize) -> Vec<String> {
    let mut begun = Vec::new();
    for _ in 0..count {
        begun.insert(0, person.checkout("basic").await.purchase);
    }
    begun
}

#[tokio::test]
async fn who_has_bought_nothing_has_an_empty_list() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let answer = ana.get("/api/purchases").await;
    assert_eq!(
        answer.is(200).json,
        json!({ "purchases": [], "total": 0, "nextCursor": null })
    );
    system
        .get("/api/purchases")
        .await
        .is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_purchase_is_told_with_its_price_state_and_times() {
    let system = System::start().await;
    system.listing("1001").await;
    let ana = system.person("ana").await;
    let property = ana.buy_property("1001").await;
    let pro = ana.buy("pro", Outcome::Expired).await;
    let answer = ana.get("/api/purchases").await;
    let purchases = &answer.is(200).json["purchases"];
    let time = |position: usize, name: &str| -> jiff::Timestamp {
        purchases[position][name].as_str().unwrap().parse().unwrap()
    };
    assert_eq!(
        *purchases,
        json!([
            {
                "id": pro.purchase, "planId": "pro", "amount": 2999, "currency": "usd", "status": "expired",
                "propertyId": null, "createdAt": time(0, "createdAt"), "paidAt": null, "refundedAmount": 0,
            },
            {
                "id": property.purchase, "planId": "per_property", "amount": 199, "currency": "usd", "status": "paid",
                "propertyId": "1001", "createdAt": time(1, "createdAt"), "paidAt": time(1, "paidAt"),
                "refundedAmount": 0,
            },
        ])
    );
}

#[tokio::test]
async fn twenty_five_purchases_come_newest_first_page_by_page_each_once() {
    let system = System::start().await;
    let (ana, ben) = (system.person("ana").await, system.person("ben").await);
    begin(&ben, 2).await;
    let begun = begin(&ana, 25).await;
    let mut seen = Vec::new();
    let mut path = "/api/purchases?limit=10".to_owned();
    for expected in [10, 10, 5] {
        let page = ana.get(&path).await;
        assert_eq!(ids(&page).len(), expected);
        assert_eq!(page.json["total"], 25);
        seen.extend(ids(&page));
        path = match page.json["nextCursor"].as_str() {
            Some(cursor) => format!("/api/purchases?limit=10&cursor={cursor}"),
            None => String::new(),
        };
    }
    assert_eq!(path, "", "the last page has no next one");
    assert_eq!(seen, begun);
    assert_eq!(ids(&ana.get("/api/purchases").await), begun[..20]);
    assert_eq!(ids(&ana.get("/api/purchases?limit=100").await), begun);
    let exact = ana.get("/api/purchases?limit=25").await;
    assert_eq!(ids(&exact), begun);
}

#[tokio::test]
async fn a_purchase_that_is_begun_meanwhile_moves_no_page() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let begun = begin(&ana, 4).await;
    let page = ana.get("/api/purchases?limit=2").await;
    begin(&ana, 2).await;
    let next = ana
        .get(&format!(
            "/api/purchases?limit=2&cursor={}",
            page.text_at("/nextCursor")
        ))
        .await;
    assert_eq!(ids(&next), begun[2..]);
    assert_eq!(next.json["total"], 6);
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_only() {
    let system = System::start().await;
    let (ana, ben) = (system.person("ana").await, system.person("ben").await);
    begin(&ana, 3).await;
    begin(&ben, 3).await;
    let page = ana.get("/api/purchases?limit=1").await;
    let cursor = page.text_at("/nextCursor");
    let get = |person: &Person<'_>, cursor: &str| {
        let request = person
            .request("GET", "/api/purchases")
            .query(&[("cursor", cursor)]);
        system.send(request)
    };
    get(&ben, cursor)
        .await
        .is_problem(400, "invalid_request")
        .names("cursor");
    for position in 0..cursor.len() {
        let digit = if &cursor[position..=position] == "0" {
            "1"
        } else {
            "0"
        };
        let tampered = format!("{}{digit}{}", &cursor[..position], &cursor[position + 1..]);
        get(&ana, &tampered)
            .await
            .is_problem(400, "invalid_request")
            .names("cursor");
    }
    let last = ana.purchases().await[2]["id"].as_str().unwrap().to_owned();
    for made_up in [
        "",
        "x",
        &last,
        &cursor[2..],
        &format!("{cursor}00"),
        &"0".repeat(600),
        "💳",
    ] {
        get(&ana, made_up)
            .await
            .is_problem(400, "invalid_request")
            .names("cursor");
    }
    assert_eq!(
        get(&ana, cursor).await.is(200).json["purchases"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
}

#[tokio::test]
async fn a_page_has_one_to_a_hundred_purchases() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    for limit in ["0", "101", "256", "-1", "1.5", "ten", "", "99999999999999999999"] {
        let request = ana.request("GET", "/api/purchases").query(&[("limit", limit)]);
        system
            .send(request)
            .await
            .is_problem(400, "invalid_request")
            .names("limit");
    }
    for limit in ["1", "100"] {
        let request = ana.request("GET", "/api/purchases").query(&[("limit", limit)]);
        system.send(request).await.is(200);
    }
    ana.get("/api/purchases?offset=10")
        .await
        .is_problem(400, "invalid_request")
        .names("offset");
    ana.get("/api/purchases?limit=1&limit=2")
        .await
        .is_problem(400, "invalid_request")
        .says("limit");
}
