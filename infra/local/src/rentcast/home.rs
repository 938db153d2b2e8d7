//! What one home should let for: `GET /avm/rent/long-term` (<https://developers.rentcast.io/reference/property-valuation-schema>).

use domain::Zip;
use domain::listing::Position;
use jiff::Span;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{Answer, Conduct, No, Parameters, invalid, knows, midnight, not_found, rent_in};

/// Further away than this, a position lies in no ZIP code.
const MILES: f64 = 50.0;
/// How large a home of so many bedrooms usually is, in square feet.
fn usual_feet(bedrooms: u32) -> f64 {
    f64::from(450 + 300 * bedrooms)
}

pub(super) fn answer(asked: &Parameters, conduct: &Conduct, today: Date) -> Answer {
    let (zip, position) = place(asked)?;
    let bedrooms = asked.between("bedrooms", 0, 20, 2)?;
    let bathrooms = asked.number("bathrooms")?;
    let feet = asked.number("squareFootage")?.filter(|feet| *feet > 0.0);
    let comparables = asked.between("compCount", 5, 25, 15)?;
    if !knows(zip, conduct) {
        return Err(not_found());
    }
    let usual = usual_feet(bedrooms);
    let larger = (feet.unwrap_or(usual) / usual).clamp(0.5, 2.0).sqrt();
    let rent = (rent_in(zip, bedrooms, 0, conduct) * larger / 10.0).round() * 10.0;
    let subject = json!({
        "formattedAddress": asked.text("address"), "latitude": position.latitude(), "longitude": position.longitude(),
        "zipCode": zip.to_string(), "bedrooms": bedrooms, "bathrooms": bathrooms, "squareFootage": feet
    });
    let listed = (0..comparables).map(|number| {
        let size = feet.unwrap_or(usual);
        comparable(number, comparables, zip, position, rent, (bedrooms, size), today)
    });
    Ok(json!({
        "rent": rent, "rentRangeLow": (rent * 0.96).floor(), "rentRangeHigh": (rent * 1.04).ceil(),
        "subjectProperty": subject, "comparables": listed.collect::<Vec<_>>()
    }))
}

/// Where the home is that was asked about: by its position, or by the ZIP code at the end of its address.
fn place(asked: &Parameters) -> Result<(Zip, Position), No> {
    let position = match (asked.number("latitude")?, asked.number("longitude")?) {
        (Some(north), Some(east)) => Some(Position::new(north, east).map_err(|_| invalid("latitude"))?),
        (None, None) => None,
        _ => return Err(invalid("longitude")),
    };
    if let Some(position) = position {
        let (area, _) = places::nearest(position, MILES).ok_or_else(not_found)?;
        return Ok((area.zip, position));
    }
    let address = asked.text("address").ok_or_else(|| invalid("address"))?;
    let code = address
        .rsplit([' ', ','])
        .next()
        .and_then(|code| code.parse().ok());
    let area = code.and_then(places::area).ok_or_else(not_found)?;
    Ok((area.zip, area.position))
}

/// A listing in the neighbourhood; the later ones are further away, less alike, and further from the rent.
fn comparable(
    number: u32,
    of: u32,
    zip: Zip,
    around: Position,
    rent: f64,
    (bedrooms, feet): (u32, f64),
    today: Date,
) -> Value {
    let off = f64::from(number + 1) / f64::from(of);
    let sign = if number.is_multiple_of(2) { 1.0 } else { -1.0 };
    // A part of a degree that is a mile from south to north.
    let (north, miles) = (around.latitude() + sign * off / 69.0, off);
    let street = 100 + number;
    json!({
        "id": format!("{street}-Sample-St,-{zip}"),
        "formattedAddress": format!("{street} Sample St, {zip}"),
        "latitude": north, "longitude": around.longitude(), "zipCode": zip.to_string(), "propertyType": "Apartment",
        "bedrooms": bedrooms, "bathrooms": 1, "squareFootage": (feet * (1.0 + sign * off / 10.0)).round(),
        "price": (rent * (1.0 + sign * off / 10.0)).round(), "status": "Active", "listingType": "Standard",
        "listedDate": midnight(today.saturating_sub(Span::new().days(number + 5))),
        "lastSeenDate": midnight(today.saturating_sub(Span::new().days(number))),
        "daysOnMarket": number + 5, "distance": (miles * 10_000.0).round() / 10_000.0, "daysOld": number + 1,
        "correlation": ((1.0 - off / 20.0) * 10_000.0).round() / 10_000.0
    })
}
