//! What each resource is called: its name, what `!Ref` gives, its ARN and other attributes, as AWS would form them
//! in the account `000000000000`.

use serde_json::Value;

use super::intrinsics::Evaluator;
use super::{ACCOUNT_ID, API_ID, Problem, REGION, STACK_NAME};

/// The part of a stream's ARN that is a date on AWS.
const STREAM_LABEL: &str = "2026-01-01T00:00:00.000";

/// An ARN in the local account.
pub(super) fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{resource}")
}

/// The ARN of a function.
pub(super) fn function_arn(name: &str) -> String {
    arn("lambda", &format!("function:{name}"))
}

/// The ARN of a role.
pub(super) fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT_ID}:role/{name}")
}

/// The ARN of a queue.
pub(super) fn queue_arn(name: &str) -> String {
    arn("sqs", name)
}

/// The URL of a queue, as the real service forms it.
pub(super) fn queue_url(name: &str) -> String {
    format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT_ID}/{name}")
}

/// The ARN of a table.
pub(super) fn table_arn(name: &str) -> String {
    arn("dynamodb", &format!("table/{name}"))
}

/// The ARN of a table's stream.
pub(super) fn stream_arn(table: &str) -> String {
    format!("{}/stream/{STREAM_LABEL}", table_arn(table))
}

/// The ARN of an event bus.
pub(super) fn bus_arn(name: &str) -> String {
    arn("events", &format!("event-bus/{name}"))
}

/// The ARN of a topic.
pub(super) fn topic_arn(name: &str) -> String {
    arn("sns", name)
}

/// The ARN of a bucket.
pub(super) fn bucket_arn(name: &str) -> String {
    format!("arn:aws:s3:::{name}")
}

/// The property that names a resource of this type, where there is one.
fn name_property(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "AWS::Serverless::Function" | "AWS::Lambda::Function" => "FunctionName",
        "AWS::DynamoDB::Table" => "TableName",
        "AWS::SQS::Queue" => "QueueName",
        "AWS::S3::Bucket" => "BucketName",
        "AWS::Logs::LogGroup" => "LogGroupName",
        "AWS::IAM::Role" => "RoleName",
        "AWS::SNS::Topic" => "TopicName",
        "AWS::SES::EmailIdentity" => "EmailIdentity",
        "AWS::Events::EventBus"
        | "AWS::Events::Rule"
        | "AWS::SES::ConfigurationSet"
        | "AWS::SecretsManager::Secret" => "Name",
        _ => return None,
    })
}

impl Evaluator<'_> {
    /// The type of a resource. SAM makes some by itself: a role for a function without one, the API without a name.
    fn kind(&self, id: &str) -> Result<&str, Problem> {
        match self.resources.get(id) {
            Some(resource) => resource
                .get("Type")
                .and_then(Value::as_str)
                .ok_or_else(|| Problem::new(format!("the resource `{id}` has no Type"))),
            None if id == "ServerlessHttpApi" => Ok("AWS::Serverless::HttpApi"),
            None if id
                .strip_suffix("Role")
                .is_some_and(|function| self.resources.contains_key(function)) =>
            {
                Ok("AWS::IAM::Role")
            }
            None => Err(Problem::new(format!(
                "there is no parameter and no resource `{id}`"
            ))),
        }
    }

    /// A resource's name: the one the template gives, or the stack's name and the logical id.
    pub(super) fn resource_name(&self, id: &str) -> Result<String, Problem> {
        let kind = self.kind(id)?;
        let given = name_property(kind)
            .and_then(|property| self.resources.get(id)?.get("Properties")?.get(property))
            .map(|expression| self.once(id, || self.evaluate(expression)))
            .transpose()?
            .flatten();
        let name = match given {
            Some(name) => super::intrinsics::scalar(&name)?,
            None => format!("{STACK_NAME}-{id}"),
        };
        Ok(if kind == "AWS::S3::Bucket" {
            name.to_lowercase()
        } else {
            name
        })
    }

    /// What `!Ref` gives for a resource.
    pub(super) fn resource_reference(&self, id: &str) -> Result<String, Problem> {
        let name = self.resource_name(id)?;
        Ok(match self.kind(id)? {
            "AWS::SQS::Queue" => queue_url(&name),
            "AWS::SNS::Topic" => topic_arn(&name),
            "AWS::SecretsManager::Secret" => arn("secretsmanager", &format!("secret:{name}")),
            "AWS::Serverless::HttpApi" | "AWS::ApiGatewayV2::Api" => API_ID.to_owned(),
            _ => name,
        })
    }

    /// What `!GetAtt` gives for a resource.
    pub(super) fn resource_attribute(&self, id: &str, attribute: &str) -> Result<String, Problem> {
        let name = self.resource_name(id)?;
        Ok(match (self.kind(id)?, attribute) {
            ("AWS::Serverless::Function" | "AWS::Lambda::Function", "Arn") => function_arn(&name),
            ("AWS::IAM::Role", "Arn") => role_arn(&name),
            ("AWS::DynamoDB::Table", "Arn") => table_arn(&name),
            ("AWS::DynamoDB::Table", "StreamArn") => stream_arn(&name),
            ("AWS::SQS::Queue", "Arn") => queue_arn(&name),
            ("AWS::SQS::Queue", "QueueUrl") => queue_url(&name),
            ("AWS::Events::EventBus", "Arn") => bus_arn(&name),
            ("AWS::Events::Rule", "Arn") => arn("events", &format!("rule/{name}")),
            ("AWS::Logs::LogGroup", "Arn") => arn("logs", &format!("log-group:{name}:*")),
            ("AWS::S3::Bucket", "Arn") => bucket_arn(&name),
            ("AWS::S3::Bucket", "DomainName") => format!("{name}.s3.amazonaws.com"),
            ("AWS::S3::Bucket", "RegionalDomainName") => format!("{name}.s3.{REGION}.amazonaws.com"),
            ("AWS::SNS::Topic", "TopicArn") => topic_arn(&name),
            ("AWS::KMS::Key", "Arn") => arn("kms", &format!("key/{name}")),
            ("AWS::SecretsManager::Secret", "Id" | "Arn") => arn("secretsmanager", &format!("secret:{name}")),
            ("AWS::Serverless::HttpApi" | "AWS::ApiGatewayV2::Api", "ApiEndpoint") => {
                format!("https://{API_ID}.execute-api.{REGION}.amazonaws.com")
            }
            ("AWS::Serverless::HttpApi" | "AWS::ApiGatewayV2::Api", "ApiId") => API_ID.to_owned(),
            (_, "QueueName" | "TopicName" | "Name") => name,
            (kind, _) => {
                return Err(Problem::new(format!(
                    "the local system does not know the attribute `{attribute}` of {id} ({kind})"
                )));
            }
        })
    }
}
