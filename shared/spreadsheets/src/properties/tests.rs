use proptest::prelude::*;
use serde_json::json;

use super::*;

fn import(text: &str) -> Import {
    Import::read(text.as_bytes()).unwrap()
}

fn first(text: &str) -> Value {
    let import = import(text);
    assert_eq!(import.wrong, []);
    serde_json::to_value(&import.properties[0].details).unwrap()
}

fn wrong(text: &str) -> Vec<String> {
    import(text).wrong.iter().map(ToString::to_string).collect()
}

fn export(properties: &[Details]) -> Vec<u8> {
    let mut export = Export::new().unwrap();
    for (number, details) in properties.iter().enumerate() {
        let computed = Computed {
            market_rent: Rent::from_dollars(1500).ok(),
            vacancy_risk: Some("low"),
            recommendation: Some("=cmd|' /C calc'!A0".to_owned()),
            ..Computed::default()
        };
        export.add(id(number), details, &computed).unwrap();
    }
    export.finish().unwrap()
}

fn id(number: usize) -> PropertyId {
    PropertyId::from_bytes(u128::try_from(number).unwrap().to_be_bytes())
}

#[test]
fn the_names_of_both_vocabularies_and_of_people_are_understood() {
    let plan = "Property Name;Street Address;Apt;City;State;ZIP;Beds;Baths;Sq. Ft.;Current Rent;Status;Tenant;Lease End\r\n\
                Elm;12 Elm St;4B;Atlanta;ga;30303;2;1.5;900;\"$1,450.00\";Leased;Ana Lopez;8/31/2027\r\n";
    let api = "name,address,unitNumber,city,state,zipCode,bedroomsMin,bedroomsMax,bathroomsMin,bathroomsMax,squareFeetMin,\
               squareFeetMax,actualRent,occupancyStatus,tenantName,leaseEndDate\n\
               Elm,12 Elm St,4B,Atlanta,GA,30303,2,2,1.5,1.5,900,900,1450,occupied,Ana Lopez,2027-08-31\n";
    assert_eq!(first(plan), first(api));
    assert_eq!(
        first(plan),
        json!({
            "name": "Elm", "address": "12 Elm St", "unitNumber": "4B", "city": "Atlanta", "state": "GA",
            "zipCode": "30303", "bedroomsMin": 2, "bedroomsMax": 2, "bathroomsMin": 1.5, "bathroomsMax": 1.5,
            "squareFeetMin": 900, "squareFeetMax": 900, "actualRent": 1450, "occupancyStatus": "occupied",
            "tenantName": "Ana Lopez", "leaseEndDate": "2027-08-31"
        })
    );
}

#[test]
fn it_is_said_what_each_column_was_taken_for_and_what_was_not() {
    let import = import("Street,City,ST,Favourite colour,Market Rent\n12 Elm St,Atlanta,GA,red,1500\n");
    let taken: Vec<_> = import
        .columns
        .iter()
        .map(|taken| (taken.column.as_str(), taken.field))
        .collect();
    assert_eq!(taken, [("Street", "address"), ("City", "city"), ("ST", "state")]);
    assert_eq!(import.ignored, ["Favourite colour", "Market Rent"]);
}

#[test]
fn a_home_without_a_name_is_called_by_its_address() {
    assert_eq!(
        first("address,unit,city,state\n12 Elm St,4,Atlanta,GA\n")["name"],
        "12 Elm St, 4"
    );
    assert_eq!(
        first("name,address,city,state\n,12 Elm St,Atlanta,GA\n")["name"],
        "12 Elm St"
    );
}

