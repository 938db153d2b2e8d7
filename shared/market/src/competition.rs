//! What a landlord's competitors ask, in piles of rents that lie close together, so that no summary ever reads every row. A pile
//! is as wide as two percent; how many homes are in it and what they ask together is kept, and can be added to and taken from
//! exactly. What is said of the whole is exact in its number and its mean, and else to within a pile.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use domain::Rent;
use serde::Serialize;

use crate::amount::{Amount, exact, whole};
use crate::sentence::{count, percent};

/// Begins the names under which homes are counted.
const HOMES: &str = "homes";
/// Begins the names under which rents are summed.
const ASKED: &str = "asked";
/// How much wider the next pile is.
const WIDTH: f64 = 1.02;
/// Within how many percent two rents are alike.
const BAND: f64 = 5.0;

/// How many bedrooms a home has, as far as they are told apart: from six on they are not, so that whatever numbers people type
/// there are not more than these. `-` is a home of which it is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rooms(Option<u8>);

impl Rooms {
    const MOST: u8 = 6;

    /// Of a home with so many bedrooms.
    #[must_use]
    pub fn of(bedrooms: Option<u8>) -> Self {
        Self(bedrooms.map(|bedrooms| bedrooms.min(Self::MOST)))
    }

    /// How many they are, if that is known; the last number stands for more as well.
    #[must_use]
    pub fn number(self) -> Option<u8> {
        self.0
    }
}

impl fmt::Display for Rooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(bedrooms) => write!(f, "{bedrooms}"),
            None => f.write_str("-"),
        }
    }
}

/// A text says of no number of bedrooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a number of bedrooms")]
pub struct RoomsError;

impl FromStr for Rooms {
    type Err = RoomsError;

    fn from_str(text: &str) -> Result<Self, RoomsError> {
        match text {
            "-" => Ok(Self(None)),
            _ => text
                .parse()
                .map(|bedrooms| Self::of(Some(bedrooms)))
                .map_err(|_| RoomsError),
        }
    }
}

/// Homes, and what they ask together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pile {
    /// How many.
    pub homes: i64,
    /// In hundredths of a dollar.
    pub asked: i64,
}

impl Pile {
    /// One home, or one fewer.
    #[must_use]
    pub fn one(rent: Rent, more: i64) -> Self {
        Self {
            homes: more,
            asked: rent.hundredths() * more,
        }
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            homes: self.homes + other.homes,
            asked: self.asked + other.asked,
        }
    }

    /// What they ask on the mean; none where there are none.
    #[must_use]
    pub fn mean(self) -> Option<Amount> {
        (self.homes > 0).then(|| Amount::from_hundredths(self.asked).shared_by(self.homes))
    }
}

/// The number of the pile that a rent lies in.
fn pile_of(rent: Rent) -> u16 {
    let number = (rent.dollars().ln() / WIDTH.ln()).floor();
    u16::try_from(whole(number)).unwrap_or_default()
}

/// What is asked for homes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked(BTreeMap<(Rooms, u16), Pile>);

impl Asked {
    /// Counts homes of so many bedrooms at this rent; fewer of them, if `more` is negative.
    pub fn change(&mut self, bedrooms: Option<u8>, rent: Rent, more: i64) {
        self.add((Rooms::of(bedrooms), pile_of(rent)), Pile::one(rent, more));
    }

    fn add(&mut self, at: (Rooms, u16), more: Pile) {
        let pile = self.0.entry(at).or_default();
        *pile = pile.plus(more);
        self.0.retain(|_, pile| *pile != Pile::default());
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.0.is_empty()
    }

    /// Each sum with its name, for a place that adds them up by itself.
    #[must_use]
    pub fn named(&self) -> Vec<(String, i64)> {
        let names = self.0.iter().flat_map(|((rooms, number), pile)| {
            [
                (format!("{HOMES}:{rooms}:{number}"), pile.homes),
                (format!("{ASKED}:{rooms}:{number}"), pile.asked),
            ]
        });
        names.filter(|(_, sum)| *sum != 0).collect()
    }

