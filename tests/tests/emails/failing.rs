//! The mail service is busy, refuses, or does not answer; and the sender dies.

use local::wire::faults::{Fault, Kind};
use serde_json::{Value, json};
use tests::email::happened;
use tests::{Person, System};

const SENDER: &str = "EmailSenderFunction";

fn fails(system: &System, kind: Kind, times: u32) {
    system.fail_for(SENDER, "ses", "SendEmail", kind, times);
}

/// What becomes of a mail within ten minutes.
async fn in_the_end(person: &Person<'_>, id: &str) -> Value {
    let system = person.system;
    for _ in 0..10 {
        system.idle().await;
        system.advance("PT1M").await;
        system.looks_at_due_mails().await;
    }
    system.idle().await;
    person.email(id).await
}

#[tokio::test]
async fn a_busy_mail_service_is_waited_out() {
    let system = System::without_schedules().await;
    let lena = system.writer("lena").await;
    fails(&system, Kind::Throttle, 4);
    let id = lena.writes_to("tom@example.com").await;
    let email = in_the_end(&lena, &id).await;
    assert_eq!(happened(&email), ["queued", "sent"]);
    system.mail_about("tom@example.com", "tom@example.com").await;
}

#[tokio::test]
async fn what_cannot_be_sent_for_a_day_has_failed_and_says_so() {
    let system = System::without_schedules().await;
    let lena = system.writer("lena").await;
    fails(&system, Kind::Throttle, 1000);
    let id = lena.writes_to("tom@example.com").await;
    for _ in 0..26 {
        system.idle().await;
        system.advance("PT1H").await;
        system.looks_at_due_mails().await;
    }
    let email = lena.email(&id).await;
    assert_eq!(email["status"], "failed");
    assert_eq!(email["timeline"][1]["reason"], "given_up");
    system.platform.faults().clear();
    system.looks_at_due_mails().await;
    assert_eq!(system.mails_to("tom@example.com").len(), 0);
}

#[tokio::test]
async fn a_mail_whose_answer_was_lost_is_not_sent_again_and_is_known_to_be_out_once_somebody_tells() {
    let system = System::without_schedules().await;
    let lena = system.writer("lena").await;
    for (kind, name, sent) in [
        (Kind::AnswerLost, "ann", 1),
        (Kind::TimeOut, "ben", 0),
        (Kind::InternalError, "cat", 0),
    ] {
        let to = format!("{name}@example.com");
        fails(&system, kind, 1);
        let id = lena.writes_to(&to).await;
        let email = in_the_end(&lena, &id).await;
        let mails = system.mails_to(&to);
        assert_eq!(mails.len(), sent, "{kind:?}");
        // The mail service tells of what it took on, also where its answer was lost.
        let status = if sent == 1 { "sent" } else { "unconfirmed" };
        assert_eq!(email["status"], status, "{kind:?}: {email}");
        assert!(happened(&email).contains(&"unconfirmed"), "{kind:?}: {email}");
    }
}

#[tokio::test]
async fn a_mail_whose_claim_was_written_and_answered_to_nobody_is_sent_all_the_same() {
    let system = System::without_schedules().await;
    let lena = system.writer("lena").await;
    system.fail_for(SENDER, "dynamodb", "PutItem", Kind::AnswerLost, 1);
    let id = lena.writes_to("tom@example.com").await;
    system.faults_struck().await;
    lena.email_once(&id, "sent").await;
    system.mail_about("tom@example.com", "tom@example.com").await;
}

#[tokio::test]
async fn wherever_the_sender_dies_a_mail_is_sent_once_or_not_and_says_which() {
    let system = System::without_schedules().await;
    let lena = system.writer("lena").await;
    let undisturbed = lena.writes_to("undisturbed@example.com").await;
    in_the_end(&lena, &undisturbed).await;
    let calls = |system: &System| -> u64 {
        let boundaries = system.platform.faults().boundaries();
        let senders = boundaries
            .iter()
            .filter(|(boundary, _)| boundary.principal == SENDER);
        senders.map(|(_, times)| times).sum()
    };
    // A run that finds nothing due asks once; what one mail takes is more than that.
    let before = calls(&system);
    system.looks_at_due_mails().await;
    let idle_run = calls(&system) - before;
    let before = calls(&system);
    let counted = lena.writes_to("counted@example.com").await;
    in_the_end(&lena, &counted).await;
    let takes = calls(&system) - before - 10 * idle_run;
    assert!((5..20).contains(&takes), "a mail takes {takes} calls");
    for kind in [Kind::DeathBefore, Kind::DeathAfter] {
        for call in 0..u32::try_from(takes).unwrap() {
            let to = format!("{kind:?}-{call}@example.com").to_lowercase();
            system.platform.faults().arm(Fault {
                principal: Some(SENDER.to_owned()),
                after: call,
                ..Fault::of("", "", kind)
            });
            let id = lena.writes_to(&to).await;
            let email = in_the_end(&lena, &id).await;
            assert!(
                system.platform.faults().armed().is_empty(),
                "{kind:?} {call}: it never died"
            );
            let status = match system.mails_to(&to).len() {
                0 => "unconfirmed",
                1 => "sent",
                more => panic!("{kind:?} {call}: {more} mails"),
            };
            assert_eq!(email["status"], status, "{kind:?} {call}: {email}");
        }
    }
}

#[tokio::test]
async fn nothing_goes_to_an_address_that_is_not_to_be_written_to_however_it_is_asked_for() {
    let system = System::start().await;
    let lena = system.writer("lena").await;
    lena.suppresses("by-hand@example.com").await;
    let (table, now) = (system.table(), system.now());
    for (to, reason) in [
        ("bounced@example.com", domain::suppression::Reason::HardBounce),
        ("complained@example.com", domain::suppression::Reason::Complaint),
    ] {
        table
            .suppress_everywhere(&to.parse().unwrap(), reason, now)
            .await
            .unwrap();
    }
    for (to, reason) in [
        ("by-hand@example.com", "by_hand"),
        ("Bounced@example.com", "hard_bounce"),
        ("complained@example.com", "complaint"),
    ] {
        let single = lena.writes_to(to).await;
        let later = (system.now() + jiff::SignedDuration::from_mins(5)).to_string();
        let scheduled = json!({ "to": to, "subject": "Later", "body": "Hello", "scheduledAt": later });
        let scheduled = lena
            .post("/api/emails", &scheduled)
            .await
            .is(202)
            .text_at("/id")
            .to_owned();
        let batch = json!({ "subject": "Many", "body": "Hello", "emails": [{ "to": to }] });
        let batch = lena
            .post("/api/emails/batch", &batch)
            .await
            .is(202)
            .text_at("/emails/0/id")
            .to_owned();
        system.advance("PT6M").await;
        for id in [single, scheduled, batch] {
            let email = lena.email_once(&id, "skipped").await;
            assert_eq!(email["skippedBecause"], reason);
        }
    }
    system.idle().await;
    let mails = system.platform.outbox();
    assert!(
        mails
            .iter()
            .all(|mail| mail.to.iter().all(|to| to.starts_with("lena@"))),
        "{mails:?}"
    );
}
