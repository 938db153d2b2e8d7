//! All that a landlord has, in sums that a change adds to and takes from, so that no summary ever reads every row.

use std::collections::BTreeMap;

use domain::Rent;
use domain::property::{Details, Occupancy};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::amount::{Amount, exact};
use crate::trend::percent_change;

/// What is summed of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Whether somebody lives there.
    pub occupancy: Occupancy,
    /// What it lets for.
    pub actual_rent: Option<Rent>,
    /// What it would bring: what it should let for; where that is not said, what it lets for, or else what the market pays.
    pub potential_rent: Option<Rent>,
    /// Square feet.
    pub square_feet: Option<u32>,
    /// Since when nobody lives there, if nobody does.
    pub vacant_since: Option<Date>,
}

impl Unit {
    /// What is summed of a property in a market of this rent.
    #[must_use]
    pub fn of(details: &Details, vacant_since: Option<Date>, market: Option<Rent>) -> Self {
        let feet = details.square_feet_min.map(Into::into);
        Self {
            occupancy: details.occupancy_status,
            actual_rent: details.actual_rent,
            potential_rent: details.target_rent.or(details.actual_rent).or(market),
            square_feet: feet.or_else(|| details.square_feet_max.map(Into::into)),
            vacant_since: vacant_since.filter(|_| details.occupancy_status == Occupancy::Vacant),
        }
    }
}

