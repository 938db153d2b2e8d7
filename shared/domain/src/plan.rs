//! The one catalogue of plans and prices. The client names a plan; the amount always comes from here.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::subscription::Interval;
use crate::{Cents, Role};

/// A plan's id, as stored and answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum PlanId {
    /// One property, for good.
    PerProperty,
    /// A week, five analyses.
    Basic,
    /// A month, unlimited.
    Pro,
    /// Ninety days, unlimited.
    Premium,
    /// For good, unlimited.
    FullAccess,
    /// Five units.
    LandlordStarter,
    /// Twenty units.
    LandlordPro,
    /// A hundred units.
    LandlordEnterprise,
    /// Twenty-five clients.
    AgentBasic,
    /// A hundred clients, five agents.
    AgentTeam,
    /// No limit on clients.
    AgentBrokerage,
}

/// A text names no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must name a plan: per_property, basic, pro, premium, full_access; landlord_starter, landlord_pro, landlord_enterprise; agent_basic, agent_team, agent_brokerage"
)]
pub struct UnknownPlan;

/// A plan as it is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its id.
    pub id: PlanId,
    /// What the buyer reads on the bill.
    pub name: &'static str,
    /// What it gives, in a sentence.
    pub summary: &'static str,
    /// What is sold, and for how much.
    pub offer: Offer,
}

/// How a plan is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Paid once by a renter.
    Once {
        /// The price.
        price: Cents,
        /// What it opens.
        opens: Opens,
    },
    /// Paid by the month or by the year.
    Recurring {
        /// The price of a month.
        month: Cents,
        /// The price of a year.
        year: Cents,
        /// How many rows of each kind it allows.
        limits: Limits,
    },
}

/// What a plan that is paid once opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// The one property it was bought for.
    OneProperty,
    /// Any property, within a term.
    AnyProperty {
        /// The days it lasts; for good if there is none.
        days: Option<u16>,
        /// The properties that can be analysed; unlimited if there is none.
        analyses: Option<u32>,
    },
}

/// How many rows a subscriber may have; unlimited where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A landlord's units.
    pub units: Option<u32>,
    /// An agent's clients.
    pub clients: Option<u32>,
    /// Agents who work together.
    pub agents: Option<u32>,
}

/// What an account without a plan may have: see the product's plan table.
pub const WITHOUT_PLAN: Limits = Limits {
    units: Some(2),
    clients: Some(5),
    agents: Some(1),
};

const fn once(id: PlanId, name: &'static str, summary: &'static str, cents: u32, opens: Opens) -> Plan {
    Plan {
        id,
        name,
        summary,
        offer: Offer::Once {
            price: Cents::new(cents),
            opens,
        },
    }
}

const fn recurring(
    id: PlanId,
    name: &'static str,
    summary: &'static str,
    month: u32,
    year: u32,
    limits: Limits,
) -> Plan {
    Plan {
        id,
        name,
        summary,
        offer: Offer::Recurring {
            month: Cents::new(month),
            year: Cents::new(year),
            limits,
        },
    }
}

const fn units(units: u32) -> Limits {
    Limits {
        units: Some(units),
        ..WITHOUT_PLAN
    }
}

