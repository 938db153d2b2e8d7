//! What is asked in a city, as its listings say, and how homes are let there.

use axum::Json;
use axum::extract::State;
use domain::Role;
use domain::listing::Place;
use http::StatusCode;
use jiff::Span;
use jiff::civil::Date;
use market::area::MarketHealth;
use market::trend::Since;
use market::{Figure, MarketRent, Survey};
use serde::{Deserialize, Serialize};
use table::portfolio::day_of;
use utoipa::{IntoParams, ToSchema};
use web::{Answer, Caller, Problem, Query, openapi};

use crate::App;

/// Where all of it comes from, under the name that the API has for it.
const OWN_LISTINGS: &str = "own_listings";
/// How many days are looked back on, unless another number is asked for.
const DAYS: u16 = 30;
/// The most days that are looked back on.
const DAYS_AT_MOST: u16 = 90;

/// Of which homes the rents are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Homes {
    /// The city.
    #[param(max_length = 100)]
    city: String,
    /// The state's two letters.
    #[param(pattern = "^[A-Za-z]{2}$")]
    state: String,
    /// How many bedrooms they have; 0 is a studio. All homes unless given.
    #[param(maximum = 100)]
    bedrooms: Option<u8>,
}

/// Which days of a city are looked back on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Days {
    /// The city.
    #[param(max_length = 100)]
    city: String,
    /// The state's two letters.
    #[param(pattern = "^[A-Za-z]{2}$")]
    state: String,
    /// How many days, 1 to 90; 30 unless given.
    #[param(minimum = 1, maximum = 90)]
    days: Option<u16>,
}

/// Where it is.
#[derive(Debug, Serialize, ToSchema)]
struct Location {
    /// The city.
    city: String,
    /// The state's two letters.
    state: String,
    /// The bedrooms that were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    bedrooms: Option<u8>,
}

/// What is asked for homes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Rents {
    /// The mean, in dollars a month.
    avg_rent: f64,
    /// The middle.
    median_rent: f64,
    /// The lowest.
    min_rent: f64,
    /// The highest.
    max_rent: f64,
    /// How many rents there are behind it.
    total_properties: u32,
}

/// What is asked for homes of so many bedrooms.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RentsByBedroom {
    /// The bedrooms; 0 is a studio.
    bedrooms: u8,
    #[serde(flatten)]
    rents: Rents,
}

/// What is asked in a city.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CityPricing {
    /// Where.
    location: Location,
    /// Of the homes that were asked for.
    overall_market: Rents,
    /// By bedrooms, where enough is known.
    pricing_by_bedroom: Vec<RentsByBedroom>,
    /// By how many percent the median changed in a month, to the tenth; null where it is not known what it was.
    rent_change: Option<f64>,
    /// What there is to say of it, in sentences.
    insights: Vec<String>,
    /// Where the figures come from: `own_listings`.
    source: &'static str,
    /// How far they may be trusted.
    #[schema(maximum = 100)]
    confidence: u8,
    /// The day that they are of.
    #[schema(format = Date)]
    as_of: String,
    /// When this was asked.
    #[schema(format = DateTime)]
    generated_at: String,
}

/// How homes are let in a city, on a day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LettingStatus {
    /// For how many days they have been on the market, on the mean, to the tenth.
    avg_days_on_market: f64,
    /// How many are on the market.
    active_listings: u32,
    /// How many of them came within seven days.
    new_listings_last7_days: u32,
    /// And within thirty.
    new_listings_last30_days: u32,
    /// How many in a hundred advertise something on top.
    concession_rate: u8,
}

/// What was known of a city on a day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LettingDay {
    /// The day.
    #[schema(format = Date)]
    date: String,
    /// The middle of what was asked, in dollars; null where too little was known.
    median_rent: Option<f64>,
    #[serde(flatten)]
    status: LettingStatus,
}

/// How fast homes are let.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = LettingHealth)]
enum Health {
    /// On the mean they have been on the market for three weeks at most.
    Hot,
    /// In between.
    Balanced,
    /// For more than six weeks.
    Slow,
}

/// How homes are let in a city.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CityOccupancy {
    /// Where.
    location: Location,
    /// How many days are looked back on.
    period_days: u16,
    /// How it is today.
    current_status: LettingStatus,
    /// How it was on the days before of which it is known, the newest first.
    trends: Vec<LettingDay>,
    /// How fast homes are let.
    market_health: Health,
    /// What there is to say of it, in sentences.
    insights: Vec<String>,
    /// The day that it is of.
    #[schema(format = Date)]
    as_of: String,
    /// When this was asked.
    #[schema(format = DateTime)]
    generated_at: String,
}

impl From<&Figure> for Rents {
    fn from(figure: &Figure) -> Self {
        Self {
            avg_rent: figure.mean.dollars(),
            median_rent: figure.median.dollars(),
            min_rent: figure.min.dollars(),
            max_rent: figure.max.dollars(),
            total_properties: figure.samples.unwrap_or_default(),
        }
    }
}

