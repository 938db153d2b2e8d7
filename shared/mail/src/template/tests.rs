//! What holds for every template: what is refused and how, and that nothing but a value ever takes a token's place.

use std::fs;
use std::path::Path;

use domain::template::{Token, Values, samples};
use proptest::prelude::*;

use super::*;
use crate::ready::READY_MADE;

const FOOTER: Footer<'static> = Footer {
    sender: "Rivera Property Management",
    postal: Some("12 Elm St, Atlanta, GA 30303"),
    unsubscribe: Some("https://app.example.com/unsubscribe/abc"),
};

fn values(pairs: &[(Token, &str)]) -> Values {
    pairs
        .iter()
        .map(|(token, value)| (*token, value.parse().unwrap()))
        .collect()
}

fn rendered(subject: &str, body: &str, values: &Values) -> Rendered {
    let source = Source::parse(subject, body).unwrap_or_else(|problems| panic!("{problems}"));
    source.render(values, &FOOTER).unwrap()
}

fn refused(subject: &str, body: &str) -> String {
    Source::parse(subject, body).unwrap_err().to_string()
}

/// What a reader sees of the body in HTML: a line for each line, without the footer and the name above. This reader knows
/// nothing of how the HTML is made but where the card with the text is.
fn seen(html: &str) -> String {
    let card = &html[html.find("class=\"card\"").unwrap()..];
    let below = card.find("class=\"quiet\"").unwrap();
    let begin = card.find('>').unwrap() + 1;
    // The tag that has the class is not part of it any more.
    let mut rest = &card[begin..card[..below].rfind('<').unwrap()];
    let mut text = String::new();
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = if rest.starts_with("<!--") { "-->" } else { ">" };
        let (tag, behind) = rest.split_at(rest.find(end).unwrap() + end.len());
        if ["</div>", "<br />", "</li>", "</td>"].contains(&tag) {
            text.push('\n');
        }
        rest = behind;
    }
    unescaped(&text)
}

fn unescaped(text: &str) -> String {
    text.replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#39;", "'")
        .replace("&#34;", "\"")
        .replace("&#38;", "&")
}

/// The lines that have something in them, without the space around it.
fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.trim().to_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

/// The text of a mail without its footer.
fn body(text: &str) -> &str {
    text.split_once("\n-- \n").unwrap().0
}

/// The tags of HTML, with what is in them.
fn tags(html: &str) -> Vec<&str> {
    html.split('<')
        .skip(1)
        .map(|tag| tag.split('>').next().unwrap())
        .collect()
}

#[test]
fn a_value_takes_the_place_of_its_token_with_or_without_spaces() {
    let values = values(&[(Token::TenantName, "Ana"), (Token::UnitNumber, "4B")]);
    let mail = rendered(
        "For {{ unit_number }}",
        "Hello {{tenant_name}}, {{  tenant_name\t}}!",
        &values,
    );
    assert_eq!(mail.subject, "For 4B");
    assert_eq!(body(&mail.text), "Hello Ana, Ana!\n");
    assert_eq!(lines(&seen(&mail.html)), ["Hello Ana, Ana!"]);
}

#[test]
fn the_tokens_of_a_template_are_known_wherever_they_stand() {
    let source = Source::parse(
        "{{unit_number}}",
        "# {{savings}}\n- **{{offered_rent}}** *{{lease_end}}*\n[{{tenant_name}}](https://example.com/?of={{lease_start}})\n\
         https://example.com/{{renter_phone}}",
    );
    let tokens = [
        Token::TenantName,
        Token::UnitNumber,
        Token::OfferedRent,
        Token::LeaseStart,
        Token::LeaseEnd,
        Token::RenterPhone,
        Token::Savings,
    ];
    assert_eq!(source.unwrap().tokens(), tokens.into());
}

#[test]
fn an_unknown_token_is_refused_with_its_place_and_what_may_have_been_meant() {
    assert_eq!(
        refused("Hi {{tenant}}", "Dear\n  {{ tenant_nam }} and {{colour}}"),
        "subject: column 4: {{tenant}} is no token; \
         body: line 2, column 3: {{tenant_nam}} is no token; did you mean {{tenant_name}}?; \
         body: line 2, column 24: {{colour}} is no token"
    );
}

