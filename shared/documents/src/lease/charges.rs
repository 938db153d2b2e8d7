//! Which amount is what: the rent, a charge that never is, or a question.

use std::collections::{HashMap, HashSet};

use domain::Rent;
use domain::lease::{Charge, Confidence, Finding, FoundBy, Reason, SetAside};

use super::amount::{Amount, Reading, amounts};
use super::context::{Context, context, names_a_part, twice_a_month};
use super::cue::{Cue, Period, Says};
use super::section::{Paper, Piece};
use super::token::{Kind, Token};
use super::{finding, snippet};
use crate::Document;

/// Tokens to the left that are looked at.
const LEFT: usize = 60;
/// Tokens between the word "rent" and its amount.
const GOVERNED: usize = 32;
/// Tokens to the right that may say by which time an amount is.
const RIGHT: usize = 12;
/// Tokens of a sentence that is followed from its beginning to its end for each of its rents. A longer one is no sentence, and
/// what it says of a rent goes to a person.
const SENTENCE_AT_MOST: usize = 400;
/// The confidence of what is named the rent in one place, and not quite clearly.
const NAMED_ONCE: f32 = 89.0;
/// The confidence of what only could be the rent.
const UNNAMED: f32 = 60.0;
/// The confidence of an amount that is damaged.
const DAMAGED: f32 = 40.0;

/// How plainly an amount is the rent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// Nothing says what it is, and it is by the month.
    Unnamed,
    /// It is called the rent, not quite clearly.
    Named,
    /// It is the monthly rent.
    Plain,
}

/// What an amount is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Rent(Strength),
    /// The rent with what is paid beside it, or the rent of the whole term: seen when the others are known.
    TotalRent,
    /// A rent by the week or the day.
    OtherPeriod,
    /// A year's or the term's rent.
    LongRent(Period),
    Aside(Charge),
    /// Nothing says what it is, and it is not by the month.
    Nothing,
}

/// An amount with what was made of it.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) class: Class,
    pub(super) reading: Reading,
    pub(super) in_words: Option<u64>,
    /// Whether its words seem to be a part of an amount only.
    pub(super) torn: bool,
    /// Whether its sentence leaves open that it is owed at all.
    pub(super) conditional: bool,
    /// Its first word: its place.
    pub(super) word: usize,
    pub(super) words: Vec<usize>,
    pub(super) monthly: bool,
    pub(super) step: bool,
    pub(super) found_by: Vec<FoundBy>,
    pub(super) text: String,
    pub(super) confidence: f32,
    pub(super) handwritten: bool,
}

impl Judged {
    fn first_way(&self) -> FoundBy {
        self.found_by.first().copied().unwrap_or(FoundBy::Sentence)
    }
}

/// Every amount of a piece. `units` are those of what is let, as far as the lease names them.
pub(super) fn judged(document: &Document, piece: &Piece, units: &[String]) -> Vec<Judged> {
    let Piece { tokens, own, .. } = piece;
    let label_says = piece
        .cues
        .iter()
        .any(|cue| cue.start < own.start && matches!(cue.says, Says::Rent | Says::Not(_)));
    let wanted = piece.is_cell && label_says && own.len() <= 8;
    let mut found = Vec::new();
    let all: Vec<Amount> = amounts(&tokens[..own.end.min(tokens.len())], wanted)
        .into_iter()
        .filter(|amount| amount.start >= own.start)
        .collect();
    let sentences = sentences(tokens, own.clone());
    let mut sentence = 0;
    let mut before: Option<(usize, Class)> = None;
    for (at, amount) in all.iter().enumerate() {
        super::count_step();
        while sentence + 1 < sentences.len() && sentences[sentence + 1] <= amount.start {
            sentence += 1;
            before = None;
        }
        let start = sentences.get(sentence).copied().unwrap_or(own.start);
        let end = sentences.get(sentence + 1).copied().unwrap_or(tokens.len());
        let next = all.get(at + 1).map_or(end, |next| next.start.min(end));
        let view = View {
            piece,
            amount,
            left: before
                .map_or(start, |(end, _)| end)
                .max(amount.start.saturating_sub(LEFT)),
            right: next.max(amount.end),
            next_follows: all.get(at + 1).is_some_and(|next| next.start < end),
            first: before.is_none() && sentence == 0,
            before: before.map(|(_, class)| class),
        };
        let (class, monthly) = view.class();
        before = Some((amount.end, class));
        let is_rent = matches!(
            class,
            Class::Rent(_) | Class::TotalRent | Class::OtherPeriod | Class::LongRent(_)
        );
        // A label speaks of what its cell begins with.
        let from = if sentence == 0 { 0 } else { start };
        let context = if !is_rent {
            None
        } else if end.saturating_sub(from) > SENTENCE_AT_MOST {
            Some(Context::Open)
        } else {
            context(tokens, from, end, amount, units)
        };
        let class = match (context, class) {
            (Some(Context::Another), _) => Class::Aside(Charge::Requirement),
            (Some(Context::Announced), _) => Class::Aside(Charge::RentChange),
            (Some(Context::Twice), _) => Class::OtherPeriod,
            _ => class,
        };
        if amount
            .reading
            .hundredths()
            .is_some_and(|hundredths| hundredths == 0)
        {
            continue;
        }
        let near = (
            amount.start.saturating_sub(LEFT).max(start),
            end.min(amount.end + LEFT),
        );
        let first = piece.cues.partition_point(|cue| cue.start < near.0);
        let step = piece.cues[first..]
            .iter()
            .take_while(|cue| cue.start < near.1)
            .any(|cue| cue.says == Says::Step);
        let mut words: Vec<usize> = tokens[amount.start..amount.end]
            .iter()
            .map(|token| token.word)
            .collect();
        words.dedup();
        let least = words
            .iter()
            .map(|word| document.words[*word].confidence)
            .fold(100.0, f32::min);
        let words_differ = amount
            .in_words
            .is_some_and(|in_words| amount.reading.hundredths() != Some(in_words));
        let torn = amount.in_words.is_none() && torn_words(tokens, start, amount);
        found.push(Judged {
            class,
            reading: if torn && !words_differ || context == Some(Context::Open) {
                Reading::Suspect(amount.reading.hundredths())
            } else {
                amount.reading
            },
            in_words: amount.in_words,
            torn,
            conditional: context == Some(Context::Conditional),
            word: tokens[amount.end - 1].word,
            handwritten: words.iter().any(|word| document.words[*word].handwritten),
            words,
            monthly,
            step: step
                || names_a_part(tokens, amount.end, end.min(amount.end + RIGHT))
                || piece.is_cell && names_a_time(tokens, own.start),
            found_by: vec![piece.found_by],
            text: snippet(document, tokens, start, amount, end),
            confidence: least,
        });
    }
    found
}

