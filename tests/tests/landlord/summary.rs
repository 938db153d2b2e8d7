//! `/api/landlord/portfolio/summary`

use serde_json::{Value, json};
use tests::landlord::PROPERTIES;
use tests::{Person, System};

use super::{counted_and_there, with, with_a_hundred};

async fn summary(landlord: &Person<'_>) -> Value {
    let answer = landlord.get("/api/landlord/portfolio/summary").await;
    assert!(answer.calls() <= 2, "{} calls", answer.calls());
    answer.is(200).json.clone()
}

/// Enters a property, and where it is.
async fn added(landlord: &Person<'_>, name: &str, more: &Value) -> String {
    let added = landlord.post(PROPERTIES, &with(name, more)).await;
    format!("{PROPERTIES}/{}", added.is(201).text_at("/id"))
}

#[tokio::test]
async fn the_summary_is_right_to_the_dollar_whatever_changes() {
    let system = System::start().await;
    let lena = with_a_hundred(&system, "lena").await;
    for value in summary(&lena).await.as_object().unwrap().values() {
        assert_eq!(
            value.as_f64(),
            Some(0.0),
            "nothing is zeros, which the web client reads as numbers"
        );
    }
    let mut paths = Vec::new();
    for number in 0..40 {
        let rent = 1200 + 25 * number;
        let said = if number % 4 == 0 {
            json!({ "targetRent": rent, "city": "Macon", "daysVacant": 10 })
        } else {
            json!({ "status": "occupied", "currentRent": rent, "squareFeet": 800, "leaseEndDate": "2030-01-31" })
        };
        paths.push(added(&lena, &format!("Elm {number}"), &said).await);
    }
    let all: i64 = (0..40).map(|number| 1200 + 25 * number).sum();
    let vacant: i64 = (0..40).step_by(4).map(|number| 1200 + 25 * number).sum();
    let now = summary(&lena).await;
    let expected = json!({
        "totalProperties": 40, "occupiedUnits": 30, "vacantUnits": 10, "occupancyRate": 75.0, "totalRevenue": all - vacant,
        "potentialRevenue": all, "averageRent": 1700, "atRiskCount": 10, "revenueChange": 0,
        "totalSquareFeet": 24_000,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(now[name].as_f64(), value.as_f64(), "{name} in {now}");
    }
    let days = now["avgDaysVacant"].as_f64().unwrap();
    assert!((10.0..11.1).contains(&days), "{days}");

    // One is let, one is dearer, one is gone, and one of those is back.
    lena.patch(&paths[0], &json!({ "status": "occupied", "currentRent": 1200 }))
        .await
        .is(200);
    lena.patch(&paths[1], &json!({ "currentRent": 2000.55 }))
        .await
        .is(200);
    lena.delete(&paths[2]).await.is(204);
    lena.delete(&paths[3]).await.is(204);
    lena.post_nothing(&format!("{}/restore", paths[3])).await.is(200);
    let now = summary(&lena).await;
    let revenue = f64::from(i32::try_from(all - vacant + 1200 - 1225 - 1250).unwrap()) + 2000.55;
    assert_eq!(now["totalRevenue"].as_f64(), Some(revenue), "{now}");
    assert_eq!(now["totalProperties"], 39);
    assert_eq!(now["occupiedUnits"], 30);
    assert_eq!(counted_and_there(&lena).await, (39, 39));
    // Somebody else's are somebody else's.
    let nina = system.landlord("nina").await;
    assert_eq!(summary(&nina).await["totalRevenue"].as_f64(), Some(0.0));
}

#[tokio::test]
async fn a_month_is_compared_with_the_same_day_of_the_one_before() {
    let system = System::start().await;
    let lena = system.landlord("lena").await;
    let said = json!({ "status": "occupied", "currentRent": 1000, "leaseEndDate": "2199-01-01" });
    let elm = added(&lena, "Elm", &said).await;
    lena.patch(&elm, &json!({ "currentRent": 1600 })).await.is(200);
    assert_eq!(summary(&lena).await["revenueChange"].as_f64(), Some(0.0));
    // A month is 31 days at most, and however long nothing happens, what the last change left is what there was.
    for (days, change) in [("P20D", 0.0), ("P12D", 0.0), ("P70D", 0.0)] {
        system.advance(days).await;
        let lena = lena.on_another_device().await;
        assert_eq!(summary(&lena).await["revenueChange"].as_f64(), Some(change));
    }
    let lena = lena.on_another_device().await;
    lena.patch(&elm, &json!({ "currentRent": 1800 })).await.is(200);
    system.advance("P10D").await;
    let lena = lena.on_another_device().await;
    lena.patch(&elm, &json!({ "currentRent": 2000 })).await.is(200);
    assert_eq!(summary(&lena).await["revenueChange"].as_f64(), Some(25.0));
    // The first of the two changes is longer ago than a month, and the second is not.
    system.advance("P25D").await;
    let lena = lena.on_another_device().await;
    assert_eq!(summary(&lena).await["revenueChange"].as_f64(), Some(11.1));
    lena.delete(&elm).await.is(204);
    assert_eq!(summary(&lena).await["revenueChange"].as_f64(), Some(-100.0));
    assert_eq!(counted_and_there(&lena).await, (0, 0));
}
