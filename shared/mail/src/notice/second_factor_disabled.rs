//! Tells the owner of an account that signing in asks for no code any more.

use jiff::Timestamp;

use crate::letter::{Action, Letter, Letterhead, Notice, moment};

/// Signing in asks for the password alone.
#[derive(Clone, Copy, Debug)]
pub struct SecondFactorDisabled {
    /// Since when.
    pub disabled_at: Timestamp,
}

impl Notice for SecondFactorDisabled {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        Letter {
            subject: "Two-step sign-in is off".to_owned(),
            preheader: "Your password alone opens your account now.".to_owned(),
            heading: "Two-step sign-in is off".to_owned(),
            paragraphs: vec![
                "Signing in to your account at Apartment Locator AI asks for no code any more: the password alone \
                 opens it. The recovery codes you had are void."
                    .to_owned(),
            ],
            facts: vec![("Turned off", moment(self.disabled_at))],
            action: Some(Action {
                label: "This was not me",
                link: letterhead.page("/forgot-password"),
            }),
            notes: vec![format!(
                "If this was not you, somebody else has your password and a code of yours. Choose a new password at \
                 once with the link above, then turn two-step sign-in on again. If you cannot get back in, write \
                 to {}.",
                letterhead.help()
            )],
            reason: "You get this mail because it concerns the safety of your account.",
        }
    }
}
