//! CloudFormation's intrinsic functions, in their short (`!Sub`) and long (`Fn::Sub`) forms, evaluated to plain JSON
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{ACCOUNT_ID, Problem, REGION, STACK_NAME};

/// A template's tags turned into the long form, so that there is one form to evaluate.
pub(super) fn long_form(yaml: serde_yaml_ng::Value) -> Result<Value, Problem> {
    use serde_yaml_ng::Value as Yaml;
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(value),
        Yaml::Number(number) => {
            serde_json::to_value(number).map_err(|error| Problem::new(error.to_string()))?
        }
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => {
            let items = items.into_iter().enumerate();
            Value::Array(
                items
                    .map(|(i, item)| long_form(item).map_err(|p| p.within(i)))
                    .collect::<Result<_, _>>()?,
            )
        }
        Yaml::Mapping(mapping) => {
            let mut object = Map::new();
            for (key, value) in mapping {
                let key = match key {
                    Yaml::String(key) => key,
                    Yaml::Number(key) => key.to_string(),
                    Yaml::Bool(key) => key.to_string(),
                    other => return Err(Problem::new(format!("{other:?} cannot be a key"))),
                };
                let value = long_form(value).map_err(|p| p.within(&key))?;
                object.insert(key, value);
            }
            Value::Object(object)
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let tag = tag.trim_start_matches('!');
            let value = long_form(tagged.value).map_err(|p| p.within(format!("!{tag}")))?;
            intrinsic(tag, value)
        }
    })
}

fn intrinsic(tag: &str, value: Value) -> Value {
    let name = match tag {
        "Ref" | "Condition" => tag.to_owned(),
        function => format!("Fn::{function}"),
    };
    Value::Object(Map::from_iter([(name, value)]))
}

/// Evaluates expressions of one template.
pub(super) struct Evaluator<'a> {
    /// Values of the parameters; one that has none is an error only where it is used.
    pub(super) parameters: BTreeMap<String, Option<Value>>,
    /// `Conditions`, not yet evaluated.
    pub(super) conditions: Map<String, Value>,
    /// `Mappings`.
    pub(super) mappings: Value,
    /// `Resources`, not yet evaluated.
    pub(super) resources: Map<String, Value>,
    /// Values for `{{resolve:secretsmanager:…}}`, by JSON key.
    pub(super) secrets: &'a BTreeMap<String, String>,
    /// Conditions and resource names under evaluation, to find those that depend on themselves.
    pub(super) open: RefCell<BTreeSet<String>>,
}

