//! Properties and all that is counted of them, beside a plain map to which the same is done.

use std::collections::BTreeMap;

use domain::plan::Limits;
use domain::property::{Details, Occupancy};
use domain::{PropertyId, Rent, UserId};
use serde_json::json;
use table::import::Row;
use table::portfolio::Counting;
use table::property::{AddError, Around, Changed, Living, Order, Property, READ_AT_MOST, Wish};
use tests::System;

/// How many operations are done. `MODEL_OPERATIONS=100000` does so many.
fn operations() -> u32 {
    let told = std::env::var("MODEL_OPERATIONS").ok();
    told.map_or(600, |number| number.parse().expect("a number of operations"))
}

/// How many properties a landlord may have: few, so that the limit is met.
const LIMIT: u32 = 12;

/// Numbers that look random, and are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        // Knuth's constants (MMIX).
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn of<'a, T>(&mut self, things: &'a [T]) -> Option<&'a T> {
        let bound = u64::try_from(things.len()).unwrap();
        let position = (bound > 0).then(|| self.below(bound))?;
        things.get(usize::try_from(position).unwrap())
    }

    fn market(&mut self) -> Around {
        let known = self.below(2) == 0;
        let rent = Rent::from_dollars(u32::try_from(900 + self.below(2000)).unwrap()).unwrap();
        Around {
            rent: known.then_some(rent),
            concessions: known.then_some(60),
        }
    }

    fn details(&mut self) -> Details {
        let city = self.of(&["Atlanta", "atlanta", "Macon", "Saint Paul"]).unwrap();
        let status = self
            .of(&["vacant", "occupied", "pending", "maintenance"])
            .unwrap();
        let rent = |chance: &mut Self| (chance.below(3) > 0).then(|| 900 + chance.below(2000));
        let (actual, target) = (rent(self), rent(self));
        let ends = self
            .of(&["1970-01-01", "2026-11-30", "2027-02-28", "2150-01-01"])
            .unwrap();
        let details = json!({
            "name": format!("Elm {}", self.below(40)), "address": "12 Elm St", "city": city, "state": "GA",
            "occupancyStatus": status, "actualRent": actual, "targetRent": target,
            "squareFeetMin": (self.below(2) == 0).then(|| self.below(1500)),
            "leaseEndDate": (self.below(2) == 0).then_some(ends),
            "lastOccupiedDate": (self.below(4) == 0).then(|| format!("2025-0{}-01", 1 + self.below(9))),
        });
        serde_json::from_value(details).unwrap()
    }
}

/// A landlord, as a plain map knows them.
struct Landlord {
    id: UserId,
    there: BTreeMap<PropertyId, Property>,
    deleted: BTreeMap<PropertyId, Property>,
}

#[tokio::test]
async fn after_whatever_happens_the_counters_are_those_of_a_recount() {
    let system = System::start().await;
    let mut landlords = Vec::new();
    for name in ["lena", "nina", "mona"] {
        let person = system.landlord(name).await;
        landlords.push(Landlord {
            id: person.id.parse().unwrap(),
            there: BTreeMap::new(),
            deleted: BTreeMap::new(),
        });
    }
    let mut chance = Chance(0x5EED);
    for operation in 0..operations() {
        let which = usize::try_from(chance.below(3)).unwrap();
        step(&system, &mut landlords[which], &mut chance).await;
        if operation % 150 == 149 {
            for landlord in &landlords {
                compare(&system, landlord).await;
            }
        }
    }
    for landlord in &landlords {
        compare(&system, landlord).await;
    }
}

