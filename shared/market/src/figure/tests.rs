use jiff::civil::date;
use proptest::prelude::*;
use serde_json::json;

use super::*;

const TODAY: Date = date(2026, 11, 24);

fn dollars(dollars: u32) -> Rent {
    Rent::from_dollars(dollars).unwrap()
}

fn days_ago(days: u32) -> Date {
    TODAY.checked_sub(jiff::Span::new().days(days)).unwrap()
}

/// A figure of so many equal rents.
fn figure(source: Source, samples: u32, rent: u32, age: u32) -> Figure {
    Figure {
        samples: Some(samples),
        ..Figure::published(source, days_ago(age), dollars(rent))
    }
}

fn any_figure() -> impl Strategy<Value = Figure> {
    let source = prop::sample::select(Source::IN_ORDER.to_vec());
    (
        source,
        prop::option::of(0..60_u32),
        200..15_000_u32,
        0..2000_u32,
        0..500_u32,
    )
        .prop_map(|(source, samples, rent, age, spread)| Figure {
            samples,
            min: dollars(rent),
            max: dollars(rent + 2 * spread),
            mean: dollars(rent + spread),
            median: dollars(rent + spread),
            ..Figure::published(source, days_ago(age), dollars(rent))
        })
}

#[test]
fn rents_make_a_median_a_mean_and_a_range() {
    let rents = [1500, 1200, 1400, 2000].map(dollars);
    let figure = Figure::of_rents(Source::OwnListings, TODAY, &rents).unwrap();
    assert_eq!(
        serde_json::to_value(figure).unwrap(),
        json!({
            "source": "own_listings", "asOf": "2026-11-24", "samples": 4,
            "median": 1450, "mean": 1525, "min": 1200, "max": 2000
        })
    );
}

#[test]
fn rents_of_a_room_or_of_a_week_are_left_out_and_nothing_makes_nothing() {
    let rents = [150, 1200, 99_000].map(dollars);
    let figure = Figure::of_rents(Source::OwnListings, TODAY, &rents).unwrap();
    assert_eq!((figure.samples, figure.max), (Some(1), dollars(1200)));
    assert_eq!(Figure::of_rents(Source::OwnListings, TODAY, &rents[..1]), None);
}

#[test]
fn two_rents_are_no_figure_and_that_is_said() {
    let thin = figure(Source::OwnListings, 2, 1500, 0);
    let unknown = MarketRent::of(&[thin], TODAY).unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "Too few rents of such homes are known here: 2 rents from our own listings; 3 are needed."
    );
    assert_eq!(
        MarketRent::of(&[], TODAY).unwrap_err().to_string(),
        "No source has rents of such homes here."
    );
}

#[test]
fn ten_listings_weigh_as_much_as_all_that_is_behind_them() {
    let figures = [
        figure(Source::Rentcast, 40, 1400, 20),
        figure(Source::OwnListings, 10, 1600, 1),
        Figure::published(Source::FairMarketRents, days_ago(50), dollars(1000)),
    ];
    let rent = MarketRent::of(&figures, TODAY).unwrap();
    assert_eq!((rent.mean, rent.samples), (dollars(1500), 50));
    assert_eq!((rent.min, rent.max), (dollars(1400), dollars(1600)));
    assert_eq!(
        rent.origin(),
        "our own listings (50 %) and RentCast (50 %), as of 2026-11-04"
    );
}

#[test]
fn thirty_listings_stand_alone() {
    let figures = [
        figure(Source::OwnListings, 30, 1600, 1),
        figure(Source::Rentcast, 400, 1400, 20),
    ];
    let rent = MarketRent::of(&figures, TODAY).unwrap();
    assert_eq!(rent.mean, dollars(1600));
    assert_eq!(rent.origin(), "our own listings, as of 2026-11-23");
}

#[test]
fn what_is_stale_is_told_only_where_nothing_is_fresh_and_is_marked() {
    let old = figure(Source::OwnListings, 50, 1600, 15);
    let fresh = figure(Source::Rentcast, 5, 1400, 45);
    let rent = MarketRent::of(&[old, fresh], TODAY).unwrap();
    assert_eq!((rent.mean, rent.stale), (dollars(1400), false));
    let rent = MarketRent::of(&[old], TODAY).unwrap();
    assert_eq!((rent.mean, rent.stale), (dollars(1600), true));
    assert!(rent.origin().ends_with("which is older than it should be"));
}

#[test]
fn a_figure_of_the_future_is_of_today() {
    let tomorrow = Figure::published(Source::Rentcast, date(2026, 11, 25), dollars(1000));
    assert_eq!(tomorrow.age(TODAY), 0);
}

#[test]
fn a_figure_survives_being_kept() {
    let figure = Figure::published(Source::FairMarketRents, TODAY, dollars(1234));
    let json = serde_json::to_string(&figure).unwrap();
    assert_eq!(serde_json::from_str::<Figure>(&json).unwrap(), figure);
}

proptest! {
    #[test]
    fn a_median_and_a_mean_lie_between_the_lowest_and_the_highest(rents in prop::collection::vec(100..2_000_000_u32, 1..40)) {
        let rents: Vec<Rent> = rents.into_iter().map(|rent| Rent::from_hundredths(rent).unwrap()).collect();
        if let Some(figure) = Figure::of_rents(Source::OwnListings, TODAY, &rents) {
            prop_assert!((figure.min..=figure.max).contains(&figure.median));
            prop_assert!((figure.min..=figure.max).contains(&figure.mean));
        }
    }

    #[test]
    fn together_they_lie_between_the_lowest_and_the_highest_and_all_weights_are_given_out(
        figures in prop::collection::vec(any_figure(), 0..6),
    ) {
        match MarketRent::of(&figures, TODAY) {
            Ok(rent) => {
                prop_assert_eq!(rent.parts.iter().map(|part| part.weight).sum::<i64>(), 1000);
                prop_assert!(rent.parts.is_sorted_by_key(|part| part.source));
                let lowest = figures.iter().map(|figure| figure.min).min().unwrap();
                let highest = figures.iter().map(|figure| figure.max).max().unwrap();
                prop_assert!((lowest..=highest).contains(&rent.mean));
                prop_assert!(rent.min <= rent.max && rent.confidence <= 100);
                prop_assert!(rent.parts.iter().all(|part| part.as_of >= rent.as_of));
            }
            Err(_) => prop_assert!(figures.iter().all(Figure::is_thin)),
        }
    }

    #[test]
    fn the_order_of_figures_does_not_matter(figures in prop::collection::vec(any_figure(), 0..4)) {
        let mut sources: Vec<_> = figures.iter().map(|figure| figure.source).collect();
        sources.sort_unstable();
        sources.dedup();
        prop_assume!(sources.len() == figures.len());
        let mut turned = figures.clone();
        turned.reverse();
        prop_assert_eq!(MarketRent::of(&figures, TODAY), MarketRent::of(&turned, TODAY));
    }

    #[test]
    fn more_rents_never_lower_the_confidence_and_age_never_raises_it(figure in any_figure(), more in 0..50_u32, older in 0..500_u32) {
        let with_more = Figure { samples: figure.samples.map(|samples| samples + more), ..figure };
        prop_assert!(with_more.confidence(TODAY) >= figure.confidence(TODAY));
        let later = TODAY.checked_add(jiff::Span::new().days(older)).unwrap();
        prop_assert!(figure.confidence(later) <= figure.confidence(TODAY));
    }
}
