//! `/api/unsubscribe/{token}`: a reader wants no more of a sender's mails.

use local::ses::Message;
use tests::email::{happened, unsubscribe_link as link};
use tests::{Person, System};

async fn mail(person: &Person<'_>, to: &str) -> (String, Message) {
    let id = person.writes_to(to).await;
    person.email_once(&id, "sent").await;
    (id, person.system.mail_about(to, to).await)
}

#[tokio::test]
async fn one_click_keeps_one_senders_mails_from_an_address_and_looking_at_the_page_does_not() {
    let system = System::start().await;
    let (lena, nina) = (system.writer("lena").await, system.writer("nina").await);
    let (id, mail) = mail(&lena, "tom@example.com").await;
    let path = link(&mail);
    let before = system.snapshot().await;
    for _ in 0..3 {
        let page = system.get(&path).await;
        assert!(page.is(200).header("content-type").starts_with("text/html"));
        assert!(
            page.text.contains("No more mails from lena?") && page.text.contains("t…@example.com"),
            "{}",
            page.text
        );
        assert!(!page.text.contains("tom@example.com"));
        assert!(
            page.header("content-security-policy")
                .contains("default-src 'none'")
        );
        assert_eq!(page.header("referrer-policy"), "no-referrer");
    }
    system.snapshot().await.is_unchanged_since(&before);
    // As a mail program does it: a form, without cookies and from nowhere. Twice is as once.
    for _ in 0..2 {
        let click = system
            .request("POST", &path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body("List-Unsubscribe=One-Click");
        let done = system.send(click).await;
        assert!(
            done.is(200)
                .text
                .contains("Done. You get no more mails from lena."),
            "{}",
            done.text
        );
    }
    assert_eq!(
        happened(&lena.email(&id).await),
        ["queued", "sent", "unsubscribed"]
    );

    let again = lena.writes_to("tom@example.com").await;
    let skipped = lena.email_once(&again, "skipped").await;
    assert_eq!(skipped["skippedBecause"], "unsubscribed");
    let other = nina.writes_to("tom@example.com").await;
    nina.email_once(&other, "sent").await;

    let entries = lena.get("/api/email-suppressions").await.is(200).json["suppressions"].clone();
    let entry = &entries[0];
    assert_eq!(
        (
            entry["reason"].as_str(),
            entry["by"].as_str(),
            entry["removable"].as_bool()
        ),
        (Some("unsubscribed"), Some("recipient"), Some(false))
    );
    let lift = format!("/api/email-suppressions/{}", entry["id"].as_str().unwrap());
    lena.delete(&lift).await.is_problem(403, "not_yours_to_lift");
}

#[tokio::test]
async fn what_a_reader_asks_takes_the_place_of_what_the_sender_decided() {
    let system = System::start().await;
    let lena = system.writer("lena").await;
    let (_, mail) = mail(&lena, "tom@example.com").await;
    let id = lena.suppresses("tom@example.com").await;
    system.send(system.request("POST", &link(&mail))).await.is(200);
    let lift = format!("/api/email-suppressions/{id}");
    lena.delete(&lift).await.is_problem(403, "not_yours_to_lift");
    // What was counted as the sender's own is not any more.
    let account = system.snapshot().await;
    let account = account.item(&format!("USER#{}", lena.id), "ACCOUNT").unwrap();
    assert_eq!(account["usage"]["suppressions"], 0);
}

#[tokio::test]
async fn a_link_that_was_changed_cut_off_or_made_up_says_so_and_does_nothing() {
    let system = System::start().await;
    let lena = system.writer("lena").await;
    let (_, mail) = mail(&lena, "tom@example.com").await;
    let path = link(&mail);
    let before = system.snapshot().await;
    let (last, changed) = (
        path.chars().last().unwrap(),
        if path.ends_with('A') { 'B' } else { 'A' },
    );
    for wrong in [
        path[..path.len() - 1].to_owned(),
        format!("{}{changed}", path.strip_suffix(last).unwrap()),
        format!("{path}A"),
        "/api/unsubscribe/none".to_owned(),
        "/api/unsubscribe/%23".to_owned(),
        "/api/unsubscribe/%3Fcut".to_owned(),
    ] {
        for method in ["GET", "POST"] {
            let answer = system.send(system.request(method, &wrong)).await;
            assert!(
                answer.is(404).text.contains("This link is not whole."),
                "{method} {wrong}"
            );
        }
    }
    system.snapshot().await.is_unchanged_since(&before);
    // A sender who is gone sends nothing more.
    lena.leave().await;
    system.idle().await;
    let gone = system.send(system.request("POST", &path)).await;
    assert!(
        gone.is(200)
            .text
            .contains("There is nothing to unsubscribe from."),
        "{}",
        gone.text
    );
}
