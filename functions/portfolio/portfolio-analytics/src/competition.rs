//! What the homes in a landlord's competition sets ask, beside what the landlord's own do.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use domain::{PropertyId, Role};
use market::Amount;
use market::competition::{Figures, Pile, Positioning, Rooms, Standing};
use serde::{Deserialize, Serialize};
use table::competition::Competition;
use table::portfolio::Portfolio;
use table::property::Property;
use utoipa::{IntoParams, ToSchema};
use web::{Answer, Caller, Problem, Query, openapi};

use crate::App;

/// What is to be compared.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Compared {
    /// One of the caller's properties; all of them unless given.
    #[param(value_type = Option<String>, pattern = "^prop_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    property_id: Option<PropertyId>,
    /// Homes with so many bedrooms; from six on they are not told apart. Those of the property, if it is known, or all homes
    /// unless given.
    #[param(maximum = 100)]
    bedrooms: Option<u8>,
    /// Not looked at: the competition sets say which homes compete.
    #[serde(rename = "radius")]
    #[param(minimum = 0, rename = "radius")]
    _radius: Option<f64>,
}

/// What competitors ask, beside what own homes do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CompetitionAnalytics {
    /// The property that is compared, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    property_id: Option<String>,
    #[serde(flatten)]
    comparison: Comparison,
    /// The same by bedrooms, wherever something is known.
    by_bedroom: Vec<Comparison>,
    /// What there is to say of it, in sentences.
    insights: Vec<String>,
    /// When this was asked.
    #[schema(format = DateTime)]
    generated_at: String,
}

/// Own homes beside others.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CompetitionComparison)]
struct Comparison {
    /// Homes with so many bedrooms; 6 stands for more as well. Null where it is all homes, or homes of which it is not known.
    bedrooms: Option<u8>,
    /// What own homes let for or should.
    own: OwnRents,
    /// What competitors ask that compete at present.
    competitors: CompetitorRents,
    /// How many in a hundred competitors ask less than own homes on the mean; null where nothing is to be compared.
    #[schema(maximum = 100)]
    percentile: Option<u8>,
    /// Whether own homes are more than five percent above or below the mean of the others; null where nothing is to be compared.
    #[schema(value_type = Option<Position>)]
    positioning: Option<Positioning>,
    /// By how much own homes are above the mean of the others, in dollars a month.
    variance: Option<f64>,
    /// The same in percent, to the tenth.
    variance_percent: Option<f64>,
}

/// What own homes let for or should.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OwnRents {
    /// How many there are of which it is known.
    count: i64,
    /// The mean, in dollars a month.
    avg_rent: Option<f64>,
}

/// What competitors ask.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CompetitorRents {
    /// How many there are of which it is known.
    count: i64,
    /// The mean, in dollars a month.
    avg_rent: Option<f64>,
    /// The middle, to within two percent.
    median_rent: Option<f64>,
    /// The lowest, to within two percent.
    min_rent: Option<f64>,
    /// The highest, to within two percent.
    max_rent: Option<f64>,
}

/// How a rent stands beside what others ask.
#[derive(ToSchema)]
#[schema(as = CompetitionPosition)]
#[expect(dead_code, reason = "describes `market::competition::Positioning`")]
enum Position {
    /// More than five percent above them.
    #[schema(rename = "above_market")]
    Above,
    /// Within five percent.
    #[schema(rename = "at_market")]
    At,
    /// More than five percent below them.
    #[schema(rename = "below_market")]
    Below,
}

