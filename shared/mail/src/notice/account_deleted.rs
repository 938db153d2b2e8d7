//! Tells the owner of an account that it is gone.

use jiff::Timestamp;

use crate::letter::{Letter, Letterhead, Notice, moment};

/// An account is deleted.
#[derive(Clone, Copy, Debug)]
pub struct AccountDeleted {
    /// When it was deleted.
    pub deleted_at: Timestamp,
}

impl Notice for AccountDeleted {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        Letter {
            subject: "Your account is deleted".to_owned(),
            preheader: "This is the last mail that you get from us about it.".to_owned(),
            heading: "Your account is deleted".to_owned(),
            paragraphs: vec![
                "Your account at Apartment Locator AI and what you kept in it are deleted. What the law obliges us \
                 to keep about payments is kept for as long as it does, and used for nothing else."
                    .to_owned(),
                "This is the last mail that you get from us about it.".to_owned(),
            ],
            facts: vec![("Deleted on", moment(self.deleted_at))],
            action: None,
            notes: vec![format!(
                "If this was not you, write to {} at once, from this address.",
                letterhead.help()
            )],
            reason: "You get this mail because this was the address of the account.",
        }
    }
}
