//! Asks whoever reads mail at a new address whether an account may move there.

use crate::letter::{Action, Letter, Letterhead, Notice, OneTimeLink};

/// The link that moves an account to the address the mail goes to.
#[derive(Clone, Copy, Debug)]
pub struct EmailChange<'a>(pub OneTimeLink<'a>);

impl Notice for EmailChange<'_> {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        let Self(link) = self;
        Letter {
            subject: "Confirm your new mail address".to_owned(),
            preheader: format!("One click, within {}, and your account uses this address.", link.lasting()),
            heading: "Confirm your new mail address".to_owned(),
            paragraphs: vec![
                "Somebody, probably you, wants to use this address for their account at Apartment Locator AI. It \
                 changes when you open the link, and not before."
                    .to_owned(),
            ],
            facts: vec![],
            action: Some(Action {
                label: "Use this address",
                link: letterhead.page_with("/confirm-email-change", link),
            }),
            notes: vec![
                link.terms(),
                "If this was not you, do nothing: the account keeps the address it has.".to_owned(),
            ],
            reason: "You get this mail because your address was given as an account's new one.",
        }
    }
}
