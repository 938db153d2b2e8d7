//! What each route and each trigger costs, in calls to AWS and in capacity, is what `shared/table/README.md` says; and
//! it stays that when the table grows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use domain::event::Fact;
use domain::listing::Listing;
use domain::{LinkId, PurchaseId, UserId};
use local::cost::Total;
use local::gateway::COST_HEADER;
use local::textract::Conduct;
use local::wire::faults::{Fault, Kind};
use serde_json::{Value, json};
use table::link::Purpose;
use tests::competition::{SETS, set};
use tests::email::{EMAILS, unsubscribe_link};
use tests::landlord::PROPERTIES;
use tests::lease::{REFUNDS, REVIEWS, Unlocked, pdf_of_pages};
use tests::listing::place;
use tests::person::PASSWORD;
use tests::suppression::{EVERYWHERE, SUPPRESSIONS};
use tests::template::{READY_MADE, TEMPLATES, template};
use tests::{Answer, App, Checkout, Lease, Outcome, Person, Snapshot, System};

use super::readme::{Pattern, patterns, table};
use super::routes::operations;

/// What one request cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Cost {
    calls: u32,
    rcu: f64,
    wcu: f64,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} | {} | {}", self.calls, self.rcu, self.wcu)
    }
}

/// What an answer says that it cost.
fn cost_of(answer: &Answer) -> Cost {
    let mut cost = Cost::default();
    for part in answer.header(COST_HEADER).split("; ") {
        match part.split_once('=') {
            Some(("calls", calls)) => cost.calls = calls.parse().expect("a number of calls"),
            Some(("rcu", units)) => cost.rcu = units.parse().expect("read capacity"),
            Some(("wcu", units)) => cost.wcu = units.parse().expect("write capacity"),
            _ => panic!("{COST_HEADER}: {}", answer.header(COST_HEADER)),
        }
    }
    cost
}

/// A route or a trigger, and the case that was measured.
type Line = (String, String);

/// Costs, as they are measured.
#[derive(Default)]
struct Measured(BTreeMap<Line, Cost>);

impl Measured {
    /// Notes the cost of the one invocation of a job since the totals were `before`.
    fn job(&mut self, system: &System, before: &BTreeMap<String, Total>, function: &str, case: &str) {
        self.jobs(1, system, before, function, case);
    }

    /// Notes the cost of so many invocations of a job, which together are one case.
    fn jobs(
        &mut self,
        invocations: u32,
        system: &System,
        before: &BTreeMap<String, Total>,
        function: &str,
        case: &str,
    ) {
        let before = before.get(function).cloned().unwrap_or_default();
        let total = system.platform.ledger().totals()[function].clone();
        assert_eq!(total.invocations - before.invocations, invocations, "{function}");
        let cost = Cost {
            calls: total.sum.calls - before.sum.calls,
            rcu: total.sum.rcu - before.sum.rcu,
            wcu: total.sum.wcu - before.sum.wcu,
        };
        self.enter(function, case, cost);
    }

    /// Notes the cost of an answer, which must be of this status.
    fn note(&mut self, route: &str, case: &str, status: u16, answer: &Answer) {
        answer.is(status);
        self.enter(route, case, cost_of(answer));
    }

    fn enter(&mut self, route: &str, case: &str, cost: Cost) {
        let before = self.0.insert((route.to_owned(), case.to_owned()), cost);
        assert!(before.is_none(), "{route} ({case}) is measured twice");
    }
}

const PDF: &str = "application/pdf";
/// The function that writes the system's own mails.
const NOTICES: &str = "NoticesFunction";

/// Listings in the city that is asked for.
const IN_THE_CITY: u32 = 20;

/// One life with everything in it once, in its ordinary form.
async fn measure(system: &System) -> Measured {
    let mut measured = Measured::default();
    for id in 0..IN_THE_CITY {
        system.listing(&format!("{}", 1000 + id)).await;
    }
    measure_listings(system, &mut measured).await;
    let person = measure_accounts(system, &mut measured).await;
    measure_purchases(&person, &mut measured).await;
    measure_notices(&person, &mut measured).await;
    measure_access(&person, &mut measured).await;
    measure_repetition(&person, &mut measured).await;
    measure_own_page(&person, &mut measured).await;
    measure_subscription(system, &mut measured).await;
    measure_care(system, &mut measured).await;
    measure_google(system, &mut measured).await;
    measure_properties(system, &mut measured).await;
    measure_competition(system, &mut measured).await;
    measure_templates(system, &mut measured).await;
    measure_suppressions(system, &mut measured).await;
    measure_emails(system, &mut measured).await;
    measure_personal_data(system, &mut measured).await;
    measure_leases(system, &mut measured).await;
    measured.note(
        "POST /api/auth/signout",
        "",
        204,
        &person.post_nothing("/api/auth/signout").await,
    );
    measure_forgetting(system, &mut measured).await;
    measure_refunds(system, &mut measured).await;
    measured
}

async fn measure_listings(system: &System, measured: &mut Measured) {
    const LIST: &str = "GET /api/scraped-properties";
    for (case, search) in [
        ("in a city, 20 listings", "?city=Atlanta&state=GA"),
        ("within a mile, 20 listings", "?lat=33.75&lng=-84.39&radius=1"),
        ("anywhere, one city of 20 listings", ""),
    ] {
        measured.note(
            LIST,
            case,
            200,
            &system.get(&format!("/api/scraped-properties{search}")).await,
        );
    }
    measured.note(
        "GET /api/scraped-properties/stats",
        "one city",
        200,
        &system.get("/api/scraped-properties/stats").await,
    );
    measured.note(
        "GET /api/scraped-properties/{id}",
        "",
        200,
        &system.get("/api/scraped-properties/1000").await,
    );
    measured.note("GET /api/health", "", 200, &system.get("/api/health").await);
    measured.note("$default", "", 404, &system.get("/api/nowhere").await);
}

async fn measure_accounts<'a>(system: &'a System, measured: &mut Measured) -> Person<'a> {
    const SIGN_IN: &str = "POST /api/auth/signin";
    let signed_up = system.sign_up("mira@example.com").await;
    measured.note("POST /api/auth/signup", "", 201, &signed_up);
    let person = Person::signed_in(system, &signed_up);
    measured.note(
        SIGN_IN,
        "wrong password",
        401,
        &system.sign_in(&person.email, "not my password").await,
    );
    measured.note(
        SIGN_IN,
        "no such account",
        401,
        &system.sign_in("nobody@example.com", "not my password").await,
    );
    let signed_in = system.sign_in(&person.email, PASSWORD).await;
    measured.note(SIGN_IN, "", 200, &signed_in);
    measured.note("GET /api/auth/me", "", 200, &person.get("/api/auth/me").await);
    measured.note(
        "GET /api/auth/me",
        "no session",
        401,
        &system.get("/api/auth/me").await,
    );
    let sessions = person.get("/api/auth/sessions").await;
    measured.note("GET /api/auth/sessions", "", 200, &sessions);
    let ended = person
        .delete(&format!(
            "/api/auth/sessions/{}",
            sessions.text_at("/sessions/0/id")
        ))
        .await;
    measured.note("DELETE /api/auth/sessions/{id}", "", 204, &ended);
    measured.note(
        "GET /api/auth/me",
        "session ended",
        401,
        &Person::signed_in(system, &signed_in).get("/api/auth/me").await,
    );
    let role = person
        .patch("/api/auth/user-type", &json!({ "userType": "agent" }))
        .await;
    measured.note("PATCH /api/auth/user-type", "", 200, &role);
    person
}

