//! Reads `template.yaml`, the one source of routes, triggers, environment variables and permissions.
//!
//! As far as the local system needs it, this does what CloudFormation and SAM do when they deploy: parameters take
//! their defaults, conditions are decided, intrinsic functions evaluated, `Globals` merged, secrets filled in. Types
//! of resources that nothing local stands in for (alarms, dashboards, log retention) are passed over.

mod intrinsics;
mod model;
mod names;
mod properties;
mod resources;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use intrinsics::Evaluator;
pub use model::*;

pub use crate::wire::aws::{ACCOUNT as ACCOUNT_ID, REGION};

/// The name of the stack, from which unnamed resources take theirs.
pub const STACK_NAME: &str = "apartment-locator";
/// The id of the HTTP API.
pub const API_ID: &str = "local";

/// What a template does not say itself.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// Values of parameters that replace their defaults; names that the template does not have are ignored.
    pub parameters: BTreeMap<String, String>,
    /// The secrets that `{{resolve:secretsmanager:…}}` names, by their JSON key.
    pub secrets: BTreeMap<String, String>,
}

/// Why a template cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file cannot be read.
    #[error("cannot read the template {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It is not YAML.
    #[error("the template is not YAML: {0}")]
    NotYaml(#[from] serde_yaml_ng::Error),
    /// A part of it is wrong, or not known here.
    #[error("the template is wrong at {0}")]
    Wrong(#[from] Problem),
}

/// What is wrong in a template, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    path: Vec<String>,
    what: String,
}

impl Problem {
    fn new(what: impl Into<String>) -> Self {
        Self {
            path: Vec::new(),
            what: what.into(),
        }
    }

    /// The same problem, seen from one level further out.
    fn within(mut self, level: impl fmt::Display) -> Self {
        self.path.insert(0, level.to_string());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.join("/"), self.what)
    }
}

impl std::error::Error for Problem {}

/// Where `template.yaml` lies when no path is given: at the root of the workspace that this was built in.
#[must_use]
pub fn default_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml")
}

impl Template {
    /// Reads a template's file.
    ///
    /// # Errors
    /// The file cannot be read, or as [`Template::parse`].
    pub fn load(path: &Path, inputs: &Inputs) -> Result<Self, TemplateError> {
        let text = std::fs::read_to_string(path).map_err(|source| TemplateError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text, inputs)
    }

    /// Reads a template's text.
    ///
    /// # Errors
    /// The text is not YAML, or a part that is needed here is missing, malformed or not known.
    pub fn parse(text: &str, inputs: &Inputs) -> Result<Self, TemplateError> {
        let mut template = intrinsics::long_form(serde_yaml_ng::from_str(text)?)?;
        let mut section = |name: &str| match template.get_mut(name).map(Value::take) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(section)) => Ok(section),
            Some(_) => Err(Problem::new("must be a mapping").within(name)),
        };
        let globals = section("Globals")?;
        let parameters = parameters(section("Parameters")?, &inputs.parameters);
        let evaluator = Evaluator {
            parameters,
            conditions: section("Conditions")?,
            mappings: Value::Object(section("Mappings")?),
            resources: section("Resources")?,
            secrets: &inputs.secrets,
            open: RefCell::new(BTreeSet::new()),
        };
        Ok(resources::read(&evaluator, &globals)?)
    }
}

