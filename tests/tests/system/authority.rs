//! The authority matrix: every operation of the API, asked for by everybody there is.
//!
//! One person has things of their own (sessions, purchases, a plan, an unlocked property); nobody, a session of theirs
//! that is over, other people and an admin ask before they do. Whatever is answered to those: nothing of the owner's is
//! in it, nothing of the owner's is changed, and what is the owner's is answered exactly like what is not there.

use std::collections::BTreeSet;

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tests::competition::{SETS, set};
use tests::email::EMAILS;
use tests::landlord::{PROPERTIES, property};
use tests::lease::{REFUNDS, REVIEWS, UPLOADS};
use tests::person::PASSWORD;
use tests::suppression::{EVERYWHERE, SUPPRESSIONS};
use tests::template::{TEMPLATES, template};
use tests::{Answer, Checkout, Outcome, Person, Snapshot, System};

use super::routes::operations;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    Nobody,
    /// The owner, with a session that is over.
    ExpiredSession,
    OtherUser,
    /// Somebody who is here for something else: a landlord, where the owner is a renter.
    WrongRole,
    Admin,
    Owner,
}

/// The owner last: what they do to their own things comes after what others tried.
const CALLERS: [Caller; 6] = [
    Caller::Nobody,
    Caller::ExpiredSession,
    Caller::OtherUser,
    Caller::WrongRole,
    Caller::Admin,
    Caller::Owner,
];

/// The id of nobody.
const NO_USER: &str = "user_01JD3X6Q8TKH5T0R4M2N6W9YBC";

/// A property that the owner has unlocked, and one that nobody has.
const UNLOCKED: &str = "unlocked";
const LOCKED: &str = "locked";
/// What is said of leases.
const LEASES: &str = "/api/lease-verification";
/// The ids of a purchase and of a lease that are not there.
const NO_PURCHASE: &str = "purch_01JD3X6Q8TKH5T0R4M2N6W9YBC";
const NO_LEASE: &str = "verif_01JD3X6Q8TKH5T0R4M2N6W9YBC";
/// The id of a landlord's property that is not there.
const NO_PROPERTY: &str = "prop_01JD3X6Q8TKH5T0R4M2N6W9YBC";

/// The id of a template that is not there.
const NO_TEMPLATE: &str = "tmpl_01JD3X6Q8TKH5T0R4M2N6W9YBC";

/// The id of an address that nobody suppressed.
const NO_SUPPRESSION: &str = "supp_0000000000000000000000000000000000000000000000000000000000000000";
/// The id of no mail.
const NO_EMAIL: &str = "email_01JD3X6Q8TKH5T0R4M2N6W9YBC";

/// The ids of a competition set and of a competitor that are not there.
const NO_SET: &str = "set_01JD3X6Q8TKH5T0R4M2N6W9YBC";
const NO_COMPETITOR: &str = "comp_01JD3X6Q8TKH5T0R4M2N6W9YBC";

/// What is asked for.
struct Ask {
    method: &'static str,
    path: String,
    body: Option<Value>,
    headers: Vec<(&'static str, String)>,
}

impl Ask {
    fn get(path: impl Into<String>) -> Self {
        Self {
            method: "GET",
            path: path.into(),
            body: None,
            headers: Vec::new(),
        }
    }

    fn post(path: &str, body: Value) -> Self {
        Self {
            method: "POST",
            body: Some(body),
            ..Self::get(path)
        }
    }

    fn request(&self, system: &System, token: Option<&str>) -> RequestBuilder {
        let mut request = system.request(self.method, &self.path);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        match &self.body {
            Some(body) => request.json(body),
            None => request,
        }
    }
}

/// One row of the matrix.
struct Row {
    /// The operation's id in the OpenAPI document.
    operation: &'static str,
    /// What is asked for about the owner's things.
    ask: fn(&Scene, Caller) -> Ask,
    /// The same about a thing that is not there, where the request names a thing that is somebody's.
    absent: Option<fn(&Scene) -> Ask>,
    /// The statuses that answer it, in the order of [`CALLERS`].
    answers: [u16; 6],
}

impl Row {
    const fn new(operation: &'static str, ask: fn(&Scene, Caller) -> Ask, answers: [u16; 6]) -> Self {
        Self {
            operation,
            ask,
            absent: None,
            answers,
        }
    }