    /// What these names say. Other names say nothing.
    #[must_use]
    pub fn of_named<'a>(names: impl IntoIterator<Item = (&'a str, i64)>) -> Self {
        let mut asked = Self::default();
        for (name, sum) in names {
            let mut parts = name.split(':');
            let (kind, rooms, number) = (parts.next(), parts.next(), parts.next());
            let at = rooms
                .and_then(|rooms| rooms.parse().ok())
                .zip(number.and_then(|number| number.parse().ok()));
            let pile = match kind {
                Some(HOMES) => Pile { homes: sum, asked: 0 },
                Some(ASKED) => Pile { homes: 0, asked: sum },
                _ => continue,
            };
            if let Some(at) = at {
                asked.add(at, pile);
            }
        }
        asked
    }

    /// What is said of the homes with so many bedrooms, or of all; none where there are none.
    #[must_use]
    pub fn figures(&self, rooms: Option<Rooms>) -> Option<Figures> {
        let mut piles: BTreeMap<u16, Pile> = BTreeMap::new();
        let wanted = self
            .0
            .iter()
            .filter(|((of, _), _)| rooms.is_none_or(|rooms| rooms == *of));
        for ((_, number), pile) in wanted {
            let sum = piles.entry(*number).or_default();
            *sum = sum.plus(*pile);
        }
        Figures::of(piles.into_values().collect())
    }

    /// Of which numbers of bedrooms there are homes.
    #[must_use]
    pub fn rooms(&self) -> Vec<Rooms> {
        let mut rooms: Vec<_> = self.0.keys().map(|(rooms, _)| *rooms).collect();
        rooms.dedup();
        rooms
    }
}

/// What is said of what is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// The lowest rents first.
    piles: Vec<(Amount, i64)>,
    /// How many homes there are.
    pub homes: i64,
    /// What they ask on the mean.
    pub mean: Amount,
}

impl Figures {
    fn of(piles: Vec<Pile>) -> Option<Self> {
        let all = piles.iter().fold(Pile::default(), |all, pile| all.plus(*pile));
        Some(Self {
            piles: piles
                .into_iter()
                .filter_map(|pile| Some((pile.mean()?, pile.homes)))
                .collect(),
            homes: all.homes,
            mean: all.mean()?,
        })
    }

    /// The lowest rent.
    #[must_use]
    pub fn lowest(&self) -> Amount {
        self.piles.first().map(|(rent, _)| *rent).unwrap_or_default()
    }

    /// The highest rent.
    #[must_use]
    pub fn highest(&self) -> Amount {
        self.piles.last().map(|(rent, _)| *rent).unwrap_or_default()
    }

    /// The rent in the middle; between two, their mean.
    #[must_use]
    pub fn median(&self) -> Amount {
        let both = [self.at((self.homes - 1) / 2), self.at(self.homes / 2)];
        let sum = both.iter().map(|rent| rent.hundredths()).sum();
        Amount::from_hundredths(sum).shared_by(2)
    }

    /// The rent of the home at this place, counted from the lowest.
    fn at(&self, place: i64) -> Amount {
        let mut before = 0;
        for (rent, homes) in &self.piles {
            before += homes;
            if place < before {
                return *rent;
            }
        }
        self.highest()
    }

    /// How many in a hundred ask less than this; those that ask the same are halved.
    #[must_use]
    pub fn percentile(&self, rent: Amount) -> u8 {
        let halves: i64 = self
            .piles
            .iter()
            .map(|(asked, homes)| match (*asked).cmp(&rent) {
                std::cmp::Ordering::Less => 2 * homes,
                std::cmp::Ordering::Equal => *homes,
                std::cmp::Ordering::Greater => 0,
            })
            .sum();
        let share = exact(halves) * 50.0 / exact(self.homes.max(1));
        u8::try_from(whole(share)).unwrap_or(100)
    }
}

/// How a rent stands beside what others ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Positioning {
    /// More than five percent above them.
    AboveMarket,
    /// Within five percent.
    AtMarket,
    /// More than five percent below them.
    BelowMarket,
}

/// A rent beside what others ask.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// How many in a hundred ask less.
    pub percentile: u8,
    /// How much more it is than the mean of the others.
    pub variance: Amount,
    /// The same in percent, to the tenth.
    pub variance_percent: f64,
    /// What that is.
    pub positioning: Positioning,
}

impl Standing {
    /// How a rent stands beside these.
    #[must_use]
    pub fn of(rent: Amount, others: &Figures) -> Self {
        let variance = Amount::from_hundredths(rent.hundredths() - others.mean.hundredths());
        let part = variance.percent_of(others.mean).unwrap_or_default();
        Self {
            percentile: others.percentile(rent),
            variance,
            variance_percent: (part * 10.0).round() / 10.0,
            positioning: if part > BAND {
                Positioning::AboveMarket
            } else if part < -BAND {
                Positioning::BelowMarket
            } else {
                Positioning::AtMarket
            },
        }
    }

