//! Tells a person that the copy of their data can be fetched.

use jiff::Timestamp;

use crate::letter::{Action, Letter, Letterhead, Notice, moment};

/// A copy of what is kept about a person is ready.
#[derive(Clone, Copy, Debug)]
pub struct DataExportReady {
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Until when it can be fetched.
    pub expires_at: Timestamp,
}

impl Notice for DataExportReady {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        Letter {
            subject: "Your data is ready".to_owned(),
            preheader: "Sign in to fetch the copy you asked for.".to_owned(),
            heading: "Your data is ready".to_owned(),
            paragraphs: vec![
                "The copy of your data at Apartment Locator AI that you asked for is ready. It is not in this mail: \
                 you fetch it on the page of your account, where only you can."
                    .to_owned(),
            ],
            facts: vec![
                ("Asked for", moment(self.requested_at)),
                ("There until", moment(self.expires_at)),
            ],
            action: Some(Action {
                label: "Open your account",
                link: letterhead.page("/profile"),
            }),
            notes: vec![format!(
                "If this was not you, somebody else is signed in as you. Choose a new password, which ends every \
                 session, and write to {}.",
                letterhead.help()
            )],
            reason: "You get this mail because a copy of your data was asked for.",
        }
    }
}
