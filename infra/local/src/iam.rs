//! Permissions: what each function's statements in `template.yaml` allow, held against every call it makes.
//!
//! The part of IAM that a function's own role needs
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>): nothing is allowed
//! unless a statement allows it, and a `Deny` outweighs every `Allow`. Whatever this cannot judge, such as conditions
//! (but for the service that a role is passed to), is an error when the template is read, so that no statement is taken
//! for more or less than it says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;

use crate::wire::{Access, Principal};

/// What a statement does with the calls it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It allows them.
    Allow,
    /// It forbids them, whatever another statement says.
    Deny,
}

/// One statement of a role's policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it does with the calls it matches.
    pub effect: Effect,
    /// Patterns of actions, such as `dynamodb:Get*`; upper and lower case are the same here.
    pub actions: Vec<String>,
    /// Patterns of resource ARNs, or `*`.
    pub resources: Vec<String>,
    /// The condition on `iam:PassedToService`, if there is one: the services that a role may be passed to.
    pub passed_to: Option<Vec<String>>,
}

/// The action of handing a role to a service.
const PASS_ROLE: &str = "iam:PassRole";

impl Statement {
    /// Reads a statement of a policy document, whose intrinsic functions are already resolved.
    ///
    /// # Errors
    /// A sentence about the first part that is missing, malformed, or not supported here.
    pub fn from_json(statement: &Value) -> Result<Self, String> {
        let fields = statement.as_object().ok_or("a statement must be a mapping")?;
        if let Some(other) = fields
            .keys()
            .find(|key| !["Sid", "Effect", "Action", "Resource", "Condition"].contains(&key.as_str()))
        {
            return Err(format!("the local system cannot judge `{other}` in a statement"));
        }
        let effect = match fields.get("Effect").and_then(Value::as_str) {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            _ => return Err("`Effect` must be Allow or Deny".into()),
        };
        Ok(Self {
            effect,
            actions: one_or_more(fields.get("Action"), "Action")?,
            resources: one_or_more(fields.get("Resource"), "Resource")?,
            passed_to: fields.get("Condition").map(passed_to).transpose()?,
        })
    }

    /// Whether the statement is about this access; `service` is the one that a role is passed to.
    fn matches(&self, access: &Access, service: Option<&str>) -> bool {
        let condition = match (&self.passed_to, service) {
            (None, _) => true,
            (Some(services), Some(service)) => services.iter().any(|one| one == service),
            (Some(_), None) => false,
        };
        condition
            && self
                .actions
                .iter()
                .any(|pattern| action_matches(pattern, &access.action))
            && self
                .resources
                .iter()
                .any(|pattern| resource_matches(pattern, &access.resource))
    }
}

/// The services of `{"StringEquals": {"iam:PassedToService": …}}`, the one condition known here.
fn passed_to(condition: &Value) -> Result<Vec<String>, String> {
    let only = |value: &Value, key: &str| match value.as_object() {
        Some(fields) if fields.len() == 1 => fields.get(key).cloned(),
        _ => None,
    };
    let services = only(condition, "StringEquals").and_then(|equals| only(&equals, "iam:PassedToService"));
    match services {
        Some(services) => one_or_more(Some(&services), "iam:PassedToService"),
        None => Err("the local system cannot judge this `Condition` in a statement".to_owned()),
    }
}

fn one_or_more(value: Option<&Value>, name: &str) -> Result<Vec<String>, String> {
    let wanted = || format!("`{name}` must be a text or a list of texts");
    match value {
        Some(Value::String(one)) => Ok(vec![one.clone()]),
        Some(Value::Array(many)) if !many.is_empty() => many
            .iter()
            .map(|item| item.as_str().map(str::to_owned).ok_or_else(wanted))
            .collect(),
        _ => Err(wanted()),
    }
}

/// Whether an action pattern covers an action.
#[must_use]
pub fn action_matches(pattern: &str, action: &str) -> bool {
    wildcard_matches(
        pattern.to_ascii_lowercase().as_bytes(),
        action.to_ascii_lowercase().as_bytes(),
    )
}

/// Whether a resource pattern covers an ARN. A wildcard does not reach over a colon into the next of an ARN's first
/// five parts (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>).
#[must_use]
pub fn resource_matches(pattern: &str, arn: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let (mut patterns, mut parts) = (pattern.splitn(6, ':'), arn.splitn(6, ':'));
    loop {
        match (patterns.next(), parts.next()) {
            (None, None) => return true,
            (Some(pattern), Some(part)) if wildcard_matches(pattern.as_bytes(), part.as_bytes()) => {}
            _ => return false,
        }
    }
}

