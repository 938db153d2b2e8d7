//! The source of a message: what a mail server would be handed. SES makes it of what `SendEmail` was given, and does not show it;
//! here it is made as the standards say, without the headers that SES signs and adds.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Message;

/// The longest line of a body in quoted-printable (RFC 2045 §6.7), without the `=` that ends it softly.
const LINE: usize = 75;
/// The longest line of a header that can be folded (RFC 2047 §2).
const HEADER_LINE: usize = 76;
/// Headers that are written of the message itself.
const OWN: [&str; 9] = [
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
];

/// The source of a message.
pub(super) fn of(message: &Message) -> String {
    // No body has it: in quoted-printable, `=` stands before two digits or at the end of a line.
    let boundary = format!("=_{}", message.id);
    let mut headers = vec![
        ("From", message.from.clone()),
        ("To", message.to.join(", ")),
        ("Cc", message.cc.join(", ")),
        ("Subject", encoded("Subject", &message.subject)),
        (
            "Date",
            message
                .sent_at
                .strftime("%a, %d %b %Y %H:%M:%S +0000")
                .to_string(),
        ),
        ("Message-ID", format!("<{}@email.amazonses.com>", message.id)),
    ];
    headers.extend(
        message
            .headers
            .iter()
            .filter(|(name, _)| !OWN.contains(&name.to_ascii_lowercase().as_str()))
            .map(|(name, value)| (name.as_str(), value.clone())),
    );
    headers.push(("MIME-Version", "1.0".to_owned()));
    let parts: Vec<_> = [("plain", &message.text), ("html", &message.html)]
        .into_iter()
        .filter_map(|(kind, body)| Some((kind, body.as_deref()?)))
        .collect();
    let part = |(kind, body): &(&str, &str)| {
        format!(
            "Content-Type: text/{kind}; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}\r\n",
            quoted_printable(body)
        )
    };
    let headers: String = headers
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    if let [only] = parts.as_slice() {
        return format!("{headers}{}", part(only));
    }
    let parts: String = parts
        .iter()
        .map(|known| format!("--{boundary}\r\n{}", part(known)))
        .collect();
    format!(
        "{headers}Content-Type: multipart/alternative; boundary=\"{boundary}\"\r\n\r\n{parts}--{boundary}--\r\n"
    )
}

/// The text of a header of this name: in lines that begin with a space each but for the first; in encoded words where it is not ASCII.
fn encoded(name: &str, text: &str) -> String {
    let first = name.len() + ": ".len();
    if text.is_ascii() {
        return folded(first, text);
    }
    let room = (HEADER_LINE - first - "=?UTF-8?B??=".len()) / 4 * 3;
    let mut words: Vec<String> = Vec::new();
    for letter in text.chars() {
        match words.last_mut() {
            Some(word) if word.len() + letter.len_utf8() <= room => word.push(letter),
            _ => words.push(letter.to_string()),
        }
    }
    let words: Vec<_> = words
        .iter()
        .map(|word| format!("=?UTF-8?B?{}?=", STANDARD.encode(word)))
        .collect();
    words.join("\r\n ")
}

/// Text in lines, the first of which has so many characters before it.
fn folded(before: usize, text: &str) -> String {
    let mut lines = String::new();
    let mut length = before;
    for (index, word) in text.split(' ').enumerate() {
        let begins = index > 0 && !word.is_empty() && length + 1 + word.len() > HEADER_LINE;
        if begins {
            lines.push_str("\r\n ");
            length = 1;
        } else if index > 0 {
            lines.push(' ');
            length += 1;
        }
        lines.push_str(word);
        length += word.len();
    }
    lines
}

