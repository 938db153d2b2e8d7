//! The words that say what an amount is.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use domain::lease::Charge;

use super::number_words;
use super::token::{Kind, Token, stem};

/// What a phrase says of the amounts near it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// It is the rent.
    Rent,
    /// It is something else.
    Not(Charge),
    /// It is by the month.
    Month,
    /// It is by some other time.
    Other(Period),
    /// What came before no longer speaks of it.
    Break,
    /// It is for a part of the term.
    Step,
    /// It is what one of several tenants pays.
    Share,
    /// Nothing, though its words alone would.
    Nothing,
}

/// A time other than a month that a rent is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Period {
    /// A week or less, or half a month.
    Shorter,
    /// A year.
    Year,
    /// The whole term.
    Term,
}

/// A phrase that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cue {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) says: Says,
}

/// The phrases, longest first wins. A plural or a possessive needs no line of its own.
#[rustfmt::skip]
const PHRASES: &[(Says, &[&str])] = &[
    (Says::Rent, &[
        "rent", "rental rate", "rental payment", "rental amount", "rental installment", "rental charge", "rental price",
        "monthly rental", "rental for the premises", "for the use of the premise",
        "for the use of the apartment", "for the use of the home", "for the use of the property", "for the use of the dwelling",
        "for the use of the unit", "for the use of the residence", "rental of", "monthly installment", "equal installment", "rental",
    ]),
    // Words with "rent" in them that name no amount, or another one.
    (Says::Nothing, &[
        "rental agreement", "rental unit", "rental property", "rental premises", "rental period", "rental term",
        "rental history", "rental office", "rental community", "rental contract", "rental housing", "rental home", "rent day",
        "rent due date", "rent control", "rent roll", "rent receipt", "rent payment date", "residential rental",
        "security of", "secured by", "for rent", "rent stabilization", "no pet", "no deposit", "no late", "without deposit",
        "default rate", "free of charge", "without charge", "no charge", "no additional charge", "in charge",
        "water heater", "gas station", "key west", "parking lot rule", "electronic", "electronically", "electronic fund",
        "move in date", "on or before", "or before", "or prior", "not later", "whether or not", "certified check", "cashier check", "personal check",
    ]),
    (Says::Not(Charge::Deposit), &[
        "deposit", "security", "damage deposit", "security deposit", "escrow", "last month rent", "last month", "bond", "surety",
        "holding deposit", "key deposit", "cleaning deposit", "one month rent", "two month rent", "month rent",
        "month of rent", "first and last", "refundable",
    ]),
    (Says::Not(Charge::LateFee), &[
        "late", "late fee", "late charge", "late rent", "late payment", "late rent fee", "rent late", "delinquent", "delinquency",
        "nsf", "n s f", "returned check", "returned payment", "returned item", "dishonored", "bounced", "insufficient fund",
        "bad check", "penalty", "not paid", "not received", "unpaid", "unpaid rent", "past due", "past due rent", "overdue",
        "overdue rent", "default", "fail", "failure", "interest", "check is returned",
    ]),
    (Says::Not(Charge::PetRent), &[
        "pet", "pet rent", "animal", "animal rent", "dog", "cat", "pet fee", "pet deposit", "monthly pet rent", "pet monthly rent",
        "pet charge",
    ]),
    (Says::Not(Charge::Parking), &[
        "parking", "parking rent", "garage", "garage rent", "carport", "carport rent", "storage", "storage rent", "vehicle",
        "locker", "parking space rent", "storage unit rent", "storage unit", "parking space", "garage rental", "parking rental",
        "storage rental", "boat", "trailer", "bike", "motorcycle",
    ]),
    (Says::Not(Charge::Prorated), &[
        "prorated", "prorated rent", "prorate", "proration", "pro rated", "pro rated rent", "pro rata", "pro rata rent",
        "prorated monthly rent", "pro rated monthly rent", "partial month", "partial month rent", "partial rent", "first month",
        "first month rent", "first full month", "first full month rent", "remainder of the month", "initial month", "stub",
        "prepaid rent", "advance rent", "rent in advance of", "first rent", "first payment", "initial payment",
        "first installment", "final month", "final month rent", "move in", "move in cost", "at signing", "upon signing",
        "at execution", "upon execution", "due at lease signing", "per diem", "short month",
    ]),
    (Says::Not(Charge::TenantShare), &[
        "tenant share", "tenant share of the rent", "tenant portion", "tenant portion of the rent", "tenant rent", "tenant rent to owner",
        "family share", "family rent", "hap", "housing assistance", "housing assistance payment", "total tenant payment",
        "assistance payment", "subsidy", "subsidized", "subsidized rent", "voucher", "utility reimbursement", "utility allowance",
        "contract rent", "gross rent to owner", "rent to owner", "housing authority", "resident share", "resident rent",
        "participant share", "family contribution", "tenant contribution", "pha", "rent subsidy", "rental assistance",
        "resident portion", "participant rent", "lessee share", "lessee portion", "tenant payment",
        "rental assistance payment",
    ]),
    (Says::Not(Charge::RentChange), &[
        "rent increase", "rent change", "rent adjustment", "increased rent", "new rent", "new monthly rent", "renewal rent",
        "increase", "increased", "increase the rent", "raise", "raised", "rent escalation", "escalation", "escalate",
        "notice of rent", "change of rent", "change in rent", "renewal", "renewal rate", "renewal option", "option to renew",
        "adjusted rent", "rent will increase", "rent shall increase", "rent increase to", "rent raised",
        "rent will change", "rent shall change", "rent will go up", "rent go up", "rent will be increased",
        "rent shall be increased", "rent will be raised", "current rent", "current monthly rent", "previous rent", "prior rent",
        "old rent", "former rent", "present rent", "previous monthly rent", "prior monthly rent", "future rent",
    ]),
    (Says::Not(Charge::Holdover), &[
        "holdover", "holdover rent", "hold over", "holding over", "holding over rent", "month to month", "month to month rent",
        "month to month rate", "month to month fee", "month to month premium", "mtm", "after expiration", "early termination",
        "termination fee", "terminate early", "break the lease", "lease break", "buyout", "buy out", "reletting", "relet",
        "liquidated damage", "double rent", "double the rent", "use and occupancy", "short term premium", "early move out",
        "hold over rent", "remains in possession", "remain in possession", "holds over",
    ]),
    (Says::Not(Charge::Concession), &[
        "concession", "monthly concession", "rent concession", "credit", "rent credit", "discount", "discounted", "discounted rent",
        "rebate", "abatement", "rent abatement", "abated", "abated rent", "net effective", "net effective rent", "effective rent",
        "free rent", "free month", "rent free", "one month free", "month free", "waived", "special", "move in special",
        "reduction", "rent reduction", "reduced rent", "reduced", "off the rent", "promotional", "promotional rent", "promotion",
        "net rent", "introductory", "introductory rent", "look and lease", "preferred resident",
    ]),
    (Says::Not(Charge::Requirement), &[
        "guarantor", "guaranty", "guarantee", "guarantees", "income", "monthly income", "gross monthly income", "earn", "salary", "liability", "coverage", "insured", "policy limit",
        "minimum limit", "per occurrence", "liability insurance", "fine", "small claim", "value", "worth", "replacement cost",
    ]),
    (Says::Not(Charge::Fee), &[
        "fee", "utility", "water", "sewer", "trash", "garbage", "electric", "electricity", "heat", "internet",
        "cable", "wifi", "telephone", "insurance", "renter insurance", "rental insurance", "premium", "application",
        "rental application", "administrative", "admin", "administration", "cleaning", "key fee", "lost key", "replacement key", "lock change", "lockout", "amenity",
        "maintenance", "repair", "damage", "legal", "attorney", "lawn", "landscaping", "pest", "laundry", "washer", "dryer",
        "furniture", "furniture rental", "furniture rent", "equipment rental", "appliance rental", "hoa", "association", "move out",
        "transfer", "sublet", "assignment", "technology", "package", "valet", "tax", "additional rent", "added rent",
        "additional charge", "other charge", "surcharge", "reimburse", "reimbursement", "cost", "expense", "charge", "service",
        "background", "screening", "credit check", "redecorating", "carpet", "painting", "smoke", "smoking", "fob", "remote",
        "gym", "fitness", "pool", "club", "guest", "eviction", "processing", "commission", "broker", "notice to",
        "furnishing", "housekeeping", "appliance", "monitoring", "alarm", "snow", "air filter", "filter", "deductible",
        "in addition to rent", "in addition to the rent", "in addition to monthly rent", "in addition to the monthly rent",
        "in addition to base rent", "along with rent", "along with the rent", "on top of rent",
        "on top of the rent", "on top of the monthly rent", "addition to the base rent", "gas",
    ]),
    (Says::Not(Charge::Total), &[
        "total", "aggregate", "grand total", "sum total", "combined", "subtotal", "sub total", "all in", "all inclusive",
    ]),
    (Says::Month, &[
        "monthly", "per month", "a month", "each month", "every month", "per calendar month", "each and every month",
        "each calendar month", "per mo", "mo", "month", "of the month", "pcm", "every calendar month", "each succeeding month",
        "calendar month", "by the month",
    ]),
    (Says::Other(Period::Shorter), &[
        "per week", "a week", "each week", "every week", "weekly", "wk", "week", "biweekly", "bi weekly", "fortnight",
        "fortnightly", "every two week", "every other week", "semi monthly", "semimonthly", "twice a month", "twice monthly",
        "twice per month", "twice each month", "per day", "a day", "each day", "daily", "per night", "a night", "nightly",
        "every friday", "every monday", "each friday", "each monday", "1st and 15th", "1st and the 15th", "first and fifteenth",
        "first and the fifteenth", "half month", "half monthly", "1 and 15", "every saturday", "each saturday", "every 2 week",
        "every fourteen day", "every 14 day", "per fortnight", "each fortnight", "every fortnight", "bimonthly", "bi monthly",
    ]),
    (Says::Other(Period::Year), &[
        "per year", "a year", "each year", "every year", "yearly", "annual", "annually", "per annum", "yr", "quarterly",
        "per quarter", "each quarter", "per semester", "semester", "semi annual", "semiannual", "semi annually", "half year", "every three month", "every 3 month", "trimester",
    ]),
    (Says::Other(Period::Term), &[
        "for the term", "for the entire term", "for the lease term", "over the term", "over the lease term", "during the term",
        "for the full term", "whole term", "entire term", "lease value", "for the initial term", "term rent", "full term",
        "for the whole term", "throughout the term",
    ]),
    (Says::Break, &[
        "plus", "except", "exceed", "exceeding", "unless", "other than", "another", "less than", "minus", "percent",
        "and other", "and all other", "and any other", "or", "not", "more than", "greater of", "lesser of", "time the",
        "in addition", "owed", "if", "per hour", "hour",
    ]),
    (Says::Step, &[
        "thereafter", "first six month", "first three month", "last six month", "remaining month", "remaining term",
        "first year", "second year", "third year", "year one", "year two", "year 1", "year 2", "lease year", "first half",
        "second half", "month 1", "through month", "beginning", "commencing", "starting", "effective", "until", "then",
        "initially", "subsequent", "from and after", "for the remainder", "remainder of the term", "balance of the term", "step",
        "anniversary", "after that", "following month", "subsequently", "second six month", "final six month",
    ]),
    (Says::Share, &[
        "each tenant", "each resident", "each roommate", "each lessee", "each occupant", "per person", "per tenant", "per resident",
        "per bedroom", "per bed", "per roommate", "his share", "her share", "their share", "equal share", "individual share",
        "individual portion", "respective share", "each pay", "each paying", "each of them", "each co tenant", "one half",
        "share of the rent", "share of rent", "portion of the rent", "portion of rent", "roommate share",
        "share of the monthly rent", "portion of the monthly rent", "each of the tenant", "each person", "per occupant", "each room", "per room", "each bedroom", "per head",
        "each shall pay", "share",
    ]),
];