    /// The same in a sentence.
    #[must_use]
    pub fn sentence(&self, rent: Amount, others: &Figures) -> String {
        let beside = format!(
            "{} on the mean, of {}",
            others.mean,
            count(others.homes, "competitor")
        );
        match self.positioning {
            Positioning::AtMarket => format!("{rent} is about what others ask: {beside}."),
            Positioning::AboveMarket => {
                format!(
                    "{rent} is {} above what others ask: {beside}.",
                    percent(self.variance_percent)
                )
            }
            Positioning::BelowMarket => {
                format!(
                    "{rent} is {} below what others ask: {beside}.",
                    percent(-self.variance_percent)
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rent(dollars: u32) -> Rent {
        Rent::from_dollars(dollars).unwrap()
    }

    fn amount(dollars: i64) -> Amount {
        Amount::from_hundredths(dollars * 100)
    }

    fn asked(homes: &[(Option<u8>, u32)]) -> Asked {
        let mut asked = Asked::default();
        for (bedrooms, dollars) in homes {
            asked.change(*bedrooms, rent(*dollars), 1);
        }
        asked
    }

    #[test]
    fn the_figures_are_those_of_the_homes_of_which_they_are_asked() {
        let asked = asked(&[
            (Some(1), 1000),
            (Some(2), 1500),
            (Some(2), 1700),
            (Some(9), 4000),
            (None, 2000),
        ]);
        let all = asked.figures(None).unwrap();
        assert_eq!((all.homes, all.mean), (5, amount(2040)));
        assert_eq!(
            (all.lowest(), all.median(), all.highest()),
            (amount(1000), amount(1700), amount(4000))
        );
        let two = asked.figures(Some(Rooms::of(Some(2)))).unwrap();
        assert_eq!((two.homes, two.median()), (2, amount(1600)));
        assert!(asked.figures(Some(Rooms::of(Some(3)))).is_none());
        let rooms: Vec<_> = asked.rooms().into_iter().map(Rooms::number).collect();
        assert_eq!(rooms, [None, Some(1), Some(2), Some(6)]);
    }

    #[test]
    fn a_rent_stands_above_below_or_at_what_others_ask() {
        let others = asked(&[(None, 1000), (None, 1500), (None, 2000)])
            .figures(None)
            .unwrap();
        let standing = |dollars| Standing::of(amount(dollars), &others);
        assert_eq!(standing(1500).positioning, Positioning::AtMarket);
        assert_eq!(standing(1500).percentile, 50);
        assert_eq!(standing(1575).positioning, Positioning::AtMarket);
        assert_eq!(standing(1576).positioning, Positioning::AboveMarket);
        assert_eq!(standing(1424).positioning, Positioning::BelowMarket);
        assert_eq!((standing(2500).percentile, standing(500).percentile), (100, 0));
        let above = standing(1800);
        assert_eq!((above.variance, above.variance_percent), (amount(300), 20.0));
        assert_eq!(
            above.sentence(amount(1800), &others),
            "$1,800 is 20 % above what others ask: $1,500 on the mean, of 3 competitors."
        );
    }

    proptest! {
        #[test]
        fn what_is_added_and_taken_away_leaves_nothing_and_names_read_back(
            homes in proptest::collection::vec((proptest::option::of(0..101_u8), 1..=100_000_u32), 0..40),
        ) {
            let mut all = asked(&homes);
            let named = all.named();
            let read = Asked::of_named(named.iter().map(|(name, sum)| (name.as_str(), *sum)));
            prop_assert_eq!(&read, &all);
            if let Some(figures) = all.figures(None) {
                let mut rents: Vec<f64> = homes.iter().map(|(_, dollars)| f64::from(*dollars)).collect();
                rents.sort_by(f64::total_cmp);
                let middle = (rents[(rents.len() - 1) / 2] + rents[rents.len() / 2]) / 2.0;
                let near = |figure: Amount, rent: f64| (figure.dollars() - rent).abs() <= rent * 0.021;
                prop_assert!(near(figures.median(), middle), "{:?} {}", figures.median(), middle);
                prop_assert!(near(figures.lowest(), rents[0]) && near(figures.highest(), rents[rents.len() - 1]));
                prop_assert_eq!(figures.homes, i64::try_from(rents.len()).unwrap());
                prop_assert!((figures.mean.dollars() - rents.iter().sum::<f64>() / exact(figures.homes)).abs() < 0.006);
            }
            for (bedrooms, dollars) in &homes {
                all.change(*bedrooms, rent(*dollars), -1);
            }
            prop_assert!(all.is_nothing());
            prop_assert!(all.named().is_empty());
        }
    }
}
