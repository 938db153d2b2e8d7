//! The receipt that is mailed after a purchase: once, whatever fails.

use local::ses::Message;
use local::wire::faults::Kind;
use serde_json::json;
use table::mail::{Claim, Intent};
use tests::person::PASSWORD;
use tests::{Outcome, Person, System};

const EMAIL: &str = "ana@example.com";

/// The one receipt that Ana has when every fault has struck and nothing more happens.
async fn only_receipt(system: &System) -> Message {
    system
        .eventually("the receipt comes", async || system.receipts_to(EMAIL).pop())
        .await;
    system.faults_struck().await;
    system.at_rest().await;
    let mut mails = system.receipts_to(EMAIL);
    assert_eq!(mails.len(), 1, "{mails:#?}");
    mails.remove(0)
}

/// Waits until the message about a purchase is kept among the dead letters.
async fn given_up(system: &System, purchase: &str) {
    let kept = async || {
        let letters = system.platform.dead_letters();
        letters
            .into_iter()
            .find(|letter| letter.body.to_string().contains(purchase))
    };
    system.eventually("the receipt is given up", kept).await;
}

#[tokio::test]
async fn it_says_what_was_bought_for_how_much_and_under_which_number() {
    let system = System::start().await;
    let checkout = system.person("ana").await.buy("basic", Outcome::Paid).await;
    let receipt = only_receipt(&system).await;
    assert_eq!(receipt.subject, "Your receipt: Basic, $9.99");
    let (html, text) = (receipt.html.unwrap(), receipt.text.unwrap());
    for fact in ["Basic", "$9.99", checkout.purchase.as_str()] {
        assert!(html.contains(fact) && text.contains(fact), "{fact} in {text}");
    }
    assert_eq!(receipt.to, [EMAIL]);
    assert!(receipt.configuration_set.is_some());
}

#[tokio::test]
async fn each_purchase_has_its_own() {
    let system = System::start().await;
    system.listing("1001").await;
    let ana = system.person("ana").await;
    ana.buy("basic", Outcome::Paid).await;
    ana.buy("basic", Outcome::Paid).await;
    ana.buy_property("1001").await;
    let three = async || (system.receipts_to(EMAIL).len() == 3).then_some(());
    system.eventually("three receipts come", three).await;
    system.at_rest().await;
    assert_eq!(system.receipts_to(EMAIL).len(), 3);
}

#[tokio::test]
async fn a_persons_name_is_no_markup() {
    let system = System::start().await;
    let body = json!({ "email": EMAIL, "password": PASSWORD, "name": "<img src=x onerror=alert(1)>" });
    let answer = system.post("/api/auth/signup", &body).await;
    Person::signed_in(&system, answer.is(201))
        .buy("basic", Outcome::Paid)
        .await;
    assert!(!only_receipt(&system).await.html.unwrap().contains("<img"));
}

#[tokio::test]
async fn when_ses_asks_to_slow_down_it_is_sent_later_and_once() {
    let system = System::start().await;
    system.fail("ses", "SendEmail", Kind::Throttle, 3);
    system.person("ana").await.buy("basic", Outcome::Paid).await;
    only_receipt(&system).await;
    assert_eq!(system.platform.dead_letters(), []);
}

#[tokio::test]
async fn when_ses_sent_it_and_did_not_say_so_it_is_not_sent_again() {
    let system = System::start().await;
    system.fail("ses", "SendEmail", Kind::AnswerLost, 1);
    system.person("ana").await.buy("basic", Outcome::Paid).await;
    only_receipt(&system).await;
    assert_eq!(system.platform.dead_letters(), []);
}

#[tokio::test]
async fn when_the_table_did_not_confirm_the_claim_it_is_sent_all_the_same_and_once() {
    let system = System::start().await;
    system.fail_for("NoticesFunction", "dynamodb", "PutItem", Kind::AnswerLost, 1);
    system.person("ana").await.buy("basic", Outcome::Paid).await;
    only_receipt(&system).await;
}

#[tokio::test]
async fn when_the_table_fails_before_it_is_sent_it_is_sent_later_and_once() {
    let system = System::start().await;
    for operation in ["BatchGetItem", "PutItem"] {
        system.fail_for("NoticesFunction", "dynamodb", operation, Kind::Throttle, 3);
    }
    system.person("ana").await.buy("basic", Outcome::Paid).await;
    only_receipt(&system).await;
    assert_eq!(system.platform.dead_letters(), []);
}

#[tokio::test]
async fn when_the_table_fails_after_it_was_sent_it_is_not_sent_again() {
    let system = System::start().await;
    system.fail_for(
        "NoticesFunction",
        "dynamodb",
        "UpdateItem",
        Kind::InternalError,
        3,
    );
    system.person("ana").await.buy("basic", Outcome::Paid).await;
    only_receipt(&system).await;
    assert_eq!(system.platform.dead_letters(), []);
}

#[tokio::test]
async fn when_ses_never_takes_it_it_is_kept_among_the_dead_letters() {
    let system = System::start().await;
    system.fail("ses", "SendEmail", Kind::Throttle, 100);
    let checkout = system.person("ana").await.buy("basic", Outcome::Paid).await;
    given_up(&system, &checkout.purchase).await;
    assert!(system.receipts_to(EMAIL).is_empty());
    assert_eq!(checkout.status().await, "paid");
}

#[tokio::test]
async fn when_whoever_claimed_it_died_before_it_was_sent_it_is_kept_among_the_dead_letters() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let checkout = ana.checkout("basic").await;
    let intent = Intent::Receipt(checkout.purchase.parse().unwrap());
    let user = ana.me().await["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        system.table().claim_mail(intent, user).await.unwrap(),
        Claim::Ours
    );
    checkout.end(Outcome::Paid).await;
    given_up(&system, &checkout.purchase).await;
    assert!(system.receipts_to(EMAIL).is_empty());
}

#[tokio::test]
async fn when_the_bus_fails_or_does_not_confirm_it_is_sent_once() {
    for kind in [Kind::Throttle, Kind::InternalError, Kind::AnswerLost] {
        let system = System::start().await;
        system.fail("events", "PutEvents", kind, 4);
        system.person("ana").await.buy("basic", Outcome::Paid).await;
        only_receipt(&system).await;
        assert_eq!(system.platform.dead_letters(), [], "{kind:?}");
    }
}