impl LettingStatus {
    fn of(survey: &Survey) -> Self {
        Self {
            avg_days_on_market: survey.avg_days_on_market().unwrap_or_default(),
            active_listings: survey.listings,
            new_listings_last7_days: survey.new_in_a_week,
            new_listings_last30_days: survey.new_in_a_month,
            concession_rate: survey.concession_rate().unwrap_or_default(),
        }
    }
}

impl LettingDay {
    fn of(survey: &Survey) -> Self {
        Self {
            date: survey.as_of.to_string(),
            median_rent: enough(survey.rents.as_ref()).map(|figure| figure.median.dollars()),
            status: LettingStatus::of(survey),
        }
    }
}

impl From<MarketHealth> for Health {
    fn from(health: MarketHealth) -> Self {
        match health {
            MarketHealth::Hot => Self::Hot,
            MarketHealth::Balanced => Self::Balanced,
            MarketHealth::Slow => Self::Slow,
        }
    }
}

/// A figure of which enough is known to tell it.
fn enough(figure: Option<&Figure>) -> Option<&Figure> {
    figure.filter(|figure| !figure.is_thin())
}

fn place(city: &str, state: &str) -> Answer<Place> {
    Place::new(city, state).map_err(|error| Problem::field("city", error))
}

fn location(place: &Place, bedrooms: Option<u8>) -> Location {
    Location {
        city: place.city().to_owned(),
        state: place.state().to_owned(),
        bedrooms,
    }
}

/// 404: nothing is known of it, and why.
fn unknown(why: String) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no_market", why)
}

/// What is asked in a city: of all homes, and by bedrooms.
#[utoipa::path(
    get, path = "/api/landlord/analytics/pricing", tag = "portfolio", operation_id = "cityPricing", params(Homes),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The rents", body = CityPricing),
        openapi::BadQuery, openapi::NotSignedIn, openapi::Forbidden, openapi::NoMarket, openapi::Faults,
    ),
)]
pub(crate) async fn pricing(
    State(app): State<App>,
    caller: Caller,
    Query(homes): Query<Homes>,
) -> Answer<Json<CityPricing>> {
    caller.must_be(&[Role::Landlord])?;
    let place = place(&homes.city, &homes.state)?;
    let now = app.table.now();
    let today = day_of(now);
    let survey = app.table.city_market_of_today(&place).await?;
    let figure = survey.of_bedrooms(homes.bedrooms);
    let figures: Vec<Figure> = figure.copied().into_iter().collect();
    let market = MarketRent::of(&figures, today).map_err(|too_little| unknown(too_little.to_string()))?;
    let figure = figure.ok_or_else(Problem::internal)?;
    let (first, last) = Since::Month.days(today);
    let before = app.table.city_markets(&place, first, last, 1).await?;
    let before = before.first();
    Ok(Json(CityPricing {
        location: location(&place, homes.bedrooms),
        overall_market: Rents::from(figure),
        pricing_by_bedroom: survey
            .by_bedrooms
            .iter()
            .filter(|(_, figure)| !figure.is_thin())
            .map(|(bedrooms, figure)| RentsByBedroom {
                bedrooms: *bedrooms,
                rents: Rents::from(figure),
            })
            .collect(),
        rent_change: before.and_then(|before| survey.rent_change(before, homes.bedrooms)),
        insights: survey.insights(before, homes.bedrooms),
        source: OWN_LISTINGS,
        confidence: market.confidence,
        as_of: survey.as_of.to_string(),
        generated_at: now.to_string(),
    }))
}

/// How homes are let in a city: how many are on the market, for how long, and how that was on the days before.
#[utoipa::path(
    get, path = "/api/landlord/analytics/occupancy", tag = "portfolio", operation_id = "cityOccupancy", params(Days),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The figures", body = CityOccupancy),
        openapi::BadQuery, openapi::NotSignedIn, openapi::Forbidden, openapi::NoMarket, openapi::Faults,
    ),
)]
pub(crate) async fn occupancy(
    State(app): State<App>,
    caller: Caller,
    Query(days): Query<Days>,
) -> Answer<Json<CityOccupancy>> {
    caller.must_be(&[Role::Landlord])?;
    let place = place(&days.city, &days.state)?;
    let period = days.days.unwrap_or(DAYS);
    if !(1..=DAYS_AT_MOST).contains(&period) {
        return Err(Problem::field("days", "must be 1 to 90"));
    }
    let now = app.table.now();
    let today = day_of(now);
    let survey = app.table.city_market_of_today(&place).await?;
    let health = survey
        .health()
        .ok_or_else(|| unknown(format!("No listing in {place} is known.")))?;
    let ago = |days: u16| -> Date { today.saturating_sub(Span::new().days(days)) };
    let before = app
        .table
        .city_markets(&place, ago(period), ago(1), period)
        .await?;
    let a_month_ago = Since::Month.find(before.iter().map(|survey| (survey.as_of, survey)), today);
    Ok(Json(CityOccupancy {
        location: location(&place, None),
        period_days: period,
        current_status: LettingStatus::of(&survey),
        trends: before.iter().map(LettingDay::of).collect(),
        market_health: health.into(),
        insights: survey.insights(a_month_ago, None),
        as_of: survey.as_of.to_string(),
        generated_at: now.to_string(),
    }))
}
