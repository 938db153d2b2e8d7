//! Lets somebody who forgot their password choose a new one.

use crate::letter::{Action, Letter, Letterhead, Notice, OneTimeLink};

/// The link with which a new password is chosen.
#[derive(Clone, Copy, Debug)]
pub struct PasswordReset<'a>(pub OneTimeLink<'a>);

impl Notice for PasswordReset<'_> {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        let Self(link) = self;
        Letter {
            subject: "Choose a new password".to_owned(),
            preheader: format!("The link works once, for {}.", link.lasting()),
            heading: "Choose a new password".to_owned(),
            paragraphs: vec![
                "Somebody, probably you, asked to choose a new password for your account at Apartment Locator AI."
                    .to_owned(),
            ],
            facts: vec![],
            action: Some(Action {
                label: "Choose a new password",
                link: letterhead.page_with("/reset-password", link),
            }),
            notes: vec![
                format!(
                    "{} A new password ends the session on every device.",
                    link.terms()
                ),
                "If this was not you, do nothing: your password stays as it is. Give the link to nobody; we never ask \
                 for it."
                    .to_owned(),
            ],
            reason: "You get this mail because a new password was asked for with your address.",
        }
    }
}
