//! What a sentence says that keeps its rent from being this lease's: an example, somebody else's home, a span of amounts.

use super::amount::Amount;
use super::date::ordinal;
use super::token::{Kind, Token};

/// Why a rent that a sentence names is not simply the rent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    /// It is that of something else, or of nothing: another unit's, a shop's, an example's.
    Another,
    /// It is one of several, or a bound of what it may be.
    Open,
    /// It falls due twice in a month.
    Twice,
    /// It is announced.
    Announced,
    /// It holds only if something else does.
    Conditional,
}

/// What a rent is paid for.
const HOMES: [&str; 11] = [
    "unit",
    "apartment",
    "home",
    "house",
    "residence",
    "property",
    "building",
    "premise",
    "dwelling",
    "flat",
    "space",
];
/// Tokens before an amount that may say that it is no exact one.
const NEAR: usize = 6;
/// Tokens behind an amount within which a condition is meant of it.
const CONDITION: usize = 7;
/// Tokens between the two days of a month.
const BETWEEN: usize = 10;

/// What the sentence `from..to` makes of the rent `amount`. `units` are those of what is let, where they are known.
pub(super) fn context(
    tokens: &[Token],
    from: usize,
    to: usize,
    amount: &Amount,
    units: &[String],
) -> Option<Context> {
    let left = &tokens[from.min(amount.start)..amount.start];
    super::count_steps(left.len());
    let right = &tokens[amount.end.min(to)..to.max(amount.end.min(to))];
    if is_example(left) || is_elsewhere(left) {
        return Some(Context::Another);
    }
    if is_announced(left) {
        return Some(Context::Announced);
    }
    if is_open(left, right) {
        return Some(Context::Open);
    }
    // "Half of the rent, $900, is due on the 1st".
    if any(left, &["half"]) || twice_a_month(&tokens[from.min(to)..to]) {
        return Some(Context::Twice);
    }
    let weaker = is_conditional(left, right)
        || is_in_part(left, right)
        || may_be_elsewhere(left, right)
        || names_another_unit(left, units);
    weaker.then_some(Context::Conditional)
}

fn any(tokens: &[Token], stems: &[&str]) -> bool {
    tokens.iter().any(|token| stems.contains(&token.text.as_str()))
}

/// "For example, if the rent were $2,000", "the rent would be $1,500".
fn is_example(left: &[Token]) -> bool {
    any(
        left,
        &[
            "example",
            "hypothetical",
            "hypothetically",
            "illustration",
            "illustrate",
            "illustrative",
            "suppose",
            "supposing",
            "assume",
            "assuming",
            "imagine",
            "instance",
        ],
    ) || left
        .windows(3)
        .any(|three| three[0].is("e") && three[1].is_mark(&["."]) && three[2].is("g"))
}

/// The market's rent, a neighbour's, a former tenant's, a shop's.
fn is_elsewhere(left: &[Token]) -> bool {
    const LET: [&str; 7] = ["let", "leased", "rented", "lease", "rent", "sublet", "occupied"];
    const OTHERS: [&str; 8] = [
        "other", "another", "someone", "somebody", "anyone", "third", "public", "stranger",
    ];
    if any(
        left,
        &[
            "comparable",
            "prevailing",
            "average",
            "neighbor",
            "neighboring",
            "neighbour",
            "neighbouring",
            "shop",
            "storefront",
        ],
    ) {
        return true;
    }
    let pair = left.windows(2).any(|pair| {
        let (a, b) = (pair[0].text.as_str(), pair[1].text.as_str());
        a == "market" && matches!(b, "rent" | "rental" | "rate" | "price" | "value")
            || matches!(
                a,
                "asking"
                    | "advertised"
                    | "listed"
                    | "list"
                    | "proposed"
                    | "quoted"
                    | "published"
                    | "ground"
                    | "head"
                    | "master"
                    | "percentage"
                    | "land"
                    | "street"
            ) && matches!(b, "rent" | "rental" | "rate" | "price")
            || a == "model" && HOMES.contains(&b)
            || a == "next" && b == "door"
            || matches!(a, "previou" | "former" | "prior" | "last" | "earlier")
                && matches!(b, "tenant" | "resident" | "lessee" | "occupant" | "renter")
    });
    let like = left.windows(2).any(|pair| {
        HOMES.contains(&pair[0].text.as_str()) && matches!(pair[1].text.as_str(), "like" | "similar")
    });
    let to_others = left.windows(3).any(|three| {
        LET.contains(&three[0].text.as_str())
            && matches!(three[1].text.as_str(), "to" | "by")
            && OTHERS.contains(&three[2].text.as_str())
    });
    pair || like || to_others
}

