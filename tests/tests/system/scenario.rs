//! One life of the system that goes through every path of every function: what it leaves behind (rights used, calls
//! made, items written) is compared with what the template and the table's README say.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::LinkId;
use domain::event::Fact;
use domain::listing::Listing;
use local::control::DeadLetter;
use local::google::Wish;
use local::wire::faults::Kind;
use serde_json::json;
use table::link::Purpose;
use tests::competition::{SETS, set};
use tests::email::{EMAILS, unsubscribe_link};
use tests::landlord::{PROPERTIES, property};
use tests::lease::{REFUNDS, REVIEWS, pdf_of_pages};
use tests::listing::place;
use tests::person::PASSWORD;
use tests::suppression::{EVERYWHERE, SUPPRESSIONS};
use tests::template::{TEMPLATES, template};
use tests::{App, Outcome, Person, System};

const PDF: &str = "application/pdf";
/// A PNG of one pixel.
const PIXEL: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// Goes through every path.
pub(crate) async fn every_path(system: &System) {
    for id in ["1", "2", "3"] {
        system.listing(id).await;
    }
    system
        .listing_with("4", |listing: &mut Listing| listing.place = place("Austin", "TX"))
        .await;
    let unheard = send_leases(system).await;
    look_around(system).await;
    have_properties(system).await;
    compete(system).await;
    write_templates(system).await;
    suppress_addresses(system).await;
    write_to_tenants(system).await;
    care_for_an_account(system).await;
    come_with_google(system).await;
    let person = come_and_go(system).await;
    buy_and_unlock(&person).await;
    ask_before_the_event_comes(&person).await;
    lose_a_mail(&person).await;
    repeat(&person).await;
    be_told(&person).await;
    system.grant(&person.email, "admin").await;
    person.post_nothing("/api/auth/signout").await.is(204);
    leave(system).await;
    subscribe(system).await;
    be_paid_back(system).await;
    system.at_rest().await;
    // That the lease is read, of which nobody heard, was given up by who should have heard; and nothing else was.
    let dead = system.platform.dead_letters();
    let about = |letter: &DeadLetter| {
        letter.body["Records"][0]["Sns"]["Message"]
            .to_string()
            .contains(&unheard)
    };
    assert!(dead.len() == 1 && about(&dead[0]), "{dead:?}");
}

/// Leases that come and do not, that are turned away, read, decided by a person, and forgotten; and one that still waits. The
/// id of the one of which nobody hears that it is read.
async fn send_leases(system: &System) -> String {
    let home = system.listing("lease").await;
    let lea = system.renter_of("lea", &home).await;
    lea.announce(PDF, &pdf_of_pages(1)).await.is(201);
    lea.announce(PDF, &pdf_of_pages(2)).await.is(201);
    let submitted = json!({
        "purchaseId": lea.purchase, "finalRent": "1700", "leaseFileUrl": "blob:http://localhost/1",
    });
    let submit = lea
        .renter
        .request("POST", "/api/lease-verification/submit")
        .json(&submitted);
    system
        .send(submit.header("idempotency-key", "lease"))
        .await
        .is(200);
    let id = lea.upload(PDF, pdf_of_pages(2)).await;
    lea.read(&id).await;
    lea.renter
        .get(&format!("/api/lease-verification/status/{}", lea.purchase))
        .await
        .is(200);
    let path = |action: &str| format!("/api/lease-verification/{action}/{id}");
    lea.renter.post(&path("verify"), &json!({})).await.is(409);
    lea.renter.post_nothing(&path("refund")).await.is(409);
    let max = system.renter_of("max", &home).await;
    let bad = max.upload(PDF, pdf_of_pages(51)).await;
    max.read(&bad).await;
    max.announce(PDF, &pdf_of_pages(3)).await.is(201);

    let reviewer = system.reviewer().await;
    reviewer.get(REVIEWS).await.is(200);
    let review = format!("{REVIEWS}/{id}");
    let seen = reviewer.get(&review).await;
    let link = system.request_to("GET", seen.is(200).text_at("/file/url"));
    system.send(link).await.is(200);
    let approval = json!({ "decision": "approve", "rent": 1900, "note": "Read by me." });
    let approve = reviewer.request("POST", &review).json(&approval);
    system
        .send(approve.header("idempotency-key", "lease"))
        .await
        .is(200);
    system.at_rest().await;
    // A file that never comes, one whose time is over, and one of which nobody hears that it is read.
    system.fail_for(
        "LeaseExtractFunction",
        "textract",
        "GetDocumentAnalysis",
        Kind::InternalError,
        9,
    );
    let ned = system.renter_of("ned", &home).await;
    let unheard = ned.upload(PDF, pdf_of_pages(4)).await;
    system.faults_struck().await;
    system.at_rest().await;
    system.advance("PT30M").await;
    system.run("LeaseSweeperFunction").await;
    system.advance("P91D").await;
    system.run("LeaseSweeperFunction").await;
    let gone = system.renter_of("otto", &home).await;
    gone.upload(PDF, pdf_of_pages(5)).await;
    system.at_rest().await;
    let user_id = gone.renter.id.parse().unwrap();
    system.tell(Fact::AccountDeleted { user_id }).await;
    system.at_rest().await;
    let kim = system.renter_of("kim", &home).await;
    let id = kim.upload("image/png", STANDARD.decode(PIXEL).unwrap()).await;
    kim.read(&id).await;
    unheard
}

