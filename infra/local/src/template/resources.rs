//! From the template's resources, evaluated, to the [`Template`].

use std::collections::BTreeMap;
use std::time::Duration;

use http::Method;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::intrinsics::{Evaluator, scalar};
use super::names::{bucket_arn, bus_arn, function_arn, queue_arn, role_arn, table_arn, topic_arn};
use super::properties::*;
use super::*;
use crate::iam::Statement;
use crate::pattern::Pattern;
use crate::triggers::schedules::Timing;

/// The most records that a stream's event holds, unless set.
const DEFAULT_STREAM_BATCH: usize = 100;
/// The most messages that a queue's event holds, unless set.
const DEFAULT_QUEUE_BATCH: usize = 10;
/// With how many invocations at once Lambda begins to read a queue.
const DEFAULT_QUEUE_CONCURRENCY: usize = 5;

/// Reads all resources of a template.
pub(super) fn read(evaluator: &Evaluator, globals: &Map<String, Value>) -> Result<Template, Problem> {
    let mut reader = Reader {
        evaluator,
        globals,
        roles: BTreeMap::new(),
        template: Template::default(),
    };
    reader.each(Reader::role)?;
    reader.each(Reader::resource)?;
    Ok(reader.template)
}

struct Reader<'a> {
    evaluator: &'a Evaluator<'a>,
    globals: &'a Map<String, Value>,
    /// What each role allows, by its ARN.
    roles: BTreeMap<String, Vec<Statement>>,
    template: Template,
}