/// Words that may be about something else, and may stand in the sentence of the rent itself: such an amount is never set
/// aside, where it would no longer contradict another.
fn may_be_elsewhere(left: &[Token], right: &[Token]) -> bool {
    let words = any(
        left,
        &[
            "adjacent",
            "adjoining",
            "upstairs",
            "downstairs",
            "retail",
            "commercial",
            "billboard",
            "warehouse",
            "were",
            "would",
        ],
    );
    // "another apartment", "other two-bedroom units", "similar homes".
    let another = left.iter().enumerate().any(|(at, token)| {
        matches!(
            token.text.as_str(),
            "another" | "other" | "similar" | "different" | "vacant" | "like"
        ) && any(&left[at + 1..left.len().min(at + 5)], &HOMES)
            // "other than the Premises" is no other home.
            && !left.get(at + 1).is_some_and(|next| next.is("than"))
    });
    let no_part = right
        .windows(3)
        .any(|three| matches!(three[0].text.as_str(), "no" | "not") && any(&three[1..], &["part"]));
    words || another || no_part || is_paid_by_another(left, right)
}

/// "Landlord pays a rent of $1,825 for the office", "the rent of $1,825 was paid by the seller".
fn is_paid_by_another(left: &[Token], right: &[Token]) -> bool {
    const NO_TENANT: [&str; 11] = [
        "landlord",
        "lessor",
        "owner",
        "subtenant",
        "sublessee",
        "seller",
        "buyer",
        "guest",
        "licensee",
        "assignee",
        "guarantor",
    ];
    let pays = left.iter().enumerate().any(|(at, token)| {
        let next = |ahead: usize| left.get(at + ahead).map_or("", |token| token.text.as_str());
        NO_TENANT.contains(&token.text.as_str())
            && (next(1) == "pay"
                || matches!(next(1), "shall" | "will" | "must" | "also" | "currently") && next(2) == "pay")
    });
    let near = &right[..right.len().min(8)];
    let paid_by = near
        .windows(2)
        .any(|pair| pair[0].is("by") && NO_TENANT.contains(&pair[1].text.as_str()));
    let past =
        any(left, &["was", "had", "subtenant", "sublessee"]) || any(&right[..right.len().min(5)], &["was"]);
    let for_else = near.iter().enumerate().any(|(at, token)| {
        token.is("for")
            && any(
                &near[at + 1..near.len().min(at + 4)],
                &[
                    "office",
                    "shop",
                    "store",
                    "land",
                    "lot",
                    "warehouse",
                    "booth",
                    "desk",
                    "site",
                ],
            )
    });
    pays || paid_by || past || for_else
}

/// Whether a unit is named, and none of `units`.
fn names_another_unit(left: &[Token], units: &[String]) -> bool {
    if units.is_empty() {
        return false;
    }
    let mut another = false;
    for (at, token) in left.iter().enumerate() {
        if !matches!(token.text.as_str(), "unit" | "apt" | "apartment" | "suite" | "#") {
            continue;
        }
        let mut next = at + 1;
        while left
            .get(next)
            .is_some_and(|token| token.is_mark(&["#", "."]) || matches!(token.text.as_str(), "no" | "number"))
        {
            next += 1;
        }
        let Some(first) = left.get(next) else { continue };
        let is_name = first.kind == Kind::Number
            || first.kind == Kind::Word && first.capital && first.text.chars().count() <= 2;
        if !is_name {
            continue;
        }
        let name: String = left[next..]
            .iter()
            .take_while(|token| token.word == first.word)
            .filter(|token| token.kind != Kind::Mark)
            .map(|token| token.text.to_lowercase())
            .collect();
        if units.contains(&name) {
            return false;
        }
        another = true;
    }
    another
}

