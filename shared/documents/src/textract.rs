//! Textract's client (<https://docs.aws.amazon.com/textract/latest/dg/API_Operations.html>): a single image is read at
//! once, a PDF or TIFF by a job that reports its end to an SNS topic.

use std::fmt;
use std::time::Duration;

use aws_sdk_textract::Client;
use aws_sdk_textract::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_textract::types::{
    Document, DocumentLocation, FeatureType, JobStatus, NotificationChannel, QueriesConfig, Query, S3Object,
};
use aws_smithy_types::Blob;
use aws_smithy_types::timeout::TimeoutConfig;
use runtime::{ConfigError, Runtime};

use crate::Block;
use crate::lease::QUESTIONS;

/// Time for one attempt: an image is read while we wait, which takes seconds.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);
/// Blocks that are asked for at once; the most that Textract gives
/// (<https://docs.aws.amazon.com/textract/latest/dg/API_GetDocumentAnalysis.html>).
const BLOCKS_A_CALL: i32 = 1000;
/// Blocks that are kept. A page of a lease has about 900, and a lease at most 50 pages; beyond this a document is no
/// lease, and would only fill the memory.
const BLOCKS_AT_MOST: usize = 200_000;

/// What is asked of every document.
const FEATURES: [FeatureType; 3] = [FeatureType::Forms, FeatureType::Queries, FeatureType::Signatures];

/// Reads documents.
#[derive(Clone, Debug)]
pub struct Textract {
    client: Client,
}

/// A file in S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its bucket.
    pub bucket: String,
    /// Its key, not URL-encoded.
    pub key: String,
    /// Its version; without one the newest is read.
    pub version: Option<String>,
}

/// A single image, PNG or JPEG, or a PDF or TIFF of one page.
#[derive(Clone, Debug)]
pub enum Image {
    /// Its bytes, 5 MB at most.
    Bytes(Vec<u8>),
    /// Where it is, 10 MB at most.
    Object(Object),
}

/// Who is told that a job has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The topic to which Textract publishes.
    pub topic_arn: String,
    /// The role that it takes to do so.
    pub role_arn: String,
}

/// A job to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// What to read.
    pub object: Object,
    /// The same token starts no second job: 1 to 64 letters, digits, `-` and `_`.
    pub client_request_token: String,
    /// What the job is called in its notification: 1 to 64 letters, digits, `_`, `.`, `-` and `:`.
    pub job_tag: String,
    /// Who is told.
    pub notification: Notification,
}

/// Textract's id of a job.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct JobId(String);

impl JobId {
    /// The id as Textract gave it.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as Textract gave it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What became of a job.
#[derive(Clone, Debug, PartialEq)]
pub enum JobResult {
    /// It is still running.
    Pending,
    /// It failed, for the reason that Textract gives.
    Failed(String),
    /// All pages were read.
    Succeeded(Vec<Block>),
    /// Some pages were read. What the others say is unknown: no machine may decide on these.
    PartialSuccess(Vec<Block>),
}

/// Textract did not do what it was asked. The messages name codes, and nothing of a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextractError {
    /// Too much was asked at once, or it had trouble of its own; later it may work.
    #[error("Textract cannot do it now: {0}")]
    Busy(String),
    /// No answer came.
    #[error("Textract gave no answer: {0}")]
    Unreachable(&'static str),
    /// The document is one that it cannot read.
    #[error("Textract cannot read the document: {0}")]
    Unreadable(Unreadable),
    /// The file is not there, or it may not be read.
    #[error("Textract cannot get at the file")]
    FileOutOfReach,
    /// Another request was made under the same token before.
    #[error("the token stands for another request already")]
    TokenTaken,
    /// There is no such job; results are kept for seven days.
    #[error("Textract has no such job")]
    NoSuchJob,
    /// More was recognised than a lease can have.
    #[error("the answer has more than {BLOCKS_AT_MOST} blocks")]
    TooManyBlocks,
    /// The request is wrong, or not allowed.
    #[error("Textract refused the request: {0}")]
    Refused(String),
}

/// Why a document cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Its format is none that Textract knows.
    #[error("unsupported format")]
    Unsupported,
    /// It is damaged, or protected by a password.
    #[error("bad document")]
    Bad,
    /// It has too many bytes or pages.
    #[error("too large")]
    TooLarge,
}

