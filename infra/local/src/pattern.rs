//! Event patterns: what an EventBridge rule and the filter of an event source mapping let through
//! (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>).
//!
//! A pattern is an object of the event's shape, whose leaves are lists of what may stand there; every key must match,
//! and of each list one entry. Where the event has an array, one of its elements must match. What AWS knows and this
//! does not (`cidr`) is refused, not passed over.
//!
//! One difference: AWS compares exact numbers as they are written, so that `300` and `3.0e2` differ; here whole
//! numbers differ from fractions, but fractions are compared by value.

use serde_json::{Map, Value};

/// A pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    fields: Vec<(String, Node)>,
    /// Alternatives of `$or`, one of which must match.
    any_of: Vec<Pattern>,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Inner(Pattern),
    Leaf(Vec<Matcher>),
}

#[derive(Clone, Debug, PartialEq)]
enum Matcher {
    Equals(Value),
    Text(TextMatcher),
    AnythingBut(Vec<Matcher>),
    Numeric(Vec<(Comparison, f64)>),
    Exists(bool),
}

#[derive(Clone, Debug, PartialEq)]
enum TextMatcher {
    Prefix { text: String, ignore_case: bool },
    Suffix { text: String, ignore_case: bool },
    EqualsIgnoreCase(String),
    Wildcard(Vec<String>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparison {
    Less,
    AtMost,
    Equal,
    AtLeast,
    Greater,
}

/// A pattern that cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pattern is wrong at {path}: {what}")]
pub struct PatternError {
    path: String,
    what: String,
}

fn wrong<T>(path: &str, what: impl Into<String>) -> Result<T, PatternError> {
    Err(PatternError {
        path: path.to_owned(),
        what: what.into(),
    })
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// It is not an object of objects and lists, or uses an operator that is malformed or not known here.
    pub fn parse(pattern: &Value) -> Result<Self, PatternError> {
        match pattern {
            Value::Object(fields) => Self::from_fields(fields, ""),
            _ => wrong("/", "a pattern must be an object"),
        }
    }

    fn from_fields(fields: &Map<String, Value>, path: &str) -> Result<Self, PatternError> {
        let mut pattern = Self {
            fields: Vec::new(),
            any_of: Vec::new(),
        };
        if fields.is_empty() {
            return wrong(path, "an object in a pattern must name something");
        }
        for (key, value) in fields {
            let path = format!("{path}/{key}");
            match value {
                Value::Array(alternatives) if key == "$or" => {
                    for (i, alternative) in alternatives.iter().enumerate() {
                        let path = format!("{path}/{i}");
                        let Value::Object(fields) = alternative else {
                            return wrong(&path, "an alternative must be an object");
                        };
                        pattern.any_of.push(Self::from_fields(fields, &path)?);
                    }
                }
                Value::Object(inner) => {
                    pattern
                        .fields
                        .push((key.clone(), Node::Inner(Self::from_fields(inner, &path)?)));
                }
                Value::Array(matchers) if !matchers.is_empty() => {
                    let matchers = matchers
                        .iter()
                        .map(|m| Matcher::parse(m, &path))
                        .collect::<Result<_, _>>()?;
                    pattern.fields.push((key.clone(), Node::Leaf(matchers)));
                }
                _ => return wrong(&path, "a value must be an object, or a list with something in it"),
            }
        }
        Ok(pattern)
    }

    /// Whether the event matches.
    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        self.matches_some(Some(event))
    }

    fn matches_some(&self, event: Option<&Value>) -> bool {
        if let Some(Value::Array(elements)) = event
            && !elements.is_empty()
        {
            return elements.iter().any(|element| self.matches_some(Some(element)));
        }
        self.fields.iter().all(|(key, node)| {
            let value = event.and_then(|event| event.get(key));
            match node {
                Node::Inner(pattern) => pattern.matches_some(value),
                Node::Leaf(matchers) => {
                    let leaves = leaves(value);
                    matchers.iter().any(|matcher| matcher.matches(&leaves))
                }
            }
        }) && (self.any_of.is_empty() || self.any_of.iter().any(|pattern| pattern.matches_some(event)))
    }
}

/// The values that a leaf of a pattern is compared with: none for what is absent or an object, each element of an
/// array.
fn leaves(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None | Some(Value::Object(_)) => Vec::new(),
        Some(Value::Array(elements)) => elements
            .iter()
            .flat_map(|element| leaves(Some(element)))
            .collect(),
        Some(scalar) => vec![scalar],
    }
}