/// "between $1,165 and $2,600", "$1,200 - $1,400", "from $1,350", "up to $1,500", "approximately $1,350".
fn is_open(left: &[Token], right: &[Token]) -> bool {
    let near = &left[left.len().saturating_sub(NEAR)..];
    if any(left, &["between", "range", "ranging", "varies", "vary"])
        || any(
            near,
            &[
                "approximately",
                "approx",
                "about",
                "estimated",
                "roughly",
                "around",
                "minimum",
                "maximum",
                "tentatively",
                "anticipated",
                "projected",
            ],
        )
    {
        return true;
    }
    let pairs = [
        ("up", "to"),
        ("low", "as"),
        ("high", "as"),
        ("much", "as"),
        ("at", "least"),
        ("at", "most"),
        ("less", "than"),
        ("more", "than"),
        ("start", "at"),
        ("start", "from"),
        ("begin", "at"),
        ("begin", "from"),
        ("starting", "at"),
        ("starting", "from"),
        ("upward", "of"),
    ];
    if near
        .windows(2)
        .any(|pair| pairs.iter().any(|(a, b)| pair[0].is(a) && pair[1].is(b)))
    {
        return true;
    }
    // Another amount right behind it: a choice, or the other end.
    let is_amount = |token: &Token| token.kind == Kind::Money;
    right.iter().take(6).position(is_amount).is_some_and(|at| {
        let between = &right[..at];
        any(between, &["to", "or", "through"])
            || at == 1 && between[0].is_mark(&["-", "\u{2013}", "\u{2014}", "/"])
    })
}

/// "Landlord gives notice that from October 1 on the rent will be $1,475"; not "without notice".
fn is_announced(left: &[Token]) -> bool {
    let given = left.iter().enumerate().any(|(at, token)| {
        matches!(
            token.text.as_str(),
            "notify" | "notified" | "notifie" | "inform" | "informed" | "announce"
        ) || token.is("notice")
            && any(
                &left[at.saturating_sub(3)..at],
                &["give", "given", "giving", "this", "take", "hereby"],
            )
    });
    given
        && any(
            left,
            &["will", "shall", "become", "be", "change", "effective", "is"],
        )
}

/// "$975 through the sixth month and of $1,025 from October 1": for a part of the term each.
pub(super) fn names_a_part(tokens: &[Token], from: usize, to: usize) -> bool {
    (from..to).any(|at| {
        let leads = matches!(
            tokens[at].text.as_str(),
            "from" | "through" | "until" | "till" | "for"
        );
        let next = if tokens.get(at + 1).is_some_and(|token| token.is("the")) {
            at + 2
        } else {
            at + 1
        };
        let mut behind = next;
        let ordinal_month = day_of_month(tokens, &mut behind).is_some()
            && tokens
                .get(behind)
                .is_some_and(|token| matches!(token.text.as_str(), "month" | "year"));
        let begins_a_date = tokens
            .get(next)
            .is_some_and(|token| token.capital && super::date::month(&token.text).is_some())
            || super::date::days(&tokens[next.min(to)..to.min(next + 8)])
                .first()
                .is_some_and(|day| day.start == 0);
        leads && (ordinal_month || begins_a_date)
    })
}

/// An option, a part of the term, a part of the amount.
fn is_in_part(left: &[Token], right: &[Token]) -> bool {
    let option = left.windows(2).any(|pair| {
        let (a, b) = (pair[0].text.as_str(), pair[1].text.as_str());
        a == "may" && matches!(b, "rent" | "lease" | "let" | "renew" | "extend" | "occupy")
            || a == "another" && matches!(b, "year" | "term" | "month")
    });
    let of_term = |tokens: &[Token]| {
        tokens.windows(3).any(|three| {
            matches!(
                three[0].text.as_str(),
                "first" | "second" | "last" | "final" | "initial" | "remaining" | "next"
            ) && (three[1].kind == Kind::Number || super::number_words::is_number(&three[1].text))
                && matches!(three[2].text.as_str(), "month" | "year" | "week")
        })
    };
    let near = &right[..right.len().min(NEAR * 2)];
    let split = near
        .windows(3)
        .any(|three| three[0].is_mark(&[","]) && three[1].is("of") && three[2].is("which"));
    option || of_term(left) || of_term(near) || split
}

