//! What rent is recommended, and why. The rules are in the crate's documentation.

use domain::Rent;
use jiff::civil::Date;
use serde::Serialize;

use crate::amount::Amount;
use crate::figure::{MarketRent, Unknown, rent};
use crate::risk::{Facts, Occupied, cost_of_vacancy, percent_over};
use crate::sentence::{count, percent};

/// What is recommended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recommendation {
    /// Whether to ask for more or for less.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// By how much a month; none where nothing is to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// What to ask for then, if a rent can be named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recommended_rent: Option<Rent>,
    /// How far it may be trusted, from 0 to 100: as far as the market's figure.
    pub confidence: u8,
    /// Why, in one text.
    pub reasoning: String,
    /// The same, sentence by sentence.
    pub reasons: Vec<String>,
    /// What it comes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_impact: Option<String>,
}

/// Whether to ask for more or for less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// For more.
    Increase,
    /// For less.
    Decrease,
    /// For the same.
    Hold,
}

/// Within so many percent of the market's middle a tenant's rent stays.
const BAND: f64 = 5.0;
/// The most by which a tenant's rent changes at once, in percent.
const STEP: i64 = 5;
/// A lease that runs for longer than this is not spoken of with its tenant yet, in days.
const RENEWAL_FROM: i32 = 120;
/// Each full fortnight that a home stands empty takes a percent off, up to so many.
const FORTNIGHT: u32 = 14;
const FORTNIGHTS_AT_MOST: u32 = 8;
/// When so many percent of the competition offer something on top, it takes so many percent off.
const MANY_CONCESSIONS: u8 = 25;
const FOR_CONCESSIONS: i64 = 2;
/// A rent that is asked is left alone if it is above what is recommended by no more than this, in percent.
const NEAR_ENOUGH: f64 = 2.0;
/// The most by which a rent that is asked is raised at once, in percent.
const RISE: i64 = 10;

impl Recommendation {
    /// What is recommended for a home on a day, where the market is what `market` says of `homes` ("2-bedroom homes in 30303").
    /// The market's middle counts, and not `facts.market`.
    #[must_use]
    pub fn of(facts: &Facts, market: Result<&MarketRent, &Unknown>, homes: &str, today: Date) -> Self {
        let market = match market {
            Ok(market) => market,
            Err(unknown) => return Self::without_a_market(unknown),
        };
        let samples = match market.samples {
            0 => String::new(),
            samples => format!("{} of ", count(i64::from(samples), "rent")),
        };
        let median = Amount::from(market.median);
        let origin = format!(
            "The middle of {samples}{homes} is {median} ({}).",
            market.origin()
        );
        let mut advice = match facts.occupied {
            Occupied::Yes { lease_ends, .. } => of_a_tenant(facts.rent, market.median, lease_ends, today),
            Occupied::No { days } => of_an_empty_home(facts, market.median, days),
            Occupied::Soon => Advice::hold("It is let: its tenant's rent is agreed."),
            Occupied::Closed => Advice::hold("It cannot be let while it is under repair."),
        };
        advice.reasons.insert(0, origin);
        advice.judged(facts.rent, market.confidence)
    }

    fn without_a_market(unknown: &Unknown) -> Self {
        let mut advice = Advice::hold(&unknown.to_string());
        advice
            .reasons
            .push("Without a market rent nothing is recommended.".to_owned());
        advice.judged(None, 0)
    }
}

/// What is to be asked for, and why.
struct Advice {
    rent: Option<Rent>,
    reasons: Vec<String>,
    /// What a week costs, for a home that stands empty.
    week: Option<Amount>,
}

impl Advice {
    fn hold(reason: &str) -> Self {
        Self {
            rent: None,
            reasons: vec![reason.to_owned()],
            week: None,
        }
    }

    fn judged(self, asked: Option<Rent>, confidence: u8) -> Recommendation {
        let change = self.rent.zip(asked).map_or(Amount::ZERO, |(rent, asked)| {
            Amount::from(rent) - Amount::from(asked)
        });
        let year = Amount::from_hundredths(change.hundredths() * 12);
        let (kind, expected_impact) = match change.hundredths() {
            1.. => (Kind::Increase, Some(format!("{year} more a year."))),
            0 => (Kind::Hold, None),
            _ => {
                let week = self.week.map_or(String::new(), |week| {
                    format!(", against {week} for each week that it stands empty")
                });
                (Kind::Decrease, Some(format!("{} less a year{week}.", -year)))
            }
        };
        Recommendation {
            kind,
            amount: (change != Amount::ZERO).then(|| change.max(-change)),
            recommended_rent: self.rent.or(asked),
            confidence,
            reasoning: self.reasons.join(" "),
            reasons: self.reasons,
            expected_impact,
        }
    }
}