impl TextractError {
    /// Whether the same request may work later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Unreachable(_))
    }

    /// What a code of Textract's means
    /// (<https://docs.aws.amazon.com/textract/latest/dg/API_StartDocumentAnalysis.html#API_StartDocumentAnalysis_Errors>).
    fn of_code(code: Option<&str>) -> Self {
        match code {
            Some(
                code @ ("ThrottlingException"
                | "ProvisionedThroughputExceededException"
                | "LimitExceededException"
                | "InternalServerError"
                | "ServiceUnavailableException"),
            ) => Self::Busy(code.to_owned()),
            Some("UnsupportedDocumentException") => Self::Unreadable(Unreadable::Unsupported),
            Some("BadDocumentException") => Self::Unreadable(Unreadable::Bad),
            Some("DocumentTooLargeException") => Self::Unreadable(Unreadable::TooLarge),
            Some("InvalidS3ObjectException") => Self::FileOutOfReach,
            Some("IdempotentParameterMismatchException") => Self::TokenTaken,
            Some("InvalidJobIdException") => Self::NoSuchJob,
            Some(code) => Self::Refused(code.to_owned()),
            None => Self::Refused("an unnamed error".to_owned()),
        }
    }
}

impl<E: ProvideErrorMetadata> From<SdkError<E>> for TextractError {
    fn from(error: SdkError<E>) -> Self {
        match &error {
            SdkError::ServiceError(answer) => match (answer.err().code(), answer.raw().status().as_u16()) {
                // A proxy's or a load balancer's answer has no code of Textract's.
                (None, status) if status >= 500 => Self::Busy(format!("HTTP status {status}")),
                (code, _) => Self::of_code(code),
            },
            SdkError::ConstructionFailure(_) => Self::Refused("the request could not be made".to_owned()),
            SdkError::TimeoutError(_) => Self::Unreachable("no answer in time"),
            SdkError::DispatchFailure(_) => Self::Unreachable("the connection broke"),
            _ => Self::Unreachable("the answer could not be read"),
        }
    }
}

impl From<BuildError> for TextractError {
    fn from(_: BuildError) -> Self {
        Self::Refused("the request could not be made".to_owned())
    }
}