impl Reader<'_> {
    /// Visits each resource that is there: its condition, if it has one, holds.
    fn each(
        &mut self,
        mut visit: impl FnMut(&mut Self, &str, &str) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        for (id, resource) in &self.evaluator.resources {
            let in_resource = |problem: Problem| problem.within(id).within("Resources");
            let kind = resource.get("Type").and_then(Value::as_str);
            let kind = kind.ok_or_else(|| in_resource(Problem::new("there is no Type")))?;
            let there = match resource.get("Condition").and_then(Value::as_str) {
                Some(condition) => self.evaluator.condition(condition).map_err(in_resource)?,
                None => true,
            };
            if there {
                visit(self, id, kind).map_err(in_resource)?;
            }
        }
        Ok(())
    }

    fn role(&mut self, id: &str, kind: &str) -> Result<(), Problem> {
        if kind != "AWS::IAM::Role" {
            return Ok(());
        }
        let role: RoleProperties = self.properties(id)?;
        let mut statements = Vec::new();
        for (i, policy) in role.policies.iter().enumerate() {
            let in_policy = |p: Problem| p.within(i).within("Properties/Policies");
            statements.extend(policy_statements(&policy.policy_document).map_err(in_policy)?);
        }
        if !role.managed_policy_arns.is_empty() {
            let what = "managed policies are not known here; list their statements in Policies";
            return Err(Problem::new(what).within("Properties/ManagedPolicyArns"));
        }
        let arn = role_arn(&self.evaluator.resource_name(id)?);
        self.template.roles.push(RoleDefinition {
            arn: arn.clone(),
            trusts: trusted_services(&role.assume_role_policy_document),
            statements: statements.clone(),
        });
        self.roles.insert(arn, statements);
        Ok(())
    }

    fn resource(&mut self, id: &str, kind: &str) -> Result<(), Problem> {
        match kind {
            "AWS::Serverless::Function" => self.function(id),
            "AWS::Serverless::HttpApi" => self.api(id),
            "AWS::DynamoDB::Table" => self.table(id),
            "AWS::SQS::Queue" => self.queue(id),
            "AWS::S3::Bucket" => self.bucket(id),
            "AWS::SNS::Topic" => self.topic(id),
            "AWS::SNS::Subscription" => self.subscription(id),
            "AWS::Events::EventBus" => {
                let name = self.evaluator.resource_name(id)?;
                self.template.buses.push(BusDefinition {
                    arn: bus_arn(&name),
                    name,
                });
                Ok(())
            }
            "AWS::Events::Rule" => self.rule(id),
            "AWS::SES::EmailIdentity" => {
                self.template
                    .mail_identities
                    .push(self.evaluator.resource_name(id)?);
                Ok(())
            }
            "AWS::SES::ConfigurationSet" => {
                let name = self.evaluator.resource_name(id)?;
                self.template.configuration_sets.entry(name).or_default();
                Ok(())
            }
            "AWS::SES::ConfigurationSetEventDestination" => self.mail_events(id),
            unsupported if UNSUPPORTED.contains(&unsupported) => Err(Problem::new(format!(
                "the local system has nothing that stands in for {unsupported}"
            ))),
            _ => Ok(()),
        }
    }

    fn mail_events(&mut self, id: &str) -> Result<(), Problem> {
        let MailEvents {
            configuration_set_name,
            event_destination,
        } = self.properties(id)?;
        let types = self
            .template
            .configuration_sets
            .entry(configuration_set_name)
            .or_default();
        if event_destination.enabled {
            types.extend(event_destination.matching_event_types);
        }
        Ok(())
    }

    fn properties<T: DeserializeOwned>(&self, id: &str) -> Result<T, Problem> {
        let empty = json!({});
        let properties = self.evaluator.resources[id].get("Properties").unwrap_or(&empty);
        let evaluated = self
            .evaluator
            .evaluate(properties)
            .map_err(|p| p.within("Properties"))?;
        typed(evaluated.unwrap_or_default()).map_err(|p| p.within("Properties"))
    }

    fn function(&mut self, id: &str) -> Result<(), Problem> {
        let function = self.function_properties(id)?;
        let name = self.evaluator.resource_name(id)?;
        let (statements, generated_role) = match &function.role {
            Some(role) => {
                let statements = self.roles.get(role).cloned().ok_or_else(|| {
                    Problem::new(format!("the role {role} is not in this template")).within("Properties/Role")
                })?;
                (statements, false)
            }
            None => (inline_statements(&function.policies)?, true),
        };
        let mut environment = BTreeMap::new();
        for (variable, value) in &function.environment.variables {
            let within = |p: Problem| p.within(variable).within("Properties/Environment/Variables");
            environment.insert(variable.clone(), scalar(value).map_err(within)?);
        }
        for (event, source) in &function.events {
            self.event(id, event, source)
                .map_err(|p| p.within(event).within("Properties/Events"))?;
        }
        let definition = FunctionDefinition {
            id: id.to_owned(),
            arn: function_arn(&name),
            environment,
            timeout: Duration::from_secs(function.timeout.into()),
            memory: function.memory_size,
            log_group: function
                .logging_config
                .log_group
                .unwrap_or_else(|| format!("/aws/lambda/{name}")),
            retries: function.event_invoke_config.maximum_retry_attempts,
            statements,
            generated_role,
            name,
        };
        self.template.functions.insert(id.to_owned(), definition);
        Ok(())
    }

    /// A function's properties, laid over those of `Globals`.
    fn function_properties(&self, id: &str) -> Result<FunctionProperties, Problem> {
        let mut properties = self.globals.get("Function").cloned().unwrap_or_else(|| json!({}));
        if let Some(own) = self.evaluator.resources[id].get("Properties") {
            lay_over(&mut properties, own);
        }
        let evaluated = self
            .evaluator
            .evaluate(&properties)
            .map_err(|p| p.within("Properties"))?;
        typed(evaluated.unwrap_or_default()).map_err(|p| p.within("Properties"))
    }

    fn event(&mut self, function: &str, event: &str, source: &EventSource) -> Result<(), Problem> {
        let in_properties = |p: Problem| p.within("Properties");
        let properties = source.properties.clone().unwrap_or_else(|| json!({}));
        match source.kind.as_str() {
            "HttpApi" => {
                let route =
                    route(function, &typed(properties).map_err(in_properties)?).map_err(in_properties)?;
                self.template.api.routes.push(route);
            }
            "DynamoDB" => {
                let trigger = stream_trigger(function, typed(properties).map_err(in_properties)?);
                self.template
                    .stream_triggers
                    .push(trigger.map_err(in_properties)?);
            }
            "SQS" => {
                let trigger = queue_trigger(function, typed(properties).map_err(in_properties)?);
                self.template.queue_triggers.push(trigger.map_err(in_properties)?);
            }
            "Schedule" | "ScheduleV2" => {
                let schedule: ScheduleProperties = typed(properties).map_err(in_properties)?;
                if schedule.enabled && schedule.state != "DISABLED" {
                    let schedule = read_schedule(function, event, &schedule).map_err(in_properties)?;
                    self.template.schedules.push(schedule);
                }
            }
            "EventBridgeRule" | "CloudWatchEvent" => {
                let rule: FunctionRuleProperties = typed(properties).map_err(in_properties)?;
                self.template.rules.push(Rule {
                    id: format!("{function}{event}"),
                    bus: bus_name(rule.event_bus_name),
                    pattern: pattern(&rule.pattern).map_err(|p| p.within("Properties/Pattern"))?,
                    targets: vec![RuleTarget {
                        to: Target::Function(function.to_owned()),
                        input: rule
                            .input
                            .map(|input| input_json(&input))
                            .transpose()
                            .map_err(in_properties)?,
                    }],
                });
            }
            "S3" => {
                let trigger = self.object_trigger(function, typed(properties).map_err(in_properties)?)?;
                self.template.object_triggers.push(trigger);
            }
            "SNS" => {
                let trigger: TopicTriggerProperties = typed(properties).map_err(in_properties)?;
                if trigger.filter_policy.is_some() || trigger.sqs_subscription.is_some() {
                    let what = "FilterPolicy and SqsSubscription are not known here";
                    return Err(in_properties(Problem::new(what)));
                }
                self.template.subscriptions.push(Subscription {
                    topic: trigger.topic,
                    to: Target::Function(function.to_owned()),
                    raw: false,
                });
            }
            other => {
                return Err(Problem::new(format!(
                    "the local system does not know the event type {other}"
                )));
            }
        }
        Ok(())
    }

    fn object_trigger(
        &self,
        function: &str,
        trigger: ObjectTriggerProperties,
    ) -> Result<ObjectTrigger, Problem> {
        let rule = |name: &str| {
            let rules = trigger.filter.iter().flat_map(|filter| &filter.s3_key.rules);
            rules
                .filter(|rule| rule.name.eq_ignore_ascii_case(name))
                .map(|rule| rule.value.clone())
                .next()
        };
        Ok(ObjectTrigger {
            function: function.to_owned(),
            prefix: rule("prefix").unwrap_or_default(),
            suffix: rule("suffix").unwrap_or_default(),
            events: trigger.events.into_vec(),
            bucket: trigger.bucket,
        })
    }

    fn api(&mut self, id: &str) -> Result<(), Problem> {
        let mut properties = self.globals.get("HttpApi").cloned().unwrap_or_else(|| json!({}));
        if let Some(own) = self.evaluator.resources[id].get("Properties") {
            lay_over(&mut properties, own);
        }
        let Some(cors) = properties.get("CorsConfiguration") else {
            return Ok(());
        };
        let within = |p: Problem| p.within("Properties/CorsConfiguration");
        let cors = self.evaluator.evaluate(cors).map_err(within)?.unwrap_or_default();
        self.template.api.cors = match cors {
            Value::Bool(false) => None,
            // SAM's short form for a public API.
            Value::Bool(true) => Some(Cors {
                allow_origins: vec!["*".into()],
                ..Cors::default()
            }),
            cors => {
                let cors: CorsProperties = typed(cors).map_err(within)?;
                Some(Cors {
                    allow_origins: cors.allow_origins,
                    allow_methods: cors.allow_methods,
                    allow_headers: cors.allow_headers,
                    expose_headers: cors.expose_headers,
                    allow_credentials: cors.allow_credentials,
                    max_age: cors.max_age,
                })
            }
        };
        Ok(())
    }

    fn table(&mut self, id: &str) -> Result<(), Problem> {
        let table: TableProperties = self.properties(id)?;
        let name = self.evaluator.resource_name(id)?;
        let mut indexes = Vec::new();
        for (i, index) in table.global_secondary_indexes.into_iter().enumerate() {
            let within = |p: Problem| {
                p.within("KeySchema")
                    .within(i)
                    .within("Properties/GlobalSecondaryIndexes")
            };
            indexes.push(IndexDefinition {
                key: key(&index.key_schema).map_err(within)?,
                name: index.index_name,
            });
        }
        self.template.tables.push(TableDefinition {
            arn: table_arn(&name),
            name,
            key: key(&table.key_schema).map_err(|p| p.within("Properties/KeySchema"))?,
            indexes,
            ttl_attribute: table
                .time_to_live_specification
                .filter(|ttl| ttl.enabled)
                .map(|ttl| ttl.attribute_name),
            stream: table.stream_specification.map(|stream| stream.stream_view_type),
        });
        Ok(())
    }

    fn queue(&mut self, id: &str) -> Result<(), Problem> {
        let queue: QueueProperties = self.properties(id)?;
        let name = self.evaluator.resource_name(id)?;
        self.template.queues.push(QueueDefinition {
            id: id.to_owned(),
            arn: queue_arn(&name),
            name,
            redrive: queue.redrive_policy.map(|policy| Redrive {
                max_receives: policy.max_receive_count,
                to: policy.dead_letter_target_arn,
            }),
        });
        Ok(())
    }

    fn bucket(&mut self, id: &str) -> Result<(), Problem> {
        let bucket: BucketProperties = self.properties(id)?;
        let name = self.evaluator.resource_name(id)?;
        self.template.buckets.push(BucketDefinition {
            arn: bucket_arn(&name),
            name,
            cors: bucket
                .cors_configuration
                .map(|cors| cors.cors_rules)
                .unwrap_or_default(),
        });
        Ok(())
    }

    fn topic(&mut self, id: &str) -> Result<(), Problem> {
        let topic: TopicProperties = self.properties(id)?;
        if !topic.subscription.is_empty() {
            let what = "give each subscription as an AWS::SNS::Subscription or as an event of its function";
            return Err(Problem::new(what).within("Properties/Subscription"));
        }
        let name = self.evaluator.resource_name(id)?;
        self.template.topics.push(TopicDefinition {
            arn: topic_arn(&name),
            name,
        });
        Ok(())
    }

    fn subscription(&mut self, id: &str) -> Result<(), Problem> {
        let subscription: SubscriptionProperties = self.properties(id)?;
        if subscription.filter_policy.is_some() {
            return Err(Problem::new("FilterPolicy is not known here").within("Properties"));
        }
        let to = match subscription.protocol.as_str() {
            "lambda" => Target::Function(self.function_of(&subscription.endpoint)?),
            "sqs" => Target::Queue(subscription.endpoint),
            other => {
                let what = format!("a topic cannot send to {other} here");
                return Err(Problem::new(what).within("Properties/Protocol"));
            }
        };
        self.template.subscriptions.push(Subscription {
            topic: subscription.topic_arn,
            to,
            raw: subscription.raw_message_delivery,
        });
        Ok(())
    }

    fn rule(&mut self, id: &str) -> Result<(), Problem> {
        let rule: RuleProperties = self.properties(id)?;
        if rule.state == "DISABLED" {
            return Ok(());
        }
        let Some(event_pattern) = rule.event_pattern else {
            let what = "a rule needs an EventPattern here; give a schedule as an event of its function";
            return Err(Problem::new(what).within("Properties"));
        };
        let mut targets = Vec::new();
        for (i, target) in rule.targets.into_iter().enumerate() {
            targets.push(
                self.rule_target(target)
                    .map_err(|p| p.within(i).within("Properties/Targets"))?,
            );
        }
        self.template.rules.push(Rule {
            id: id.to_owned(),
            bus: bus_name(rule.event_bus_name),
            pattern: pattern(&event_pattern).map_err(|p| p.within("Properties/EventPattern"))?,
            targets,
        });
        Ok(())
    }

    fn rule_target(&self, target: TargetProperties) -> Result<RuleTarget, Problem> {
        if target.input_path.is_some() || target.input_transformer.is_some() {
            return Err(Problem::new("InputPath and InputTransformer are not known here"));
        }
        let to = match target.arn.split(':').nth(2) {
            Some("sqs") => Target::Queue(target.arn),
            Some("lambda") => Target::Function(self.function_of(&target.arn)?),
            _ => return Err(Problem::new(format!("a rule cannot send to {} here", target.arn))),
        };
        let input = target.input.map(|input| input_json(&input)).transpose()?;
        Ok(RuleTarget { to, input })
    }

    /// The logical id of the function with this ARN.
    fn function_of(&self, arn: &str) -> Result<String, Problem> {
        for (id, resource) in &self.evaluator.resources {
            if resource.get("Type").and_then(Value::as_str) == Some("AWS::Serverless::Function")
                && function_arn(&self.evaluator.resource_name(id)?) == arn
            {
                return Ok(id.clone());
            }
        }
        Err(Problem::new(format!(
            "the function {arn} is not in this template"
        )))
    }
}