async fn look_around(system: &System) {
    system.get("/api/health").await.is(200);
    system.get("/api/nowhere").await.is(404);
    system.get("/api/auth/signin").await.is(405);
    for search in [
        "",
        "?city=Atlanta&state=GA",
        "?lat=33.75&lng=-84.39",
        "?lat=33.75&lng=-84.39&radius=1",
        "/stats",
    ] {
        system
            .get(&format!("/api/scraped-properties{search}"))
            .await
            .is(200);
    }
    system.get("/api/scraped-properties/1").await.is(200);
    system.get("/api/scraped-properties/5").await.is(404);
}

/// Enters, lists, changes, deletes and restores properties, up to the limit; and one under a key that is repeated.
async fn have_properties(system: &System) {
    let lena = system.landlord("lena").await;
    let added = lena.add_property("Elm 1").await;
    let path = format!("{PROPERTIES}/{}", added.is(201).text_at("/id"));
    let again = || {
        let request = lena.request("POST", PROPERTIES).json(&property("Elm 2"));
        system.send(request.header("idempotency-key", "scenario"))
    };
    again().await.is(201);
    again().await.is(201);
    lena.add_property("Elm 3").await.is(402);
    for list in [
        "",
        "?status=vacant",
        "?city=atl",
        "?sortBy=name",
        "?sortBy=targetRent",
        "/cities",
    ] {
        lena.get(&format!("{PROPERTIES}{list}")).await.is(200);
    }
    lena.patch(&path, &json!({ "name": "Oak 1" })).await.is(200);
    let moved = json!({ "name": "Oak 1", "address": "12 Elm St", "city": "Macon", "state": "GA", "zipCode": "31201" });
    let moved = system.send(lena.request("PUT", &path).json(&moved)).await;
    moved.is(200);
    lena.get(&path).await.is(200);
    lena.delete(&path).await.is(204);
    lena.get(&path).await.is(404);
    lena.get(&format!("{PROPERTIES}/deleted")).await.is(200);
    lena.post_nothing(&format!("{path}/restore")).await.is(200);
    lena.delete(&path).await.is(204);
    lena.get("/api/landlord/portfolio/summary").await.is(200);
    for figure in ["pricing", "occupancy"] {
        let path = format!("/api/landlord/analytics/{figure}?city=Atlanta&state=GA");
        let asked = lena.get(&path).await;
        assert!([200, 404].contains(&asked.status), "{}", asked.text);
    }
    let sheet = "address,city,state\n14 Elm St,Atlanta,GA\n";
    for _ in 0..2 {
        let request = lena.request("POST", &format!("{PROPERTIES}/import"));
        let sent = system
            .send(request.header("content-type", "text/csv").body(sheet))
            .await;
        sent.is(200);
    }
    lena.get(&format!("{PROPERTIES}/export")).await.is(200);
}

