//! What homes let for in a ZIP code: `GET /markets` (<https://developers.rentcast.io/reference/market-data-schema>).

use domain::Zip;
use jiff::Span;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::{Answer, Conduct, Parameters, invalid, knows, midnight, not_found, rent_in};

/// The bedrooms for which there are figures.
const BEDROOMS: std::ops::RangeInclusive<u32> = 0..=4;
/// The most months of history.
const MONTHS: u32 = 120;

pub(super) fn answer(asked: &Parameters, conduct: &Conduct, today: Date) -> Answer {
    let zip = asked.text("zipCode").filter(|code| code.len() == 5);
    let zip: Zip = zip
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| invalid("zipCode"))?;
    let kind = asked.text("dataType").unwrap_or("All");
    let months = asked.between("historyRange", 1, MONTHS, 12)?;
    if !["All", "Rental", "Sale"].contains(&kind) {
        return Err(invalid("dataType"));
    }
    if !knows(zip, conduct) {
        return Err(not_found());
    }
    let mut body = json!({ "id": zip.to_string(), "zipCode": zip.to_string() });
    if kind != "Rental" {
        // What homes are sold for is of no interest here.
        body["saleData"] = json!({ "lastUpdatedDate": midnight(today), "totalListings": 0 });
    }
    if kind != "Sale" {
        body["rentalData"] = rental_data(zip, months, conduct, today);
    }
    Ok(body)
}

fn rental_data(zip: Zip, months: u32, conduct: &Conduct, today: Date) -> Value {
    let mut data = of_month(zip, 0, conduct);
    data["lastUpdatedDate"] = midnight(today).into();
    let history: Map<String, Value> = (0..months)
        .map(|ago| {
            let day = today.first_of_month().saturating_sub(Span::new().months(ago));
            let mut past = of_month(zip, ago, conduct);
            past["date"] = midnight(day).into();
            (day.strftime("%Y-%m").to_string(), past)
        })
        .collect();
    data["history"] = history.into();
    data
}

/// The figures of so many months ago.
fn of_month(zip: Zip, ago: u32, conduct: &Conduct) -> Value {
    let by_bedrooms: Vec<(f64, u32, Value)> = BEDROOMS
        .map(|bedrooms| {
            let listings = 6 + (zip.number() / 3 + bedrooms * 7) % 30;
            let mean = rent_in(zip, bedrooms, ago, conduct);
            let mut figures = figures(mean, mean * 0.7, mean * 1.5, listings, bedrooms);
            figures["bedrooms"] = bedrooms.into();
            (mean, listings, figures)
        })
        .collect();
    let listings: u32 = by_bedrooms.iter().map(|(_, listings, _)| listings).sum();
    let sum: f64 = by_bedrooms
        .iter()
        .map(|(mean, listings, _)| mean * f64::from(*listings))
        .sum();
    let ends = |of: fn(f64, f64) -> f64, start| by_bedrooms.iter().map(|(mean, ..)| *mean).fold(start, of);
    let (least, most) = (ends(f64::min, f64::INFINITY) * 0.7, ends(f64::max, 0.0) * 1.5);
    let mut all = figures(sum / f64::from(listings), least, most, listings, 2);
    all["dataByPropertyType"] = json!([]);
    all["dataByBedrooms"] = by_bedrooms.into_iter().map(|(.., figures)| figures).collect();
    all
}

fn figures(mean: f64, least: f64, most: f64, listings: u32, bedrooms: u32) -> Value {
    let feet = f64::from(450 + 300 * bedrooms);
    let cents = |dollars: f64| (dollars * 100.0).round() / 100.0;
    let median = mean * 0.98;
    json!({
        "averageRent": mean.round(), "medianRent": median.round(), "minRent": least.round(), "maxRent": most.round(),
        "averageRentPerSquareFoot": cents(mean / feet), "medianRentPerSquareFoot": cents(median / feet),
        "minRentPerSquareFoot": cents(least / feet), "maxRentPerSquareFoot": cents(most / feet),
        "averageSquareFootage": feet, "medianSquareFootage": feet, "minSquareFootage": feet - 150.0,
        "maxSquareFootage": feet + 150.0, "averageDaysOnMarket": 27.5, "medianDaysOnMarket": 21, "minDaysOnMarket": 1,
        "maxDaysOnMarket": 120, "newListings": listings / 3, "totalListings": listings
    })
}
