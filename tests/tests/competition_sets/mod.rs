//! `/api/competition-sets`

mod analytics;
mod competitors;
mod counting;
mod sets;

use std::collections::BTreeSet;

use domain::PlanId;
use domain::subscription::SubscriptionStatus;
use serde_json::Value;
use table::competition::{Competition, Competitor};
use tests::landlord::PROPERTIES;
use tests::{Answer, Person, Snapshot, System};

/// The id of a property that the landlord enters.
async fn property_of(landlord: &Person<'_>, name: &str) -> String {
    landlord
        .add_property(name)
        .await
        .is(201)
        .text_at("/id")
        .to_owned()
}

/// The own properties of the set at this path.
async fn own_in(landlord: &Person<'_>, set: &str) -> Value {
    landlord.get(set).await.is(200).json["ownPropertyIds"].clone()
}

async fn put(landlord: &Person<'_>, path: &str, body: &Value) -> Answer {
    landlord
        .system
        .send(landlord.request("PUT", path).json(body))
        .await
}

/// How many sets and competitors there are, when all that is counted of them is what a recount finds, each set's own properties
/// are there, and each competitor has its set.
async fn counted_and_there(landlord: &Person<'_>) -> (usize, usize) {
    let partition = format!("USER#{}", landlord.id);
    let snapshot: Snapshot = landlord.system.snapshot().await.of_partition(&partition);
    let (sets, competitors) = (snapshot.of("CompetitionSet"), snapshot.of("Competitor"));
    let account = snapshot.item(&partition, "ACCOUNT").expect("an account");
    let counted = account["usage"]["competitionSets"].as_u64().unwrap_or_default();
    assert_eq!(counted, sets.len() as u64);
    let mut asked = Competition::default().asked;
    for item in &competitors {
        let competitor: Competitor = serde_json::from_value((*item).clone()).expect("a competitor");
        competitor.count(&mut asked, 1);
    }
    let kept = landlord.system.table().competition(landlord.id.parse().unwrap());
    assert_eq!(
        kept.await.expect("the table").asked,
        asked,
        "kept on the left, recounted on the right"
    );
    let mut of_sets = 0;
    let there: BTreeSet<&str> = snapshot
        .of("Property")
        .iter()
        .map(|it| it["id"].as_str().unwrap())
        .collect();
    for set in &sets {
        let prefix = format!("COMPETITOR#{}#", set["id"].as_str().unwrap());
        let of_set = |item: &&&Value| item["SK"].as_str().unwrap().starts_with(&prefix);
        let within = competitors.iter().filter(of_set).count();
        assert_eq!(set["competitors"].as_u64().unwrap(), within as u64, "{set}");
        of_sets += within;
        for own in set["details"]["ownPropertyIds"].as_array().unwrap() {
            assert!(there.contains(own.as_str().unwrap()), "{own} is not there: {set}");
        }
    }
    assert_eq!(of_sets, competitors.len());
    (sets.len(), competitors.len())
}

/// Where a property is.
fn at(property: &str) -> String {
    format!("{PROPERTIES}/{property}")
}

/// A landlord on a plan for a hundred properties.
async fn with_a_hundred<'a>(system: &'a System, name: &str) -> Person<'a> {
    let landlord = system.landlord(name).await;
    landlord
        .subscribed(PlanId::LandlordEnterprise, SubscriptionStatus::Active)
        .await;
    landlord
}
