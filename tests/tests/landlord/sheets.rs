//! `/api/landlord/properties/import` and `/export`

use futures::future::join_all;
use local::wire::faults::{Fault, Kind};
use serde_json::json;
use tests::landlord::PROPERTIES;
use tests::{Answer, Person, System};

use super::{counted_and_there, with, with_a_hundred};

const FUNCTION: &str = "PropertiesFunction";

async fn send(landlord: &Person<'_>, query: &str, sheet: impl Into<reqwest::Body>) -> Answer {
    let request = landlord.request("POST", &format!("{PROPERTIES}/import{query}"));
    let request = request.header("content-type", "text/csv").body(sheet);
    landlord.system.send(request).await
}

/// A rent roll of so many units in six ZIP codes, each let for a rent of its own.
fn roll(units: u32) -> String {
    let mut sheet = "Address,Unit,City,State,ZIP,Beds,Current Rent,Status,Tenant,Lease End\r\n".to_owned();
    for number in 0..units {
        let status = if number % 5 == 0 { "Vacant" } else { "Leased" };
        sheet.push_str(&format!(
            "\"{number} Elm St, rear\",{number},Atlanta,GA,{},2,\"${}\",{status},Tom Tenant,8/31/2031\r\n",
            30303 + number % 6,
            format_args!("1,{:03}.50", 200 + number % 700),
        ));
    }
    sheet
}

#[tokio::test]
async fn a_sheet_is_entered_whole_or_not_at_all() {
    let system = System::start().await;
    let lena = with_a_hundred(&system, "lena").await;
    let before = system.snapshot().await;
    let preview = send(&lena, "?preview=true", roll(40)).await;
    assert_eq!(preview.is(200).json["entered"], 40);
    assert_eq!(
        (&preview.json["room"], &preview.json["wrong"]),
        (&json!(100), &json!([]))
    );
    assert_eq!(preview.json["properties"][0]["zipCode"], "30303");
    system
        .snapshot()
        .await
        .without(&["ZipMarket"])
        .is_unchanged_since(&before);

    let imported = send(&lena, "", roll(40)).await;
    assert_eq!(imported.is(200).json["entered"], 40);
    assert_eq!(counted_and_there(&lena).await, (40, 40));
    let list = lena.get(&format!("{PROPERTIES}?limit=100")).await;
    let properties = list.is(200).json["properties"].as_array().unwrap();
    // As they stand in the sheet.
    assert_eq!(properties[0]["name"], "0 Elm St, rear, 0");
    assert_eq!(properties[39]["unitNumber"], "39");
    assert!(
        properties
            .iter()
            .all(|property| property["marketReason"].is_string())
    );
    let summary = lena.get("/api/landlord/portfolio/summary").await;
    let rent: u32 = (0..40)
        .filter(|number| number % 5 != 0)
        .map(|number| 1200 + number)
        .sum();
    let revenue = f64::from(rent) + 32.0 * 0.5;
    assert_eq!(
        summary.json["totalRevenue"].as_f64(),
        Some(revenue),
        "{}",
        summary.text
    );

    let mut wrong = roll(43);
    wrong.push_str("1 Oak St,1,Atlanta,Georgia,3030x,two,1450.555,Leased,,\r\n\"2 Oak St\nrear\",1,4th Ward,GA,,,,,,\r\n");
    let refused = send(&lena, "", wrong.clone()).await;
    refused
        .is_problem(400, "invalid_rows")
        .says("Of 45 rows 2 are wrong");
    let named: Vec<&str> = refused.json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    for field in [
        "line 45, state",
        "line 45, zipCode",
        "line 45, bedroomsMin",
        "line 45, actualRent",
        "line 46, city",
    ] {
        assert!(named.contains(&field), "{field} in {named:?}");
    }
    assert_eq!(counted_and_there(&lena).await, (40, 40));
    let partly = send(&lena, "?partial=true", wrong).await;
    assert_eq!(partly.is(200).json["entered"], 43);
    assert_eq!(
        partly.json["wrong"].as_array().unwrap().last().unwrap()["line"],
        46
    );
    assert_eq!(counted_and_there(&lena).await, (83, 83));
}

