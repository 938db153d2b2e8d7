//! Templates: made, shown, changed, copied, deleted; nobody's but their author's.

use futures::future::join_all;
use serde_json::{Value, json};
use tests::template::{READY_MADE, TEMPLATES, template};
use tests::{Person, System};

async fn count(person: &Person<'_>) -> (u64, usize) {
    let partition = format!("USER#{}", person.id);
    let snapshot = person.system.snapshot().await.of_partition(&partition);
    let account = snapshot.item(&partition, "ACCOUNT").expect("an account");
    let counted = account["usage"]["templates"].as_u64().expect("a count");
    (counted, snapshot.of("Template").len())
}

#[tokio::test]
async fn a_template_is_made_shown_changed_and_deleted() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let made = lena.post(TEMPLATES, &template("Stay")).await.is(201).json.clone();
    let path = format!("{TEMPLATES}/{}", made["id"].as_str().unwrap());
    assert_eq!(
        made["tokens"],
        json!(["tenant_name", "unit_number", "offered_rent"])
    );
    assert_eq!((&made["version"], &made["readyMade"]), (&json!(1), &json!(false)));
    assert_eq!(
        (&made["usageCount"], &made["successRate"]),
        (&json!(0), &Value::Null)
    );
    assert_eq!(lena.get(&path).await.is(200).json, made);

    // Another name is no other wording.
    let named = lena.patch(&path, &json!({ "name": "Do stay" })).await;
    assert_eq!(
        (named.text_at("/name"), &named.json["version"]),
        ("Do stay", &json!(1))
    );
    let worded = lena
        .patch(&path, &json!({ "body": "{{savings}}" }))
        .await
        .is(200)
        .json
        .clone();
    assert_eq!(worded["version"], 2);
    assert_eq!(worded["tokens"], json!(["unit_number", "savings"]));
    assert_eq!(worded["subject"], made["subject"]);
    assert_eq!(lena.get(&path).await.is(200).json, worded);

    lena.delete(&path).await.is(204);
    for gone in [
        lena.get(&path).await,
        lena.delete(&path).await,
        lena.patch(&path, &json!({})).await,
    ] {
        assert_eq!(gone.is(404).text_at("/detail"), "There is no such template.");
    }
    assert_eq!(count(&lena).await, (0, 0));
}

#[tokio::test]
async fn what_is_wrong_with_a_template_is_named_and_nothing_is_saved() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let id = lena.makes_template("Stay").await;
    let megabyte = "x".repeat(1024 * 1024);
    for (field, value, told) in [
        (
            "body",
            json!("Hi {{tenant_nam}}"),
            "line 1, column 4: {{tenant_nam}} is no token; did you mean {{tenant_name}}?",
        ),
        (
            "subject",
            json!("{{{tenant_name}}}"),
            "column 1: a token stands between two pairs of braces",
        ),
        (
            "subject",
            json!("Hello\r\nBcc: x@example.com"),
            "must be one line",
        ),
        ("body", json!("[x](javascript:alert)"), "must begin with https://"),
        ("body", json!(" \n "), "must not be empty"),
        (
            "body",
            json!("x".repeat(20_001)),
            "must be at most 20000 characters long",
        ),
        ("name", json!("a\nb"), "must be 1 to 200 characters long"),
        ("category", json!("party"), "unknown variant"),
        ("colour", json!("red"), "is not a field"),
    ] {
        let mut said = template("Other");
        said[field] = value.clone();
        let refused = lena.post(TEMPLATES, &said).await;
        let changed = lena
            .patch(&format!("{TEMPLATES}/{id}"), &json!({ field: value }))
            .await;
        for answer in [refused, changed] {
            let error = &answer.is(400).json["errors"][0];
            assert_eq!(error["field"], field, "{}", answer.text);
            assert!(
                error["message"].as_str().unwrap().contains(told),
                "{}",
                answer.text
            );
        }
    }
    let mut said = template("Other");
    said["body"] = megabyte.into();
    let large = lena.post(TEMPLATES, &said).await;
    assert!(
        large.is(413).text_at("/detail").contains("65536 bytes"),
        "{}",
        large.text
    );
    for field in ["name", "category", "subject", "body"] {
        let taken = lena
            .patch(&format!("{TEMPLATES}/{id}"), &json!({ field: null }))
            .await;
        assert_eq!(taken.is(400).text_at("/errors/0/field"), field);
    }
    assert_eq!(count(&lena).await, (1, 1));
}

