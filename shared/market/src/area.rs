//! What the listings of an area say of its market.

use std::collections::BTreeMap;

use domain::Rent;
use domain::listing::Listing;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::amount::{Amount, exact, whole};
use crate::figure::{Figure, Source};
use crate::sentence::{count, percent};
use crate::trend::percent_change;

/// The listings of an area, counted on a day. One is kept for each day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Survey {
    /// The day.
    pub as_of: Date,
    /// How many there are.
    pub listings: u32,
    /// Of how many it was first known in the seven days before.
    pub new_in_a_week: u32,
    /// And in the thirty days before.
    pub new_in_a_month: u32,
    /// How many advertise something on top, such as a month free.
    pub with_concessions: u32,
    /// The days for which they have been on the market, summed.
    pub days_on_market: u64,
    /// Their lowest asking rents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rents: Option<Figure>,
    /// The rents of homes with so many bedrooms.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_bedrooms: BTreeMap<u8, Figure>,
}

/// How fast homes are let.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MarketHealth {
    /// On the mean they have been on the market for three weeks at most.
    Hot,
    /// In between.
    Balanced,
    /// For more than six weeks.
    Slow,
}

/// What a listing offers on top of the home.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Concession {
    /// The building.
    pub property: String,
    /// Its kind, if it is known.
    #[serde(rename = "type")]
    pub kind: String,
    /// As it is advertised.
    pub value: String,
}

impl Concession {
    /// What a listing offers, if it offers anything.
    #[must_use]
    pub fn of(listing: &Listing) -> Option<Self> {
        Some(Self {
            property: listing.name.clone(),
            kind: listing
                .concession_type
                .clone()
                .unwrap_or_else(|| "other".to_owned()),
            value: listing.special_offers.clone()?,
        })
    }
}

/// The rents that a listing names, each with the bedrooms that it is for: the lowest is its smallest home's, the highest its
/// largest home's.
#[must_use]
pub fn rents_by_bedrooms(listing: &Listing) -> Vec<(u8, Rent)> {
    let mut rents = vec![(listing.bedrooms_min, listing.min_rent)];
    if listing.bedrooms_max > listing.bedrooms_min {
        rents.push((listing.bedrooms_max, listing.max_rent));
    }
    rents
}