/// Whether number words stand near before an amount without making one with it: some of them may have been misread.
fn torn_words(tokens: &[Token], start: usize, amount: &Amount) -> bool {
    let near = amount.start.saturating_sub(5).max(start);
    tokens[near..amount.start]
        .iter()
        .any(|token| matches!(token.text.as_str(), "hundred" | "thousand" | "dollar"))
}

/// Whether a label names a month, a year or a span of them.
fn names_a_time(tokens: &[Token], end: usize) -> bool {
    tokens[..end].iter().any(|token| {
        super::date::month(&token.text).is_some() && token.capital
            || matches!(token.text.as_str(), "year" | "through")
            || token.kind == Kind::Number && token.text.len() == 4 && token.text.starts_with("20")
    }) || tokens[..end]
        .windows(2)
        .any(|pair| pair[0].is("month") && pair[1].kind == Kind::Number)
}

/// Where sentences begin.
fn sentences(tokens: &[Token], own: std::ops::Range<usize>) -> Vec<usize> {
    const SHORT: [&str; 20] = [
        "no", "st", "apt", "ave", "mr", "mrs", "dr", "inc", "ltd", "co", "jr", "sr", "approx", "rd", "blvd",
        "ste", "mo", "p", "sec", "n",
    ];
    let mut starts = vec![own.start];
    for at in own.start + 1..own.end {
        let (before, here) = (&tokens[at - 1], &tokens[at]);
        let is_period = before.is_mark(&["."]) && at >= 2;
        let begins = !here.glued && (here.capital || matches!(here.kind, Kind::Money | Kind::Mark));
        let ends = before.is_mark(&[";", "?", "!", "\u{2022}"])
            || is_period && begins && {
                let last = &tokens[at - 2];
                // Dots that lead to an amount ("Rent ..... $1,895"), abbreviations and initials end nothing.
                let initial = last.kind == Kind::Word && last.text.chars().count() == 1;
                !last.is_mark(&["."]) && !initial && !SHORT.contains(&last.text.as_str())
            };
        if ends {
            starts.push(at);
        }
    }
    starts
}

/// An amount and what stands around it.
struct View<'a> {
    piece: &'a Piece,
    amount: &'a Amount,
    /// From the last amount, or the beginning of the sentence, on.
    left: usize,
    /// Up to the next amount, or the end of the sentence.
    right: usize,
    next_follows: bool,
    /// Whether it is the first amount of its piece, so that the label speaks of it.
    first: bool,
    before: Option<Class>,
}

