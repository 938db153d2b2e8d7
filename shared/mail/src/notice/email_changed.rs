//! Tells the old address of an account that it has a new one.

use domain::EmailAddress;
use jiff::Timestamp;

use crate::letter::{Letter, Letterhead, Notice, moment};

/// An account has another address than the one that the mail goes to.
#[derive(Clone, Copy, Debug)]
pub struct EmailChanged<'a> {
    /// The new address, of which only a hint is shown: the old mailbox may have another reader by now.
    pub new_address: &'a EmailAddress,
    /// When it changed.
    pub changed_at: Timestamp,
}

impl Notice for EmailChanged<'_> {
    fn letter(&self, letterhead: &Letterhead) -> Letter {
        Letter {
            subject: "Your mail address was changed".to_owned(),
            preheader: "Your account uses another address now.".to_owned(),
            heading: "Your mail address was changed".to_owned(),
            paragraphs: vec![
                "Your account at Apartment Locator AI uses another mail address now. You sign in with that one, and \
                 we write to this one no more."
                    .to_owned(),
            ],
            facts: vec![
                ("New address", hint(self.new_address)),
                ("Changed on", moment(self.changed_at)),
            ],
            action: None,
            notes: vec![format!(
                "If this was not you, somebody else has your password. Write to {} at once, from this address: we \
                 close the account to them and give it back to you.",
                letterhead.help()
            )],
            reason: "You get this mail because this was the address of your account.",
        }
    }
}

/// The address as its owner recognises it and nobody else can write to it: `a…@example.com`.
fn hint(address: &EmailAddress) -> String {
    let (local, domain) = address.as_str().split_once('@').unwrap_or((address.as_str(), ""));
    let first: String = local.chars().take(1).collect();
    format!("{first}…@{domain}")
}