impl Survey {
    /// The survey that listings make at a moment, of the day on which it is.
    #[must_use]
    pub fn of<'a>(listings: impl IntoIterator<Item = &'a Listing>, now: Timestamp, today: Date) -> Self {
        let mut survey = Self {
            as_of: today,
            listings: 0,
            new_in_a_week: 0,
            new_in_a_month: 0,
            with_concessions: 0,
            days_on_market: 0,
            rents: None,
            by_bedrooms: BTreeMap::new(),
        };
        let mut rents = Vec::new();
        let mut by_bedrooms: BTreeMap<u8, Vec<Rent>> = BTreeMap::new();
        for listing in listings {
            let days = listing.days_on_market(now);
            survey.listings += 1;
            survey.new_in_a_week += u32::from(days < 7);
            survey.new_in_a_month += u32::from(days < 30);
            survey.with_concessions += u32::from(listing.special_offers.is_some());
            survey.days_on_market += u64::from(days);
            rents.push(listing.min_rent);
            for (bedrooms, rent) in rents_by_bedrooms(listing) {
                by_bedrooms.entry(bedrooms).or_default().push(rent);
            }
        }
        let figure = |rents: &[Rent]| Figure::of_rents(Source::OwnListings, today, rents);
        survey.rents = figure(&rents);
        survey.by_bedrooms = by_bedrooms
            .iter()
            .filter_map(|(bedrooms, rents)| Some((*bedrooms, figure(rents)?)))
            .collect();
        survey
    }

    /// For how many days they have been on the market, on the mean, to the tenth; none of none.
    #[must_use]
    pub fn avg_days_on_market(&self) -> Option<f64> {
        let days = i64::try_from(self.days_on_market).ok()?;
        (self.listings > 0).then(|| (exact(days) * 10.0 / f64::from(self.listings)).round() / 10.0)
    }

    /// How many percent of them advertise something on top; none of none.
    #[must_use]
    pub fn concession_rate(&self) -> Option<u8> {
        let rate = f64::from(self.with_concessions) * 100.0 / f64::from(self.listings);
        (self.listings > 0).then(|| u8::try_from(whole(rate)).unwrap_or(100))
    }

    /// How fast homes are let; none where there are none.
    #[must_use]
    pub fn health(&self) -> Option<MarketHealth> {
        Some(match self.avg_days_on_market()? {
            ..=21.0 => MarketHealth::Hot,
            ..=42.0 => MarketHealth::Balanced,
            _ => MarketHealth::Slow,
        })
    }
    /// The asking rents of homes with so many bedrooms, or of all where none are named.
    #[must_use]
    pub fn of_bedrooms(&self, bedrooms: Option<u8>) -> Option<&Figure> {
        match bedrooms {
            Some(bedrooms) => self.by_bedrooms.get(&bedrooms),
            None => self.rents.as_ref(),
        }
    }

    /// By how many percent the median of such homes changed since an earlier survey, to the tenth; none where either of
    /// them has too few rents.
    #[must_use]
    pub fn rent_change(&self, before: &Self, bedrooms: Option<u8>) -> Option<f64> {
        let median = |survey: &Self| {
            let figure = survey.of_bedrooms(bedrooms).filter(|figure| !figure.is_thin())?;
            Some(Amount::from(figure.median))
        };
        percent_change(median(before)?, median(self)?)
    }

    /// What there is to say of it, in sentences; of what changed, if an earlier survey is known.
    #[must_use]
    pub fn insights(&self, before: Option<&Self>, bedrooms: Option<u8>) -> Vec<String> {
        let mut insights = Vec::new();
        if let (Some(health), Some(days)) = (self.health(), self.avg_days_on_market()) {
            let fast = match health {
                MarketHealth::Hot => "they let fast",
                MarketHealth::Balanced => "neither fast nor slowly",
                MarketHealth::Slow => "they let slowly",
            };
            insights.push(format!(
                "Homes have been on the market for {days} days on the mean: {fast}."
            ));
        }
        if let Some(rate) = self.concession_rate().filter(|rate| *rate > 0) {
            let listings = count(i64::from(self.listings), "listing");
            insights.push(format!("{rate} % of {listings} offer something on top."));
        }
        let change = before.and_then(|before| Some((before.as_of, self.rent_change(before, bedrooms)?)));
        match change {
            Some((day, 0.0)) => insights.push(format!("The median rent is what it was on {day}.")),
            Some((day, change)) => {
                let by = percent(change.abs());
                let way = if change > 0.0 { "above" } else { "below" };
                insights.push(format!("The median rent is {by} {way} that of {day}."));
            }
            None => {}
        }
        insights
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;

    const TODAY: Date = date(2026, 11, 24);

    fn now() -> Timestamp {
        "2026-11-24T12:00:00Z".parse().unwrap()
    }

    fn listing(name: &str, rents: (u32, u32), bedrooms: (u8, u8), days: i64, offer: Option<&str>) -> Listing {
        let seen = now() - jiff::SignedDuration::from_hours(24 * days);
        serde_json::from_value(json!({
            "id": format!("listing-{name}"), "source": "seed", "name": name, "address": "1 Elm St",
            "place": { "city": "Atlanta", "state": "GA" }, "zipCode": "30303",
            "minRent": rents.0, "maxRent": rents.1, "predictedRent": rents.0,
            "bedroomsMin": bedrooms.0, "bedroomsMax": bedrooms.1, "bathroomsMin": 1, "bathroomsMax": 2,
            "specialOffers": offer, "firstSeen": seen.to_string()
        }))
        .unwrap()
    }

    #[test]
    fn listings_are_counted_and_their_rents_told_apart_by_bedrooms() {
        let listings = [
            listing("a", (1200, 2000), (1, 3), 3, Some("6 weeks free")),
            listing("b", (1300, 1300), (1, 1), 20, None),
            listing("c", (1400, 1900), (1, 2), 40, None),
        ];
        let survey = Survey::of(&listings, now(), TODAY);
        assert_eq!(
            (survey.listings, survey.new_in_a_week, survey.new_in_a_month),
            (3, 1, 2)
        );
        assert_eq!(survey.avg_days_on_market(), Some(21.0));
        assert_eq!(survey.health(), Some(MarketHealth::Hot));
        assert_eq!(survey.concession_rate(), Some(33));
        assert_eq!(survey.rents.unwrap().median.dollars(), 1300.0);
        let means: Vec<_> = survey
            .by_bedrooms
            .iter()
            .map(|(bedrooms, figure)| (*bedrooms, figure.mean.dollars()))
            .collect();
        assert_eq!(means, [(1, 1300.0), (2, 1900.0), (3, 2000.0)]);
        assert_eq!(survey.by_bedrooms[&1].samples, Some(3));
    }

    #[test]
    fn no_listings_have_no_mean_of_anything() {
        let survey = Survey::of(&[], now(), TODAY);
        assert_eq!(
            (
                survey.avg_days_on_market(),
                survey.concession_rate(),
                survey.health()
            ),
            (None, None, None)
        );
        assert_eq!(survey.rents, None);
    }

    #[test]
    fn what_changed_is_told_where_it_is_known_and_only_there() {
        let of = |rents: [u32; 3]| {
            let listings = rents.map(|rent| listing("a", (rent, rent), (1, 1), 25, Some("$500 off")));
            Survey::of(&listings, now(), TODAY)
        };
        let (before, later) = (of([1000, 1000, 1000]), of([1000, 1025, 1100]));
        assert_eq!(later.rent_change(&before, Some(1)), Some(2.5));
        assert_eq!(later.rent_change(&before, Some(2)), None);
        let insights = later.insights(Some(&before), None);
        assert_eq!(
            insights,
            [
                "Homes have been on the market for 25 days on the mean: neither fast nor slowly.",
                "100 % of 3 listings offer something on top.",
                "The median rent is 2.5 % above that of 2026-11-24.",
            ]
        );
        assert_eq!(later.insights(None, None).len(), 2);
        let few = Survey::of(&[listing("a", (1000, 1000), (1, 1), 25, None)], now(), TODAY);
        assert_eq!(later.rent_change(&few, None), None);
        assert_eq!(
            Survey::of(&[], now(), TODAY).insights(Some(&before), None),
            [""; 0]
        );
    }

    #[test]
    fn a_survey_survives_being_kept() {
        let survey = Survey::of(&[listing("a", (1200, 2000), (0, 3), 60, None)], now(), TODAY);
        assert_eq!(survey.health(), Some(MarketHealth::Slow));
        let json = serde_json::to_string(&survey).unwrap();
        assert_eq!(serde_json::from_str::<Survey>(&json).unwrap(), survey);
    }

    #[test]
    fn what_is_offered_on_top_is_told_as_it_is_advertised() {
        let offer = Concession::of(&listing("a", (1200, 2000), (0, 3), 60, Some("$500 off"))).unwrap();
        assert_eq!(
            serde_json::to_value(offer).unwrap(),
            json!({ "property": "a", "type": "other", "value": "$500 off" })
        );
        assert_eq!(
            Concession::of(&listing("a", (1200, 2000), (0, 3), 60, None)),
            None
        );
    }
}
