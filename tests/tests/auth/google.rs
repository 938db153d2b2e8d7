//! `POST /api/auth/google`

use futures::future::join_all;
use local::google::Wish;
use local::wire::faults::Kind;
use serde_json::{Map, Value, json};
use table::link::Purpose;
use tests::person::PASSWORD;
use tests::{Answer, Person, System};

fn somebody(email: &str) -> Wish {
    Wish {
        email: email.to_owned(),
        ..Wish::default()
    }
}

fn one(name: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), value)])
}

async fn visit(system: &System, wish: &Wish) -> Answer {
    let credential = system.google_credential(wish);
    system
        .post("/api/auth/google", &json!({ "credential": credential }))
        .await
}

async fn visit_with(system: &System, wish: &Wish, more: Value) -> Answer {
    let mut body = more;
    body["credential"] = json!(system.google_credential(wish));
    system.post("/api/auth/google", &body).await
}

#[tokio::test]
async fn google_opens_an_account_that_it_made() {
    let system = System::start().await;
    let wish = Wish {
        name: Some("Ana Maria".into()),
        ..somebody("Ana@gmail.com")
    };
    let first = visit(&system, &wish).await;
    super::is_a_user(&first.is(200).json["user"]);
    assert_eq!(first.json["user"]["name"], "Ana Maria");
    assert_eq!(first.json["user"]["emailVerified"], true);
    assert!(first.header("set-cookie").contains(first.text_at("/token")));
    let again = visit(&system, &somebody("ana@gmail.com")).await;
    assert_eq!(again.is(200).text_at("/user/id"), first.text_at("/user/id"));
    // There is no password that opens it, until its owner sets one.
    system.sign_in("ana@gmail.com", PASSWORD).await.is(401);
    let forgotten = json!({ "email": "ana@gmail.com" });
    system.post("/api/auth/forgot-password", &forgotten).await.is(202);
    let token = system
        .link_token(first.text_at("/user/id"), Purpose::ResetPassword)
        .await;
    let reset = json!({ "token": token, "password": PASSWORD });
    system.post("/api/auth/reset-password", &reset).await.is(200);
    system.sign_in("ana@gmail.com", PASSWORD).await.is(200);
    visit(&system, &somebody("ana@gmail.com")).await.is(200);
}

#[tokio::test]
async fn ten_visits_at_once_make_one_account() {
    let system = System::start().await;
    let wish = somebody("ana@gmail.com");
    let answers = join_all((0..10).map(|_| visit(&system, &wish))).await;
    assert!(answers.iter().any(|answer| answer.status == 200), "{answers:?}");
    for answer in &answers {
        assert!([200, 503].contains(&answer.status), "{answer:?}");
    }
    let snapshot = system.snapshot().await;
    assert_eq!(snapshot.of("Account").len(), 1);
    assert_eq!(snapshot.of("GoogleLogin").len(), 1);
}

#[tokio::test]
async fn a_confirmed_account_of_the_same_address_is_linked_and_keeps_its_password() {
    let system = System::start().await;
    let ana = Person::signed_in(&system, system.sign_up("ana@gmail.com").await.is(201));
    ana.confirm_email().await;
    let answer = visit(&system, &somebody("ana@gmail.com")).await;
    assert_eq!(answer.is(200).text_at("/user/id"), ana.id);
    ana.get("/api/auth/me").await.is(200);
    system.sign_in("ana@gmail.com", PASSWORD).await.is(200);
    let snapshot = system.snapshot().await;
    let told = snapshot.of("Event").into_iter();
    assert_eq!(told.filter(|event| event["type"] == "GoogleLinked").count(), 1);
}

