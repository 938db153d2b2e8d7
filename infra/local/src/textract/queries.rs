//! Answers to questions about a page, taken from its text: the value of the field whose label is most like the
//! question, or the part of a sentence that is. As with Textract, an answer may be wrong, and says how sure it is.
//!
//! A question is compared by its words. Nothing here knows what kind of documents are read.

use std::collections::BTreeSet;

use super::forms::Pair;
use super::layout::Line;
use super::page::Page;

/// The least likeness that makes an answer, from 0 to 1.
const LEAST: f64 = 0.34;
/// How much less a sentence counts than a field.
const SENTENCE: f64 = 0.12;
/// How much an answer of the kind that was asked for counts more, and one of another kind less.
const KIND: f64 = 0.22;

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    /// Its words, by their places in the page's list.
    pub(super) words: Vec<usize>,
    pub(super) text: String,
    /// From 0 to 100.
    pub(super) confidence: f64,
}

/// What kind of thing a question asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Money,
    Date,
    Name,
    Place,
    Any,
}

/// A page that questions are asked about.
pub(super) struct Reader<'a> {
    page: &'a Page,
    pairs: &'a [Pair],
    sentences: Vec<Vec<usize>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(page: &'a Page, lines: &'a [Line], pairs: &'a [Pair]) -> Self {
        let sentences = paragraphs(lines)
            .into_iter()
            .flat_map(|paragraph| sentences(page, paragraph))
            .collect();
        Self {
            page,
            pairs,
            sentences,
        }
    }

    /// The best answer; none where nothing on the page is like the question.
    pub(super) fn answer(&self, question: &str) -> Option<Answer> {
        let asked = stems(question);
        let kind = Kind::of(question, &asked);
        let fields = self
            .pairs
            .iter()
            .filter_map(|pair| self.field(pair, &asked, kind));
        let parts = self
            .sentences
            .iter()
            .filter_map(|sentence| self.part(sentence, &asked, kind));
        let (likeness, words) = fields
            .chain(parts)
            .filter(|(likeness, _)| *likeness >= LEAST)
            .reduce(|best, other| if other.0 > best.0 { other } else { best })?;
        let text: Vec<&str> = words.iter().map(|word| self.text(*word)).collect();
        let text = text.join(" ");
        let text = text.trim_matches([',', ';', '.', ':']).to_owned();
        Some(Answer {
            words,
            confidence: (100.0 * (0.4 + 0.62 * likeness)).min(99.0),
            text,
        })
    }

    fn text(&self, word: usize) -> &str {
        &self.page.words[word].text
    }

    fn field(&self, pair: &Pair, asked: &BTreeSet<String>, kind: Kind) -> Option<(f64, Vec<usize>)> {
        if pair.value.is_empty() {
            return None;
        }
        let label: Vec<&str> = pair.key.iter().map(|word| self.text(*word)).collect();
        let label = stems(&label.join(" "));
        let shared = label.intersection(asked).count();
        if shared == 0 {
            return None;
        }
        let likeness = 2.0 * shared as f64 / (label.len() + asked.len()) as f64;
        let spans = self.spans(&pair.value, kind);
        let fit = match kind {
            Kind::Any => 0.0,
            _ if spans.is_empty() => -KIND,
            _ => KIND,
        };
        let words = match (kind, spans.into_iter().next()) {
            (Kind::Money | Kind::Date, Some(span)) => pair.value[span].to_vec(),
            _ => pair.value.clone(),
        };
        Some((likeness + fit, words))
    }

    /// The part of a sentence that is of the kind asked for and nearest to the words of the question.
    fn part(&self, sentence: &[usize], asked: &BTreeSet<String>, kind: Kind) -> Option<(f64, Vec<usize>)> {
        if kind == Kind::Any {
            return None;
        }
        let met: Vec<usize> = (0..sentence.len())
            .filter(|at| stems(self.text(sentence[*at])).intersection(asked).count() > 0)
            .collect();
        let different: BTreeSet<String> = met
            .iter()
            .flat_map(|at| stems(self.text(sentence[*at])))
            .filter(|stem| asked.contains(stem))
            .collect();
        let likeness = different.len() as f64 / asked.len().max(1) as f64;
        let distance = |span: &std::ops::Range<usize>| {
            met.iter()
                .map(|at| at.abs_diff(span.start).min(at.abs_diff(span.end)))
                .min()
                .unwrap_or(usize::MAX)
        };
        let span = self
            .spans(sentence, kind)
            .into_iter()
            .filter(|span| kind != Kind::Name || !met.iter().any(|at| span.contains(at)))
            .min_by_key(distance)?;
        let far = distance(&span) as f64 * 0.012;
        Some((likeness * 0.8 + KIND - SENTENCE - far, sentence[span].to_vec()))
    }

    /// The parts of some words that are of a kind.
    fn spans(&self, words: &[usize], kind: Kind) -> Vec<std::ops::Range<usize>> {
        let texts: Vec<&str> = words.iter().map(|word| self.text(*word)).collect();
        let find: fn(&[&str], usize) -> usize = match kind {
            Kind::Money => money,
            Kind::Date => date,
            Kind::Name => name,
            Kind::Place => place,
            Kind::Any => return Vec::new(),
        };
        let mut spans = Vec::new();
        let mut at = 0;
        while at < texts.len() {
            let length = find(&texts, at);
            if length > 0 {
                spans.push(at..at + length);
            }
            at += length.max(1);
        }
        spans
    }
}