/// A condition in the same clause before the amount, or right behind it.
fn is_conditional(left: &[Token], right: &[Token]) -> bool {
    let clause = left
        .iter()
        .rposition(|token| token.is_mark(&[",", ";", ":"]) && !token.glued || token.is_mark(&[",", ";"]))
        .map_or(0, |at| at + 1);
    any(
        &left[clause..],
        &["if", "unless", "should", "provided", "whenever"],
    ) || any(
        left,
        &[
            "offered",
            "advertised",
            "listed",
            "proposed",
            "propose",
            "quoted",
            "negotiable",
        ],
    ) || any(
        &right[..right.len().min(CONDITION)],
        &["if", "provided", "unless", "when"],
    )
}

/// "on the 1st and again on the 15th": two days of a month on which the same falls due.
pub(super) fn twice_a_month(sentence: &[Token]) -> bool {
    if !any(
        sentence,
        &[
            "due",
            "payable",
            "paid",
            "pay",
            "owed",
            "owe",
            "payment",
            "installment",
        ],
    ) {
        return false;
    }
    // "in two installments each month"; "in twelve monthly installments" is a year's rent.
    let parts = sentence.windows(3).any(|three| {
        matches!(three[0].text.as_str(), "installment" | "payment")
            && matches!(three[1].text.as_str(), "each" | "per" | "a" | "every")
            && three[2].is("month")
    });
    let few = any(sentence, &["two", "three", "four", "2", "3", "4"]);
    if parts && few {
        return true;
    }
    let mut at = 0;
    while at < sentence.len() {
        super::count_step();
        let mut end = at;
        let Some(first) = day_of_month(sentence, &mut end) else {
            at += 1;
            continue;
        };
        // "between the 1st and the 5th": a time in which it may be paid.
        let span = any(&sentence[at.saturating_sub(3)..at], &["between", "from"]);
        let mut next = end;
        let mut joined = false;
        while next < sentence.len() && next < end + BETWEEN && !span {
            let token = &sentence[next];
            let mut behind = next;
            if let Some(second) = day_of_month(sentence, &mut behind) {
                let of_something = sentence.get(behind).is_some_and(|token| {
                    matches!(
                        token.text.as_str(),
                        "month" | "floor" | "year" | "installment" | "payment" | "bedroom" | "week"
                    )
                });
                if joined && second != first && !of_something {
                    return true;
                }
                break;
            }
            joined |= token.is("and") || token.is_mark(&["&"]);
            let goes_on = token.kind == Kind::Money
                || token.is_mark(&[",", "&"])
                || matches!(
                    token.text.as_str(),
                    "and"
                        | "again"
                        | "also"
                        | "on"
                        | "the"
                        | "then"
                        | "day"
                        | "another"
                        | "half"
                        | "a"
                        | "one"
                );
            if !goes_on {
                break;
            }
            next += 1;
        }
        at = end.max(at + 1);
    }
    false
}

/// "due on the 1st": a day of every month, where no month is named with it.
pub(super) fn names_a_day_of_the_month(tokens: &[Token]) -> bool {
    (1..tokens.len()).any(|at| {
        let mut behind = at;
        let named = |token: Option<&Token>| {
            token.is_some_and(|token| token.capital && super::date::month(&token.text).is_some())
        };
        let leads = tokens[at - 1].is("the")
            && at >= 2
            && matches!(tokens[at - 2].text.as_str(), "on" | "by" | "before");
        leads
            && day_of_month(tokens, &mut behind).is_some()
            && !named(tokens.get(behind))
            && !tokens.get(behind).is_some_and(|next| {
                next.kind == Kind::Word && !matches!(next.text.as_str(), "and" | "in" | "without")
            })
    })
}

/// An ordinal that counts a day: "1st", "fifteenth"; not a bare number.
fn day_of_month(tokens: &[Token], at: &mut usize) -> Option<i8> {
    let token = tokens.get(*at)?;
    let bare = token.kind == Kind::Number && token.text.bytes().all(|byte| byte.is_ascii_digit());
    if bare || token.kind == Kind::Mark {
        return None;
    }
    ordinal(tokens, at)
}

#[cfg(test)]
mod tests {
    use super::super::amount::amounts;
    use super::*;
    use crate::lease::tests::tokens_of;

    fn told(sentence: &str) -> Option<Context> {
        let tokens = tokens_of(sentence);
        let amount = amounts(&tokens, false).remove(0);
        context(
            &tokens,
            0,
            tokens.len(),
            &amount,
            &["4b".to_owned(), "c12".to_owned()],
        )
    }

