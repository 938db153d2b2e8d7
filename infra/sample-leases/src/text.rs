//! Pages of marks as text, in letters of one width: what stands where, roughly.

use crate::pdf::Mark;

/// The letters that fit beside each other on a page.
const ACROSS: f32 = 120.0;
/// What is that much further down is another line, in points.
const LEVEL: f32 = 3.0;
/// A gap between two lines that is left as an empty one, in points.
const GAP: f32 = 20.0;
/// How a signature is written.
const SIGNATURE: &str = "~~~";

/// Pages that are so many points wide; a form feed parts them.
pub(crate) fn text(width: f32, pages: &[Vec<Mark>]) -> String {
    let pages: Vec<String> = pages.iter().map(|marks| page(width, marks)).collect();
    pages.join("\u{c}")
}

fn page(width: f32, marks: &[Mark]) -> String {
    let mut words: Vec<(f32, f32, &str)> = marks.iter().flat_map(words).collect();
    words.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.total_cmp(&b.1)));
    let mut page = String::new();
    let mut above: Option<f32> = None;
    for line in words.chunk_by(|a, b| a.0 - b.0 < LEVEL) {
        let level = line.first().map_or(0.0, |(y, ..)| *y);
        if above.is_some_and(|above| above - level > GAP) {
            page.push('\n');
        }
        above = Some(level);
        page.push_str(&row(width, line));
        page.push('\n');
    }
    page
}

/// What is written, with its level and where it begins.
fn words(mark: &Mark) -> Vec<(f32, f32, &str)> {
    match mark {
        Mark::Words { y, words, .. } => words.iter().map(|(x, word)| (*y, *x, word.as_str())).collect(),
        Mark::Ink { from, .. } => vec![(from.1, from.0, SIGNATURE)],
        Mark::Rule { .. } | Mark::Shade { .. } => Vec::new(),
    }
}

fn row(width: f32, line: &[(f32, f32, &str)]) -> String {
    let mut words: Vec<_> = line.iter().collect();
    words.sort_by(|a, b| a.1.total_cmp(&b.1));
    // A signature has several strokes.
    words.dedup_by(|word, before| word.2 == SIGNATURE && before.2 == SIGNATURE);
    let mut row = String::new();
    let mut length = 0;
    for (_, x, word) in words {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place among some hundred"
        )]
        let at = (x / width * ACROSS).max(0.0) as usize;
        let apart = at.saturating_sub(length).max(usize::from(length > 0));
        row.push_str(&" ".repeat(apart));
        row.push_str(word);
        length += apart + word.chars().count();
    }
    row
}

#[cfg(test)]
mod tests {
    use crate::corpus;

    #[test]
    fn the_text_of_a_lease_says_what_its_pages_say() {
        for case in corpus() {
            let text = case.text();
            assert_eq!(text.split('\u{c}').count(), case.page_count(), "{}", case.name);
        }
        let text = corpus()[0].text();
        for said in ["Jordan", "Whitfield", "148 Mill Road", "$1,350", "~~~"] {
            assert!(text.contains(said), "{said} in {text}");
        }
    }
}