impl Evaluator<'_> {
    /// The value of an expression; none if it is `AWS::NoValue`.
    pub(super) fn evaluate(&self, expression: &Value) -> Result<Option<Value>, Problem> {
        match expression {
            Value::Object(object) => match object.iter().next() {
                Some((name, argument)) if object.len() == 1 && is_intrinsic(name, argument) => {
                    self.call(name, argument).map_err(|p| p.within(name))
                }
                _ => self.mapping(object).map(Some),
            },
            Value::Array(items) => {
                let mut values = Vec::with_capacity(items.len());
                for (i, item) in items.iter().enumerate() {
                    values.extend(self.evaluate(item).map_err(|p| p.within(i))?);
                }
                Ok(Some(Value::Array(values)))
            }
            Value::String(text) => self
                .resolve_references(text)
                .map(|text| Some(Value::String(text))),
            plain => Ok(Some(plain.clone())),
        }
    }

    fn mapping(&self, object: &Map<String, Value>) -> Result<Value, Problem> {
        let mut values = Map::new();
        for (key, item) in object {
            if let Some(value) = self.evaluate(item).map_err(|p| p.within(key))? {
                values.insert(key.clone(), value);
            }
        }
        Ok(Value::Object(values))
    }

    fn call(&self, name: &str, argument: &Value) -> Result<Option<Value>, Problem> {
        Ok(match name {
            "Ref" => return self.reference(as_text(argument)?),
            "Fn::GetAtt" => Some(Value::String(self.attribute(argument)?)),
            "Fn::Sub" => Some(Value::String(self.substitute(argument)?)),
            "Fn::Join" => Some(Value::String(self.join(argument)?)),
            "Fn::Split" => Some(self.split(argument)?),
            "Fn::Select" => return self.select(argument),
            "Fn::FindInMap" => Some(self.find_in_map(argument)?),
            "Fn::If" => return self.choose(argument),
            "Condition" | "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not" => Some(Value::Bool(self.holds(
                &Value::Object(Map::from_iter([(name.to_owned(), argument.clone())])),
            )?)),
            other => {
                return Err(Problem::new(format!(
                    "the local system does not know the function `{other}`"
                )));
            }
        })
    }

    /// What `!Ref name` gives: a pseudo parameter, a parameter, or a resource's name.
    fn reference(&self, name: &str) -> Result<Option<Value>, Problem> {
        if name == "AWS::NoValue" {
            return Ok(None);
        }
        if let Some(pseudo) = pseudo_parameter(name) {
            return Ok(Some(Value::from(pseudo)));
        }
        match self.parameters.get(name) {
            Some(Some(value)) => Ok(Some(value.clone())),
            Some(None) => Err(Problem::new(format!(
                "the parameter `{name}` has no Default, and is needed here"
            ))),
            None => self
                .resource_reference(name)
                .map(|value| Some(Value::String(value))),
        }
    }

    fn attribute(&self, argument: &Value) -> Result<String, Problem> {
        let (id, attribute) = match argument {
            Value::String(path) => path
                .split_once('.')
                .map(|(id, attribute)| (id, attribute.to_owned())),
            Value::Array(parts) => match parts.as_slice() {
                [id, attribute] => Some((as_text(id)?, self.text(attribute)?)),
                _ => None,
            },
            _ => None,
        }
        .ok_or_else(|| Problem::new("needs a resource and its attribute"))?;
        self.resource_attribute(id, &attribute)
    }

    fn substitute(&self, argument: &Value) -> Result<String, Problem> {
        let (template, own) = match argument {
            Value::String(template) => (template.as_str(), Map::new()),
            Value::Array(parts) => match parts.as_slice() {
                [Value::String(template), Value::Object(own)] => (template.as_str(), own.clone()),
                _ => return Err(Problem::new("needs a text, or a text and a mapping")),
            },
            _ => return Err(Problem::new("needs a text, or a text and a mapping")),
        };
        let mut text = String::new();
        let mut rest = template;
        while let Some(start) = rest.find("${") {
            text.push_str(&rest[..start]);
            let variable = &rest[start + 2..];
            let end = variable
                .find('}')
                .ok_or_else(|| Problem::new("`${` without `}`"))?;
            text.push_str(&self.variable(&variable[..end], &own)?);
            rest = &variable[end + 1..];
        }
        text.push_str(rest);
        self.resolve_references(&text)
    }

    /// The value of `${variable}`: one of the call's own, a reference, or an attribute; `${!Literal}` stays.
    fn variable(&self, variable: &str, own: &Map<String, Value>) -> Result<String, Problem> {
        if let Some(literal) = variable.strip_prefix('!') {
            return Ok(format!("${{{literal}}}"));
        }
        let variable = variable.trim();
        if let Some(expression) = own.get(variable) {
            return self.text(expression);
        }
        if let Some((id, attribute)) = variable.split_once('.') {
            return self.resource_attribute(id, attribute);
        }
        let value = self
            .reference(variable)?
            .ok_or_else(|| Problem::new("AWS::NoValue is not a text"))?;
        scalar(&value)
    }

    fn join(&self, argument: &Value) -> Result<String, Problem> {
        let [delimiter, items] = pair(argument, "a delimiter and a list")?;
        let delimiter = self.text(delimiter)?;
        let items = self.list(items)?;
        let items: Vec<String> = items.iter().map(scalar).collect::<Result<_, _>>()?;
        self.resolve_references(&items.join(&delimiter))
    }

    fn split(&self, argument: &Value) -> Result<Value, Problem> {
        let [delimiter, text] = pair(argument, "a delimiter and a text")?;
        let (delimiter, text) = (self.text(delimiter)?, self.text(text)?);
        Ok(text.split(&delimiter).collect())
    }

    fn select(&self, argument: &Value) -> Result<Option<Value>, Problem> {
        let [index, items] = pair(argument, "an index and a list")?;
        let index = self.text(index)?;
        let items = self.list(items)?;
        let chosen = index
            .parse()
            .ok()
            .and_then(|index: usize| items.into_iter().nth(index));
        chosen
            .map(Some)
            .ok_or_else(|| Problem::new(format!("there is no item {index}")))
    }

    fn find_in_map(&self, argument: &Value) -> Result<Value, Problem> {
        let Some([map, first, second]) = argument.as_array().map(Vec::as_slice) else {
            return Err(Problem::new("needs a map and two keys"));
        };
        let (map, first, second) = (self.text(map)?, self.text(first)?, self.text(second)?);
        self.mappings
            .get(&map)
            .and_then(|map| map.get(&first)?.get(&second))
            .cloned()
            .ok_or_else(|| Problem::new(format!("there is no {map}/{first}/{second} in Mappings")))
    }

    fn choose(&self, argument: &Value) -> Result<Option<Value>, Problem> {
        let Some([condition, yes, no]) = argument.as_array().map(Vec::as_slice) else {
            return Err(Problem::new("needs a condition and two values"));
        };
        self.evaluate(if self.condition(as_text(condition)?)? {
            yes
        } else {
            no
        })
    }

    /// Whether the named condition holds.
    pub(super) fn condition(&self, name: &str) -> Result<bool, Problem> {
        let expression = self
            .conditions
            .get(name)
            .ok_or_else(|| Problem::new(format!("there is no condition `{name}`")))?;
        self.once(name, || {
            self.holds(expression)
                .map_err(|p| p.within(format!("(condition {name})")))
        })
    }

    /// Evaluates what `name` stands for; an error if that needs `name` again.
    pub(super) fn once<T>(
        &self,
        name: &str,
        evaluate: impl FnOnce() -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        if !self.open.borrow_mut().insert(name.to_owned()) {
            return Err(Problem::new(format!("`{name}` depends on itself")));
        }
        let result = evaluate();
        self.open.borrow_mut().remove(name);
        result
    }

    fn holds(&self, expression: &Value) -> Result<bool, Problem> {
        let wanted = || Problem::new("a condition must be Equals, And, Or, Not or Condition");
        let (name, argument) = expression
            .as_object()
            .and_then(|o| o.iter().next())
            .ok_or_else(wanted)?;
        let several = || {
            argument
                .as_array()
                .ok_or_else(|| Problem::new(format!("{name} needs a list")))
        };
        match name.as_str() {
            "Condition" => self.condition(as_text(argument)?),
            "Fn::Equals" => {
                let [left, right] = pair(argument, "two values")?;
                Ok(self.text(left)? == self.text(right)?)
            }
            "Fn::Not" => several()?
                .first()
                .map_or_else(|| Err(wanted()), |inner| self.holds(inner))
                .map(|h| !h),
            "Fn::And" => several()?
                .iter()
                .try_fold(true, |all, inner| Ok(all & self.holds(inner)?)),
            "Fn::Or" => several()?
                .iter()
                .try_fold(false, |any, inner| Ok(any | self.holds(inner)?)),
            _ => Err(wanted()),
        }
    }

    fn list(&self, expression: &Value) -> Result<Vec<Value>, Problem> {
        match self.evaluate(expression)? {
            Some(Value::Array(items)) => Ok(items),
            _ => Err(Problem::new("needs a list")),
        }
    }

    /// The value of an expression that must be a text, a number or a truth value, as text.
    pub(super) fn text(&self, expression: &Value) -> Result<String, Problem> {
        let value = self
            .evaluate(expression)?
            .ok_or_else(|| Problem::new("AWS::NoValue is not a text"))?;
        scalar(&value)
    }

    /// Puts the local secrets where the text has dynamic references
    /// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html>).
    fn resolve_references(&self, text: &str) -> Result<String, Problem> {
        let mut resolved = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("{{resolve:") {
            resolved.push_str(&rest[..start]);
            let reference = &rest[start + "{{resolve:".len()..];
            let end = reference
                .find("}}")
                .ok_or_else(|| Problem::new("`{{resolve:` without `}}`"))?;
            resolved.push_str(self.secret(&reference[..end])?);
            rest = &reference[end + 2..];
        }
        resolved.push_str(rest);
        Ok(resolved)
    }

    /// The secret of a reference `secretsmanager:<id>:SecretString:<json key>:…`.
    fn secret(&self, reference: &str) -> Result<&str, Problem> {
        let key = reference
            .strip_prefix("secretsmanager:")
            .and_then(|rest| rest.split_once(":SecretString:"))
            .map(|(_, key)| key.split(':').next().unwrap_or_default())
            .ok_or_else(|| {
                Problem::new("a dynamic reference must be `secretsmanager:<id>:SecretString:<json key>`")
            })?;
        self.secrets
            .get(key)
            .map(String::as_str)
            .ok_or_else(|| Problem::new(format!("the local system has no secret named `{key}`")))
    }
}