impl View<'_> {
    fn tokens(&self) -> &[Token] {
        &self.piece.tokens
    }

    fn cues(&self, from: usize, to: usize) -> &[Cue] {
        let cues = &self.piece.cues;
        let start = cues.partition_point(|cue| cue.start < from);
        let end = cues.partition_point(|cue| cue.end <= to);
        &cues[start..end.max(start)]
    }

    /// The charges and the rent that are named to the left, without what the rent includes.
    fn named(&self, from: usize, to: usize) -> Vec<Cue> {
        let included = |cue: &Cue| {
            cue.says == Says::Not(Charge::Fee)
                && self.tokens()[from.max(cue.start.saturating_sub(6))..cue.start]
                    .iter()
                    .any(|token| {
                        matches!(
                            token.text.as_str(),
                            "including" | "include" | "included" | "inclusive"
                        )
                    })
        };
        self.cues(from, to)
            .iter()
            .filter(|cue| {
                matches!(cue.says, Says::Rent | Says::Not(_) | Says::Break | Says::Share) && !included(cue)
            })
            .copied()
            .collect()
    }

    /// What the amount is, and whether it is by the month.
    fn class(&self) -> (Class, bool) {
        let period = self.period();
        let monthly = period.time == Some(Time::Month);
        let own_start = self.piece.own.start;
        let mut left = self.named(self.left, self.amount.start);
        let speaks = |cues: &[Cue]| {
            cues.iter()
                .any(|cue| matches!(cue.says, Says::Rent | Says::Not(_)))
        };
        let label = self.named(0, own_start);
        let mut label_used = false;
        if self.first && !speaks(&left) && own_start > 0 {
            left = label.iter().copied().chain(left).collect();
            label_used = true;
        }
        let class = self.of_context(&left, period);
        let class = self.under_its_heading(class, &label, label_used, monthly);
        (class, monthly)
    }

    fn of_context(&self, left: &[Cue], period: Said) -> Class {
        let rent = left.iter().rposition(|cue| cue.says == Says::Rent);
        let nearest_not = left.iter().rev().find_map(|cue| match cue.says {
            Says::Not(charge) => Some((*cue, charge)),
            _ => None,
        });
        let attached = self.attached();
        let governed = rent.filter(|at| {
            let close = self.amount.start - left[*at].end <= GOVERNED;
            close
                && !left[at + 1..]
                    .iter()
                    .any(|cue| matches!(cue.says, Says::Not(_) | Says::Break))
        });
        let share = left.iter().any(|cue| cue.says == Says::Share)
            || self
                .cues(self.amount.end, self.right.min(self.amount.end + RIGHT))
                .iter()
                .any(|cue| cue.says == Says::Share);
        if let Some(at) = governed {
            if let Some(charge) = self.modifier(left, at) {
                return if charge == Charge::Total {
                    self.rent_of(period, Strength::Named, true)
                } else {
                    Class::Aside(charge)
                };
            }
            let total = left[..at]
                .last()
                .is_some_and(|cue| cue.says == Says::Not(Charge::Total) && left[at].start - cue.end <= 3);
            let strength = match attached {
                Some(Says::Not(_)) => Strength::Named,
                _ if share => Strength::Named,
                _ => Strength::Plain,
            };
            return self.rent_of(period, strength, total);
        }
        if let Some((cue, charge)) = nearest_not {
            if attached == Some(Says::Rent) && self.amount.start - cue.end > 4 {
                return self.rent_of(period, Strength::Named, false);
            }
            // "Rent (total): $1,350", "Total monthly rent".
            if charge == Charge::Total
                && rent.is_some_and(|at| left[at].start <= cue.end + 3 && cue.start <= left[at].end + 3)
            {
                return self.rent_of(period, Strength::Named, true);
            }
            return Class::Aside(self.exactly(left, cue, charge, attached));
        }
        match attached {
            Some(Says::Rent) if rent.is_none() && !share => {
                return self.rent_of(period, Strength::Plain, false);
            }
            Some(Says::Rent) => return self.rent_of(period, Strength::Named, false),
            Some(Says::Not(charge)) => return Class::Aside(charge),
            _ => {}
        }
        if rent.is_some() {
            return self.rent_of(period, Strength::Named, false);
        }
        // "payable in installments of", "that is": the same as before.
        if let Some(before) = self.before {
            let goes_on = self.tokens()[self.left..self.amount.start]
                .iter()
                .any(|token| matches!(token.text.as_str(), "installment" | "payment" | "payable"));
            if goes_on && let Class::Aside(charge) = before {
                return Class::Aside(charge);
            }
            if goes_on && matches!(before, Class::LongRent(_) | Class::TotalRent) {
                return self.rent_of(period, Strength::Plain, false);
            }
        }
        if period.time == Some(Time::Month) && period.plainly {
            Class::Rent(Strength::Unnamed)
        } else {
            Class::Nothing
        }
    }

    /// "Fee" says little: "NSF fee" and "an additional charge for the dog" are more than that.
    fn exactly(&self, left: &[Cue], cue: Cue, charge: Charge, attached: Option<Says>) -> Charge {
        // "Upon execution" says only when a deposit is paid.
        if charge == Charge::Prorated && attached == Some(Says::Not(Charge::Deposit)) {
            return Charge::Deposit;
        }
        if charge != Charge::Fee {
            return charge;
        }
        if let Some(Says::Not(exactly)) = attached {
            return exactly;
        }
        let before = left.iter().rev().find_map(|other| match other.says {
            Says::Not(charge)
                if charge != Charge::Fee && other.end <= cue.start && cue.start - other.end <= 3 =>
            {
                Some(charge)
            }
            _ => None,
        });
        before.unwrap_or(charge)
    }

    fn rent_of(&self, period: Said, strength: Strength, total: bool) -> Class {
        match period.time {
            Some(Time::Other(Period::Shorter)) => Class::OtherPeriod,
            Some(Time::Other(period)) => Class::LongRent(period),
            _ if total => Class::TotalRent,
            _ => Class::Rent(strength),
        }
    }

    /// What the section, the paper or a label further away makes of it.
    fn under_its_heading(&self, class: Class, label: &[Cue], label_used: bool, monthly: bool) -> Class {
        let rent_like = matches!(
            class,
            Class::Rent(_) | Class::TotalRent | Class::OtherPeriod | Class::LongRent(_) | Class::Nothing
        );
        if !rent_like {
            return class;
        }
        match self.piece.paper {
            Paper::About(charge) => return Class::Aside(charge),
            Paper::Change => return Class::Aside(Charge::RentChange),
            Paper::Lease | Paper::Other => {}
        }
        if !label_used
            && let Some(charge) = label.iter().find_map(|cue| match cue.says {
                Says::Not(charge) if is_apart(charge) => Some(charge),
                _ => None,
            })
        {
            return Class::Aside(charge);
        }
        let topic = &self.piece.section;
        match topic.charge {
            Some(charge) if !topic.rent && is_apart(charge) => return Class::Aside(charge),
            Some(charge)
                if !topic.rent && matches!(class, Class::Rent(Strength::Unnamed) | Class::Nothing) =>
            {
                return Class::Aside(charge);
            }
            _ => {}
        }
        if topic.rent && topic.charge.is_none() && class == Class::Rent(Strength::Unnamed) {
            return Class::Rent(if monthly { Strength::Plain } else { Strength::Named });
        }
        class
    }

    /// A charge that is named right before the word "rent", as part of it: "garage monthly rent".
    fn modifier(&self, left: &[Cue], rent: usize) -> Option<Charge> {
        let cue = left[..rent].last()?;
        let Says::Not(charge) = cue.says else { return None };
        let between = &self.tokens()[cue.end..left[rent].start];
        let joined = between.len() <= 2
            && between.iter().all(|token| {
                token.kind == Kind::Word
                    && !matches!(
                        token.text.as_str(),
                        "and" | "the" | "to" | "of" | "shall" | "will" | "pay"
                    )
            });
        // "rent for the garage of": the charge stands behind, and `governed` has seen it.
        joined.then_some(charge)
    }

    /// What is said right behind the amount: "as rent", "for parking", "security deposit", `("Rent")`.
    fn attached(&self) -> Option<Says> {
        let tokens = self.tokens();
        let mut at = self.amount.end;
        // Brackets that repeat the amount, and the words that say by which time.
        let mut bracketed = None;
        loop {
            let token = tokens.get(at).filter(|_| at < self.right)?;
            if token.is_mark(&["(", "["]) {
                let close = (at..self.right.min(at + 14)).find(|at| tokens[*at].is_mark(&[")", "]"]));
                let close = close.unwrap_or(self.right);
                bracketed = bracketed.or(self.first_named(at, close));
                at = close + 1;
            } else if token.is_mark(&[")", "]", "/", "\"", "-"]) && at < self.amount.end + 3 {
                at += 1;
            } else if let Some(cue) = self
                .cues(at, self.right)
                .first()
                .filter(|cue| cue.start == at && matches!(cue.says, Says::Month | Says::Other(_)))
            {
                at = cue.end;
            } else if token.is("dollar") || token.is("usd") {
                at += 1;
            } else {
                break;
            }
        }
        if bracketed.is_some() {
            return bracketed;
        }
        // "to be held as a deposit", "which is kept as security".
        let held = (at..self.right.min(at + 5))
            .find(|at| tokens[*at].is("as"))
            .filter(|end| {
                tokens[at..*end].iter().all(|token| {
                    matches!(
                        token.text.as_str(),
                        "to" | "be"
                            | "is"
                            | "which"
                            | "held"
                            | "hold"
                            | "kept"
                            | "retained"
                            | "treated"
                            | "serve"
                            | "paid"
                    )
                })
            });
        at = held.unwrap_or(at);
        let token = tokens.get(at).filter(|_| at < self.right)?;
        let preposition = matches!(token.text.as_str(), "as" | "for" | "toward" | "in" | "of");
        let mut end = at + usize::from(preposition);
        let longest = if preposition { 7 } else { 4 };
        while end < self.right
            && end < at + longest
            && !tokens[end].is_mark(&[",", ".", ";", ":", "(", ")"])
            && !matches!(
                tokens[end].text.as_str(),
                "and"
                    | "plus"
                    | "beginning"
                    | "payable"
                    | "due"
                    | "shall"
                    | "will"
                    | "is"
                    | "are"
                    | "on"
                    | "if"
                    | "with"
                    | "including"
                    | "which"
                    | "to"
                    | "by"
                    | "unless"
                    | "until"
                    | "from"
                    | "starting"
                    | "commencing"
            )
        {
            end += 1;
        }
        // What stands before the next amount without a preposition is that one's label.
        if !preposition && self.next_follows && end + 2 >= self.right {
            return None;
        }
        if end < self.right && tokens[end].is_mark(&[":"]) && !preposition {
            return None;
        }
        self.first_named(at, end)
    }

    fn first_named(&self, from: usize, to: usize) -> Option<Says> {
        self.cues(from, to)
            .iter()
            .map(|cue| cue.says)
            .find(|says| matches!(says, Says::Rent | Says::Not(_)))
    }

    /// By which time the amount is, as far as something says so.
    fn period(&self) -> Said {
        let of = |cue: &Cue| match cue.says {
            Says::Month => Some(Time::Month),
            // "equal monthly installments".
            Says::Rent
                if self.tokens()[cue.start..cue.end]
                    .iter()
                    .any(|token| token.is("monthly")) =>
            {
                Some(Time::Month)
            }
            Says::Other(period) => Some(Time::Other(period)),
            _ => None,
        };
        // Right behind the amount nothing else can be meant.
        let right = self.cues(self.amount.end, self.right.min(self.amount.end + RIGHT));
        let next = right
            .iter()
            .find_map(|cue| Some((cue.start - self.amount.end, of(cue)?)));
        // "$675 per month, on the 1st and 15th".
        let shorter = |time: Time| {
            let twice = right.iter().any(|cue| cue.says == Says::Other(Period::Shorter));
            if time == Time::Month && twice {
                Time::Other(Period::Shorter)
            } else {
                time
            }
        };
        if let Some((distance, time)) = next
            && distance <= 3
        {
            return Said::plainly(shorter(time));
        }
        let mut left: Vec<&Cue> = self.cues(self.left, self.amount.start).iter().collect();
        if self.first {
            let label = self.cues(0, self.piece.own.start).iter();
            left.splice(0..0, label);
        }
        // A year or a term may be the lease's own: it speaks of the rent only right before or behind that word.
        let rent = left.iter().rev().find(|cue| cue.says == Says::Rent);
        let of_rent = |cue: &Cue| match cue.says {
            Says::Other(Period::Year | Period::Term) => rent.is_some_and(|rent| {
                cue.start >= rent.start
                    || rent.start - cue.end <= 1
                        && self.tokens()[cue.end..rent.start]
                            .iter()
                            .all(|token| token.kind == Kind::Word)
            }),
            _ => true,
        };
        let mut times = left.iter().filter(|cue| of_rent(cue)).filter_map(|cue| of(cue));
        if times.clone().any(|time| time == Time::Other(Period::Shorter)) {
            return Said::plainly(Time::Other(Period::Shorter));
        }
        if let Some(nearest) = times.next_back() {
            return Said::plainly(shorter(nearest));
        }
        match next {
            Some((_, time)) => Said {
                time: Some(time),
                plainly: false,
            },
            None => Said {
                time: self.piece.section.month.then_some(Time::Month),
                plainly: true,
            },
        }
    }
}

