//! A property, as its landlord sees it.

use domain::property::{Bathrooms, Details, Images, Occupancy, WebAddress, Whole};
use domain::text::PersonName;
use domain::{PropertyId, Rent};
use jiff::Timestamp;
use serde::Serialize;
use table::property::Property;
use utoipa::ToSchema;

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
    pub(crate) fn of(property: Property, now: Timestamp) -> Self {
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
            created_at: property.added_at.to_string(),
            last_updated: property.changed_at.to_string(),
            deleted_at: property.deleted_at.map(|at| at.to_string()),
            restorable_until: property.restorable_until().map(|until| until.to_string()),
            details: property.details,
        }
    }
}