/// Types that would change what the system does, and that nothing local stands in for.
const UNSUPPORTED: [&str; 9] = [
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGatewayV2::Route",
    "AWS::DynamoDB::GlobalTable",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Scheduler::Schedule",
    "AWS::Serverless::Api",
    "AWS::Serverless::StateMachine",
    "AWS::StepFunctions::StateMachine",
];

/// Lays one mapping over another as SAM does with `Globals`: mappings are merged, lists joined, the rest replaced.
fn lay_over(base: &mut Value, own: &Value) {
    match (base, own) {
        (Value::Object(base), Value::Object(own)) => {
            for (key, value) in own {
                lay_over(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (Value::Array(base), Value::Array(own)) => base.extend(own.iter().cloned()),
        (base, own) => *base = own.clone(),
    }
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let problem = Problem::new(error.into_inner().to_string());
        if path == "." {
            problem
        } else {
            problem.within(path.replace('.', "/"))
        }
    })
}

fn policy_statements(document: &Value) -> Result<Vec<Statement>, Problem> {
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.as_slice(),
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => return Err(Problem::new("a policy document needs a Statement")),
    };
    let read = |(i, statement)| {
        Statement::from_json(statement).map_err(|what| Problem::new(what).within(i).within("Statement"))
    };
    statements.iter().enumerate().map(read).collect()
}