/// Makes, lists, changes and deletes competition sets with competitors in them; one under a key that is repeated.
async fn compete(system: &System) {
    let coco = system.landlord("coco").await;
    let elm = coco.add_property("Elm").await;
    let elm = elm.is(201).text_at("/id").to_owned();
    let path = coco.makes_set("Midtown", &[&elm]).await;
    let again = || {
        let request = coco.request("POST", SETS).json(&set("Downtown", &[]));
        system.send(request.header("idempotency-key", "scenario"))
    };
    again().await.is(201);
    again().await.is(201);
    let rent = json!({ "currentRent": 1500, "bedrooms": 2 });
    let oak = coco.enters(&path, "1 Oak Ave", &rent).await;
    let oak = format!("{path}/competitors/{}", oak.is(201).text_at("/id"));
    coco.enters(&path, "2 Oak Ave", &rent).await.is(201);
    coco.enters(&path, "2 oak ave", &rent).await.is(409);
    coco.get(SETS).await.is(200);
    coco.get(&path).await.is(200);
    let of_set = path.rsplit('/').next().unwrap();
    coco.get(&format!("{PROPERTIES}?competitionSetId={of_set}"))
        .await
        .is(200);
    coco.get("/api/landlord/analytics/competition").await.is(200);
    coco.patch(&path, &json!({ "name": "Uptown" })).await.is(200);
    coco.patch(&path, &json!({ "ownPropertyIds": [] })).await.is(200);
    coco.delete(&oak).await.is(204);
    coco.delete(&path).await.is(204);
    coco.enters(&path, "3 Oak Ave", &rent).await.is(404);
    let left = coco.makes_set("Left", &[&elm]).await;
    coco.enters(&left, "1 Oak Ave", &rent).await.is(201);
}

/// Makes, lists, changes, looks at, copies and deletes templates; one under a key that is repeated, and one of whose mails something is counted.
async fn write_templates(system: &System) {
    let tilda = system.landlord("tilda").await;
    let id = tilda.makes_template("Stay").await;
    let path = format!("{TEMPLATES}/{id}");
    let again = || {
        let request = tilda.request("POST", TEMPLATES).json(&template("Go"));
        system.send(request.header("idempotency-key", "scenario"))
    };
    again().await.is(201);
    again().await.is(201);
    tilda.get(TEMPLATES).await.is(200);
    tilda.get(&format!("{TEMPLATES}/tokens")).await.is(200);
    tilda.patch(&path, &json!({ "name": "Stay on" })).await.is(200);
    let property = tilda.add_property("Elm").await;
    let with = json!({ "propertyId": property.is(201).text_at("/id") });
    tilda.post(&format!("{path}/preview"), &with).await.is(200);
    tilda.post_nothing(&format!("{path}/duplicate")).await.is(201);
    let (table, user, template) = (system.table(), tilda.id.parse().unwrap(), id.parse().unwrap());
    table.count_mail(user, template, 0, &[("sent", 1)]).await.unwrap();
    tilda.get(&path).await.is(200);
    tilda.delete(&path).await.is(204);
}

/// Keeps mails from addresses, and lets them go there again; an address that bounces, and an admin who knows better.
async fn suppress_addresses(system: &System) {
    let sven = system.landlord("sven").await;
    let said = json!({ "address": "tom@example.com" });
    let again = || {
        let request = sven.request("POST", SUPPRESSIONS).json(&said);
        system.send(request.header("idempotency-key", "scenario"))
    };
    again().await.is(201);
    again().await.is(201);
    let id = sven
        .post(SUPPRESSIONS, &said)
        .await
        .is(200)
        .text_at("/id")
        .to_owned();
    sven.get(SUPPRESSIONS).await.is(200);
    let path = format!("{SUPPRESSIONS}/{id}");
    sven.delete(&path).await.is(204);
    sven.delete(&path).await.is(404);
    sven.suppresses("tess@example.com").await;
    let mail = system
        .eventually("a mail", async || system.mails_to(&sven.email).pop())
        .await;
    let outcome = json!({ "outcome": "bounce" });
    system
        .post(&format!("/_local/outbox/{}", mail.id), &outcome)
        .await;
    system.at_rest().await;
    system.grant(&sven.email, "admin").await;
    let known = sven.get(&format!("{EVERYWHERE}?address={}", sven.email)).await;
    let lift = format!("{EVERYWHERE}/{}/lift", known.is(200).text_at("/id"));
    sven.post(&lift, &json!({ "note": "It is there after all." }))
        .await
        .is(200);
}

