//! Tells a renter that their lease was read, and that nothing comes back for it.

use domain::PersonName;

use crate::letter::{Action, Letter, Letterhead, Notice};

/// A lease is verified, and saves nothing.
#[derive(Clone, Copy, Debug)]
pub struct LeaseWithoutSaving<'a> {
    /// The renter's name.
    pub name: &'a PersonName,
    /// The rent in the lease, in dollars.
    pub rent: f64,
    /// The rent that was asked, in dollars.
    pub asking_rent: f64,
}

impl Notice for LeaseWithoutSaving<'_> {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        Letter {
            subject: "Your lease is verified".to_owned(),
            preheader: "It saves nothing against the rent that was asked, so nothing comes back.".to_owned(),
            heading: format!("Your lease is verified, {}.", self.name.as_str()),
            paragraphs: vec![
                "A part of what you paid comes back if your rent is below the one that was asked when you unlocked the \
                 property. Yours is not, so nothing comes back. What you paid for stays open."
                    .to_owned(),
            ],
            facts: vec![
                ("Rent in your lease", format!("${:.2} a month", self.rent)),
                ("Rent that was asked", format!("${:.2} a month", self.asking_rent)),
            ],
            action: Some(Action {
                label: "See what was found",
                link: letterhead.page("/verify-lease"),
            }),
            notes: vec![format!("If the rent is wrong, write to {}.", letterhead.help())],
            reason: "You get this mail because a lease was sent from your account.",
        }
    }
}
