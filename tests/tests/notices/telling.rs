//! What is told to people by mail: by which events, to whom, and how often.

use domain::event::Fact;
use domain::{DomainEvent, ExportId, LinkId, UserId};
use local::ses::Message;
use local::wire::faults::Kind;
use serde_json::{Value, json};
use tests::person::PASSWORD;
use tests::{Person, System};

/// The account of a person.
fn user(person: &Person<'_>) -> UserId {
    person.id.parse().unwrap()
}

/// The one mail with this subject that a person has when every fault has struck and nothing more happens.
async fn only_mail(person: &Person<'_>, subject: &str) -> Message {
    let system = person.system;
    let mails = || {
        let mut mails = system.mails_to(&person.email);
        mails.retain(|mail| mail.subject == subject);
        mails
    };
    system.eventually(subject, async || mails().pop()).await;
    system.faults_struck().await;
    system.at_rest().await;
    let mut mails = mails();
    assert_eq!(mails.len(), 1, "{mails:#?}");
    assert_eq!(system.platform.dead_letters(), []);
    mails.remove(0)
}

/// Gives the function an event once more, as the queue does when it is not sure, and counts what was not handled.
async fn deliver(system: &System, event: &DomainEvent) -> usize {
    let body = json!({ "detail-type": event.fact.name(), "detail": event }).to_string();
    let message = json!({ "messageId": "1", "body": body, "attributes": {}, "messageAttributes": {} });
    let batch = json!({ "Records": [message] });
    let lambda = system.platform.lambda();
    let answer = lambda.invoke("NoticesFunction", batch, "a test").await.outcome;
    let failures = |answer: &Value| answer["batchItemFailures"].as_array().map(Vec::len);
    failures(&answer.unwrap()).unwrap()
}

#[tokio::test]
async fn a_change_that_concerns_the_safety_of_an_account_is_told_to_its_owner() {
    let system = System::start().await;
    let (ana, ben) = (system.person("ana").await, system.person("ben").await);
    let user_id = user(&ana);
    for (fact, subject) in [
        (Fact::PasswordChanged { user_id }, "Your password was changed"),
        (Fact::SecondFactorEnabled { user_id }, "Two-step sign-in is on"),
        (Fact::SecondFactorDisabled { user_id }, "Two-step sign-in is off"),
        (Fact::GoogleLinked { user_id }, "You can sign in with Google now"),
    ] {
        system.tell(fact).await;
        let mail = only_mail(&ana, subject).await;
        assert_eq!(mail.to, [ana.email.as_str()]);
        for form in [mail.html.unwrap(), mail.text.unwrap()] {
            assert!(form.contains("If this was not you"), "{form}");
        }
        let bens = system.mails_to(&ben.email);
        assert!(bens.iter().all(|mail| mail.subject != subject));
    }
}

#[tokio::test]
async fn what_somebody_calls_themselves_is_not_mailed_to_an_address_that_may_be_anothers() {
    let system = System::start().await;
    let body =
        json!({ "email": "ana@example.com", "password": PASSWORD, "name": "You won, see evil.example" });
    let answer = system.post("/api/auth/signup", &body).await;
    let ana = Person::signed_in(&system, answer.is(201));
    let mail = only_mail(&ana, "Confirm your mail address").await;
    assert!(!mail.html.unwrap().contains("evil") && !mail.text.unwrap().contains("evil"));
}

#[tokio::test]
async fn a_mail_says_who_sent_it_where_answers_go_and_that_no_person_wrote_it() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    system.tell(Fact::PasswordChanged { user_id: user(&ana) }).await;
    let mail = only_mail(&ana, "Your password was changed").await;
    assert!(mail.from.starts_with("Apartment Locator AI <"), "{}", mail.from);
    assert!(
        mail.headers["Reply-To"].starts_with("help@"),
        "{:?}",
        mail.headers
    );
    assert_eq!(mail.headers["Auto-Submitted"], "auto-generated");
    assert!(mail.configuration_set.is_some());
}

#[tokio::test]
async fn an_event_that_comes_again_is_told_once() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let event = system.tell(Fact::PasswordChanged { user_id: user(&ana) }).await;
    only_mail(&ana, "Your password was changed").await;
    for _ in 0..3 {
        assert_eq!(deliver(&system, &event).await, 0);
    }
    system.advance("P20D").await;
    assert_eq!(deliver(&system, &event).await, 0);
    only_mail(&ana, "Your password was changed").await;
}

#[tokio::test]
async fn whatever_fails_on_the_way_a_change_is_told_once() {
    for (service, operation, kind) in [
        ("ses", "SendEmail", Kind::Throttle),
        ("ses", "SendEmail", Kind::AnswerLost),
        ("dynamodb", "GetItem", Kind::Throttle),
        ("dynamodb", "PutItem", Kind::AnswerLost),
        ("dynamodb", "UpdateItem", Kind::InternalError),
    ] {
        let system = System::start().await;
        let ana = system.person("ana").await;
        system.at_rest().await;
        system.fail_for("NoticesFunction", service, operation, kind, 1);
        system.tell(Fact::PasswordChanged { user_id: user(&ana) }).await;
        only_mail(&ana, "Your password was changed").await;
    }
}

#[tokio::test]
async fn of_an_account_that_is_not_there_nobody_is_told() {
    let system = System::start().await;
    let user_id = UserId::from_bytes([7; 16]);
    for fact in [
        Fact::PasswordChanged { user_id },
        Fact::PasswordResetRequested {
            user_id,
            link_id: LinkId::from_bytes([8; 16]),
        },
    ] {
        let event = system.tell(fact).await;
        assert_eq!(deliver(&system, &event).await, 0);
    }
    system.at_rest().await;
    assert_eq!(system.platform.outbox(), []);
    assert_eq!(system.platform.dead_letters(), []);
}

#[tokio::test]
async fn a_link_that_is_of_no_use_is_not_mailed() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let (user_id, link_id) = (user(&ana), LinkId::from_bytes([8; 16]));
    for fact in [
        Fact::EmailConfirmationRequested { user_id, link_id },
        Fact::PasswordResetRequested { user_id, link_id },
        Fact::EmailChangeRequested { user_id, link_id },
    ] {
        system.at_rest().await;
        let before = system.platform.outbox().len();
        let event = system.tell(fact).await;
        assert_eq!(deliver(&system, &event).await, 0);
        system.at_rest().await;
        assert_eq!(system.platform.outbox().len(), before);
    }
}

#[tokio::test]
async fn an_event_that_no_mail_tells_of_is_not_taken_for_one() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let asked = Fact::DataExportRequested {
        user_id: user(&ana),
        export_id: ExportId::from_bytes([1; 16]),
    };
    let event = system.tell(asked).await;
    system.at_rest().await;
    assert_eq!(
        deliver(&system, &event).await,
        1,
        "it stays in the queue, and ends among the dead letters"
    );
}
