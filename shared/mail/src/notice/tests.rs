//! Every mail, written as an example of itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use domain::{Cents, EmailAddress, PersonName, PlanId, PurchaseId};
use jiff::Timestamp;
use runtime::Environment;

use super::email_change::EmailChange;
use super::email_changed::EmailChanged;
use super::email_confirmation::EmailConfirmation;
use super::google_linked::GoogleLinked;
use super::password_changed::PasswordChanged;
use super::password_reset::PasswordReset;
use super::receipt::Receipt;
use super::second_factor_disabled::SecondFactorDisabled;
use super::second_factor_enabled::SecondFactorEnabled;
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

/// Each mail, by the name of its module.
fn examples() -> Vec<(&'static str, Message)> {
    let now = at(NOON);
    vec![
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
        ("receipt", receipt("Ana María")),
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
    for (name, message) in examples() {
        let about_money = ["receipt"].contains(&name.split('.').next().unwrap());
        assert!(
            about_money || message.text.contains("If this was not you"),
            "{name}"
        );
    }
}

#[test]
fn a_link_says_how_long_it_works() {
    let text = |name: &str| {
        let (_, message) = examples()
            .into_iter()
            .find(|(example, _)| *example == name)
            .unwrap();
        plain(&message.text)
    };
    assert!(text("password_reset").contains("once, for 1 hour: until March 1, 2026, 13:00 UTC"));
    assert!(text("email_change").contains("for 24 hours"));
    assert!(text("email_confirmation").contains("for 7 days"));
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
        let path = Path::new(&folder).join(name);
        fs::write(path.with_extension("html"), message.html).unwrap();
        fs::write(path.with_extension("txt"), message.text).unwrap();
    }
}
