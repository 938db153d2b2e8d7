//! `/api/auth/two-factor`, and signing in with a code

use futures::future::join_all;
use serde_json::{Value, json};
use tests::person::PASSWORD;
use tests::{Answer, App, Person, System};

async fn sign_in(system: &System, email: &str, code: &str) -> Answer {
    let body = json!({ "email": email, "password": PASSWORD, "code": code });
    system.post("/api/auth/signin", &body).await
}

async fn shown(person: &Person<'_>) -> Value {
    person.get("/api/auth/two-factor").await.is(200).json.clone()
}

#[tokio::test]
async fn signing_in_asks_for_a_code_once_the_app_has_shown_one() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    ana.confirm_email().await;
    let begun = ana
        .post("/api/auth/two-factor", &json!({ "password": PASSWORD }))
        .await;
    let secret = begun.is(200).text_at("/secret").to_owned();
    let uri = begun.text_at("/otpauthUri");
    assert!(
        uri.starts_with("otpauth://totp/") && uri.contains(&secret),
        "{uri}"
    );
    assert_eq!(
        shown(&ana).await,
        json!({ "enabled": false, "recoveryCodesLeft": 0 })
    );
    system.sign_in(&ana.email, PASSWORD).await.is(200);

    let app = App::new(&secret);
    let first = json!({ "code": app.code(&system) });
    let confirmed = ana.post("/api/auth/two-factor/confirm", &first).await;
    assert_eq!(
        confirmed.is(200).json["recoveryCodes"].as_array().unwrap().len(),
        10
    );
    assert_eq!(
        shown(&ana).await,
        json!({ "enabled": true, "recoveryCodesLeft": 10 })
    );
    let without = system.sign_in(&ana.email, PASSWORD).await;
    without.is_problem(401, "second_factor_required");
    system
        .sign_in(&ana.email, "not my password")
        .await
        .is_problem(401, "invalid_credentials");
    system.advance("PT30S").await;
    sign_in(&system, &ana.email, &app.code(&system)).await.is(200);
    // It stays with the sessions that there are.
    ana.get("/api/auth/me").await.is(200);
}

#[tokio::test]
async fn a_code_is_good_once() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let (app, _) = ana.with_second_factor().await;
    let code = app.code(&system);
    sign_in(&system, &ana.email, &code).await.is(200);
    sign_in(&system, &ana.email, &code)
        .await
        .is_problem(401, "invalid_code");
    // Nor one from before it.
    let earlier = app.code_at(&system, -1);
    sign_in(&system, &ana.email, &earlier)
        .await
        .is_problem(401, "invalid_code");
    system.advance("PT30S").await;
    let code = app.code(&system);
    let answers = join_all((0..4).map(|_| sign_in(&system, &ana.email, &code))).await;
    let opened = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(opened, 1, "{answers:?}");
}

#[tokio::test]
async fn a_recovery_code_is_good_once_as_people_type_it() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let (_, codes) = ana.with_second_factor().await;
    let typed = codes[0].to_lowercase().replace('-', " ");
    sign_in(&system, &ana.email, &typed).await.is(200);
    sign_in(&system, &ana.email, &codes[0])
        .await
        .is_problem(401, "invalid_code");
    assert_eq!(shown(&ana).await["recoveryCodesLeft"], 9);
    let answers = join_all((0..4).map(|_| sign_in(&system, &ana.email, &codes[1]))).await;
    let opened = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(opened, 1, "{answers:?}");
}

#[tokio::test]
async fn wrong_codes_count_like_wrong_passwords() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let (app, _) = ana.with_second_factor().await;
    let mut guesses = Vec::new();
    for _ in 0..5 {
        guesses.push(sign_in(&system, &ana.email, "000000").await);
    }
    // One in a million is right.
    assert!(guesses.iter().all(|answer| answer.status == 401), "{guesses:?}");
    sign_in(&system, &ana.email, &app.code(&system))
        .await
        .is_problem(429, "too_many_attempts");
    system.advance("PT30S").await;
    sign_in(&system, &ana.email, &app.code(&system)).await.is(200);
}

