//! Sets: made, listed, shown, changed, deleted; nobody's but their landlord's.

use futures::future::join_all;
use serde_json::{Value, json};
use tests::competition::{SETS, set};
use tests::landlord::property;
use tests::{Person, System};

use super::{at, counted_and_there, own_in, property_of, put};

async fn names(landlord: &Person<'_>, query: &str) -> (Vec<String>, Option<String>) {
    let list = landlord.get(&format!("{SETS}{query}")).await;
    let sets = list.is(200).json["sets"].as_array().unwrap().iter();
    let names = sets.map(|set| set["name"].as_str().unwrap().to_owned()).collect();
    (names, list.json["nextCursor"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn a_set_is_made_shown_changed_and_deleted() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let (elm, oak) = (property_of(&lena, "Elm").await, property_of(&lena, "Oak").await);
    let made = lena.post(SETS, &set("Midtown", &[&elm, &elm])).await;
    let made = made.is(201).json.clone();
    assert_eq!(made["ownPropertyIds"], json!([elm]));
    assert_eq!(
        (
            &made["description"],
            &made["alertsEnabled"],
            &made["competitorCount"]
        ),
        (&json!(""), &json!(true), &json!(0))
    );
    let path = format!("{SETS}/{}", made["id"].as_str().unwrap());
    let mut whole = made.clone();
    whole["competitors"] = json!([]);
    assert_eq!(lena.get(&path).await.is(200).json, whole);

    system.advance("PT1M").await;
    let change = json!({ "name": "Downtown", "ownPropertyIds": [elm, oak] });
    let changed = lena.patch(&path, &change).await.is(200).json.clone();
    assert_eq!(
        (&changed["name"], &changed["ownPropertyIds"]),
        (&json!("Downtown"), &json!([elm, oak]))
    );
    assert_eq!(
        (&changed["alertsEnabled"], &changed["createdAt"]),
        (&json!(true), &made["createdAt"])
    );
    assert_ne!(changed["updatedAt"], made["updatedAt"]);
    // Nothing to change is no change.
    assert_eq!(lena.patch(&path, &json!({})).await.is(200).json, changed);
    let taken = lena
        .patch(&path, &json!({ "description": null, "alertsEnabled": null }))
        .await;
    assert_eq!(taken.is(200).json["description"], Value::Null);
    assert_eq!(taken.json["alertsEnabled"], false);
    // What is not named is taken away.
    let replaced = put(
        &lena,
        &path,
        &json!({ "name": "Uptown", "description": "North\nof it" }),
    )
    .await;
    assert_eq!(replaced.is(200).json["ownPropertyIds"], json!([]));
    assert_eq!(replaced.text_at("/description"), "North\nof it");
    assert_eq!(counted_and_there(&lena).await, (1, 0));

    lena.enters(&path, "1 Oak Ave", &json!({ "currentRent": 1500 }))
        .await
        .is(201);
    lena.delete(&path).await.is(204);
    for gone in [
        lena.get(&path).await,
        lena.delete(&path).await,
        lena.patch(&path, &json!({})).await,
        put(&lena, &path, &set("Back", &[])).await,
        lena.enters(&path, "1 Oak Ave", &json!({})).await,
    ] {
        assert_eq!(
            gone.is(404).text_at("/detail"),
            "There is no such competition set."
        );
    }
    assert_eq!(counted_and_there(&lena).await, (0, 0));
}

#[tokio::test]
async fn the_list_has_the_set_that_changed_last_first_and_each_once_however_it_is_paged() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    assert_eq!(
        lena.get(SETS).await.is(200).json,
        json!({ "sets": [], "total": 0, "nextCursor": null })
    );
    let mut paths = Vec::new();
    for number in 0..5 {
        system.advance("PT1M").await;
        paths.push(lena.makes_set(&format!("Set {number}"), &[]).await);
    }
    system.advance("PT1M").await;
    lena.patch(&paths[1], &json!({ "name": "Changed" })).await.is(200);
    system.advance("PT1M").await;
    lena.enters(&paths[3], "1 Oak Ave", &json!({})).await.is(201);
    let all = ["Set 3", "Changed", "Set 4", "Set 2", "Set 0"];
    assert_eq!(names(&lena, "").await, (all.map(str::to_owned).to_vec(), None));
    let mut paged = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let (some, next) = names(&lena, &query).await;
        assert!(some.len() <= 2);
        paged.extend(some);
        let Some(next) = next else { break };
        query = format!("?limit=2&cursor={next}");
    }
    assert_eq!(paged, all);
    let list = lena.get(SETS).await;
    assert_eq!(
        (&list.json["total"], &list.json["sets"][0]["competitorCount"]),
        (&json!(5), &json!(1))
    );
    assert_eq!(list.calls(), 2, "{}", list.header("x-cost"));
    let nina = system.landlord("nina").await;
    let (_, next) = names(&lena, "?limit=2").await;
    nina.get(&format!("{SETS}?cursor={}", next.unwrap()))
        .await
        .is_problem(400, "invalid_request");
    for (query, field) in [
        ("?limit=0", "limit"),
        ("?limit=101", "limit"),
        ("?offset=1", "offset"),
        ("?cursor=x", "cursor"),
    ] {
        lena.get(&format!("{SETS}{query}")).await.is(400).names(field);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_set_is_named_and_nothing_is_saved() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let elm = property_of(&lena, "Elm").await;
    let path = lena.makes_set("Midtown", &[&elm]).await;
    for (field, value, named, told) in [
        ("name", json!(""), "name", "must be 1 to 255 characters long"),
        (
            "name",
            json!("x".repeat(256)),
            "name",
            "must be 1 to 255 characters long",
        ),
        ("name", json!(7), "name", "invalid type"),
        (
            "description",
            json!("x".repeat(1001)),
            "description",
            "at most 1000 characters",
        ),
        (
            "ownPropertyIds",
            json!(vec![&elm; 51]),
            "ownPropertyIds",
            "at most 50 entries",
        ),
        (
            "ownPropertyIds",
            json!([elm, "elm"]),
            "ownPropertyIds[1]",
            "must be an id such as prop_",
        ),
        ("ownPropertyIds", json!("elm"), "ownPropertyIds", "invalid type"),
        ("alertsEnabled", json!("yes"), "alertsEnabled", "invalid type"),
        ("colour", json!("red"), "colour", "is not a field"),
    ] {
        let mut said = set("Other", &[&elm]);
        said[field] = value.clone();
        for refused in [
            lena.post(SETS, &said).await,
            put(&lena, &path, &said).await,
            lena.patch(&path, &json!({ field: value })).await,
        ] {
            let error = &refused.is(400).json["errors"][0];
            assert_eq!(error["field"], named, "{}", refused.text);
            assert!(
                error["message"].as_str().unwrap().contains(told),
                "{}",
                refused.text
            );
        }
    }
    let without = json!({ "alertsEnabled": true });
    lena.post(SETS, &without).await.is(400).names("name");
    put(&lena, &path, &without).await.is(400).names("name");
    lena.patch(&path, &json!({ "name": null }))
        .await
        .is(400)
        .names("name");
    assert_eq!(counted_and_there(&lena).await, (1, 0));
    assert_eq!(lena.get(&path).await.is(200).text_at("/name"), "Midtown");
}

#[tokio::test]
async fn only_ones_own_properties_are_in_a_set_and_another_is_named_by_its_place() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let nina = system.landlord("nina").await;
    let (elm, foreign) = (property_of(&lena, "Elm").await, property_of(&nina, "Oak").await);
    let absent = "prop_01JD3X6Q8TKH5T0R4M2N6W9YBC";
    let gone = property_of(&lena, "Ash").await;
    lena.delete(&at(&gone)).await.is(204);
    let path = lena.makes_set("Midtown", &[&elm]).await;
    let before = system.snapshot().await;
    for other in [foreign.as_str(), absent, gone.as_str()] {
        let said = set("Other", &[&elm, other]);
        for refused in [
            lena.post(SETS, &said).await,
            put(&lena, &path, &said).await,
            lena.patch(&path, &json!({ "ownPropertyIds": [elm, other] }))
                .await,
        ] {
            let errors = json!([{ "field": "ownPropertyIds[1]", "message": "is none of your properties" }]);
            assert_eq!(refused.is(400).json["errors"], errors);
        }
    }
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn a_set_is_nobodys_but_its_landlords() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let nina = system.landlord("nina").await;
    let path = lena.makes_set("Midtown", &[]).await;
    let competitor = lena.enters(&path, "1 Oak Ave", &json!({})).await;
    let competitor = format!("{path}/competitors/{}", competitor.is(201).text_at("/id"));
    let others = nina.makes_set("Mine", &[]).await;
    let before = system.snapshot().await.of_partition(&format!("USER#{}", lena.id));
    for foreign in [
        nina.get(&path).await,
        nina.patch(&path, &json!({ "name": "Mine" })).await,
        put(&nina, &path, &set("Mine", &[])).await,
        nina.delete(&path).await,
        nina.enters(&path, "2 Oak Ave", &json!({})).await,
        nina.delete(&competitor).await,
        // Nor is one of another set found in one's own.
        nina.delete(&format!(
            "{others}/competitors/{}",
            competitor.rsplit('/').next().unwrap()
        ))
        .await,
        nina.get(&format!("{SETS}/set_1")).await,
        nina.delete(&format!("{others}/competitors/comp_1")).await,
    ] {
        foreign.is_problem(404, "not_found");
    }
    assert_eq!(names(&nina, "").await.0, ["Mine"]);
    system
        .snapshot()
        .await
        .of_partition(&format!("USER#{}", lena.id))
        .is_unchanged_since(&before);
    let rita = system.person("rita").await;
    for refused in [
        rita.get(SETS).await,
        rita.post(SETS, &set("Mine", &[])).await,
        rita.get(&path).await,
        rita.delete(&path).await,
    ] {
        refused.is_problem(403, "wrong_role");
    }
    for refused in [system.get(SETS).await, system.get(&path).await] {
        refused.is_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_set_made_twice_under_one_key_is_one() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let elm = property_of(&lena, "Elm").await;
    let made = join_all((0..5).map(|_| {
        let request = lena.request("POST", SETS).json(&set("Midtown", &[&elm]));
        system.send(request.header("idempotency-key", "one"))
    }));
    let made = made.await;
    for answer in &made {
        assert_eq!(answer.is(201).json, made[0].json);
    }
    assert_eq!(counted_and_there(&lena).await, (1, 0));
    let other = lena.request("POST", SETS).json(&set("Other", &[]));
    let other = system.send(other.header("idempotency-key", "one")).await;
    assert_eq!(other.status, 422, "{}", other.text);
}

#[tokio::test]
async fn a_landlord_has_fifty_sets_and_no_more_however_many_come_at_once() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    for number in 0..45 {
        lena.makes_set(&format!("Set {number}"), &[]).await;
    }
    let body = set("More", &[]);
    let answers = join_all((0..10).map(|_| lena.post(SETS, &body))).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 5);
    let refused = answers.iter().find(|answer| answer.status != 201).unwrap();
    refused
        .is_problem(409, "too_many_competition_sets")
        .says("50 competition sets");
    assert_eq!(counted_and_there(&lena).await, (50, 0));
    let list = lena.get(SETS).await;
    assert_eq!(
        (&list.json["total"], &list.json["nextCursor"]),
        (&json!(50), &Value::Null)
    );
    let last = format!("{SETS}/{}", list.text_at("/sets/49/id"));
    lena.delete(&last).await.is(204);
    lena.makes_set("In its place", &[]).await;
}

