//! The page of one mail: how it looks on a phone and on a desktop, its text, its source, and buttons for what may become of it.

use super::page::{fill, moment, row};
use crate::html::escape;
use crate::ses::Message;

/// The page, with a `{{name}}` where each part goes.
const PAGE: &str = include_str!("mail.html");
/// The widths of the screens that a mail is shown on, in pixels.
const SCREENS: [(&str, u16); 2] = [("Phone", 360), ("Desktop", 800)];
/// What can become of a mail without more being said.
const OUTCOMES: [(&str, &str); 7] = [
    ("delivery", "Deliver"),
    ("delay", "Delay"),
    ("bounce", "Bounce"),
    ("softBounce", "Bounce softly"),
    ("reject", "Reject"),
    ("complaint", "Complain"),
    ("open", "Open"),
];

/// The page of a mail.
pub(super) fn render(message: &Message) -> String {
    fill(
        PAGE,
        &[
            ("{{id}}", escape(&message.id)),
            ("{{subject}}", escape(&message.subject)),
            ("{{facts}}", facts(message)),
            ("{{buttons}}", buttons(message)),
            ("{{outcomes}}", outcomes(message)),
            ("{{screens}}", screens(message)),
            (
                "{{text}}",
                escape(message.text.as_deref().unwrap_or("There is none.")),
            ),
            ("{{source}}", escape(&message.source())),
        ],
    )
}

fn facts(message: &Message) -> String {
    let own = [
        ("From", message.from.clone()),
        ("To", message.to.join(", ")),
        ("Copy to", message.cc.join(", ")),
        ("Blind copy to", message.bcc.join(", ")),
        ("Sent", moment(message.sent_at)),
        (
            "Configuration set",
            message.configuration_set.clone().unwrap_or_default(),
        ),
    ];
    let tags = message
        .tags
        .iter()
        .map(|(name, value)| (format!("Tag {name}"), value.clone()));
    let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
    let headers = message
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()));
    own.chain(headers)
        .chain(tags)
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("<tr><th>{}<td>{}</tr>", escape(&name), escape(&value)))
        .collect()
}

fn buttons(message: &Message) -> String {
    let path = format!("/_local/outbox/{}", escape(&message.id));
    let mut buttons: String = OUTCOMES
        .iter()
        .map(|(outcome, label)| {
            format!(
                "<form method=post action=\"{path}\"><input type=hidden name=outcome value={outcome}>\
                 <button>{label}</button></form>"
            )
        })
        .collect();
    let links: String = links(message)
        .iter()
        .map(|link| format!("<option>{}</option>", escape(link)))
        .collect();
    if !links.is_empty() {
        buttons.push_str(&format!(
            "<form method=post action=\"{path}\" class=happen><input type=hidden name=outcome value=click>\
             <select name=link aria-label=\"Link\">{links}</select><button>Click</button></form>"
        ));
    }
    buttons
}

/// The addresses that a mail leads to, each once.
fn links(message: &Message) -> Vec<String> {
    let html = message.html.as_deref().unwrap_or_default();
    let mut links = Vec::new();
    for rest in html.split("href=\"").skip(1) {
        let link = rest.split('"').next().unwrap_or_default();
        // As a browser reads an attribute, as far as our own mails write them.
        let link = link.replace("&#38;", "&").replace("&amp;", "&");
        if link.starts_with("http") && !links.contains(&link) {
            links.push(link);
        }
    }
    links
}

fn outcomes(message: &Message) -> String {
    let outcome = |recorded: &crate::ses::Recorded| {
        let what = serde_json::to_value(&recorded.outcome).unwrap_or_default();
        let text = |name: &str| what[name].as_str().unwrap_or_default().to_owned();
        row(&[
            moment(recorded.at),
            escape(&text("outcome")),
            escape(&text("link")),
        ])
    };
    message.outcomes.iter().map(outcome).collect()
}

fn screens(message: &Message) -> String {
    if message.html.is_none() {
        return "<p>There is none.</p>".to_owned();
    }
    let id = escape(&message.id);
    SCREENS
        .iter()
        .map(|(name, width)| {
            format!(
                "<figure><figcaption>{name}, {width} pixels</figcaption>\
                 <iframe src=\"/_local/outbox/{id}/html\" width={width} title=\"{name}\"></iframe></figure>"
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message() -> Message {
        let message = json!({
            "id": "0100-1", "to": ["tom@example.com"], "from": "Lena <lena@example.com>", "subject": "<b>{{text}}</b>",
            "html": "<script>alert(1)</script><a href=\"https://example.com/?a=1&#38;b=2\">x</a>\
                     <a href=\"https://example.com/?a=1&#38;b=2\">y</a><a href=\"mailto:a@b.c\">z</a>",
            "text": "<i>plain</i>", "headers": { "List-Unsubscribe": "<https://example.com/u>" },
            "configurationSet": null, "tags": {}, "sentAt": "2026-01-02T03:04:05Z",
            "outcomes": [{ "outcome": "click", "link": "https://example.com/<", "at": "2026-01-02T03:04:06Z" }],
        });
        serde_json::from_value(message).unwrap()
    }

    #[test]
    fn nothing_of_a_mail_is_markup_of_the_page_nor_a_part_of_it() {
        let page = render(&message());
        for markup in ["<script", "<b>", "<i>plain", "<https"] {
            assert!(!page.contains(markup), "{markup}: {page}");
        }
        // The subject names a part of the page, which is not put there.
        assert!(page.contains("&lt;b&gt;{{text}}&lt;/b&gt;"), "{page}");
    }

    #[test]
    fn a_mail_is_shown_at_both_widths_with_its_text_and_its_source() {
        let page = render(&message());
        for shown in [
            "width=360",
            "width=800",
            "&lt;i&gt;plain&lt;/i&gt;",
            "MIME-Version: 1.0",
            "List-Unsubscribe",
            "value=delivery",
            "value=bounce",
            "value=complaint",
            "value=open",
            "value=click",
        ] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        assert_eq!(links(&message()), ["https://example.com/?a=1&b=2"]);
    }
}