/// Writes to tenants: at once, later, never; one says that they want no more, and what becomes of a mail is told, also of one that is
/// gone.
async fn write_to_tenants(system: &System) {
    let wanda = system.writer("wanda").await;
    let template = wanda.makes_template("Stay").await;
    let values = json!({ "unit_number": "4B", "tenant_name": "Tom", "offered_rent": "$1" });
    let mail = json!({ "templateId": template, "to": "tom@example.com", "values": values });
    let again = || {
        let request = wanda.request("POST", EMAILS).json(&mail);
        system.send(request.header("idempotency-key", "scenario"))
    };
    let id = again().await.is(202).text_at("/id").to_owned();
    again().await.is(202);
    wanda.email_once(&id, "sent").await;
    let property = wanda.add_property("Elm").await;
    let batch = json!({ "subject": "{{unit_number}}", "body": "Hello", "emails": [{
        "to": "tess@example.com", "propertyId": property.is(201).text_at("/id"), "values": { "unit_number": "4C" },
    }] });
    wanda.post(&format!("{EMAILS}/batch"), &batch).await.is(202);
    let other = system.mail_about("tess@example.com", "4C").await;
    system
        .send(system.request("POST", &unsubscribe_link(&other)))
        .await
        .is(200);
    let later = wanda.writes_later_to("tom@example.com").await;
    wanda
        .post_nothing(&format!("{EMAILS}/{later}/cancel"))
        .await
        .is(200);
    wanda.get(EMAILS).await.is(200);
    wanda.get(&format!("{EMAILS}?to=tom@example.com")).await.is(200);
    let sent = system.mail_about("tom@example.com", "Your lease of 4B").await;
    system.becomes(&sent, "delivery").await;
    let link = unsubscribe_link(&sent);
    system.get(&link).await.is(200);
    wanda.suppresses("tom@example.com").await;
    system.send(system.request("POST", &link)).await.is(200);
    wanda.writes_to("tom@example.com").await;
    system.looks_at_due_mails().await;
    system.at_rest().await;
    let bounced = wanda.writes_to("tina@example.com").await;
    wanda.email_once(&bounced, "sent").await;
    let bounced = system.mail_about("tina@example.com", "tina@example.com").await;
    system.becomes(&bounced, "bounce").await;
    let walt = system.writer("walt").await;
    let later = walt.writes_later_to("tom@example.com").await;
    wanda.leave().await;
    system.becomes(&sent, "open").await;
    walt.get(&format!("{EMAILS}/{later}")).await.is(200);
}

/// Signs up, in and out; with a wrong password, and as nobody.
async fn come_and_go(system: &System) -> Person<'_> {
    let person = system.person("mira").await;
    system.sign_up(&person.email).await.is(409);
    system.sign_in(&person.email, "not my password").await.is(401);
    system.sign_in("nobody@example.com", PASSWORD).await.is(401);
    system.get("/api/auth/me").await.is(401);
    let phone = person.on_another_device().await;
    let sessions = person.get("/api/auth/sessions").await;
    let at_phone = sessions.is(200).text_at("/sessions/0/id").to_owned();
    person
        .delete(&format!("/api/auth/sessions/{at_phone}"))
        .await
        .is(204);
    person
        .delete(&format!("/api/auth/sessions/{at_phone}"))
        .await
        .is(404);
    phone.get("/api/auth/me").await.is(401);
    person
        .patch("/api/auth/user-type", &json!({ "userType": "agent" }))
        .await
        .is(200);
    person.get("/api/auth/me").await.is(200);
    person
}

