#![doc = include_str!("../README.md")]

mod layout;

use std::cmp::Ordering;
use std::ops::Range;

use domain::Zip;
use domain::listing::Position;

use crate::layout::{Packed, prefix};

/// Eight bytes for each code, in their order.
static ZIPS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/zips"));
/// Where the codes of each prefix begin, and where they all end.
static PREFIXES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/prefixes"));
/// The name of each city: those of a state together, by name.
static CITIES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/cities"));
/// Two letters for each state, and the first of its cities.
static STATES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/states"));
/// All names, one behind the other.
static NAMES: &str = include_str!(concat!(env!("OUT_DIR"), "/names"));
/// Where each name ends.
static ENDS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/ends"));

/// How many ZIP codes are known.
pub const ZIP_COUNT: usize = ZIPS.len() / 8;
/// How many cities are known; those of one name in two states are two.
pub const CITY_COUNT: usize = CITIES.len() / 2;

/// A ZIP code with what is known of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// The code.
    pub zip: Zip,
    /// The city that mail is sent to there.
    pub city: City,
    /// Its middle.
    pub position: Position,
}

/// A city in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct City(u16);

/// What is known of a ZIP code: nothing of one that is not in use, and of military ones.
#[must_use]
pub fn area(zip: Zip) -> Option<Area> {
    let prefix = prefix(zip.number());
    let mut range = of_prefix(prefix);
    while !range.is_empty() {
        let middle = range.start + range.len() / 2;
        let found = packed(middle, prefix)?;
        match found.zip.cmp(&zip.number()) {
            Ordering::Equal => return Area::of(found),
            Ordering::Less => range.start = middle + 1,
            Ordering::Greater => range.end = middle,
        }
    }
    None
}

/// All ZIP codes, in their order.
pub fn areas() -> impl Iterator<Item = Area> {
    all().filter_map(Area::of)
}

/// The ZIP codes whose middle is within `miles` of `position`, each with its distance, nearest first.
#[must_use]
pub fn near(position: Position, miles: f64) -> Vec<(Area, f64)> {
    // A degree of latitude is 68.7 miles at least, and a ten-thousandth of a degree may be lost in the packing.
    let north = miles / 68.7 + 0.001;
    let rows = ten_thousandths(position.latitude() - north)..=ten_thousandths(position.latitude() + north);
    let mut found: Vec<(Area, f64)> = all()
        .filter(|zip| rows.contains(&zip.north))
        .filter_map(Area::of)
        .map(|area| (area, area.position.miles_to(position)))
        .filter(|(_, distance)| *distance <= miles)
        .collect();
    found.sort_by(|(one, nearer), (other, further)| nearer.total_cmp(further).then(one.zip.cmp(&other.zip)));
    found
}

/// The ZIP code whose middle is nearest to `position`, and how far it is, if it is within `miles`.
#[must_use]
pub fn nearest(position: Position, miles: f64) -> Option<(Area, f64)> {
    near(position, miles).into_iter().next()
}

/// The two letters of all states, the district and the territories that have ZIP codes.
pub fn states() -> impl Iterator<Item = &'static str> {
    (0..STATES.len() / 4).filter_map(state)
}

/// The cities of a state, by name; none of what is no state.
pub fn cities(state: &str) -> impl Iterator<Item = City> {
    of_state(state).filter_map(|number| u16::try_from(number).ok().map(City))
}

/// The city of this name in a state, in whatever case it is written, with `Saint`, `Fort` and `Mount` in full or not.
#[must_use]
pub fn city(name: &str, state: &str) -> Option<City> {
    let wanted = in_full(name);
    let mut range = of_state(state);
    while !range.is_empty() {
        let middle = range.start + range.len() / 2;
        let found = City(u16::try_from(middle).ok()?);
        match found.name().to_ascii_lowercase().cmp(&wanted) {
            Ordering::Equal => return Some(found),
            Ordering::Less => range.start = middle + 1,
            Ordering::Greater => range.end = middle,
        }
    }
    None
}