/// The care of another account, from its confirmation to its new address.
async fn measure_care(system: &System, measured: &mut Measured) {
    const FORGOT: &str = "POST /api/auth/forgot-password";
    let person = system.person("nora").await;
    let resent = person.post_nothing("/api/auth/confirm-email/resend").await;
    measured.note("POST /api/auth/confirm-email/resend", "", 202, &resent);
    let token = system.link_token(&person.id, Purpose::ConfirmEmail).await;
    let confirmed = system
        .post("/api/auth/confirm-email", &json!({ "token": token }))
        .await;
    measured.note("POST /api/auth/confirm-email", "", 200, &confirmed);
    system.advance("PT1M").await;
    for (case, email) in [
        ("", "nora@example.com"),
        ("no such account", "nobody@example.com"),
    ] {
        let forgotten = json!({ "email": email });
        let answer = system.post("/api/auth/forgot-password", &forgotten).await;
        measured.note(FORGOT, case, 202, &answer);
    }
    let token = system.link_token(&person.id, Purpose::ResetPassword).await;
    let reset = json!({ "token": token, "password": PASSWORD });
    let reset = system.post("/api/auth/reset-password", &reset).await;
    measured.note("POST /api/auth/reset-password", "", 200, &reset);
    let person = person.on_another_device().await;
    let person = measure_password_change(&person, measured).await;
    measure_second_factor(&person, measured).await;
    measure_address_change(&person, measured).await;
}

async fn measure_password_change<'a>(person: &Person<'a>, measured: &mut Measured) -> Person<'a> {
    const CHANGE: &str = "POST /api/auth/change-password";
    let change = async |current: &str| {
        let body = json!({ "currentPassword": current, "newPassword": PASSWORD });
        person.post("/api/auth/change-password", &body).await
    };
    measured.note(CHANGE, "wrong password", 403, &change("not my password").await);
    let changed = change(PASSWORD).await;
    measured.note(CHANGE, "", 200, &changed);
    Person::signed_in(person.system, &changed)
}

async fn measure_google(system: &System, measured: &mut Measured) {
    const GOOGLE: &str = "POST /api/auth/google";
    let confirmed = system.sign_up("olga@gmail.com").await;
    Person::signed_in(system, &confirmed).confirm_email().await;
    system.sign_up("pia@gmail.com").await.is(201);
    for (case, email) in [
        ("new person", "quin@gmail.com"),
        ("known", "quin@gmail.com"),
        ("links an account", "olga@gmail.com"),
        ("takes an account over", "pia@gmail.com"),
    ] {
        measured.note(GOOGLE, case, 200, &system.sign_in_with_google(email).await);
    }
}

async fn measure_second_factor(person: &Person<'_>, measured: &mut Measured) {
    const SIGN_IN: &str = "POST /api/auth/signin";
    let system = person.system;
    let begun = person
        .post("/api/auth/two-factor", &json!({ "password": PASSWORD }))
        .await;
    measured.note("POST /api/auth/two-factor", "", 200, &begun);
    let app = App::new(begun.text_at("/secret"));
    let first = json!({ "code": app.code(system) });
    let confirmed = person.post("/api/auth/two-factor/confirm", &first).await;
    measured.note("POST /api/auth/two-factor/confirm", "", 200, &confirmed);
    let shown = person.get("/api/auth/two-factor").await;
    measured.note("GET /api/auth/two-factor", "", 200, &shown);
    system.advance("PT30S").await;
    let without = system.sign_in(&person.email, PASSWORD).await;
    measured.note(SIGN_IN, "code missing", 401, &without);
    let sign_in = json!({ "email": person.email, "password": PASSWORD, "code": app.code(system) });
    let signed_in = system.post("/api/auth/signin", &sign_in).await;
    measured.note(SIGN_IN, "with a code", 200, &signed_in);
    system.advance("PT30S").await;
    let proof = json!({ "password": PASSWORD, "code": app.code(system) });
    let path = "/api/auth/two-factor/recovery-codes";
    let renewed = person.post(path, &proof).await;
    measured.note("POST /api/auth/two-factor/recovery-codes", "", 200, &renewed);
    let proof = json!({ "password": PASSWORD, "code": renewed.text_at("/recoveryCodes/0") });
    let disable = person.request("DELETE", "/api/auth/two-factor").json(&proof);
    let disabled = system.send(disable).await;
    measured.note("DELETE /api/auth/two-factor", "", 204, &disabled);
}

async fn measure_address_change(person: &Person<'_>, measured: &mut Measured) {
    const CHANGE: &str = "POST /api/auth/change-email";
    let system = person.system;
    for (case, email) in [("", "nora@elsewhere.example.com"), ("taken", "mira@example.com")] {
        let wish = json!({ "email": email, "password": PASSWORD });
        let answer = person.post("/api/auth/change-email", &wish).await;
        measured.note(CHANGE, case, 202, &answer);
    }
    let token = system.link_token(&person.id, Purpose::ChangeEmail).await;
    let changed = system
        .post("/api/auth/confirm-email-change", &json!({ "token": token }))
        .await;
    measured.note("POST /api/auth/confirm-email-change", "", 204, &changed);
}

async fn measure_purchases(person: &Person<'_>, measured: &mut Measured) {
    const CHECKOUT: &str = "POST /api/payments/create-checkout";
    const WEBHOOK: &str = "POST /api/stripe/webhook";
    let system = person.system;
    // What signing up told of is on its way.
    system.at_rest().await;
    let before = system.platform.ledger().totals();
    // Each event is delivered by hand, so that its own cost is seen.
    system.stripe().deliver_by_itself(false);
    let plan = person
        .post("/api/payments/create-checkout", &json!({ "planId": "basic" }))
        .await;
    measured.note(CHECKOUT, "a plan", 200, &plan);
    let wish = json!({ "planId": "per_property", "propertyId": "1001" });
    let property = person.post("/api/payments/create-checkout", &wish).await;
    measured.note(CHECKOUT, "one property", 200, &property);
    let plan = Checkout::opened(person.clone(), &plan);
    let property = Checkout::opened(person.clone(), &property);
    measured.note(
        WEBHOOK,
        "a plan is paid",
        200,
        &deliver(&plan, "checkout.session.completed").await,
    );
    measured.note(
        WEBHOOK,
        "the same again",
        200,
        &deliver_again(&plan, "checkout.session.completed").await,
    );
    system
        .eventually("the receipt is mailed", async || {
            system.receipts_to(&person.email).pop()
        })
        .await;
    system.at_rest().await;
    measured.job(system, &before, "OutboxRelayFunction", "one event");
    measured.job(system, &before, NOTICES, "a receipt");
    measured.note(
        WEBHOOK,
        "a property is paid",
        200,
        &deliver(&property, "checkout.session.completed").await,
    );
    let of_another_type = system
        .stripe()
        .events()
        .into_iter()
        .find(|event| event["type"] == "charge.succeeded");
    let of_another_type = of_another_type.expect("a charge is reported as well");
    measured.note(
        WEBHOOK,
        "another type",
        200,
        &system.report(&of_another_type).await,
    );
    measured.note(
        WEBHOOK,
        "wrong signature",
        400,
        &system.webhook("{}", "t=1,v1=00").await,
    );
}

