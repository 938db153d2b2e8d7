//! The properties of resources that matter here, as CloudFormation and SAM spell them. A parameter's value is a text,
//! so numbers and truth values may be texts.

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::intrinsics::scalar;
use crate::s3::CorsRule;

/// The time limit of a function that sets none, in seconds.
const DEFAULT_TIMEOUT: u32 = 3;
/// The memory of a function that sets none, in megabytes.
const DEFAULT_MEMORY: u32 = 128;
/// How often Lambda repeats an asynchronous invocation that failed.
const DEFAULT_RETRIES: u32 = 2;

fn number<'de, D: Deserializer<'de>, N: std::str::FromStr>(deserializer: D) -> Result<N, D::Error> {
    let value = Value::deserialize(deserializer)?;
    scalar(&value)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| D::Error::custom(format!("{value} is not a number that fits here")))
}

fn optional_number<'de, D: Deserializer<'de>, N: std::str::FromStr>(
    deserializer: D,
) -> Result<Option<N>, D::Error> {
    number(deserializer).map(Some)
}

fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    number(deserializer)
}

fn yes() -> bool {
    true
}

fn default_timeout() -> u32 {
    DEFAULT_TIMEOUT
}

fn default_memory() -> u32 {
    DEFAULT_MEMORY
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RoleProperties {
    #[serde(default)]
    pub(super) assume_role_policy_document: Value,
    #[serde(default)]
    pub(super) policies: Vec<RolePolicy>,
    #[serde(default)]
    pub(super) managed_policy_arns: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RolePolicy {
    pub(super) policy_document: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FunctionProperties {
    pub(super) role: Option<String>,
    #[serde(default)]
    pub(super) policies: Vec<Value>,
    #[serde(default)]
    pub(super) environment: EnvironmentProperties,
    #[serde(default = "default_timeout", deserialize_with = "number")]
    pub(super) timeout: u32,
    #[serde(default = "default_memory", deserialize_with = "number")]
    pub(super) memory_size: u32,
    #[serde(default)]
    pub(super) logging_config: LoggingConfig,
    #[serde(default)]
    pub(super) event_invoke_config: EventInvokeConfig,
    #[serde(default)]
    pub(super) events: BTreeMap<String, EventSource>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EnvironmentProperties {
    #[serde(default)]
    pub(super) variables: BTreeMap<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LoggingConfig {
    pub(super) log_group: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct EventInvokeConfig {
    #[serde(deserialize_with = "number")]
    pub(super) maximum_retry_attempts: u32,
}

impl Default for EventInvokeConfig {
    fn default() -> Self {
        Self {
            maximum_retry_attempts: DEFAULT_RETRIES,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EventSource {
    #[serde(rename = "Type")]
    pub(super) kind: String,
    pub(super) properties: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RouteProperties {
    pub(super) method: Option<String>,
    pub(super) path: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FilterCriteria {
    #[serde(default)]
    pub(super) filters: Vec<Filter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Filter {
    pub(super) pattern: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StreamProperties {
    pub(super) stream: String,
    pub(super) starting_position: String,
    #[serde(default, deserialize_with = "optional_number")]
    pub(super) batch_size: Option<usize>,
    #[serde(default, deserialize_with = "optional_number")]
    pub(super) maximum_retry_attempts: Option<i64>,
    #[serde(default, deserialize_with = "truth")]
    pub(super) bisect_batch_on_function_error: bool,
    #[serde(default)]
    pub(super) function_response_types: Vec<String>,
    pub(super) filter_criteria: Option<FilterCriteria>,
    pub(super) destination_config: Option<DestinationConfig>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DestinationConfig {
    pub(super) on_failure: Option<Destination>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Destination {
    pub(super) destination: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct QueueTriggerProperties {
    pub(super) queue: String,
    #[serde(default, deserialize_with = "optional_number")]
    pub(super) batch_size: Option<usize>,
    #[serde(default)]
    pub(super) function_response_types: Vec<String>,
    pub(super) filter_criteria: Option<FilterCriteria>,
    pub(super) scaling_config: Option<ScalingConfig>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ScalingConfig {
    #[serde(deserialize_with = "number")]
    pub(super) maximum_concurrency: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ScheduleProperties {
    pub(super) schedule: Option<String>,
    pub(super) schedule_expression: Option<String>,
    pub(super) input: Option<String>,
    #[serde(default = "yes", deserialize_with = "truth")]
    pub(super) enabled: bool,
    #[serde(default)]
    pub(super) state: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FunctionRuleProperties {
    pub(super) event_bus_name: Option<String>,
    pub(super) pattern: Value,
    pub(super) input: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ObjectTriggerProperties {
    pub(super) bucket: String,
    pub(super) events: OneOrMore,
    pub(super) filter: Option<ObjectFilter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TopicTriggerProperties {
    pub(super) topic: String,
    pub(super) filter_policy: Option<Value>,
    pub(super) sqs_subscription: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TopicProperties {
    #[serde(default)]
    pub(super) subscription: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SubscriptionProperties {
    pub(super) protocol: String,
    pub(super) topic_arn: String,
    pub(super) endpoint: String,
    #[serde(default, deserialize_with = "truth")]
    pub(super) raw_message_delivery: bool,
    pub(super) filter_policy: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    pub(super) fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::More(more) => more,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct ObjectFilter {
    #[serde(rename = "S3Key")]
    pub(super) s3_key: ObjectKeyFilter,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ObjectKeyFilter {
    #[serde(default)]
    pub(super) rules: Vec<ObjectKeyRule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ObjectKeyRule {
    pub(super) name: String,
    pub(super) value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CorsProperties {
    #[serde(default)]
    pub(super) allow_origins: Vec<String>,
    #[serde(default)]
    pub(super) allow_methods: Vec<String>,
    #[serde(default)]
    pub(super) allow_headers: Vec<String>,
    #[serde(default)]
    pub(super) expose_headers: Vec<String>,
    #[serde(default, deserialize_with = "truth")]
    pub(super) allow_credentials: bool,
    #[serde(default, deserialize_with = "optional_number")]
    pub(super) max_age: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TableProperties {
    pub(super) key_schema: Vec<KeyElement>,
    #[serde(default)]
    pub(super) global_secondary_indexes: Vec<IndexProperties>,
    pub(super) time_to_live_specification: Option<TtlProperties>,
    pub(super) stream_specification: Option<StreamSpecification>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct KeyElement {
    pub(super) attribute_name: String,
    pub(super) key_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct IndexProperties {
    pub(super) index_name: String,
    pub(super) key_schema: Vec<KeyElement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TtlProperties {
    pub(super) attribute_name: String,
    #[serde(deserialize_with = "truth")]
    pub(super) enabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StreamSpecification {
    pub(super) stream_view_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct QueueProperties {
    pub(super) redrive_policy: Option<RedriveProperties>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RedriveProperties {
    pub(super) dead_letter_target_arn: String,
    #[serde(deserialize_with = "number")]
    pub(super) max_receive_count: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BucketProperties {
    pub(super) cors_configuration: Option<BucketCors>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BucketCors {
    #[serde(default)]
    pub(super) cors_rules: Vec<CorsRule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RuleProperties {
    pub(super) event_bus_name: Option<String>,
    pub(super) event_pattern: Option<Value>,
    #[serde(default)]
    pub(super) state: String,
    #[serde(default)]
    pub(super) targets: Vec<TargetProperties>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TargetProperties {
    pub(super) arn: String,
    pub(super) input: Option<String>,
    pub(super) input_path: Option<Value>,
    pub(super) input_transformer: Option<Value>,
}

/// Where a configuration set of SES publishes what.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MailEvents {
    pub(super) configuration_set_name: String,
    pub(super) event_destination: MailEventDestination,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MailEventDestination {
    #[serde(default)]
    pub(super) enabled: bool,
    pub(super) matching_event_types: Vec<String>,
}
