//! What mail servers and recipients say, for everybody's mails; and that an admin may know better.

use domain::event::Fact;
use jiff::Timestamp;
use local::ses::Message;
use serde_json::{Value, json};
use tests::suppression::EVERYWHERE;
use tests::{Person, System};

/// The last mail to a person, once there is one.
async fn mail_to(person: &Person<'_>) -> Message {
    let system = person.system;
    system
        .eventually("a mail", async || system.mails_to(&person.email).pop())
        .await
}

/// Tells a person of a new password; how many mails they have then.
async fn mails_after_a_notice(person: &Person<'_>) -> usize {
    let user_id = person.id.parse().unwrap();
    person.system.tell(Fact::PasswordChanged { user_id }).await;
    person.system.at_rest().await;
    person.system.mails_to(&person.email).len()
}

async fn admin(system: &System) -> Person<'_> {
    let ada = system.person("ada").await;
    system.grant(&ada.email, "admin").await;
    ada
}

async fn known(admin: &Person<'_>, of: &Person<'_>) -> Value {
    let found = admin.get(&format!("{EVERYWHERE}?address={}", of.email)).await;
    found.is(200).json.clone()
}

async fn lift(admin: &Person<'_>, id: &Value, note: &str) -> tests::Answer {
    let path = format!("{EVERYWHERE}/{}/lift", id.as_str().unwrap());
    admin.post(&path, &json!({ "note": note })).await
}

#[tokio::test]
async fn who_bounces_gets_no_mail_any_more() {
    let system = System::start().await;
    let rita = system.person("rita").await;
    let mail = mail_to(&rita).await;
    assert_eq!(mails_after_a_notice(&rita).await, 2);
    system.becomes(&mail, "bounce").await;
    assert_eq!(mails_after_a_notice(&rita).await, 2);
    assert_eq!(system.platform.dead_letters(), []);
}

#[tokio::test]
async fn who_called_a_mail_spam_still_gets_what_they_ask_for() {
    let system = System::start().await;
    let rita = system.person("rita").await;
    let ada = admin(&system).await;
    let mail = mail_to(&rita).await;
    system.becomes(&mail, "complaint").await;
    assert_eq!(known(&ada, &rita).await["reasons"][0]["reason"], "complaint");
    assert_eq!(mails_after_a_notice(&rita).await, 2);
}

#[tokio::test]
async fn what_else_becomes_of_a_mail_keeps_nothing_back() {
    let system = System::start().await;
    let rita = system.person("rita").await;
    let ada = admin(&system).await;
    let mail = mail_to(&rita).await;
    for outcome in ["delivery", "open"] {
        system.becomes(&mail, outcome).await;
    }
    let known = known(&ada, &rita).await;
    assert_eq!((&known["reasons"], &known["lifted"]), (&json!([]), &Value::Null));
    assert_eq!(mails_after_a_notice(&rita).await, 2);
}

#[tokio::test]
async fn an_admin_lifts_what_counts_for_everybody_and_older_word_of_it_is_not_believed() {
    let system = System::start().await;
    let rita = system.person("rita").await;
    let ada = admin(&system).await;
    let mail = mail_to(&rita).await;
    let bounced_at = system.now();
    system.becomes(&mail, "bounce").await;
    let before = known(&ada, &rita).await;
    assert_eq!(before["reasons"][0]["reason"], "hard_bounce");
    system.advance("PT1H").await;

    let lifted = lift(&ada, &before["id"], "The mailbox was full of trouble.").await;
    let lifted = lifted.is(200).json.clone();
    assert_eq!(lifted["reasons"], json!([]));
    assert_eq!(
        (&lifted["lifted"]["by"], &lifted["lifted"]["note"]),
        (&json!(ada.id), &json!("The mailbox was full of trouble."))
    );
    // Again it changes nothing, whatever it says.
    assert_eq!(
        lift(&ada, &before["id"], "Other words.").await.is(200).json,
        lifted
    );
    assert_eq!(known(&ada, &rita).await, lifted);

    // SES may tell of the bounce once more.
    take_in(&system, "Bounce", &rita.email, bounced_at).await;
    assert_eq!(known(&ada, &rita).await, lifted);
    assert_eq!(mails_after_a_notice(&rita).await, 2);

    // A bounce of today is another one.
    let mail = mail_to(&rita).await;
    system.advance("PT1H").await;
    system.becomes(&mail, "bounce").await;
    assert_eq!(known(&ada, &rita).await["reasons"][0]["reason"], "hard_bounce");
    assert_eq!(mails_after_a_notice(&rita).await, 2);
}

/// Hands the function an event of SES about an address.
async fn take_in(system: &System, kind: &str, address: &str, at: Timestamp) -> Value {
    let recipients = json!([{ "emailAddress": address }]);
    let detail = json!({
        "eventType": kind, "mail": { "messageId": "0100-old", "timestamp": at.to_string() },
        "bounce": { "bounceType": "Permanent", "bouncedRecipients": recipients, "timestamp": at.to_string() },
        "complaint": { "complainedRecipients": recipients, "timestamp": at.to_string() },
    });
    system.hears_from_ses(at, &detail).await
}

#[tokio::test]
async fn word_in_any_order_and_however_often_is_kept_as_the_earliest_of_each_reason() {
    let system = System::start().await;
    let rita = system.person("rita").await;
    let ada = admin(&system).await;
    let (early, late) = (system.now(), system.now() + jiff::SignedDuration::from_secs(90));
    for (kind, at) in [
        ("Complaint", late),
        ("Bounce", early),
        ("Complaint", late),
        ("Bounce", early),
    ] {
        assert_eq!(take_in(&system, kind, &rita.email, at).await, json!([]));
    }
    let reasons = known(&ada, &rita).await["reasons"].clone();
    assert_eq!(
        (&reasons[0]["reason"], &reasons[1]["reason"]),
        (&json!("hard_bounce"), &json!("complaint"))
    );
    let since = |row: usize| {
        reasons[row]["since"]
            .as_str()
            .unwrap()
            .parse::<Timestamp>()
            .unwrap()
    };
    assert_eq!(since(0).as_millisecond(), early.as_millisecond());
    assert_eq!(since(1).as_millisecond(), late.as_millisecond());
    // What cannot be read is told, and taken in by nobody.
    assert_eq!(
        take_in(&system, "Bounce", "nobody", early).await[0]["itemIdentifier"],
        "1"
    );
}

#[tokio::test]
async fn only_an_admin_looks_up_and_lifts_what_counts_for_everybody() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let ada = admin(&system).await;
    lena.get(&format!("{EVERYWHERE}?address=tom@example.com"))
        .await
        .is(403);
    let id = known(&ada, &lena).await["id"].clone();
    lift(&lena, &id, "Please.").await.is(403);
    assert_eq!(
        lift(&ada, &id, "Please.").await.is(404).text_at("/detail"),
        "There is no such suppression."
    );
    lift(&ada, &id, " ").await.is(400);
    ada.get(EVERYWHERE).await.is(400);
}
