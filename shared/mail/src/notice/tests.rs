//! Every mail, written as an example of itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use domain::lease::Reason;
use domain::subscription::{Interval, SubscriptionStatus};
use domain::{Cents, EmailAddress, PersonName, PlanId, PurchaseId, Subscription, VerificationId};
use jiff::Timestamp;
use runtime::Environment;

use super::account_deleted::AccountDeleted;
use super::data_export_ready::DataExportReady;
use super::email_change::EmailChange;
use super::email_changed::EmailChanged;
use super::email_confirmation::EmailConfirmation;
use super::google_linked::GoogleLinked;
use super::lease_in_review::LeaseInReview;
use super::lease_refund::LeaseRefund;
use super::lease_refund_failed::LeaseRefundFailed;
use super::lease_refund_on_its_way::LeaseRefundOnItsWay;
use super::lease_refund_to_look_at::LeaseRefundToLookAt;
use super::lease_rejected::LeaseRejected;
use super::lease_without_saving::LeaseWithoutSaving;
use super::password_changed::PasswordChanged;
use super::password_reset::PasswordReset;
use super::payment_failed::PaymentFailed;
use super::receipt::Receipt;
use super::refund::Refund;
use super::second_factor_disabled::SecondFactorDisabled;
use super::second_factor_enabled::SecondFactorEnabled;
use super::subscription_ended::SubscriptionEnded;
use super::subscription_started::SubscriptionStarted;
use super::trial_ending::TrialEnding;
use crate::{Letterhead, Message, Notice, OneTimeLink};

/// As long as a real one.
const TOKEN: &str = concat!(
    "alail_",
    "00000000000000000000000000000000",
    "11111111111111111111111111111111",
    "2222222222222222222222222222222222222222222222222222222222222222"
);

const NOON: &str = "2026-03-01T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn letterhead() -> Letterhead {
    let variables = [
        ("WEB_URL", "https://app.example.com/"),
        ("HELP_EMAIL", "help@example.com"),
    ];
    Letterhead::new(&Environment::from_iter(variables)).unwrap()
}

fn ana() -> EmailAddress {
    "ana@example.com".parse().unwrap()
}

fn written(notice: &impl Notice) -> Message {
    letterhead().write(&ana(), notice).unwrap()
}

/// A link of noon that works until then.
fn link(until: &str) -> OneTimeLink<'static> {
    OneTimeLink {
        token: TOKEN,
        requested_at: at(NOON),
        expires_at: at(until),
    }
}

fn receipt(name: &str) -> Message {
    written(&Receipt {
        name: &PersonName::try_from(name.to_owned()).unwrap(),
        plan: PlanId::Basic.plan(),
        amount: Cents::new(999),
        paid_at: at(NOON),
        purchase: PurchaseId::from_bytes([1; 16]),
    })
}

fn ana_maria() -> PersonName {
    PersonName::try_from("Ana María".to_owned()).unwrap()
}

fn refund(refunded: u32) -> Message {
    written(&Refund {
        name: &ana_maria(),
        plan: PlanId::Premium.plan(),
        amount: Cents::new(9999),
        refunded: Cents::new(refunded),
        purchase: PurchaseId::from_bytes([1; 16]),
    })
}

/// A subscription that began on the first of March.
fn subscription(status: SubscriptionStatus, trial_end: Option<&str>) -> Subscription {
    Subscription {
        id: "sub_1".to_owned(),
        plan: PlanId::LandlordPro,
        interval: Interval::Month,
        amount: Cents::new(4900),
        status,
        created: at(NOON),
        period_start: at(NOON),
        period_end: at("2026-04-01T12:00:00Z"),
        trial_end: trial_end.map(at),
        cancel_at_period_end: false,
        ended_at: None,
    }
}

fn started(subscription: &Subscription) -> Message {
    written(&SubscriptionStarted {
        name: &ana_maria(),
        subscription,
        now: at(NOON),
    })
}

fn payment_failed(now: &str) -> Message {
    written(&PaymentFailed {
        name: &ana_maria(),
        subscription: &subscription(SubscriptionStatus::PastDue, None),
        now: at(now),
    })
}

/// Each mail, by the name of its module, and what tells two of one module apart.
fn examples() -> Vec<(&'static str, Message)> {
    let mut examples = examples_about_safety();
    examples.extend(examples_about_money());
    examples.extend(examples_about_leases());
    examples.sort_by_key(|(name, _)| *name);
    examples
}