/// By which time an amount is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Time {
    Month,
    Other(Period),
}

/// What is said of an amount's time, and whether it is meant of this amount beyond doubt.
#[derive(Clone, Copy, Debug)]
struct Said {
    time: Option<Time>,
    plainly: bool,
}

impl Said {
    const fn plainly(time: Time) -> Self {
        Self {
            time: Some(time),
            plainly: true,
        }
    }
}

/// Charges that have a rent of their own: whatever their section calls rent is not that of the apartment.
const fn is_apart(charge: Charge) -> bool {
    matches!(
        charge,
        Charge::PetRent
            | Charge::Parking
            | Charge::Holdover
            | Charge::RentChange
            | Charge::TenantShare
            | Charge::Concession
            | Charge::Requirement
            | Charge::Prorated
    )
}

/// What the amounts of a lease come to.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) rents: Vec<Finding<Rent>>,
    pub(super) set_aside: Vec<SetAside>,
    pub(super) doubts: Vec<Finding<Reason>>,
}

/// Weighs all amounts against each other. `due_monthly` says that the lease somewhere has rent fall due by the month;
/// `months` is the length of the term.
pub(super) fn weigh(
    document: &Document,
    all: Vec<Judged>,
    due_monthly: bool,
    months: Option<u64>,
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut amounts = by_place(all);
    for amount in &mut amounts {
        // A field at the same place has no sentence, and cannot make it more certain.
        if amount.conditional && matches!(amount.class, Class::Rent(_)) {
            amount.class = Class::Rent(Strength::Unnamed);
        }
        // "Rent: $1,350": by the month, if the lease says so elsewhere.
        if amount.class == Class::Rent(Strength::Plain) && !amount.monthly && !due_monthly {
            amount.class = Class::Rent(Strength::Named);
        }
    }
    settle_totals(&mut amounts);
    let doubt = |reason: Reason, amount: &Judged| {
        finding(document, reason, &amount.words, &amount.text, amount.first_way())
    };
    let rents: Vec<u64> = amounts
        .iter()
        .filter(|amount| matches!(amount.class, Class::Rent(_)))
        .filter_map(|amount| amount.reading.hundredths())
        .collect();
    let steps = amounts
        .iter()
        .find(|amount| amount.step && matches!(amount.class, Class::Rent(_)));
    if let Some(step) = steps
        && rents.iter().any(|rent| Some(*rent) != rents.first().copied())
    {
        outcome.doubts.push(doubt(Reason::RentChangesInTerm, step));
    }
    let the_rent = rents
        .first()
        .copied()
        .filter(|first| rents.iter().all(|rent| rent == first));
    let mut confirmed = false;
    for amount in &amounts {
        let value = amount.reading.hundredths();
        match amount.class {
            Class::OtherPeriod => outcome.doubts.push(doubt(Reason::RentNotMonthly, amount)),
            Class::LongRent(period) => {
                let fits = the_rent.zip(value).is_some_and(|(rent, value)| {
                    let times = |months: u64| rent.checked_mul(months) == Some(value);
                    times(12) && period == Period::Year
                        || period != Period::Year
                            && (months.is_some_and(times) || months.is_none() && times(12))
                });
                confirmed |= fits;
                if rents.is_empty() {
                    outcome.doubts.push(doubt(Reason::RentNotMonthly, amount));
                } else if !fits
                    && (period == Period::Year
                        || the_rent.zip(value).is_some_and(|(rent, value)| value % rent != 0))
                {
                    outcome.doubts.push(doubt(Reason::RentsDisagree, amount));
                }
            }
            Class::Aside(Charge::RentChange) => outcome.doubts.push(doubt(Reason::RentChangeNotice, amount)),
            Class::Aside(Charge::TenantShare) => outcome.doubts.push(doubt(Reason::Subsidised, amount)),
            // What is taken off every month is a lower rent by another name.
            Class::Aside(Charge::Concession) if amount.monthly => {
                outcome.doubts.push(doubt(Reason::RentsDisagree, amount));
            }
            Class::Rent(_) if amount.in_words.is_some_and(|in_words| Some(in_words) != value) => {
                outcome.doubts.push(doubt(Reason::WordsDifferFromDigits, amount));
            }
            Class::Rent(_) if matches!(amount.reading, Reading::Suspect(_)) => {
                outcome.doubts.push(doubt(Reason::LowConfidence, amount));
            }
            _ => {}
        }
    }
    let named = |amount: &Judged| matches!(amount.class, Class::Rent(Strength::Named | Strength::Plain));
    let mut places: Vec<usize> = amounts
        .iter()
        .filter(|amount| matches!(amount.class, Class::Rent(_)))
        .map(|amount| amount.word)
        .collect();
    places.sort_unstable();
    places.dedup();
    let agreed = the_rent.is_some() && (places.len() >= 2 || confirmed) && amounts.iter().any(named);
    for amount in amounts {
        let value = amount.reading.hundredths();
        match amount.class {
            Class::Rent(strength) => {
                let most = match strength {
                    _ if matches!(amount.reading, Reading::Suspect(_)) => DAMAGED,
                    Strength::Plain if !amount.handwritten || agreed => 100.0,
                    Strength::Named | Strength::Plain if agreed => 100.0,
                    Strength::Named | Strength::Plain => NAMED_ONCE,
                    Strength::Unnamed => UNNAMED,
                };
                let rent = value.and_then(rent);
                match rent {
                    Some(rent) => {
                        for way in &amount.found_by {
                            let mut found = finding(document, rent, &amount.words, &amount.text, *way);
                            found.confidence = Confidence::new(amount.confidence.min(most));
                            outcome.rents.push(found);
                        }
                    }
                    // Called the rent, and no amount that a rent can have.
                    None => outcome.doubts.push(doubt(Reason::LowConfidence, &amount)),
                }
            }
            Class::OtherPeriod => {}
            Class::LongRent(_) | Class::TotalRent => {
                outcome.set_aside.push(aside(document, Charge::Total, &amount));
            }
            Class::Aside(charge) => outcome.set_aside.push(aside(document, charge, &amount)),
            Class::Nothing => outcome.set_aside.push(aside(document, Charge::Fee, &amount)),
        }
    }
    outcome
}

