//! Words cut into what is compared: stems, numbers, amounts with their `$`, and marks.

use crate::Document;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters.
    Word,
    /// Digits, with what is glued to them: `1,350.00`, `1st`, `1,35O`.
    Number,
    /// What follows a `$`, glued to it; nothing if a space follows.
    Money,
    /// A single mark.
    Mark,
}

/// A token.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Of a word its stem, of a number or an amount what stands there, of a mark the mark.
    pub(super) text: String,
    /// The word that it is cut from, by its place in the document's list.
    pub(super) word: usize,
    /// Whether it continues the same word as the token before it.
    pub(super) glued: bool,
    /// Whether it begins with a capital.
    pub(super) capital: bool,
}

impl Token {
    pub(super) fn is(&self, text: &str) -> bool {
        self.text == text
    }

    pub(super) fn is_mark(&self, marks: &[&str]) -> bool {
        self.kind == Kind::Mark && marks.contains(&self.text.as_str())
    }
}

/// The tokens of these words.
pub(super) fn tokens(document: &Document, words: &[usize]) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(words.len() * 2);
    let mut joined = false;
    for (at, word) in words.iter().enumerate() {
        if std::mem::take(&mut joined) {
            continue;
        }
        let text = &document.words[*word].text;
        let next = words.get(at + 1).map(|next| document.words[*next].text.as_str());
        match next.and_then(|next| unbroken(text, next)) {
            Some(whole) => {
                cut(&whole, *word, &mut tokens);
                joined = true;
            }
            None => cut(text, *word, &mut tokens),
        }
    }
    tokens
}

/// A word that was broken at the end of a line: "thou-" and "sand". "Twenty-" and "five" stay two words.
fn unbroken(text: &str, next: &str) -> Option<String> {
    let first = text.strip_suffix('-')?;
    let starts_small = next.starts_with(char::is_lowercase);
    let letters = |text: &str| !text.is_empty() && text.chars().all(char::is_alphabetic);
    if !starts_small || !letters(first) {
        return None;
    }
    let end = run(next, char::is_alphabetic);
    let whole = stem(&format!("{first}{}", &next[..end]));
    super::cue::is_known(&whole).then(|| format!("{first}{next}"))
}

fn cut(text: &str, word: usize, tokens: &mut Vec<Token>) {
    let first = tokens.len();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (kind, length) = if c == '$' {
            (
                Kind::Money,
                1 + run(&rest[1..], |c| c.is_alphanumeric() || c == ',' || c == '.'),
            )
        } else if c.is_ascii_digit() {
            (
                Kind::Number,
                run(rest, |c| c.is_alphanumeric() || c == ',' || c == '.'),
            )
        } else if c.is_alphabetic() {
            (
                Kind::Word,
                run(rest, |c| c.is_alphabetic() || c == '\'' || c == '\u{2019}'),
            )
        } else {
            (Kind::Mark, c.len_utf8())
        };
        let mut piece = &rest[..length];
        if matches!(kind, Kind::Money | Kind::Number) {
            piece = piece.trim_end_matches([',', '.']);
        }
        let used = piece.len().max(1);
        let text = match kind {
            Kind::Word => stem(piece),
            Kind::Money => piece.trim_start_matches('$').to_owned(),
            Kind::Number | Kind::Mark => piece.to_owned(),
        };
        tokens.push(Token {
            kind,
            text,
            word,
            glued: tokens.len() > first,
            capital: c.is_uppercase(),
        });
        rest = &rest[used.max(if kind == Kind::Mark { c.len_utf8() } else { 1 })..];
    }
}

/// The length in bytes of the longest beginning whose characters all are `like` this.
fn run(text: &str, like: impl Fn(char) -> bool) -> usize {
    text.find(|c| !like(c)).unwrap_or(text.len())
}

/// What is compared of a word: small letters without a plural's or a possessive's `s`.
pub(super) fn stem(word: &str) -> String {
    let mut stem: String = word.to_lowercase().replace('\u{2019}', "'");
    for ending in ["'s", "s'", "'"] {
        if let Some(shorter) = stem.strip_suffix(ending) {
            stem = shorter.to_owned();
            break;
        }
    }
    if stem.len() > 3 && stem.ends_with('s') && !stem.ends_with("ss") {
        stem.pop();
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_cut_where_its_kind_changes() {
        for (text, expected) in [
            ("($1,450.00)/mo.", &["(", "1,450.00", ")", "/", "mo", "."][..]),
            ("month-to-month", &["month", "-", "to", "-", "month"]),
            ("Tenant\u{2019}s", &["tenant"]),
            ("deposits,", &["deposit", ","]),
            ("$1,35O", &["1,35O"]),
            ("S1,350", &["s", "1,350"]),
            ("05/03/2026", &["05", "/", "03", "/", "2026"]),
            ("$", &[""]),
            ("1.", &["1", "."]),
        ] {
            let mut tokens = Vec::new();
            cut(text, 0, &mut tokens);
            let cut: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
            assert_eq!(cut, expected, "{text}");
        }
    }
}
