//! What the API's document says of the summary, which is `market::Summary` and knows nothing of OpenAPI.

use utoipa::ToSchema;

/// What a landlord's properties come to together. Every value is a number; one that there is nothing of is 0.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes `market::Summary`")]
pub(crate) struct PortfolioSummary {
    /// Properties.
    total_properties: u32,
    /// Those in which somebody lives.
    occupied_units: u32,
    /// Those that are empty and could be let.
    vacant_units: u32,
    /// In how many of a hundred somebody lives, to a tenth.
    occupancy_rate: f64,
    /// The rents of those in which somebody lives, in dollars a month.
    total_revenue: f64,
    /// What all would bring, in dollars a month.
    potential_revenue: f64,
    /// How much of that in percent is earned, to a tenth.
    revenue_efficiency: f64,
    /// The mean of the rents, in dollars, to the cent.
    average_rent: f64,
    /// Those at high risk of standing empty, or that will be before the month is over; all that do are.
    at_risk_count: u32,
    /// By how many percent the revenue changed since the same day of the last month, to a tenth.
    revenue_change: f64,
    /// For how many days those that are empty have been, on average, to a tenth.
    avg_days_vacant: f64,
    /// Square feet of those whose size is known; of a building, of its smallest unit.
    total_square_feet: u32,
    /// What a square foot brings a month, in dollars, to the cent.
    avg_rent_per_sq_ft: f64,
}
