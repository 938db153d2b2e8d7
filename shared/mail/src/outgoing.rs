//! A mail of a person's to another, as a mail server is handed it: headers, and the same said in text and in HTML (RFC 5322, RFC
//! 2046 §5.1.4).

use domain::EmailAddress;
use jiff::Timestamp;
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::url::URL;

use crate::template::Rendered;

/// A mail of a person's to another.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// What its sender is called.
    pub sender: &'a str,
    /// The address that it is sent from: one of ours, in the sender's name.
    pub from: &'a str,
    /// To whom.
    pub to: &'a EmailAddress,
    /// Where an answer goes: to the sender, and to whatever else takes note of it.
    pub reply_to: &'a [&'a str],
    /// The address at which its reader says that they want no more.
    pub unsubscribe: &'a str,
    /// What it says.
    pub rendered: &'a Rendered,
    /// When it is sent.
    pub date: Timestamp,
}

impl Outgoing<'_> {
    /// The source of the mail: lines of ASCII. SES adds what it signs, and an id of its own
    /// (<https://docs.aws.amazon.com/ses/latest/dg/send-email-raw.html>).
    #[must_use]
    pub fn source(&self) -> Vec<u8> {
        // The name that mail programs show says that it is not the sender's own address.
        let name = format!("{} via Apartment Locator AI", self.sender);
        let from = Address::new_address(Some(name), self.from.to_owned());
        let reply_to = self.reply_to.iter().map(|address| (*address).to_owned().into());
        let builder = MessageBuilder::new()
            .from(from)
            .to(self.to.as_str().to_owned())
            .reply_to(Address::new_list(reply_to.collect()))
            .subject(self.rendered.subject.as_str())
            .date(self.date.as_second())
            // One click, and no question asked (RFC 8058 §3.1).
            .header("List-Unsubscribe", URL::new(self.unsubscribe))
            .header("List-Unsubscribe-Post", Raw::new("List-Unsubscribe=One-Click"))
            // Keeps mailboxes of people who are away from answering (RFC 3834 §2): mail of this kind goes to many.
            .header("Precedence", Raw::new("bulk"))
            .text_body(self.rendered.text.as_str())
            .html_body(self.rendered.html.as_str());
        let mut source = Vec::new();
        builder.serialize(&mut source);
        source
    }
}

#[cfg(test)]
mod tests {
    use domain::template::{Token, Values};
    use mail_parser::MessageParser;
    use proptest::prelude::*;

    use super::*;
    use crate::template::{Footer, Source};

    const LINK: &str = "https://api.example.com/api/unsubscribe/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v";

    fn rendered(subject: &str, body: &str, tenant: &str) -> Rendered {
        let source = Source::parse(subject, body).unwrap();
        let values: Values = [(Token::TenantName, tenant.parse().unwrap())].into();
        let footer = Footer {
            sender: "Lena Lord",
            postal: None,
            unsubscribe: Some(LINK),
        };
        source.render(&values, &footer).unwrap()
    }

    fn source(sender: &str, rendered: &Rendered) -> Vec<u8> {
        Outgoing {
            sender,
            from: "mail@mail.example.com",
            to: &"tom@example.com".parse().unwrap(),
            reply_to: &["lena@example.com", "reply+email_1@reply.example.com"],
            unsubscribe: LINK,
            rendered,
            date: "2026-01-02T03:04:05Z".parse().unwrap(),
        }
        .source()
    }

    #[test]
    fn a_mail_says_the_same_in_text_and_html_and_how_to_get_no_more_of_it() {
        let rendered = rendered(
            "Your lease, {{tenant_name}}",
            "Dear **{{tenant_name}}**,\n\nžádost – 你好",
            "José & Søn",
        );
        let bytes = source("Lena Lord", &rendered);
        assert!(bytes.is_ascii());
        let mail = MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(mail.subject(), Some("Your lease, José & Søn"));
        let from = mail.from().unwrap().first().unwrap();
        assert_eq!(
            (from.name(), from.address()),
            (
                Some("Lena Lord via Apartment Locator AI"),
                Some("mail@mail.example.com")
            )
        );
        let answers: Vec<_> = mail
            .reply_to()
            .unwrap()
            .iter()
            .filter_map(|to| to.address())
            .collect();
        assert_eq!(answers, ["lena@example.com", "reply+email_1@reply.example.com"]);
        assert_eq!(
            mail.header_raw("List-Unsubscribe").unwrap().trim(),
            format!("<{LINK}>")
        );
        assert_eq!(
            mail.header_raw("List-Unsubscribe-Post").unwrap().trim(),
            "List-Unsubscribe=One-Click"
        );
        assert_eq!((mail.text_body_count(), mail.html_body_count()), (1, 1));
        assert_eq!(
            mail.body_text(0).unwrap().replace("\r\n", "\n").trim_end(),
            rendered.text.trim_end()
        );
        assert_eq!(
            mail.body_html(0).unwrap().replace("\r\n", "\n").trim_end(),
            rendered.html.trim_end()
        );
        assert_eq!(mail.date().unwrap().to_rfc3339(), "2026-01-02T03:04:05Z");
    }

    proptest! {
        #[test]
        fn no_name_and_no_subject_makes_a_header_of_its_own(
            sender in "\\PC{1,80}", tenant in "\\PC{0,200}", subject in "[^\\p{C}{}]{1,60}",
        ) {
            prop_assume!(Source::parse(&subject, "x").is_ok());
            let Ok(value) = tenant.parse::<domain::template::Value>() else { return Ok(()) };
            let rendered = rendered(&format!("{subject} {{{{tenant_name}}}}"), "Hello", value.as_str());
            let bytes = source(&sender, &rendered);
            let mail = MessageParser::default().parse(&bytes).unwrap();
            let mut names: Vec<_> = mail.headers_raw().map(|(name, _)| name.to_owned()).collect();
            names.sort();
            prop_assert_eq!(names, [
                "Content-Type", "Date", "From", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Message-ID",
                "Precedence", "Reply-To", "Subject", "To",
            ]);
            prop_assert_eq!(mail.to().unwrap().iter().count(), 1);
            let longest = bytes.split(|byte| *byte == b'\n').map(<[u8]>::len).max().unwrap();
            // With its end, a line has a thousand characters at most (RFC 5322 §2.1.1).
            prop_assert!(longest <= 999, "a line of {longest}");
        }
    }
}
