//! `/api/landlord/analytics/competition`: what competitors ask, beside what own homes do; and the list of properties of a set.

use serde_json::{Value, json};
use tests::landlord::PROPERTIES;
use tests::{Person, System};

use super::{at, property_of};

const COMPETITION: &str = "/api/landlord/analytics/competition";

async fn let_for(landlord: &Person<'_>, name: &str, rent: u32, bedrooms: u32) -> String {
    let said = json!({
        "name": name, "address": "12 Elm St", "city": "Atlanta", "state": "GA", "currentRent": rent, "bedrooms": bedrooms,
    });
    let entered = landlord.post(PROPERTIES, &said).await;
    entered.is(201).text_at("/id").to_owned()
}

async fn ask(landlord: &Person<'_>, query: &str) -> Value {
    let answer = landlord.get(&format!("{COMPETITION}{query}")).await;
    assert_eq!(answer.is(200).calls(), 2, "{}", answer.header("x-cost"));
    answer.json
}

#[tokio::test]
async fn own_homes_stand_beside_what_competitors_ask() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let empty = ask(&lena, "").await;
    assert_eq!(
        (&empty["own"], &empty["percentile"], &empty["byBedroom"]),
        (&json!({ "count": 0, "avgRent": null }), &Value::Null, &json!([]))
    );
    assert_eq!(empty["insights"].as_array().unwrap().len(), 2);

    let elm = let_for(&lena, "Elm", 1800, 2).await;
    let_for(&lena, "Oak", 1000, 1).await;
    let (one, other) = (
        lena.makes_set("One", &[&elm]).await,
        lena.makes_set("Other", &[]).await,
    );
    for (set, address, rent, bedrooms) in [
        (&one, "1 Ash St", 1400, 2),
        (&one, "2 Ash St", 1500, 2),
        (&other, "3 Ash St", 1600, 2),
        (&other, "4 Ash St", 900, 1),
    ] {
        let known = json!({ "currentRent": rent, "bedrooms": bedrooms });
        lena.enters(set, address, &known).await.is(201);
    }
    lena.enters(&one, "5 Ash St", &json!({})).await.is(201);
    let all = ask(&lena, "").await;
    assert_eq!(all["own"], json!({ "count": 2, "avgRent": 1400.0 }));
    assert_eq!(
        all["competitors"],
        json!({ "count": 4, "avgRent": 1350.0, "medianRent": 1450.0, "minRent": 900.0, "maxRent": 1600.0 })
    );
    assert_eq!(
        (&all["positioning"], &all["variance"]),
        (&json!("at_market"), &json!(50.0))
    );
    let by_bedroom: Vec<_> = all["byBedroom"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["bedrooms"])
        .collect();
    assert_eq!(by_bedroom, [1, 2]);

    let two = ask(&lena, "?bedrooms=2&radius=5").await;
    assert_eq!(two["own"], json!({ "count": 1, "avgRent": 1800.0 }));
    assert_eq!(
        (&two["competitors"]["count"], &two["percentile"]),
        (&json!(3), &json!(100))
    );
    assert_eq!(
        (&two["positioning"], &two["variancePercent"]),
        (&json!("above_market"), &json!(20.0))
    );
    assert_eq!(
        two["insights"],
        json!(["$1,800 is 20 % above what others ask: $1,500 on the mean, of 3 competitors."])
    );
    let of_elm = ask(&lena, &format!("?propertyId={elm}")).await;
    assert_eq!(
        (&of_elm["propertyId"], &of_elm["bedrooms"]),
        (&json!(elm), &json!(2))
    );
    assert_eq!(of_elm["variance"], 300.0);

    // What changes is told at once.
    lena.patch(&at(&elm), &json!({ "currentRent": 1500 }))
        .await
        .is(200);
    assert_eq!(ask(&lena, "?bedrooms=2").await["positioning"], "at_market");
    lena.patch(&at(&elm), &json!({ "bedrooms": 1 })).await.is(200);
    assert_eq!(
        ask(&lena, "?bedrooms=1").await["own"],
        json!({ "count": 2, "avgRent": 1250.0 })
    );
    lena.delete(&at(&elm)).await.is(204);
    assert_eq!(
        ask(&lena, "").await["own"],
        json!({ "count": 1, "avgRent": 1000.0 })
    );
    lena.delete(&one).await.is(204);
    assert_eq!(ask(&lena, "").await["competitors"]["avgRent"], 1250.0);
    let nina = system.landlord("nina").await;
    assert_eq!(ask(&nina, "").await["competitors"]["count"], 0);
}