/// The amounts, those at one place made one: the same word may stand in a sentence and in a field.
fn by_place(all: Vec<Judged>) -> Vec<Judged> {
    let mut places: HashMap<usize, usize> = HashMap::new();
    let mut amounts: Vec<Judged> = Vec::new();
    for amount in all {
        let Some(at) = places.get(&amount.word) else {
            places.insert(amount.word, amounts.len());
            amounts.push(amount);
            continue;
        };
        let known = &mut amounts[*at];
        known.class = both(known.class, amount.class);
        known.monthly |= amount.monthly;
        known.conditional |= amount.conditional;
        known.step |= amount.step;
        // A field or a line may hold only the end of the words: the other one has them whole, and they agree.
        let whole = |amount: &Judged| matches!(amount.reading, Reading::Clear(value) if amount.in_words == Some(value));
        if amount.torn && whole(known) {
            // What is known is better.
        } else if known.torn && whole(&amount) {
            known.reading = amount.reading;
            known.text.clone_from(&amount.text);
            known.words.clone_from(&amount.words);
            known.torn = false;
        } else if matches!(amount.reading, Reading::Suspect(_)) {
            known.reading = amount.reading;
        }
        known.in_words = known.in_words.or(amount.in_words);
        for way in amount.found_by {
            if !known.found_by.contains(&way) {
                known.found_by.push(way);
            }
        }
    }
    amounts
}