#[tokio::test]
async fn the_password_alone_does_not_forget_wrong_codes() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    ana.with_second_factor().await;
    let mut refused = 0;
    for _ in 0..6 {
        sign_in(&system, &ana.email, "000000").await;
        let alone = system.sign_in(&ana.email, PASSWORD).await;
        refused += u32::from(alone.status == 429);
    }
    assert!(refused > 0);
}

#[tokio::test]
async fn the_second_factor_is_taken_away_with_the_password_and_a_code() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let (app, codes) = ana.with_second_factor().await;
    let ask = async |body: Value| {
        let request = ana.request("DELETE", "/api/auth/two-factor").json(&body);
        system.send(request).await
    };
    ask(json!({ "password": "not my password", "code": app.code(&system) }))
        .await
        .is_problem(403, "wrong_password");
    ask(json!({ "password": PASSWORD, "code": "000000" }))
        .await
        .is_problem(403, "wrong_code");
    ask(json!({ "password": PASSWORD }))
        .await
        .is_problem(400, "invalid_request")
        .names("code");
    ask(json!({ "password": PASSWORD, "code": codes[3] }))
        .await
        .is(204);
    system.sign_in(&ana.email, PASSWORD).await.is(200);
    ask(json!({ "password": PASSWORD, "code": codes[4] }))
        .await
        .is_problem(409, "second_factor_disabled");
}

#[tokio::test]
async fn new_recovery_codes_take_the_place_of_the_old_ones() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let (app, old) = ana.with_second_factor().await;
    let proof = json!({ "password": PASSWORD, "code": app.code(&system) });
    let path = "/api/auth/two-factor/recovery-codes";
    let renewed = ana.post(path, &proof).await;
    let new = renewed.is(200).text_at("/recoveryCodes/0").to_owned();
    // The code is used up by it.
    ana.post(path, &proof).await.is_problem(403, "wrong_code");
    sign_in(&system, &ana.email, &old[0])
        .await
        .is_problem(401, "invalid_code");
    sign_in(&system, &ana.email, &new).await.is(200);
}

#[tokio::test]
async fn only_a_confirmed_address_has_a_second_factor_and_only_one() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let begin = async || {
        ana.post("/api/auth/two-factor", &json!({ "password": PASSWORD }))
            .await
    };
    begin().await.is_problem(409, "email_unconfirmed");
    ana.post("/api/auth/two-factor/confirm", &json!({ "code": "123456" }))
        .await
        .is_problem(409, "second_factor_not_begun");
    ana.with_second_factor().await;
    begin().await.is_problem(409, "second_factor_enabled");
}

#[tokio::test]
async fn a_secret_waits_an_hour_for_its_first_code() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    ana.confirm_email().await;
    let begun = ana
        .post("/api/auth/two-factor", &json!({ "password": PASSWORD }))
        .await;
    let app = App::new(begun.is(200).text_at("/secret"));
    let confirm = async |code: String| {
        ana.post("/api/auth/two-factor/confirm", &json!({ "code": code }))
            .await
    };
    let wrong = if app.code(&system) == "000000" {
        "000001"
    } else {
        "000000"
    };
    confirm(wrong.to_owned()).await.is_problem(403, "wrong_code");
    system.advance("PT1H").await;
    confirm(app.code(&system))
        .await
        .is_problem(409, "second_factor_not_begun");
    system.sign_in(&ana.email, PASSWORD).await.is(200);
}

#[tokio::test]
async fn neither_the_secret_nor_a_recovery_code_is_anywhere_in_the_table() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    ana.confirm_email().await;
    let begun = ana
        .post("/api/auth/two-factor", &json!({ "password": PASSWORD }))
        .await;
    let secret = begun.is(200).text_at("/secret").to_owned();
    let waiting = system.snapshot().await;
    let first = json!({ "code": App::new(&secret).code(&system) });
    let confirmed = ana.post("/api/auth/two-factor/confirm", &first).await;
    let snapshot = system.snapshot().await;
    assert!(!waiting.mentions(&secret) && !snapshot.mentions(&secret));
    for code in confirmed.is(200).json["recoveryCodes"].as_array().unwrap() {
        let code = code.as_str().unwrap();
        assert!(!snapshot.mentions(code) && !snapshot.mentions(&code.replace('-', "")));
    }
}