    const fn like_absent(self, absent: fn(&Scene) -> Ask) -> Self {
        Self {
            absent: Some(absent),
            ..self
        }
    }
}

/// Answers that are the same for everybody.
const fn everybody(status: u16) -> [u16; 6] {
    [status; 6]
}

/// Answers to those who are signed in, about what is their own.
const fn signed_in(status: u16) -> [u16; 6] {
    [401, 401, status, status, status, status]
}

/// Answers where only the owner has what it takes.
const fn owner(others: u16, owner: u16) -> [u16; 6] {
    [401, 401, others, others, others, owner]
}

/// Answers to landlords and admins: to others, and to the owner.
const fn landlords(others: u16, owner: u16) -> [u16; 6] {
    [401, 401, others, 403, others, owner]
}

/// Answers to admins alone.
const fn admins(admin: u16) -> [u16; 6] {
    [401, 401, 403, 403, admin, 403]
}

/// Who may do what. A route that is not here fails the test, and so does a row without a route. All rows are asked in
/// this order: what uses something up stands behind what needs it.
const MATRIX: &[Row] = &[
    Row::new(
        "signUp",
        |scene, caller| credentials("/api/auth/signup", &scene.unused_email(caller), PASSWORD),
        everybody(201),
    ),
    Row::new(
        "signUp",
        |scene, _| credentials("/api/auth/signup", &scene.owner.email, PASSWORD),
        everybody(409),
    ),
    // Only the owner knows the password.
    Row::new(
        "signIn",
        |scene, caller| {
            let password = if caller == Caller::Owner {
                PASSWORD
            } else {
                "a good guess"
            };
            credentials("/api/auth/signin", &scene.owner.email, password)
        },
        [401, 401, 401, 401, 401, 200],
    ),
    Row::new("me", |_, _| Ask::get("/api/auth/me"), signed_in(200)),
    // An admin's role is changed by another admin.
    Row::new(
        "chooseRole",
        |_, _| choose_role("agent"),
        [401, 401, 200, 200, 403, 200],
    ),
    Row::new("chooseRole", |_, _| choose_role("admin"), signed_in(403)),
    Row::new(
        "listSessions",
        |_, _| Ask::get("/api/auth/sessions"),
        signed_in(200),
    ),
    Row::new(
        "endSession",
        |scene, _| end_session(&scene.other_session),
        owner(404, 204),
    )
    .like_absent(|_| end_session("sess_01JD3X6Q8TKH5T0R4M2N6W9YBC")),
    Row::new(
        "signInWithGoogle",
        |_, _| Ask::post("/api/auth/google", json!({ "credential": "a good guess" })),
        everybody(401),
    ),
    // What nobody has the token of is good for nobody.
    Row::new(
        "confirmEmail",
        |_, _| use_link("/api/auth/confirm-email"),
        everybody(404),
    ),
    Row::new(
        "confirmEmailChange",
        |_, _| use_link("/api/auth/confirm-email-change"),
        everybody(404),
    ),
    Row::new(
        "resetPassword",
        |_, _| {
            Ask::post(
                "/api/auth/reset-password",
                json!({ "token": unknown_link(), "password": "a good guess" }),
            )
        },
        everybody(404),
    ),
    // The owner's is confirmed.
    Row::new(
        "resendConfirmation",
        |_, _| Ask {
            method: "POST",
            ..Ask::get("/api/auth/confirm-email/resend")
        },
        owner(202, 409),
    ),
    Row::new(
        "forgotPassword",
        |scene, caller| {
            let email = scene.unused_email(caller);
            Ask::post("/api/auth/forgot-password", json!({ "email": email }))
        },
        everybody(202),
    ),
    // The owner's password is good for the owner's account alone, and so is anybody's.
    Row::new(
        "changePassword",
        |_, _| {
            Ask::post(
                "/api/auth/change-password",
                json!({ "currentPassword": "a good guess", "newPassword": PASSWORD }),
            )
        },
        signed_in(403),
    ),
    Row::new(
        "changeEmail",
        |_, _| {
            Ask::post(
                "/api/auth/change-email",
                json!({ "email": "free@example.com", "password": "a good guess" }),
            )
        },
        signed_in(403),
    ),
    Row::new(
        "showSecondFactor",
        |_, _| Ask::get("/api/auth/two-factor"),
        signed_in(200),
    ),
    Row::new(
        "beginSecondFactor",
        |_, _| Ask::post("/api/auth/two-factor", json!({ "password": "a good guess" })),
        owner(409, 403),
    ),
    Row::new(
        "confirmSecondFactor",
        |_, _| Ask::post("/api/auth/two-factor/confirm", json!({ "code": "123456" })),
        signed_in(409),
    ),
    Row::new(
        "renewRecoveryCodes",
        |_, _| Ask::post("/api/auth/two-factor/recovery-codes", proof()),
        signed_in(403),
    ),
    Row::new(
        "disableSecondFactor",
        |_, _| Ask {
            method: "DELETE",
            ..Ask::post("/api/auth/two-factor", proof())
        },
        signed_in(403),
    ),
    Row::new(
        "createCheckout",
        |_, _| checkout(json!({ "planId": "pro" })),
        signed_in(200),
    ),
    // That the owner has the property already is nobody else's to know.
    Row::new(
        "createCheckout",
        |_, _| checkout(json!({ "planId": "per_property", "propertyId": UNLOCKED })),
        owner(200, 409),
    ),
    Row::new(
        "publishableKey",
        |_, _| Ask::get("/api/stripe/publishable-key"),
        everybody(200),
    ),
    Row::new(
        "createIntent",
        |_, _| Ask::post("/api/payments/create-intent", json!({ "planId": "pro" })),
        signed_in(200),
    ),
    Row::new(
        "createRenterCheckout",
        |_, _| Ask::post("/api/payments/create-renter-checkout", json!({})),
        signed_in(200),
    ),
    // Nobody buys in another's name.
    Row::new(
        "createRenterCheckout",
        |scene, _| {
            let wish = json!({ "userId": scene.owner.id });
            Ask::post("/api/payments/create-renter-checkout", wish)
        },
        owner(403, 200),
    )
    .like_absent(|_| {
        let wish = json!({ "userId": NO_USER });
        Ask::post("/api/payments/create-renter-checkout", wish)
    }),
    // What is paid is told to whoever paid it.
    Row::new("verifyPayment", |scene, _| verify(&scene.paid), owner(404, 200))
        .like_absent(|_| verify("pi_1QK2abcDEF")),
    // Before anybody has begun a subscription.
    Row::new(
        "openBillingPortal",
        |_, _| Ask {
            method: "POST",
            ..Ask::get("/api/payments/billing-portal")
        },
        signed_in(409),
    ),
    Row::new(
        "changePlan",
        |_, _| Ask::post("/api/payments/change-plan", json!({ "planId": "agent_team" })),
        signed_in(404),
    ),
    Row::new(
        "cancelSubscription",
        |_, _| of_subscription("cancel-subscription"),
        signed_in(404),
    ),
    Row::new(
        "resumeSubscription",
        |_, _| of_subscription("resume-subscription"),
        signed_in(404),
    ),
    Row::new(
        "createSubscriptionCheckout",
        |_, _| subscribe("agent_basic"),
        signed_in(200),
    ),
    // A plan is for people of its role; all but the admin are agents by now.
    Row::new(
        "createSubscriptionCheckout",
        |_, _| subscribe("landlord_pro"),
        [401, 401, 403, 403, 200, 403],
    ),
    Row::new(
        "subscriptionStatus",
        |scene, _| subscription_of(&scene.owner.id),
        owner(404, 200),
    )
    .like_absent(|_| subscription_of(NO_USER)),
    Row::new(
        "listInvoices",
        |_, _| Ask::get("/api/payments/invoices"),
        signed_in(200),
    ),
    Row::new(
        "paymentStatus",
        |scene, _| Ask::get(format!("/api/payments/status?userId={}", scene.owner.id)),
        owner(404, 200),
    )
    .like_absent(|_| Ask::get(format!("/api/payments/status?userId={NO_USER}"))),
    Row::new(
        "unlockedProperties",
        |scene, _| Ask::get(format!("/api/access/unlocked-properties/{}", scene.owner.id)),
        owner(404, 200),
    )
    .like_absent(|_| Ask::get(format!("/api/access/unlocked-properties/{NO_USER}"))),
    // Only Stripe has the secret, whoever is signed in.
    Row::new("stripeWebhook", |scene, _| scene.forged_payment(), everybody(400)),
    Row::new("listPurchases", |_, _| Ask::get("/api/purchases"), signed_in(200)),
    Row::new(
        "listPurchases",
        |scene, _| purchases_after(&scene.cursor),
        owner(400, 200),
    )
    .like_absent(|_| purchases_after("00ff")),
    Row::new(
        "accessStatus",
        |_, _| Ask::get("/api/access/status"),
        signed_in(200),
    ),
    // What another person has paid for opens nothing.
    Row::new("unlockProperty", |_, _| unlock(UNLOCKED), owner(402, 200)).like_absent(|_| unlock(LOCKED)),
    Row::new("unlockProperty", |_, _| unlock(LOCKED), owner(402, 201)),
    Row::new(
        "announceLease",
        |scene, _| announce(&scene.purchase),
        owner(404, 201),
    )
    .like_absent(|_| announce(NO_PURCHASE)),
    Row::new(
        "leaseVerification",
        |scene, _| Ask::get(format!("{LEASES}/{}", scene.lease)),
        owner(404, 200),
    )
    .like_absent(|_| Ask::get(format!("{LEASES}/{NO_LEASE}"))),
    Row::new(
        "purchaseVerification",
        |scene, _| Ask::get(format!("{LEASES}/status/{}", scene.purchase)),
        signed_in(200),
    )
    .like_absent(|_| Ask::get(format!("{LEASES}/status/{NO_PURCHASE}"))),
    Row::new("submitLease", |scene, _| submit(&scene.purchase), owner(404, 200))
        .like_absent(|_| submit(NO_PURCHASE)),
    Row::new(
        "verifyLease",
        |scene, _| Ask::post(&format!("{LEASES}/verify/{}", scene.lease), json!({})),
        owner(404, 409),
    )
    .like_absent(|_| Ask::post(&format!("{LEASES}/verify/{NO_LEASE}"), json!({}))),
    Row::new(
        "refundLease",
        |scene, _| refund_lease(&scene.lease),
        owner(404, 409),
    )
    .like_absent(|_| refund_lease(NO_LEASE)),
    // Whoever owns a lease is none of those who decide on it.
    Row::new("listLeaseReviews", |_, _| Ask::get(REVIEWS), admins(200)),
    Row::new(
        "leaseReview",
        |scene, _| Ask::get(format!("{REVIEWS}/{}", scene.lease)),
        admins(404),
    )
    .like_absent(|_| Ask::get(format!("{REVIEWS}/{NO_LEASE}"))),
    Row::new("decideLeaseReview", |scene, _| decide(&scene.lease), admins(404))
        .like_absent(|_| decide(NO_LEASE)),
    Row::new("listFailedLeaseRefunds", |_, _| Ask::get(REFUNDS), admins(200)),
    Row::new("retryLeaseRefund", |scene, _| retry(&scene.lease), admins(404))
        .like_absent(|_| retry(NO_LEASE)),
    Row::new(
        "activatePlan",
        |_, _| Ask::post("/api/access/activate-plan", json!({ "planType": "basic" })),
        owner(402, 200),
    ),
    Row::new(
        "listListings",
        |_, _| Ask::get("/api/scraped-properties"),
        everybody(200),
    ),
    Row::new(
        "listingStats",
        |_, _| Ask::get("/api/scraped-properties/stats"),
        everybody(200),
    ),
    Row::new(
        "getListing",
        |_, _| Ask::get(format!("/api/scraped-properties/{UNLOCKED}")),
        everybody(200),
    ),
    // From here on those who own something are landlords, and the wrong role is a renter's.
    Row::new(
        "chooseRole",
        |_, caller| {
            choose_role(if caller == Caller::WrongRole {
                "renter"
            } else {
                "landlord"
            })
        },
        [401, 401, 200, 200, 403, 200],
    ),
    Row::new(
        "addProperty",
        |_, _| Ask::post(PROPERTIES, property("Oak")),
        landlords(201, 201),
    ),
    Row::new("listProperties", |_, _| Ask::get(PROPERTIES), landlords(200, 200)),
    Row::new(
        "getProperty",
        |scene, _| Ask::get(format!("{PROPERTIES}/{}", scene.property)),
        landlords(404, 200),
    )
    .like_absent(|_| Ask::get(format!("{PROPERTIES}/{NO_PROPERTY}"))),
    Row::new(
        "changeProperty",
        |scene, _| change_property(&scene.property),
        landlords(404, 200),
    )
    .like_absent(|_| change_property(NO_PROPERTY)),
    Row::new(
        "replaceProperty",
        |scene, _| replace_property(&scene.property),
        landlords(404, 200),
    )
    .like_absent(|_| replace_property(NO_PROPERTY)),
    // An empty sheet: what it would be refused for is told to those who may send one.
    Row::new(
        "importProperties",
        |_, _| Ask {
            method: "POST",
            ..Ask::get(format!("{PROPERTIES}/import"))
        },
        landlords(400, 400),
    ),
    Row::new(
        "exportProperties",
        |_, _| Ask::get(format!("{PROPERTIES}/export")),
        landlords(200, 200),
    ),
    // Nothing is known of that city: what is answered then is told to those who may ask.
    Row::new(
        "cityPricing",
        |_, _| Ask::get("/api/landlord/analytics/pricing?city=Nowhere&state=GA".to_owned()),
        landlords(404, 404),
    ),
    Row::new(
        "cityOccupancy",
        |_, _| Ask::get("/api/landlord/analytics/occupancy?city=Nowhere&state=GA".to_owned()),
        landlords(404, 404),
    ),
    Row::new(
        "listPropertyCities",
        |_, _| Ask::get(format!("{PROPERTIES}/cities")),
        landlords(200, 200),
    ),
    Row::new(
        "portfolioSummary",
        |_, _| Ask::get("/api/landlord/portfolio/summary"),
        landlords(200, 200),
    ),
    Row::new(
        "deleteProperty",
        |scene, _| delete_property(&scene.property),
        landlords(404, 204),
    )
    .like_absent(|_| delete_property(NO_PROPERTY)),
    Row::new(
        "listDeletedProperties",
        |_, _| Ask::get(format!("{PROPERTIES}/deleted")),
        landlords(200, 200),
    ),
    Row::new(
        "restoreProperty",
        |scene, _| restore_property(&scene.property),
        landlords(404, 200),
    )
    .like_absent(|_| restore_property(NO_PROPERTY)),
    Row::new(
        "competitionAnalytics",
        |_, _| Ask::get("/api/landlord/analytics/competition".to_owned()),
        landlords(200, 200),
    ),
    Row::new(
        "competitionAnalytics",
        |scene, _| compare_property(&scene.property),
        landlords(404, 200),
    )
    .like_absent(|_| compare_property(NO_PROPERTY)),
    Row::new(
        "addCompetitionSet",
        |_, _| Ask::post(SETS, set("Midtown", &[])),
        landlords(201, 201),
    ),
    // A property of the owner's is in nobody else's set.
    Row::new(
        "addCompetitionSet",
        |scene, _| Ask::post(SETS, set("Midtown", &[&scene.property])),
        landlords(400, 201),
    )
    .like_absent(|_| Ask::post(SETS, set("Midtown", &[NO_PROPERTY]))),
    Row::new("listCompetitionSets", |_, _| Ask::get(SETS), landlords(200, 200)),
    Row::new(
        "getCompetitionSet",
        |scene, _| Ask::get(format!("{SETS}/{}", scene.set)),
        landlords(404, 200),
    )
    .like_absent(|_| Ask::get(format!("{SETS}/{NO_SET}"))),
    Row::new(
        "changeCompetitionSet",
        |scene, _| say_of_set("PATCH", &scene.set),
        landlords(404, 200),
    )
    .like_absent(|_| say_of_set("PATCH", NO_SET)),
    Row::new(
        "replaceCompetitionSet",
        |scene, _| say_of_set("PUT", &scene.set),
        landlords(404, 200),
    )
    .like_absent(|_| say_of_set("PUT", NO_SET)),
    Row::new(
        "addCompetitor",
        |scene, _| add_competitor(&scene.set),
        landlords(404, 201),
    )
    .like_absent(|_| add_competitor(NO_SET)),
    Row::new(
        "removeCompetitor",
        |scene, _| remove_competitor(&scene.set, &scene.competitor),
        landlords(404, 204),
    )
    .like_absent(|_| remove_competitor(NO_SET, NO_COMPETITOR)),
    Row::new(
        "deleteCompetitionSet",
        |scene, _| delete_set(&scene.set),
        landlords(404, 204),
    )
    .like_absent(|_| delete_set(NO_SET)),
    Row::new(
        "addEmailTemplate",
        |_, _| Ask::post(TEMPLATES, template("Stay")),
        landlords(201, 201),
    ),
    Row::new(
        "listEmailTemplates",
        |_, _| Ask::get(TEMPLATES),
        landlords(200, 200),
    ),
    Row::new(
        "listEmailTokens",
        |_, _| Ask::get(format!("{TEMPLATES}/tokens")),
        landlords(200, 200),
    ),
    Row::new(
        "getEmailTemplate",
        |scene, _| Ask::get(format!("{TEMPLATES}/{}", scene.template)),
        landlords(404, 200),
    )
    .like_absent(|_| Ask::get(format!("{TEMPLATES}/{NO_TEMPLATE}"))),
    Row::new(
        "changeEmailTemplate",
        |scene, _| change_template(&scene.template),
        landlords(404, 200),
    )
    .like_absent(|_| change_template(NO_TEMPLATE)),
    Row::new(
        "previewEmailTemplate",
        |scene, _| preview_template(&scene.template),
        landlords(404, 200),
    )
    .like_absent(|_| preview_template(NO_TEMPLATE)),
    Row::new(
        "duplicateEmailTemplate",
        |scene, _| duplicate_template(&scene.template),
        landlords(404, 201),
    )
    .like_absent(|_| duplicate_template(NO_TEMPLATE)),
    Row::new(
        "deleteEmailTemplate",
        |scene, _| delete_template(&scene.template),
        landlords(404, 204),
    )
    .like_absent(|_| delete_template(NO_TEMPLATE)),
    Row::new(
        "addEmailSuppression",
        |_, caller| {
            Ask::post(
                SUPPRESSIONS,
                json!({ "address": format!("{caller:?}@example.com") }),
            )
        },
        landlords(201, 201),
    ),
    Row::new(
        "listEmailSuppressions",
        |_, _| Ask::get(SUPPRESSIONS),
        landlords(200, 200),
    ),
    Row::new(
        "liftEmailSuppression",
        |scene, _| lift_suppression(&scene.suppression),
        landlords(404, 204),
    )
    .like_absent(|_| lift_suppression(NO_SUPPRESSION)),
    Row::new(
        "findEmailSuppression",
        |_, _| Ask::get(format!("{EVERYWHERE}?address=tom@example.com")),
        admins(200),
    ),
    // Nobody suppressed it for everybody.
    Row::new(
        "liftEmailSuppressionEverywhere",
        |scene, _| lift_everywhere(&scene.suppression),
        admins(404),
    )
    .like_absent(|_| lift_everywhere(NO_SUPPRESSION)),
    // Who may write to others has confirmed their own address, as the owner has.
    Row::new(
        "sendEmail",
        |_, _| {
            Ask::post(
                EMAILS,
                json!({ "to": "tom@example.com", "subject": "Hello", "body": "Hello" }),
            )
        },
        landlords(403, 202),
    ),
    Row::new(
        "sendEmails",
        |_, _| {
            Ask::post(
                &format!("{EMAILS}/batch"),
                json!({ "subject": "Hello", "body": "Hello", "emails": [{ "to": "tom@example.com" }] }),
            )
        },
        landlords(403, 202),
    ),
    Row::new("listEmails", |_, _| Ask::get(EMAILS), landlords(200, 200)),
    Row::new("getEmail", |scene, _| email(&scene.email), landlords(404, 200))
        .like_absent(|_| email(NO_EMAIL)),
    Row::new(
        "cancelEmail",
        |scene, _| cancel_email(&scene.email),
        landlords(404, 200),
    )
    .like_absent(|_| cancel_email(NO_EMAIL)),
    // The link alone says whose mail it is: nobody signs in.
    Row::new(
        "askToUnsubscribe",
        |_, _| Ask::get("/api/unsubscribe/made-up"),
        everybody(404),
    ),
    Row::new(
        "unsubscribe",
        |_, _| Ask {
            method: "POST",
            ..Ask::get("/api/unsubscribe/made-up")
        },
        everybody(404),
    ),
    // The owner has one of today.
    Row::new(
        "requestDataExport",
        |_, _| Ask {
            method: "POST",
            ..Ask::get("/api/auth/exports")
        },
        owner(202, 429),
    ),
    Row::new("getDataExport", |scene, _| export(&scene.export), owner(404, 200))
        .like_absent(|_| export("export_01JD3X6Q8TKH5T0R4M2N6W9YBC")),
    // The owner's password ends the owner's account alone, and so does anybody's.
    Row::new(
        "deleteAccount",
        |_, _| Ask {
            method: "DELETE",
            ..Ask::post("/api/auth/account", json!({ "password": "a good guess" }))
        },
        signed_in(403),
    ),
    Row::new("health", |_, _| Ask::get("/api/health"), everybody(200)),
    Row::new(
        "signOut",
        |_, _| Ask {
            method: "POST",
            ..Ask::get("/api/auth/signout")
        },
        signed_in(204),
    ),
];

fn credentials(path: &str, email: &str, password: &str) -> Ask {
    Ask::post(path, json!({ "email": email, "password": password }))
}

fn choose_role(role: &str) -> Ask {
    Ask {
        method: "PATCH",
        ..Ask::post("/api/auth/user-type", json!({ "userType": role }))
    }
}

fn end_session(session: &str) -> Ask {
    Ask {
        method: "DELETE",
        ..Ask::get(format!("/api/auth/sessions/{session}"))
    }
}

fn change_property(property: &str) -> Ask {
    Ask {
        method: "PATCH",
        ..Ask::post(&format!("{PROPERTIES}/{property}"), json!({ "name": "Oak" }))
    }
}

fn replace_property(id: &str) -> Ask {
    Ask {
        method: "PUT",
        ..Ask::post(&format!("{PROPERTIES}/{id}"), property("Oak"))
    }
}

fn restore_property(property: &str) -> Ask {
    Ask {
        method: "POST",
        ..Ask::get(format!("{PROPERTIES}/{property}/restore"))
    }
}

fn delete_property(property: &str) -> Ask {
    Ask {
        method: "DELETE",
        ..Ask::get(format!("{PROPERTIES}/{property}"))
    }
}

fn compare_property(id: &str) -> Ask {
    Ask::get(format!("/api/landlord/analytics/competition?propertyId={id}"))
}

fn say_of_set(method: &'static str, id: &str) -> Ask {
    Ask {
        method,
        ..Ask::post(&format!("{SETS}/{id}"), json!({ "name": "Downtown" }))
    }
}

fn add_competitor(set: &str) -> Ask {
    let oak = json!({ "address": "2 Oak Ave" });
    Ask::post(&format!("{SETS}/{set}/competitors"), oak)
}

fn remove_competitor(set: &str, id: &str) -> Ask {
    Ask {
        method: "DELETE",
        ..Ask::get(format!("{SETS}/{set}/competitors/{id}"))
    }
}

fn delete_set(id: &str) -> Ask {
    Ask {
        method: "DELETE",
        ..Ask::get(format!("{SETS}/{id}"))
    }
}

fn change_template(id: &str) -> Ask {
    Ask {
        method: "PATCH",
        ..Ask::post(&format!("{TEMPLATES}/{id}"), json!({ "name": "Stay on" }))
    }
}

fn preview_template(id: &str) -> Ask {
    Ask::post(&format!("{TEMPLATES}/{id}/preview"), json!({}))
}

fn duplicate_template(id: &str) -> Ask {
    Ask {
        method: "POST",
        ..Ask::get(format!("{TEMPLATES}/{id}/duplicate"))
    }
}

fn lift_suppression(id: &str) -> Ask {
    Ask {
        method: "DELETE",
        ..Ask::get(format!("{SUPPRESSIONS}/{id}"))
    }
}

fn email(id: &str) -> Ask {
    Ask::get(format!("{EMAILS}/{id}"))
}

fn cancel_email(id: &str) -> Ask {
    Ask {
        method: "POST",
        ..Ask::get(format!("{EMAILS}/{id}/cancel"))
    }
}

fn lift_everywhere(id: &str) -> Ask {
    Ask::post(&format!("{EVERYWHERE}/{id}/lift"), json!({ "note": "Please." }))
}

fn delete_template(id: &str) -> Ask {
    Ask {
        method: "DELETE",
        ..Ask::get(format!("{TEMPLATES}/{id}"))
    }
}

fn export(id: &str) -> Ask {
    Ask::get(format!("/api/auth/exports/{id}"))
}

fn unknown_link() -> String {
    format!("alail_{}", "00".repeat(64))
}

fn use_link(path: &str) -> Ask {
    Ask::post(path, json!({ "token": unknown_link() }))
}

fn proof() -> Value {
    json!({ "password": "a good guess", "code": "123456" })
}

fn checkout(wish: Value) -> Ask {
    Ask::post("/api/payments/create-checkout", wish)
}

fn verify(payment: &str) -> Ask {
    Ask::post("/api/payments/verify", json!({ "paymentIntentId": payment }))
}

fn of_subscription(action: &str) -> Ask {
    let which = json!({ "subscriptionId": "sub_1QK2abcDEF" });
    Ask::post(&format!("/api/payments/{action}"), which)
}

fn subscribe(plan: &str) -> Ask {
    let wish = json!({ "planType": plan, "interval": "monthly" });
    Ask::post("/api/payments/create-subscription-checkout", wish)
}

fn subscription_of(user: &str) -> Ask {
    Ask::get(format!("/api/payments/subscription-status/{user}"))
}

fn purchases_after(cursor: &str) -> Ask {
    Ask::get(format!("/api/purchases?limit=1&cursor={cursor}"))
}

/// A lease of the property that the owner has unlocked, always the same.
fn announce(purchase: &str) -> Ask {
    let lease = json!({
        "purchaseId": purchase, "propertyId": UNLOCKED, "fileName": "lease.pdf", "contentType": "application/pdf",
        "size": 1000, "sha256": "00".repeat(32),
    });
    Ask::post(UPLOADS, lease)
}

fn submit(purchase: &str) -> Ask {
    let lease = json!({
        "purchaseId": purchase, "propertyId": UNLOCKED, "finalRent": "1700", "leaseFileUrl": "blob:http://localhost/1",
    });
    Ask::post(&format!("{LEASES}/submit"), lease)
}

fn refund_lease(lease: &str) -> Ask {
    Ask {
        method: "POST",
        ..Ask::get(format!("{LEASES}/refund/{lease}"))
    }
}

fn decide(lease: &str) -> Ask {
    let decision = json!({ "decision": "approve", "rent": 1700, "note": "Fine." });
    Ask::post(&format!("{REVIEWS}/{lease}"), decision)
}

fn retry(lease: &str) -> Ask {
    Ask::post(&format!("{REFUNDS}/{lease}/retry"), json!({ "note": "Fine." }))
}

fn unlock(property: &str) -> Ask {
    Ask::post("/api/access/unlock-property", json!({ "propertyId": property }))
}

/// The people, and what the owner has.
struct Scene<'a> {
    system: &'a System,
    owner: Person<'a>,
    expired: Person<'a>,
    other: Person<'a>,
    wrong_role: Person<'a>,
    admin: Person<'a>,
    /// The id of a second session of the owner's.
    other_session: String,
    /// Behind the first of the owner's purchases.
    cursor: String,
    /// A purchase of the owner's that is not paid.
    pending: Checkout<'a>,
    /// Stripe's id of a payment of the owner's.
    paid: String,
    /// The id of a property that the owner lets.
    property: String,
    /// The id of a competition set of the owner's.
    set: String,
    /// The id of a competitor in it.
    competitor: String,
    /// The id of a template of the owner's.
    template: String,
    /// The id of an address that the owner's mails do not go to.
    suppression: String,
    /// The id of a mail of the owner's that waits.
    email: String,
    /// The id of a copy of the owner's data.
    export: String,
    /// The id of the owner's purchase that is paid, and unlocked a property.
    purchase: String,
    /// The id of a lease of theirs whose file is awaited.
    lease: String,
}

