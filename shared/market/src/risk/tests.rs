use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const TODAY: Date = date(2026, 11, 24);

fn dollars(dollars: u32) -> Rent {
    Rent::from_dollars(dollars).unwrap()
}

fn in_days(days: i32) -> Date {
    TODAY.checked_add(Span::new().days(days)).unwrap()
}

fn let_until(days: i32) -> Facts {
    Facts {
        occupied: Occupied::Yes {
            lease_ends: Some(in_days(days)),
            lease_began: Some(in_days(days - 365)),
        },
        rent: Some(dollars(1500)),
        market: Some(dollars(1500)),
        concessions: Some(0),
    }
}

fn vacant(days: u32) -> Facts {
    Facts {
        occupied: Occupied::No { days },
        ..let_until(0)
    }
}

fn score(facts: &Facts) -> u8 {
    Risk::of(facts, TODAY).score
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let days = -4000..4000_i32;
    let occupied = prop_oneof![
        (0..1000_u32).prop_map(|days| Occupied::No { days }),
        (prop::option::of(days.clone()), prop::option::of(days)).prop_map(|(ends, began)| Occupied::Yes {
            lease_ends: ends.map(in_days),
            lease_began: began.map(in_days),
        }),
        Just(Occupied::Soon),
        Just(Occupied::Closed),
    ];
    let rent =
        || prop::option::of((100..10_000_000_u32).prop_map(|rent| Rent::from_hundredths(rent).unwrap()));
    (occupied, rent(), rent(), prop::option::of(0..=100_u8)).prop_map(
        |(occupied, rent, market, concessions)| Facts {
            occupied,
            rent,
            market,
            concessions,
        },
    )
}

#[test]
fn a_home_that_is_empty_is_at_high_risk_from_the_first_day() {
    let risk = Risk::of(&vacant(0), TODAY);
    assert_eq!((risk.score, risk.level), (73, Level::High));
    assert_eq!(score(&vacant(90)), 93);
    assert_eq!(score(&vacant(900)), 93);
}

#[test]
fn a_lease_that_has_just_begun_at_a_fair_rent_is_a_low_risk() {
    let risk = Risk::of(&let_until(364), TODAY);
    assert_eq!((risk.score, risk.level), (23, Level::Low));
}

#[test]
fn a_lease_that_ends_at_a_rent_above_the_market_is_a_high_risk_and_says_why() {
    let facts = Facts {
        rent: Some(dollars(1725)),
        concessions: Some(30),
        ..let_until(10)
    };
    let risk = Risk::of(&facts, TODAY);
    assert_eq!(risk.level, Level::High);
    let details: Vec<_> = risk.factors.iter().map(|factor| factor.detail.as_str()).collect();
    assert_eq!(
        details,
        [
            "The lease ends in 10 days.",
            "The rent of $1,725 is 15 % above the market's $1,500.",
            "The tenant has been there for 11 months.",
            "30 % of the homes it competes with offer something on top.",
        ]
    );
    assert_eq!(risk.factors[1].impact, Level::High);
}

#[test]
fn what_is_not_known_counts_a_third_and_is_said() {
    let facts = Facts {
        occupied: Occupied::Yes {
            lease_ends: None,
            lease_began: None,
        },
        rent: None,
        market: None,
        concessions: None,
    };
    let risk = Risk::of(&facts, TODAY);
    assert_eq!((risk.score, risk.level), (33, Level::Low));
    assert_eq!(risk.factors[1].detail, "There is no rent of its own to compare.");
}

#[test]
fn a_home_that_is_let_but_not_moved_into_is_a_low_risk_and_one_under_repair_a_medium_one() {
    let with = |occupied| {
        Risk::of(
            &Facts {
                occupied,
                ..vacant(0)
            },
            TODAY,
        )
        .level
    };
    assert_eq!(with(Occupied::Soon), Level::Low);
    assert_eq!(with(Occupied::Closed), Level::Medium);
}

#[test]
fn an_empty_home_costs_a_thirtieth_of_its_rent_a_day() {
    assert_eq!(cost_of_vacancy(7, dollars(1500)).to_string(), "$350");
    assert_eq!(cost_of_vacancy(1, dollars(1000)).to_string(), "$33.33");
}

