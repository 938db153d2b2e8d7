//! Sets and competitors, as their landlord sees them.

use domain::competition::CompetitorDetails;
use domain::{CompetitionSetId, CompetitorId};
use serde::Serialize;
use table::competition::{CompetitionSet as Set, Competitor};
use utoipa::ToSchema;

/// A competition set.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CompetitionSet {
    /// Its id.
    #[schema(value_type = String)]
    id: CompetitionSetId,
    /// What it is called.
    name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// The caller's own properties in it. One that is deleted leaves it, and comes back when it is restored.
    own_property_ids: Vec<String>,
    /// Whether its landlord wants to be told what its competitors do.
    alerts_enabled: bool,
    /// How many competitors it has.
    competitor_count: u32,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it or its competitors were last changed.
    #[schema(format = DateTime)]
    updated_at: String,
}

/// A competition set with its competitors.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CompetitionSetWithCompetitors {
    #[serde(flatten)]
    set: CompetitionSet,
    /// The competitors, in the order in which they were entered.
    #[schema(value_type = Vec<crate::schema::CompetitorSchema>)]
    competitors: Vec<ShownCompetitor>,
}

/// A home that competes: described by [`crate::schema`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShownCompetitor {
    id: CompetitorId,
    set_id: CompetitionSetId,
    #[serde(flatten)]
    details: CompetitorDetails,
    created_at: String,
    last_updated: String,
}

impl From<Set> for CompetitionSet {
    fn from(set: Set) -> Self {
        let details = set.details;
        let own = details.own_property_ids.ids().iter();
        Self {
            id: set.id,
            own_property_ids: own.map(ToString::to_string).collect(),
            name: details.name.into(),
            description: details.description.map(Into::into),
            alerts_enabled: details.alerts_enabled,
            competitor_count: set.competitors,
            created_at: set.made_at.to_string(),
            updated_at: set.changed_at.to_string(),
        }
    }
}

impl CompetitionSetWithCompetitors {
    pub(crate) fn of(set: Set, competitors: Vec<Competitor>) -> Self {
        let id = set.id;
        let competitors: Vec<_> = competitors
            .into_iter()
            .map(|competitor| ShownCompetitor::of(id, competitor))
            .collect();
        Self {
            set: CompetitionSet {
                // Of this moment, as the list beside it; one may have been entered since the set was read.
                competitor_count: u32::try_from(competitors.len()).unwrap_or(u32::MAX),
                ..set.into()
            },
            competitors,
        }
    }
}

impl ShownCompetitor {
    pub(crate) fn of(set: CompetitionSetId, competitor: Competitor) -> Self {
        Self {
            id: competitor.id,
            set_id: set,
            details: competitor.details,
            created_at: competitor.added_at.to_string(),
            // What is known of it does not change: whoever knows better enters it anew.
            last_updated: competitor.added_at.to_string(),
        }
    }
}