impl<'a> Scene<'a> {
    async fn set(system: &'a System) -> Self {
        for property in [LOCKED, UNLOCKED] {
            system.listing(property).await;
        }
        let expired = system.person("owner").await;
        expired.confirm_email().await;
        system.advance("P4D").await;
        let owner = expired.on_another_device().await;
        let second = owner.on_another_device().await;
        system.advance("P4D").await;
        let sessions = second.get("/api/auth/sessions").await;
        let sessions = sessions.is(200).json["sessions"]
            .as_array()
            .expect("a list of sessions")
            .clone();
        let of_second = sessions
            .iter()
            .find(|session| session["current"] == true)
            .expect("a session that asks");
        let other_session = of_second["id"].as_str().expect("an id").to_owned();

        let purchase = owner.buy("basic", Outcome::Paid).await.purchase;
        owner.unlock(UNLOCKED).await.is(201);
        let announced = system
            .send(announce(&purchase).request(system, Some(&owner.token)))
            .await;
        let lease = announced.is(201).text_at("/verificationId").to_owned();
        let paid = system.stripe().payment_intents()[0]["id"].clone();
        let paid = paid.as_str().expect("an id").to_owned();
        let pending = owner.checkout("pro").await;
        let cursor = owner
            .get("/api/purchases?limit=1")
            .await
            .is(200)
            .text_at("/nextCursor")
            .to_owned();

        let choose = async |role: &str| {
            let choice = json!({ "userType": role });
            owner.patch("/api/auth/user-type", &choice).await.is(200);
        };
        choose("landlord").await;
        let property = owner.add_property("Elm").await;
        let property = property.is(201).text_at("/id").to_owned();
        let set_path = owner.makes_set("Midtown", &[]).await;
        let competitor = owner.enters(&set_path, "1 Oak Ave", &json!({})).await;
        let competitor = competitor.is(201).text_at("/id").to_owned();
        let set = set_path.trim_start_matches(&format!("{SETS}/")).to_owned();
        let template = owner.makes_template("Stay").await;
        let suppression = owner.suppresses("tenant@example.com").await;
        let email = owner.writes_later_to("tenant@example.com").await;
        choose("renter").await;
        let export = owner.export().await["id"].as_str().expect("an id").to_owned();
        let other = system.person("other").await;
        let wrong_role = system.person("landlord").await;
        wrong_role
            .patch("/api/auth/user-type", &json!({ "userType": "landlord" }))
            .await
            .is(200);
        let admin = system.person("admin").await;
        system.grant(&admin.email, "admin").await;
        Self {
            system,
            owner,
            expired,
            other,
            wrong_role,
            admin,
            other_session,
            cursor,
            pending,
            paid,
            property,
            set,
            competitor,
            template,
            suppression,
            email,
            export,
            purchase,
            lease,
        }
    }