#[tokio::test]
async fn an_unconfirmed_account_passes_to_the_owner_of_its_address() {
    let system = System::start().await;
    // Somebody registers Ana's address and waits, signed in, with a link to take the account along.
    let squatter = Person::signed_in(&system, system.sign_up("ana@gmail.com").await.is(201));
    let wish = json!({ "email": "squatter@example.com", "password": PASSWORD });
    squatter.post("/api/auth/change-email", &wish).await.is(202);
    let change = system.link_token(&squatter.id, Purpose::ChangeEmail).await;
    let answer = visit(&system, &somebody("ana@gmail.com")).await;
    assert_eq!(answer.is(200).json["user"]["emailVerified"], true);
    let ana = Person::signed_in(&system, &answer);
    squatter
        .get("/api/auth/me")
        .await
        .is_problem(401, "unauthenticated");
    system.sign_in("ana@gmail.com", PASSWORD).await.is(401);
    let used = json!({ "token": change });
    system
        .post("/api/auth/confirm-email-change", &used)
        .await
        .is_problem(404, "link_void");
    assert_eq!(ana.me().await["email"], "ana@gmail.com");
    visit(&system, &somebody("ana@gmail.com")).await.is(200);
}

#[tokio::test]
async fn where_google_does_not_run_the_mailbox_an_account_asks_for_its_password_once() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let wish = somebody(&ana.email);
    visit(&system, &wish).await.is_problem(401, "password_required");
    visit_with(&system, &wish, json!({ "password": "not my password" }))
        .await
        .is_problem(401, "invalid_credentials");
    let linked = visit_with(&system, &wish, json!({ "password": PASSWORD })).await;
    assert_eq!(linked.is(200).text_at("/user/id"), ana.id);
    visit(&system, &wish).await.is(200);
    // A domain that Google runs is as good as its own.
    let ben = system.person("ben").await;
    let hosted = Wish {
        claims: one("hd", json!("example.com")),
        ..somebody(&ben.email)
    };
    assert_eq!(visit(&system, &hosted).await.is(200).text_at("/user/id"), ben.id);
    // Where nobody has the address, the mail to it decides.
    let new = visit(&system, &somebody("carla@example.com")).await;
    assert_eq!(new.is(200).json["user"]["emailVerified"], false);
}

#[tokio::test]
async fn a_person_is_known_by_what_google_calls_them_and_not_by_an_address() {
    let system = System::start().await;
    let first = visit(&system, &somebody("ana@gmail.com")).await;
    let renamed = Wish {
        sub: Some(subject(&system, "ana@gmail.com")),
        ..somebody("ana.maria@gmail.com")
    };
    let again = visit(&system, &renamed).await;
    assert_eq!(again.is(200).text_at("/user/id"), first.text_at("/user/id"));
    assert_eq!(again.text_at("/user/email"), "ana@gmail.com");
    // The address has passed to somebody else at Google: the account has not.
    let other = Wish {
        sub: Some("999".into()),
        ..somebody("ana@gmail.com")
    };
    visit(&system, &other).await.is_problem(409, "google_linked");
}

/// What the stand-in calls a person with this address.
fn subject(system: &System, email: &str) -> String {
    let credential = system.google_credential(&somebody(email));
    let claims = credential.split('.').nth(1).expect("claims");
    let claims = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, claims);
    let claims: Value = serde_json::from_slice(&claims.expect("Base64")).expect("JSON");
    claims["sub"].as_str().expect("a subject").to_owned()
}

#[tokio::test]
async fn the_second_factor_is_asked_for_with_google_too() {
    let system = System::start().await;
    let ana = Person::signed_in(&system, system.sign_up("ana@gmail.com").await.is(201));
    let (app, codes) = ana.with_second_factor().await;
    let wish = somebody("ana@gmail.com");
    visit(&system, &wish)
        .await
        .is_problem(401, "second_factor_required");
    // Nothing was linked by it.
    assert!(system.snapshot().await.of("GoogleLogin").is_empty());
    visit_with(&system, &wish, json!({ "code": "000000" }))
        .await
        .is_problem(401, "invalid_code");
    let code = app.code(&system);
    visit_with(&system, &wish, json!({ "code": code })).await.is(200);
    visit_with(&system, &wish, json!({ "code": code }))
        .await
        .is_problem(401, "invalid_code");
    visit_with(&system, &wish, json!({ "code": codes[0] }))
        .await
        .is(200);
}

