//! `DELETE /api/auth/account`, and what comes of it

use futures::future::join_all;
use local::google::Wish;
use local::wire::faults::Kind;
use serde_json::{Value, json};
use tests::death::survives;
use tests::person::PASSWORD;
use tests::{Answer, Outcome, Person, Snapshot, System};

/// The job that erases what an account had.
const JOB: &str = "ErasureFunction";
/// Longer than an attempt at a password keeps others waiting.
const CHECKED: &str = "PT11S";

async fn asks(person: &Person<'_>, proof: Value) -> Answer {
    person.ask_to_leave(&proof).await
}

/// What lies under a person.
async fn belongings(system: &System, person: &Person<'_>) -> Snapshot {
    let snapshot = system.snapshot().await;
    snapshot.of_partition(&format!("USER#{}", person.id))
}

/// The mails with this subject to a person.
fn mails(system: &System, email: &str, subject: &str) -> usize {
    let mails = system.mails_to(email);
    mails.iter().filter(|mail| mail.subject == subject).count()
}

/// Holds nothing to be left of a person but records of payments, which name nobody.
async fn is_gone(system: &System, person: &Person<'_>) {
    let left = belongings(system, person).await;
    for item in left.items() {
        let entity = item["entity"].as_str().unwrap();
        assert!(["Purchase", "Invoice"].contains(&entity), "{item}");
        assert!(item["ttl"].is_number() && item["property"].is_null(), "{item}");
        assert!(
            item["invoice"]["page"].is_null() && item["invoice"]["pdf"].is_null(),
            "{item}"
        );
    }
    let elsewhere = system.snapshot().await.without(&["LastEmail"]);
    assert!(!elsewhere.mentions(&person.email));
    person.get("/api/auth/me").await.is(401);
    system.sign_in(&person.email, PASSWORD).await.is(401);
}