/// What it costs to write the mails that the system itself sends.
async fn measure_notices(person: &Person<'_>, measured: &mut Measured) {
    let system = person.system;
    system.at_rest().await;
    let before = system.platform.ledger().totals();
    let other = system.person("other").await;
    system
        .eventually("the link is mailed", async || system.mails_to(&other.email).pop())
        .await;
    system.at_rest().await;
    measured.job(system, &before, NOTICES, "a link");
    let user_id = person.id.parse().expect("an id");
    let link_id = LinkId::from_bytes([1; 16]);
    for (case, fact) in [
        ("word to an account's owner", Fact::PasswordChanged { user_id }),
        (
            "a link of no use",
            Fact::PasswordResetRequested { user_id, link_id },
        ),
        (
            "a former address that is gone",
            Fact::EmailChanged { user_id, link_id },
        ),
    ] {
        let before = system.platform.ledger().totals();
        let ran = async || {
            let total = system.platform.ledger().totals()[NOTICES].invocations;
            (total > before[NOTICES].invocations).then_some(())
        };
        system.tell(fact).await;
        system.eventually(case, ran).await;
        system.at_rest().await;
        measured.job(system, &before, NOTICES, case);
    }
}

/// A lease from its announcement to its end.
async fn measure_leases(system: &System, measured: &mut Measured) {
    const ANNOUNCE: &str = "POST /api/lease-verification/uploads";
    const OCR: &str = "LeaseOcrFunction";
    system.stripe().deliver_by_itself(true);
    let home = system.listing("lease").await;
    let ana = system.renter_of("lea", &home).await;
    let (one, two) = (pdf_of_pages(1), pdf_of_pages(2));
    measured.note(ANNOUNCE, "", 201, &ana.announce(PDF, &one).await);
    measured.note(ANNOUNCE, "another file", 201, &ana.announce(PDF, &two).await);
    let announced = ana.announce(PDF, &two).await;
    measured.note(ANNOUNCE, "the same file", 201, &announced);
    let submitted = json!({
        "purchaseId": ana.purchase, "finalRent": "1700", "leaseFileUrl": "blob:http://localhost/1",
    });
    let submitted = ana
        .renter
        .post("/api/lease-verification/submit", &submitted)
        .await;
    measured.note(
        "POST /api/lease-verification/submit",
        "it is awaited",
        200,
        &submitted,
    );
    system.at_rest().await;
    let before = system.platform.ledger().totals();
    // Word that comes before the job is noted is told again, which would be counted as well.
    let held = Conduct {
        hold: true,
        ..Conduct::default()
    };
    system.platform.textract().set_conduct(held);
    system.send_file(&announced, two.clone()).await.is(200);
    system.at_rest().await;
    system.platform.textract().set_conduct(Conduct::default());
    let id = announced.text_at("/verificationId").to_owned();
    ana.read(&id).await;
    system.at_rest().await;
    measured.job(system, &before, OCR, "a file to read");
    measured.job(system, &before, "LeaseExtractFunction", "a lease for review");
    measured.job(system, &before, NOTICES, "what became of a lease");
    measured.note(ANNOUNCE, "sent before", 200, &ana.announce(PDF, &two).await);
    measure_looking_at_leases(&ana, &id, measured).await;
    let max = system.renter_of("max", &home).await;
    let bad = max.announce(PDF, &pdf_of_pages(51)).await;
    system.at_rest().await;
    let before = system.platform.ledger().totals();
    system.send_file(&bad, pdf_of_pages(51)).await.is(200);
    max.read(bad.text_at("/verificationId")).await;
    system.at_rest().await;
    measured.job(system, &before, OCR, "a bad file");
    const ERASER: &str = "LeaseEraserFunction";
    let before = system.platform.ledger().totals();
    let user_id = UserId::generate(system.now()).unwrap();
    system.tell(Fact::AccountDeleted { user_id }).await;
    let ran = async || {
        system
            .platform
            .ledger()
            .totals()
            .contains_key(ERASER)
            .then_some(())
    };
    system.eventually("the files are looked for", ran).await;
    system.at_rest().await;
    measured.job(system, &before, ERASER, "an account without files");
    let before = system.platform.ledger().totals();
    system.run("LeaseSweeperFunction").await;
    measured.job(system, &before, "LeaseSweeperFunction", "nothing is due");
}

/// The two leases of before are decided for more than ninety days. The schedule itself runs when the clock is moved.
async fn measure_forgetting(system: &System, measured: &mut Measured) {
    const SWEEPER: &str = "LeaseSweeperFunction";
    system.at_rest().await;
    let before = system.platform.ledger().totals();
    system.advance("P91D").await;
    let ran = async || {
        let total = system.platform.ledger().totals()[SWEEPER].invocations;
        (total > before[SWEEPER].invocations).then_some(())
    };
    system.eventually("the sweeper runs", ran).await;
    system.at_rest().await;
    measured.job(system, &before, SWEEPER, "two files are kept no longer");
}

/// What its renter and its reviewer see of a lease, and the reviewer's decision.
async fn measure_looking_at_leases(ana: &Unlocked<'_>, id: &str, measured: &mut Measured) {
    let system = ana.renter.system;
    let path = |action: &str| format!("/api/lease-verification/{action}{id}");
    let seen = ana.renter.get(&path("")).await;
    measured.note("GET /api/lease-verification/{id}", "", 200, &seen);
    let status = ana
        .renter
        .get(&format!("/api/lease-verification/status/{}", ana.purchase))
        .await;
    measured.note(
        "GET /api/lease-verification/status/{purchaseId}",
        "",
        200,
        &status,
    );
    let verified = ana.renter.post(&path("verify/"), &json!({})).await;
    measured.note(
        "POST /api/lease-verification/verify/{id}",
        "not decided",
        409,
        &verified,
    );
    let refund = ana.renter.post_nothing(&path("refund/")).await;
    measured.note(
        "POST /api/lease-verification/refund/{id}",
        "not decided",
        409,
        &refund,
    );
    let reviewer = system.reviewer().await;
    measured.note(
        "GET /api/admin/lease-reviews",
        "1 lease",
        200,
        &reviewer.get(REVIEWS).await,
    );
    let review = format!("{REVIEWS}/{id}");
    measured.note(
        "GET /api/admin/lease-reviews/{id}",
        "",
        200,
        &reviewer.get(&review).await,
    );
    let approval = json!({ "decision": "approve", "rent": 1900, "note": "Read by me." });
    let approved = reviewer.post(&review, &approval).await;
    measured.note("POST /api/admin/lease-reviews/{id}", "", 200, &approved);
}