#[tokio::test]
async fn a_sheet_of_more_than_the_plan_allows_enters_nothing() {
    let system = System::start().await;
    let lena = with_a_hundred(&system, "lena").await;
    lena.add_property("Elm").await.is(201);
    let before = system.snapshot().await;
    for query in ["", "?partial=true"] {
        let refused = send(&lena, query, roll(100)).await;
        refused.is_problem(402, "plan_limit").says("100 properties");
        let refused = send(&lena, query, roll(5_000)).await;
        refused.is_problem(402, "plan_limit");
    }
    system
        .snapshot()
        .await
        .without(&["Import", "ZipMarket"])
        .is_unchanged_since(&before);
    send(&lena, "", roll(99)).await.is(200);
    assert_eq!(counted_and_there(&lena).await, (100, 100));
}

#[tokio::test]
async fn a_sheet_whose_calls_fail_ends_whole_and_once_when_it_is_sent_again() {
    let system = System::start().await;
    let lena = with_a_hundred(&system, "lena").await;
    // Its note, and its parts.
    for operation in ["UpdateItem", "TransactWriteItems"] {
        for kind in [Kind::InternalError, Kind::AnswerLost] {
            system.fail_for(FUNCTION, "dynamodb", operation, kind, 3);
            let first = send(&lena, "", roll(90)).await;
            assert!([200, 503].contains(&first.status), "{}", first.text);
            system.platform.faults().clear();
        }
    }
    for _ in 0..2 {
        let again = send(&lena, "", roll(90)).await;
        assert_eq!(again.is(200).json["entered"], 90);
        assert_eq!(counted_and_there(&lena).await, (90, 90));
    }
}

/// Sends a sheet of three parts, and ends the process before the third is written.
async fn two_parts_of(landlord: &Person<'_>, sheet: String) {
    landlord.system.platform.faults().arm(Fault {
        principal: Some(FUNCTION.to_owned()),
        after: 2,
        ..Fault::of("dynamodb", "TransactWriteItems", Kind::DeathBefore)
    });
    send(landlord, "", sheet).await.is(500);
    assert_eq!(counted_and_there(landlord).await, (80, 80));
}

#[tokio::test]
async fn a_sheet_that_dies_and_has_no_room_any_more_leaves_nothing_but_what_was_changed() {
    let system = System::start().await;
    let lena = with_a_hundred(&system, "lena").await;
    two_parts_of(&lena, roll(90)).await;
    let list = lena.get(PROPERTIES).await;
    let mine = format!("{PROPERTIES}/{}", list.text_at("/properties/3/id"));
    lena.patch(&mine, &json!({ "name": "Mine" })).await.is(200);
    for number in 0..20 {
        lena.add_property(&format!("Oak {number}")).await.is(201);
    }
    lena.add_property("Oak 20").await.is_problem(402, "plan_limit");
    let refused = send(&lena, "", roll(90)).await;
    refused.is_problem(402, "plan_limit");
    assert_eq!(counted_and_there(&lena).await, (21, 21));
    assert_eq!(lena.get(&mine).await.is(200).json["name"], "Mine");
    for oak in lena.get(&format!("{PROPERTIES}?sortBy=name")).await.json["properties"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|property| property["name"] != "Mine")
        .take(11)
    {
        let path = format!("{PROPERTIES}/{}", oak["id"].as_str().unwrap());
        lena.delete(&path).await.is(204);
    }
    // Now there is room, and the rest of it comes.
    send(&lena, "", roll(90)).await.is(200);
    assert_eq!(counted_and_there(&lena).await, (99, 99));
}

#[tokio::test]
async fn a_sheet_that_was_whole_is_only_completed_and_what_its_landlord_has_of_it_stays() {
    let system = System::start().await;
    let lena = with_a_hundred(&system, "lena").await;
    send(&lena, "", roll(90)).await.is(200);
    let list = lena.get(&format!("{PROPERTIES}?limit=100")).await;
    let properties = list.json["properties"].as_array().unwrap();
    let paths: Vec<String> = properties[80..]
        .iter()
        .map(|property| format!("{PROPERTIES}/{}", property["id"].as_str().unwrap()))
        .collect();
    for path in &paths {
        lena.delete(path).await.is(204);
    }
    for number in 0..15 {
        lena.add_property(&format!("Oak {number}")).await.is(201);
    }
    // There is no room for all of it: nothing is entered, and nothing taken away.
    send(&lena, "", roll(90)).await.is_problem(402, "plan_limit");
    assert_eq!(counted_and_there(&lena).await, (95, 95));
    for oak in lena.get(PROPERTIES).await.json["properties"].as_array().unwrap() {
        if oak["name"].as_str().unwrap().starts_with("Oak") {
            let path = format!("{PROPERTIES}/{}", oak["id"].as_str().unwrap());
            lena.delete(&path).await.is(204);
        }
    }
    send(&lena, "", roll(90)).await.is(200);
    assert_eq!(counted_and_there(&lena).await, (90, 90));
    // They are the same as before, and to restore one of them makes no second one.
    for path in &paths {
        lena.get(path).await.is(200);
        lena.post_nothing(&format!("{path}/restore")).await.is(200);
    }
    assert_eq!(counted_and_there(&lena).await, (90, 90));
}

