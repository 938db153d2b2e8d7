//! Links, from the mail to what they do: each is taken from the mail that was sent, as its reader takes it.

use serde_json::json;
use tests::person::PASSWORD;
use tests::{Answer, System};

const NEW: &str = "another horse battery";

/// The token in the one mail of this subject to an address, which leads to this page of the web client. HTML and text
/// have the same.
async fn mailed_token(system: &System, email: &str, subject: &str, page: &str) -> String {
    let of_subject = || {
        let mut mails = system.mails_to(email);
        mails.retain(|mail| mail.subject == subject);
        mails
    };
    system.eventually(subject, async || of_subject().pop()).await;
    let mut mails = of_subject();
    assert_eq!(mails.len(), 1, "{mails:#?}");
    let mail = mails.remove(0);
    let (html, text) = (mail.html.unwrap(), mail.text.unwrap());
    let start = format!("{page}#token=");
    let (_, rest) = text
        .split_once(&start)
        .unwrap_or_else(|| panic!("no {start} in {text}"));
    let token = rest.split_whitespace().next().unwrap().to_owned();
    assert!(html.contains(&format!("{start}{token}\"")), "{html}");
    token
}

async fn use_link(system: &System, path: &str, token: &str) -> Answer {
    system.post(path, &json!({ "token": token })).await
}

#[tokio::test]
async fn the_link_that_signing_up_brings_confirms_the_address_once() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let token = mailed_token(&system, &ana.email, "Confirm your mail address", "/confirm-email").await;
    use_link(&system, "/api/auth/confirm-email", &token).await.is(200);
    assert_eq!(ana.me().await["emailVerified"], true);
    use_link(&system, "/api/auth/confirm-email", &token)
        .await
        .is_problem(409, "link_used");
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_the_link_in_the_mail_and_its_owner_is_told() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    let forgot = json!({ "email": ana.email });
    system.post("/api/auth/forgot-password", &forgot).await.is(202);
    let token = mailed_token(&system, &ana.email, "Choose a new password", "/reset-password").await;
    let reset = json!({ "token": token, "password": NEW });
    system.post("/api/auth/reset-password", &reset).await.is(200);
    system.sign_in(&ana.email, NEW).await.is(200);
    let told = async || {
        let mut mails = system.mails_to(&ana.email);
        mails.retain(|mail| mail.subject == "Your password was changed");
        mails.pop()
    };
    system.eventually("the owner is told", told).await;
}

#[tokio::test]
async fn to_an_address_without_an_account_nothing_is_mailed() {
    let system = System::start().await;
    let forgot = json!({ "email": "nobody@example.com" });
    system.post("/api/auth/forgot-password", &forgot).await.is(202);
    system.at_rest().await;
    assert_eq!(system.platform.outbox(), []);
    assert_eq!(system.platform.dead_letters(), []);
}

#[tokio::test]
async fn of_a_new_address_the_old_one_is_told() {
    const OLD: &str = "ana@example.com";
    const MOVED: &str = "maria@elsewhere.example.com";
    let system = System::start().await;
    let ana = system.person("ana").await;
    let change = json!({ "email": MOVED, "password": PASSWORD });
    ana.post("/api/auth/change-email", &change).await.is(202);
    let subject = "Confirm your new mail address";
    let token = mailed_token(&system, MOVED, subject, "/confirm-email-change").await;
    system.at_rest().await;
    assert!(system.mails_to(OLD).iter().all(|mail| mail.subject != subject));
    use_link(&system, "/api/auth/confirm-email-change", &token)
        .await
        .is(204);
    system.sign_in(MOVED, PASSWORD).await.is(200);
    let told = async || {
        let mut mails = system.mails_to(OLD);
        mails.retain(|mail| mail.subject == "Your mail address was changed");
        mails.pop()
    };
    let mail = system.eventually("the old address is told", told).await;
    for form in [mail.html.unwrap(), mail.text.unwrap()] {
        assert!(form.contains("m…@elsewhere.example.com"), "{form}");
        assert!(!form.contains(MOVED), "{form}");
    }
    system.at_rest().await;
    assert_eq!(system.platform.dead_letters(), []);
}

#[tokio::test]
async fn a_reset_that_could_not_be_mailed_within_its_hour_is_not_mailed_any_more() {
    let system = System::start().await;
    let ana = system.person("ana").await;
    system.at_rest().await;
    system.fail("ses", "SendEmail", local::wire::faults::Kind::Throttle, 1);
    let forgot = json!({ "email": ana.email });
    system.post("/api/auth/forgot-password", &forgot).await.is(202);
    system.faults_struck().await;
    system.advance("PT2H").await;
    system.at_rest().await;
    let mails = system.mails_to(&ana.email);
    assert!(mails.iter().all(|mail| mail.subject != "Choose a new password"));
    assert_eq!(system.platform.dead_letters(), []);
}