impl Matcher {
    fn parse(matcher: &Value, path: &str) -> Result<Self, PatternError> {
        let Value::Object(operator) = matcher else {
            return match matcher {
                Value::Array(_) => wrong(path, "a list cannot stand in a list"),
                scalar => Ok(Self::Equals(scalar.clone())),
            };
        };
        let mut operators = operator.iter();
        let (Some((name, argument)), None) = (operators.next(), operators.next()) else {
            return wrong(path, "an operator is an object of one key");
        };
        Ok(match (name.as_str(), argument) {
            ("exists", Value::Bool(exists)) => Self::Exists(*exists),
            ("numeric", Value::Array(comparisons)) => Self::Numeric(comparisons_of(comparisons, path)?),
            ("anything-but", Value::Array(values)) if !values.is_empty() => Self::AnythingBut(
                values
                    .iter()
                    .map(|v| Self::parse_scalar(v, path))
                    .collect::<Result<_, _>>()?,
            ),
            ("anything-but", Value::Object(inner)) => Self::AnythingBut(Self::excluded(inner, path)?),
            ("anything-but", scalar) => Self::AnythingBut(vec![Self::parse_scalar(scalar, path)?]),
            (name, argument) => Self::Text(TextMatcher::parse(name, argument, path)?),
        })
    }

    fn parse_scalar(value: &Value, path: &str) -> Result<Self, PatternError> {
        match value {
            Value::Array(_) | Value::Object(_) => wrong(path, "needs a text, a number or a truth value"),
            scalar => Ok(Self::Equals(scalar.clone())),
        }
    }

    /// `{"anything-but": {"prefix": …}}`, with one argument or a list of them.
    fn excluded(operator: &Map<String, Value>, path: &str) -> Result<Vec<Self>, PatternError> {
        let mut excluded = Vec::new();
        for (name, argument) in operator {
            let arguments = argument
                .as_array()
                .map_or(std::slice::from_ref(argument), Vec::as_slice);
            for argument in arguments {
                excluded.push(Self::Text(TextMatcher::parse(name, argument, path)?));
            }
        }
        Ok(excluded)
    }

    fn matches(&self, leaves: &[&Value]) -> bool {
        match self {
            Self::Exists(exists) => *exists != leaves.is_empty(),
            Self::AnythingBut(excluded) => leaves
                .iter()
                .any(|leaf| !excluded.iter().any(|matcher| matcher.matches(&[leaf]))),
            Self::Equals(value) => leaves.contains(&value),
            Self::Text(matcher) => leaves
                .iter()
                .filter_map(|leaf| leaf.as_str())
                .any(|text| matcher.matches(text)),
            Self::Numeric(comparisons) => leaves.iter().filter_map(|leaf| leaf.as_f64()).any(|number| {
                comparisons
                    .iter()
                    .all(|(comparison, bound)| comparison.holds(number, *bound))
            }),
        }
    }
}

impl TextMatcher {
    fn parse(name: &str, argument: &Value, path: &str) -> Result<Self, PatternError> {
        let (text, ignore_case) = match (argument, argument.get("equals-ignore-case")) {
            (Value::String(text), _) => (text, false),
            (_, Some(Value::String(text))) => (text, true),
            _ => return wrong(path, format!("`{name}` needs a text")),
        };
        let text = text.clone();
        Ok(match (name, ignore_case) {
            ("prefix", _) => Self::Prefix { text, ignore_case },
            ("suffix", _) => Self::Suffix { text, ignore_case },
            ("equals-ignore-case", false) => Self::EqualsIgnoreCase(text),
            ("wildcard", false) => Self::Wildcard(text.split('*').map(str::to_owned).collect()),
            _ => return wrong(path, format!("the operator `{name}` is not known here")),
        })
    }

    fn matches(&self, value: &str) -> bool {
        match self {
            Self::Prefix {
                text,
                ignore_case: false,
            } => value.starts_with(text),
            Self::Prefix {
                text,
                ignore_case: true,
            } => value.to_lowercase().starts_with(&text.to_lowercase()),
            Self::Suffix {
                text,
                ignore_case: false,
            } => value.ends_with(text),
            Self::Suffix {
                text,
                ignore_case: true,
            } => value.to_lowercase().ends_with(&text.to_lowercase()),
            Self::EqualsIgnoreCase(text) => value.to_lowercase() == text.to_lowercase(),
            Self::Wildcard(parts) => wildcard_matches(parts, value),
        }
    }
}

