//! The list: those of the product, then one's own, page by page.

use domain::template::Category;
use serde_json::Value;
use tests::template::TEMPLATES;
use tests::{Person, System};

/// The names of a whole list, in pages of so many, each of which reads no more than three times.
async fn names(person: &Person<'_>, query: &str, limit: u8) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = person
            .get(&format!("{TEMPLATES}?{query}&limit={limit}{cursor}"))
            .await;
        let templates = page.is(200).json["templates"].as_array().unwrap();
        assert!(
            templates.len() <= usize::from(limit) && page.calls() <= 3,
            "{}",
            page.text
        );
        let named = templates
            .iter()
            .map(|template| template["name"].as_str().unwrap().to_owned());
        all.extend(named);
        match page.json["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

#[tokio::test]
async fn the_list_has_each_template_once_however_it_is_paged() {
    const READY: [&str; 6] = [
        "Renewal offer",
        "Renewal reminder",
        "Counter-offer",
        "Offer accepted",
        "Answer to a request",
        "Maintenance visit",
    ];
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    assert_eq!(names(&lena, "", 50).await, READY);
    for (number, category) in [Category::Renewal, Category::Offer, Category::Renewal]
        .into_iter()
        .enumerate()
    {
        lena.makes_template_of(&format!("Own {number}"), category)
            .await
            .is(201);
        system.advance("PT1S").await;
    }
    let own = ["Own 2", "Own 1", "Own 0"];
    let all = [&READY[..], &own[..]].concat();
    for limit in [1, 2, 3, 5, 6, 7, 8, 9, 10, 100] {
        assert_eq!(names(&lena, "", limit).await, all, "{limit}");
        assert_eq!(names(&lena, "readyMade=true", limit).await, READY, "{limit}");
        assert_eq!(names(&lena, "readyMade=false", limit).await, own, "{limit}");
        assert_eq!(
            names(&lena, "category=renewal", limit).await,
            ["Renewal offer", "Renewal reminder", "Own 2", "Own 0"],
            "{limit}"
        );
        assert_eq!(
            names(&lena, "category=maintenance", limit).await,
            ["Maintenance visit"],
            "{limit}"
        );
    }
}

#[tokio::test]
async fn the_total_is_that_of_all_pages() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    lena.makes_template("Own").await;
    for (query, total) in [
        ("", Value::from(7)),
        ("?limit=1", 7.into()),
        ("?readyMade=true", 6.into()),
        ("?readyMade=false", 1.into()),
        ("?category=renewal", 3.into()),
        ("?category=renewal&limit=1", Value::Null),
    ] {
        let page = lena.get(&format!("{TEMPLATES}{query}")).await;
        assert_eq!(page.is(200).json["total"], total, "{query}");
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_alone() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let nina = system.landlord("nina").await;
    let page = lena.get(&format!("{TEMPLATES}?limit=1")).await;
    let cursor = page.is(200).text_at("/nextCursor").to_owned();
    lena.get(&format!("{TEMPLATES}?limit=2&cursor={cursor}"))
        .await
        .is(200);
    lena.get(&format!("{TEMPLATES}?category=offer&cursor={cursor}"))
        .await
        .is(400);
    nina.get(&format!("{TEMPLATES}?limit=1&cursor={cursor}"))
        .await
        .is(400);
}

#[tokio::test]
async fn the_tokens_are_listed_with_what_they_stand_for() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let tokens = lena.get(&format!("{TEMPLATES}/tokens")).await;
    let tokens = tokens.is(200).json["tokens"].as_array().unwrap();
    assert_eq!(tokens.len(), 21);
    assert_eq!(tokens[0]["name"], "tenant_name");
    assert!(
        tokens
            .iter()
            .all(|token| token["description"].is_string() && token["sample"].is_string())
    );
}
