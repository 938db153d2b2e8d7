//! Tells the owner of an account that Google opens it too.

use jiff::Timestamp;

use crate::letter::{Action, Letter, Letterhead, Notice, moment};

/// An account can be opened by signing in with Google.
#[derive(Clone, Copy, Debug)]
pub struct GoogleLinked {
    /// Since when.
    pub linked_at: Timestamp,
}

impl Notice for GoogleLinked {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        Letter {
            subject: "You can sign in with Google now".to_owned(),
            preheader: "Your Google account opens your account with us.".to_owned(),
            heading: "You can sign in with Google now".to_owned(),
            paragraphs: vec![
                "Somebody, probably you, signed in to Apartment Locator AI with the Google account that has this \
                 address. From now on it opens your account with us."
                    .to_owned(),
            ],
            facts: vec![("Linked on", moment(self.linked_at))],
            action: Some(Action {
                label: "This was not me",
                link: letterhead.page("/forgot-password"),
            }),
            notes: vec![format!(
                "If this was not you, somebody else can use your Google account. Secure that one first, at \
                 https://myaccount.google.com/security. Then choose a new password here with the link above, which \
                 ends every session, and write to {}.",
                letterhead.help()
            )],
            reason: "You get this mail because it concerns the safety of your account.",
        }
    }
}