#[test]
fn braces_that_make_no_token_are_refused_by_name() {
    for (text, fault) in [
        (
            "{{{tenant_name}}}",
            "column 1: a token stands between two pairs of braces",
        ),
        (
            "{{tenant_name}}}",
            "column 1: a token stands between two pairs of braces",
        ),
        (
            "{{{{tenant_name}}}}",
            "column 1: a token stands between two pairs of braces",
        ),
        ("a {{tenant_name", "column 3: {{ has no }} behind it in its line"),
        ("a {{tenant_name}", "column 3: {{ has no }} behind it in its line"),
        ("a {{{{", "column 3: {{ has no }} behind it in its line"),
        ("{{tenant\n_name}}", "{{ has no }} behind it in its line"),
        ("tenant_name}}", "column 12: }} has no {{ before it in its line"),
        ("{{}}", "column 1: {{}} names no token"),
        ("{{  }}", "column 1: {{}} names no token"),
        ("{{#each tenants}}", "{{#each tenants}} is no token"),
        ("{{tenant_name | safe}}", "{{tenant_name | safe}} is no token"),
    ] {
        let problems = refused("Subject", text);
        assert!(problems.contains(fault), "{text}: {problems}");
    }
}

#[test]
fn what_other_template_languages_would_run_is_text() {
    let text =
        "{ tenant_name } {% for x in y %} ${7*7} <%= 1 %> #{x} <script>alert(1)</script> &lt;b&gt; \u{1F600}";
    let mail = rendered("S", text, &Values::new());
    assert_eq!(body(&mail.text).trim_end(), text);
    assert_eq!(lines(&seen(&mail.html)), [text]);
    assert!(!mail.html.contains("<script"));
}

#[test]
fn a_token_without_a_value_is_refused_and_named() {
    let source = Source::parse("{{unit_number}}", "{{tenant_name}} {{savings}} {{tenant_name}}").unwrap();
    let error = source
        .render(&values(&[(Token::Savings, "$1")]), &FOOTER)
        .unwrap_err();
    assert!(
        matches!(&error, RenderError::Missing(missing) if *missing == [Token::TenantName, Token::UnitNumber]),
        "{error:?}"
    );
    assert_eq!(
        error.to_string(),
        "there is no value for {{tenant_name}}, {{unit_number}}"
    );
}

#[test]
fn a_value_brings_neither_markup_nor_marks_nor_tokens() {
    let value = "<script>alert('1')</script> **b** [x](https://example.net) {{savings}} \"&amp;";
    let values = values(&[(Token::TenantName, value), (Token::Savings, "$1")]);
    let mail = rendered(
        "{{tenant_name}}",
        "{{tenant_name}}\n\n**{{tenant_name}}**",
        &values,
    );
    assert_eq!(mail.subject, value);
    assert_eq!(lines(&seen(&mail.html)), [value, value]);
    assert_eq!(lines(body(&mail.text)), [value, value]);
    for markup in ["<script", "href=\"https://example.net"] {
        assert!(!mail.html.contains(markup), "{markup}");
    }
}

#[test]
fn a_value_in_an_address_is_percent_encoded_and_cannot_leave_its_place() {
    let values = values(&[(Token::UnitNumber, "4 B&x=/../\"><é@e.com")]);
    let encoded = "4%20B%26x%3D%2F..%2F%22%3E%3C%C3%A9%40e.com";
    let text = "[Open](https://example.com/u/{{unit_number}}?u={{ unit_number }}#x)\n\nOr https://example.com/?u={{unit_number}}.";
    let mail = rendered("S", text, &values);
    let links = [
        format!("https://example.com/u/{encoded}?u={encoded}#x"),
        format!("https://example.com/?u={encoded}"),
    ];
    for link in &links {
        assert!(mail.html.contains(&format!("href=\"{link}\"")), "{}", mail.html);
        assert!(mail.text.contains(link), "{}", mail.text);
    }
    assert_eq!(
        lines(&seen(&mail.html)),
        ["Open".to_owned(), format!("Or {}.", links[1])]
    );
    assert_eq!(
        lines(body(&mail.text)),
        [format!("Open: {}", links[0]), format!("Or {}.", links[1])]
    );
}