#[test]
fn what_a_spreadsheet_did_to_a_cell_is_understood() {
    let property =
        first("address,city,state,zip,beds,rent\n\"12 Elm St\r\nRear\",Boston,MA,2139,Studio,\"$2,100\"\n");
    assert_eq!(property["address"], "12 Elm St Rear");
    assert_eq!(property["zipCode"], "02139");
    assert_eq!(
        (&property["bedroomsMin"], &property["bedroomsMax"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(property["actualRent"], 2100);
}

#[test]
fn everything_that_is_wrong_with_a_row_is_named_with_its_line_and_field() {
    let text = "name,address,city,state,zip,bedrooms,rent,lease start,lease end,status\n\
                a,12 Elm St,Atlanta,GA,30303,2,1450,,,\n\
                b,,Atlanta,Georgia,1,2.5,\"1.450,00\",2026-13-01,8/32/2026,haunted\n\
                \n\
                c,13 Elm St,Atlanta,GA,30303,2,0,2026-09-01,2026-08-31,\n";
    assert_eq!(
        wrong(text),
        [
            "line 3, actualRent: must be a number such as 1450, 1,450 or 1450.50",
            "line 3, leaseEndDate: must be a date such as 2026-08-31 or 8/31/2026",
            "line 3, occupancyStatus: must be vacant, occupied, pending or maintenance",
            "line 3, address: is required",
            "line 3, bedroomsMax: must be a whole number",
            "line 3, bedroomsMin: must be a whole number",
            "line 3, leaseStartDate: must be a date from 1900 to 2199, such as 2026-08-31",
            "line 3, state: must be the two letters of a state, such as GA",
            "line 3, zipCode: must be a ZIP code such as 30303 or 30303-1234",
            "line 5, actualRent: must be a rent in dollars, from 1 to 100000, with at most two decimals",
            "line 5, leaseEndDate: must not be before leaseStartDate",
        ]
    );
    let import = import(text);
    assert_eq!((import.properties.len(), import.rows), (1, 3));
    let named = import
        .wrong
        .iter()
        .find(|wrong| wrong.field.as_deref() == Some("actualRent"));
    assert_eq!(named.unwrap().column.as_deref(), Some("rent"));
    assert_eq!(import.wrong[4].column.as_deref(), Some("bedrooms"));
}

#[test]
fn a_row_with_too_many_cells_is_wrong_and_one_with_too_few_is_not() {
    assert_eq!(
        wrong("address,city,state\n12 Elm St,Atlanta,GA,1450\n"),
        ["line 2: has more cells than the 3 columns"]
    );
    assert_eq!(
        wrong("address,city,state,rent\n12 Elm St,Atlanta,GA\n"),
        [] as [&str; 0]
    );
    assert_eq!(
        wrong("address,city,state\n12 Elm St,Atlanta,GA,,\n"),
        [] as [&str; 0]
    );
}

#[test]
fn the_same_home_twice_is_wrong_the_second_time() {
    let text = "address,unit,city,state\n1 Elm,1,Atlanta,GA\n1 Elm,2,Atlanta,GA\n1 ELM,1,atlanta,ga\n";
    assert_eq!(wrong(text), ["line 4: is the same property as line 2"]);
    let text = format!(
        "id,address,city,state\n{0},1 Elm,Atlanta,GA\n{0},2 Elm,Atlanta,GA\n",
        id(7)
    );
    assert_eq!(wrong(&text), ["line 3: is the same property as line 2"]);
}

#[test]
fn columns_that_lack_or_are_there_twice_are_named() {
    assert_eq!(
        Import::read(b"name,city\nElm,Atlanta\n").unwrap_err().to_string(),
        "The first line has to name the columns. Not among them: address, state."
    );
    assert_eq!(
        Import::read(b"address,city,state,Rent,Current Rent\n")
            .unwrap_err()
            .to_string(),
        "The columns \"Rent\" and \"Current Rent\" are both the actualRent. Leave one out."
    );
}

#[test]
fn five_thousand_rows_are_taken_and_one_more_is_not() {
    let rows = |many: usize| -> String {
        let row = |number| format!("{number} Elm St,Atlanta,GA\n");
        "address,city,state\n".to_owned() + &(0..many).map(row).collect::<String>()
    };
    assert_eq!(import(&rows(MOST_ROWS)).properties.len(), MOST_ROWS);
    assert_eq!(
        Import::read(rows(MOST_ROWS + 1).as_bytes()),
        Err(Refusal::TooManyRows { most: MOST_ROWS })
    );
}

#[test]
fn twenty_megabytes_are_refused_before_they_are_looked_at() {
    let refused = Import::read(&vec![b','; 20_000_000]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "The file has 20000000 bytes; 4000000 are the most. Send it in parts."
    );
}

#[test]
fn a_quotation_mark_that_is_not_closed_is_said_to_be_and_swallows_nothing_unsaid() {
    let text = "address,city,state\n1 Elm,Atlanta,GA\n\"2 Elm,Atlanta,GA\n3 Elm,Atlanta,GA\n";
    let import = import(text);
    assert_eq!(import.properties.len(), 1);
    assert_eq!(
        wrong(text),
        [
            "line 3: has a quotation mark that is not closed, and all lines behind it are taken for a part of it"
        ]
    );
}

#[test]
fn a_property_that_has_an_id_is_one_that_is_there() {
    let text = format!(
        "id,address,city,state\n{},1 Elm,Atlanta,GA\n,2 Elm,Atlanta,GA\n",
        id(7)
    );
    let ids: Vec<_> = import(&text).properties.iter().map(|read| read.id).collect();
    assert_eq!(ids, [Some(id(7)), None]);
    assert_eq!(
        wrong("id,address,city,state\n7,1 Elm,Atlanta,GA\n"),
        ["line 2, id: must be the id of a property"]
    );
}

#[test]
fn nothing_that_is_written_is_calculated_by_a_spreadsheet() {
    let details = serde_json::from_value(json!({
        "name": "=HYPERLINK(\"http://x\")", "address": "@SUM(A1)", "city": "-a", "state": "GA", "phone": "+1 404 555 0100",
        "latitude": 33.75, "longitude": -84.388
    }))
    .unwrap();
    let bytes = export(&[details]);
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.starts_with("\u{feff}id,name,address,"));
    let row = text.lines().nth(1).unwrap();
    for cell in [
        "\"'=HYPERLINK(\"\"http://x\"\")\"",
        "'@SUM(A1)",
        "'-a",
        "'+1 404 555 0100",
        ",-84.388,",
        "'=cmd|' /C calc'!A0",
    ] {
        assert!(row.contains(cell), "{cell} in {row}");
    }
}

fn any_details() -> impl Strategy<Value = Details> {
    let text = "[=+@'\"-]{0,2}[a-zA-Z0-9é ,;\"'.#&/-]{0,20}[a-z0-9]";
    let option = |strategy: BoxedStrategy<Value>| prop::option::of(strategy).boxed();
    let line = move || option(text.prop_map(Value::from).boxed());
    let range = |most: i64| (0..most, 0..most).prop_map(|(one, other)| (one.min(other), one.max(other)));
    let traits = prop::collection::btree_map(
        "[a-z\", ]{1,5}",
        prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            (-400..400_i32).prop_map(|quarters| json!(f64::from(quarters) / 4.0)),
            "[=a-z]{1,9}".prop_map(Value::from),
        ],
        0..4,
    );
    let needed = (text, text, "[A-Za-z][A-Za-z .'-]{0,9}[a-z]", "[A-Z]{2}");
    let texts = (line(), line(), line(), line(), line());
    let numbers = (
        prop::option::of(range(100)),
        prop::option::of(range(200)),
        prop::option::of(range(100_000)),
        prop::option::of(1600..=2100_i64),
        prop::option::of(1..=10_000_i64),
        prop::option::of(100..=10_000_000_u32),
        prop::option::of(100..=10_000_000_u32),
    );
    let rest = (
        prop::option::of((-90.0..=90.0_f64, -180.0..=180.0_f64)),
        prop::sample::select(vec!["vacant", "occupied", "pending", "maintenance"]),
        prop::option::of(("20[0-9]{2}-0[1-9]-[12][0-8]", "21[0-9]{2}-1[0-2]-0[1-9]")),
        prop::option::of(prop_oneof!["[0-9]{5}", "[0-9]{5}-[0-9]{4}"]),
        prop::option::of(traits),
        prop::option::of(prop::collection::vec("https://[a-z]{1,9}/[!-~]{0,9}", 0..4)),
    );
    (needed, texts, numbers, rest).prop_map(|(needed, texts, numbers, rest)| {
        let mut fields =
            json!({ "name": needed.0, "address": needed.1, "city": needed.2, "state": needed.3 });
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                fields[name] = value;
            }
        };
        set("unitNumber", texts.0);
        set("propertyType", texts.1);
        set("tenantName", texts.2);
        set("description", texts.3);
        set("phone", texts.4);
        set("bedroomsMin", numbers.0.map(|range| range.0.into()));
        set("bedroomsMax", numbers.0.map(|range| range.1.into()));
        set("bathroomsMin", numbers.1.map(|range| json!(range.0 as f64 / 2.0)));
        set("squareFeetMin", numbers.2.map(|range| range.0.into()));
        set("squareFeetMax", numbers.2.map(|range| range.1.into()));
        set("yearBuilt", numbers.3.map(Value::from));
        set("unitsCount", numbers.4.map(Value::from));
        set(
            "targetRent",
            numbers.5.map(|cents| json!(f64::from(cents) / 100.0)),
        );
        set(
            "actualRent",
            numbers.6.map(|cents| json!(f64::from(cents) / 100.0)),
        );
        set("latitude", rest.0.map(|position| position.0.into()));
        set("longitude", rest.0.map(|position| position.1.into()));
        set("occupancyStatus", Some(rest.1.into()));
        set("leaseStartDate", rest.2.clone().map(|dates| dates.0.into()));
        set("lastOccupiedDate", rest.2.clone().map(|dates| dates.0.into()));
        set("leaseEndDate", rest.2.map(|dates| dates.1.into()));
        set("zipCode", rest.3.map(Value::from));
        set("amenities", rest.4.clone().map(|traits| json!(traits)));
        set("petPolicy", rest.4.map(|traits| json!(traits)));
        set("images", rest.5.map(|images| json!(images)));
        serde_json::from_value(fields.clone()).unwrap_or_else(|error| panic!("{error}: {fields}"))
    })
}