/// Phrases with the same first word, the longest first.
type Phrases = Vec<(Vec<String>, Says)>;

static BY_FIRST: LazyLock<HashMap<String, Phrases>> = LazyLock::new(|| {
    let mut by_first: HashMap<String, Phrases> = HashMap::new();
    for (says, phrases) in PHRASES {
        for phrase in *phrases {
            let stems: Vec<String> = phrase.split(' ').map(stem).collect();
            by_first.entry(stems[0].clone()).or_default().push((stems, *says));
        }
    }
    for phrases in by_first.values_mut() {
        phrases.sort_by_key(|(stems, _)| std::cmp::Reverse(stems.len()));
    }
    by_first
});

static KNOWN: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let phrases = PHRASES.iter().flat_map(|(_, phrases)| phrases.iter());
    phrases
        .flat_map(|phrase| phrase.split(' '))
        .map(stem)
        .filter(|word| word.len() > 3)
        .collect()
});

/// Whether a word means something here: one of a phrase or of a number.
pub(super) fn is_known(stem: &str) -> bool {
    KNOWN.contains(stem) || number_words::is_number(stem) || matches!(stem, "hundred" | "thousand" | "dollar")
}

/// The phrases among these tokens; none overlaps another.
pub(super) fn cues(tokens: &[Token]) -> Vec<Cue> {
    let mut cues = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        super::count_step();
        let found = (tokens[at].kind == Kind::Word || tokens[at].kind == Kind::Number)
            .then(|| BY_FIRST.get(&tokens[at].text))
            .flatten()
            .and_then(|phrases| {
                phrases
                    .iter()
                    .find_map(|(stems, says)| Some((matched(tokens, at, stems)?, *says)))
            });
        if let Some((end, says)) = found {
            // "12 months" and "twelve (12) months" are the length of something, no time that a rent is paid by.
            let counted = end == at + 1
                && tokens[at].is("month")
                && at > 0
                && tokens[..at]
                    .iter()
                    .rev()
                    .take(2)
                    // "$ 1,165.00/month" counts no months.
                    .take_while(|token| !token.is_mark(&["/"]))
                    .any(|token| token.kind == Kind::Number || number_words::is_number(&token.text));
            let says = if counted { Says::Other(Period::Term) } else { says };
            cues.push(Cue { start: at, end, says });
            at = end;
        } else {
            if tokens[at].is_mark(&["%"]) {
                cues.push(Cue {
                    start: at,
                    end: at + 1,
                    says: Says::Break,
                });
            }
            at += 1;
        }
    }
    cues
}

/// Where a phrase that begins at `start` ends. A hyphen within it does not matter.
fn matched(tokens: &[Token], start: usize, stems: &[String]) -> Option<usize> {
    let mut at = start;
    for (number, stem) in stems.iter().enumerate() {
        if number > 0 && tokens.get(at)?.is_mark(&["-", "\u{2010}", "\u{2011}"]) {
            at += 1;
        }
        let token = tokens.get(at)?;
        if token.kind == Kind::Mark || token.text != *stem {
            return None;
        }
        at += 1;
    }
    Some(at)
}
