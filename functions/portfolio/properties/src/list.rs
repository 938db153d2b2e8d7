//! Lists of properties: filtered, sorted, page by page.
//!
//! A page is one query, which reads what is on the page; where a filter is left that no index answers, it reads
//! [`READ_AT_MOST`] properties and shows those that fit. So a page costs the same however many there are. It may then
//! have fewer than were asked for, and more behind it: no plan allows as many as one query reads.

use axum::Json;
use axum::extract::State;
use domain::listing::Place;
use domain::property::Occupancy;
use domain::{CompetitionSetId, PropertyId, Role};
use market::risk::Level;
use serde::{Deserialize, Serialize};
use table::portfolio::CityCount;
use table::property::{Living, Order, Page, Position, Property, READ_AT_MOST, Wish};
use utoipa::{IntoParams, ToSchema};
use web::page::{Part, Wanted};
use web::{Answer, App, Caller, Query, openapi};

use crate::around::Markets;
use crate::view::LandlordProperty;

/// How many properties a page has, unless another number is asked for.
const PAGE: u8 = 50;

/// Which properties are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Search {
    /// Those whose city's name has this in it, in whatever case.
    #[param(max_length = 100)]
    city: Option<String>,
    /// Those in which somebody lives, or nobody does.
    #[param(inline)]
    status: Option<StatusWanted>,
    /// Those of this risk to stand empty.
    #[param(inline)]
    vacancy_risk: Option<RiskWanted>,
    /// Those of exactly this status.
    #[param(inline)]
    occupancy_status: Option<OccupancyWanted>,
    /// Those that are in this competition set of the caller's; none if there is no such set.
    #[param(value_type = Option<String>, pattern = "^set_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    competition_set_id: Option<CompetitionSetId>,
    /// In which order. Without it, the newest come first; of those with a status the longest vacant; of a city by name.
    #[param(inline)]
    sort_by: Option<SortBy>,
    /// Whether the lowest comes first or the highest. Without it, names, cities and rents go up, the rest goes down.
    #[param(inline)]
    sort_order: Option<SortOrder>,
    /// How many rows, 1 to 100.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u8>,
    /// The `nextCursor` of the page before.
    #[param(max_length = 512)]
    cursor: Option<String>,
}

/// Whether somebody is to live there.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum StatusWanted {
    Occupied,
    Vacant,
}

/// Of which risk a property is to be.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum RiskWanted {
    Low,
    Medium,
    High,
}

/// Of which status a property is to be.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum OccupancyWanted {
    Vacant,
    Occupied,
    Pending,
    Maintenance,
}

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum SortBy {
    CreatedAt,
    DaysVacant,
    TargetRent,
    Name,
    City,
}

/// Whether the lowest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum SortOrder {
    Asc,
    Desc,
}

/// A page of properties.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LandlordPropertyList {
    /// The properties. Where there are many, a page may have fewer than were asked for, and more behind it.
    properties: Vec<LandlordProperty>,
    /// How many there are on all pages; null where that would have to be counted.
    total: Option<u32>,
    /// What to send as `cursor` for the next page.
    next_cursor: Option<String>,
}

/// In which cities a landlord has properties.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CityList {
    /// The names, sorted.
    cities: Vec<String>,
}

/// A page of deleted properties.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeletedPropertyList {
    /// The properties, each with the time until which it can be restored.
    properties: Vec<LandlordProperty>,
    /// What to send as `cursor` for the next page.
    next_cursor: Option<String>,
}

/// What a property has to be.
#[derive(Debug, Default)]
struct Filter {
    living: Vec<Living>,
    cities: Option<Vec<CityCount>>,
    /// No index knows it, because it changes with the day and the market.
    risk: Option<Level>,
    /// Nor which are in a set: the set does.
    set: Option<CompetitionSetId>,
}

impl Filter {
    fn lets_pass(&self, property: &Property) -> bool {
        let details = &property.details;
        let in_city = self.cities.as_ref().is_none_or(|cities| {
            let place = details.place().map(|place| place.canonical());
            cities.iter().any(|city| Some(city.place.canonical()) == place)
        });
        in_city
            && self
                .living
                .iter()
                .all(|living| living.includes(details.occupancy_status))
    }

    fn only_city(&self) -> Option<Place> {
        match self.cities.as_deref() {
            Some([city]) => Some(city.place.clone()),
            _ => None,
        }
    }