proptest! {
    #[test]
    fn what_was_written_is_read_again(mut properties in prop::collection::vec(any_details(), 0..6)) {
        let mut known = std::collections::HashSet::new();
        properties.retain(|details| details.fits_together().is_ok() && known.insert(identity(details)));
        let import = Import::read(&export(&properties)).unwrap();
        prop_assert_eq!(&import.wrong, &[]);
        let ids: Vec<_> = import.properties.iter().map(|read| read.id).collect();
        prop_assert_eq!(ids, (0..properties.len()).map(|number| Some(id(number))).collect::<Vec<_>>());
        let details: Vec<_> = import.properties.into_iter().map(|read| read.details).collect();
        prop_assert_eq!(details, properties);
    }

    #[test]
    fn no_cell_that_is_written_begins_a_formula(details in any_details()) {
        let bytes = export(&[details]);
        let mut reader = csv::ReaderBuilder::new().from_reader(bytes.as_slice());
        let row = reader.records().next().unwrap().unwrap();
        for cell in &row {
            let begins = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            prop_assert!(!begins || cell.parse::<f64>().is_ok(), "{}", cell);
        }
    }

    #[test]
    fn no_bytes_are_trouble(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Import::read(&bytes);
    }

    #[test]
    fn every_row_is_read_or_said_to_be_wrong(rows in prop::collection::vec("[a-z0-9=,\";$./{} \n-]{0,60}", 0..8)) {
        let text = format!("name,address,city,state,zip,beds,lat,rent,status,lease end,amenities,images\n{}", rows.join("\n"));
        let import = Import::read(text.as_bytes()).unwrap();
        let mut lines: Vec<_> = import.properties.iter().map(|read| read.line).collect();
        lines.extend(import.wrong.iter().map(|wrong| wrong.line));
        lines.sort_unstable();
        lines.dedup();
        prop_assert_eq!(lines.len(), import.rows);
        prop_assert!(import.properties.iter().all(|read| import.wrong.iter().all(|wrong| wrong.line != read.line)));
    }
}
