//! A thousand mails in bad weather.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::repeat_with;

use local::wire::faults::{Fault, Kind};
use serde_json::json;
use tests::email::EMAILS;
use tests::{Person, System};

const SENDER: &str = "EmailSenderFunction";
/// How many mails are queued.
const MAILS: usize = 1000;
/// How often the sender is killed.
const DEATHS: usize = 50;

/// Faults of the mail service: of each hundred calls, thirty are throttled and five get no answer, half of these after the
/// mail was taken on. And deaths of the sender, anywhere.
fn weather(random: &mut fastrand::Rng) -> Vec<Fault> {
    let of_sender = |fault: Fault| Fault {
        principal: Some(SENDER.to_owned()),
        ..fault
    };
    let mut faults = Vec::new();
    // Each fault that strikes holds up the ones behind it by the call that it took.
    let mut struck = 0;
    for call in 0..2_000_u32 {
        let kind = match random.u32(0..100) {
            0..30 => Kind::Throttle,
            30..32 => Kind::TimeOut,
            32..35 => Kind::AnswerLost,
            _ => continue,
        };
        faults.push(of_sender(Fault {
            after: call - struck,
            ..Fault::of("ses", "SendEmail", kind)
        }));
        struck += 1;
    }
    let deaths = repeat_with(|| {
        let kind = if random.bool() {
            Kind::DeathBefore
        } else {
            Kind::DeathAfter
        };
        of_sender(Fault {
            after: random.u32(0..3_000),
            ..Fault::of("", "", kind)
        })
    });
    let mut deaths: Vec<_> = deaths.take(DEATHS).collect();
    deaths.append(&mut faults);
    deaths
}

/// Where all mails stand, by their recipients.
async fn standing(person: &Person<'_>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut query = "?limit=100".to_owned();
    loop {
        let page = person.get(&format!("{EMAILS}{query}")).await.is(200).json.clone();
        for email in page["emails"].as_array().unwrap() {
            let text = |name: &str| email[name].as_str().unwrap().to_owned();
            all.insert(text("to"), text("status"));
        }
        let Some(cursor) = page["nextCursor"].as_str() else {
            return all;
        };
        query = format!("?limit=100&cursor={cursor}");
    }
}

#[tokio::test]
async fn of_a_thousand_mails_in_bad_weather_each_ends_in_one_state_and_none_is_sent_twice() {
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let system = System::without_schedules().await;
    let lena = system.writer("lena").await;
    for fault in weather(&mut random) {
        system.platform.faults().arm(fault);
    }
    for half in 0..2 {
        let emails: Vec<_> = (0..MAILS / 2)
            .map(|number| json!({ "to": format!("tenant-{half}-{number}@example.com") }))
            .collect();
        let batch = json!({ "subject": "Hello", "body": "Hello", "emails": emails });
        let answer = lena.post("/api/emails/batch", &batch).await;
        assert_eq!(answer.is(202).json["queued"], MAILS / 2);
    }
    let mut all = BTreeMap::new();
    for _ in 0..60 {
        system.at_rest().await;
        system.advance("PT1M").await;
        // It may die in this run as well.
        system.looks_at_due_mails().await;
        all = standing(&lena).await;
        if all.values().all(|status| status != "queued") {
            break;
        }
    }
    system.at_rest().await;
    all.append(&mut standing(&lena).await);
    let mut sent: BTreeMap<String, usize> = BTreeMap::new();
    for mail in system.platform.outbox() {
        for to in mail.to.into_iter().filter(|to| to.starts_with("tenant-")) {
            *sent.entry(to).or_default() += 1;
        }
    }
    assert_eq!(all.len(), MAILS, "seed {seed}");
    let twice: Vec<_> = sent.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "seed {seed}: {twice:?}");
    // The mail service tells of what it took on: all else that was begun and never answered stays in doubt.
    let of = |status: &str| -> BTreeSet<&str> {
        let standing = all.iter().filter(|(_, is)| *is == status);
        standing.map(|(to, _)| to.as_str()).collect()
    };
    let out: BTreeSet<&str> = sent.keys().map(String::as_str).collect();
    assert_eq!(of("sent"), out, "seed {seed}");
    let doubt = of("unconfirmed");
    assert_eq!(
        out.len() + doubt.len(),
        MAILS,
        "seed {seed}: {:?}",
        all.values().collect::<BTreeSet<_>>()
    );
    // Ten mails are in hand at a time: those, and the ones whose call got no answer.
    assert!(
        !doubt.is_empty() && doubt.len() < MAILS / 10 + DEATHS * 10,
        "seed {seed}: {} in doubt",
        doubt.len()
    );
}