    /// The order in which this is best read, if none is asked for, or that one; and whether it answers all of the filter.
    fn order(&self, sort_by: Option<SortBy>) -> (Order, bool) {
        let living = self.living.first().copied();
        let (by_living, by_city) = (
            self.living.len() <= 1 && self.cities.is_none() && self.risk.is_none() && self.set.is_none(),
            self.living.is_empty()
                && self.risk.is_none()
                && self.set.is_none()
                && (self.cities.is_none() || self.only_city().is_some()),
        );
        match sort_by {
            None if self.cities.is_some() => (Order::City(self.only_city()), by_city),
            None if living.is_some() => (Order::Vacancy(living), by_living),
            None | Some(SortBy::CreatedAt) => (Order::Newest, self.is_none()),
            Some(SortBy::DaysVacant) => (Order::Vacancy(living), by_living),
            Some(SortBy::TargetRent) => (Order::Rent, self.is_none()),
            Some(SortBy::Name) => (Order::Name, self.is_none()),
            Some(SortBy::City) => (Order::City(self.only_city()), by_city),
        }
    }

    fn is_none(&self) -> bool {
        self.living.is_empty() && self.cities.is_none() && self.risk.is_none() && self.set.is_none()
    }
}

impl Search {
    fn living(&self) -> Vec<Living> {
        let status = self.status.map(|status| match status {
            StatusWanted::Occupied => Living::Exactly(Occupancy::Occupied),
            StatusWanted::Vacant => Living::Nobody,
        });
        let exactly = self.occupancy_status.map(|status| {
            Living::Exactly(match status {
                OccupancyWanted::Vacant => Occupancy::Vacant,
                OccupancyWanted::Occupied => Occupancy::Occupied,
                OccupancyWanted::Pending => Occupancy::Pending,
                OccupancyWanted::Maintenance => Occupancy::Maintenance,
            })
        });
        // The narrower one first: it is what an index is asked for.
        exactly.into_iter().chain(status).collect()
    }

    fn risk(&self) -> Option<Level> {
        self.vacancy_risk.map(|risk| match risk {
            RiskWanted::Low => Level::Low,
            RiskWanted::Medium => Level::Medium,
            RiskWanted::High => Level::High,
        })
    }

    /// Whether the list is read from its end.
    fn reversed(&self) -> bool {
        let natural = match self.sort_by {
            None | Some(SortBy::CreatedAt | SortBy::DaysVacant) => SortOrder::Desc,
            Some(SortBy::TargetRent | SortBy::Name | SortBy::City) => SortOrder::Asc,
        };
        self.sort_order.is_some_and(|wanted| wanted != natural)
    }

    /// What tells this list from every other list of the same landlord's: a cursor is good for one.
    fn name(&self) -> String {
        format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            self.city,
            self.status,
            self.vacancy_risk,
            self.occupancy_status,
            self.competition_set_id,
            self.sort_by,
            self.sort_order
        )
    }
}

/// The caller's properties; 50 a page unless `limit` says otherwise.
#[utoipa::path(
    get, path = "/api/landlord/properties", tag = "portfolio", operation_id = "listProperties", params(Search),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "A page of properties", body = LandlordPropertyList),
        openapi::BadQuery, openapi::NotSignedIn, openapi::Forbidden, openapi::Faults,
    ),
)]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(search): Query<Search>,
) -> Answer<Json<LandlordPropertyList>> {
    caller.must_be(&[Role::Landlord])?;
    let name = format!("properties {} {}", caller.id(), search.name());
    let part = Part::new(search.limit, search.cursor.clone());
    let wanted: Wanted<Position> = part.of(&app.cursors, &name, PAGE)?;
    let first = wanted.after.is_none();
    let filter = Filter {
        living: search.living(),
        cities: match &search.city {
            Some(text) => Some(cities_with(&app, &caller, text).await?),
            None => None,
        },
        risk: search.risk(),
        set: search.competition_set_id,
    };
    if filter.cities.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Json(LandlordPropertyList {
            properties: Vec::new(),
            total: Some(0),
            next_cursor: None,
        }));
    }
    let (order, answers_all) = filter.order(search.sort_by);
    let wish = Wish {
        order: &order,
        reversed: search.reversed(),
        limit: if answers_all { wanted.limit } else { READ_AT_MOST },
        after: wanted.after,
    };
    let page = match filter.set {
        Some(set) => within(&app, &caller, set, &wish).await?,
        None => app.table.properties(caller.id(), &wish).await?,
    };
    let mut last = page.properties.last().map(|property| order.position(property));
    let mut properties = page.properties;
    properties.retain(|property| filter.lets_pass(property));
    let markets = Markets::around(&app.table, &properties).await?;
    let now = app.table.now();
    let mut found = Vec::new();
    let mut more = page.more;
    for property in properties {
        let position = order.position(&property);
        let shown = LandlordProperty::of(property, &markets, now);
        if filter.risk.is_some_and(|risk| risk != shown.risk()) {
            continue;
        }
        if found.len() == usize::from(wanted.limit) {
            more = true;
            break;
        }
        last = Some(position)
            .filter(|_| found.len() + 1 == usize::from(wanted.limit))
            .or(last);
        found.push(shown);
    }
    let next = last.filter(|_| more);
    let total = match &filter {
        filter if filter.is_none() => Some(caller.account.usage.units),
        Filter {
            living,
            cities: Some(cities),
            risk: None,
            set: None,
        } if living.is_empty() => Some(cities.iter().map(|city| city.units).sum()),
        _ if first && next.is_none() => u32::try_from(found.len()).ok(),
        _ => None,
    };
    Ok(Json(LandlordPropertyList {
        total,
        next_cursor: next.map(|last| app.cursors.make(&name, &last)),
        properties: found,
    }))
}