#[test]
fn no_link_leads_where_a_value_says_or_runs_anything() {
    for (address, fault) in [
        ("https://{{tenant_name}}/", "cannot stand there"),
        ("https://example.com{{tenant_name}}", "cannot stand there"),
        ("https://example.{{tenant_name}}/", "cannot stand there"),
        ("{{tenant_name}}", "must begin with https://"),
        ("javascript:alert(1", "must begin with https://"),
        ("data:text/html,x", "must begin with https://"),
        ("//example.com", "must begin with https://"),
        ("/offers", "must begin with https://"),
        ("https://", "is not complete"),
        ("https:///x", "is not complete"),
        ("https://example.com@example.net/", "is not complete"),
        ("https://localhost/", "is not complete"),
        ("mailto:{{tenant_name}}", "cannot stand there"),
        ("mailto:ana", "is not complete"),
        ("tel:call", "is not complete"),
        ("tel:+1{{renter_phone}}", "cannot stand there"),
    ] {
        let problems = refused("S", &format!("See [this]({address})"));
        assert!(
            problems.starts_with("body: line 1, column 12: "),
            "{address}: {problems}"
        );
        assert!(problems.contains(fault), "{address}: {problems}");
    }
    for address in [
        "https://example.com",
        "HTTPS://Example.com:8443/a?b#c",
        "https://bücher.example/{{unit_number}}",
        "http://example.com?u={{unit_number}}",
        "mailto:ana@example.com?subject={{unit_number}}",
        "tel:+1-404-555-0137",
    ] {
        let source = Source::parse("S", &format!("See [this]({address})"));
        assert!(source.is_ok(), "{address}: {source:?}");
    }
}

#[test]
fn an_address_does_not_leave_its_attribute() {
    let text = "x [y](https://example.com/\"onclick=\"a'<b>&c) z\n[Go](https://example.com/\"onclick=\"a)";
    let mail = rendered("\"onclick=\"a", text, &Values::new());
    assert_eq!(
        mail.html.matches("onclick").count(),
        mail.html.matches("&#34;onclick=&#34;a").count()
    );
    assert!(
        mail.html
            .contains("href=\"https://example.com/&#34;onclick=&#34;a&#39;&#60;b&#62;&#38;c\"")
    );
}

#[test]
fn marks_stand_at_words_within_a_line_and_are_text_elsewhere() {
    for (body_text, html) in [
        ("**a b** *c*", "<strong>a b</strong> <em>c</em>"),
        ("***a*** b", "<strong><em>a</em></strong> b"),
        ("*a **b** c*", "<em>a <strong>b</strong> c</em>"),
        ("**{{savings}}**, x", "<strong>$1</strong>, x"),
        ("2*3*4 ** 5", "2*3*4 ** 5"),
        ("*Terms apply", "*Terms apply"),
        ("**a\nb**", "**a<br />b**"),
        ("* a", "* a"),
        ("#1 and - x", "#1 and - x"),
        ("[x] (y) [](z) [a](b c)", "[x] (y) [](z) [a](b c)"),
    ] {
        let mail = rendered("S", body_text, &values(&[(Token::Savings, "$1")]));
        assert!(
            mail.html.contains(&format!(">{html}</div>")),
            "{body_text}: {}",
            mail.html
        );
    }
}