/// A purchase on the web client's own page, and the answers about what was bought.
async fn measure_own_page(person: &Person<'_>, measured: &mut Measured) {
    const VERIFY: &str = "POST /api/payments/verify";
    let system = person.system;
    let key = system.get("/api/stripe/publishable-key").await;
    measured.note("GET /api/stripe/publishable-key", "", 200, &key);
    let wish = json!({ "planId": "premium" });
    let begun = person.post("/api/payments/create-intent", &wish).await;
    measured.note("POST /api/payments/create-intent", "a plan", 200, &begun);
    let ask = json!({ "paymentIntentId": begun.text_at("/paymentIntentId") });
    let open = person.post("/api/payments/verify", &ask).await;
    measured.note(VERIFY, "not paid yet", 402, &open);
    let checkout = person.checkout("pro").await;
    checkout.submit(Outcome::Paid).await;
    let ask = json!({ "sessionId": checkout.session });
    let paid = person.post("/api/payments/verify", &ask).await;
    measured.note(VERIFY, "before the event", 200, &paid);
    let paid = person.post("/api/payments/verify", &ask).await;
    measured.note(VERIFY, "after the event", 200, &paid);
    let renter = person
        .post("/api/payments/create-renter-checkout", &json!({}))
        .await;
    measured.note("POST /api/payments/create-renter-checkout", "", 200, &renter);
    let status = person.get("/api/payments/status").await;
    measured.note("GET /api/payments/status", "", 200, &status);
    let path = format!("/api/access/unlocked-properties/{}", person.id);
    let unlocked = person.get(&path).await;
    measured.note("GET /api/access/unlocked-properties/{userId}", "", 200, &unlocked);
}

/// A subscription, from its page to its end.
async fn measure_subscription(system: &System, measured: &mut Measured) {
    const WEBHOOK: &str = "POST /api/stripe/webhook";
    let person = system.person("sara").await;
    let role = json!({ "userType": "landlord" });
    person.patch("/api/auth/user-type", &role).await.is(200);
    let wish = json!({ "planType": "landlord_starter", "interval": "monthly" });
    let subscribe = async || {
        person
            .post("/api/payments/create-subscription-checkout", &wish)
            .await
    };
    let opened = subscribe().await;
    const SUBSCRIBE: &str = "POST /api/payments/create-subscription-checkout";
    measured.note(SUBSCRIBE, "", 200, &opened);
    measured.note(SUBSCRIBE, "the page is open", 200, &subscribe().await);
    let checkout = Checkout::opened(person.clone(), &opened);
    checkout.submit(Outcome::Paid).await;
    let report = async |kind: &str| {
        let id = system.stripe().events_of(kind).pop().expect("an event");
        let (payload, signature) = system.stripe().signed(&id).expect("an event of Stripe's");
        system.webhook(payload, &signature).await
    };
    let began = report("customer.subscription.created").await;
    measured.note(WEBHOOK, "a subscription begins", 200, &began);
    let same = report("customer.subscription.created").await;
    measured.note(WEBHOOK, "the same about a subscription", 200, &same);
    let invoiced = report("invoice.paid").await;
    measured.note(WEBHOOK, "an invoice is paid", 200, &invoiced);
    let path = format!("/api/payments/subscription-status/{}", person.id);
    let status = person.get(&path).await;
    measured.note("GET /api/payments/subscription-status/{userId}", "", 200, &status);
    let which = json!({ "subscriptionId": status.text_at("/subscription/id") });
    let invoices = person.get("/api/payments/invoices").await;
    measured.note("GET /api/payments/invoices", "1 invoice", 200, &invoices);
    let change = json!({ "planId": "landlord_pro" });
    let changed = person.post("/api/payments/change-plan", &change).await;
    measured.note("POST /api/payments/change-plan", "", 200, &changed);
    for action in ["cancel-subscription", "resume-subscription"] {
        let path = format!("/api/payments/{action}");
        let done = person.post(&path, &which).await;
        measured.note(&format!("POST {path}"), "", 200, &done);
    }
    let portal = person.post_nothing("/api/payments/billing-portal").await;
    measured.note("POST /api/payments/billing-portal", "", 200, &portal);
    let now = json!({ "subscriptionId": status.text_at("/subscription/id"), "cancelImmediately": true });
    let ended = person.post("/api/payments/cancel-subscription", &now).await;
    measured.note("POST /api/payments/cancel-subscription", "now", 200, &ended);
    measure_reconciliation(system, measured).await;
}

/// A day's look through Stripe's events, after which there is nothing left to settle.
async fn measure_reconciliation(system: &System, measured: &mut Measured) {
    const JOB: &str = "ReconciliationFunction";
    // Later than events may be under way, and earlier than the job's own hour comes again.
    system.advance("PT11M").await;
    system.run(JOB).await;
    system.at_rest().await;
    let before = system.platform.ledger().totals();
    system.run(JOB).await;
    measured.job(system, &before, JOB, "nothing was lost");
}

/// Pays, and delivers the event about it.
async fn deliver(checkout: &Checkout<'_>, kind: &str) -> Answer {
    checkout.submit(Outcome::Paid).await;
    deliver_again(checkout, kind).await
}

async fn deliver_again(checkout: &Checkout<'_>, kind: &str) -> Answer {
    let system = checkout.person.system;
    let (payload, signature) = system
        .stripe()
        .signed(&checkout.event_id(kind))
        .expect("an event of Stripe's");
    system.webhook(payload, &signature).await
}

async fn measure_access(person: &Person<'_>, measured: &mut Measured) {
    const UNLOCK: &str = "POST /api/access/unlock-property";
    measured.note(UNLOCK, "", 201, &person.unlock("1002").await);
    measured.note(UNLOCK, "unlocked before", 200, &person.unlock("1002").await);
    measured.note(
        "GET /api/access/status",
        "",
        200,
        &person.get("/api/access/status").await,
    );
    let activated = person
        .post("/api/access/activate-plan", &json!({ "planType": "basic" }))
        .await;
    measured.note("POST /api/access/activate-plan", "", 200, &activated);
    measured.note(
        "GET /api/purchases",
        "2 purchases",
        200,
        &person.get("/api/purchases").await,
    );
}