/// The services that a trust policy lets take on a role. Conditions, which narrow that down to an account or to a
/// resource, are read past: there is one account here.
fn trusted_services(document: &Value) -> Vec<String> {
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.as_slice(),
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => &[],
    };
    let allows = |statement: &&Value| statement.get("Effect").and_then(Value::as_str) == Some("Allow");
    let services = |statement: &Value| match statement.pointer("/Principal/Service") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => many
            .iter()
            .filter_map(|one| one.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    };
    statements.iter().filter(allows).flat_map(services).collect()
}

/// The statements of a function's own `Policies`.
fn inline_statements(policies: &[Value]) -> Result<Vec<Statement>, Problem> {
    let mut statements = Vec::new();
    for (i, policy) in policies.iter().enumerate() {
        let within = |p: Problem| p.within(i).within("Properties/Policies");
        if policy.get("Statement").is_none() {
            let what = "policy templates and managed policies are not known here; list the statements";
            return Err(within(Problem::new(what)));
        }
        statements.extend(policy_statements(policy).map_err(within)?);
    }
    Ok(statements)
}

fn route(function: &str, properties: &RouteProperties) -> Result<Route, Problem> {
    let path = properties.path.as_deref().filter(|path| *path != "$default");
    if let Some(path) = path
        && !path.starts_with('/')
    {
        return Err(Problem::new(format!("a path must begin with `/`, and {path} does not")).within("Path"));
    }
    let method = match properties.method.as_deref().map(str::to_ascii_uppercase) {
        None => None,
        Some(any) if any == "ANY" || any == "X-AMAZON-APIGATEWAY-ANY-METHOD" => None,
        Some(method) => Some(
            method
                .parse::<Method>()
                .map_err(|_| Problem::new("is no method").within("Method"))?,
        ),
    };
    Ok(Route {
        method: method.filter(|_| path.is_some()),
        path: path.map(str::to_owned),
        function: function.to_owned(),
    })
}