/// What an amount is that was read in two ways.
fn both(one: Class, other: Class) -> Class {
    match (one, other) {
        (Class::Nothing | Class::Rent(Strength::Unnamed), known) => known,
        (known, Class::Nothing | Class::Rent(Strength::Unnamed)) => known,
        (Class::Rent(a), Class::Rent(b)) => Class::Rent(a.max(b)),
        // What a sentence calls another's rent, or an announced one, a field does not know: it has no sentence.
        (Class::Rent(_), aside @ Class::Aside(Charge::Requirement | Charge::RentChange))
        | (aside @ Class::Aside(Charge::Requirement | Charge::RentChange), Class::Rent(_)) => aside,
        // The rent to one and a charge to the other: a question.
        (Class::Rent(_), Class::Aside(_)) | (Class::Aside(_), Class::Rent(_)) => Class::Rent(Strength::Named),
        // "Rent" on a form may be a year's: the sentence says which.
        (Class::Rent(_), other) => other,
        (Class::Aside(_), other @ (Class::TotalRent | Class::LongRent(_) | Class::OtherPeriod)) => other,
        (one, _) => one,
    }
}

/// Decides what total rents are: the rent itself where nothing else is paid by the month, or the rent with what is.
fn settle_totals(amounts: &mut [Judged]) {
    let base: Vec<u64> = amounts
        .iter()
        .filter(|amount| matches!(amount.class, Class::Rent(Strength::Named | Strength::Plain)))
        .filter_map(|amount| amount.reading.hundredths())
        .collect();
    let mut beside: Vec<u64> = amounts
        .iter()
        .filter(|amount| match amount.class {
            Class::Aside(Charge::PetRent | Charge::Parking) => true,
            Class::Aside(Charge::Fee) => amount.monthly,
            _ => false,
        })
        .filter_map(|amount| amount.reading.hundredths())
        .collect();
    beside.sort_unstable();
    beside.dedup();
    // More charges than a lease has: every sum would be among them.
    beside.truncate(10);
    let sums: HashSet<u64> = (1..1_usize << beside.len())
        .map(|chosen| {
            let chosen = |(at, charge): (usize, &u64)| if chosen >> at & 1 == 1 { *charge } else { 0 };
            beside.iter().enumerate().map(chosen).sum()
        })
        .collect();
    for amount in amounts
        .iter_mut()
        .filter(|amount| amount.class == Class::TotalRent)
    {
        let Some(total) = amount.reading.hundredths() else {
            continue;
        };
        amount.class = match base.first() {
            None if beside.is_empty() && amount.monthly => Class::Rent(Strength::Plain),
            None if beside.is_empty() => Class::Rent(Strength::Named),
            None => Class::Aside(Charge::Total),
            Some(rent) if total == *rent => Class::Rent(Strength::Named),
            Some(rent) if total.checked_sub(*rent).is_some_and(|rest| sums.contains(&rest)) => {
                Class::Aside(Charge::Total)
            }
            Some(rent) if !amount.monthly && rent.checked_mul(12) == Some(total) => {
                Class::Aside(Charge::Total)
            }
            Some(_) => Class::Rent(Strength::Named),
        };
    }
}