/// The properties that are in a set of the caller's: all of them, which are never more than a query reads.
async fn within(app: &App, caller: &Caller, set: CompetitionSetId, wish: &Wish<'_>) -> Answer<Page> {
    let set = app.table.competition_set(caller.id(), set).await?;
    let own = set.map(|set| set.details.own_property_ids).unwrap_or_default();
    let mut properties = app.table.properties_of_ids(caller.id(), own.ids()).await?;
    wish.order
        .arrange(&mut properties, wish.reversed, wish.after.as_ref());
    Ok(Page {
        properties,
        more: false,
    })
}

/// The cities of the caller's properties whose name has this text in it.
async fn cities_with(app: &App, caller: &Caller, text: &str) -> Answer<Vec<CityCount>> {
    let mut cities = app.table.portfolio_cities(caller.id()).await?;
    let text = text.trim().to_lowercase();
    cities.retain(|city| city.place.city().to_lowercase().contains(&text));
    Ok(cities)
}

/// In which cities the caller has properties.
#[utoipa::path(
    get, path = "/api/landlord/properties/cities", tag = "portfolio", operation_id = "listPropertyCities",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The cities", body = CityList),
        openapi::NotSignedIn, openapi::Forbidden, openapi::Faults,
    ),
)]
pub(crate) async fn cities(State(app): State<App>, caller: Caller) -> Answer<Json<CityList>> {
    caller.must_be(&[Role::Landlord])?;
    let cities = app.table.portfolio_cities(caller.id()).await?;
    let mut cities: Vec<String> = cities
        .into_iter()
        .map(|city| city.place.city().to_owned())
        .collect();
    cities.dedup_by_key(|city| city.to_lowercase());
    Ok(Json(CityList { cities }))
}

/// The properties that the caller has deleted within the last 30 days.
#[utoipa::path(
    get, path = "/api/landlord/properties/deleted", tag = "portfolio", operation_id = "listDeletedProperties", params(Part),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "A page of properties", body = DeletedPropertyList),
        openapi::BadQuery, openapi::NotSignedIn, openapi::Forbidden, openapi::Faults,
    ),
)]
pub(crate) async fn deleted(
    State(app): State<App>,
    caller: Caller,
    Query(part): Query<Part>,
) -> Answer<Json<DeletedPropertyList>> {
    caller.must_be(&[Role::Landlord])?;
    let name = format!("deleted properties {}", caller.id());
    let wanted: Wanted<PropertyId> = part.of(&app.cursors, &name, PAGE)?;
    let (deleted, next) = app
        .table
        .deleted_properties(caller.id(), wanted.limit, wanted.after)
        .await?;
    let now = app.table.now();
    let markets = Markets::around(&app.table, &deleted).await?;
    let view = |property| LandlordProperty::of(property, &markets, now);
    Ok(Json(DeletedPropertyList {
        properties: deleted.into_iter().map(view).collect(),
        next_cursor: next.map(|last| app.cursors.make(&name, &last)),
    }))
}
