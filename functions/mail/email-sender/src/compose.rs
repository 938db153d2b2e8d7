//! A mail that was queued becomes one that a mail server is handed.

use mail::Outgoing;
use mail::template::{Footer, Source};
use table::account::Account;
use table::email::{Email, Wording};
use table::unsubscribe::UnsubscribeToken;

use crate::Context;

/// A mail cannot be written, and could not be later.
#[derive(Debug)]
pub(crate) struct Unwritable;

/// The source of a mail.
pub(crate) fn source(
    context: &Context,
    email: &Email,
    account: &Account,
    wording: &Wording,
) -> Result<Vec<u8>, Unwritable> {
    let unsubscribe = unsubscribe_link(context, email);
    let sender = account.name.as_str();
    let footer = Footer {
        sender,
        postal: None,
        unsubscribe: Some(&unsubscribe),
    };
    let source = Source::parse(&wording.subject, &wording.body).map_err(|problems| {
        let faults = problems.iter().count();
        tracing::error!(email = %email.id, faults, "the text of a mail that was queued cannot be read");
        Unwritable
    })?;
    let rendered = source.render(&email.values, &footer).map_err(|error| {
        tracing::error!(email = %email.id, %error, "a mail that was queued cannot be written");
        Unwritable
    })?;
    let outgoing = Outgoing {
        sender,
        from: context.mailer.from(),
        to: &email.to,
        reply_to: &[account.email.as_str()],
        unsubscribe: &unsubscribe,
        rendered: &rendered,
        date: context.table.now(),
    };
    Ok(outgoing.source())
}

fn unsubscribe_link(context: &Context, email: &Email) -> String {
    let token = UnsubscribeToken::of(&context.links, email.sender, email.id);
    format!("{}/api/unsubscribe/{token}", context.api_url)
}