#[test]
fn lines_become_headings_lists_paragraphs_and_buttons() {
    let text = "Hello,\nyou.\n# Next\n- one\n- **two**\n\n- three\nbye\n[Go](https://example.com/go)\n";
    let mail = rendered("S", text, &Values::new());
    assert_eq!(
        lines(&seen(&mail.html)),
        ["Hello,", "you.", "Next", "one", "two", "three", "bye", "Go"]
    );
    assert_eq!(mail.html.matches("<ul>").count(), 2);
    assert!(mail.html.contains(">Hello,<br />you.</div>"));
    assert!(mail.html.contains(r#"class="button""#));
    assert_eq!(
        body(&mail.text),
        "Hello,\nyou.\nNext\n- one\n- two\n\n- three\nbye\nGo: https://example.com/go\n"
    );
}

#[test]
fn a_subject_is_one_line_whatever_is_put_into_it() {
    assert_eq!(
        refused("Hello\r\nBcc: x@example.com", "b"),
        "subject: must be one line"
    );
    assert_eq!(
        refused("a\u{b}b", "b"),
        "subject: column 2: the control character U+000B cannot be sent"
    );
    assert!(refused("a\tb", "b").contains("U+0009"));
    // What would break a line is no value to begin with.
    assert!(
        "Ana\r\nBcc: x@example.com"
            .parse::<domain::template::Value>()
            .is_err()
    );
}

#[test]
fn what_is_empty_or_too_long_is_refused_and_the_limit_is_named() {
    assert_eq!(
        refused(" ", "\n \n"),
        "subject: must not be empty; body: must not be empty"
    );
    let megabyte = "x".repeat(1024 * 1024);
    assert_eq!(
        refused(&megabyte, &megabyte),
        "subject: must be at most 200 characters long; body: must be at most 20000 characters long"
    );
    assert!(Source::parse(&"é".repeat(SUBJECT_AT_MOST), &"é".repeat(BODY_AT_MOST)).is_ok());
    assert!(Source::parse("S", &"é".repeat(BODY_AT_MOST + 1)).is_err());
}

#[test]
fn values_that_make_a_mail_too_large_are_refused_and_the_limit_is_named() {
    let values = values(&[(Token::Savings, &"<".repeat(1000))]);
    let many = Source::parse("S", &"{{savings}} ".repeat(1000)).unwrap();
    let error = many.render(&values, &FOOTER).unwrap_err();
    assert!(matches!(error, RenderError::TooLarge), "{error:?}");
    assert!(error.to_string().contains("81920 bytes"), "{error}");
    let subject = Source::parse("{{savings}}", "b").unwrap();
    let error = subject.render(&values, &FOOTER).unwrap_err();
    assert!(matches!(error, RenderError::SubjectTooLong), "{error:?}");
}

#[test]
fn a_template_that_is_wrong_everywhere_is_told_of_twenty_things() {
    let problems = Source::parse("S", &"}} ".repeat(1000)).unwrap_err();
    assert_eq!(problems.iter().count(), 20);
}

#[test]
fn text_that_looks_like_the_beginning_of_everything_is_read_in_time() {
    for piece in [
        "**a ",
        "*a ",
        "[",
        "[a](",
        "https://",
        "***",
        "{ ",
        "[a](https://a.b/",
    ] {
        let text = piece.repeat(BODY_AT_MOST / piece.len());
        // However it is read; that the test ends is what it is about.
        let _ = Source::parse("S", &text);
    }
}

#[test]
fn the_footer_says_who_sent_it_and_how_to_get_no_more() {
    let mail = rendered("S", "b", &Values::new());
    assert!(mail.text.ends_with(
        "\n-- \nRivera Property Management\n12 Elm St, Atlanta, GA 30303\nSent with Apartment Locator AI.\n\
         No more mails like this: https://app.example.com/unsubscribe/abc\n"
    ));
    // SES lets a link alone that says so, and takes the word away (its developer guide, "ses:no-track").
    assert!(
        mail.html
            .contains(r#"<a href="https://app.example.com/unsubscribe/abc" ses:no-track="""#)
    );
    let bare = Footer {
        sender: "<b>A & B</b>",
        postal: None,
        unsubscribe: None,
    };
    let mail = Source::parse("S", "b")
        .unwrap()
        .render(&Values::new(), &bare)
        .unwrap();
    assert!(!mail.html.contains("<b>") && mail.html.contains("A &#38; B"));
    assert!(!mail.text.contains("No more mails"));
}

#[test]
fn a_mail_loads_nothing_and_is_made_for_narrow_and_wide_screens() {
    for ready in READY_MADE {
        let mail = ready.source().unwrap().render(&samples(), &FOOTER).unwrap();
        for loading in ["src=", "url(", "@import", "<link", "<script"] {
            assert!(!mail.html.contains(loading), "{}: {loading}", ready.name);
        }
        for needed in [
            "width=device-width",
            "max-width:600px",
            "prefers-color-scheme: dark",
        ] {
            assert!(mail.html.contains(needed), "{}: {needed}", ready.name);
        }
    }
}

#[test]
fn the_ready_made_templates_are_six_of_all_categories_with_all_tokens() {
    let mut tokens = BTreeSet::new();
    for (index, ready) in READY_MADE.iter().enumerate() {
        tokens.extend(
            ready
                .source()
                .unwrap_or_else(|problems| panic!("{}: {problems}", ready.name))
                .tokens(),
        );
        assert_eq!(usize::from(ready.id().to_bytes()[15]), index + 1);
        assert_eq!(crate::ready::ReadyMade::of(ready.id()), Some(ready));
    }
    assert_eq!(tokens.len(), Token::ALL.len());
    for category in domain::template::Category::ALL {
        assert!(
            READY_MADE.iter().any(|ready| ready.category == category),
            "{category:?}"
        );
    }
}

#[test]
fn the_ready_made_templates_read_as_they_were_meant() {
    for ready in READY_MADE {
        let Rendered { subject, html, text } = ready.source().unwrap().render(&samples(), &FOOTER).unwrap();
        // A new wording needs a new number, and so a new name here.
        let name = format!(
            "{}.{}",
            ready.name.to_lowercase().replace([' ', '-'], "_"),
            ready.version
        );
        let underline = "=".repeat(subject.chars().count());
        insta::assert_snapshot!(name.as_str(), format!("{subject}\n{underline}\n{text}"));
        insta::assert_snapshot!(format!("{name}.html"), html);
    }
}

/// Nothing to hold: `MAILS_IN=folder cargo test -p mail to_look_at` writes every ready-made template there, to be looked at.
#[test]
fn every_ready_made_template_can_be_written_out_to_look_at() {
    let Some(folder) = std::env::var_os("MAILS_IN") else {
        return;
    };
    fs::create_dir_all(&folder).unwrap();
    for ready in READY_MADE {
        let mail = ready.source().unwrap().render(&samples(), &FOOTER).unwrap();
        let name = ready.name.to_lowercase().replace([' ', '-'], "_");
        let folder = Path::new(&folder);
        fs::write(folder.join(format!("template.{name}.html")), mail.html).unwrap();
        fs::write(folder.join(format!("template.{name}.txt")), mail.text).unwrap();
    }
}

/// Part of a line: how it is written, and what is to be read of it in either form of the mail, given the values.
#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Token(Token, bool),
    Strong(Vec<Part>),
    Emphasis(Vec<Part>),
    Link(Vec<Part>, Token),
}

/// Text without anything that could be a mark, in any language and with all that is special in HTML.
fn plain() -> impl Strategy<Value = String> {
    prop_oneof!["[ -!\"$-&'+,.0-9;<=>?@A-Z^_`a-z|~]{1,12}", "[\\p{L}\\p{N}]{1,8}"]
        .prop_filter("an address", |text| !text.contains("http"))
}

/// Text that is a word, so that marks can stand at it.
fn word() -> impl Strategy<Value = String> {
    "[a-z<>&'\"]{0,5}[a-z]"
}

fn token() -> impl Strategy<Value = Token> {
    prop::sample::select(Token::ALL)
}

fn leaf() -> impl Strategy<Value = Part> {
    prop_oneof![
        word().prop_map(Part::Text),
        (token(), any::<bool>()).prop_map(|(token, spaced)| Part::Token(token, spaced)),
    ]
}

fn part() -> impl Strategy<Value = Part> {
    let leaves = || prop::collection::vec(leaf(), 1..3);
    prop_oneof![
        3 => plain().prop_map(Part::Text),
        3 => (token(), any::<bool>()).prop_map(|(token, spaced)| Part::Token(token, spaced)),
        1 => leaves().prop_map(Part::Strong),
        1 => leaves().prop_map(Part::Emphasis),
        1 => (leaves(), token()).prop_map(|(label, token)| Part::Link(label, token)),
    ]
}

/// A value of anything that a line can have in it.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{1,30}",
        "[<>&\"'/=*\\[\\](){}#%+ a-z-]{1,30}",
        Just("</div><script>alert(1)</script>".to_owned()),
        Just("{{savings}} **x** [y](https://example.net/)".to_owned()),
    ]
    .prop_filter("a value", |text| text.parse::<domain::template::Value>().is_ok())
}