    /// Texts that only the owner may see.
    async fn secrets(&self) -> Vec<String> {
        let sessions = self.owner.get("/api/auth/sessions").await.is(200).json["sessions"].clone();
        let purchases = self.owner.purchases().await;
        let things = sessions
            .as_array()
            .expect("a list of sessions")
            .iter()
            .chain(&purchases);
        let ids = things.map(|thing| thing["id"].as_str().expect("an id").to_owned());
        let Person { id, email, token, .. } = &self.owner;
        let own = [
            id,
            email,
            token,
            &self.expired.token,
            &self.pending.session,
            &self.property,
            &self.set,
            &self.competitor,
            &self.template,
            &self.suppression,
            &self.email,
            &self.export,
        ];
        ids.chain(own.map(Clone::clone)).collect()
    }

    fn unused_email(&self, caller: Caller) -> String {
        format!("new-{caller:?}@example.com").to_lowercase()
    }

    /// The news that the pending purchase is paid, by somebody who does not have Stripe's secret.
    fn forged_payment(&self) -> Ask {
        let event = json!({
            "id": "evt_forged", "object": "event", "type": "checkout.session.completed", "livemode": false,
            "created": self.system.now().as_second(),
            "data": { "object": {
                "id": self.pending.session, "object": "checkout.session", "payment_status": "paid",
                "client_reference_id": self.pending.purchase, "amount_total": 2999, "currency": "usd",
            } },
        });
        let signature = self
            .system
            .signature(event.to_string().as_bytes(), "whsec_guessed", 0);
        Ask {
            headers: vec![("stripe-signature", signature)],
            ..Ask::post("/api/stripe/webhook", event)
        }
    }