/// `*` stands for any number of characters, `?` for one. On a mismatch, the last `*` takes one character more.
fn wildcard_matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                last_star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == b'?' || c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match last_star {
                Some((star, taken)) => {
                    last_star = Some((star, taken + 1));
                    p = star + 1;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

/// An action of a function on a resource, or on a pattern of resources.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Right {
    /// The function's logical id.
    pub function: String,
    /// The action, or a pattern of actions.
    pub action: String,
    /// The resource's ARN, or a pattern of them.
    pub resource: String,
}

/// Decides whether a call is allowed, and remembers what was asked.
#[derive(Debug, Default)]
pub struct Authority {
    statements: BTreeMap<String, Vec<Statement>>,
    used: Mutex<BTreeSet<Right>>,
    denied: Mutex<BTreeSet<Right>>,
}

impl Authority {
    /// An authority over these functions, by logical id.
    #[must_use]
    pub fn new(statements: BTreeMap<String, Vec<Statement>>) -> Self {
        Self {
            statements,
            ..Self::default()
        }
    }

    /// Whether the principal may do this. A function's question is remembered with its answer; the operator may do
    /// everything, and leaves no trace; who did not sign may do nothing.
    pub fn check(&self, principal: &Principal, access: &Access) -> bool {
        self.decide(principal, access, None)
    }

    /// What the principal lacks to hand this role to a service, if it does: as [`Authority::check`].
    pub fn check_pass_role(&self, principal: &Principal, role: &str, service: &str) -> Result<(), Access> {
        let access = Access {
            action: PASS_ROLE.to_owned(),
            resource: role.to_owned(),
        };
        if self.decide(principal, &access, Some(service)) {
            Ok(())
        } else {
            Err(access)
        }
    }

    fn decide(&self, principal: &Principal, access: &Access, service: Option<&str>) -> bool {
        let function = match principal {
            Principal::Function(function) => function,
            Principal::Operator => return true,
            Principal::Anonymous => return false,
        };
        let statements = self.statements.get(function).map_or(&[][..], Vec::as_slice);
        let allowed = allows(statements, access, service);
        let right = Right {
            function: function.clone(),
            action: access.action.clone(),
            resource: access.resource.clone(),
        };
        lock(if allowed { &self.used } else { &self.denied }).insert(right);
        allowed
    }

    /// What functions asked for and were allowed.
    #[must_use]
    pub fn used(&self) -> BTreeSet<Right> {
        lock(&self.used).clone()
    }

    /// What functions asked for and were refused.
    #[must_use]
    pub fn denied(&self) -> BTreeSet<Right> {
        lock(&self.denied).clone()
    }

    /// What the statements allow: every action pattern with every resource pattern of its statement.
    #[must_use]
    pub fn granted(&self) -> BTreeSet<Right> {
        let allowing = self.statements.iter().flat_map(|(function, statements)| {
            statements
                .iter()
                .filter(|s| s.effect == Effect::Allow)
                .map(move |statement| (function, statement))
        });
        allowing
            .flat_map(|(function, statement)| {
                statement.actions.iter().flat_map(move |action| {
                    statement.resources.iter().map(move |resource| Right {
                        function: function.clone(),
                        action: action.clone(),
                        resource: resource.clone(),
                    })
                })
            })
            .collect()
    }
}

/// Whether the statements of a role allow this access; `service` is the one that a role is passed to.
#[must_use]
pub fn allows(statements: &[Statement], access: &Access, service: Option<&str>) -> bool {
    let matching: Vec<Effect> = statements
        .iter()
        .filter(|statement| statement.matches(access, service))
        .map(|statement| statement.effect)
        .collect();
    matching.contains(&Effect::Allow) && !matching.contains(&Effect::Deny)
}

/// The sets stay usable if a thread panicked while it held them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TABLE: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/apartment-locator";

    fn authority(statements: &[Value]) -> Authority {
        let statements = statements
            .iter()
            .map(|s| Statement::from_json(s).unwrap())
            .collect();
        Authority::new(BTreeMap::from([("ReaderFunction".to_owned(), statements)]))
    }

    fn asks(authority: &Authority, action: &str, resource: &str) -> bool {
        let access = Access {
            action: action.into(),
            resource: resource.into(),
        };
        authority.check(&Principal::Function("ReaderFunction".into()), &access)
    }

    #[test]
    fn what_no_statement_allows_is_refused_and_remembered_as_such() {
        let authority =
            authority(&[json!({ "Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": TABLE })]);
        assert!(asks(&authority, "dynamodb:GetItem", TABLE));
        assert!(!asks(&authority, "dynamodb:PutItem", TABLE));
        assert!(!asks(
            &authority,
            "dynamodb:GetItem",
            &format!("{TABLE}/index/GSI1")
        ));
        assert_eq!(authority.used().len(), 1);
        assert_eq!(authority.denied().len(), 2);
    }

    #[test]
    fn a_deny_outweighs_an_allow() {
        let authority = authority(&[
            json!({ "Effect": "Allow", "Action": "dynamodb:*", "Resource": "*" }),
            json!({ "Effect": "Deny", "Action": ["dynamodb:DeleteItem"], "Resource": [TABLE] }),
        ]);
        assert!(asks(&authority, "dynamodb:PutItem", TABLE));
        assert!(!asks(&authority, "dynamodb:DeleteItem", TABLE));
    }

    #[test]
    fn a_function_without_statements_may_do_nothing_and_the_operator_everything() {
        let authority = Authority::default();
        let access = Access {
            action: "s3:GetObject".into(),
            resource: "arn:aws:s3:::leases/1".into(),
        };
        assert!(!authority.check(&Principal::Function("Unknown".into()), &access));
        assert!(authority.check(&Principal::Operator, &access));
        assert!(authority.used().is_empty());
    }

    #[test]
    fn wildcards_match_as_iam_says() {
        assert!(action_matches("dynamodb:Get*", "dynamodb:GetItem"));
        assert!(action_matches("DynamoDB:getitem", "dynamodb:GetItem"));
        assert!(!action_matches("dynamodb:Get*", "dynamodb:BatchGetItem"));
        assert!(resource_matches(
            &format!("{TABLE}/index/GSI?"),
            &format!("{TABLE}/index/GSI2")
        ));
        assert!(resource_matches(
            "arn:aws:s3:::leases/*.pdf",
            "arn:aws:s3:::leases/a/b.pdf"
        ));
        assert!(resource_matches(
            "arn:aws:logs:*:*:log-group:x:*",
            "arn:aws:logs:r:1:log-group:x:log-stream:y"
        ));
        assert!(!resource_matches(
            "arn:aws:*:table/x",
            "arn:aws:dynamodb:r:1:table/x"
        ));
        assert!(!resource_matches(TABLE, &format!("{TABLE}-2")));
    }

    #[test]
    fn a_statement_that_cannot_be_judged_is_an_error() {
        for part in ["Condition", "NotAction", "NotResource", "Principal"] {
            let mut statement = json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" });
            statement[part] = json!({});
            assert!(Statement::from_json(&statement).unwrap_err().contains(part));
        }
        assert!(Statement::from_json(&json!({ "Effect": "Allow", "Action": [], "Resource": "*" })).is_err());
    }

    #[test]
    fn a_role_is_passed_to_the_services_that_the_condition_names_and_to_no_other() {
        const ROLE: &str = "arn:aws:iam::000000000000:role/textract";
        let condition = json!({ "StringEquals": { "iam:PassedToService": "textract.amazonaws.com" } });
        let authority = authority(&[
            json!({ "Effect": "Allow", "Action": "iam:PassRole", "Resource": ROLE, "Condition": condition }),
        ]);
        let reader = Principal::Function("ReaderFunction".into());
        let pass = |role: &str, service: &str| authority.check_pass_role(&reader, role, service);
        assert_eq!(pass(ROLE, "textract.amazonaws.com"), Ok(()));
        assert!(pass(ROLE, "lambda.amazonaws.com").is_err());
        assert!(pass(&format!("{ROLE}-2"), "textract.amazonaws.com").is_err());
        assert!(!asks(&authority, "iam:PassRole", ROLE));
    }

    #[test]
    fn what_is_granted_names_every_action_and_resource_of_every_allowing_statement() {
        let authority = authority(&[
            json!({ "Effect": "Allow", "Action": ["a:B", "a:C"], "Resource": ["x", "y"] }),
            json!({ "Effect": "Deny", "Action": "a:D", "Resource": "*" }),
        ]);
        assert_eq!(authority.granted().len(), 4);
    }
}