impl Kind {
    fn of(question: &str, asked: &BTreeSet<String>) -> Self {
        const MONEY: [&str; 9] = [
            "amount", "rent", "price", "fee", "deposit", "cost", "charge", "payment", "balance",
        ];
        let question = question.to_lowercase();
        let has = |stems: &[&str]| stems.iter().any(|stem| asked.contains(*stem));
        if question.starts_with("when") || has(&["date"]) {
            Self::Date
        } else if question.starts_with("where") || has(&["address"]) {
            Self::Place
        } else if question.starts_with("who") || has(&["name"]) {
            Self::Name
        } else if question.contains("how much") || has(&MONEY) {
            Self::Money
        } else {
            Self::Any
        }
    }
}

/// The words that carry a text's meaning, each cut down to its stem.
fn stems(text: &str) -> BTreeSet<String> {
    const EMPTY: [&str; 36] = [
        "a", "an", "and", "are", "as", "at", "be", "by", "do", "does", "each", "for", "from", "has", "how",
        "in", "is", "it", "its", "much", "of", "on", "or", "per", "shall", "that", "the", "this", "to",
        "was", "what", "when", "where", "which", "who", "will",
    ];
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !EMPTY.contains(word))
        .map(stem)
        .collect()
}

fn stem(word: &str) -> String {
    for ending in ["ing", "ly", "es", "ed", "s"] {
        if let Some(stem) = word.strip_suffix(ending)
            && stem.len() >= 4
        {
            return stem.to_owned();
        }
    }
    word.to_owned()
}

/// Lines that go on from one to the next, each as the words of its paragraph.
fn paragraphs(lines: &[Line]) -> Vec<Vec<usize>> {
    let mut follows: Vec<Option<usize>> = vec![None; lines.len()];
    let mut is_first = vec![true; lines.len()];
    for (index, line) in lines.iter().enumerate() {
        let next = lines
            .iter()
            .enumerate()
            .skip(index + 1)
            .take(12)
            .find(|(other, below)| {
                below.row > line.row
                    && is_first[*other]
                    && below.frame.top - line.frame.bottom < 0.9 * line.frame.height()
                    && below.frame.shared_width(&line.frame)
                        > 0.3 * below.frame.width().min(line.frame.width())
            });
        if let Some((next, _)) = next {
            follows[index] = Some(next);
            is_first[next] = false;
        }
    }
    let firsts = (0..lines.len()).filter(|index| is_first[*index]);
    let paragraph = |first: usize| {
        let chain = std::iter::successors(Some(first), |index| follows[*index]);
        chain
            .flat_map(|index| lines[index].words.iter().copied())
            .collect()
    };
    firsts.map(paragraph).collect()
}