/// Confirms and changes an address, forgets and changes a password, and has a second factor for a while.
async fn care_for_an_account(system: &System) {
    let mut person = system.person("nora").await;
    let resend = person.request("POST", "/api/auth/confirm-email/resend");
    system
        .send(resend.header("idempotency-key", "again"))
        .await
        .is(202);
    system.advance("PT1M").await;
    for email in [person.email.as_str(), "nobody@example.com"] {
        let forgotten = json!({ "email": email });
        system.post("/api/auth/forgot-password", &forgotten).await.is(202);
    }
    let token = system.link_token(&person.id, Purpose::ResetPassword).await;
    let reset = json!({ "token": token, "password": PASSWORD });
    system.post("/api/auth/reset-password", &reset).await.is(200);
    person.get("/api/auth/two-factor").await.is(401);
    person = person.on_another_device().await;
    let change = json!({ "currentPassword": "not my password", "newPassword": PASSWORD });
    person.post("/api/auth/change-password", &change).await.is(403);
    let change = json!({ "currentPassword": PASSWORD, "newPassword": PASSWORD });
    let changed = person.post("/api/auth/change-password", &change).await;
    person = Person::signed_in(system, changed.is(200));
    let wish = json!({ "email": "nora@elsewhere.example.com", "password": PASSWORD });
    person.post("/api/auth/change-email", &wish).await.is(202);
    let token = system.link_token(&person.id, Purpose::ChangeEmail).await;
    let used = json!({ "token": token });
    system.post("/api/auth/confirm-email-change", &used).await.is(204);
    person.email = "nora@elsewhere.example.com".to_owned();
    person = person.on_another_device().await;
    have_a_second_factor(&person).await;
}

/// Comes with Google: as nobody known, as somebody known, and to accounts of the same address.
async fn come_with_google(system: &System) {
    let confirmed = system.sign_up("olga@gmail.com").await;
    Person::signed_in(system, &confirmed).confirm_email().await;
    system.sign_up("pia@gmail.com").await.is(201);
    for email in [
        "quin@gmail.com",
        "quin@gmail.com",
        "olga@gmail.com",
        "pia@gmail.com",
    ] {
        system.sign_in_with_google(email).await.is(200);
    }
}

async fn have_a_second_factor(person: &Person<'_>) {
    let system = person.system;
    let password = json!({ "password": PASSWORD });
    let begun = person.post("/api/auth/two-factor", &password).await;
    let app = App::new(begun.is(200).text_at("/secret"));
    let first = json!({ "code": app.code(system) });
    person.post("/api/auth/two-factor/confirm", &first).await.is(200);
    system.advance("PT30S").await;
    system.sign_in(&person.email, PASSWORD).await.is(401);
    let sign_in = json!({ "email": person.email, "password": PASSWORD, "code": app.code(system) });
    system.post("/api/auth/signin", &sign_in).await.is(200);
    system.advance("PT30S").await;
    let proof = json!({ "password": PASSWORD, "code": app.code(system) });
    let renewed = person.post("/api/auth/two-factor/recovery-codes", &proof).await;
    let code = renewed.is(200).text_at("/recoveryCodes/0");
    let proof = json!({ "password": PASSWORD, "code": code });
    let disable = person.request("DELETE", "/api/auth/two-factor").json(&proof);
    system.send(disable).await.is(204);
    person.get("/api/auth/two-factor").await.is(200);
}

/// Buys in every way that a purchase can end, and uses what was bought.
async fn buy_and_unlock(person: &Person<'_>) {
    person.unlock("1").await.is(402);
    person
        .post("/api/access/activate-plan", &json!({ "planType": "basic" }))
        .await
        .is(402);
    for outcome in [
        Outcome::Declined,
        Outcome::Expired,
        Outcome::AsyncFailed,
        Outcome::Paid,
        Outcome::AsyncPaid,
    ] {
        person.buy("basic", outcome).await;
    }
    person.buy_property("1").await;
    let checkout = person.checkout_property("2").await;
    checkout.end(Outcome::Paid).await;
    person
        .system
        .stripe()
        .redeliver(&checkout.event_id("checkout.session.completed"), 3)
        .await;
    person.unlock("1").await.is(200);
    person.unlock("3").await.is(201);
    person.unlock("5").await.is(404);
    person
        .post("/api/access/activate-plan", &json!({ "planType": "basic" }))
        .await
        .is(200);
    person.get("/api/access/status").await.is(200);
    let first = person.get("/api/purchases?limit=3").await;
    let cursor = first.is(200).text_at("/nextCursor").to_owned();
    person
        .get(&format!("/api/purchases?limit=3&cursor={cursor}"))
        .await
        .is(200);
}