#[tokio::test]
async fn those_of_the_product_are_shown_and_copied_and_changed_by_nobody() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let path = format!("{TEMPLATES}/{READY_MADE}");
    let ready = lena.get(&path).await.is(200).json.clone();
    assert_eq!(
        (&ready["readyMade"], &ready["name"]),
        (&json!(true), &json!("Renewal offer"))
    );
    for refused in [
        lena.patch(&path, &json!({ "name": "Mine" })).await,
        lena.delete(&path).await,
    ] {
        assert_eq!(refused.is(403).text_at("/code"), "ready_made");
    }
    let copy = lena
        .post_nothing(&format!("{path}/duplicate"))
        .await
        .is(201)
        .json
        .clone();
    assert_eq!(
        (&copy["readyMade"], &copy["name"]),
        (&json!(false), &json!("Copy of Renewal offer"))
    );
    for same in ["category", "subject", "body", "tokens"] {
        assert_eq!(copy[same], ready[same], "{same}");
    }
    let copied = format!("{TEMPLATES}/{}", copy["id"].as_str().unwrap());
    lena.patch(&copied, &json!({ "name": "Mine" })).await.is(200);
    let again = lena.post_nothing(&format!("{copied}/duplicate")).await;
    assert_eq!(again.is(201).text_at("/name"), "Copy of Mine");
    assert_eq!(count(&lena).await, (2, 2));
}

#[tokio::test]
async fn a_template_made_twice_under_one_key_is_one() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let made = join_all((0..5).map(|_| {
        let request = lena.request("POST", TEMPLATES).json(&template("Stay"));
        system.send(request.header("idempotency-key", "one"))
    }));
    let made = made.await;
    for answer in &made {
        assert_eq!(answer.is(201).json, made[0].json);
    }
    assert_eq!(count(&lena).await, (1, 1));
}

#[tokio::test]
async fn a_person_has_a_hundred_templates_and_no_more_however_many_come_at_once() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    for number in 0..95 {
        lena.makes_template(&format!("Stay {number}")).await;
    }
    let at_once = join_all((0..10).map(|_| async { lena.post(TEMPLATES, &template("More")).await }));
    let answers = at_once.await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 5);
    let refused = answers.iter().find(|answer| answer.status != 201).unwrap();
    assert_eq!(refused.is(409).text_at("/code"), "too_many_templates");
    assert_eq!(count(&lena).await, (100, 100));
    let newest = lena.get(&format!("{TEMPLATES}?readyMade=false&limit=1")).await;
    let newest = format!("{TEMPLATES}/{}", newest.is(200).text_at("/templates/0/id"));
    lena.delete(&newest).await.is(204);
    lena.makes_template("In its place").await;
}

#[tokio::test]
async fn of_changes_at_once_each_is_made_and_none_is_lost() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let path = format!("{TEMPLATES}/{}", lena.makes_template("Stay").await);
    let (name, body) = (json!({ "name": "Named" }), json!({ "body": "Worded" }));
    let (named, worded) = tokio::join!(lena.patch(&path, &name), lena.patch(&path, &body));
    named.is(200);
    worded.is(200);
    let now = lena.get(&path).await.is(200).json.clone();
    assert_eq!(
        (&now["name"], &now["body"], &now["version"]),
        (&json!("Named"), &json!("Worded"), &json!(2))
    );
}

#[tokio::test]
async fn a_template_is_nobodys_but_its_authors() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let nina = system.landlord("nina").await;
    let path = format!("{TEMPLATES}/{}", lena.makes_template("Stay").await);
    let before = system.snapshot().await.of_partition(&format!("USER#{}", lena.id));
    for foreign in [
        nina.get(&path).await,
        nina.patch(&path, &json!({ "name": "Mine" })).await,
        nina.delete(&path).await,
        nina.post(&format!("{path}/preview"), &json!({})).await,
        nina.post_nothing(&format!("{path}/duplicate")).await,
    ] {
        assert_eq!(foreign.is(404).text_at("/detail"), "There is no such template.");
    }
    let list = nina.get(&format!("{TEMPLATES}?readyMade=false")).await;
    assert_eq!(list.is(200).json["templates"], json!([]));
    assert_eq!(
        system.snapshot().await.of_partition(&format!("USER#{}", lena.id)),
        before
    );
}

#[tokio::test]
async fn who_mails_nobody_has_no_templates() {
    let system = System::start().await;
    let rita = system.person("rita").await;
    for refused in [
        rita.get(TEMPLATES).await,
        rita.post(TEMPLATES, &template("Mine")).await,
    ] {
        assert_eq!(refused.is(403).text_at("/code"), "wrong_role");
    }
    rita.patch("/api/auth/user-type", &json!({ "userType": "agent" }))
        .await
        .is(200);
    rita.makes_template("Mine").await;
}

#[tokio::test]
async fn templates_are_in_a_copy_of_ones_data_and_go_with_the_account() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    lena.makes_template("Stay").await;
    let copy = lena.fetch(&lena.export().await).await;
    assert_eq!(copy["emailTemplates"][0]["details"]["name"], "Stay");
    lena.leave().await;
    system.erased(&lena.id).await;
    let left = system.snapshot().await;
    assert!(left.of("Template").is_empty());
}
