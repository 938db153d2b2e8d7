//! Properties, competition sets and all that is counted of them, beside a plain map to which the same is done.

use std::collections::{BTreeMap, BTreeSet};

use domain::competition::{CompetitorDetails, SetDetails};
use domain::plan::Limits;
use domain::property::{Details, Occupancy};
use domain::{CompetitionSetId, CompetitorId, PropertyId, Rent, UserId};
use serde_json::json;
use table::competition::{Competition, CompetitionSet, Competitor, CompetitorError, SetError};
use table::import::Row;
use table::portfolio::Counting;
use table::property::{AddError, Around, Changed, Living, Order, Property, READ_AT_MOST, Wish};
use tests::System;

/// How many operations are done. `MODEL_OPERATIONS=100000` does so many.
fn operations() -> u32 {
    let told = std::env::var("MODEL_OPERATIONS").ok();
    told.map_or(900, |number| number.parse().expect("a number of operations"))
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
            "bedroomsMin": (self.below(3) > 0).then(|| self.below(9)),
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
    sets: BTreeMap<CompetitionSetId, Set>,
}

/// A competition set, as a plain map knows it.
#[derive(Default)]
struct Set {
    own: BTreeSet<PropertyId>,
    /// Those that were in it when they were deleted.
    away: BTreeSet<PropertyId>,
    /// By their addresses.
    competitors: BTreeMap<String, Competitor>,
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
            sets: BTreeMap::new(),
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
    match chance.below(18) {
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
        11..=16 => compete(system, landlord, chance).await,
        7 | 8 => {
            let Some(id) = chance.of(&there).copied() else {
                return;
            };
            let known = landlord.there.remove(&id).unwrap();
            assert!(table.delete_property(landlord.id, &known).await.unwrap());
            assert!(!table.delete_property(landlord.id, &known).await.unwrap());
            landlord.deleted.insert(id, known);
            for set in landlord.sets.values_mut() {
                // A set remembers fifty.
                if set.own.remove(&id) && set.away.len() < 50 {
                    set.away.insert(id);
                }
            }
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
                    for set in landlord.sets.values_mut() {
                        if set.away.remove(&id) {
                            set.own.insert(id);
                        }
                    }
                }
                Err(AddError::Full) => assert!(full, "there is room"),
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// Does something to the landlord's competition sets.
async fn compete(system: &System, landlord: &mut Landlord, chance: &mut Chance) {
    let (table, now, id) = (system.table(), system.now(), landlord.id);
    let sets: Vec<CompetitionSetId> = landlord.sets.keys().copied().collect();
    let there: Vec<PropertyId> = landlord.there.keys().copied().collect();
    let gone: Vec<PropertyId> = landlord.deleted.keys().copied().collect();
    let own: BTreeSet<PropertyId> = there.iter().copied().filter(|_| chance.below(3) == 0).collect();
    let details: SetDetails = serde_json::from_value(json!({
        "name": format!("Set {}", chance.below(9)), "ownPropertyIds": own, "alertsEnabled": chance.below(2) == 0,
    }))
    .unwrap();
    let Some(set) = chance
        .of(&sets)
        .copied()
        .filter(|_| chance.below(6) > 0 || sets.len() > 40)
    else {
        let new = CompetitionSet::new(CompetitionSetId::generate(now).unwrap(), details, now);
        let made = table.add_competition_set(id, new).await.unwrap();
        let known = Set {
            own,
            ..Set::default()
        };
        landlord.sets.insert(made.id, known);
        return;
    };
    match chance.below(10) {
        0 => {
            let known = table.competition_set(id, set).await.unwrap().unwrap();
            let competitors = table.competitors(id, set).await.unwrap();
            assert!(
                table
                    .delete_competition_set(id, &known, &competitors)
                    .await
                    .unwrap()
            );
            assert!(
                !table
                    .delete_competition_set(id, &known, &competitors)
                    .await
                    .unwrap()
            );
            landlord.sets.remove(&set);
        }
        1..=3 => {
            let known = table.competition_set(id, set).await.unwrap().unwrap();
            let changed = table.change_competition_set(id, &known, &details).await.unwrap();
            assert_eq!(changed.unwrap().details, details);
            // Whoever knows what was before changes nothing.
            assert_eq!(
                table.change_competition_set(id, &known, &details).await.unwrap(),
                None
            );
            let model = landlord.sets.get_mut(&set).unwrap();
            model.away.retain(|id| !own.contains(id));
            model.own = own;
            // Who is deleted is put into no set.
            if let Some(gone) = chance.of(&gone) {
                let mut said = serde_json::to_value(&details).unwrap();
                said["ownPropertyIds"] = json!([gone]);
                let said = serde_json::from_value(said).unwrap();
                let known = table.competition_set(id, set).await.unwrap().unwrap();
                let refused = table.change_competition_set(id, &known, &said).await;
                assert!(matches!(refused, Err(SetError::NotOwn(places)) if places == [0]));
            }
        }
        4..=7 => {
            let address = format!("{} Oak Ave", chance.below(6));
            let details: CompetitorDetails = serde_json::from_value(json!({
                "address": address, "bedrooms": (chance.below(4) > 0).then(|| chance.below(9)),
                "currentRent": (chance.below(4) > 0).then(|| 900 + chance.below(900)), "isActive": chance.below(5) > 0,
            }))
            .unwrap();
            let competitor = Competitor::new(set, CompetitorId::generate(now).unwrap(), details, now);
            let model = landlord.sets.get_mut(&set).unwrap();
            match table.add_competitor(id, set, competitor).await {
                Ok(added) => assert!(model.competitors.insert(address, added).is_none(), "it is there"),
                Err(CompetitorError::Duplicate) => assert!(model.competitors.contains_key(&address)),
                Err(error) => panic!("{error}"),
            }
        }
        _ => {
            let model = landlord.sets.get_mut(&set).unwrap();
            if let Some((_, known)) = model.competitors.pop_first() {
                assert!(table.remove_competitor(id, set, &known).await.unwrap());
                assert!(!table.remove_competitor(id, set, &known).await.unwrap());
            }
        }
    }
}

/// Holds the landlord's sets to be as the map's are, and what is counted of their competitors to be what a recount finds.
async fn compare_sets(system: &System, landlord: &Landlord) {
    let table = system.table();
    let sets = table.competition_sets(landlord.id).await.unwrap();
    assert_eq!(sets.len(), landlord.sets.len());
    let account = table.account(landlord.id, table::item::Consistency::Strong).await;
    assert_eq!(
        account.unwrap().unwrap().usage.competition_sets as usize,
        sets.len()
    );
    let mut asked = Competition::default().asked;
    for set in sets {
        let model = &landlord.sets[&set.id];
        let own: BTreeSet<PropertyId> = set.details.own_property_ids.ids().iter().copied().collect();
        assert_eq!(own, model.own);
        let competitors = table.competitors(landlord.id, set.id).await.unwrap();
        assert_eq!(set.competitors as usize, competitors.len());
        assert_eq!(competitors.len(), model.competitors.len());
        for competitor in competitors {
            competitor.count(&mut asked, 1);
            assert_eq!(model.competitors[competitor.details.address.as_str()], competitor);
        }
    }
    assert_eq!(table.competition(landlord.id).await.unwrap().asked, asked);
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
    compare_sets(system, landlord).await;
    let table = system.table();
    let mut counting = Counting::default();
    for property in landlord.there.values() {
        counting.change(None, Some(property));
    }
    let portfolio = table.portfolio(landlord.id).await.unwrap();
    assert_eq!(
        (portfolio.totals, portfolio.at_risk, portfolio.rents),
        (counting.totals, counting.at_risk, counting.rents)
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