#[tokio::test]
async fn of_changes_at_once_each_is_made_and_none_is_lost() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let path = lena.makes_set("Midtown", &[]).await;
    let (name, alerts) = (json!({ "name": "Named" }), json!({ "alertsEnabled": false }));
    let oak = json!({});
    let (named, silenced, entered) = tokio::join!(
        lena.patch(&path, &name),
        lena.patch(&path, &alerts),
        lena.enters(&path, "1 Oak Ave", &oak),
    );
    named.is(200);
    silenced.is(200);
    entered.is(201);
    let now = lena.get(&path).await;
    assert_eq!(
        (
            &now.json["name"],
            &now.json["alertsEnabled"],
            &now.json["competitorCount"]
        ),
        (&json!("Named"), &json!(false), &json!(1))
    );
}

#[tokio::test]
async fn a_property_that_is_deleted_leaves_its_sets_and_is_back_when_it_is_restored() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let (elm, oak) = (property_of(&lena, "Elm").await, property_of(&lena, "Oak").await);
    let both = lena.makes_set("Both", &[&elm, &oak]).await;
    let one = lena.makes_set("One", &[&elm]).await;
    let none = lena.makes_set("None", &[]).await;
    lena.delete(&at(&elm)).await.is(204);
    assert_eq!(own_in(&lena, &both).await, json!([oak]));
    assert_eq!(own_in(&lena, &one).await, json!([]));
    counted_and_there(&lena).await;
    // What is changed meanwhile does not keep it away.
    lena.patch(&one, &json!({ "name": "Alone" })).await.is(200);
    lena.post_nothing(&format!("{}/restore", at(&elm))).await.is(200);
    assert_eq!(own_in(&lena, &both).await, json!([oak, elm]));
    assert_eq!(own_in(&lena, &one).await, json!([elm]));
    assert_eq!(own_in(&lena, &none).await, json!([]));
    counted_and_there(&lena).await;
    // Who was taken out by hand is not put back.
    lena.patch(&both, &json!({ "ownPropertyIds": [oak] }))
        .await
        .is(200);
    lena.delete(&at(&elm)).await.is(204);
    lena.post_nothing(&format!("{}/restore", at(&elm))).await.is(200);
    assert_eq!(own_in(&lena, &both).await, json!([oak]));
    assert_eq!(own_in(&lena, &one).await, json!([elm]));
}