fn examples_about_money() -> Vec<(&'static str, Message)> {
    const TRIAL_END: &str = "2026-03-15T12:00:00Z";
    let trial = subscription(SubscriptionStatus::Trialing, Some(TRIAL_END));
    vec![
        ("payment_failed", payment_failed(NOON)),
        ("payment_failed.closed", payment_failed("2026-03-09T12:00:00Z")),
        ("receipt", receipt("Ana María")),
        ("refund", refund(9999)),
        ("refund.partial", refund(5000)),
        (
            "subscription_ended",
            written(&SubscriptionEnded {
                name: &ana_maria(),
                subscription: &subscription(SubscriptionStatus::Canceled, None),
                ended_at: at(NOON),
            }),
        ),
        (
            "lease_in_review",
            written(&LeaseInReview {
                name: &ana_maria(),
                reasons: &[Reason::RentsDisagree, Reason::SignatureMissing],
            }),
        ),
        (
            "lease_rejected",
            written(&LeaseRejected {
                name: &ana_maria(),
                reason: Reason::FileEncrypted,
            }),
        ),
        (
            "lease_without_saving",
            written(&LeaseWithoutSaving {
                name: &ana_maria(),
                rent: 1550.0,
                asking_rent: 1499.5,
            }),
        ),
        (
            "subscription_started",
            started(&subscription(SubscriptionStatus::Active, None)),
        ),
        ("subscription_started.trial", started(&trial)),
        (
            "trial_ending",
            written(&TrialEnding {
                name: &ana_maria(),
                subscription: &trial,
                ends_at: at(TRIAL_END),
            }),
        ),
    ]
}

fn lease_refund(amount: u32) -> Message {
    written(&LeaseRefund {
        name: &ana_maria(),
        amount: Cents::new(amount),
        due: Cents::new(2450),
        paid: Cents::new(4900),
        purchase: PurchaseId::from_bytes([1; 16]),
    })
}

fn examples_about_leases() -> Vec<(&'static str, Message)> {
    let (name, due) = (&ana_maria(), Cents::new(2450));
    let (purchase, paid) = (PurchaseId::from_bytes([1; 16]), Cents::new(4900));
    vec![
        ("lease_refund", lease_refund(2450)),
        ("lease_refund.rest", lease_refund(900)),
        (
            "lease_refund_failed",
            written(&LeaseRefundFailed { name, due, purchase }),
        ),
        (
            "lease_refund_on_its_way",
            written(&LeaseRefundOnItsWay {
                name,
                amount: due,
                paid,
                purchase,
            }),
        ),
        (
            "lease_refund_to_look_at",
            written(&LeaseRefundToLookAt {
                due,
                purchase,
                verification: VerificationId::from_bytes([2; 16]),
            }),
        ),
    ]
}

fn examples_about_safety() -> Vec<(&'static str, Message)> {
    let now = at(NOON);
    vec![
        ("account_deleted", written(&AccountDeleted { deleted_at: now })),
        (
            "data_export_ready",
            written(&DataExportReady {
                requested_at: now,
                expires_at: at("2026-03-08T12:00:00Z"),
            }),
        ),
        (
            "email_change",
            written(&EmailChange(link("2026-03-02T12:00:00Z"))),
        ),
        (
            "email_changed",
            written(&EmailChanged {
                new_address: &"maria@example.org".parse().unwrap(),
                changed_at: now,
            }),
        ),
        (
            "email_confirmation",
            written(&EmailConfirmation(link("2026-03-08T12:00:00Z"))),
        ),
        ("google_linked", written(&GoogleLinked { linked_at: now })),
        ("password_changed", written(&PasswordChanged { changed_at: now })),
        (
            "password_reset",
            written(&PasswordReset(link("2026-03-01T13:00:00Z"))),
        ),
        (
            "second_factor_disabled",
            written(&SecondFactorDisabled { disabled_at: now }),
        ),
        (
            "second_factor_enabled",
            written(&SecondFactorEnabled { enabled_at: now }),
        ),
    ]
}

