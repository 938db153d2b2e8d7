use jiff::Span;
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::json;

use super::*;

const TODAY: Date = date(2026, 11, 24);

fn days_ago(days: i32) -> Date {
    TODAY.checked_sub(Span::new().days(days)).unwrap()
}

fn unit(rent: u32, target: u32, feet: u32) -> Unit {
    Unit {
        occupancy: Occupancy::Occupied,
        actual_rent: Rent::from_dollars(rent).ok(),
        potential_rent: Rent::from_dollars(target).ok(),
        square_feet: Some(feet).filter(|feet| *feet > 0),
        vacant_since: None,
    }
}

fn empty(target: u32, days: i32) -> Unit {
    Unit {
        occupancy: Occupancy::Vacant,
        actual_rent: None,
        vacant_since: Some(days_ago(days)),
        ..unit(1, target, 0)
    }
}

fn sum<'a>(units: impl IntoIterator<Item = &'a Unit>) -> Totals {
    units
        .into_iter()
        .map(Totals::of)
        .fold(Totals::default(), Totals::plus)
}

fn any_unit() -> impl Strategy<Value = Unit> {
    let occupancy = prop::sample::select(vec![
        Occupancy::Vacant,
        Occupancy::Occupied,
        Occupancy::Pending,
        Occupancy::Maintenance,
    ]);
    let rent =
        || prop::option::of((100..10_000_000_u32).prop_map(|rent| Rent::from_hundredths(rent).unwrap()));
    let feet = prop::option::of(0..1_000_000_u32);
    let days = prop::option::of(0..5000_i32);
    (occupancy, rent(), rent(), feet, days).prop_map(
        |(occupancy, actual_rent, potential_rent, square_feet, days)| Unit {
            occupancy,
            actual_rent,
            potential_rent,
            square_feet,
            vacant_since: days.map(days_ago).filter(|_| occupancy == Occupancy::Vacant),
        },
    )
}

#[test]
fn a_summary_is_right_to_the_dollar() {
    let units = [
        unit(1500, 1600, 1000),
        unit(1250, 1250, 0),
        empty(1400, 10),
        empty(1000, 21),
    ];
    let before = sum(&units[..1]);
    let summary = Summary::of(&sum(&units), 3, Some(&before), TODAY);
    assert_eq!(
        serde_json::to_value(summary).unwrap(),
        json!({
            "totalProperties": 4, "occupiedUnits": 2, "vacantUnits": 2, "occupancyRate": 50.0,
            "totalRevenue": 2750, "potentialRevenue": 5250, "revenueEfficiency": 52.4, "averageRent": 1375,
            "atRiskCount": 3, "revenueChange": 83.3, "avgDaysVacant": 15.5, "totalSquareFeet": 1000,
            "avgRentPerSqFt": 1.5
        })
    );
}

#[test]
fn a_summary_of_nothing_is_all_zeros() {
    assert_eq!(
        Summary::of(&Totals::default(), 0, None, TODAY),
        Summary::default()
    );
}

#[test]
fn only_who_lives_there_brings_a_rent() {
    let soon = Unit {
        occupancy: Occupancy::Pending,
        ..unit(1500, 1500, 0)
    };
    let totals = Totals::of(&soon);
    assert_eq!((totals.revenue, totals.occupied, totals.vacant), (0, 0, 0));
    assert_eq!((totals.units, totals.potential), (1, 150_000));
}

#[test]
fn what_a_property_would_bring_is_what_its_landlord_wants_or_gets_or_else_the_markets() {
    let details = |more: serde_json::Value| -> Details {
        let mut own = json!({ "name": "a", "address": "b", "city": "Atlanta", "state": "GA" });
        own.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        serde_json::from_value(own).unwrap()
    };
    let market = Rent::from_dollars(900).ok();
    let potential = |more| {
        Unit::of(&details(more), None, market)
            .potential_rent
            .map(Rent::dollars)
    };
    assert_eq!(
        potential(json!({ "targetRent": 1100, "actualRent": 1000 })),
        Some(1100.0)
    );
    assert_eq!(potential(json!({ "actualRent": 1000 })), Some(1000.0));
    assert_eq!(potential(json!({})), Some(900.0));
}