    #[test]
    fn a_rent_that_is_not_this_homes_is_told_from_it() {
        for sentence in [
            "The market rent for the Apartment is $1,525 per month.",
            "Comparable apartments rent for $1,525 per month.",
            "The average rent in the building is $1,525 per month.",
            "For example, if the monthly rent were $2,000, the fee would be $100.",
            "Assuming a monthly rent of $2,000, the fee is $100.",
            "The shop is let to others for a rent of $2,450 per month.",
            "The neighboring apartment rents for $1,299 per month.",
            "Units like this one are advertised at a rent of $2,150 per month.",
            "The previous tenant paid a monthly rent of $1,100.",
        ] {
            assert_eq!(told(sentence), Some(Context::Another), "{sentence}");
        }
    }

    #[test]
    fn a_span_of_amounts_is_no_rent() {
        for sentence in [
            "The monthly rent is between $1,165.00 and $2,600.00.",
            "Rents range from $1,165 to $2,600 per month.",
            "The monthly rent is $1,165 to $2,600.",
            "The monthly rent is $1,165 - $2,600.",
            "The monthly rent is $1,165 or $1,265.",
            "The monthly rent is approximately $1,165.",
            "The monthly rent is up to $1,165.",
            "The monthly rent is at least $1,165.",
        ] {
            assert_eq!(told(sentence), Some(Context::Open), "{sentence}");
        }
    }

    #[test]
    fn two_days_of_a_month_are_two_payments() {
        for sentence in [
            "Rent is $1,825, payable on the 1st and again on the 15th of each month.",
            "Rent of $900 is due on the first and the fifteenth day of each month.",
            "Rent of $900 is due on the 1st and another $900 on the 15th.",
        ] {
            assert_eq!(told(sentence), Some(Context::Twice), "{sentence}");
        }
    }

    #[test]
    fn a_rent_that_is_announced_is_told_from_the_one_that_is_owed() {
        for sentence in [
            "Landlord gives notice that from October 1, 2026 on the rent will be $1,475 per month.",
            "Notice is hereby given that your notice period ends; this notice says the rent will be $1,475.",
            "We inform you that the monthly rent will be $1,475.",
        ] {
            assert_eq!(told(sentence), Some(Context::Announced), "{sentence}");
        }
        let sentence = "In advance and without notice Tenant shall pay a monthly rent of $1,475.";
        assert_eq!(told(sentence), None);
    }

    #[test]
    fn a_rent_for_a_part_of_the_term_is_told() {
        for (sentence, part) in [
            (
                "$975 per month through the sixth month and of $1,025 from October 1, 2026",
                true,
            ),
            ("$975 until 2026-10-01", true),
            ("$975 per month, due on the first day of each month", false),
            ("$975 for the month", false),
        ] {
            let tokens = tokens_of(sentence);
            assert_eq!(names_a_part(&tokens, 0, tokens.len()), part, "{sentence}");
        }
    }

    #[test]
    fn what_holds_only_if_something_else_does_is_conditional() {
        for sentence in [
            "The monthly rent is $1,825 if paid by the 1st.",
            "If Tenant renews the monthly rent is $1,825.",
            "The apartment is offered at a monthly rent of $1,825.",
            "Another unit of the building has a monthly rent of $1,299.",
            "Unit 99 is rented at a base rent of $1,299 per month.",
            "The cellar is let for a rent of $450 per month and is no part of the Premises.",
        ] {
            assert_eq!(told(sentence), Some(Context::Conditional), "{sentence}");
        }
    }

    #[test]
    fn the_homes_own_rent_is_left_alone() {
        for sentence in [
            "The monthly rent for Apartment 4B is $1,350.",
            "The monthly rent for Unit C-12 is $1,350.",
            "Tenant shall pay rent of $1,350 per month, due on the first day of each month.",
            "Rent of $1,350 is due on the 1st and late after the 5th day of each month.",
            "Rent of $1,350 is payable between the 1st and the 5th of each month.",
            "For the home at 12 Market Street Tenant pays a monthly rent of $1,350.",
            "If Tenant asks, in writing, the rent of $1,350 may be paid online.",
        ] {
            assert_eq!(told(sentence), None, "{sentence}");
        }
    }
}