async fn measure_properties(system: &System, measured: &mut Measured) {
    const ALL: &str = "/api/landlord/properties";
    let one = |method: &str| format!("{method} {ALL}/{{id}}");
    let restore = format!("POST {ALL}/{{id}}/restore");
    let lena = system.landlord("lena").await;
    let added = lena.add_property("Elm 1").await;
    measured.note(&format!("POST {ALL}"), "", 201, &added);
    lena.add_property("Elm 2").await.is(201);
    let list = format!("GET {ALL}");
    for (case, query) in [
        ("2 properties", ""),
        ("of one status", "?status=vacant"),
        ("of a city", "?city=Atlanta"),
        ("by name", "?sortBy=name"),
        ("by rent", "?sortBy=targetRent"),
    ] {
        let page = lena.get(&format!("{PROPERTIES}{query}")).await;
        measured.note(&list, case, 200, &page);
    }
    let cities = lena.get(&format!("{PROPERTIES}/cities")).await;
    measured.note(&format!("GET {ALL}/cities"), "", 200, &cities);
    let path = format!("{PROPERTIES}/{}", added.text_at("/id"));
    measured.note(&one("GET"), "", 200, &lena.get(&path).await);
    let changed = lena.patch(&path, &json!({ "phone": "1" })).await;
    measured.note(&one("PATCH"), "the telephone", 200, &changed);
    let counted = lena.patch(&path, &json!({ "squareFeet": 700 })).await;
    measured.note(&one("PATCH"), "the description of its size", 200, &counted);
    let replaced = json!({
        "name": "Elm 1", "address": "12 Elm St", "city": "Atlanta", "state": "GA", "squareFeet": 700, "phone": "2",
    });
    let replaced = system.send(lena.request("PUT", &path).json(&replaced)).await;
    measured.note(&one("PUT"), "", 200, &replaced);
    measured.note(&one("DELETE"), "", 204, &lena.delete(&path).await);
    let deleted = lena.get(&format!("{PROPERTIES}/deleted")).await;
    measured.note(&format!("GET {ALL}/deleted"), "1 property", 200, &deleted);
    let restored = lena.post_nothing(&format!("{path}/restore")).await;
    measured.note(&restore, "", 200, &restored);
    let again = lena.post_nothing(&format!("{path}/restore")).await;
    measured.note(&restore, "restored before", 200, &again);
    let mona = system.landlord("mona").await;
    for case in ["in a ZIP code that is not of today, 20 listings", "in a ZIP code"] {
        let elm = json!({ "name": "Elm", "address": "12 Elm St", "city": "Atlanta", "state": "GA", "zipCode": "30308" });
        let added = mona.post(PROPERTIES, &elm).await;
        measured.note(&format!("POST {ALL}"), case, 201, &added);
    }
    let page = mona.get(PROPERTIES).await;
    measured.note(&list, "in a ZIP code", 200, &page);
    let nora = system.landlord("nora").await;
    let import = format!("POST {ALL}/import");
    for (case, query) in [
        ("a preview", "?preview=true"),
        ("2 properties", ""),
        ("the same again", ""),
    ] {
        let sheet = "address,city,state\n12 Elm St,Atlanta,GA\n14 Elm St,Atlanta,GA\n";
        let request = nora.request("POST", &format!("{PROPERTIES}/import{query}"));
        let sent = system
            .send(request.header("content-type", "text/csv").body(sheet))
            .await;
        measured.note(&import, case, 200, &sent);
    }
    let export = nora.get(&format!("{PROPERTIES}/export")).await;
    measured.note(&format!("GET {ALL}/export"), "2 properties", 200, &export);
    let summary = lena.get("/api/landlord/portfolio/summary").await;
    measured.note("GET /api/landlord/portfolio/summary", "", 200, &summary);
    for (figure, case) in [
        ("pricing", "first of the day, 20 listings"),
        ("pricing", ""),
        ("occupancy", ""),
    ] {
        let path = format!("/api/landlord/analytics/{figure}");
        let asked = lena.get(&format!("{path}?city=Atlanta&state=GA")).await;
        measured.note(&format!("GET {path}"), case, 200, &asked);
    }
}

async fn measure_competition(system: &System, measured: &mut Measured) {
    const COMPETITION: &str = "/api/landlord/analytics/competition";
    let one = |method: &str| format!("{method} {SETS}/{{id}}");
    let clara = system.landlord("clara").await;
    let elm = clara.add_property("Elm").await;
    let elm = elm.is(201).text_at("/id").to_owned();
    let oak = clara.add_property("Oak").await;
    let oak = oak.is(201).text_at("/id").to_owned();
    let made = clara.post(SETS, &set("Midtown", &[&elm])).await;
    measured.note(&format!("POST {SETS}"), "with a property", 201, &made);
    let none = clara.post(SETS, &set("Downtown", &[])).await;
    measured.note(&format!("POST {SETS}"), "", 201, &none);
    let path = format!("{SETS}/{}", made.text_at("/id"));
    let enter = format!("{}/competitors", one("POST"));
    let entered = clara
        .enters(&path, "1 Oak Ave", &json!({ "currentRent": 1500 }))
        .await;
    measured.note(&enter, "", 201, &entered);
    let silent = clara.enters(&path, "2 Oak Ave", &json!({})).await;
    measured.note(&enter, "whose rent is not known", 201, &silent);
    measured.note(&format!("GET {SETS}"), "2 sets", 200, &clara.get(SETS).await);
    measured.note(&one("GET"), "2 competitors", 200, &clara.get(&path).await);
    let named = clara.patch(&path, &json!({ "name": "Uptown" })).await;
    measured.note(&one("PATCH"), "the name", 200, &named);
    let with = clara.patch(&path, &json!({ "ownPropertyIds": [elm, oak] })).await;
    measured.note(&one("PATCH"), "one property more", 200, &with);
    let of_set = format!("{PROPERTIES}?competitionSetId={}", made.text_at("/id"));
    let of_set = clara.get(&of_set).await;
    measured.note(&format!("GET {PROPERTIES}"), "of a set of 2", 200, &of_set);
    let beside = format!("/api/landlord/analytics/competition?propertyId={elm}");
    let figures = format!("GET {COMPETITION}");
    measured.note(&figures, "", 200, &clara.get(COMPETITION).await);
    measured.note(&figures, "of a property", 200, &clara.get(&beside).await);
    let said = clara.request("PUT", &path).json(&set("Anew", &[&elm, &oak]));
    measured.note(&one("PUT"), "", 200, &system.send(said).await);
    let gone = clara.delete(&format!("{PROPERTIES}/{oak}")).await;
    measured.note(&format!("DELETE {PROPERTIES}/{{id}}"), "in a set", 204, &gone);
    let back = clara.post_nothing(&format!("{PROPERTIES}/{oak}/restore")).await;
    measured.note(
        &format!("POST {PROPERTIES}/{{id}}/restore"),
        "from a set",
        200,
        &back,
    );
    let competitor = format!("{path}/competitors/{}", entered.text_at("/id"));
    let remove = format!("{}/competitors/{{competitorId}}", one("DELETE"));
    measured.note(&remove, "", 204, &clara.delete(&competitor).await);
    clara
        .enters(&path, "1 Oak Ave", &json!({ "currentRent": 1500 }))
        .await
        .is(201);
    measured.note(&one("DELETE"), "2 competitors", 204, &clara.delete(&path).await);
}

async fn measure_templates(system: &System, measured: &mut Measured) {
    let one = |method: &str| format!("{method} {TEMPLATES}/{{id}}");
    let lotte = system.landlord("lotte").await;
    let made = lotte.post(TEMPLATES, &template("Stay")).await;
    measured.note(&format!("POST {TEMPLATES}"), "", 201, &made);
    lotte.makes_template("Go").await;
    let list = format!("GET {TEMPLATES}");
    measured.note(&list, "8 templates", 200, &lotte.get(TEMPLATES).await);
    let of_product = lotte.get(&format!("{TEMPLATES}?readyMade=true")).await;
    measured.note(&list, "those of the product", 200, &of_product);
    let tokens = lotte.get(&format!("{TEMPLATES}/tokens")).await;
    measured.note(&format!("{list}/tokens"), "", 200, &tokens);
    let path = format!("{TEMPLATES}/{}", made.text_at("/id"));
    measured.note(&one("GET"), "", 200, &lotte.get(&path).await);
    let of_product = lotte.get(&format!("{TEMPLATES}/{READY_MADE}")).await;
    measured.note(&one("GET"), "one of the product's", 200, &of_product);
    let changed = lotte.patch(&path, &json!({ "name": "Stay on" })).await;
    measured.note(&one("PATCH"), "", 200, &changed);
    let preview = format!("{}/preview", one("POST"));
    let shown = lotte.post(&format!("{path}/preview"), &json!({})).await;
    measured.note(&preview, "", 200, &shown);
    let property = lotte.add_property("Elm").await;
    let with = json!({ "propertyId": property.is(201).text_at("/id") });
    let shown = lotte.post(&format!("{path}/preview"), &with).await;
    measured.note(&preview, "with a property", 200, &shown);
    let copied = lotte.post_nothing(&format!("{path}/duplicate")).await;
    measured.note(&format!("{}/duplicate", one("POST")), "", 201, &copied);
    measured.note(&one("DELETE"), "", 204, &lotte.delete(&path).await);
}

