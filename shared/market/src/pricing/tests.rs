use jiff::Span;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::figure::{Figure, Source};

const TODAY: Date = date(2026, 11, 24);

fn dollars(dollars: u32) -> Rent {
    Rent::from_dollars(dollars).unwrap()
}

fn market(median: Rent) -> MarketRent {
    let figure = Figure {
        samples: Some(40),
        ..Figure::published(Source::OwnListings, TODAY, median)
    };
    MarketRent::of(&[figure], TODAY).unwrap()
}

fn tenant(rent: u32, days: i32) -> Facts {
    Facts {
        occupied: Occupied::Yes {
            lease_ends: Some(TODAY.checked_add(Span::new().days(days)).unwrap()),
            lease_began: None,
        },
        rent: Some(dollars(rent)),
        market: None,
        concessions: None,
    }
}

fn empty(rent: u32, days: u32) -> Facts {
    Facts {
        occupied: Occupied::No { days },
        ..tenant(rent, 0)
    }
}

fn advice(facts: &Facts) -> Recommendation {
    Recommendation::of(
        facts,
        Ok(&market(dollars(1500))),
        "2-bedroom homes in 30303",
        TODAY,
    )
}

fn found(facts: &Facts) -> (Kind, Option<f64>) {
    let advice = advice(facts);
    (advice.kind, advice.amount.map(Amount::dollars))
}

#[test]
fn a_tenant_who_pays_too_little_is_asked_for_five_percent_more_at_most_when_the_lease_ends() {
    let advice = advice(&tenant(1300, 60));
    assert_eq!(
        (advice.kind, advice.recommended_rent),
        (Kind::Increase, Some(dollars(1365)))
    );
    assert_eq!(advice.amount, Some(Amount::from(65.0)));
    assert_eq!(advice.expected_impact.as_deref(), Some("$780 more a year."));
    assert_eq!(
        advice.reasoning,
        "The middle of 40 rents of 2-bedroom homes in 30303 is $1,500 (our own listings, as of 2026-11-24). \
         The tenant pays $1,300, 13.3 % less. The lease ends in 60 days. \
         Ask for $1,365 when it is renewed, which is still what the market pays. \
         More than 5 % at once makes tenants leave or landlords lose."
    );
}

#[test]
fn a_tenant_who_pays_too_much_is_offered_less() {
    assert_eq!(found(&tenant(1600, 10)), (Kind::Decrease, Some(80.0)));
}

#[test]
fn a_rent_near_the_markets_stays() {
    assert_eq!(found(&tenant(1450, 10)), (Kind::Hold, None));
}

#[test]
fn a_lease_that_still_runs_is_left_alone_and_its_renewal_foretold() {
    let advice = advice(&tenant(1300, 200));
    assert_eq!(
        (advice.kind, advice.recommended_rent),
        (Kind::Hold, Some(dollars(1300)))
    );
    assert!(
        advice
            .reasoning
            .ends_with("The lease runs for another 200 days; $1,365 would be what to renew it at.")
    );
}

#[test]
fn an_empty_home_comes_down_by_a_percent_each_fortnight() {
    assert_eq!(found(&empty(1500, 3)), (Kind::Hold, None));
    assert_eq!(found(&empty(1500, 42)), (Kind::Decrease, Some(45.0)));
    assert_eq!(found(&empty(1500, 1000)), (Kind::Decrease, Some(120.0)));
    let impact = advice(&empty(1500, 42)).expected_impact.unwrap();
    assert_eq!(
        impact,
        "$540 less a year, against $339.50 for each week that it stands empty."
    );
}

#[test]
fn an_empty_home_that_asks_too_little_is_raised_by_ten_percent_at_most() {
    assert_eq!(found(&empty(1200, 1)), (Kind::Increase, Some(120.0)));
    assert_eq!(found(&empty(1400, 1)), (Kind::Increase, Some(100.0)));
}

#[test]
fn a_home_that_asks_too_little_and_stays_empty_is_not_raised() {
    assert_eq!(found(&empty(1200, 30)), (Kind::Hold, None));
}

#[test]
fn where_many_offer_something_on_top_two_percent_come_off() {
    let facts = Facts {
        concessions: Some(40),
        ..empty(1500, 0)
    };
    assert_eq!(found(&facts), (Kind::Decrease, Some(30.0)));
    let facts = Facts {
        concessions: Some(40),
        ..empty(1500, 14)
    };
    assert_eq!(found(&facts), (Kind::Decrease, Some(45.0)));
}

#[test]
fn an_empty_home_without_a_rent_is_told_one() {
    let facts = Facts {
        rent: None,
        ..empty(1, 0)
    };
    let advice = advice(&facts);
    assert_eq!(
        (advice.kind, advice.recommended_rent),
        (Kind::Hold, Some(dollars(1500)))
    );
    assert!(advice.reasoning.ends_with("Ask for $1,500."));
}

#[test]
fn without_a_market_nothing_is_recommended_and_it_is_said_why() {
    let unknown = Unknown { too_few: vec![] };
    let advice = Recommendation::of(&tenant(1300, 60), Err(&unknown), "homes", TODAY);
    assert_eq!(
        (advice.kind, advice.recommended_rent, advice.confidence),
        (Kind::Hold, None, 0)
    );
    assert_eq!(
        advice.reasoning,
        "No source has rents of such homes here. Without a market rent nothing is recommended."
    );
}

#[test]
fn the_web_client_reads_a_type_an_amount_and_a_reasoning() {
    let json = serde_json::to_value(advice(&tenant(1600, 10))).unwrap();
    assert_eq!(json["type"], "decrease");
    assert_eq!(
        (&json["amount"], &json["recommendedRent"]),
        (&80.into(), &1520.into())
    );
    assert!(
        json["reasoning"].is_string() && json["expectedImpact"].is_string() && json["confidence"].is_u64()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_tenants_rent_changes_by_more_than_five_percent_or_past_the_market(rent in 200..100_000_u32, median in 200..100_000_u32, days in -400..400_i32) {
        let facts = tenant(rent, days);
        let advice = Recommendation::of(&facts, Ok(&market(dollars(median))), "homes", TODAY);
        let (own, told) = (f64::from(rent), advice.recommended_rent.unwrap().dollars());
        prop_assert!((told - own).abs() <= own * 0.05 + 1.0);
        prop_assert!(told >= own.min(f64::from(median)) && told <= own.max(f64::from(median)));
        prop_assert!(days <= 120 || advice.kind == Kind::Hold);
        let kind = match told.total_cmp(&own) {
            std::cmp::Ordering::Less => Kind::Decrease,
            std::cmp::Ordering::Equal => Kind::Hold,
            std::cmp::Ordering::Greater => Kind::Increase,
        };
        prop_assert_eq!(advice.kind, kind);
        prop_assert_eq!(advice.amount.map_or(0.0, Amount::dollars), (told - own).abs());
    }

    #[test]
    fn standing_empty_for_longer_never_raises_what_is_to_be_asked(rent in 200..15_000_u32, median in 200..15_000_u32, days in 0..300_u32, more in 0..300_u32) {
        let market = market(dollars(median));
        let told = |days| Recommendation::of(&empty(rent, days), Ok(&market), "homes", TODAY).recommended_rent;
        prop_assert!(told(days + more) <= told(days));
        prop_assert!(told(days) <= Some(dollars(rent.max(median))));
    }
}
