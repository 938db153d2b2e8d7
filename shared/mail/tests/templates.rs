//! The committed HTML of the layout is what its MJML gives.
#![expect(clippy::unwrap_used, reason = "a test may stop the test")]

use std::fs;
use std::path::Path;

fn html_of(mjml: &str) -> String {
    let root = mrml::parse(mjml).unwrap();
    root.element
        .render(&mrml::prelude::render::RenderOptions::default())
        .unwrap()
}

#[test]
fn the_html_is_made_from_the_mjml() {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut seen = 0;
    for file in fs::read_dir(&templates).unwrap() {
        let source = file.unwrap().path();
        if source.extension().is_none_or(|extension| extension != "mjml") {
            continue;
        }
        seen += 1;
        let html = html_of(&fs::read_to_string(&source).unwrap());
        let made = source.with_extension("html");
        if std::env::var_os("UPDATE_TEMPLATES").is_some() {
            fs::write(&made, &html).unwrap();
        } else if fs::read_to_string(&made).unwrap() != html {
            panic!(
                "{} is not what its .mjml gives: run UPDATE_TEMPLATES=1 cargo test -p mail",
                made.display()
            );
        }
    }
    assert!(seen > 0);
}