/// Addresses that mails are kept from, by hand and by a bounce.
async fn measure_suppressions(system: &System, measured: &mut Measured) {
    let sven = system.landlord("sven").await;
    let said = json!({ "address": "tom@example.com" });
    let add = format!("POST {SUPPRESSIONS}");
    let made = sven.post(SUPPRESSIONS, &said).await;
    measured.note(&add, "", 201, &made);
    measured.note(&add, "there already", 200, &sven.post(SUPPRESSIONS, &said).await);
    let list = sven.get(SUPPRESSIONS).await;
    measured.note(&format!("GET {SUPPRESSIONS}"), "1 address", 200, &list);
    let lifted = sven
        .delete(&format!("{SUPPRESSIONS}/{}", made.text_at("/id")))
        .await;
    measured.note(&format!("DELETE {SUPPRESSIONS}/{{id}}"), "", 204, &lifted);
    let mail = system
        .eventually("a mail", async || system.mails_to(&sven.email).pop())
        .await;
    system.at_rest().await;
    let before = system.platform.ledger().totals();
    let outcome = json!({ "outcome": "bounce" });
    system
        .post(&format!("/_local/outbox/{}", mail.id), &outcome)
        .await;
    system.at_rest().await;
    measured.job(system, &before, "EmailEventsFunction", "a bounce");
    system.grant(&sven.email, "admin").await;
    let known = sven.get(&format!("{EVERYWHERE}?address={}", sven.email)).await;
    measured.note(&format!("GET {EVERYWHERE}"), "", 200, &known);
    let path = format!("{EVERYWHERE}/{}/lift", known.text_at("/id"));
    let lifted = sven.post(&path, &json!({ "note": "It is there." })).await;
    measured.note(&format!("POST {EVERYWHERE}/{{id}}/lift"), "", 200, &lifted);
}

/// Mails that a person sends, from being queued to what becomes of them.
async fn measure_emails(system: &System, measured: &mut Measured) {
    const SENDER: &str = "EmailSenderFunction";
    const EVENTS: &str = "EmailEventsFunction";
    let wanda = system.writer("wanda").await;
    let template = wanda.makes_template("Stay").await;
    system.at_rest().await;
    let values = json!({ "unit_number": "4B", "tenant_name": "Tom", "offered_rent": "$1" });
    let post = format!("POST {EMAILS}");
    // What SES tells of at once must not meet the sender, who notes the same: whoever takes it in dies.
    system.fail_for(EVENTS, "dynamodb", "GetItem", Kind::DeathBefore, 1);
    let before = system.platform.ledger().totals();
    let mail = json!({ "templateId": template, "to": "tom@example.com", "values": values });
    let queued = wanda.post(EMAILS, &mail).await;
    measured.note(&post, "of a template", 202, &queued);
    system.faults_struck().await;
    system.at_rest().await;
    measured.job(system, &before, SENDER, "a mail of a template");
    let sent = system.mail_about("tom@example.com", "Your lease of 4B").await;
    let before = system.platform.ledger().totals();
    system.told(&sent, &json!({ "outcome": "delivery" })).await;
    system.at_rest().await;
    measured.job(system, &before, EVENTS, "a mail of a template arrived");
    let told_of = |sender: &str, email: &str| {
        let tags = json!({ "sender": [sender], "email": [email] });
        // Earlier than anybody noted it.
        let at = sent.sent_at - jiff::SignedDuration::from_secs(1);
        let mail = json!({ "messageId": sent.id, "timestamp": at, "tags": tags });
        json!({ "eventType": "Send", "mail": mail })
    };
    for (email, case) in [
        (queued.text_at("/id"), "a mail was sent"),
        ("email_01JD3X6Q8TKH5T0R4M2N6W9YBC", "of a mail that is not there"),
    ] {
        let before = system.platform.ledger().totals();
        system
            .hears_from_ses(system.now(), &told_of(&wanda.id, email))
            .await;
        measured.job(system, &before, EVENTS, case);
    }
    let with = json!({ "to": "tess@example.com", "subject": "Hello", "body": "Hello", "scheduledAt": in_a_week(system) });
    let waiting = wanda.post(EMAILS, &with).await;
    measured.note(&post, "for later", 202, &waiting);
    measured.note(&format!("GET {EMAILS}"), "2 mails", 200, &wanda.get(EMAILS).await);
    let to = wanda.get(&format!("{EMAILS}?to=tom@example.com")).await;
    measured.note(&format!("GET {EMAILS}"), "to an address", 200, &to);
    let one = wanda.get(&format!("{EMAILS}/{}", queued.text_at("/id"))).await;
    measured.note(&format!("GET {EMAILS}/{{id}}"), "", 200, &one);
    let cancelled = wanda
        .post_nothing(&format!("{EMAILS}/{}/cancel", waiting.text_at("/id")))
        .await;
    measured.note(&format!("{post}/{{id}}/cancel"), "", 200, &cancelled);
    let rows: Vec<_> = (0..40)
        .map(|row| json!({ "to": format!("t{row}@example.com"), "scheduledAt": in_a_week(system) }))
        .collect();
    let batch = json!({ "subject": "Hello", "body": "Hello", "emails": rows });
    let batch = wanda.post(&format!("{EMAILS}/batch"), &batch).await;
    measured.note(&format!("{post}/batch"), "40 mails for later", 202, &batch);
    let link = unsubscribe_link(&sent);
    measured.note("GET /api/unsubscribe/{token}", "", 200, &system.get(&link).await);
    let unsubscribed = system.send(system.request("POST", &link)).await;
    measured.note("POST /api/unsubscribe/{token}", "", 200, &unsubscribed);
    let before = system.platform.ledger().totals();
    wanda.writes_to("tom@example.com").await;
    system.at_rest().await;
    measured.job(system, &before, SENDER, "a mail that may not be sent");
    let before = system.platform.ledger().totals();
    system.looks_at_due_mails().await;
    measured.job(system, &before, SENDER, "nothing is due");
}

fn in_a_week(system: &System) -> String {
    (system.now() + jiff::SignedDuration::from_hours(7 * 24)).to_string()
}