/// Every plan, in the order of [`PlanId`].
pub const CATALOGUE: [Plan; 11] = [
    once(
        PlanId::PerProperty,
        "One property",
        "One property, for good",
        199,
        Opens::OneProperty,
    ),
    once(
        PlanId::Basic,
        "Basic",
        "7 days, 5 analyses",
        999,
        Opens::AnyProperty {
            days: Some(7),
            analyses: Some(5),
        },
    ),
    once(
        PlanId::Pro,
        "Pro",
        "30 days, unlimited analyses",
        2999,
        Opens::AnyProperty {
            days: Some(30),
            analyses: None,
        },
    ),
    once(
        PlanId::Premium,
        "Premium",
        "90 days, unlimited analyses",
        9999,
        Opens::AnyProperty {
            days: Some(90),
            analyses: None,
        },
    ),
    once(
        PlanId::FullAccess,
        "Full access",
        "For good, unlimited analyses",
        4900,
        Opens::AnyProperty {
            days: None,
            analyses: None,
        },
    ),
    recurring(
        PlanId::LandlordStarter,
        "Landlord Starter",
        "5 units",
        1900,
        18_000,
        units(5),
    ),
    recurring(
        PlanId::LandlordPro,
        "Landlord Professional",
        "20 units",
        4900,
        47_000,
        units(20),
    ),
    recurring(
        PlanId::LandlordEnterprise,
        "Landlord Enterprise",
        "100 units",
        9900,
        95_000,
        units(100),
    ),
    recurring(
        PlanId::AgentBasic,
        "Agent",
        "25 clients",
        7900,
        79_000,
        Limits {
            clients: Some(25),
            ..WITHOUT_PLAN
        },
    ),
    recurring(
        PlanId::AgentTeam,
        "Agent Team",
        "100 clients, 5 agents",
        14_900,
        149_000,
        Limits {
            clients: Some(100),
            agents: Some(5),
            ..WITHOUT_PLAN
        },
    ),
    recurring(
        PlanId::AgentBrokerage,
        "Agent Brokerage",
        "Unlimited clients and agents",
        29_900,
        299_000,
        Limits {
            clients: None,
            agents: None,
            ..WITHOUT_PLAN
        },
    ),
];

/// What a plan limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limited {
    /// A landlord's units.
    Units,
    /// An agent's clients.
    Clients,
}

impl Limits {
    /// How many of these it allows; unlimited if there is none.
    #[must_use]
    pub const fn on(&self, limited: Limited) -> Option<u32> {
        match limited {
            Limited::Units => self.units,
            Limited::Clients => self.clients,
        }
    }
}

impl Limited {
    /// The smallest plan that allows one more than `limit` of these.
    #[must_use]
    pub fn lifted_by(self, limit: u32) -> Option<PlanId> {
        let allows_more = |plan: &&Plan| match plan.offer {
            Offer::Recurring { limits, .. } => limits.on(self).is_none_or(|most| most > limit),
            Offer::Once { .. } => false,
        };
        CATALOGUE.iter().find(allows_more).map(|plan| plan.id)
    }
}

impl Plan {
    /// Whether it is paid once and opens any property for its term.
    #[must_use]
    pub const fn opens_any_property(&self) -> bool {
        self.id.opens_any_property().is_some()
    }

    /// Whom it is made for.
    #[must_use]
    pub const fn audience(&self) -> Role {
        match self.id {
            PlanId::PerProperty | PlanId::Basic | PlanId::Pro | PlanId::Premium | PlanId::FullAccess => {
                Role::Renter
            }
            PlanId::LandlordStarter | PlanId::LandlordPro | PlanId::LandlordEnterprise => Role::Landlord,
            PlanId::AgentBasic | PlanId::AgentTeam | PlanId::AgentBrokerage => Role::Agent,
        }
    }

    /// What it costs each `interval`, if it is a subscription.
    #[must_use]
    pub const fn price_each(&self, interval: Interval) -> Option<Cents> {
        match (self.offer, interval) {
            (Offer::Recurring { month, .. }, Interval::Month) => Some(month),
            (Offer::Recurring { year, .. }, Interval::Year) => Some(year),
            (Offer::Once { .. }, _) => None,
        }
    }
}

impl PlanId {
    /// What it opens, if it is paid once and opens any property.
    #[must_use]
    pub const fn opens_any_property(self) -> Option<Opens> {
        match self.plan().offer {
            Offer::Once {
                opens: opens @ Opens::AnyProperty { .. },
                ..
            } => Some(opens),
            _ => None,
        }
    }

    /// The plan itself.
    #[must_use]
    pub const fn plan(self) -> &'static Plan {
        &CATALOGUE[self as usize]
    }

    /// The id as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PerProperty => "per_property",
            Self::Basic => "basic",
            Self::Pro => "pro",
            Self::Premium => "premium",
            Self::FullAccess => "full_access",
            Self::LandlordStarter => "landlord_starter",
            Self::LandlordPro => "landlord_pro",
            Self::LandlordEnterprise => "landlord_enterprise",
            Self::AgentBasic => "agent_basic",
            Self::AgentTeam => "agent_team",
            Self::AgentBrokerage => "agent_brokerage",
        }
    }
}