    fn token(&self, caller: Caller) -> Option<&str> {
        let person = match caller {
            Caller::Nobody => return None,
            Caller::ExpiredSession => &self.expired,
            Caller::OtherUser => &self.other,
            Caller::WrongRole => &self.wrong_role,
            Caller::Admin => &self.admin,
            Caller::Owner => &self.owner,
        };
        Some(&person.token)
    }

    /// Lets a minute pass, because wrong passwords make the next one wait, and what is due within it be done.
    async fn waits(&self) {
        self.system.advance("PT1M").await;
        self.system.run("LeaseSweeperFunction").await;
    }

    async fn asks(&self, caller: Caller, ask: &Ask) -> Answer {
        self.system
            .send(ask.request(self.system, self.token(caller)))
            .await
    }

    /// What the table holds of the owner.
    async fn belongings(&self) -> Snapshot {
        self.system
            .snapshot()
            .await
            .of_partition(&format!("USER#{}", self.owner.id))
    }
}

/// Holds an answer to somebody else to keep the owner's secrets.
fn keeps(secrets: &[String], cell: &str, answer: &Answer) {
    let told = format!("{:?} {}", answer.headers, answer.text);
    for secret in secrets {
        assert!(
            !told.contains(secret.as_str()),
            "{cell}: {secret} is the owner's: {told}"
        );
    }
}