fn rent(hundredths: u64) -> Option<Rent> {
    #[expect(clippy::cast_precision_loss, reason = "an amount has at most eleven digits")]
    Rent::try_from(hundredths as f64 / 100.0).ok()
}

fn aside(document: &Document, charge: Charge, amount: &Judged) -> SetAside {
    let said = document.text(amount.words.iter().copied());
    let said: String = said.chars().take(200).collect();
    SetAside {
        charge,
        amount: finding(document, said, &amount.words, &amount.text, amount.first_way()),
    }
}

/// The rents that an answer to a question may mean.
pub(super) fn rents_in(answer: &str) -> Vec<Rent> {
    let block = crate::Block {
        block_type: crate::BlockType::Line,
        text: Some(answer.chars().take(200).collect()),
        ..crate::Block::default()
    };
    let document = Document::new(vec![block]);
    let words: Vec<usize> = (0..document.words.len()).collect();
    let tokens = super::token::tokens(&document, &words);
    let amounts = amounts(&tokens, true);
    amounts
        .iter()
        .filter_map(|amount| amount.reading.hundredths().and_then(rent))
        .collect()
}

/// What a piece says that no machine may decide on, without an amount of its own: that a housing authority pays a part,
/// that the rent goes up within the term, that what is let is no home.
pub(super) fn doubt_of(document: &Document, piece: &Piece) -> Option<Finding<Reason>> {
    let Piece { tokens, own, .. } = piece;
    if piece.found_by != FoundBy::Sentence {
        return None;
    }
    let starts = sentences(tokens, own.clone());
    for (at, start) in starts.iter().enumerate() {
        let end = starts.get(at + 1).copied().unwrap_or(own.end);
        let sentence = &tokens[*start..end];
        let reason = rises(sentence)
            .or_else(|| subsidised(sentence))
            .or_else(|| twice(sentence))
            .or_else(|| no_home(sentence));
        if let Some(reason) = reason {
            let mut words: Vec<usize> = sentence.iter().take(40).map(|token| token.word).collect();
            words.dedup();
            let text = document.text(words.iter().copied());
            return Some(finding(document, reason, &words, &text, piece.found_by));
        }
    }
    None
}

