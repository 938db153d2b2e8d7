//! Tells the owner of an account that its password was changed.

use jiff::Timestamp;

use crate::letter::{Action, Letter, Letterhead, Notice, moment};

/// An account has a new password.
#[derive(Clone, Copy, Debug)]
pub struct PasswordChanged {
    /// When it was changed.
    pub changed_at: Timestamp,
}

impl Notice for PasswordChanged {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        Letter {
            subject: "Your password was changed".to_owned(),
            preheader: "If this was not you, choose a new one now.".to_owned(),
            heading: "Your password was changed".to_owned(),
            paragraphs: vec![
                "The password of your account at Apartment Locator AI is a new one, and the sessions that were open \
                 before have ended. If this was you, all is well."
                    .to_owned(),
            ],
            facts: vec![("Changed on", moment(self.changed_at))],
            action: Some(Action {
                label: "This was not me",
                link: letterhead.page("/forgot-password"),
            }),
            notes: vec![format!(
                "If this was not you, choose a new password at once with the link above: that shuts out whoever \
                 changed it. If you use one password in several places, change it there too. If you cannot get back \
                 in, write to {}.",
                letterhead.help()
            )],
            reason: "You get this mail because it concerns the safety of your account.",
        }
    }
}