#[test]
fn the_sums_are_kept_under_their_names() {
    let totals = Totals::of(&unit(1500, 1600, 1000));
    let kept = serde_json::to_value(totals).unwrap();
    for (name, value) in totals.named() {
        assert_eq!(kept[name], value, "{name}");
    }
    assert_eq!(kept.as_object().unwrap().len(), totals.named().len());
    assert_eq!(
        serde_json::from_value::<Totals>(json!({})).unwrap(),
        Totals::default()
    );
}

#[test]
fn those_at_risk_are_counted_by_the_day_from_which_they_are() {
    let mut at_risk = AtRisk::default();
    for day in [Some(days_ago(5)), Some(TODAY), Some(days_ago(-30)), None] {
        at_risk.add(day);
    }
    assert_eq!(
        (
            at_risk.on(days_ago(6)),
            at_risk.on(TODAY),
            at_risk.on(days_ago(-40))
        ),
        (0, 2, 3)
    );
    at_risk.take(Some(TODAY));
    assert_eq!(at_risk.on(TODAY), 1);
    assert_eq!(
        serde_json::to_string(&at_risk).unwrap(),
        r#"{"2026-11-19":1,"2026-12-24":1}"#
    );
}

proptest! {
    #[test]
    fn whatever_is_entered_changed_and_deleted_the_sums_are_those_of_a_recount(
        steps in prop::collection::vec((0..8_usize, prop::option::weighted(0.7, any_unit())), 0..60),
    ) {
        let mut units: BTreeMap<usize, Unit> = BTreeMap::new();
        let mut kept = Totals::default();
        for (which, after) in steps {
            let before = units.remove(&which);
            kept = kept.plus(Totals::change(before.as_ref(), after.as_ref()));
            units.extend(after.map(|after| (which, after)));
        }
        prop_assert_eq!(kept, sum(units.values()));
    }

    #[test]
    fn taking_away_what_was_added_leaves_nothing(one in any_unit(), other in any_unit()) {
        let (one, other) = (Totals::of(&one), Totals::of(&other));
        prop_assert_eq!(one.plus(other).minus(other), one);
        prop_assert_eq!(one.plus(other), other.plus(one));
        prop_assert_eq!(one.minus(one), Totals::default());
    }

    #[test]
    fn every_number_of_a_summary_is_in_its_range(units in prop::collection::vec(any_unit(), 0..30)) {
        let summary = Summary::of(&sum(&units), 0, Some(&sum(&units[..units.len() / 2])), TODAY);
        prop_assert!((0.0..=100.0).contains(&summary.occupancy_rate));
        prop_assert!(summary.avg_days_vacant >= 0.0 && summary.revenue_change.is_finite());
        let rents = units.iter().filter_map(|unit| unit.actual_rent);
        prop_assert!(summary.average_rent <= rents.max().map_or(Amount::ZERO, Amount::from));
    }

    #[test]
    fn those_at_risk_are_as_many_as_a_count_says_and_past_days_may_be_put_together(
        days in prop::collection::vec(prop::option::of(-400..400_i32), 0..40), later in 0..300_i32, taken in 0..40_usize,
    ) {
        let mut at_risk = AtRisk::default();
        for day in &days {
            at_risk.add(day.map(days_ago));
        }
        let kept = &days[taken.min(days.len())..];
        for day in &days[..taken.min(days.len())] {
            at_risk.take(day.map(days_ago));
        }
        let on = days_ago(-later);
        let counted = kept.iter().flatten().filter(|day| days_ago(**day) <= on).count();
        prop_assert_eq!(at_risk.on(on), i64::try_from(counted).unwrap());
        prop_assert_eq!(at_risk.until(TODAY).on(on), at_risk.on(on));
    }
}
