//! Asks whoever reads mail at an address to confirm that it is theirs.

use crate::letter::{Action, Letter, Letterhead, Notice, OneTimeLink};

/// The link that confirms the address of an account.
#[derive(Clone, Copy, Debug)]
pub struct EmailConfirmation<'a>(pub OneTimeLink<'a>);

impl Notice for EmailConfirmation<'_> {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        let Self(link) = self;
        Letter {
            subject: "Confirm your mail address".to_owned(),
            preheader: format!("One click, within {}.", link.lasting()),
            heading: "Confirm your mail address".to_owned(),
            paragraphs: vec![
                "An account at Apartment Locator AI was opened with this address. Please confirm that it is yours, so \
                 that receipts and results reach you and you can get back in if you forget your password."
                    .to_owned(),
            ],
            facts: vec![],
            action: Some(Action {
                label: "Confirm this address",
                link: letterhead.page_with("/confirm-email", link),
            }),
            notes: vec![
                link.terms(),
                "If this was not you, do nothing: without your click the address stays unconfirmed.".to_owned(),
            ],
            reason: "You get this mail because your address was given for a new account.",
        }
    }
}