#[tokio::test]
async fn an_account_goes_with_everything_that_it_had() {
    let system = System::start().await;
    system.listing("1001").await;
    system.listing("1002").await;
    let ana = system.landlord("ana").await;
    let ben = system.person("ben").await;
    ana.add_property("Elm 1").await.is(201);
    let subscription = ana.subscribe("landlord_pro", "paid").await;
    ana.patch("/api/auth/user-type", &json!({ "userType": "renter" }))
        .await
        .is(200);
    ana.buy("basic", Outcome::Paid).await;
    ana.buy_property("1002").await;
    ana.unlock("1001").await.is(201);
    ana.export().await;
    let phone = ana.on_another_device().await;
    system.at_rest().await;
    let bens = belongings(&system, &ben).await;
    let answer = asks(&ana, json!({ "password": PASSWORD })).await;
    answer.is(202);
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    // At once: nobody is signed in any more.
    phone.get("/api/auth/me").await.is(401);
    let closed = system.erased(&ana.id).await;
    system.at_rest().await;
    is_gone(&system, &ana).await;
    let kept = belongings(&system, &ana).await;
    assert_eq!(kept.of("Purchase").len(), 2);
    assert!(!kept.of("Invoice").is_empty());
    let customer = closed["customer"].as_str().unwrap();
    let at_stripe = system.stripe();
    assert_eq!(at_stripe.object(customer).unwrap()["deleted"], true);
    assert_eq!(at_stripe.object(&subscription).unwrap()["status"], "canceled");
    assert_eq!(mails(&system, &ana.email, "Your account is deleted"), 1);
    let last = system.mails_to(&ana.email).pop().unwrap();
    assert_eq!(last.subject, "Your account is deleted");
    assert_eq!(system.snapshot().await.facts("AccountDeleted").len(), 1);
    assert_eq!(system.platform.dead_letters(), []);
    belongings(&system, &ben).await.is_unchanged_since(&bens);
    asks(&ana, json!({ "password": PASSWORD }))
        .await
        .is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn who_signs_up_with_the_address_again_has_a_new_account_with_nothing_of_the_old() {
    let system = System::start().await;
    system.listing("1001").await;
    let ana = system.person("ana").await;
    let bought = ana.buy("basic", Outcome::Paid).await;
    ana.unlock("1001").await.is(201);
    asks(&ana, json!({ "password": PASSWORD })).await.is(202);
    // The address is free at once, whatever is still being erased.
    let again = Person::signed_in(&system, system.sign_up(&ana.email).await.is(201));
    assert_ne!(again.id, ana.id);
    system.erased(&ana.id).await;
    assert_eq!(again.subscription().await.0, "free");
    assert!(again.purchases().await.is_empty());
    again.unlock("1001").await.is(402);
    ana.get("/api/auth/me").await.is(401);
    // What happens to the money of the old purchase is written down, opens nothing, and is nobody's to be told.
    let intents = system.stripe().payment_intents();
    let payment = intents[0]["id"].as_str().unwrap().to_owned();
    system.stripe().refund(&payment, Some(300)).unwrap();
    let dispute = system.stripe().open_dispute(&payment, None).unwrap();
    let old = |snapshot: &Snapshot| {
        let key = format!("PURCHASE#{}", bought.purchase);
        snapshot.item(&format!("USER#{}", ana.id), &key).cloned()
    };
    let status = async |wanted: &str| {
        let reached = async || {
            let purchase = old(&system.snapshot().await).expect("the record of the purchase");
            (purchase["status"] == wanted).then_some(())
        };
        system.eventually(wanted, reached).await;
    };
    status("disputed").await;
    let dispute = dispute["id"].as_str().unwrap();
    system.stripe().close_dispute(dispute, true).unwrap();
    status("partially_refunded").await;
    system.at_rest().await;
    assert_eq!(again.subscription().await.0, "free");
    assert!(again.purchases().await.is_empty());
    let refunds = system.mails_to(&ana.email);
    let told = refunds
        .iter()
        .filter(|mail| mail.subject.contains("refund") || mail.subject.contains("money"));
    assert_eq!(told.count(), 0);
    assert_eq!(system.platform.dead_letters(), []);
}

#[tokio::test]
async fn without_the_proof_nothing_happens() {
    let system = System::start().await;
    let (ana, ben) = (system.person("ana").await, system.person("ben").await);
    system.at_rest().await;
    let before = system.snapshot().await;
    let counters = ["Login", "NetworkFailures"];
    asks(&ana, json!({ "password": "not my password" }))
        .await
        .is_problem(403, "wrong_password");
    asks(&ana, json!({}))
        .await
        .is_problem(400, "invalid_request")
        .names("password");
    asks(&ana, json!({ "password": PASSWORD, "credential": "x" }))
        .await
        .is_problem(400, "invalid_request")
        .names("credential");
    asks(&ana, json!({ "password": PASSWORD, "email": ben.email }))
        .await
        .is_problem(400, "invalid_request")
        .names("email");
    asks(&ana, json!({ "credential": "no credential" }))
        .await
        .is_problem(403, "wrong_google_credential");
    let nobody = system.request("DELETE", "/api/auth/account");
    system
        .send(nobody.json(&json!({ "password": PASSWORD })))
        .await
        .is_problem(401, "unauthenticated");
    let elsewhere = ana.browser_request("DELETE", "/api/auth/account");
    let elsewhere = elsewhere.header("origin", "https://evil.example");
    system
        .send(elsewhere.json(&json!({ "password": PASSWORD })))
        .await
        .is_problem(403, "cross_origin");
    let after = system.snapshot().await;
    after
        .without(&counters)
        .is_unchanged_since(&before.without(&counters));
    ana.me().await;
}

#[tokio::test]
async fn an_account_with_a_second_factor_asks_for_a_code() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let (app, codes) = ana.with_second_factor().await;
    asks(&ana, json!({ "password": PASSWORD }))
        .await
        .is_problem(400, "invalid_request")
        .names("code");
    let wrong = if app.code(&system) == "000000" {
        "000001"
    } else {
        "000000"
    };
    asks(&ana, json!({ "password": PASSWORD, "code": wrong }))
        .await
        .is_problem(403, "wrong_code");
    asks(&ana, json!({ "password": PASSWORD, "code": codes[0] }))
        .await
        .is(202);
    system.erased(&ana.id).await;
    is_gone(&system, &ana).await;
}