impl Opens {
    /// When a term that starts at `start` ends; `None` is never.
    #[must_use]
    pub fn ends(self, start: Timestamp) -> Option<Timestamp> {
        match self {
            Self::AnyProperty { days: Some(days), .. } => start
                .checked_add(SignedDuration::from_hours(24 * i64::from(days)))
                .ok(),
            Self::OneProperty | Self::AnyProperty { days: None, .. } => None,
        }
    }
}

impl fmt::Display for PlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for PlanId {
    type Err = UnknownPlan;

    /// Reads an id, or one of the names that the web client uses for it.
    fn from_str(text: &str) -> Result<Self, UnknownPlan> {
        let aliased = match text {
            "one_time_unlock" => Some(Self::FullAccess),
            "starter" => Some(Self::LandlordStarter),
            "professional" => Some(Self::LandlordPro),
            "enterprise" => Some(Self::LandlordEnterprise),
            "agent" => Some(Self::AgentBasic),
            "team" => Some(Self::AgentTeam),
            "brokerage" => Some(Self::AgentBrokerage),
            _ => None,
        };
        aliased
            .or_else(|| {
                CATALOGUE
                    .iter()
                    .map(|plan| plan.id)
                    .find(|id| id.as_str() == text)
            })
            .ok_or(UnknownPlan)
    }
}

impl From<PlanId> for &'static str {
    fn from(id: PlanId) -> Self {
        id.as_str()
    }
}

impl TryFrom<String> for PlanId {
    type Error = UnknownPlan;

    fn try_from(text: String) -> Result<Self, UnknownPlan> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plan_is_found_by_its_id() {
        for plan in &CATALOGUE {
            assert_eq!(plan.id.plan(), plan);
            assert_eq!(plan.id.as_str().parse(), Ok(plan.id));
        }
    }

    #[test]
    fn a_limit_is_lifted_by_the_smallest_plan_that_allows_more() {
        assert_eq!(Limited::Units.lifted_by(2), Some(PlanId::LandlordStarter));
        assert_eq!(Limited::Units.lifted_by(5), Some(PlanId::LandlordPro));
        assert_eq!(Limited::Units.lifted_by(100), None);
        assert_eq!(Limited::Clients.lifted_by(100), Some(PlanId::AgentBrokerage));
    }

    #[test]
    fn the_names_that_the_web_client_uses_are_accepted() {
        assert_eq!("professional".parse(), Ok(PlanId::LandlordPro));
        assert_eq!("one_time_unlock".parse(), Ok(PlanId::FullAccess));
        assert_eq!("gold".parse::<PlanId>(), Err(UnknownPlan));
    }

    #[test]
    fn prices_are_those_of_the_price_list() {
        let prices: Vec<_> = CATALOGUE
            .iter()
            .map(|plan| match plan.offer {
                Offer::Once { price, .. } => format!("{} {price}", plan.id),
                Offer::Recurring { month, year, .. } => format!("{} {month} {year}", plan.id),
            })
            .collect();
        assert_eq!(
            prices,
            [
                "per_property $1.99",
                "basic $9.99",
                "pro $29.99",
                "premium $99.99",
                "full_access $49.00",
                "landlord_starter $19.00 $180.00",
                "landlord_pro $49.00 $470.00",
                "landlord_enterprise $99.00 $950.00",
                "agent_basic $79.00 $790.00",
                "agent_team $149.00 $1,490.00",
                "agent_brokerage $299.00 $2,990.00",
            ]
        );
    }

    #[test]
    fn a_week_is_seven_times_twenty_four_hours() {
        let start: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let Offer::Once { opens, .. } = PlanId::Basic.plan().offer else {
            panic!("basic is paid once")
        };
        assert_eq!(opens.ends(start).unwrap().to_string(), "2026-03-08T12:00:00Z");
    }
}
