//! Packs `data/zips.tsv` into the tables that `src/lib.rs` reads, so that they cannot be older than what they are made of.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::{env, fs};

#[path = "src/layout.rs"]
mod layout;

use layout::{Packed, prefix};

const SOURCE: &str = "data/zips.tsv";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={SOURCE}");
    let source = fs::read_to_string(SOURCE)?;
    let mut zips = Vec::new();
    // A city is in the list once for each state that has one of its name: states in order, cities in order within.
    let mut cities: BTreeMap<(&str, String), (&str, u16)> = BTreeMap::new();
    for line in source.lines() {
        let [state, city, zip, north, east] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(format!("five columns were expected: {line}").into());
        };
        cities.insert((state, city.to_ascii_lowercase()), (city, 0));
        zips.push((
            zip.parse::<u32>()?,
            (state, city),
            degrees(north)?,
            degrees(east)?,
        ));
    }
    let mut names: BTreeMap<(String, &str), u16> = cities
        .iter()
        .map(|((_, lower), (city, _))| ((lower.clone(), *city), 0))
        .collect();
    for (number, name) in names.values_mut().enumerate() {
        *name = u16::try_from(number)?;
    }

    let mut of_cities = Vec::new();
    let mut states = Vec::new();
    for (number, ((state, lower), (city, own))) in cities.iter_mut().enumerate() {
        *own = u16::try_from(number)?;
        of_cities.extend(names[&(lower.clone(), *city)].to_le_bytes());
        if !known(&states, state) {
            states.extend(state.as_bytes());
            states.extend(own.to_le_bytes());
        }
    }

    let mut texts = String::new();
    let mut ends = Vec::new();
    for (_, name) in names.keys() {
        texts.push_str(name);
        ends.extend(&u32::try_from(texts.len())?.to_le_bytes()[..3]);
    }

    zips.sort_unstable();
    let mut packed = Vec::new();
    let mut firsts = vec![u16::try_from(zips.len())?; 1001];
    for (number, (zip, (state, city), north, east)) in zips.iter().enumerate().rev() {
        firsts[usize::from(prefix(*zip))] = u16::try_from(number)?;
        let (_, city) = cities[&(*state, city.to_ascii_lowercase())];
        let one = Packed {
            zip: *zip,
            north: *north,
            east: *east,
            city,
        };
        packed.push(one.pack().ok_or_else(|| format!("does not fit: {zip}"))?);
    }
    packed.reverse();
    // Where no code begins with a prefix, the codes behind it begin.
    for number in (0..1000).rev() {
        firsts[number] = firsts[number].min(firsts[number + 1]);
    }

    let bytes = |numbers: &[u16]| {
        numbers
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect::<Vec<u8>>()
    };
    let out = env::var("OUT_DIR")?;
    let write = |name: &str, content: &[u8]| fs::write(Path::new(&out).join(name), content);
    write(
        "zips",
        &packed
            .iter()
            .flat_map(|zip| zip.to_le_bytes())
            .collect::<Vec<u8>>(),
    )?;
    write("prefixes", &bytes(&firsts))?;
    write("cities", &of_cities)?;
    write("states", &states)?;
    write("names", texts.as_bytes())?;
    write("ends", &ends)?;
    Ok(())
}

/// Whether the last state that was written is this one.
fn known(states: &[u8], state: &str) -> bool {
    states.len() >= 4 && &states[states.len() - 4..states.len() - 2] == state.as_bytes()
}

/// Degrees with four decimals, as ten-thousandths.
fn degrees(text: &str) -> Result<i32, Box<dyn Error>> {
    let (whole, part) = text.split_once('.').ok_or("four decimals were expected")?;
    if part.len() != 4 {
        return Err(format!("four decimals were expected: {text}").into());
    }
    Ok(format!("{whole}{part}").parse()?)
}