impl Textract {
    /// The client of this function.
    ///
    /// # Errors
    /// [`ConfigError`] if the region or the credentials are missing.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        let shared = runtime.aws("TEXTRACT")?;
        let timeouts = shared
            .timeout_config()
            .map(TimeoutConfig::to_builder)
            .unwrap_or_default()
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .build();
        let config = aws_sdk_textract::config::Builder::from(&shared)
            .timeout_config(timeouts)
            .build();
        Ok(Self {
            client: Client::from_conf(config),
        })
    }

    /// Reads a single image, and waits for it.
    ///
    /// # Errors
    /// [`TextractError`], which tells whether it may work later.
    pub async fn analyze(&self, image: Image) -> Result<Vec<Block>, TextractError> {
        let document = match image {
            Image::Bytes(bytes) => Document::builder().bytes(Blob::new(bytes)),
            Image::Object(object) => Document::builder().s3_object(s3_object(object)),
        };
        let answer = self
            .client
            .analyze_document()
            .document(document.build())
            .set_feature_types(Some(FEATURES.to_vec()))
            .queries_config(queries()?)
            .send()
            .await?;
        let blocks = answer.blocks.unwrap_or_default();
        if blocks.len() > BLOCKS_AT_MOST {
            return Err(TextractError::TooManyBlocks);
        }
        Ok(blocks.into_iter().map(Block::from).collect())
    }

    /// Starts a job. Started again under the same token within a week, it is the same job.
    ///
    /// # Errors
    /// [`TextractError`], which tells whether it may work later.
    pub async fn start(&self, job: Start) -> Result<JobId, TextractError> {
        let channel = NotificationChannel::builder()
            .sns_topic_arn(job.notification.topic_arn)
            .role_arn(job.notification.role_arn)
            .build()?;
        let answer = self
            .client
            .start_document_analysis()
            .document_location(
                DocumentLocation::builder()
                    .s3_object(s3_object(job.object))
                    .build(),
            )
            .set_feature_types(Some(FEATURES.to_vec()))
            .queries_config(queries()?)
            .client_request_token(job.client_request_token)
            .job_tag(job.job_tag)
            .notification_channel(channel)
            .send()
            .await?;
        answer
            .job_id
            .map(JobId)
            .ok_or(TextractError::Unreachable("the answer names no job"))
    }

    /// What became of a job, with all that it recognised.
    ///
    /// # Errors
    /// [`TextractError`], which tells whether it may work later.
    pub async fn result(&self, job: &JobId) -> Result<JobResult, TextractError> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut next = None;
        loop {
            let answer = self
                .client
                .get_document_analysis()
                .job_id(job.as_str())
                .max_results(BLOCKS_A_CALL)
                .set_next_token(next)
                .send()
                .await?;
            let whole = match answer.job_status {
                Some(JobStatus::Succeeded) => true,
                Some(JobStatus::PartialSuccess) => false,
                Some(JobStatus::Failed) => {
                    return Ok(JobResult::Failed(answer.status_message.unwrap_or_default()));
                }
                _ => return Ok(JobResult::Pending),
            };
            let page = answer.blocks.unwrap_or_default();
            if blocks.len() + page.len() > BLOCKS_AT_MOST {
                return Err(TextractError::TooManyBlocks);
            }
            // An empty page that promises another could go on for ever.
            let none_came = page.is_empty();
            blocks.extend(page.into_iter().map(Block::from));
            next = answer.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(if whole {
                    JobResult::Succeeded(blocks)
                } else {
                    JobResult::PartialSuccess(blocks)
                });
            }
            if none_came {
                return Err(TextractError::Unreachable("a page of the answer is empty"));
            }
        }
    }
}

fn s3_object(object: Object) -> S3Object {
    S3Object::builder()
        .bucket(object.bucket)
        .name(object.key)
        .set_version(object.version)
        .build()
}

/// The questions, asked of every page: a lease may name its rent on any.
fn queries() -> Result<QueriesConfig, BuildError> {
    let mut config = QueriesConfig::builder();
    for (alias, question) in QUESTIONS {
        config = config.queries(Query::builder().text(question).alias(alias).pages("*").build()?);
    }
    config.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_work_later_is_told_from_what_never_will() {
        for (code, retryable) in [
            ("ThrottlingException", true),
            ("ProvisionedThroughputExceededException", true),
            ("LimitExceededException", true),
            ("InternalServerError", true),
            ("UnsupportedDocumentException", false),
            ("BadDocumentException", false),
            ("DocumentTooLargeException", false),
            ("InvalidS3ObjectException", false),
            ("IdempotentParameterMismatchException", false),
            ("InvalidJobIdException", false),
            ("AccessDeniedException", false),
            ("InvalidParameterException", false),
        ] {
            assert_eq!(
                TextractError::of_code(Some(code)).is_retryable(),
                retryable,
                "{code}"
            );
        }
    }

    #[test]
    fn every_question_is_asked_of_every_page_under_a_name() {
        let config = queries().unwrap();
        assert_eq!(config.queries().len(), QUESTIONS.len());
        for query in config.queries() {
            assert_eq!(query.pages(), ["*"]);
            assert!(query.alias().is_some());
            // Textract's limits of a question.
            assert!(query.text().len() <= 200);
        }
        // What Textract answers about one page of a document that it is not waited for.
        assert!(QUESTIONS.len() <= 15);
    }
}