/// An answer without what is different every time.
fn told(answer: &Answer) -> (u16, Value) {
    let mut body = answer.json.clone();
    if let Some(members) = body.as_object_mut() {
        members.remove("requestId");
    }
    (answer.status, body)
}

/// Asks for one cell of the matrix.
async fn check(scene: &Scene<'_>, secrets: &[String], row: &Row, caller: Caller, expected: u16) {
    let cell = format!("{} as {caller:?}", row.operation);
    scene.waits().await;
    let before = scene.belongings().await;
    let answer = scene.asks(caller, &(row.ask)(scene, caller)).await;
    assert_eq!(answer.status, expected, "{cell}: {}", answer.text);
    // What is opened in a browser, from a mail, is refused by a page.
    let is_page = answer.header("content-type").starts_with("text/html");
    if expected >= 400 && !is_page {
        answer.is_complete_problem();
    }
    if caller == Caller::Owner {
        return;
    }
    keeps(secrets, &cell, &answer);
    scene.belongings().await.is_unchanged_since(&before);
    if let (Some(absent), false) = (row.absent, expected == 401) {
        scene.waits().await;
        let absent = scene.asks(caller, &absent(scene)).await;
        assert_eq!(
            told(&answer),
            told(&absent),
            "{cell}: what is there is told from what is not"
        );
    }
}