/// Text in quoted-printable (RFC 2045 §6.7): lines of at most 76 characters, all of them ASCII.
fn quoted_printable(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let lines = text.split('\n').map(|line| {
        let mut encoded = String::new();
        let mut length = 0;
        for (index, byte) in line.bytes().enumerate() {
            let last = index + 1 == line.len();
            let plain = match byte {
                b'=' => false,
                // Space at the end of a line is lost on the way.
                b' ' | b'\t' => !last,
                _ => byte.is_ascii_graphic(),
            };
            let width = if plain { 1 } else { 3 };
            if length + width > LINE {
                encoded.push_str("=\r\n");
                length = 0;
            }
            length += width;
            if plain {
                encoded.push(byte.into());
            } else {
                encoded.push_str(&format!("={byte:02X}"));
            }
        }
        encoded
    });
    lines.collect::<Vec<_>>().join("\r\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Write;
    use std::process::{Command, Stdio};

    use domain::template::samples;
    use mail::ready::READY_MADE;
    use mail::template::Footer;
    use mail_parser::{HeaderValue, MessageParser};
    use serde_json::{Value, json};

    use super::*;

    const UNSUBSCRIBE: &str = "https://api.example.com/api/unsubscribe/alaiu_0123456789abcdef";

    fn message(subject: &str, text: &str, html: &str) -> Message {
        let headers = [
            ("List-Unsubscribe", format!("<{UNSUBSCRIBE}>")),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
            ("Reply-To", "answers@example.com".to_owned()),
        ];
        Message {
            id: "0100000000000001-1".to_owned(),
            to: vec!["tom@example.com".to_owned()],
            cc: Vec::new(),
            bcc: vec!["hidden@example.com".to_owned()],
            from: "Lena Lord <mail@mail.example.com>".to_owned(),
            subject: subject.to_owned(),
            html: Some(html.to_owned()),
            text: Some(text.to_owned()),
            raw: None,
            headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
            configuration_set: None,
            tags: BTreeMap::new(),
            sent_at: "2026-01-02T03:04:05Z".parse().unwrap(),
            outcomes: Vec::new(),
        }
    }

    /// The ready-made templates as mails, and one of everything that is hard.
    fn messages() -> Vec<Message> {
        let footer = Footer {
            sender: "Rivera Property Management",
            postal: Some("12 Elm St, Atlanta, GA 30303"),
            unsubscribe: Some(UNSUBSCRIBE),
        };
        let mut messages: Vec<_> = READY_MADE
            .iter()
            .map(|ready| {
                let mail = ready.source().unwrap().render(&samples(), &footer).unwrap();
                message(&mail.subject, &mail.text, &mail.html)
            })
            .collect();
        let hard =
            "Zoë’s Haus – \u{1F3E0}\u{1F511} = 1,450 €\n.\nFrom here\n --=_ \n  two  spaces \t\n\n=3D=\n";
        let long = "é".repeat(400);
        messages.push(message(
            &format!("Zoë’s Haus \u{1F3E0} {}", "ü".repeat(60)),
            &format!("{hard}{long}"),
            hard,
        ));
        messages
    }

    /// Line ends as they travel.
    fn spelled(text: &str) -> String {
        text.replace("\r\n", "\n").trim_end_matches('\n').to_owned()
    }

    #[test]
    fn a_source_reads_back_as_what_was_sent() {
        for sent in messages() {
            let source = of(&sent);
            let read = MessageParser::default().parse(&source).unwrap();
            assert_eq!(read.subject(), Some(sent.subject.as_str()));
            assert_eq!(
                spelled(&read.body_text(0).unwrap()),
                spelled(sent.text.as_deref().unwrap())
            );
            assert_eq!(
                spelled(&read.body_html(0).unwrap()),
                spelled(sent.html.as_deref().unwrap())
            );
            assert_eq!((read.text_body_count(), read.html_body_count()), (1, 1));
            let unsubscribe = read.header_raw("List-Unsubscribe").unwrap().trim();
            assert_eq!(unsubscribe, format!("<{UNSUBSCRIBE}>"));
            let one_click = read.header_raw("List-Unsubscribe-Post").unwrap().trim();
            assert_eq!(one_click, "List-Unsubscribe=One-Click");
            assert!(matches!(read.header("Reply-To"), Some(HeaderValue::Address(_))));
            assert_eq!(read.date().unwrap().to_rfc3339(), "2026-01-02T03:04:05Z");
        }
    }

    #[test]
    fn a_source_is_ascii_in_short_lines_and_does_not_show_who_is_in_blind_copy() {
        for sent in messages() {
            let source = of(&sent);
            assert!(source.is_ascii());
            for line in source.split("\r\n") {
                assert!(line.len() <= 76 || line.starts_with("List-Unsubscribe"), "{line}");
                assert!(!line.contains('\n'), "{line:?}");
            }
            assert!(!source.contains("hidden@"));
        }
    }

    /// A second reader, which shares nothing with the first.
    #[test]
    #[ignore = "needs python3: apt-get install python3"]
    fn python_reads_a_source_as_what_was_sent_and_finds_no_defect() {
        const READER: &str = r#"
import email, email.policy, json, sys
read = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
part = lambda kind: read.get_body(preferencelist=(kind,))
json.dump({
    "subject": read["subject"], "from": read["from"], "to": read["to"], "replyTo": read["reply-to"],
    "unsubscribe": read["list-unsubscribe"], "oneClick": read["list-unsubscribe-post"],
    "text": part("plain").get_content(), "html": part("html").get_content(), "type": read.get_content_type(),
    "parts": [each.get_content_type() for each in read.iter_parts()],
    "defects": [str(defect) for each in read.walk() for defect in each.defects]
        + [str(defect) for _, value in read.items() for defect in value.defects],
}, sys.stdout)
"#;
        for sent in messages() {
            let mut python = Command::new("python3")
                .args(["-c", READER])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            python
                .stdin
                .take()
                .unwrap()
                .write_all(of(&sent).as_bytes())
                .unwrap();
            let output = python.wait_with_output().unwrap();
            let mut read: Value = serde_json::from_slice(&output.stdout).unwrap();
            for (part, sent) in [("text", &sent.text), ("html", &sent.html)] {
                let body = read[part].take();
                assert_eq!(
                    spelled(body.as_str().unwrap()),
                    spelled(sent.as_deref().unwrap()),
                    "{part}"
                );
            }
            let expected = json!({
                "subject": sent.subject, "from": sent.from, "to": "tom@example.com", "replyTo": "answers@example.com",
                "unsubscribe": format!("<{UNSUBSCRIBE}>"), "oneClick": "List-Unsubscribe=One-Click",
                "text": null, "html": null, "type": "multipart/alternative", "parts": ["text/plain", "text/html"],
                "defects": [],
            });
            assert_eq!(read, expected);
        }
    }

    #[test]
    fn a_message_of_one_part_has_no_parts() {
        let sent = Message {
            html: None,
            ..message("S", "b", "")
        };
        let source = of(&sent);
        assert!(!source.contains("multipart"), "{source}");
        let read = MessageParser::default().parse(&source).unwrap();
        assert_eq!(read.body_text(0).unwrap().trim_end(), "b");
    }
}