impl City {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        let number = u16_at(CITIES, usize::from(self.0)).map_or(0, usize::from);
        let end = |number: usize| u24_at(ENDS, number).unwrap_or_default();
        let start = number.checked_sub(1).map_or(0, end);
        NAMES.get(start..end(number)).unwrap_or_default()
    }

    /// The two letters of its state.
    #[must_use]
    pub fn state(self) -> &'static str {
        let first = |number: &usize| first_city(*number).is_some_and(|first| first <= usize::from(self.0));
        let states = (0..STATES.len() / 4).take_while(first).count();
        states.checked_sub(1).and_then(state).unwrap_or_default()
    }

    /// Its ZIP codes, in their order.
    pub fn areas(self) -> impl Iterator<Item = Area> {
        all().filter(move |zip| zip.city == self.0).filter_map(Area::of)
    }

    /// The middle of its ZIP codes.
    #[must_use]
    pub fn position(self) -> Option<Position> {
        let (mut north, mut east, mut zips) = (0.0, 0.0, 0.0);
        for area in self.areas() {
            north += area.position.latitude();
            east += area.position.longitude();
            zips += 1.0;
        }
        Position::new(north / zips, east / zips).ok()
    }
}

impl Area {
    fn of(packed: Packed) -> Option<Self> {
        let degrees = |ten_thousandths: i32| f64::from(ten_thousandths) / 10_000.0;
        Some(Self {
            zip: Zip::from_number(packed.zip)?,
            city: City(packed.city),
            position: Position::new(degrees(packed.north), degrees(packed.east)).ok()?,
        })
    }
}

/// A city's name as the list has it, in small letters: `St. Paul` is there as `saint paul`.
fn in_full(name: &str) -> String {
    let mut words = Vec::new();
    for word in name.split_whitespace() {
        let word = word.to_ascii_lowercase();
        let full = match word.trim_end_matches('.') {
            "st" => "saint",
            "ft" => "fort",
            "mt" => "mount",
            _ => &word,
        };
        words.push(full.to_owned());
    }
    words.join(" ")
}

fn ten_thousandths(degrees: f64) -> i32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is beyond the earth may be cut off"
    )]
    let number = (degrees * 10_000.0) as i32;
    number
}

fn all() -> impl Iterator<Item = Packed> {
    (0..1000_u16).flat_map(|prefix| of_prefix(prefix).filter_map(move |number| packed(number, prefix)))
}

/// The numbers of the codes that begin with these three digits.
fn of_prefix(prefix: u16) -> Range<usize> {
    let at = |number: u16| u16_at(PREFIXES, usize::from(number)).map_or(0, usize::from);
    at(prefix)..at(prefix + 1)
}

/// The numbers of a state's cities.
fn of_state(wanted: &str) -> Range<usize> {
    let number = (0..STATES.len() / 4)
        .find(|number| state(*number).is_some_and(|state| state.eq_ignore_ascii_case(wanted)));
    number.map_or(0..0, |number| {
        first_city(number).unwrap_or_default()..first_city(number + 1).unwrap_or(CITY_COUNT)
    })
}

fn state(number: usize) -> Option<&'static str> {
    STATES
        .get(number * 4..number * 4 + 2)
        .and_then(|letters| str::from_utf8(letters).ok())
}

fn first_city(state: usize) -> Option<usize> {
    u16_at(STATES, state * 2 + 1).map(usize::from)
}

fn packed(number: usize, prefix: u16) -> Option<Packed> {
    let bytes = ZIPS.get(number * 8..)?.first_chunk()?;
    Some(Packed::unpack(u64::from_le_bytes(*bytes), prefix))
}

fn u16_at(bytes: &[u8], number: usize) -> Option<u16> {
    bytes
        .get(number * 2..)?
        .first_chunk()
        .map(|two| u16::from_le_bytes(*two))
}

fn u24_at(bytes: &[u8], number: usize) -> Option<usize> {
    let [low, middle, high] = bytes.get(number * 3..)?.first_chunk()?;
    usize::try_from(u32::from_le_bytes([*low, *middle, *high, 0])).ok()
}

#[cfg(test)]
mod tests;