/// The values of the parameters, or none where neither an input nor a default gives one.
fn parameters(
    declared: Map<String, Value>,
    given: &BTreeMap<String, String>,
) -> BTreeMap<String, Option<Value>> {
    declared
        .into_iter()
        .map(|(name, declaration)| {
            let is_list = declaration
                .get("Type")
                .and_then(Value::as_str)
                .is_some_and(|kind| kind == "CommaDelimitedList" || kind.starts_with("List<"));
            let value = given
                .get(&name)
                .cloned()
                .map(Value::String)
                .or_else(|| declaration.get("Default").cloned());
            let value = match value {
                Some(Value::String(items)) if is_list => Some(items.split(',').map(str::trim).collect()),
                other => other,
            };
            (name, value)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs() -> Inputs {
        Inputs {
            parameters: BTreeMap::new(),
            secrets: BTreeMap::from([
                ("stripe_secret_key".into(), "sk_test_local".into()),
                ("stripe_webhook_secrets".into(), "whsec_local".into()),
                ("cursor_key".into(), "c0ffee".into()),
                ("sealing_keys".into(), "c0ffee".into()),
                ("link_key".into(), "c0ffee".into()),
            ]),
        }
    }

    fn parse(text: &str) -> Result<Template, String> {
        Template::parse(text, &inputs()).map_err(|error| error.to_string())
    }

    const FUNCTION: &str = "
Parameters:
  Stage: {Type: String, Default: dev}
  Origins: {Type: String, Default: 'http://a,http://b'}
  Unset: {Type: String}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsNotProd: !Not [Condition: IsProd]
Globals:
  Function:
    Timeout: 7
    Environment: {Variables: {LOG_LEVEL: info, SHADOWED: outer}}
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub 'apartment-${Stage}'
      KeySchema: [{AttributeName: PK, KeyType: HASH}]
      StreamSpecification: {StreamViewType: NEW_IMAGE}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Environment:
        Variables:
          SHADOWED: inner
          ABSENT: !If [IsProd, here, !Ref AWS::NoValue]
";

    fn with_variable(expression: &str) -> Result<String, String> {
        let template = parse(&format!("{FUNCTION}          TESTED: {expression}\n"))?;
        Ok(template.functions["Worker"].environment["TESTED"].clone())
    }

    #[test]
    fn intrinsic_functions_are_evaluated_in_both_forms() {
        for (expression, value) in [
            ("!Ref Stage", "dev"),
            ("{Ref: Table}", "apartment-dev"),
            (
                "!GetAtt Table.Arn",
                "arn:aws:dynamodb:us-east-1:000000000000:table/apartment-dev",
            ),
            (
                "{'Fn::GetAtt': [Table, Arn]}",
                "arn:aws:dynamodb:us-east-1:000000000000:table/apartment-dev",
            ),
            (
                "!Sub '${Table}:${AWS::Region}:${!Kept}'",
                "apartment-dev:us-east-1:${Kept}",
            ),
            (
                "!Sub ['${x}-${Stage}', {x: !Join ['/', [a, !Ref Stage]]}]",
                "a/dev-dev",
            ),
            ("!Select [1, !Split [',', !Ref Origins]]", "http://b"),
            ("!If [IsNotProd, 'no', 'yes']", "no"),
            ("!Ref 'AWS::AccountId'", "000000000000"),
            (
                "!Sub '{{resolve:secretsmanager:${Stage}/x:SecretString:stripe_secret_key}}'",
                "sk_test_local",
            ),
            ("5", "5"),
            ("true", "true"),
        ] {
            assert_eq!(with_variable(expression).as_deref(), Ok(value), "{expression}");
        }
    }

    #[test]
    fn an_error_names_the_resource_and_the_path() {
        for (expression, problem) in [
            ("!ImportValue x", "Fn::ImportValue"),
            ("!Ref Nowhere", "Nowhere"),
            ("!Ref Unset", "Unset"),
            ("!GetAtt Table.Colour", "Colour"),
            ("'{{resolve:secretsmanager:x:SecretString:unknown}}'", "unknown"),
            ("'{{resolve:ssm:x}}'", "secretsmanager"),
            ("!Select [9, [a]]", "9"),
        ] {
            let error = with_variable(expression).unwrap_err();
            assert!(
                error.contains("Resources/Worker/Properties/Environment/Variables/TESTED"),
                "{error}"
            );
            assert!(error.contains(problem), "{error}");
        }
    }

    #[test]
    fn conditions_and_names_that_depend_on_themselves_are_errors() {
        let error = parse(
            "{Conditions: {A: {Condition: A}}, Resources: {Q: {Type: 'AWS::SQS::Queue', Condition: A}}}",
        );
        assert!(error.unwrap_err().contains("depends on itself"));
        let error = parse("{Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Ref Q}}}}");
        assert!(error.unwrap_err().contains("depends on itself"));
    }

    #[test]
    fn a_function_has_what_globals_give_and_its_own_wins() {
        let template = parse(FUNCTION).unwrap();
        let worker = &template.functions["Worker"];
        assert_eq!(worker.timeout, std::time::Duration::from_secs(7));
        assert_eq!(worker.environment["LOG_LEVEL"], "info");
        assert_eq!(worker.environment["SHADOWED"], "inner");
        assert!(!worker.environment.contains_key("ABSENT"));
        assert_eq!(worker.name, "apartment-locator-Worker");
    }

    #[test]
    fn a_resource_whose_condition_does_not_hold_is_left_out() {
        let template = parse(
            "{Conditions: {Never: {'Fn::Equals': [a, b]}}, Resources: {Q: {Type: 'AWS::SQS::Queue', Condition: Never}}}",
        );
        assert!(template.unwrap().queues.is_empty());
    }

    #[test]
    fn an_event_that_nothing_local_stands_in_for_is_an_error() {
        let text = "
Resources:
  Worker:
    Type: AWS::Serverless::Function
    Properties: {Events: {Fleet: {Type: Kinesis, Properties: {}}}}
";
        let error = parse(text).unwrap_err();
        assert!(
            error.contains("Worker") && error.contains("Fleet") && error.contains("Kinesis"),
            "{error}"
        );
    }

    #[test]
    fn topics_tell_functions_and_queues_and_roles_trust_services() {
        let text = "
Resources:
  Read:
    Type: AWS::SNS::Topic
  Queue:
    Type: AWS::SQS::Queue
  Worker:
    Type: AWS::Serverless::Function
    Properties: {Events: {Done: {Type: SNS, Properties: {Topic: !Ref Read}}}}
  ToQueue:
    Type: AWS::SNS::Subscription
    Properties: {Protocol: sqs, TopicArn: !Ref Read, Endpoint: !GetAtt Queue.Arn, RawMessageDelivery: true}
  ToWorker:
    Type: AWS::SNS::Subscription
    Properties: {Protocol: lambda, TopicArn: !Ref Read, Endpoint: !GetAtt Worker.Arn}
  Reader:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: textract.amazonaws.com}, Action: 'sts:AssumeRole'}]
      Policies:
        - {PolicyDocument: {Statement: [{Effect: Allow, Action: 'sns:Publish', Resource: !Ref Read}]}}
";
        let template = parse(text).unwrap();
        let topic = &template.topics[0].arn;
        assert_eq!(topic, "arn:aws:sns:us-east-1:000000000000:apartment-locator-Read");
        let mut heard: Vec<(&Target, bool)> = template
            .subscriptions
            .iter()
            .filter(|subscription| subscription.topic == *topic)
            .map(|subscription| (&subscription.to, subscription.raw))
            .collect();
        heard.sort_by_key(|(target, _)| format!("{target:?}"));
        let worker = Target::Function("Worker".into());
        let queue = Target::Queue("arn:aws:sqs:us-east-1:000000000000:apartment-locator-Queue".into());
        assert_eq!(heard, [(&worker, false), (&worker, false), (&queue, true)]);
        assert_eq!(template.roles[0].trusts, ["textract.amazonaws.com"]);
        assert_eq!(
            template.roles[0].statements[0].resources,
            std::slice::from_ref(topic)
        );
        let filtered = text.replace("{Topic: !Ref Read}", "{Topic: !Ref Read, FilterPolicy: {}}");
        assert!(parse(&filtered).unwrap_err().contains("FilterPolicy"));
    }

    #[test]
    fn the_deployed_template_is_understood_as_a_whole() {
        let template = Template::load(&default_path(), &inputs()).unwrap();
        let routes: Vec<String> = template.api.routes.iter().map(ToString::to_string).collect();
        assert!(routes.contains(&"GET /api/auth/me".to_owned()) && routes.contains(&"$default".to_owned()));
        let cors = template.api.cors.as_ref().unwrap();
        assert!(cors.allow_credentials && cors.allow_origins.len() > 1);

        let relay = &template.stream_triggers[0];
        assert_eq!(relay.function, "OutboxRelayFunction");
        assert!(relay.partial && relay.bisect && relay.from_start && relay.on_failure.is_some());
        assert_eq!(relay.retries, Some(10));
        assert_eq!(relay.filters.len(), 1);

        let receipts = &template.queue_triggers[0];
        let queue = template
            .queues
            .iter()
            .find(|queue| queue.arn == receipts.queue)
            .unwrap();
        let redrive = queue.redrive.as_ref().unwrap();
        assert!(template.queues.iter().any(|queue| queue.arn == redrive.to));
        assert_eq!(template.rules[0].targets[0].to, Target::Queue(queue.arn.clone()));
        assert_eq!(template.rules[0].bus, template.buses[0].name);

        let table = &template.tables[0];
        assert_eq!(
            (table.key.partition.as_str(), table.key.sort.as_deref()),
            ("PK", Some("SK"))
        );
        assert_eq!(table.indexes.len(), 4);
        assert_eq!(table.ttl_attribute.as_deref(), Some("ttl"));

        for function in template.functions.values() {
            assert!(
                !function.statements.is_empty() && !function.generated_role,
                "{}",
                function.id
            );
        }
        assert_eq!(
            template.functions["AccessFunction"].environment["CURSOR_KEY"],
            "c0ffee"
        );
    }
}