/// What a reader sees of HTML: the runs of text between the tags, in one spelling. What mail programs are told apart
/// by, the styles and the title are not to be seen.
fn seen(html: &str) -> Vec<String> {
    let mut rest = &html[html.find("<body").unwrap()..];
    let mut runs = Vec::new();
    while let Some(start) = rest.find('<') {
        runs.push(plain(&rest[..start]));
        let end = if rest[start..].starts_with("<!--") {
            "-->"
        } else {
            ">"
        };
        rest = &rest[start..];
        rest = &rest[rest.find(end).unwrap() + end.len()..];
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// The text in one line, without the spellings that HTML has for single characters.
fn plain(text: &str) -> String {
    let text = text
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#39;", "'")
        .replace("&#34;", "\"")
        .replace("&#38;", "&");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The addresses that HTML leads to.
fn links(html: &str) -> BTreeSet<String> {
    html.split("href=\"")
        .skip(1)
        .map(|rest| plain(rest.split('"').next().unwrap()))
        .collect()
}

/// The text of an example, in one line.
fn text_of(name: &str) -> String {
    let (_, message) = examples()
        .into_iter()
        .find(|(example, _)| *example == name)
        .unwrap();
    plain(&message.text)
}

#[test]
fn every_mail_has_an_example() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/notice");
    let mut modules: Vec<_> = fs::read_dir(source)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "mod" && name != "tests")
        .collect();
    modules.sort();
    let examples = examples();
    let mut named: Vec<_> = examples
        .iter()
        .map(|(name, _)| name.split('.').next().unwrap())
        .collect();
    named.dedup();
    assert_eq!(modules, named);
}

#[test]
fn every_mail_reads_as_it_was_meant() {
    for (name, message) in examples() {
        let Message { subject, text, .. } = message;
        insta::assert_snapshot!(name, format!("{subject}\n{}\n{text}", "=".repeat(subject.len())));
    }
}

#[test]
fn the_text_says_all_that_the_html_says() {
    for (name, message) in examples() {
        let text = plain(&message.text);
        // The first run is what lists of mails show; it is hidden in the mail itself.
        for run in seen(&message.html).into_iter().skip(1) {
            let furniture = run.starts_with("If the button does not open");
            let run = run.trim_end_matches('.');
            assert!(
                furniture || text.contains(run),
                "{name}: {run:?} is not in\n{text}"
            );
        }
        for link in links(&message.html) {
            let link = link.trim_start_matches("mailto:");
            assert!(text.contains(link), "{name}: {link}");
        }
    }
}

#[test]
fn every_link_leads_to_the_web_client_or_to_our_own_mailbox() {
    for (name, message) in examples() {
        for link in links(&message.html) {
            let ours = link.starts_with("https://app.example.com/") || link == "mailto:help@example.com";
            assert!(ours, "{name}: {link}");
        }
    }
}

#[test]
fn no_mail_loads_anything_or_tells_that_it_was_opened() {
    for (name, message) in examples() {
        for loading in ["src=", "url(", "@import", "<link", "<script"] {
            assert!(!message.html.contains(loading), "{name}: {loading}");
        }
    }
}

#[test]
fn no_line_of_a_text_is_longer_than_mail_programs_show() {
    for (name, message) in examples() {
        for line in message.text.lines() {
            let one_word = !line.contains(' ');
            assert!(one_word || line.chars().count() <= 78, "{name}: {line}");
        }
    }
}

#[test]
fn what_concerns_safety_says_what_to_do_if_it_was_somebody_else() {
    for (name, message) in examples_about_safety() {
        assert!(message.text.contains("If this was not you"), "{name}");
    }
}

#[test]
fn what_concerns_money_says_how_much_and_by_when() {
    for (name, facts) in [
        ("lease_refund", &["$24.50", "$49.00", "stays open"][..]),
        ("lease_refund.rest", &["$9.00", "$24.50", "all that was left"]),
        ("lease_refund_on_its_way", &["$24.50", "we write again"]),
        ("lease_refund_failed", &["still owe you $24.50", "once more"]),
        (
            "lease_refund_to_look_at",
            &["$24.50", "verif_", "purch_", "metadata verification_id"],
        ),
        ("refund.partial", &["$50.00", "$99.99", "stays open"]),
        ("refund", &["$99.99", "closed again"]),
        (
            "subscription_started.trial",
            &["March 15, 2026", "$49.00 each month", "cancel", "/billing"],
        ),
        (
            "subscription_started",
            &["$49.00 each month", "April 1, 2026", "cancel", "/billing"],
        ),
        (
            "trial_ending",
            &["March 15, 2026", "$49.00", "/billing", "cancel"],
        ),
        ("payment_failed", &["March 8, 2026", "stays open", "/billing"]),
        ("payment_failed.closed", &["closed until it is paid", "/billing"]),
    ] {
        let text = text_of(name);
        for fact in facts {
            assert!(text.contains(fact), "{name}: {fact} is not in {text}");
        }
    }
    assert!(!text_of("payment_failed.closed").contains("stays open"));
}

#[test]
fn a_link_says_how_long_it_works() {
    assert!(text_of("password_reset").contains("once, for 1 hour: until March 1, 2026, 13:00 UTC"));
    assert!(text_of("email_change").contains("for 24 hours"));
    assert!(text_of("email_confirmation").contains("for 7 days"));
}

#[test]
fn a_name_cannot_bring_markup_into_the_mail() {
    let message = receipt("<script>alert(1)</script>");
    assert!(!message.html.contains("<script>"));
    assert!(message.text.contains("<script>"));
}

#[test]
fn of_a_new_address_the_old_mailbox_sees_a_hint_only() {
    let (_, message) = examples()
        .into_iter()
        .find(|(name, _)| *name == "email_changed")
        .unwrap();
    assert!(message.text.contains("m…@example.org"));
    assert!(!message.html.contains("maria") && !message.text.contains("maria"));
}

/// Nothing to hold: `MAILS_IN=folder cargo test -p mail to_look_at` writes every mail there, to be looked at.
#[test]
fn every_mail_can_be_written_out_to_look_at() {
    let Some(folder) = std::env::var_os("MAILS_IN") else {
        return;
    };
    fs::create_dir_all(&folder).unwrap();
    for (name, message) in examples() {
        let folder = Path::new(&folder);
        fs::write(folder.join(format!("{name}.html")), message.html).unwrap();
        fs::write(folder.join(format!("{name}.txt")), message.text).unwrap();
    }
}