fn sentences(page: &Page, paragraph: Vec<usize>) -> Vec<Vec<usize>> {
    let mut sentences = vec![Vec::new()];
    let mut words = paragraph.into_iter().peekable();
    while let Some(word) = words.next() {
        let text = &page.words[word].text;
        if let Some(sentence) = sentences.last_mut() {
            sentence.push(word);
        }
        let capital = |word: &usize| {
            page.words[*word]
                .text
                .starts_with(|c: char| c.is_uppercase() || c.is_numeric())
        };
        if text.ends_with('.') && text.len() > 3 && words.peek().is_some_and(capital) {
            sentences.push(Vec::new());
        }
    }
    sentences
}

/// How many words from `at` on are an amount of money.
fn money(words: &[&str], at: usize) -> usize {
    let is_number = |text: &str| {
        let text = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == ',' || c == '.')
    };
    let text = words[at].trim_start_matches(['(', '"']);
    let unit = |word: &&str| {
        ["dollars", "usd"].contains(&word.to_lowercase().trim_matches(|c: char| !c.is_alphabetic()))
    };
    match text.strip_prefix(['$', '€', '£']) {
        Some("") => usize::from(words.get(at + 1).is_some_and(|next| is_number(next))) * 2,
        Some(number) => usize::from(is_number(number)),
        None if is_number(text) && words.get(at + 1).is_some_and(unit) => 2,
        None => 0,
    }
}

/// How many words from `at` on are a date.
fn date(words: &[&str], at: usize) -> usize {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let bare = |at: usize| {
        words
            .get(at)
            .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
            .unwrap_or_default()
    };
    let is_month = |at: usize| {
        let word = bare(at);
        word.len() >= 3 && MONTHS.iter().any(|month| word.starts_with(month)) && word.len() <= 9
    };
    let is_day = |at: usize| {
        let word = bare(at);
        let digits = word.trim_end_matches(char::is_alphabetic);
        digits.parse::<u8>().is_ok_and(|day| (1..=31).contains(&day)) && word.len() <= 4
    };
    let is_year = |at: usize| {
        bare(at)
            .parse::<u16>()
            .is_ok_and(|year| (1900..2200).contains(&year))
    };
    let numeric = bare(at);
    let parts: Vec<&str> = numeric.split(['/', '-', '.']).collect();
    if parts.len() == 3
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()))
    {
        return 1;
    }
    if is_month(at) && is_day(at + 1) {
        return if is_year(at + 2) { 3 } else { 2 };
    }
    if is_day(at) {
        let month = (at + 1..=at + 3).find(|at| is_month(*at));
        let only_of =
            |month: usize| (at + 1..month).all(|at| ["day", "of", "the"].contains(&bare(at).as_str()));
        if let Some(month) = month.filter(|month| only_of(*month)) {
            return month + 1 - at + usize::from(is_year(month + 1));
        }
    }
    0
}

/// How many words from `at` on are a name: capitalised words, two to four.
fn name(words: &[&str], at: usize) -> usize {
    let is_capitalised = |word: &str| {
        let mut letters = word.chars();
        letters.next().is_some_and(char::is_uppercase) && letters.any(char::is_alphabetic)
            || word.len() == 2 && word.ends_with('.')
    };
    let mut length = 0;
    for word in words[at..].iter().take(4) {
        if !is_capitalised(word) {
            break;
        }
        length += 1;
        if word.ends_with([',', ';', '.', ')']) && word.len() > 2 {
            break;
        }
    }
    if length >= 2 { length } else { 0 }
}

/// How many words from `at` on are an address: a number, then names, up to a postal code or the end.
fn place(words: &[&str], at: usize) -> usize {
    let is_number = |word: &str| word.len() <= 6 && word.starts_with(|c: char| c.is_ascii_digit());
    let goes_on = |word: &str| {
        let bare = word.trim_start_matches('#');
        bare.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
    };
    if !is_number(words[at])
        || !words
            .get(at + 1)
            .is_some_and(|next| next.starts_with(char::is_uppercase))
    {
        return 0;
    }
    let mut length = 1;
    for word in words[at + 1..].iter().take(12) {
        if !goes_on(word) {
            break;
        }
        length += 1;
        let digits = word.chars().filter(char::is_ascii_digit).count();
        if digits >= 5 || word.ends_with(['.', ';', ')']) && word.len() > 4 {
            break;
        }
    }
    if length >= 3 { length } else { 0 }
}