#[tokio::test]
async fn a_property_that_is_deleted_while_it_is_put_into_sets_is_in_none() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    for round in 0..6 {
        let elm = property_of(&lena, "Elm").await;
        let said = set(&format!("Round {round}"), &[&elm]);
        let at_elm = at(&elm);
        let (deleted, first, second) = tokio::join!(
            lena.delete(&at_elm),
            lena.post(SETS, &said),
            lena.post(SETS, &said)
        );
        assert!([204, 503].contains(&deleted.status), "{}", deleted.text);
        for made in [first, second] {
            assert!([201, 400].contains(&made.status), "{}", made.text);
        }
        counted_and_there(&lena).await;
        if deleted.status == 503 {
            lena.delete(&at_elm).await.is(204);
            counted_and_there(&lena).await;
        }
    }
}

#[tokio::test]
async fn sets_are_in_a_copy_of_ones_data_and_go_with_the_account() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let path = lena.makes_set("Midtown", &[]).await;
    let id = path.rsplit('/').next().unwrap();
    lena.enters(&path, "1 Oak Ave", &json!({ "currentRent": 1500 }))
        .await
        .is(201);
    let copy = lena.fetch(&lena.export().await).await;
    assert_eq!(copy["competitionSets"][0]["details"]["name"], "Midtown");
    assert_eq!(copy["competitors"][0]["details"]["address"], "1 Oak Ave");
    assert_eq!(copy["competitors"][0]["set"], id);
    assert!(copy["competition"].is_object(), "{copy}");
    lena.leave().await;
    system.erased(&lena.id).await;
    let left = system.snapshot().await;
    for entity in ["CompetitionSet", "Competitor", "Competition"] {
        assert!(left.of(entity).is_empty(), "{entity}");
    }
}

#[tokio::test]
async fn what_stands_in_a_list_costs_the_same_with_many_competitors() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    lena.post("/api/landlord/properties", &property("Elm"))
        .await
        .is(201);
    let path = lena.makes_set("Midtown", &[]).await;
    lena.enters(&path, "0 Oak Ave", &json!({})).await.is(201);
    let before = lena.get(SETS).await.header("x-cost").to_owned();
    for number in 1..40 {
        let known = json!({ "currentRent": 1000 + number, "notes": "x".repeat(1000) });
        lena.enters(&path, &format!("{number} Oak Ave"), &known)
            .await
            .is(201);
    }
    assert_eq!(lena.get(SETS).await.is(200).header("x-cost"), before);
}
