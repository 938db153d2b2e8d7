use proptest::prelude::*;

use super::*;

fn dollars(dollars: u32) -> Rent {
    Rent::from_dollars(dollars).unwrap()
}

/// A home so many miles north of the middle of Atlanta.
fn home(miles: f64, bedrooms: f64, square_feet: f64) -> Home {
    Home {
        position: Position::new(33.749 + miles / 69.1, -84.388).ok(),
        bedrooms: Some(Span::new(bedrooms, bedrooms)),
        bathrooms: Some(Span::new(1.0, 1.0)),
        square_feet: Some(Span::new(square_feet, square_feet)),
    }
}

fn candidate(what: &str, miles: f64, rent: u32) -> Candidate<&str> {
    Candidate {
        what,
        home: home(miles, 2.0, 900.0),
        rent: dollars(rent),
        days_ago: 3,
    }
}

#[test]
fn the_same_home_next_door_is_all_alike() {
    assert_eq!(home(0.0, 2.0, 900.0).likeness(&home(0.1, 2.0, 900.0), 0), 100);
}

#[test]
fn a_house_of_another_kind_in_another_town_is_not_alike() {
    assert!(home(0.0, 1.0, 600.0).likeness(&home(30.0, 4.0, 2400.0), 200) < 20);
}

#[test]
fn homes_of_which_nothing_is_known_are_half_alike() {
    assert_eq!(Home::default().likeness(&Home::default(), 0), 53);
}

#[test]
fn a_building_with_such_a_home_is_like_it() {
    let building = Home {
        bedrooms: Some(Span::new(3.0, 0.0)),
        ..home(0.0, 2.0, 900.0)
    };
    assert_eq!(building.likeness(&home(0.0, 2.0, 900.0), 0), 100);
}

#[test]
fn the_most_alike_come_first_and_what_is_too_far_does_not_come() {
    let found = comparables(
        &home(0.0, 2.0, 900.0),
        [
            candidate("far", 4.0, 1300),
            candidate("next door", 0.1, 1500),
            candidate("near", 1.0, 1400),
            candidate("too far", 6.0, 900),
        ],
        5.0,
        2,
    );
    assert_eq!(
        found.iter().map(|found| found.what).collect::<Vec<_>>(),
        ["next door", "near"]
    );
}

#[test]
fn an_estimate_leans_to_what_is_most_alike_and_two_are_too_few() {
    let all = [
        candidate("next door", 0.1, 1600),
        candidate("far", 4.5, 1200),
        candidate("further", 4.9, 1200),
    ];
    let found = comparables(&home(0.0, 2.0, 900.0), all, 5.0, 10);
    let estimate = Estimate::of(&found).unwrap();
    assert!(estimate.rent > dollars(1333), "{estimate:?}");
    assert_eq!((estimate.low, estimate.high), (dollars(1200), dollars(1600)));
    assert_eq!(Estimate::of(&found[..2]), None);
}

#[test]
fn a_rent_within_five_percent_is_the_markets() {
    let position = |rent| PricingPosition::of(dollars(rent), dollars(1000));
    assert_eq!(position(1050), PricingPosition::AtMarket);
    assert_eq!(position(1051), PricingPosition::AboveMarket);
    assert_eq!(position(949), PricingPosition::BelowMarket);
}

#[test]
fn a_rent_stands_among_others() {
    let others = [1000, 1100, 1200, 1300].map(dollars);
    let standing = Standing::of(dollars(1200), &others, dollars(1150)).unwrap();
    assert_eq!(
        serde_json::to_value(standing).unwrap(),
        serde_json::json!({ "percentile": 63, "pricingPosition": "at_market", "variance": 50, "variancePercent": 4.3 })
    );
    assert_eq!(Standing::of(dollars(1200), &[], dollars(1150)), None);
}

#[test]
fn what_is_compared_of_a_property_is_what_its_landlord_says() {
    let details: Details = serde_json::from_value(serde_json::json!({
        "name": "Elm 12", "address": "12 Elm St", "city": "Atlanta", "state": "GA",
        "bedroomsMin": 1, "bedroomsMax": 2, "bathroomsMin": 1.5, "squareFeetMax": 800
    }))
    .unwrap();
    let middle = Position::new(33.7, -84.4).ok();
    let home = Home::of_property(&details, middle);
    assert_eq!(home.position, middle);
    assert_eq!(home.bedrooms.map(Span::ends), Some((1.0, 2.0)));
    assert_eq!(home.bathrooms.map(Span::ends), Some((1.5, 1.5)));
    assert_eq!(home.square_feet.map(Span::ends), Some((800.0, 800.0)));
}

proptest! {
    #[test]
    fn being_further_larger_or_older_never_makes_more_alike(
        miles in 0.0..10.0_f64, further in 0.0..10.0_f64, bedrooms in 0..5_u8, larger in 0..4_u8,
        feet in 300.0..3000.0_f64, more in 0.0..3000.0_f64, days in 0..300_u32, older in 0..300_u32,
    ) {
        let own = home(0.0, 0.0, 300.0);
        let like = |miles, bedrooms: u8, feet, days| own.likeness(&home(miles, bedrooms.into(), feet), days);
        let first = like(miles, bedrooms, feet, days);
        prop_assert!(like(miles + further, bedrooms, feet, days) <= first);
        prop_assert!(like(miles, bedrooms + larger, feet, days) <= first);
        prop_assert!(like(miles, bedrooms, feet + more, days) <= first);
        prop_assert!(like(miles, bedrooms, feet, days + older) <= first);
        prop_assert!(first <= 100);
    }

    #[test]
    fn homes_are_as_alike_as_the_other_way_round(miles in 0.0..10.0_f64, bedrooms in 0..5_u8, feet in 300.0..3000.0_f64) {
        let (one, other) = (home(0.0, 2.0, 900.0), home(miles, bedrooms.into(), feet));
        prop_assert_eq!(one.likeness(&other, 5), other.likeness(&one, 5));
    }

    #[test]
    fn an_estimate_lies_among_its_rents(rents in prop::collection::vec((200..15_000_u32, 0.0..5.0_f64), 3..20)) {
        let all = rents.iter().map(|(rent, miles)| candidate("", *miles, *rent));
        let found = comparables(&home(0.0, 2.0, 900.0), all, 5.0, 20);
        let estimate = Estimate::of(&found).unwrap();
        prop_assert!((estimate.low..=estimate.high).contains(&estimate.rent));
        prop_assert!(estimate.confidence <= 100);
    }

    #[test]
    fn a_higher_rent_never_stands_lower(rents in prop::collection::vec(200..15_000_u32, 1..30), rent in 200..15_000_u32, more in 0..1000_u32) {
        let others: Vec<_> = rents.into_iter().map(dollars).collect();
        let at = |rent| Standing::of(dollars(rent), &others, dollars(1000)).unwrap();
        prop_assert!(at(rent + more).percentile >= at(rent).percentile);
        prop_assert!(at(rent).percentile <= 100);
    }
}
