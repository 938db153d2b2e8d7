//! Tells the owner of an account that signing in asks for a code now.

use jiff::Timestamp;

use crate::letter::{Action, Letter, Letterhead, Notice, moment};

/// Signing in asks for a second factor.
#[derive(Clone, Copy, Debug)]
pub struct SecondFactorEnabled {
    /// Since when.
    pub enabled_at: Timestamp,
}

impl Notice for SecondFactorEnabled {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        Letter {
            subject: "Two-step sign-in is on".to_owned(),
            preheader: "From now on, signing in asks for a code as well.".to_owned(),
            heading: "Two-step sign-in is on".to_owned(),
            paragraphs: vec![
                "From now on, signing in to your account at Apartment Locator AI asks for a code from your \
                 authenticator app as well as for your password."
                    .to_owned(),
                "Keep your recovery codes where you find them without your phone: each lets you in once if you lose \
                 it."
                    .to_owned(),
            ],
            facts: vec![("Turned on", moment(self.enabled_at))],
            action: Some(Action {
                label: "This was not me",
                link: letterhead.page("/forgot-password"),
            }),
            notes: vec![format!(
                "If this was not you, somebody else has your password. Choose a new one at once with the link \
                 above, and write to {}: we turn the codes off for you.",
                letterhead.help()
            )],
            reason: "You get this mail because it concerns the safety of your account.",
        }
    }
}