/// A copy of what is kept, and the end of an account; and what Stripe reports of it afterwards.
async fn measure_personal_data(system: &System, measured: &mut Measured) {
    const DELETE: &str = "DELETE /api/auth/account";
    let tess = system.person("tess").await;
    system.at_rest().await;
    let before = system.platform.ledger().totals();
    let begun = tess.post_nothing("/api/auth/exports").await;
    measured.note("POST /api/auth/exports", "", 202, &begun);
    let told = async || {
        let mut mails = system.mails_to(&tess.email).into_iter();
        mails.find(|mail| mail.subject == "Your data is ready")
    };
    system.eventually("the copy is told of", told).await;
    system.at_rest().await;
    measured.job(system, &before, "DataExportFunction", "a small account");
    measured.job(system, &before, NOTICES, "a copy of one's data");
    let path = format!("/api/auth/exports/{}", begun.text_at("/id"));
    let shown = tess.get(&path).await;
    measured.note("GET /api/auth/exports/{id}", "", 200, &shown);
    let wrong = tess.ask_to_leave(&json!({ "password": "not my password" })).await;
    measured.note(DELETE, "wrong password", 403, &wrong);
    let before = system.platform.ledger().totals();
    let left = tess.ask_to_leave(&json!({ "password": PASSWORD })).await;
    measured.note(DELETE, "", 202, &left);
    system.erased(&tess.id).await;
    system.at_rest().await;
    measured.job(system, &before, "ErasureFunction", "2 items");
    measured.job(system, &before, NOTICES, "the end of an account");
    system.stripe().deliver_by_itself(true);
    let uma = system.landlord("uma").await;
    uma.subscribe("landlord_starter", "paid").await;
    uma.export().await;
    system.at_rest().await;
    system.stripe().deliver_by_itself(false);
    let before = system.platform.ledger().totals();
    uma.leave().await;
    system.at_rest().await;
    measured.job(system, &before, "ErasureFunction", "2 items and an invoice");
    let ended = system.stripe().events_of("customer.subscription.deleted");
    let ended = ended.last().expect("the end of the subscription");
    let (payload, signature) = system.stripe().signed(ended).expect("an event of Stripe's");
    let late = system.webhook(payload, &signature).await;
    let case = "a closed account's subscription";
    measured.note("POST /api/stripe/webhook", case, 200, &late);
}

/// A lease that is verified and paid back, and a look at refunds when none has to move.
async fn measure_refunds(system: &System, measured: &mut Measured) {
    const JOB: &str = "RefundsFunction";
    let lease = system.person("rae").await.sends_lease("premium", "1003").await;
    system.at_rest().await;
    // What Stripe reports would be settled at the same moment as its answer.
    system.stripe().deliver_by_itself(false);
    let before = system.platform.ledger().totals();
    lease.saves(100).await;
    lease.comes_to("refunded").await;
    let case = "a verified lease, from its event to the money";
    measured.jobs(2, system, &before, JOB, case);
    system.stripe().deliver_by_itself(true);
    system.at_rest().await;
    let before = system.platform.ledger().totals();
    let due = json!({ "source": "aws.events", "time": "2026-01-01T09:00:00Z" });
    let path = format!("/_local/invoke/{JOB}");
    system.post(&path, &due).await.is(200);
    measured.job(system, &before, JOB, "nothing has to move");
    measure_asking_again(&lease, measured).await;
    measure_looking_after_refunds(system, measured).await;
}

/// A refund is asked for that is back, and that failed: by its renter, and by one of us.
async fn measure_asking_again(lease: &Lease<'_>, measured: &mut Measured) {
    const REFUND: &str = "POST /api/lease-verification/refund/{id}";
    const RETRY: &str = "POST /api/admin/lease-refunds/{id}/retry";
    let system = lease.checkout.person.system;
    let fails = async || {
        let refund = lease.refunds().pop().expect("a refund");
        let id = refund["id"].as_str().expect("an id");
        system.stripe().fail_refund(id).expect("it fails");
        lease.comes_to("refund_failed").await;
    };
    measured.note(REFUND, "it is back", 200, &lease.is_asked_for().await);
    fails().await;
    measured.note(REFUND, "it failed", 200, &lease.is_asked_for().await);
    lease.comes_to("refunded").await;
    fails().await;
    let admin = system.person("ray").await;
    system.grant(&admin.email, "admin").await;
    let listed = admin.get(REFUNDS).await;
    measured.note("GET /api/admin/lease-refunds", "1 refund", 200, &listed);
    let path = format!("{REFUNDS}/{}/retry", lease.id);
    let retry = async || admin.post(&path, &json!({ "note": "Once more." })).await;
    measured.note(RETRY, "", 200, &retry().await);
    lease.comes_to("refunded").await;
    measured.note(RETRY, "it did not fail", 404, &retry().await);
}

/// A look at a refund that a bank has had for a day.
async fn measure_looking_after_refunds(system: &System, measured: &mut Measured) {
    const JOB: &str = "RefundsFunction";
    system.stripe().let_refunds_take_time(true);
    let lease = system.person("ron").await.sends_lease("premium", "1003").await;
    lease.saves(100).await;
    let made = async || (!lease.refunds().is_empty()).then_some(());
    system.eventually("Stripe is asked", made).await;
    lease.comes_to("refund_pending").await;
    let before = system.platform.ledger().totals();
    system.advance("PT24H1M").await;
    let ran = async || {
        let total = system.platform.ledger().totals()[JOB].invocations;
        (total > before[JOB].invocations).then_some(())
    };
    system.eventually("it is looked at", ran).await;
    system.at_rest().await;
    measured.job(system, &before, JOB, "one takes more than a day");
    system.stripe().let_refunds_take_time(false);
}

/// What an idempotency key costs: its first request, a repetition, one that comes too early, and one that takes over.
async fn measure_repetition(person: &Person<'_>, measured: &mut Measured) {
    const UNLOCK: &str = "POST /api/access/unlock-property";
    let system = person.system;
    let unlock = async |key: &str, property: &str| {
        let request = person.request("POST", "/api/access/unlock-property");
        let request = request.header("idempotency-key", key);
        system
            .send(request.json(&json!({ "propertyId": property })))
            .await
    };
    measured.note(UNLOCK, "with a key", 201, &unlock("one", "1003").await);
    measured.note(UNLOCK, "with a key, repeated", 201, &unlock("one", "1003").await);
    measured.note(UNLOCK, "with a key, refused", 404, &unlock("two", "1").await);
    // Whoever has claimed the next one dies there.
    system.platform.faults().arm(Fault {
        principal: Some("AccessFunction".to_owned()),
        after: 2,
        times: u32::MAX,
        ..Fault::of("dynamodb", "", Kind::InternalError)
    });
    unlock("three", "1004").await.is(503);
    system.platform.faults().clear();
    measured.note(
        UNLOCK,
        "with a key, at work for long",
        409,
        &unlock("three", "1004").await,
    );
    system.advance("PT31S").await;
    measured.note(
        UNLOCK,
        "with a key, broken off before",
        201,
        &unlock("three", "1004").await,
    );
}

/// A row of the README's table of costs.
struct Row {
    line: Line,
    /// The access patterns that it goes through, each as often as it is named.
    through: Vec<String>,
    /// Calls to other services than DynamoDB.
    others: u32,
    cost: Cost,
}

fn rows() -> Vec<Row> {
    let row = |cells: Vec<String>| {
        let [route, case, through, others, calls, rcu, wcu] = cells
            .try_into()
            .unwrap_or_else(|cells| panic!("7 columns, not {cells:?}"));
        // `1 (SES)` is one call; nothing is none.
        let count = |text: &str| {
            text.split(' ')
                .next()
                .filter(|text| !text.is_empty())
                .map_or(0, number_of_calls)
        };
        Row {
            line: (route, case),
            through: through
                .split(", ")
                .filter(|name| !name.is_empty())
                .flat_map(repeated)
                .collect(),
            others: count(&others),
            cost: Cost {
                calls: count(&calls),
                rcu: rcu.parse().expect("units"),
                wcu: wcu.parse().expect("units"),
            },
        }
    };
    table("Cost of each route").into_iter().map(row).collect()
}

