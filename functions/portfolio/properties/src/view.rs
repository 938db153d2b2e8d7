//! A property, as its landlord sees it.

use domain::property::{Bathrooms, Details, Images, Occupancy, WebAddress, Whole};
use domain::text::PersonName;
use domain::{PropertyId, Rent};
use jiff::Timestamp;
use market::area::Concession;
use market::risk::{Factor, Level};
use market::{MarketRent, Recommendation};
use serde::Serialize;
use table::property::Property;
use utoipa::ToSchema;

use crate::around::Markets;

/// A property, as its landlord sees it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LandlordProperty {
    id: PropertyId,
    #[serde(flatten)]
    details: Details,
    status: PropertyStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    bedrooms: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bathrooms: Option<Bathrooms>,
    #[serde(skip_serializing_if = "Option::is_none")]
    square_feet: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_rent: Option<Rent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<PersonName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_url: Option<WebAddress>,
    days_vacant: u32,
    /// Null where it is not known, and `market_reason` says why.
    market_rent: Option<Rent>,
    market_avg_rent: Option<Rent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    market_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    market: Option<MarketRent>,
    vacancy_risk: Level,
    retention_risk_score: u8,
    risk_factors: Vec<Factor>,
    recommendation: String,
    pricing_recommendation: Recommendation,
    competitor_concessions: Vec<Concession>,
    created_at: String,
    last_updated: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restorable_until: Option<String>,
}

/// Whether somebody lives in a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PropertyStatus {
    /// Somebody does.
    Occupied,
    /// Nobody does, whatever for.
    Vacant,
}

impl LandlordProperty {
    pub(crate) fn of(property: Property, markets: &Markets, now: Timestamp) -> Self {
        let judgement = markets.judge(&property, now);
        let details = &property.details;
        Self {
            id: property.id,
            status: match details.occupancy_status {
                Occupancy::Occupied => PropertyStatus::Occupied,
                Occupancy::Vacant | Occupancy::Pending | Occupancy::Maintenance => PropertyStatus::Vacant,
            },
            bedrooms: details.bedrooms_min.or(details.bedrooms_max).map(Whole::get),
            bathrooms: details.bathrooms_min.or(details.bathrooms_max),
            square_feet: details.square_feet(),
            current_rent: details.rent(),
            tenant: details.tenant_name.clone(),
            image_url: details.images.as_ref().and_then(Images::first).cloned(),
            days_vacant: property.days_vacant(now),
            market_rent: judgement.rent.as_ref().map(|market| market.median),
            market_avg_rent: judgement.rent.as_ref().map(|market| market.mean),
            market_reason: judgement.reason,
            market: judgement.rent,
            vacancy_risk: judgement.risk.level,
            retention_risk_score: judgement.risk.score,
            risk_factors: judgement.risk.factors,
            recommendation: judgement.recommendation.reasoning.clone(),
            pricing_recommendation: judgement.recommendation,
            competitor_concessions: judgement.concessions,
            created_at: property.added_at.to_string(),
            last_updated: property.changed_at.to_string(),
            deleted_at: property.deleted_at.map(|at| at.to_string()),
            restorable_until: property.restorable_until().map(|until| until.to_string()),
            details: property.details,
        }
    }

    /// How likely it is to stand empty.
    pub(crate) fn risk(&self) -> Level {
        self.vacancy_risk
    }
}