#[tokio::test]
async fn a_property_of_nobodys_or_of_somebody_elses_is_not_compared() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let nina = system.landlord("nina").await;
    let foreign = property_of(&nina, "Oak").await;
    for id in [foreign.as_str(), "prop_01JD3X6Q8TKH5T0R4M2N6W9YBC"] {
        lena.get(&format!("{COMPETITION}?propertyId={id}"))
            .await
            .is_problem(404, "not_found");
    }
    for (query, field) in [
        ("propertyId=elm", "propertyId"),
        ("bedrooms=-1", "bedrooms"),
        ("radius=far", "radius"),
        ("city=x", "city"),
    ] {
        lena.get(&format!("{COMPETITION}?{query}"))
            .await
            .is(400)
            .names(field);
    }
    let rita = system.person("rita").await;
    rita.get(COMPETITION).await.is_problem(403, "wrong_role");
    system.get(COMPETITION).await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn the_figures_cost_the_same_however_many_there_are() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let path = lena.makes_set("Midtown", &[]).await;
    lena.enters(&path, "0 Oak Ave", &json!({ "currentRent": 1000 }))
        .await
        .is(201);
    let before = lena.get(COMPETITION).await.header("x-cost").to_owned();
    for number in 1..40 {
        let known = json!({ "currentRent": 1000 + 30 * number, "bedrooms": number % 5 });
        lena.enters(&path, &format!("{number} Oak Ave"), &known)
            .await
            .is(201);
    }
    let after = lena.get(COMPETITION).await;
    assert_eq!(after.is(200).header("x-cost"), before);
    assert_eq!(after.json["competitors"]["count"], 40);
}

async fn listed(landlord: &Person<'_>, query: &str) -> (Vec<String>, Option<String>) {
    let list = landlord.get(&format!("{PROPERTIES}?{query}")).await;
    let properties = list.is(200).json["properties"].as_array().unwrap().iter();
    let names = properties
        .map(|it| it["name"].as_str().unwrap().to_owned())
        .collect();
    (names, list.json["nextCursor"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn properties_are_listed_by_the_set_that_they_are_in() {
    let system = System::start().await;
    let lena = super::with_a_hundred(&system, "lena").await;
    let mut ids = Vec::new();
    for (name, rent) in [("Elm", 1500), ("Oak", 1200), ("Ash", 1800), ("Fir", 1000)] {
        ids.push(let_for(&lena, name, rent, 2).await);
    }
    let set = lena.makes_set("Three", &[&ids[2], &ids[0], &ids[1]]).await;
    let id = set.rsplit('/').next().unwrap();
    let of_set = format!("competitionSetId={id}");
    assert_eq!(listed(&lena, &of_set).await.0, ["Ash", "Oak", "Elm"]);
    assert_eq!(
        listed(&lena, &format!("{of_set}&sortBy=name")).await.0,
        ["Ash", "Elm", "Oak"]
    );
    assert_eq!(
        listed(&lena, &format!("{of_set}&sortBy=targetRent&sortOrder=desc"))
            .await
            .0,
        ["Ash", "Elm", "Oak"]
    );
    assert_eq!(
        listed(&lena, &format!("{of_set}&city=atl&status=vacant"))
            .await
            .0
            .len(),
        3
    );
    assert_eq!(
        listed(&lena, &format!("{of_set}&status=occupied")).await.0.len(),
        0
    );
    let (first, next) = listed(&lena, &format!("{of_set}&sortBy=name&limit=2")).await;
    assert_eq!(first, ["Ash", "Elm"]);
    let next = next.unwrap();
    let second = listed(&lena, &format!("{of_set}&sortBy=name&limit=2&cursor={next}")).await;
    assert_eq!(second, (vec!["Oak".to_owned()], None));
    // A cursor is good for one set.
    let other = lena.makes_set("None", &[]).await;
    let none = other.rsplit('/').next().unwrap();
    lena.get(&format!(
        "{PROPERTIES}?competitionSetId={none}&sortBy=name&limit=2&cursor={next}"
    ))
    .await
    .is_problem(400, "invalid_request");

    lena.delete(&at(&ids[0])).await.is(204);
    assert_eq!(listed(&lena, &of_set).await.0, ["Ash", "Oak"]);
    lena.post_nothing(&format!("{}/restore", at(&ids[0])))
        .await
        .is(200);
    assert_eq!(listed(&lena, &of_set).await.0, ["Ash", "Oak", "Elm"]);

    // Of an empty set, of one that is not there and of somebody else's there are none.
    let nina = system.landlord("nina").await;
    let foreign = nina.makes_set("Hers", &[]).await;
    for set in [
        none,
        "set_01JD3X6Q8TKH5T0R4M2N6W9YBC",
        foreign.rsplit('/').next().unwrap(),
    ] {
        let list = lena.get(&format!("{PROPERTIES}?competitionSetId={set}")).await;
        assert_eq!(
            list.is(200).json,
            json!({ "properties": [], "total": 0, "nextCursor": null })
        );
    }
    lena.get(&format!("{PROPERTIES}?competitionSetId=three"))
        .await
        .is(400)
        .names("competitionSetId");
}