#[tokio::test]
async fn who_came_with_google_shows_a_credential_that_it_gave_just_now() {
    let system = System::start().await;
    let wish = |email: &str| Wish {
        email: email.to_owned(),
        ..Wish::default()
    };
    let quin = system.sign_in_with_google("quin@gmail.com").await;
    let quin = Person::signed_in(&system, quin.is(200));
    let old = system.google_credential(&wish("quin@gmail.com"));
    system.advance("PT10M1S").await;
    asks(&quin, json!({ "credential": old }))
        .await
        .is_problem(403, "wrong_google_credential")
        .says("ten minutes");
    let other = system.google_credential(&wish("olga@gmail.com"));
    asks(&quin, json!({ "credential": other }))
        .await
        .is_problem(403, "wrong_google_account");
    let forged = system.google_credential(&Wish {
        forged: true,
        ..wish("quin@gmail.com")
    });
    asks(&quin, json!({ "credential": forged }))
        .await
        .is_problem(403, "wrong_google_credential");
    asks(&quin, json!({ "password": PASSWORD }))
        .await
        .is_problem(403, "wrong_password");
    quin.me().await;
    system.advance(CHECKED).await;
    let fresh = system.google_credential(&wish("quin@gmail.com"));
    asks(&quin, json!({ "credential": fresh })).await.is(202);
    system.erased(&quin.id).await;
    is_gone(&system, &quin).await;
    // Google opens a new account, with nothing of the old one.
    let again = system.sign_in_with_google("quin@gmail.com").await;
    assert_ne!(again.is(200).text_at("/user/id"), quin.id);
}

#[tokio::test]
async fn an_account_that_is_deleted_by_several_at_once_is_deleted_once() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let proof = json!({ "password": PASSWORD });
    let answers = join_all((0..4).map(|_| ana.ask_to_leave(&proof))).await;
    assert!(answers.iter().any(|answer| answer.status == 202));
    for answer in &answers {
        assert!([202, 401, 403].contains(&answer.status), "{}", answer.text);
    }
    system.erased(&ana.id).await;
    system.at_rest().await;
    is_gone(&system, &ana).await;
    assert_eq!(system.snapshot().await.facts("AccountDeleted").len(), 1);
    assert_eq!(mails(&system, &ana.email, "Your account is deleted"), 1);
}

/// Deletes the account, and waits until what it had is erased. Whether it was done: else the function has died.
async fn goes(person: &Person<'_>) -> bool {
    let system = person.system;
    let answer = person.ask_to_leave(&json!({ "password": PASSWORD })).await;
    // Either nothing has happened, or all of it.
    let account = belongings(system, person).await;
    let is_open = account.items().any(|item| item["entity"] == "Account");
    let closed = system.snapshot().await.of("ClosedAccount").len();
    assert_eq!(closed, usize::from(!is_open));
    if answer.status == 500 {
        return false;
    }
    assert!([202, 401].contains(&answer.status), "{}", answer.text);
    system.erased(&person.id).await;
    is_gone(system, person).await;
    true
}

async fn somebody(system: &System) -> Person<'_> {
    system.person("ana").await
}

/// Somebody with a property, a subscription and a page to pay on.
async fn somebody_with_much(system: &System) -> Person<'_> {
    let ana = system.landlord("ana").await;
    ana.add_property("Elm 1").await.is(201);
    ana.subscribe("landlord_pro", "paid").await;
    ana.checkout("basic").await;
    ana
}

#[tokio::test]
async fn a_deletion_that_dies_anywhere_and_is_repeated_happens_whole_and_once() {
    survives("PersonalDataFunction", &["dynamodb"], somebody, goes).await;
}

#[tokio::test]
async fn an_erasure_that_dies_anywhere_is_begun_again_and_comes_to_its_end() {
    survives(JOB, &["dynamodb", "s3", "stripe"], somebody_with_much, goes).await;
}

