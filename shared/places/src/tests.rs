use std::collections::BTreeSet;

use domain::listing::Place;
use proptest::prelude::*;

use super::*;

const SOURCE: &str = include_str!("../data/zips.tsv");

fn zip(text: &str) -> Zip {
    text.parse().unwrap()
}

fn at(text: &str) -> Area {
    area(zip(text)).unwrap()
}

/// The lines that everything here is packed from: state, city, code, degrees.
fn source() -> impl Iterator<Item = (&'static str, &'static str, Zip, f64, f64)> {
    SOURCE.lines().map(|line| {
        let [state, city, code, north, east] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        (
            state,
            city,
            zip(code),
            north.parse().unwrap(),
            east.parse().unwrap(),
        )
    })
}

#[test]
fn every_zip_code_is_what_it_was_packed_from_and_no_other_is_known() {
    let mut known = BTreeSet::new();
    for (state, city, code, north, east) in source() {
        let found = area(code).unwrap_or_else(|| panic!("{code} is lost"));
        assert_eq!((found.city.name(), found.city.state()), (city, state), "{code}");
        assert_eq!(
            (found.position.latitude(), found.position.longitude()),
            (north, east),
            "{code}"
        );
        known.insert(code);
    }
    assert_eq!(known.len(), ZIP_COUNT);
    for number in 0..100_000 {
        let code = Zip::from_number(number).unwrap();
        assert_eq!(area(code).is_some(), known.contains(&code), "{code}");
    }
    assert!(areas().map(|area| area.zip).eq(known));
}

#[test]
fn well_known_zip_codes_lie_where_everybody_knows() {
    for (code, city, state, north, east) in [
        ("00501", "Holtsville", "NY", 40.8, -73.0),
        ("02139", "Cambridge", "MA", 42.4, -71.1),
        ("10001", "New York", "NY", 40.7, -74.0),
        ("30303", "Atlanta", "GA", 33.8, -84.4),
        ("78701", "Austin", "TX", 30.3, -97.7),
        ("90210", "Beverly Hills", "CA", 34.1, -118.4),
        ("99503", "Anchorage", "AK", 61.2, -149.9),
        ("00901", "San Juan", "PR", 18.5, -66.1),
        ("96910", "Hagatna", "GU", 13.5, 144.7),
    ] {
        let found = at(code);
        assert_eq!((found.city.name(), found.city.state()), (city, state));
        let off = (found.position.latitude() - north).abs() + (found.position.longitude() - east).abs();
        assert!(off < 0.2, "{code}: {:?}", found.position);
    }
}

#[test]
fn codes_that_nobody_lives_at_are_not_known() {
    for code in ["00000", "99999", "09001", "34001", "96201"] {
        assert_eq!(area(zip(code)), None, "{code}");
    }
}

#[test]
fn every_state_has_its_cities_by_name_and_every_city_its_zip_codes() {
    assert_eq!(states().count(), 57);
    assert_eq!(states().flat_map(cities).count(), CITY_COUNT);
    for state in states() {
        let names: Vec<_> = cities(state)
            .map(|city| city.name().to_ascii_lowercase())
            .collect();
        assert!(names.is_sorted(), "{state}");
        assert!(cities(state).all(|found| found.state() == state), "{state}");
    }
    let atlanta = city("Atlanta", "GA").unwrap();
    assert!(atlanta.areas().any(|area| area.zip == zip("30303")));
    assert!(atlanta.areas().all(|area| area.city == atlanta));
    assert!(atlanta.position().unwrap().miles_to(at("30303").position) < 10.0);
    assert_eq!(cities("XX").count(), 0);
}

#[test]
fn a_city_is_found_however_it_is_written() {
    let saint_paul = city("Saint Paul", "MN").unwrap();
    for (name, state) in [("st. paul", "mn"), ("SAINT  PAUL", "MN"), ("St Paul", "Mn")] {
        assert_eq!(city(name, state), Some(saint_paul), "{name}");
    }
    assert_eq!(city("Ft. Worth", "TX").map(City::name), Some("Fort Worth"));
    assert_eq!(city("Saint Paul", "GA"), None);
    assert_eq!(city("", "GA"), None);
}

#[test]
fn every_city_is_a_place_of_the_product() {
    for city in states().flat_map(cities) {
        assert!(Place::new(city.name(), city.state()).is_ok(), "{city:?}");
    }
}

#[test]
fn the_nearest_zip_code_to_the_middle_of_one_is_itself() {
    let home = at("78701");
    let (found, miles) = nearest(home.position, 5.0).unwrap();
    assert_eq!((found.zip, miles), (home.zip, 0.0));
    let in_the_ocean = Position::new(30.0, -50.0).unwrap();
    assert_eq!(nearest(in_the_ocean, 50.0), None);
}

proptest! {
    #[test]
    fn near_finds_what_looking_at_every_one_finds_nearest_first(
        north in -15.0..72.0_f64, east in -180.0..180.0_f64, miles in 0.0..300.0_f64,
    ) {
        let position = Position::new(north, east).unwrap();
        let found = near(position, miles);
        prop_assert!(found.is_sorted_by(|one, other| one.1 <= other.1));
        let wanted: BTreeSet<Zip> = areas()
            .filter(|area| area.position.miles_to(position) <= miles)
            .map(|area| area.zip)
            .collect();
        prop_assert_eq!(found.into_iter().map(|(area, _)| area.zip).collect::<BTreeSet<_>>(), wanted);
    }

    #[test]
    fn what_is_packed_is_unpacked(zip in 0..100_000_u32, north in -199_999..800_000, east in -1_800_000..1_800_000, city in 0..32_768_u16) {
        let one = Packed { zip, north, east, city };
        prop_assert_eq!(one.pack().map(|bytes| Packed::unpack(bytes, prefix(zip))), Some(one));
    }

    #[test]
    fn no_name_of_a_city_is_trouble(name in "\\PC*", state in "\\PC{0,3}") {
        let _ = city(&name, &state);
        prop_assert_eq!(cities(&state).count() > 0, states().any(|known| known.eq_ignore_ascii_case(&state)));
    }
}