fn all_values() -> impl Strategy<Value = Values> {
    prop::collection::vec(value(), Token::ALL.len()).prop_map(|texts| {
        let tokens = Token::ALL.iter().copied();
        tokens
            .zip(texts)
            .map(|(token, text)| (token, text.parse().unwrap()))
            .collect()
    })
}

/// How parts are written in a template; marks with space around them, so that they are at words.
fn written(parts: &[Part]) -> String {
    let each = parts.iter().map(|part| match part {
        Part::Text(text) => text.clone(),
        Part::Token(token, true) => format!("{{{{ {} }}}}", token.as_str()),
        Part::Token(token, false) => token.to_string(),
        Part::Strong(inner) => format!(" **{}** ", written(inner)),
        Part::Emphasis(inner) => format!(" *{}* ", written(inner)),
        Part::Link(label, token) => format!(" [{}](https://example.com/?v={token}) ", written(label)),
    });
    each.collect()
}

/// What is to be read of them.
fn read(parts: &[Part], values: &Values, html: bool) -> String {
    let each = parts.iter().map(|part| match part {
        Part::Text(text) => text.clone(),
        Part::Token(token, _) => values[token].as_str().to_owned(),
        Part::Strong(inner) | Part::Emphasis(inner) => format!(" {} ", read(inner, values, html)),
        Part::Link(label, _) if html => format!(" {} ", read(label, values, html)),
        Part::Link(label, token) => {
            let mut encoded = String::new();
            for byte in values[token].as_str().bytes() {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                        encoded.push(byte.into());
                    }
                    _ => encoded.push_str(&format!("%{byte:02X}")),
                }
            }
            format!(
                " {}: https://example.com/?v={encoded} ",
                read(label, values, html)
            )
        }
    });
    each.collect()
}