#[test]
fn the_web_client_reads_names_scores_and_levels() {
    let json = serde_json::to_value(Risk::of(&vacant(9), TODAY)).unwrap();
    assert_eq!(json["level"], "high");
    assert_eq!(
        json["factors"][1],
        serde_json::json!({
            "name": "days_vacant", "score": 2, "most": 20, "detail": "It has stood empty for 9 days.", "impact": "low"
        })
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_score_is_the_sum_of_its_factors_and_at_most_a_hundred(facts in any_facts()) {
        let risk = Risk::of(&facts, TODAY);
        prop_assert!(risk.score <= 100);
        prop_assert_eq!(risk.factors.iter().map(|factor| factor.score).sum::<u8>(), risk.score);
        prop_assert!(risk.factors.iter().all(|factor| factor.score <= factor.most && factor.detail.ends_with('.')));
        prop_assert_eq!(risk.level, Level::of(risk.score));
        let is_empty = matches!(facts.occupied, Occupied::No { .. });
        prop_assert!(!is_empty || risk.level == Level::High);
    }

    #[test]
    fn a_longer_vacancy_never_lowers_the_risk(facts in any_facts(), days in 0..1000_u32, more in 0..1000_u32) {
        let empty_for = |days| Facts { occupied: Occupied::No { days }, ..facts };
        prop_assert!(score(&empty_for(days + more)) >= score(&empty_for(days)));
    }

    #[test]
    fn a_higher_rent_over_the_market_never_lowers_the_risk(facts in any_facts(), rent in 100..9_000_000_u32, more in 0..1_000_000_u32, market in 100..10_000_000_u32) {
        let at = |rent| Facts {
            rent: Rent::from_hundredths(rent).ok(),
            market: Rent::from_hundredths(market).ok(),
            ..facts
        };
        prop_assert!(score(&at(rent + more)) >= score(&at(rent)));
        let in_a_market_at = |market| Facts { market: Rent::from_hundredths(market).ok(), ..at(rent) };
        prop_assert!(score(&in_a_market_at(market)) >= score(&in_a_market_at((market + more).min(10_000_000))));
    }

    #[test]
    fn a_nearer_lease_end_never_lowers_the_risk(facts in any_facts(), days in -2000..2000_i32, nearer in 0..2000_i32, began in prop::option::of(-4000..0_i32)) {
        let ending = |days| Facts {
            occupied: Occupied::Yes { lease_ends: Some(in_days(days)), lease_began: began.map(in_days) },
            ..facts
        };
        prop_assert!(score(&ending(days - nearer)) >= score(&ending(days)));
    }

    #[test]
    fn a_tenant_who_stays_longer_and_fewer_concessions_never_raise_the_risk(facts in any_facts(), ends in prop::option::of(-500..500_i32), days in 0..4000_i32, longer in 0..4000_i32, share in 0..=100_u8, fewer in 0..=100_u8) {
        let since = |days: i32| Facts {
            occupied: Occupied::Yes { lease_ends: ends.map(in_days), lease_began: Some(in_days(-days)) },
            concessions: Some(share),
            ..facts
        };
        prop_assert!(score(&since(days + longer)) <= score(&since(days)));
        let with_fewer = Facts { concessions: Some(share.saturating_sub(fewer)), ..since(days) };
        prop_assert!(score(&with_fewer) <= score(&since(days)));
    }

    #[test]
    fn the_day_from_which_the_risk_is_high_is_the_first_such_day(facts in any_facts()) {
        let high = |day| Risk::of(&facts, day).level == Level::High;
        let found = Risk::high_from(&facts, TODAY);
        prop_assert_eq!(found == Some(TODAY), high(TODAY));
        match found {
            Some(day) => {
                prop_assert!(high(day));
                let before = (day - TODAY).get_days();
                prop_assert!((0..before).all(|days| !high(in_days(days))));
            }
            None => prop_assert!((0..5000).step_by(7).all(|days| !high(in_days(days)))),
        }
    }
}