/// Pays on the web client's own page, and asks before Stripe has reported it.
async fn ask_before_the_event_comes(person: &Person<'_>) {
    let system = person.system;
    system.get("/api/stripe/publishable-key").await.is(200);
    let begun = person
        .post("/api/payments/create-intent", &json!({ "planId": "premium" }))
        .await;
    let ask = json!({ "paymentIntentId": begun.is(200).text_at("/paymentIntentId") });
    person.post("/api/payments/verify", &ask).await.is(402);
    let full = json!({ "email": person.email });
    person
        .post("/api/payments/create-renter-checkout", &full)
        .await
        .is(200);
    system.stripe().deliver_by_itself(false);
    let checkout = person.checkout("basic").await;
    checkout.submit(Outcome::Paid).await;
    let ask = json!({ "sessionId": checkout.session });
    person.post("/api/payments/verify", &ask).await.is(200);
    system.stripe().deliver_by_itself(true);
    person.get("/api/payments/status").await.is(200);
    let unlocked = format!("/api/access/unlocked-properties/{}", person.id);
    person.get(&unlocked).await.is(200);
}

/// A landlord's subscription, from its trial to its end; and a day on which Stripe's events do not come.
async fn subscribe(system: &System) {
    let person = system.person("sara").await;
    let role = json!({ "userType": "landlord" });
    person.patch("/api/auth/user-type", &role).await.is(200);
    let subscription = person.subscribe("landlord_starter", "paid").await;
    let change = json!({ "planId": "landlord_pro" });
    person.post("/api/payments/change-plan", &change).await.is(200);
    person.post_nothing("/api/payments/billing-portal").await.is(200);
    let which = json!({ "subscriptionId": subscription });
    for action in ["cancel-subscription", "resume-subscription"] {
        let path = format!("/api/payments/{action}");
        person.post(&path, &which).await.is(200);
    }
    person.get("/api/payments/invoices").await.is(200);
    system.at_rest().await;
    system.stripe().deliver_by_itself(false);
    system.advance("P15D").await;
    system.run("ReconciliationFunction").await;
    system.stripe().deliver_by_itself(true);
    let person = person.on_another_device().await;
    let now = json!({ "subscriptionId": subscription, "cancelImmediately": true });
    let cancel = person
        .request("POST", "/api/payments/cancel-subscription")
        .json(&now);
    system
        .send(cancel.header("idempotency-key", "enough"))
        .await
        .is(200);
    let again = person.subscribe("landlord_starter", "paid").await;
    assert_ne!(again, subscription);
}

/// Takes a copy of what is kept, under a key that is repeated, and goes: one who has bought, and one whom Google brought.
async fn leave(system: &System) {
    let tess = system.landlord("tess").await;
    tess.subscribe("landlord_starter", "paid").await;
    tess.checkout("basic").await;
    system.at_rest().await;
    let keyed = || {
        let request = tess.request("POST", "/api/auth/exports");
        system.send(request.header("idempotency-key", "scenario"))
    };
    let fault = Kind::InternalError;
    system.fail_for("PersonalDataFunction", "dynamodb", "TransactWriteItems", fault, 3);
    keyed().await.is(503);
    let (one, other) = tokio::join!(keyed(), keyed());
    assert_eq!(one.status, other.status);
    let path = format!("/api/auth/exports/{}", one.is(202).text_at("/id"));
    let ready = async || {
        let export = tess.get(&path).await.is(200).json.clone();
        (export["status"] == "ready").then_some(export)
    };
    let export = system.eventually("the copy is ready", ready).await;
    tess.fetch(&export).await;
    tess.post_nothing("/api/auth/exports").await.is(429);
    let wrong = json!({ "password": "not my password" });
    tess.ask_to_leave(&wrong).await.is(403);
    tess.leave().await;
    let quin = system.sign_in_with_google("quin@gmail.com").await;
    let quin = Person::signed_in(system, quin.is(200));
    let wish = Wish {
        email: quin.email.clone(),
        ..Wish::default()
    };
    let proof = json!({ "credential": system.google_credential(&wish) });
    quin.ask_to_leave(&proof).await.is(202);
    system.erased(&quin.id).await;
    // Somebody takes a copy and stays.
    system.person("uma").await.export().await;
}

