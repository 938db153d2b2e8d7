//! The lease guarantee: a renter who paid sends the lease they signed, and gets back a share of what they paid, by how
//! far the rent in it is below the one that was asked.

mod evidence;
mod file;
mod reason;
mod refund;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use evidence::{Bounds, Charge, Confidence, Evidence, Finding, FoundBy, SetAside, Signature, Signer};
pub use file::{BYTES_AT_MOST, FileHash, FileHashError, FileKind, LeaseFile, PAGES_AT_MOST, UnknownFileKind};
pub use reason::Reason;
pub use refund::{Claim, Debt, Debts, Ended, Request, Standing, Step, Wait};

use crate::listing::Quote;
use crate::{Cents, Rent};

/// Where the verification of a lease stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerificationStatus {
    /// A link to send the file by was given, and no file has come.
    AwaitingUpload,
    /// The file is being read.
    Processing,
    /// The rent is decided, and what it gives back.
    Verified,
    /// A person has to decide.
    NeedsReview,
    /// This file proves nothing; the reasons say why.
    Rejected,
    /// Money is on its way back.
    RefundPending,
    /// The money is back.
    Refunded,
    /// The money could not be given back: it is still owed.
    RefundFailed,
}

impl VerificationStatus {
    /// Whether a decision was made: the file is deleted 90 days after it.
    #[must_use]
    pub const fn is_decided(self) -> bool {
        !matches!(self, Self::AwaitingUpload | Self::Processing | Self::NeedsReview)
    }
}

/// What a rent earns, by the monthly saving: the rent asked when the property was unlocked, less the rent in the lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// At least $100 a month.
    Gold,
    /// At least $50 a month.
    Silver,
    /// At least $1 a month.
    Bronze,
    /// Nothing saved, and exactly the rent that we predicted.
    AccuracyBonus,
    /// Nothing saved.
    None,
}

impl Tier {
    /// What `rent` earns against the figures that were frozen when the property was unlocked.
    #[must_use]
    pub fn of(quote: &Quote, rent: Rent) -> Self {
        match monthly_saving(quote, rent) {
            10_000.. => Self::Gold,
            5_000.. => Self::Silver,
            100.. => Self::Bronze,
            _ if rent == quote.predicted_rent => Self::AccuracyBonus,
            _ => Self::None,
        }
    }

    /// The share of what was paid that goes back, in percent.
    #[must_use]
    pub const fn percent(self) -> u8 {
        match self {
            Self::Gold => 50,
            Self::Silver => 30,
            Self::Bronze => 20,
            Self::AccuracyBonus => 10,
            Self::None => 0,
        }
    }

    /// The part of `paid` that goes back: to the nearest cent, a half in the renter's favour.
    #[must_use]
    pub fn refund_of(self, paid: Cents) -> Cents {
        let hundredths = u64::from(paid.get()) * u64::from(self.percent());
        // At most half of `paid`, so it fits.
        Cents::new(u32::try_from((hundredths + 50) / 100).unwrap_or(u32::MAX))
    }
}

/// The monthly saving in hundredths of a dollar; negative where the lease is dearer than what was asked.
#[must_use]
pub fn monthly_saving(quote: &Quote, rent: Rent) -> i64 {
    quote.asking_rent.hundredths() - rent.hundredths()
}

/// What a lease has to say to be the one that the renter paid for.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// The renter's name, as their account has it.
    pub tenant: Option<String>,
    /// Street and number of the property, with the unit where one is known.
    pub address: String,
    /// Its city.
    pub city: String,
    /// Its state, two letters.
    pub state: String,
    /// Its ZIP, five digits.
    pub zip_code: String,
    /// The day on which the purchase was paid, where the property is: a lease signed before it was no saving of ours.
    pub paid_on: Date,
}

/// What the machine makes of a lease.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// This is the rent, and everything else fits.
    Verified(Rent),
    /// A person has to look: why, and the likeliest rent, if there is one.
    NeedsReview {
        /// Every reason, each once.
        reasons: Vec<Reason>,
        /// The rent that a person is shown first.
        likely: Option<Rent>,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rent(hundredths: u32) -> Rent {
        Rent::try_from(f64::from(hundredths) / 100.0).unwrap()
    }

    fn quote(asking: u32, predicted: u32) -> Quote {
        Quote {
            asking_rent: rent(asking),
            predicted_rent: rent(predicted),
        }
    }

    #[test]
    fn the_tiers_begin_where_the_rules_say() {
        let quote = quote(150_000, 140_000);
        for (lease, tier) in [
            (140_000, Tier::Gold),
            (140_001, Tier::Silver),
            (145_000, Tier::Silver),
            (145_001, Tier::Bronze),
            (149_900, Tier::Bronze),
            (149_901, Tier::None),
            (150_000, Tier::None),
            (160_000, Tier::None),
        ] {
            assert_eq!(Tier::of(&quote, rent(lease)), tier, "{lease}");
        }
    }

    #[test]
    fn a_rent_that_saves_nothing_and_is_the_predicted_one_earns_the_bonus() {
        assert_eq!(
            Tier::of(&quote(150_000, 150_000), rent(150_000)),
            Tier::AccuracyBonus
        );
        assert_eq!(
            Tier::of(&quote(150_000, 155_000), rent(155_000)),
            Tier::AccuracyBonus
        );
        assert_eq!(Tier::of(&quote(150_000, 140_000), rent(140_000)), Tier::Gold);
    }

    #[test]
    fn half_a_cent_goes_to_the_renter() {
        assert_eq!(Tier::Gold.refund_of(Cents::new(199)), Cents::new(100));
        assert_eq!(Tier::Silver.refund_of(Cents::new(4900)), Cents::new(1470));
        assert_eq!(Tier::None.refund_of(Cents::new(4900)), Cents::new(0));
    }

    proptest! {
        #[test]
        fn no_share_is_more_than_half_and_a_cent(paid: u32) {
            for tier in [Tier::Gold, Tier::Silver, Tier::Bronze, Tier::AccuracyBonus, Tier::None] {
                prop_assert!(u64::from(tier.refund_of(Cents::new(paid)).get()) * 2 <= u64::from(paid) + 1);
            }
        }

        #[test]
        fn a_lower_rent_never_earns_less(asking in 100u32..=1_000_000, a in 100u32..=1_000_000, b in 100u32..=1_000_000) {
            let (low, high) = (a.min(b), a.max(b));
            // The bonus is for a guess, not for a saving: it is left out of the order.
            let quote = quote(asking, 10_000_000);
            prop_assert!(Tier::of(&quote, rent(low)).percent() >= Tier::of(&quote, rent(high)).percent());
        }
    }
}