fn of_a_tenant(own: Option<Rent>, median: Rent, lease_ends: Option<Date>, today: Date) -> Advice {
    let Some(own) = own else {
        return Advice::hold("It is not known what the tenant pays.");
    };
    let over = percent_over(own, median);
    let beside = beside(own, over);
    if over.abs() <= BAND {
        return Advice::hold(&format!("{beside} That is close enough to stay."));
    }
    let step = parts(own, STEP);
    let gap = Amount::from(median) - Amount::from(own);
    let changed = Amount::from(own) + gap.clamp(-step, step);
    let mut advice = Advice::hold(&beside);
    let (verb, why) = if over < 0.0 {
        ("Ask for", "which is still what the market pays")
    } else {
        ("Offer", "because a tenant who leaves finds it cheaper elsewhere")
    };
    let most = if gap.max(-gap) > step {
        format!(" More than {STEP} % at once makes tenants leave or landlords lose.")
    } else {
        String::new()
    };
    let Some(rent) = rent(to_the_dollar(changed, over < 0.0)) else {
        return advice;
    };
    let days = lease_ends.map(|ends| (ends - today).get_days());
    match days {
        Some(days) if days > RENEWAL_FROM => {
            let days = count(i64::from(days), "day");
            advice.reasons.push(format!(
                "The lease runs for another {days}; {} would be what to renew it at.",
                Amount::from(rent)
            ));
            return advice;
        }
        Some(days) if days >= 0 => advice
            .reasons
            .push(format!("The lease ends in {}.", count(i64::from(days), "day"))),
        Some(_) => advice.reasons.push("The lease is over.".to_owned()),
        None => advice
            .reasons
            .push("It is not known when the lease ends.".to_owned()),
    }
    advice.reasons.push(format!(
        "{verb} {} when it is renewed, {why}.{most}",
        Amount::from(rent)
    ));
    advice.rent = Some(rent);
    advice
}

fn of_an_empty_home(facts: &Facts, median: Rent, days: u32) -> Advice {
    let fortnights = (days / FORTNIGHT).min(FORTNIGHTS_AT_MOST);
    let many_concessions = facts.concessions.filter(|share| *share >= MANY_CONCESSIONS);
    let off = i64::from(fortnights) + many_concessions.map_or(0, |_| FOR_CONCESSIONS);
    let lowered = Amount::from(median) - parts(median, off);
    let mut advice = Advice::hold(&format!(
        "It has stood empty for {}.",
        count(i64::from(days), "day")
    ));
    if fortnights > 0 {
        advice.reasons.push(format!(
            "That takes {} off, one for each full fortnight up to {FORTNIGHTS_AT_MOST}.",
            percent(fortnights.into())
        ));
    }
    if let Some(share) = many_concessions {
        advice.reasons.push(format!(
            "{share} % of the homes it competes with offer something on top, which takes {FOR_CONCESSIONS} % off."
        ));
    }
    let Some(fair) = rent(to_the_dollar(lowered, true)) else {
        return advice;
    };
    advice.week = Some(cost_of_vacancy(7, fair));
    let Some(asked) = facts.rent else {
        advice.rent = Some(fair);
        advice.reasons.push(format!("Ask for {}.", Amount::from(fair)));
        return advice;
    };
    let over = percent_over(asked, fair);
    if over > NEAR_ENOUGH {
        advice.rent = Some(fair);
        advice.reasons.push(format!(
            "{} is asked; ask for {}.",
            Amount::from(asked),
            Amount::from(fair)
        ));
    } else if over < -BAND && days < FORTNIGHT {
        let most = Amount::from(asked) + parts(asked, RISE);
        let raised = Amount::from(fair).min(to_the_dollar(most, true));
        advice.rent = rent(raised).filter(|raised| *raised > asked);
        advice.reasons.push(format!(
            "{} is asked, which is {} too little; ask for {raised}.",
            Amount::from(asked),
            percent(-over)
        ));
    } else {
        advice.reasons.push(format!(
            "{} is asked, which is right: it is not the rent that keeps people away.",
            Amount::from(asked)
        ));
    }
    advice
}

/// How a rent stands beside the market's middle.
fn beside(own: Rent, over: f64) -> String {
    let own = Amount::from(own);
    match over {
        0.0 => format!("The tenant pays just that, {own}."),
        _ if over > 0.0 => format!("The tenant pays {own}, {} more.", percent(over)),
        _ => format!("The tenant pays {own}, {} less.", percent(-over)),
    }
}

/// So many percent of a rent.
fn parts(rent: Rent, percent: i64) -> Amount {
    Amount::from_hundredths(rent.hundredths() * percent).shared_by(100)
}

/// Whole dollars: downwards, or upwards.
fn to_the_dollar(amount: Amount, down: bool) -> Amount {
    let hundredths = amount.hundredths();
    let up = if down { 0 } else { 99 };
    Amount::from_hundredths((hundredths + up).div_euclid(100) * 100)
}

#[cfg(test)]
mod tests;