/// A lease is verified, and its money takes a day, arrives and comes back, until nobody asks for it any more.
async fn be_paid_back(system: &System) {
    system.stripe().let_refunds_take_time(true);
    let lease = system.person("rae").await.sends_lease("premium", "2").await;
    lease.saves(100).await;
    let made = async || {
        lease
            .refunds()
            .first()
            .and_then(|refund| refund["id"].as_str().map(str::to_owned))
    };
    let refund = system.eventually("Stripe is asked", made).await;
    lease.comes_to("refund_pending").await;
    system.advance("PT24H1M").await;
    system.at_rest().await;
    system.stripe().succeed_refund(&refund).unwrap();
    lease.comes_to("refunded").await;
    system.stripe().fail_refund(&refund).unwrap();
    lease.comes_to("refund_failed").await;
    system.stripe().let_refunds_take_time(false);
    lease.is_asked_for().await.is(200);
    lease.comes_to("refunded").await;
    let refunds = lease.refunds();
    let refund = refunds.last().and_then(|refund| refund["id"].as_str());
    system.stripe().fail_refund(refund.unwrap()).unwrap();
    lease.comes_to("refund_failed").await;
    let admin = system.person("ray").await;
    system.grant(&admin.email, "admin").await;
    admin.get(REFUNDS).await.is(200);
    let retry = format!("{REFUNDS}/{}/retry", lease.id);
    admin.post(&retry, &json!({ "note": "Once more." })).await.is(200);
    lease.comes_to("refunded").await;
    let refunds = lease.refunds();
    let refund = refunds.last().and_then(|refund| refund["id"].as_str());
    // One that stays where a person has to look at it.
    system.stripe().fail_refund(refund.unwrap()).unwrap();
    lease.comes_to("refund_failed").await;
}

/// Requests under a key, repeated: after an answer, after a fault of ours, and while another is at work.
async fn repeat(person: &Person<'_>) {
    let system = person.system;
    let signed_in = json!({ "email": person.email, "password": PASSWORD });
    for (function, path, body) in [
        ("SessionsFunction", "/api/auth/signin", signed_in),
        (
            "CheckoutFunction",
            "/api/payments/create-checkout",
            json!({ "planId": "basic" }),
        ),
        (
            "AccessFunction",
            "/api/access/unlock-property",
            json!({ "propertyId": "4" }),
        ),
    ] {
        let request = || {
            let request = person.request("POST", path).json(&body);
            system.send(request.header("idempotency-key", "scenario"))
        };
        system.fail_for(function, "dynamodb", "TransactWriteItems", Kind::InternalError, 3);
        request().await.is(503);
        let (one, other) = tokio::join!(request(), request());
        assert_eq!(one.status, other.status);
        assert!(one.status < 300, "{}", one.text);
    }
}

/// The owner of the account is told of a change; and not of a link that is not theirs to use any more.
async fn be_told(person: &Person<'_>) {
    let system = person.system;
    let user_id = person.id.parse().unwrap();
    system.tell(Fact::PasswordChanged { user_id }).await;
    let link_id = LinkId::from_bytes([1; 16]);
    for fact in [
        Fact::PasswordResetRequested { user_id, link_id },
        Fact::EmailChanged { user_id, link_id },
    ] {
        system.tell(fact).await;
    }
    let told = async || {
        let mails = system.mails_to(&person.email);
        mails
            .into_iter()
            .find(|mail| mail.subject == "Your password was changed")
    };
    system.eventually("the owner is told", told).await;
}

/// SES and the bus refuse at first, so that a mail is claimed, given back, and sent in the end.
async fn lose_a_mail(person: &Person<'_>) {
    let system = person.system;
    system.at_rest().await;
    let before = system.receipts_to(&person.email).len();
    system.fail("ses", "", Kind::Throttle, 2);
    system.fail("events", "", Kind::InternalError, 3);
    person.buy("pro", Outcome::Paid).await;
    let sent = async || (system.receipts_to(&person.email).len() == before + 1).then_some(());
    system.eventually("the receipt is mailed after all", sent).await;
}