#[tokio::test]
async fn while_stripe_does_not_answer_everything_else_is_erased() {
    let system = System::start().await;
    let ana = system.landlord("ana").await;
    ana.add_property("Elm 1").await.is(201);
    let subscription = ana.subscribe("landlord_pro", "paid").await;
    system.at_rest().await;
    system.fail("stripe", "", Kind::InternalError, u32::MAX);
    asks(&ana, json!({ "password": PASSWORD })).await.is(202);
    let nothing_left = async || {
        let left = belongings(&system, &ana).await;
        let kept = |item: &Value| item["entity"] == "Invoice";
        left.items().all(kept).then_some(())
    };
    system.eventually("what we have is erased", nothing_left).await;
    let runs = system.stripe().object(&subscription).unwrap();
    assert_ne!(runs["status"], "canceled");
    system.platform.faults().clear();
    system.erased(&ana.id).await;
    let ended = system.stripe().object(&subscription).unwrap();
    assert_eq!(ended["status"], "canceled");
}

#[tokio::test]
async fn a_page_that_is_open_to_pay_on_is_closed() {
    let system = System::start().await;
    let ana = system.landlord("ana").await;
    let subscription = ana.subscription_page("landlord_pro").await;
    ana.patch("/api/auth/user-type", &json!({ "userType": "renter" }))
        .await
        .is(200);
    let purchase = ana.checkout("basic").await;
    ana.leave().await;
    for page in [subscription, purchase] {
        let at_stripe = system.stripe().object(&page.session).unwrap();
        assert_eq!(at_stripe["status"], "expired");
    }
}