#[tokio::test]
async fn sheets_and_single_properties_at_once_are_never_more_than_the_plan_allows() {
    let system = System::start().await;
    let lena = with_a_hundred(&system, "lena").await;
    let names: Vec<String> = (0..50).map(|number| format!("Oak {number}")).collect();
    let single = join_all(names.iter().map(|name| lena.add_property(name)));
    let (sheet, single) = tokio::join!(send(&lena, "", roll(90)), single);
    let single = single.iter().filter(|answer| answer.status == 201).count();
    let of_sheet = match sheet.status {
        200 => 90,
        402 => 0,
        // It lost against others too often, and is finished below.
        503 => {
            if send(&lena, "", roll(90)).await.status == 200 {
                90
            } else {
                0
            }
        }
        _ => panic!("{}", sheet.text),
    };
    let (counted, there) = counted_and_there(&lena).await;
    assert!(counted <= 100, "{counted}");
    assert_eq!((there, counted), (of_sheet + single, there as u64));
}

#[tokio::test]
async fn a_sheet_that_is_sent_ten_times_at_once_is_entered_once() {
    let system = System::start().await;
    let lena = with_a_hundred(&system, "lena").await;
    let answers = join_all((0..10).map(|_| send(&lena, "", roll(50)))).await;
    for answer in &answers {
        assert!([200, 503].contains(&answer.status), "{}", answer.text);
    }
    send(&lena, "", roll(50)).await.is(200);
    assert_eq!(counted_and_there(&lena).await, (50, 50));
}

#[tokio::test]
async fn a_sheet_that_is_exported_changed_and_imported_changes_what_it_says() {
    let system = System::start().await;
    let (lena, nina) = (system.landlord("lena").await, system.landlord("nina").await);
    let said =
        json!({ "status": "occupied", "currentRent": 1500, "description": "=1+1", "tenant": "Tom Tenant" });
    let elm = lena.post(PROPERTIES, &with("Elm", &said)).await;
    lena.post(PROPERTIES, &with("Oak", &json!({ "phone": "+1 404" })))
        .await
        .is(201);
    let export = async || lena.get(&format!("{PROPERTIES}/export")).await;
    let sheet = export().await;
    assert_eq!(sheet.is(200).header("content-type"), "text/csv; charset=utf-8");
    assert!(sheet.header("content-disposition").contains("properties.csv"));
    assert!(
        sheet.text.contains("'=1+1") && sheet.text.contains("'+1 404"),
        "{}",
        sheet.text
    );
    let unchanged = send(&lena, "", sheet.text.clone()).await;
    assert_eq!(
        (&unchanged.is(200).json["unchanged"], &unchanged.json["changed"]),
        (&json!(2), &json!(0))
    );
    let dearer = send(&lena, "", sheet.text.replace(",1500,", ",1650.25,")).await;
    assert_eq!(
        (&dearer.is(200).json["unchanged"], &dearer.json["changed"]),
        (&json!(1), &json!(1))
    );
    let path = format!("{PROPERTIES}/{}", elm.text_at("/id"));
    let now = lena.get(&path).await.json;
    assert_eq!(
        (&now["actualRent"], &now["description"]),
        (&json!(1650.25), &json!("=1+1"))
    );
    // What has no column stays; an empty cell takes away.
    let id = elm.text_at("/id");
    let narrow = format!("id,name,address,city,state,tenant\n{id},Elm,12 Elm St,Atlanta,GA,\n");
    send(&lena, "", narrow.clone()).await.is(200);
    let now = lena.get(&path).await.json;
    assert_eq!(
        (&now["actualRent"], &now["tenantName"]),
        (&json!(1650.25), &json!(null))
    );
    assert_eq!(counted_and_there(&lena).await, (2, 2));
    // Somebody else's id is an id of nothing.
    let foreign = send(&nina, "", narrow.clone()).await;
    let absent = send(&nina, "", narrow.replace(id, "prop_01JD3X6Q8TKH5T0R4M2N6W9YBC")).await;
    for answer in [&foreign, &absent] {
        answer.is_problem(400, "invalid_rows");
        assert_eq!(answer.json["errors"][0]["field"], "line 2, id");
    }
    assert_eq!(foreign.json["errors"], absent.json["errors"]);
    let of_nina = nina.get(&format!("{PROPERTIES}/export")).await;
    assert_eq!(of_nina.text.lines().count(), 1);
}

