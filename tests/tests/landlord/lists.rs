//! Lists of properties: sorted, filtered, page by page, at the same price however many there are.

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use domain::listing::Listing;
use domain::{PropertyId, Zip};
use serde_json::{Value, json};
use tests::landlord::PROPERTIES;
use tests::{Person, System};

use super::{with, with_a_hundred};
use crate::system::readme::table;

/// Twelve properties in three cities, of each status; no two alike.
async fn dozen(landlord: &Person<'_>) {
    let cities = ["Atlanta", "Saint Paul", "San Diego"];
    let states = ["GA", "MN", "CA"];
    let statuses = ["vacant", "occupied", "pending", "maintenance"];
    for number in 0..12_usize {
        let said = json!({
            "city": cities[number % 3], "state": states[number % 3], "occupancyStatus": statuses[number % 4],
            "targetRent": 1000 + (number * 7 % 12) * 100, "daysVacant": number * 5 % 12 * 10,
        });
        let name = format!("{} {number:02}", ["elm", "Oak", "ash"][number * 5 % 3]);
        landlord.post(PROPERTIES, &with(&name, &said)).await.is(201);
    }
}

/// The whole list, in pages of so many; each page is held to cost no more than four calls.
async fn whole(landlord: &Person<'_>, query: &str, limit: u8) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("{PROPERTIES}?{query}&limit={limit}{cursor}");
        let page = landlord.get(&path).await;
        let properties = page.is(200).json["properties"].as_array().unwrap();
        assert!(
            properties.len() <= usize::from(limit) && page.calls() <= 4,
            "{}",
            page.text
        );
        all.extend(properties.iter().cloned());
        match page.json["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

fn names(properties: &[Value]) -> Vec<&str> {
    properties
        .iter()
        .map(|property| property["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_list_is_sorted_as_it_is_asked_for_page_by_page_each_once() {
    let system = System::start().await;
    let lena = with_a_hundred(&system, "lena").await;
    dozen(&lena).await;
    let nina = system.landlord("nina").await;
    nina.add_property("Nina's").await.is(201);
    let newest = whole(&lena, "", 100).await;
    let key = |property: &Value, sort: &str| match sort {
        "createdAt" => format!("{}", property["id"]),
        "daysVacant" => format!("{:09}", property["daysVacant"].as_u64().unwrap()),
        "targetRent" => format!("{:09}", property["targetRent"].as_u64().unwrap()),
        "city" => format!(
            "{} {}",
            property["city"].as_str().unwrap().to_lowercase(),
            property["name"].as_str().unwrap().to_lowercase()
        ),
        _ => property["name"].as_str().unwrap().to_lowercase(),
    };
    for (sort, ascending) in [
        ("createdAt", false),
        ("daysVacant", false),
        ("targetRent", true),
        ("name", true),
        ("city", true),
    ] {
        for order in ["", "asc", "desc"] {
            let ascending = if order.is_empty() {
                ascending
            } else {
                order == "asc"
            };
            let order = if order.is_empty() {
                String::new()
            } else {
                format!("&sortOrder={order}")
            };
            let list = whole(&lena, &format!("sortBy={sort}{order}"), 5).await;
            let mut keys: Vec<String> = list.iter().map(|property| key(property, sort)).collect();
            let mut ids: Vec<String> = list.iter().map(|property| property["id"].to_string()).collect();
            let given = keys.clone();
            keys.sort();
            if !ascending {
                keys.reverse();
            }
            assert_eq!(given, keys, "{sort}{order}");
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), 12, "{sort}{order}: each once");
        }
    }
    assert_eq!(newest.len(), 12);
}

#[tokio::test]
async fn a_list_is_filtered_by_whatever_is_asked_for() {
    let system = System::start().await;
    let lena = with_a_hundred(&system, "lena").await;
    dozen(&lena).await;
    let all = whole(&lena, "", 100).await;
    let is = |property: &Value, field: &str, value: &str| property[field] == value;
    type Fits = Box<dyn Fn(&Value) -> bool>;
    let filters: Vec<(&str, Fits)> = vec![
        ("status=vacant", Box::new(move |it| is(it, "status", "vacant"))),
        (
            "status=occupied",
            Box::new(move |it| is(it, "occupancyStatus", "occupied")),
        ),
        (
            "occupancyStatus=pending",
            Box::new(move |it| is(it, "occupancyStatus", "pending")),
        ),
        ("occupancyStatus=occupied&status=vacant", Box::new(|_| false)),
        (
            "city=san%20diego",
            Box::new(move |it| is(it, "city", "San Diego")),
        ),
        ("city=sa", Box::new(move |it| !is(it, "city", "Atlanta"))),
        ("city=lant", Box::new(move |it| is(it, "city", "Atlanta"))),
        ("city=nowhere", Box::new(|_| false)),
        (
            "city=atlanta&status=vacant",
            Box::new(move |it| is(it, "city", "Atlanta") && is(it, "status", "vacant")),
        ),
    ];
    for (query, fits) in &filters {
        let mut expected: Vec<&str> = names(&all);
        expected.retain(|name| all.iter().any(|it| it["name"] == **name && fits(it)));
        expected.sort_unstable();
        for sort in [
            "",
            "&sortBy=createdAt",
            "&sortBy=daysVacant",
            "&sortBy=targetRent",
            "&sortBy=name",
            "&sortBy=city",
        ] {
            for limit in [2, 100] {
                let found = whole(&lena, &format!("{query}{sort}"), limit).await;
                let mut found = names(&found);
                found.sort_unstable();
                assert_eq!(found, expected, "{query}{sort}, {limit} a page");
            }
        }
        let whole = lena.get(&format!("{PROPERTIES}?{query}&limit=100")).await;
        assert_eq!(whole.json["total"], expected.len(), "{query}");
    }
    for (query, named) in [
        ("status=empty", "status"),
        ("sortBy=price", "sortBy"),
        ("sortOrder=up", "sortOrder"),
        ("landlord=nina", "landlord"),
    ] {
        let refused = lena.get(&format!("{PROPERTIES}?{query}")).await;
        refused.is_problem(400, "invalid_request").names(named);
    }
    // A cursor is good for the list that it is of.
    let page = lena.get(&format!("{PROPERTIES}?sortBy=name&limit=2")).await;
    let cursor = page.text_at("/nextCursor");
    let other = lena
        .get(&format!("{PROPERTIES}?sortBy=city&limit=2&cursor={cursor}"))
        .await;
    other.is_problem(400, "invalid_request").names("cursor");
}

#[tokio::test]
async fn the_cities_are_those_of_the_properties_that_are_there() {
    let system = System::start().await;
    let lena = with_a_hundred(&system, "lena").await;
    let cities = async || lena.get(&format!("{PROPERTIES}/cities")).await.is(200).json["cities"].clone();
    assert_eq!(cities().await, json!([]));
    dozen(&lena).await;
    assert_eq!(cities().await, json!(["Atlanta", "Saint Paul", "San Diego"]));
    let again = lena
        .post(PROPERTIES, &with("Fir", &json!({ "city": "ATLANTA" })))
        .await;
    assert_eq!(cities().await, json!(["Atlanta", "Saint Paul", "San Diego"]));
    let path = format!("{PROPERTIES}/{}", again.is(201).text_at("/id"));
    lena.patch(&path, &json!({ "city": "Macon" })).await.is(200);
    assert_eq!(
        cities().await,
        json!(["Atlanta", "Macon", "Saint Paul", "San Diego"])
    );
    lena.delete(&path).await.is(204);
    assert_eq!(cities().await, json!(["Atlanta", "Saint Paul", "San Diego"]));
    let nina = system.landlord("nina").await;
    let of_nina = nina.get(&format!("{PROPERTIES}/cities")).await;
    assert_eq!(of_nina.is(200).json["cities"], json!([]));
}

/// The ZIP codes in which copies are, one after the other.
const ZIPS: std::ops::Range<u32> = 30303..30309;

/// Copies of a landlord's property under other ids, with other names and ZIP codes, as many as these numbers.
async fn copies(system: &System, landlord: &Person<'_>, numbers: std::ops::Range<u32>) {
    let snapshot = system
        .snapshot()
        .await
        .of_partition(&format!("USER#{}", landlord.id));
    let template = snapshot.of("Property");
    let template = template
        .iter()
        .find(|item| item["details"]["name"] == "Elm 000000");
    let template = template.expect("one to copy");
    let id = template["id"].as_str().unwrap();
    let (client, table) = system.dynamodb();
    let numbers: Vec<u32> = numbers.collect();
    for some in numbers.chunks(25) {
        let puts = some.iter().map(|number| {
            let name = format!("{number:06}");
            let other = PropertyId::generate(system.now()).unwrap().to_string();
            let zip = ZIPS.start + number % (ZIPS.end - ZIPS.start);
            let text = template.to_string().replace(id, &other).replace("000000", &name);
            let text = text.replace("30303", &zip.to_string());
            let item: Value = serde_json::from_str(&text).unwrap();
            let put = PutRequest::builder()
                .set_item(Some(serde_dynamo::to_item(item).unwrap()))
                .build()
                .unwrap();
            WriteRequest::builder().put_request(put).build()
        });
        let write = client.batch_write_item().request_items(&table, puts.collect());
        write.send().await.unwrap();
    }
}

/// What belongs to others, as many items as these.
async fn items_of_others(system: &System, items: u32) {
    let (client, table) = system.dynamodb();
    let numbers: Vec<u32> = (0..items).collect();
    for some in numbers.chunks(25) {
        let puts = some.iter().map(|number| {
            let item = json!({
                "PK": format!("USER#somebody-{}", number / 20), "SK": format!("PROPERTY#{number:07}"),
                "entity": "Property", "details": { "description": "x".repeat(300) },
            });
            let put = PutRequest::builder()
                .set_item(Some(serde_dynamo::to_item(item).unwrap()))
                .build()
                .unwrap();
            WriteRequest::builder().put_request(put).build()
        });
        let write = client.batch_write_item().request_items(&table, puts.collect());
        write.send().await.unwrap();
    }
}

/// A number that the environment may tell.
fn told(name: &str, unless_told: u32) -> u32 {
    let told = std::env::var(name).ok();
    told.map_or(unless_told, |number| number.parse().expect("a number"))
}

/// What a list costs, as the README writes it.
async fn cost(landlord: &Person<'_>, list: &str) -> [String; 2] {
    let answer = landlord.get(&format!("{PROPERTIES}{list}")).await;
    let cost = answer.is(200).header("x-cost").to_owned();
    let part = |name: &str| {
        let found = cost.split("; ").find_map(|part| part.strip_prefix(name));
        found.expect("its cost").to_owned()
    };
    assert!(answer.calls() <= 4, "{list}: {cost}");
    [part("calls="), part("rcu=")]
}

/// Holds every list to cost what `shared/table/README.md` says.
async fn costs_are_as_written(landlord: &Person<'_>, units: u32) {
    let mut otherwise = Vec::new();
    for row in table("Fifty of a landlord's properties") {
        let [list, written @ ..] = <[String; 3]>::try_from(row).unwrap();
        let now = cost(landlord, list.trim_start_matches(PROPERTIES)).await;
        if now != written {
            otherwise.push(format!("| `{list}` | {} | {} |", now[0], now[1]));
        }
    }
    assert!(
        otherwise.is_empty(),
        "with {units} units, and otherwise in shared/table/README.md:\n{}",
        otherwise.join("\n")
    );
}

/// `PORTFOLIO_UNITS=50000 TABLE_ITEMS=1000000` tries it with so many.
#[tokio::test]
async fn a_page_costs_the_same_with_fifty_properties_and_with_very_many() {
    let system = System::start().await;
    for zip in ZIPS {
        for number in 0..3 {
            let of_zip = |listing: &mut Listing| listing.zip_code = zip.to_string();
            system.listing_with(&format!("{zip}-{number}"), of_zip).await;
        }
        let zip = Zip::from_number(zip).unwrap();
        system.table().market_of_today(zip).await.unwrap();
    }
    let lena = with_a_hundred(&system, "lena").await;
    let said = json!({ "targetRent": 1500, "city": "Atlanta", "zipCode": "30303", "bedrooms": 2 });
    lena.post(PROPERTIES, &with("Elm 000000", &said)).await.is(201);
    let elsewhere = json!({ "city": "Macon", "status": "occupied", "currentRent": 900 });
    lena.post(PROPERTIES, &with("Zelkova", &elsewhere)).await.is(201);
    copies(&system, &lena, 1..110).await;
    let page = lena.get(PROPERTIES).await;
    let properties = page.is(200).json["properties"].as_array().unwrap();
    assert_eq!(properties.len(), 50);
    assert!(
        properties
            .iter()
            .all(|property| property["marketAvgRent"].is_number())
    );
    costs_are_as_written(&lena, 110).await;
    let units = told("PORTFOLIO_UNITS", 600);
    copies(&system, &lena, 110..units).await;
    items_of_others(&system, told("TABLE_ITEMS", 1_000)).await;
    costs_are_as_written(&lena, units).await;
    // What no index answers is looked for in so many that it does not matter how many more there are.
    let searched = lena
        .get(&format!("{PROPERTIES}?status=occupied&sortBy=name"))
        .await;
    assert!(searched.is(200).calls() <= 3, "{}", searched.header("x-cost"));
    let found = whole(&lena, "status=occupied&sortBy=name&sortOrder=desc", 50).await;
    assert_eq!(names(&found), ["Zelkova"]);
}