fn stream_trigger(function: &str, stream: StreamProperties) -> Result<StreamTrigger, Problem> {
    let table = stream.stream.split('/').nth(1).unwrap_or_default().to_owned();
    Ok(StreamTrigger {
        function: function.to_owned(),
        table,
        filters: filters(&stream.filter_criteria)?,
        batch_size: stream.batch_size.unwrap_or(DEFAULT_STREAM_BATCH),
        retries: stream
            .maximum_retry_attempts
            .and_then(|retries| u32::try_from(retries).ok()),
        bisect: stream.bisect_batch_on_function_error,
        partial: reports_item_failures(&stream.function_response_types),
        from_start: stream.starting_position == "TRIM_HORIZON",
        on_failure: stream
            .destination_config
            .and_then(|config| config.on_failure)
            .map(|to| to.destination),
        stream: stream.stream,
    })
}

fn queue_trigger(function: &str, queue: QueueTriggerProperties) -> Result<QueueTrigger, Problem> {
    Ok(QueueTrigger {
        function: function.to_owned(),
        filters: filters(&queue.filter_criteria)?,
        batch_size: queue.batch_size.unwrap_or(DEFAULT_QUEUE_BATCH),
        partial: reports_item_failures(&queue.function_response_types),
        concurrency: queue
            .scaling_config
            .map_or(DEFAULT_QUEUE_CONCURRENCY, |scaling| scaling.maximum_concurrency),
        queue: queue.queue,
    })
}