fn number_of_calls(text: &str) -> u32 {
    text.parse()
        .unwrap_or_else(|_| panic!("{text} is no number of calls"))
}

/// `4 × cell` is `cell`, four times.
fn repeated(name: &str) -> Vec<String> {
    match name.split_once(" × ") {
        Some((times, name)) => vec![name.to_owned(); times.parse().expect("a number of times")],
        None => vec![name.to_owned()],
    }
}

#[tokio::test]
async fn the_cost_table_is_what_is_measured() {
    let system = System::start().await;
    let measured = measure(&system).await;
    let written: BTreeMap<Line, Cost> = rows().into_iter().map(|row| (row.line, row.cost)).collect();
    let differing: Vec<String> = measured
        .0
        .iter()
        .filter(|(line, cost)| written.get(*line) != Some(cost))
        .map(|((route, case), cost)| format!("| `{route}` | {case} | … | … | {cost} |"))
        .collect();
    assert!(
        differing.is_empty(),
        "measured, and otherwise in shared/table/README.md:\n{}",
        differing.join("\n")
    );
    let lines: BTreeSet<_> = measured.0.keys().collect();
    assert_eq!(
        lines,
        written.keys().collect(),
        "measured on the left, in shared/table/README.md on the right"
    );

    let document = serde_json::to_value(system.platform.openapi()).unwrap();
    let routes: BTreeSet<&String> = measured.0.keys().map(|(route, _)| route).collect();
    let without: Vec<String> = operations(&document)
        .into_keys()
        .filter(|route| !routes.contains(route))
        .collect();
    assert!(without.is_empty(), "not measured: {without:?}");
    hold_budgets(&measured);
}

/// Limits that hold in every case.
fn hold_budgets(measured: &Measured) {
    for ((route, case), cost) in &measured.0 {
        let (calls, rcu) = match route.as_str() {
            "GET /api/auth/me" if case.is_empty() => (2, 1.0),
            "POST /api/auth/signin" => (3, f64::MAX),
            "POST /api/payments/create-checkout" => (4, f64::MAX),
            // An invoice is written, and its subscription looked at.
            "POST /api/stripe/webhook" => (4, f64::MAX),
            _ => continue,
        };
        assert!(
            cost.calls <= calls && cost.rcu <= rcu,
            "{route} ({case}) costs {cost}"
        );
    }
}

#[test]
fn the_cost_of_a_route_is_the_sum_of_its_patterns() {
    let patterns = patterns();
    let mut gone_through = BTreeSet::new();
    for row in rows() {
        let of_name = |name: &String| -> &Pattern {
            patterns
                .iter()
                .find(|pattern| pattern.name == *name)
                .unwrap_or_else(|| panic!("{:?} goes through {name}, which is no pattern", row.line))
        };
        let through: Vec<&Pattern> = row.through.iter().map(of_name).collect();
        let sum = Cost {
            calls: u32::try_from(through.len()).unwrap() + row.others,
            rcu: through.iter().map(|pattern| pattern.rcu).sum(),
            wcu: through.iter().map(|pattern| pattern.wcu).sum(),
        };
        assert_eq!(
            sum, row.cost,
            "{:?}: the sum of its patterns on the left, its own figures on the right",
            row.line
        );
        gone_through.extend(row.through);
    }
    let of_functions = patterns
        .into_iter()
        .filter(|pattern| pattern.functions != ["operator"]);
    let unused: Vec<String> = of_functions
        .map(|pattern| pattern.name)
        .filter(|name| !gone_through.contains(name))
        .collect();
    assert!(unused.is_empty(), "no route goes through {unused:?}");
}

/// Where meridians draw together, a circle touches hundreds of squares of the map. Anyone may ask.
#[tokio::test]
async fn a_search_at_the_pole_costs_no_more_than_one_in_the_country() {
    let system = System::start().await;
    for search in ["lat=89.9&lng=0", "lat=-90&lng=180", "lat=49.1&lng=-100.1"] {
        let answer = system
            .get(&format!("/api/scraped-properties?{search}&radius=50"))
            .await;
        let cost = cost_of(answer.is(200));
        assert!(cost.calls <= 24 && cost.rcu <= 12.0, "{search}: {cost}");
    }
}

/// What is read often, and must not become dearer as the table grows.
const FLAT: [&str; 4] = [
    "/api/auth/me",
    "/api/purchases?limit=20",
    "/api/access/status",
    "/api/scraped-properties?city=Atlanta&state=GA&limit=50",
];

#[tokio::test]
async fn what_is_read_often_costs_the_same_in_a_table_of_ten_times_the_size() {
    let system = System::start().await;
    let person = system.person("mira").await;
    system.listing("mine").await;
    let elsewhere = |listing: &mut Listing| listing.place = place("Austin", "TX");
    system.listing_with("elsewhere", elsewhere).await;
    person.buy("basic", Outcome::Paid).await;
    person.unlock("mine").await.is(201);
    system.at_rest().await;
    let seed = system.snapshot().await;
    grow(&system, &person, &seed, 0..50).await;
    let mut before = Vec::new();
    for path in FLAT {
        before.push((path, cost_of(person.get(path).await.is(200))));
    }
    grow(&system, &person, &seed, 50..500).await;
    for (path, before) in before {
        assert_eq!(cost_of(person.get(path).await.is(200)), before, "{path}");
    }
}

/// Adds for each number a listing in the city and one elsewhere, a purchase of the person's, and somebody else who has
/// what the person has.
async fn grow(system: &System, person: &Person<'_>, seed: &Snapshot, numbers: Range<u32>) {
    let now = system.now();
    let purchase = seed.of("Purchase")[0]["id"].as_str().unwrap();
    let own = seed.clone().of_partition(&format!("USER#{}", person.id));
    let mut items = Vec::new();
    for number in numbers {
        for listing in ["mine", "elsewhere"] {
            let item = seed.item(&format!("LISTING#{listing}"), "LISTING").unwrap();
            items.push(renamed(item, listing, &format!("{listing}-{number:04}")));
        }
        let another = PurchaseId::generate(now).unwrap().to_string();
        items.push(renamed(seed.of("Purchase")[0], purchase, &another));
        let somebody = UserId::generate(now).unwrap().to_string();
        items.extend(own.items().map(|item| renamed(item, &person.id, &somebody)));
    }
    let (client, table) = system.dynamodb();
    for batch in items.chunks(25) {
        let puts = batch.iter().map(|item| {
            let put = PutRequest::builder()
                .set_item(Some(serde_dynamo::to_item(item).unwrap()))
                .build()
                .unwrap();
            WriteRequest::builder().put_request(put).build()
        });
        client
            .batch_write_item()
            .request_items(&table, puts.collect())
            .send()
            .await
            .unwrap();
    }
}

/// The item under another name.
fn renamed(item: &Value, name: &str, other: &str) -> Value {
    serde_json::from_str(&item.to_string().replace(name, other)).unwrap()
}