/// Does something, to the table and to the map.
async fn step(system: &System, landlord: &mut Landlord, chance: &mut Chance) {
    let (table, now) = (system.table(), system.now());
    let limits = Limits {
        units: Some(LIMIT),
        clients: None,
        agents: None,
    };
    let full = landlord.there.len() >= usize::try_from(LIMIT).unwrap();
    let there: Vec<PropertyId> = landlord.there.keys().copied().collect();
    let gone: Vec<PropertyId> = landlord.deleted.keys().copied().collect();
    match chance.below(11) {
        0..=3 => {
            let property = Property::new(
                PropertyId::generate(now).unwrap(),
                chance.details(),
                chance.market(),
                now,
            );
            match table.add_property(landlord.id, property, limits).await {
                Ok(added) => {
                    assert!(!full, "one too many");
                    landlord.there.insert(added.id, added);
                }
                Err(AddError::Full) => assert!(full, "there is room"),
                Err(error) => panic!("{error}"),
            }
        }
        4..=6 => {
            let Some(id) = chance.of(&there).copied() else {
                return;
            };
            let known = landlord.there[&id].clone();
            let details = chance.details();
            let changed = table
                .change_property(landlord.id, &known, &details, chance.market())
                .await
                .unwrap();
            let Changed::Now(changed) = changed else {
                panic!("nobody else changes it")
            };
            assert_eq!(changed.details, details);
            // Whoever knows what was before changes nothing.
            let late = table
                .change_property(landlord.id, &known, &known.details, Around::default())
                .await;
            assert!(matches!(late.unwrap(), Changed::Outdated));
            landlord.there.insert(id, *changed);
        }
        10 => import(system, landlord, chance, limits).await,
        7 | 8 => {
            let Some(id) = chance.of(&there).copied() else {
                return;
            };
            let known = landlord.there.remove(&id).unwrap();
            assert!(table.delete_property(landlord.id, &known).await.unwrap());
            assert!(!table.delete_property(landlord.id, &known).await.unwrap());
            landlord.deleted.insert(id, known);
        }
        _ => {
            let Some(id) = chance.of(&gone).copied() else {
                return;
            };
            let deleted = table.deleted_property(landlord.id, id).await.unwrap().unwrap();
            match table.restore_property(landlord.id, &deleted, limits).await {
                Ok(restored) => {
                    assert!(!full, "one too many");
                    let known = landlord.deleted.remove(&id).unwrap();
                    assert_eq!(restored.details, known.details);
                    assert_eq!(restored.vacant_since, known.vacant_since);
                    landlord.there.insert(id, restored);
                }
                Err(AddError::Full) => assert!(full, "there is room"),
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// Sends a sheet of new properties and of one that is changed, twice: it is entered whole and once, or not at all.
async fn import(system: &System, landlord: &mut Landlord, chance: &mut Chance, limits: Limits) {
    let (table, now) = (system.table(), system.now());
    let content = format!(
        "a sheet of {} rows, as {}",
        chance.below(6),
        chance.below(1 << 31)
    );
    let lines: Vec<u64> = (2..2 + 1 + chance.below(5)).collect();
    let new: Vec<(Details, Around)> = lines
        .iter()
        .map(|_| (chance.details(), chance.market()))
        .collect();
    let there: Vec<PropertyId> = landlord.there.keys().copied().collect();
    let changed = chance.of(&there).copied();
    let details = chance.details();
    let has_room = landlord.there.len() + lines.len() <= usize::try_from(LIMIT).unwrap();
    for _ in 0..2 {
        let sheet = table
            .begin_import(landlord.id, content.as_bytes(), &lines)
            .await
            .unwrap();
        let mut rows: Vec<Row> = lines
            .iter()
            .zip(&new)
            .map(|(line, (details, market))| {
                Row::New(Property::new(sheet.id(*line), details.clone(), *market, now))
            })
            .collect();
        if let Some(id) = changed {
            let known = landlord.there[&id].clone();
            let new = known.with(&details, Around::default(), now);
            rows.push(Row::Changed {
                known: Box::new(known),
                new,
            });
        }
        match table.import(landlord.id, &sheet, rows.clone(), limits).await {
            Ok(()) => {
                assert!(has_room, "too many");
                let written = rows.iter().map(|row| (row.property().id, row.property().clone()));
                landlord.there.extend(written);
            }
            Err(AddError::Full) => assert!(!has_room, "there is room"),
            Err(error) => panic!("{error}"),
        }
    }
}

/// Holds the table to be as the map is: what is there, in every order, what was deleted, and what is counted.
async fn compare(system: &System, landlord: &Landlord) {
    let table = system.table();
    let mut counting = Counting::default();
    for property in landlord.there.values() {
        counting.change(None, Some(property));
    }
    let portfolio = table.portfolio(landlord.id).await.unwrap();
    assert_eq!(
        (portfolio.totals, portfolio.at_risk),
        (counting.totals, counting.at_risk)
    );
    let cities = table.portfolio_cities(landlord.id).await.unwrap();
    let cities: BTreeMap<String, i64> = cities
        .iter()
        .map(|city| (city.place.canonical(), i64::from(city.units)))
        .collect();
    let counted = counting.cities.into_iter();
    let counted: BTreeMap<String, i64> = counted.map(|(city, change)| (city, change.more)).collect();
    assert_eq!(cities, counted);
    let account = table.account(landlord.id, table::item::Consistency::Strong).await;
    assert_eq!(
        account.unwrap().unwrap().usage.units as usize,
        landlord.there.len()
    );
    let (deleted, _) = table.deleted_properties(landlord.id, 255, None).await.unwrap();
    assert!(
        deleted
            .iter()
            .all(|property| landlord.deleted.contains_key(&property.id))
    );
    for order in [
        Order::Newest,
        Order::Name,
        Order::Rent,
        Order::City(None),
        Order::Vacancy(None),
        Order::Vacancy(Some(Living::Nobody)),
        Order::Vacancy(Some(Living::Exactly(Occupancy::Pending))),
    ] {
        let wish = Wish {
            order: &order,
            reversed: false,
            limit: READ_AT_MOST,
            after: None,
        };
        let page = table.properties(landlord.id, &wish).await.unwrap();
        let found: BTreeMap<PropertyId, Property> =
            page.properties.into_iter().map(|it| (it.id, it)).collect();
        let mut expected = landlord.there.clone();
        if let Order::Vacancy(Some(living)) = &order {
            expected.retain(|_, it| living.includes(it.details.occupancy_status));
        }
        assert_eq!(found, expected, "{order:?}");
    }
}