/// Whether an object of this one key is a function call. `Condition` is one only with a name: statements and
/// resources have a key of the same name.
fn is_intrinsic(name: &str, argument: &Value) -> bool {
    name == "Ref" || name.starts_with("Fn::") || (name == "Condition" && argument.is_string())
}

fn pseudo_parameter(name: &str) -> Option<String> {
    Some(match name {
        "AWS::Region" => REGION.to_owned(),
        "AWS::AccountId" => ACCOUNT_ID.to_owned(),
        "AWS::Partition" => "aws".to_owned(),
        "AWS::URLSuffix" => "amazonaws.com".to_owned(),
        "AWS::StackName" => STACK_NAME.to_owned(),
        "AWS::StackId" => format!("arn:aws:cloudformation:{REGION}:{ACCOUNT_ID}:stack/{STACK_NAME}/local"),
        _ => return None,
    })
}

fn pair<'v>(argument: &'v Value, wanted: &str) -> Result<[&'v Value; 2], Problem> {
    match argument.as_array().map(Vec::as_slice) {
        Some([first, second]) => Ok([first, second]),
        _ => Err(Problem::new(format!("needs {wanted}"))),
    }
}

fn as_text(value: &Value) -> Result<&str, Problem> {
    value.as_str().ok_or_else(|| Problem::new("needs a name"))
}

/// A text, a number or a truth value, as CloudFormation writes it in a text.
pub(super) fn scalar(value: &Value) -> Result<String, Problem> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(truth.to_string()),
        _ => Err(Problem::new("needs a text, a number or a truth value")),
    }
}