fn in_one_spacing(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

proptest! {
    #[test]
    fn rendering_changes_nothing_but_tokens_and_marks_and_escapes_every_value(
        parts in prop::collection::vec(part(), 1..6), values in all_values(),
    ) {
        let template = format!("x {}", written(&parts));
        let mail = rendered("S", &template, &values);
        let expected = |html| in_one_spacing(&format!("x {}", read(&parts, &values, html)));
        prop_assert_eq!(in_one_spacing(&seen(&mail.html)), expected(true));
        prop_assert_eq!(in_one_spacing(body(&mail.text)), expected(false));
    }

    /// The tags of the HTML are those of the same template with harmless values: whatever a value has in it stays text, and what
    /// is in an attribute stays in it.
    #[test]
    fn no_value_adds_a_tag_or_leaves_an_attribute(
        parts in prop::collection::vec(part(), 1..6), values in all_values(),
    ) {
        let template = format!("x {}", written(&parts));
        let harmless = rendered("S", &template, &samples()).html;
        let html = rendered("S", &template, &values).html;
        let names = |html: &str| -> Vec<String> {
            tags(html).iter().map(|tag| tag.split(' ').next().unwrap().to_owned()).collect()
        };
        prop_assert_eq!(names(&html), names(&harmless));
        let quotes = |html: &str| -> Vec<usize> {
            tags(html).iter().map(|tag| tag.matches('"').count()).collect()
        };
        prop_assert_eq!(quotes(&html), quotes(&harmless));
    }

    /// Text without marks and tokens is the same in the text of the mail, to the character.
    #[test]
    fn text_alone_stays_as_it_is(lines in prop::collection::vec("[ -!\"$-&'+,.0-9;<=>?@A-Z^_`a-z|~\\p{L}]{0,30}", 1..6)) {
        let template = format!("x{}", lines.join("\n"));
        prop_assume!(!template.contains("http") && lines.iter().all(|line| line.trim() == line));
        let mail = rendered("S", &template, &Values::new());
        prop_assert_eq!(body(&mail.text), format!("{}\n", template.trim_end_matches('\n')));
    }

    #[test]
    fn a_subject_is_one_line_of_what_was_written(before in plain(), token in token(), values in all_values(), behind in plain()) {
        let subject = format!("x{before}{token}{behind}x");
        let mail = rendered(&subject, "b", &values);
        prop_assert_eq!(&mail.subject, &format!("x{before}{}{behind}x", values[&token].as_str()));
        prop_assert!(!mail.subject.contains(['\r', '\n']));
    }

    /// Whatever anybody writes is read or refused; what is read can be rendered, and has no token left in it that was not a value's.
    #[test]
    fn whatever_is_written_is_read_or_refused(
        subject in "[a-z{} ]{0,20}",
        text in "([a-z*\\[\\]()#\\-\n {}]|\\{\\{tenant_name\\}\\}|https://|\\*\\*|\\]\\(https://a\\.b/|\\PC){0,40}",
    ) {
        if let Ok(source) = Source::parse(&subject, &text) {
            let mail = source.render(&samples(), &FOOTER).unwrap();
            prop_assert!(!mail.text.contains("{{") && !mail.html.contains("{{") && !mail.subject.contains("{{"));
        }
    }
}