#[tokio::test]
async fn what_google_did_not_say_to_us_and_now_opens_nothing() {
    let system = System::start().await;
    visit(&system, &somebody("ana@gmail.com")).await.is(200);
    let now = system.now().as_second();
    let claims = |name, value| Wish {
        claims: one(name, value),
        ..somebody("ana@gmail.com")
    };
    let header = |name, value| Wish {
        header: one(name, value),
        ..somebody("ana@gmail.com")
    };
    let before = system.snapshot().await;
    for wish in [
        claims("aud", json!("somebody-else.apps.googleusercontent.com")),
        claims("iss", json!("https://accounts.example.com")),
        claims("exp", json!(now - 3600)),
        claims("iat", json!(now + 3600)),
        claims("email_verified", json!(false)),
        claims("email", json!("no address")),
        header("alg", json!("none")),
        header("alg", json!("HS256")),
        header("kid", json!("unknown")),
        Wish {
            forged: true,
            ..somebody("ana@gmail.com")
        },
    ] {
        let answer = visit(&system, &wish).await;
        answer
            .is_problem(401, "invalid_google_credential")
            .says("Invalid");
    }
    let good = system.google_credential(&somebody("ana@gmail.com"));
    let (message, _) = good.rsplit_once('.').unwrap();
    for credential in ["x", "a.b.c", message, &format!("{message}."), &format!("{good}A")] {
        let body = json!({ "credential": credential });
        system
            .post("/api/auth/google", &body)
            .await
            .is_problem(401, "invalid_google_credential");
    }
    system
        .post("/api/auth/google", &json!({}))
        .await
        .is_problem(400, "invalid_request")
        .names("credential");
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn a_credential_is_over_after_an_hour() {
    let system = System::start().await;
    let credential = system.google_credential(&somebody("ana@gmail.com"));
    let ask = async || {
        let body = json!({ "credential": credential });
        system.post("/api/auth/google", &body).await
    };
    system.advance("PT1H").await;
    // A minute of grace, for clocks that differ.
    ask().await.is(200);
    system.advance("PT1M").await;
    ask().await.is_problem(401, "invalid_google_credential");
}

fn fetches(system: &System) -> u64 {
    let boundaries = system.platform.faults().boundaries();
    let of_google = boundaries
        .iter()
        .filter(|(boundary, _)| boundary.service == "google");
    of_google.map(|(_, times)| times).sum()
}

#[tokio::test]
async fn googles_keys_are_fetched_once_and_again_when_another_key_signs() {
    let system = System::start().await;
    let wish = somebody("ana@gmail.com");
    join_all((0..5).map(|_| visit(&system, &wish))).await;
    visit(&system, &wish).await.is(200);
    assert_eq!(fetches(&system), 1);
    system.platform.google().rotate();
    // Names that anyone can make up are looked for once a minute.
    visit(&system, &wish)
        .await
        .is_problem(401, "invalid_google_credential");
    assert_eq!(fetches(&system), 1);
    system.advance("PT1M").await;
    visit(&system, &wish).await.is(200);
    assert_eq!(fetches(&system), 2);
    system.advance("PT6H").await;
    visit(&system, &wish).await.is(200);
    assert_eq!(fetches(&system), 3);
}

#[tokio::test]
async fn when_google_does_not_answer_it_is_asked_again_later() {
    let system = System::start().await;
    let wish = somebody("ana@gmail.com");
    for kind in [Kind::InternalError, Kind::TimeOut, Kind::AnswerLost] {
        system.fail("google", "GET", kind, 1);
        visit(&system, &wish).await.is_problem(503, "unavailable");
    }
    visit(&system, &wish).await.is(200);
}