fn has(sentence: &[Token], stems: &[&str]) -> bool {
    sentence.iter().any(|token| stems.contains(&token.text.as_str()))
}

/// "Rent shall increase by 3% on January 1": surely, by so much, and not only if the lease is renewed.
fn rises(sentence: &[Token]) -> Option<Reason> {
    let rises = sentence.windows(2).any(|pair| {
        matches!(
            pair[0].text.as_str(),
            "shall" | "will" | "be" | "automatically" | "rent"
        ) && matches!(
            pair[1].text.as_str(),
            "increase" | "increased" | "rise" | "escalate" | "step" | "decrease" | "adjusted"
        )
    });
    let by_how_much = sentence.iter().any(|token| {
        token.kind == Kind::Money || token.is_mark(&["%"]) || token.is("percent") || token.is("cpi")
    });
    let perhaps = has(
        sentence,
        &[
            "may",
            "renewal",
            "renew",
            "renewed",
            "extension",
            "extended",
            "holdover",
            "option",
            "expiration",
            "not",
            "no",
            "fee",
            "late",
        ],
    );
    (has(sentence, &["rent"]) && rises && by_how_much && !perhaps).then_some(Reason::RentChangesInTerm)
}

/// "Rent is due on the 1st and the 15th": whatever the amount elsewhere is, it may be half of it.
fn twice(sentence: &[Token]) -> Option<Reason> {
    let of_rent = has(sentence, &["rent"])
        && !has(
            sentence,
            &["deposit", "fee", "late", "pet", "parking", "garage", "storage"],
        );
    (of_rent && twice_a_month(sentence)).then_some(Reason::RentNotMonthly)
}

fn subsidised(sentence: &[Token]) -> Option<Reason> {
    if has(
        sentence,
        &[
            "not",
            "no",
            "discriminate",
            "discrimination",
            "regardless",
            "source",
            "without",
            "if",
            "any",
            "may",
        ],
    ) {
        return None;
    }
    let pair = |a: &str, b: &str| sentence.windows(2).any(|pair| pair[0].is(a) && pair[1].is(b));
    let eight = pair("section", "8")
        && has(
            sentence,
            &[
                "program",
                "voucher",
                "hud",
                "housing",
                "assistance",
                "assisted",
                "subsidy",
                "tenancy",
            ],
        );
    let named = pair("housing", "assistance")
        || pair("housing", "authority")
        || pair("housing", "choice")
        || pair("hap", "contract")
        || pair("contract", "rent")
        || pair("utility", "allowance")
        || pair("tenancy", "addendum")
        || has(sentence, &["hud", "pha"]) && has(sentence, &["rent", "tenant", "owner", "contract", "lease"]);
    (eight || named).then_some(Reason::Subsidised)
}

/// "Landlord leases to Tenant garage No. 12": a rent, but not that of an apartment.
fn no_home(sentence: &[Token]) -> Option<Reason> {
    let at = sentence
        .windows(2)
        .position(|pair| matches!(pair[0].text.as_str(), "lease" | "rent" | "let") && pair[1].is("to"))?;
    let behind = &sentence[at..sentence.len().min(at + 16)];
    let object = behind.iter().find_map(|token| match token.text.as_str() {
        "garage" | "parking" | "storage" | "carport" | "stall" | "locker" | "furniture" | "appliance"
        | "equipment" | "vehicle" => Some(true),
        "apartment" | "unit" | "dwelling" | "residence" | "home" | "house" | "premise" | "property"
        | "condominium" | "room" => Some(false),
        _ => None,
    });
    (object == Some(true)).then_some(Reason::NotALease)
}