#[tokio::test]
async fn nobody_gets_at_what_is_somebody_elses() {
    let system = System::start().await;
    let document = serde_json::to_value(system.platform.openapi()).unwrap();
    let in_document: BTreeSet<String> = operations(&document)
        .values()
        .map(|operation| operation["operationId"].as_str().unwrap().to_owned())
        .collect();
    let in_matrix: BTreeSet<String> = MATRIX.iter().map(|row| row.operation.to_owned()).collect();
    assert_eq!(
        in_document, in_matrix,
        "operations of the API on the left, of the authority matrix on the right"
    );

    let scene = Scene::set(&system).await;
    let mut cells = 0;
    for row in MATRIX {
        let secrets = scene.secrets().await;
        for (caller, expected) in CALLERS.into_iter().zip(row.answers) {
            check(&scene, &secrets, row, caller, expected).await;
            cells += 1;
        }
    }
    report(cells);
}

#[expect(
    clippy::print_stdout,
    reason = "evidence, for who runs the tests with --nocapture"
)]
fn report(cells: usize) {
    println!("authority matrix: {cells} cells, 0 leaks");
}

/// What the document says of an operation's security is what the matrix finds.
#[test]
fn the_document_says_which_operations_need_a_session() {
    let document = serde_json::to_value(local::functions::openapi(&local::product::functions())).unwrap();
    for (route, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        let mut rows = MATRIX.iter().filter(|row| row.operation == id);
        // A door that everybody may knock at answers the same to nobody and to those who are signed in.
        let needs_session = rows.all(|row| row.answers[0] == 401 && !id.starts_with("signIn"));
        let says_so = operation["security"]
            .as_array()
            .is_some_and(|ways| !ways.is_empty());
        assert_eq!(needs_session, says_so, "{route}");
    }
}