#[tokio::test]
async fn what_stripe_reports_late_is_taken_and_changes_and_opens_nothing() {
    let system = System::start().await;
    let ana = system.landlord("ana").await;
    ana.subscribe("landlord_pro", "paid").await;
    system.at_rest().await;
    system.stripe().deliver_by_itself(false);
    ana.leave().await;
    system.at_rest().await;
    let undelivered = system.stripe().undelivered();
    let reported: Vec<_> = system
        .stripe()
        .events()
        .into_iter()
        .filter(|event| undelivered.iter().any(|id| event["id"] == id.as_str()))
        .map(|event| event["type"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        reported.contains(&"customer.subscription.deleted".to_owned()),
        "{reported:?}"
    );
    let before = system.snapshot().await;
    // All that was ever reported, too: a redelivery comes weeks later.
    let all: Vec<String> = system
        .stripe()
        .events()
        .iter()
        .map(|event| event["id"].as_str().unwrap().to_owned())
        .collect();
    for status in system.stripe().deliver_in_order(&all).await {
        assert_eq!(status, Some(200));
    }
    system.at_rest().await;
    system.snapshot().await.is_unchanged_since(&before);
    is_gone(&system, &ana).await;
}

#[tokio::test]
async fn the_daily_look_for_lost_events_passes_over_those_of_a_closed_account() {
    let system = System::start().await;
    let ana = system.landlord("ana").await;
    let ben = system.person("ben").await;
    ana.subscribe("landlord_pro", "paid").await;
    system.at_rest().await;
    system.stripe().deliver_by_itself(false);
    ana.leave().await;
    let paid = ben.checkout("basic").await;
    paid.submit(Outcome::Paid).await;
    system.advance("PT11M").await;
    system.at_rest().await;
    let before = belongings(&system, &ana).await;
    system.run("ReconciliationFunction").await;
    // Other people's lost events are settled all the same.
    assert_eq!(paid.status().await, "paid");
    belongings(&system, &ana).await.is_unchanged_since(&before);
    system.run("ReconciliationFunction").await;
    assert_eq!(system.platform.dead_letters(), []);
}

#[tokio::test]
async fn a_subscription_that_was_bought_while_the_account_was_closed_is_ended_and_given_back() {
    let system = System::start().await;
    let ana = system.landlord("ana").await;
    // Without a trial, so that money is paid.
    ana.subscribe("landlord_pro", "paid").await;
    let now =
        json!({ "subscriptionId": ana.billing().await["subscription"]["id"], "cancelImmediately": true });
    ana.post("/api/payments/cancel-subscription", &now).await.is(200);
    let page = ana.subscription_page("landlord_pro").await;
    system.at_rest().await;
    system.stripe().deliver_by_itself(false);
    page.submit_as("paid").await;
    // Stripe is not reached by the job, so that the subscription still runs when it is reported.
    system.fail("stripe", "DELETE /v1/customers", Kind::InternalError, u32::MAX);
    asks(&ana, json!({ "password": PASSWORD })).await.is(202);
    let running = system.stripe().subscriptions().into_iter();
    let running = running.filter(|subscription| subscription["status"] == "active");
    let running: Vec<_> = running.collect();
    assert_eq!(running.len(), 1);
    let refunded = system.stripe().refunds().len();
    let undelivered = system.stripe().undelivered();
    for status in system.stripe().deliver_in_order(&undelivered).await {
        assert_eq!(status, Some(200));
    }
    let ended = system.stripe().object(running[0]["id"].as_str().unwrap());
    assert_eq!(ended.unwrap()["status"], "canceled");
    assert_eq!(system.stripe().refunds().len(), refunded + 1);
    system.platform.faults().clear();
    system.erased(&ana.id).await;
    is_gone(&system, &ana).await;
}

#[tokio::test]
async fn a_bank_debit_that_comes_after_its_buyer_has_left_is_written_down_and_opens_nothing() {
    let system = System::start().await;
    system.listing("1001").await;
    let ana = system.person("ana").await;
    let checkout = ana.checkout_property("1001").await;
    checkout.submit(Outcome::AsyncPaid).await;
    system.stripe().settle().await;
    ana.leave().await;
    system.settle_debits().await;
    let paid = async || {
        let left = belongings(&system, &ana).await;
        let purchase = left
            .of("Purchase")
            .pop()
            .cloned()
            .expect("the record of the purchase");
        (purchase["status"] == "paid").then_some(())
    };
    system.eventually("the money is written down", paid).await;
    system.at_rest().await;
    assert!(belongings(&system, &ana).await.of("Unlock").is_empty());
    is_gone(&system, &ana).await;
    assert!(system.receipts_to(&ana.email).is_empty());
    assert_eq!(system.platform.dead_letters(), []);
}

#[tokio::test]
async fn a_payment_that_is_reported_while_its_buyer_leaves_opens_nothing() {
    let system = System::start().await;
    system.listing("1001").await;
    for _ in 0..5 {
        let ana = system.person("ana").await;
        let checkout = ana.checkout_property("1001").await;
        system.at_rest().await;
        system.stripe().deliver_by_itself(false);
        checkout.submit(Outcome::Paid).await;
        let event = checkout.event_id("checkout.session.completed");
        let proof = json!({ "password": PASSWORD });
        let stripe = system.stripe();
        let (answer, _) = tokio::join!(ana.ask_to_leave(&proof), stripe.redeliver(&event, 3));
        answer.is(202);
        stripe.deliver_by_itself(true);
        system.erased(&ana.id).await;
        for status in stripe.redeliver(&event, 1).await {
            assert_eq!(status, Some(200));
        }
        system.at_rest().await;
        let left = belongings(&system, &ana).await;
        assert!(left.of("Unlock").is_empty(), "{left:?}");
        is_gone(&system, &ana).await;
    }
    assert_eq!(system.platform.dead_letters(), []);
}

#[tokio::test]
async fn what_a_later_wing_keeps_under_a_person_goes_with_them_however_much_it_is() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let (client, table) = system.dynamodb();
    for number in 0..230 {
        let item = json!({
            "PK": format!("USER#{}", ana.id), "SK": format!("NEW#{number:04}"), "entity": "New", "email": ana.email,
        });
        let put = client.put_item().table_name(&table);
        put.set_item(Some(serde_dynamo::to_item(item).unwrap()))
            .send()
            .await
            .unwrap();
    }
    ana.leave().await;
    assert_eq!(belongings(&system, &ana).await.items().count(), 0);
}