fn reports_item_failures(types: &[String]) -> bool {
    types.iter().any(|kind| kind == "ReportBatchItemFailures")
}

/// The patterns of `FilterCriteria`, each a JSON text.
fn filters(criteria: &Option<FilterCriteria>) -> Result<Vec<Pattern>, Problem> {
    let filters = criteria.iter().flat_map(|criteria| &criteria.filters).enumerate();
    let read = |(i, filter): (usize, &Filter)| {
        let parsed = serde_json::from_str(&filter.pattern).map_err(|error| Problem::new(error.to_string()));
        parsed
            .and_then(|parsed: Value| pattern(&parsed))
            .map_err(|p| p.within("Pattern").within(i).within("FilterCriteria/Filters"))
    };
    filters.map(read).collect()
}

fn pattern(pattern: &Value) -> Result<Pattern, Problem> {
    Pattern::parse(pattern).map_err(|error| Problem::new(error.to_string()))
}

fn read_schedule(function: &str, event: &str, schedule: &ScheduleProperties) -> Result<Schedule, Problem> {
    let expression = schedule
        .schedule
        .as_ref()
        .or(schedule.schedule_expression.as_ref());
    let expression = expression.ok_or_else(|| Problem::new("there is no schedule"))?;
    Ok(Schedule {
        id: format!("{function}{event}"),
        function: function.to_owned(),
        timing: expression
            .parse::<Timing>()
            .map_err(|error| Problem::new(error.to_string()))?,
        input: schedule.input.as_deref().map(input_json).transpose()?,
    })
}

fn input_json(input: &str) -> Result<Value, Problem> {
    serde_json::from_str(input).map_err(|error| Problem::new(format!("is not JSON: {error}")).within("Input"))
}

/// A bus's name, given as such or as ARN.
fn bus_name(given: Option<String>) -> String {
    let given = given.unwrap_or_else(|| "default".into());
    given.rsplit('/').next().unwrap_or_default().to_owned()
}

fn key(schema: &[KeyElement]) -> Result<Key, Problem> {
    let of_type = |kind: &str| {
        schema
            .iter()
            .find(|k| k.key_type == kind)
            .map(|k| k.attribute_name.clone())
    };
    Ok(Key {
        partition: of_type("HASH").ok_or_else(|| Problem::new("there is no HASH key"))?,
        sort: of_type("RANGE"),
    })
}