/// What the competitors in the caller's sets ask, beside what the caller's own homes let for or should: the one that is named, or all.
#[utoipa::path(
    get, path = "/api/landlord/analytics/competition", tag = "portfolio", operation_id = "competitionAnalytics",
    params(Compared), security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The figures", body = CompetitionAnalytics),
        openapi::BadQuery, openapi::NotSignedIn, openapi::Forbidden, openapi::Absent, openapi::Faults,
    ),
)]
pub(crate) async fn competition(
    State(app): State<App>,
    caller: Caller,
    Query(compared): Query<Compared>,
) -> Answer<Json<CompetitionAnalytics>> {
    caller.must_be(&[Role::Landlord])?;
    let id = compared.property_id;
    let (competition, portfolio, property) = app.table.competition_beside(caller.id(), id).await?;
    if id.is_some() && property.is_none() {
        return Err(Problem::not_found("property"));
    }
    let bedrooms = compared.bedrooms.map(|bedrooms| Rooms::of(Some(bedrooms)));
    let generated_at = app.table.now().to_string();
    Ok(Json(compare(
        &competition,
        &portfolio,
        property.as_ref(),
        bedrooms,
        generated_at,
    )))
}

fn compare(
    competition: &Competition,
    portfolio: &Portfolio,
    property: Option<&Property>,
    bedrooms: Option<Rooms>,
    generated_at: String,
) -> CompetitionAnalytics {
    let of_property = property
        .and_then(Property::bedrooms)
        .map(|bedrooms| Rooms::of(Some(bedrooms)));
    let wanted = bedrooms.or(of_property);
    let others = |rooms| competition.asked.figures(rooms);
    let own = |rooms: Option<Rooms>| match property {
        Some(property) => property
            .details
            .rent()
            .map_or_else(Pile::default, |rent| Pile::one(rent, 1)),
        None => portfolio
            .rents
            .iter()
            .filter(|(of, _)| rooms.is_none_or(|rooms| rooms == **of))
            .fold(Pile::default(), |all, (_, rents)| all.plus(*rents)),
    };
    let mut by_bedroom: BTreeSet<Rooms> = competition.asked.rooms().into_iter().collect();
    if property.is_none() {
        by_bedroom.extend(portfolio.rents.keys());
    }
    by_bedroom.retain(|rooms| wanted.is_none_or(|wanted| wanted == *rooms));
    CompetitionAnalytics {
        property_id: property.map(|property| property.id.to_string()),
        insights: insights(own(wanted), others(wanted).as_ref()),
        comparison: Comparison::of(wanted, own(wanted), others(wanted).as_ref()),
        by_bedroom: by_bedroom
            .into_iter()
            .map(|rooms| Comparison::of(Some(rooms), own(Some(rooms)), others(Some(rooms)).as_ref()))
            .collect(),
        generated_at,
    }
}

fn insights(own: Pile, others: Option<&Figures>) -> Vec<String> {
    match (own.mean(), others) {
        (Some(own), Some(others)) => vec![Standing::of(own, others).sentence(own, others)],
        (own, others) => [
            (own.is_none(), "No rent of yours is known here."),
            (
                others.is_none(),
                "No rent of a competitor is known here: enter competitors into a competition set.",
            ),
        ]
        .into_iter()
        .filter(|(unknown, _)| *unknown)
        .map(|(_, sentence)| sentence.to_owned())
        .collect(),
    }
}

impl Comparison {
    fn of(rooms: Option<Rooms>, own: Pile, others: Option<&Figures>) -> Self {
        let standing = own
            .mean()
            .zip(others)
            .map(|(own, others)| Standing::of(own, others));
        let figure = |of: fn(&Figures) -> Amount| others.map(|others| of(others).dollars());
        Self {
            bedrooms: rooms.and_then(Rooms::number),
            own: OwnRents {
                count: own.homes,
                avg_rent: own.mean().map(Amount::dollars),
            },
            competitors: CompetitorRents {
                count: others.map_or(0, |others| others.homes),
                avg_rent: figure(|others| others.mean),
                median_rent: figure(Figures::median),
                min_rent: figure(Figures::lowest),
                max_rent: figure(Figures::highest),
            },
            percentile: standing.map(|standing| standing.percentile),
            positioning: standing.map(|standing| standing.positioning),
            variance: standing.map(|standing| standing.variance.dollars()),
            variance_percent: standing.map(|standing| standing.variance_percent),
        }
    }
}
