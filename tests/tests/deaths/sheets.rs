//! Sheets of properties. One of more rows than a transaction takes is several, between which the process may end.

use tests::death::survives;
use tests::landlord::PROPERTIES;
use tests::{Person, System};

use super::TABLE;

const PROPERTIES_FUNCTION: &str = "PropertiesFunction";

async fn landlord(system: &System) -> Person<'_> {
    let ana = system.landlord("ana").await;
    ana.subscribed(
        domain::PlanId::LandlordEnterprise,
        domain::subscription::SubscriptionStatus::Active,
    )
    .await;
    ana
}

/// Has entered ninety by a sheet, which is to be changed by another one.
async fn with_ninety(system: &System) -> Person<'_> {
    let ana = landlord(system).await;
    assert!(enter_ninety(&ana).await);
    ana
}

async fn send(person: &Person<'_>, sheet: String) -> bool {
    let request = person.request("POST", &format!("{PROPERTIES}/import"));
    let request = request.header("content-type", "text/csv").body(sheet);
    let answer = person.system.send(request).await;
    assert!([200, 500].contains(&answer.status), "{}", answer.text);
    answer.status == 200
}

async fn enter_ninety(person: &Person<'_>) -> bool {
    let rows = (0..90).map(|number| format!("{number} Elm St,Atlanta,GA,30308,1,{},Leased\n", 1000 + number));
    send(
        person,
        format!(
            "address,city,state,zip,beds,rent,status\n{}",
            String::from_iter(rows)
        ),
    )
    .await
}

/// Everything becomes dearer, and three are new.
async fn change_ninety(person: &Person<'_>) -> bool {
    let user = person.id.parse().expect("a person's id");
    let wish = table::property::Wish {
        order: &table::property::Order::Newest,
        reversed: true,
        limit: 100,
        after: None,
    };
    let known = person
        .system
        .table()
        .properties(user, &wish)
        .await
        .expect("the table");
    let mut old = known.properties;
    // Those of an attempt that died are not named by their ids.
    old.retain(|property| !property.details.name.as_str().contains("Oak"));
    assert_eq!(old.len(), 90);
    let mut sheet = "id,address,city,state,rent,status\n".to_owned();
    for (number, property) in old.iter().enumerate() {
        sheet.push_str(&format!(
            "{},{number} Elm St,Atlanta,GA,{},Leased\n",
            property.id,
            2000 + number
        ));
    }
    for number in 0..3 {
        sheet.push_str(&format!(",{number} Oak St,Atlanta,GA,900,Leased\n"));
    }
    send(person, sheet).await
}

#[tokio::test]
async fn a_sheet_that_dies_anywhere_and_is_sent_again_is_entered_once() {
    survives(PROPERTIES_FUNCTION, TABLE, landlord, enter_ninety).await;
}

#[tokio::test]
async fn a_sheet_of_changes_that_dies_anywhere_and_is_sent_again_is_made_once() {
    survives(PROPERTIES_FUNCTION, TABLE, with_ninety, change_ninety).await;
}