#[tokio::test]
async fn what_is_no_sheet_is_answered_clearly() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let before = system.snapshot().await;
    let mut latin: Vec<u8> = b"address,city,state\n1 Rue Caf".to_vec();
    latin.extend([0xE9, b',', b'A', b',', b'G', b'A', b'\n']);
    let mut many = "address,city,state\n".to_owned();
    many.push_str(&"1 Elm St,Atlanta,GA\n".repeat(5_001));
    for (sheet, says) in [
        (Vec::new(), "empty"),
        (latin, "not in UTF-8"),
        (many.into_bytes(), "more than 5000 rows"),
        (b"name,rent\nElm,1\n".to_vec(), "name the columns"),
        (b"PK\x03\x04\x00\x00workbook".to_vec(), "no CSV"),
    ] {
        let refused = send(&lena, "", sheet).await;
        refused.is_problem(400, "unreadable_sheet").says(says);
    }
    let large = send(&lena, "", vec![b'x'; 4_000_001]).await;
    assert_eq!(large.status, 413, "{}", large.text);
    let huge = send(&lena, "", vec![b'x'; 20_000_000]).await;
    assert_eq!(huge.status, 413, "{}", huge.text);
    let form = lena.request("POST", &format!("{PROPERTIES}/import"));
    let form = form
        .header("content-type", "multipart/form-data; boundary=x")
        .body("--x");
    system.send(form).await.is_problem(415, "not_csv");
    system.snapshot().await.is_unchanged_since(&before);
}

#[tokio::test]
async fn whatever_a_spreadsheet_writes_is_understood() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let with_mark = "\u{feff}address,city,state,zip\n1 Elm St,Atlanta,GA,30303\n";
    let with_carriage_returns = "address,city,state,zip\r\n1 Elm St,Atlanta,GA,30303\r\n\r\n";
    let with_quoted_lines = "address,city,state,zip\n\"1 Elm\r\nSt\",Atlanta,GA,30303\n";
    let with_semicolons = "address;city;state;zip\n1 Elm St;Atlanta;GA;30303\n";
    let with_a_hint = "sep=;\r\naddress;city;state;zip\r\n1 Elm St;Atlanta;GA;30303\r\n";
    let with_tabs = "address\tcity\tstate\tzip\n1 Elm St\tAtlanta\tGA\t30303\n";
    let with_texts = "address,city,state,zip\n=\"1 Elm St\",Atlanta,GA,\"=\"\"30303\"\"\"\n";
    for sheet in [
        with_mark,
        with_carriage_returns,
        with_quoted_lines,
        with_semicolons,
        with_a_hint,
        with_tabs,
        with_texts,
    ] {
        let preview = send(&lena, "?preview=true", sheet).await;
        assert_eq!(preview.is(200).json["wrong"], json!([]), "{sheet}");
        let property = &preview.json["properties"][0];
        assert_eq!(property["address"], "1 Elm St", "{sheet}");
        assert_eq!(property["zipCode"], "30303", "{sheet}");
    }
    // What would be calculated is kept as a text, and written so that no spreadsheet calculates it.
    let formula = "name,address,city,state\n=HYPERLINK(1),1 Elm St,Atlanta,GA\n";
    let taken = send(&lena, "", formula).await;
    assert_eq!(taken.is(200).json["properties"][0]["name"], "=HYPERLINK(1)");
    let exported = lena.get(&format!("{PROPERTIES}/export")).await;
    assert!(
        exported.is(200).text.contains(",'=HYPERLINK(1),"),
        "{}",
        exported.text
    );
    let mut many = "address,city,state\n".to_owned();
    for number in 0..5_000 {
        many.push_str(&format!("{number} Elm St,Atlanta,GA\n"));
    }
    let preview = send(&lena, "?preview=true", many).await;
    assert_eq!(preview.is(200).json["entered"], 5_000);
    assert_eq!(preview.json["room"], 1);
}
