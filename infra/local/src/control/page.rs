//! The page `/_local/`: plain HTML with forms, no scripts.

use std::fmt::Write;

use jiff::Timestamp;

use super::Control;
use crate::html::escape;

/// The page, with a `{{name}}` where each part goes.
const PAGE: &str = include_str!("page.html");

/// The newest entries of each list that the page shows; the JSON has all.
const SHOWN: usize = 50;

/// The page as it looks now.
pub(super) fn render(control: &Control) -> String {
    let parts = [
        ("{{now}}", moment(control.clock.now())),
        ("{{ahead}}", ahead(control.clock.offset_ms())),
        ("{{addresses}}", addresses(control)),
        ("{{outbox}}", outbox(control)),
        ("{{dead-letters}}", dead_letters(control)),
        ("{{jobs}}", jobs(control)),
        ("{{costs}}", costs(control)),
        ("{{denied}}", denied(control)),
    ];
    fill(PAGE, &parts)
}

/// A page with its parts, each where its name stands. In one pass, so that nothing in a mail is taken for a part of the page.
pub(super) fn fill(page: &str, parts: &[(&str, String)]) -> String {
    let mut filled = String::with_capacity(page.len());
    let mut rest = page;
    while let Some(start) = rest.find("{{") {
        filled.push_str(&rest[..start]);
        rest = &rest[start..];
        match parts.iter().find(|(name, _)| rest.starts_with(name)) {
            Some((name, part)) => {
                filled.push_str(part);
                rest = &rest[name.len()..];
            }
            None => {
                filled.push_str("{{");
                rest = &rest[2..];
            }
        }
    }
    filled.push_str(rest);
    filled
}

pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%-d %b %Y, %H:%M:%S UTC").to_string()
}

fn ahead(offset_ms: i64) -> String {
    match offset_ms {
        0 => "the same as the machine's".to_owned(),
        ms => {
            let hours = ms / 3_600_000;
            format!("{} days {} hours ahead of the machine's", hours / 24, hours % 24)
        }
    }
}

/// The rows of a table, or what is said when there are none.
fn rows(rows: impl Iterator<Item = String>, columns: usize, none: &str) -> String {
    let rows: String = rows.collect();
    if rows.is_empty() {
        format!("<tr><td colspan={columns} class=none>{none}</td></tr>")
    } else {
        rows
    }
}

pub(super) fn row(cells: &[String]) -> String {
    let mut row = String::from("<tr>");
    for cell in cells {
        // Writing to a text cannot fail.
        let _ = write!(row, "<td>{cell}</td>");
    }
    row + "</tr>"
}

fn addresses(control: &Control) -> String {
    let addresses = &control.addresses;
    let mut all = vec![
        ("API", addresses.api_url()),
        ("DynamoDB", format!("http://{}", addresses.dynamodb)),
        ("S3", format!("http://{}", addresses.s3)),
        ("SES", format!("http://{}", addresses.ses)),
        ("EventBridge", format!("http://{}", addresses.eventbridge)),
        ("Textract", format!("http://{}", addresses.textract)),
        ("Google", format!("http://{}", addresses.google)),
        ("RentCast", format!("http://{}", addresses.rentcast)),
    ];
    if let Some(stripe) = addresses.stripe {
        all.push(("Stripe", format!("http://{stripe}")));
    }
    all.iter()
        .map(|(name, url)| row(&[(*name).to_owned(), format!("<code>{url}</code>")]))
        .collect()
}

fn outbox(control: &Control) -> String {
    let messages = control.ses.messages();
    let message = messages.iter().rev().take(SHOWN).map(|message| {
        let link = format!(
            "<a href=\"/_local/outbox/{}\" target=_blank>{}</a>",
            escape(&message.id),
            escape(&message.subject)
        );
        row(&[moment(message.sent_at), escape(&message.to.join(", ")), link])
    });
    rows(message, 3, "No mail yet.")
}

fn dead_letters(control: &Control) -> String {
    let letters = control.dead_letters();
    let letter = letters.iter().rev().take(SHOWN).map(|letter| {
        let body = serde_json::to_string_pretty(&letter.body).unwrap_or_default();
        let error = escape(letter.error.as_deref().unwrap_or("not known"));
        let details = format!(
            "<details><summary>{error}</summary><pre>{}</pre></details>",
            escape(&body)
        );
        row(&[moment(letter.sent_at), escape(&letter.queue), details])
    });
    rows(letter, 3, "Nothing was given up.")
}

fn jobs(control: &Control) -> String {
    let job = |id: &str| {
        let id = escape(id);
        format!(
            "<form method=post action=\"/_local/invoke/{id}\"><details><summary>{id}</summary>\
             <label>Event <textarea name=event rows=6>{{}}</textarea></label>\
             <button>Invoke</button></details></form>"
        )
    };
    control.lambda.ids().map(job).collect()
}

fn costs(control: &Control) -> String {
    let totals = control.ledger.totals();
    let total = totals.iter().map(|(name, total)| {
        let highest = &total.highest;
        row(&[
            format!("<code>{}</code>", escape(name)),
            total.invocations.to_string(),
            highest.calls.to_string(),
            highest.rcu.to_string(),
            highest.wcu.to_string(),
        ])
    });
    rows(total, 5, "Nothing ran yet.")
}

fn denied(control: &Control) -> String {
    let denied = control.authority.denied();
    let right = denied.iter().map(|right| {
        row(&[
            escape(&right.function),
            format!("<code>{}</code>", escape(&right.action)),
            escape(&right.resource),
        ])
    });
    rows(right, 3, "No call was refused.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_is_escaped() {
        assert_eq!(escape("<b a='\"'>&"), "&lt;b a=&#39;&quot;&#39;&gt;&amp;");
    }

    #[test]
    fn every_part_has_its_place_on_the_page() {
        for part in [
            "now",
            "ahead",
            "addresses",
            "outbox",
            "dead-letters",
            "jobs",
            "costs",
            "denied",
        ] {
            assert_eq!(PAGE.matches(&format!("{{{{{part}}}}}")).count(), 1, "{part}");
        }
    }
}