/// The names and the numbers of one set of sums.
macro_rules! totals {
    ($($(#[$doc:meta])* $field:ident $name:literal,)*) => {
        /// Sums over properties. They can be added and taken away exactly: what a change makes of them is the sums of what is
        /// there after it less those of what was there before.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        pub struct Totals {
            $($(#[$doc])* pub $field: i64,)*
        }

        impl Totals {
            /// Each sum with its name, for a place that adds them up by itself.
            #[must_use]
            pub const fn named(&self) -> [(&'static str, i64); [$($name),*].len()] {
                [$(($name, self.$field)),*]
            }

            fn with(self, other: Self, both: fn(i64, i64) -> i64) -> Self {
                Self { $($field: both(self.$field, other.$field)),* }
            }
        }
    };
}

totals! {
    /// Properties.
    units "units",
    /// Those in which somebody lives.
    occupied "occupied",
    /// Those that are empty and could be let.
    vacant "vacant",
    /// Rents of those in which somebody lives, in hundredths of a dollar.
    revenue "revenue",
    /// How many rents that is.
    rents "rents",
    /// What all of them would bring, in hundredths of a dollar.
    potential "potential",
    /// Square feet.
    square_feet "squareFeet",
    /// The rents of those in which somebody lives and whose square feet are known, in hundredths of a dollar.
    measured_revenue "measuredRevenue",
    /// The square feet of those.
    measured_feet "measuredFeet",
    /// For each that is empty, the number of the day since which it is: see [`day_number`].
    vacant_since "vacantSince",
    /// How many days that is.
    dated_vacancies "datedVacancies",
}

/// The number of a day, counted from the first of 1970. Sums of such numbers give the days that have gone by since, on any
/// later day, without a look at what was summed.
#[must_use]
pub fn day_number(day: Date) -> i64 {
    i64::from((day - Date::constant(1970, 1, 1)).get_days())
}

impl Totals {
    /// The sums of one property.
    #[must_use]
    pub fn of(unit: &Unit) -> Self {
        let is = |occupancy| i64::from(unit.occupancy == occupancy);
        let occupied = is(Occupancy::Occupied);
        let revenue = unit.actual_rent.filter(|_| occupied == 1);
        let hundredths = |rent: Option<Rent>| rent.map_or(0, Rent::hundredths);
        let feet = i64::from(unit.square_feet.unwrap_or_default());
        let measured = revenue.filter(|_| feet > 0);
        Self {
            units: 1,
            occupied,
            vacant: is(Occupancy::Vacant),
            revenue: hundredths(revenue),
            rents: i64::from(revenue.is_some()),
            potential: hundredths(unit.potential_rent),
            square_feet: feet,
            measured_revenue: hundredths(measured),
            measured_feet: if measured.is_some() { feet } else { 0 },
            vacant_since: unit.vacant_since.map_or(0, day_number),
            dated_vacancies: i64::from(unit.vacant_since.is_some()),
        }
    }

    /// What a change of a property makes of the sums: what was there before (nothing if it is new), and what is there after
    /// (nothing if it is deleted).
    #[must_use]
    pub fn change(before: Option<&Unit>, after: Option<&Unit>) -> Self {
        let of = |unit: Option<&Unit>| unit.map_or(Self::default(), Self::of);
        of(after).minus(of(before))
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        self.with(other, |one, other| one + other)
    }

    /// These without those.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        self.with(other, |one, other| one - other)
    }
}

/// How many properties are at high risk from which day on, so that on any day the number is known without a look at them.
/// The day of each is [`crate::Risk::high_from`], worked out when it is written or its market changes. Whoever keeps this keeps the
/// day with the property too, because that is what has to be taken away again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AtRisk(BTreeMap<Date, i64>);

impl AtRisk {
    /// One more, if it is ever at risk.
    pub fn add(&mut self, from: Option<Date>) {
        self.count(from, 1);
    }

    /// One fewer of those that were added with this day.
    pub fn take(&mut self, from: Option<Date>) {
        self.count(from, -1);
    }

    fn count(&mut self, from: Option<Date>, change: i64) {
        let Some(from) = from else { return };
        let count = self.0.entry(from).or_default();
        *count += change;
        if *count == 0 {
            self.0.remove(&from);
        }
    }

    /// How many are at risk on a day.
    #[must_use]
    pub fn on(&self, today: Date) -> i64 {
        self.0.range(..=today).map(|(_, count)| count).sum()
    }

    /// The same with all days up to `today` as one: they will not be told apart again, and a year of days is then the most
    /// that there is.
    #[must_use]
    pub fn until(&self, today: Date) -> Self {
        let mut days: BTreeMap<Date, i64> =
            self.0.range(today..).map(|(day, count)| (*day, *count)).collect();
        days.insert(today, self.on(today));
        days.retain(|_, count| *count != 0);
        Self(days)
    }
}

/// What a landlord sees of all that they have. Every value is a number, and one that there is nothing of is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Properties.
    pub total_properties: i64,
    /// Those in which somebody lives.
    pub occupied_units: i64,
    /// Those that are empty and could be let.
    pub vacant_units: i64,
    /// Percent of all in which somebody lives, to the tenth.
    pub occupancy_rate: f64,
    /// What they bring a month.
    pub total_revenue: Amount,
    /// What all of them would bring.
    pub potential_revenue: Amount,
    /// Percent of that which they do bring, to the tenth.
    pub revenue_efficiency: f64,
    /// The mean of the rents.
    pub average_rent: Amount,
    /// Those at high risk of standing empty; all that do are.
    pub at_risk_count: i64,
    /// How many percent more they bring than a month ago, to the tenth.
    pub revenue_change: f64,
    /// For how many days those that are empty have been, on the mean, to the tenth.
    pub avg_days_vacant: f64,
    /// Square feet.
    pub total_square_feet: i64,
    /// What a square foot brings a month.
    pub avg_rent_per_sq_ft: Amount,
}

impl Summary {
    /// The summary on a day, with the sums of a month ago if they are known.
    #[must_use]
    pub fn of(totals: &Totals, at_risk: i64, a_month_ago: Option<&Totals>, today: Date) -> Self {
        let revenue = Amount::from_hundredths(totals.revenue);
        let potential = Amount::from_hundredths(totals.potential);
        let before = a_month_ago.map(|before| Amount::from_hundredths(before.revenue));
        let days = totals.dated_vacancies * day_number(today) - totals.vacant_since;
        Self {
            total_properties: totals.units,
            occupied_units: totals.occupied,
            vacant_units: totals.vacant,
            occupancy_rate: mean(totals.occupied * 100, totals.units),
            total_revenue: revenue,
            potential_revenue: potential,
            revenue_efficiency: mean(totals.revenue * 100, totals.potential),
            average_rent: revenue.shared_by(totals.rents),
            at_risk_count: at_risk,
            revenue_change: before
                .and_then(|before| percent_change(before, revenue))
                .unwrap_or_default(),
            avg_days_vacant: mean(days.max(0), totals.dated_vacancies),
            total_square_feet: totals.square_feet,
            avg_rent_per_sq_ft: Amount::from_hundredths(totals.measured_revenue)
                .shared_by(totals.measured_feet),
        }
    }
}

/// To the tenth; 0 of nothing.
fn mean(sum: i64, many: i64) -> f64 {
    if many <= 0 {
        return 0.0;
    }
    (exact(sum) * 10.0 / exact(many)).round() / 10.0
}

#[cfg(test)]
mod tests;