/// Whether the parts follow each other in the text, the first at its beginning and the last at its end.
fn wildcard_matches(parts: &[String], value: &str) -> bool {
    let [first, middle @ .., last] = parts else {
        return parts.first().is_some_and(|only| only == value);
    };
    let Some(mut rest) = value.strip_prefix(first.as_str()) else {
        return false;
    };
    for part in middle {
        match rest.find(part.as_str()) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}

fn comparisons_of(parts: &[Value], path: &str) -> Result<Vec<(Comparison, f64)>, PatternError> {
    let (pairs, remainder) = parts.as_chunks::<2>();
    if pairs.is_empty() || !remainder.is_empty() {
        return wrong(path, "`numeric` needs comparisons and numbers in turn");
    }
    let mut comparisons = Vec::new();
    for [comparison, bound] in pairs {
        let comparison = match comparison.as_str() {
            Some("<") => Comparison::Less,
            Some("<=") => Comparison::AtMost,
            Some("=") => Comparison::Equal,
            Some(">=") => Comparison::AtLeast,
            Some(">") => Comparison::Greater,
            _ => return wrong(path, format!("`{comparison}` is no comparison")),
        };
        let Some(bound) = bound.as_f64() else {
            return wrong(path, format!("`{bound}` is no number"));
        };
        comparisons.push((comparison, bound));
    }
    Ok(comparisons)
}

impl Comparison {
    fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            Self::Less => number < bound,
            Self::AtMost => number <= bound,
            // AWS compares numbers exactly as well.
            Self::Equal => number.total_cmp(&bound).is_eq(),
            Self::AtLeast => number >= bound,
            Self::Greater => number > bound,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn matches(pattern: &Value, event: &Value) -> bool {
        Pattern::parse(pattern).unwrap().matches(event)
    }

    #[test]
    fn every_key_must_match_and_of_each_list_one_entry() {
        let pattern =
            json!({ "source": ["apartment-locator"], "detail-type": ["PurchasePaid", "PurchaseRefunded"] });
        assert!(matches(
            &pattern,
            &json!({ "source": "apartment-locator", "detail-type": "PurchasePaid", "x": 1 })
        ));
        assert!(!matches(
            &pattern,
            &json!({ "source": "apartment-locator", "detail-type": "Other" })
        ));
        assert!(!matches(&pattern, &json!({ "source": "apartment-locator" })));
    }

    #[test]
    fn the_outbox_filter_takes_new_events_only() {
        let pattern =
            json!({ "eventName": ["INSERT"], "dynamodb": { "NewImage": { "entity": { "S": ["Event"] } } } });
        let record = |name: &str, entity: &str| json!({ "eventName": name, "dynamodb": { "NewImage": { "entity": { "S": entity } } } });
        assert!(matches(&pattern, &record("INSERT", "Event")));
        assert!(!matches(&pattern, &record("MODIFY", "Event")));
        assert!(!matches(&pattern, &record("INSERT", "User")));
        assert!(!matches(
            &pattern,
            &json!({ "eventName": "INSERT", "dynamodb": { "Keys": {} } })
        ));
    }

    #[test]
    fn operators_match_as_documented() {
        for (matcher, value, expected) in [
            (json!({ "prefix": "us-" }), json!("us-east-1"), true),
            (
                json!({ "prefix": { "equals-ignore-case": "US-" } }),
                json!("us-east-1"),
                true,
            ),
            (json!({ "suffix": ".png" }), json!("a.png"), true),
            (json!({ "suffix": ".png" }), json!("a.gif"), false),
            (json!({ "equals-ignore-case": "alice" }), json!("ALICE"), true),
            (json!({ "wildcard": "dir/*.png" }), json!("dir/a/b.png"), true),
            (json!({ "wildcard": "a*a" }), json!("a"), false),
            (json!({ "anything-but": "x" }), json!("y"), true),
            (json!({ "anything-but": ["x", 1] }), json!(1), false),
            (
                json!({ "anything-but": { "prefix": "init" } }),
                json!("initial"),
                false,
            ),
            (
                json!({ "anything-but": { "suffix": [".a", ".b"] } }),
                json!("x.b"),
                false,
            ),
            (json!({ "numeric": [">", 0, "<=", 5] }), json!(5), true),
            (json!({ "numeric": [">", 0, "<=", 5] }), json!(0), false),
            (json!({ "numeric": ["=", 3.5] }), json!(3.5), true),
            (json!({ "numeric": ["<", 5] }), json!("4"), false),
            (json!({ "exists": true }), json!(false), true),
            (json!({ "exists": false }), json!(1), false),
            (json!(null), json!(null), true),
            (json!(""), json!(""), true),
            (json!("1"), json!(1), false),
        ] {
            let pattern = json!({ "detail": { "field": [matcher] } });
            let event = json!({ "detail": { "field": value } });
            assert_eq!(matches(&pattern, &event), expected, "{pattern} on {event}");
        }
    }

    #[test]
    fn what_is_absent_matches_only_where_its_absence_is_asked_for() {
        let absent = json!({ "a": { "b": [{ "exists": false }] } });
        assert!(matches(&absent, &json!({})));
        assert!(matches(&absent, &json!({ "a": {} })));
        assert!(!matches(&absent, &json!({ "a": { "b": null } })));
        assert!(!matches(&json!({ "a": [{ "anything-but": "x" }] }), &json!({})));
    }

    #[test]
    fn existence_is_a_question_about_leaves() {
        assert!(!matches(
            &json!({ "a": [{ "exists": true }] }),
            &json!({ "a": { "b": 1 } })
        ));
        assert!(matches(
            &json!({ "a": [{ "exists": false }] }),
            &json!({ "a": { "b": 1 } })
        ));
    }

    #[test]
    fn one_element_of_an_array_is_enough_and_it_must_match_as_a_whole() {
        assert!(matches(&json!({ "a": ["x"] }), &json!({ "a": ["y", "x"] })));
        let pattern = json!({ "a": { "b": [1], "c": [2] } });
        assert!(matches(
            &pattern,
            &json!({ "a": [{ "b": 0 }, { "b": 1, "c": 2 }] })
        ));
        assert!(!matches(
            &pattern,
            &json!({ "a": [{ "b": 1, "c": 0 }, { "b": 0, "c": 2 }] })
        ));
    }

    #[test]
    fn of_the_alternatives_one_must_match() {
        let pattern = json!({ "s": ["x"], "$or": [{ "a": [1] }, { "b": [{ "numeric": [">", 1] }] }] });
        assert!(matches(&pattern, &json!({ "s": "x", "b": 2 })));
        assert!(!matches(&pattern, &json!({ "s": "x", "b": 1 })));
        assert!(!matches(&pattern, &json!({ "a": 1 })));
    }

    #[test]
    fn what_cannot_be_judged_is_an_error_that_names_its_place() {
        for pattern in [
            json!([]),
            json!({}),
            json!({ "a": [] }),
            json!({ "a": "x" }),
            json!({ "a": { "b": [{ "cidr": "10.0.0.0/8" }] } }),
            json!({ "a": [{ "numeric": [">"] }] }),
            json!({ "a": [{ "numeric": ["!", 1] }] }),
            json!({ "a": [{ "prefix": 1 }] }),
            json!({ "a": [{ "prefix": "x", "suffix": "y" }] }),
        ] {
            assert!(Pattern::parse(&pattern).is_err(), "{pattern}");
        }
        let error = Pattern::parse(&json!({ "a": { "b": [{ "cidr": "x" }] } })).unwrap_err();
        assert_eq!(error.path, "/a/b");
    }

    proptest! {
        #[test]
        fn a_text_is_matched_by_each_of_its_prefixes_and_suffixes(text in ".{0,20}", cut in 0usize..20) {
            let (head, tail) = text.split_at(text.char_indices().map(|(i, _)| i).nth(cut).unwrap_or(text.len()));
            let event = json!({ "f": text });
            for (matcher, expected) in [
                (json!({ "prefix": head }), true),
                (json!({ "suffix": tail }), true),
                (json!(text), true),
                (json!({ "anything-but": text }), false),
            ] {
                prop_assert_eq!(matches(&json!({ "f": [matcher] }), &event), expected);
            }
        }

        #[test]
        fn anything_but_is_the_opposite_of_equality_for_a_value_that_is_there(a in "[ab]{0,3}", b in "[ab]{0,3}") {
            let event = json!({ "f": a });
            prop_assert_ne!(
                matches(&json!({ "f": [b] }), &event),
                matches(&json!({ "f": [{ "anything-but": b }] }), &event)
            );
        }

        #[test]
        fn a_range_holds_exactly_the_numbers_in_it(number in -100i32..100, low in -100i32..100, high in -100i32..100) {
            let pattern = json!({ "f": [{ "numeric": [">=", low, "<", high] }] });
            prop_assert_eq!(matches(&pattern, &json!({ "f": number })), (low..high).contains(&number));
        }

        #[test]
        fn a_wildcard_finds_its_parts_in_order(a in "[a-c]{0,4}", b in "[a-c]{0,4}", between in "[a-c]{0,4}") {
            let pattern = json!({ "f": [{ "wildcard": format!("{a}*{b}") }] });
            let event = json!({ "f": format!("{a}{between}{b}") });
            prop_assert!(matches(&pattern, &event));
        }
    }
}
