//! Textract: `AnalyzeDocument`, `StartDocumentAnalysis` and `GetDocumentAnalysis`
//! (<https://docs.aws.amazon.com/textract/latest/dg/API_Operations.html>).
//!
//! A PDF's text is read where it is drawn, and scans through `tesseract` where that is installed. From there on both go
//! the same way: words are put in lines, fields, tables and signatures are told by their looks, and questions answered
//! by the words they share with the page.

mod blocks;
mod document;
mod forms;
mod jobs;
mod layout;
mod ocr;
mod page;
mod pdf;
mod queries;
mod raster;
mod request;
mod signatures;
mod tables;

use std::io;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::StatusCode;
use runtime::Clock;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};

use self::document::Mode;
pub use self::jobs::Status;
use self::jobs::{Job, Jobs, Repeated};
pub use self::ocr::{MISSING as TESSERACT_MISSING, Tesseract};
use self::page::Page;
use self::request::{
    AnalyzeDocument, Feature, GetDocumentAnalysis, NotificationChannel, Query, S3Object,
    StartDocumentAnalysis, Wanted,
};
use crate::iam::{self, Authority};
use crate::s3::S3;
use crate::template::RoleDefinition;
use crate::wire::aws::{Protocol, target};
use crate::wire::{Access, Principal, Refusal, Request, Response, StandIn};

/// The largest body, in bytes: a document in base64, and what is asked about it.
const BODY_LIMIT: usize = 15 * 1024 * 1024;
/// The most blocks of one answer.
const MAX_RESULTS: usize = 1000;
/// How many documents are read at once.
const AT_ONCE: usize = 2;
/// The version of the analysis.
const MODEL: &str = "1.0";
/// The service that takes on the role of a notification channel.
const SERVICE: &str = "textract.amazonaws.com";

/// Takes on a message to a topic: the topic's ARN, and the message.
pub type Publish = Arc<dyn Fn(&str, &str) -> io::Result<()> + Send + Sync>;

/// What there is besides Textract.
#[derive(Clone, Default)]
pub struct Settings {
    /// The ARNs of all topics.
    pub topics: Vec<String>,
    /// The roles that may be passed on.
    pub roles: Vec<RoleDefinition>,
    /// The program that reads scans.
    pub tesseract: Option<Tesseract>,
}

/// How jobs behave, on demand, from now on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Conduct {
    /// They stay in progress, until this is taken back.
    pub stall: bool,
    /// Their ends are not told until this is taken back.
    pub hold: bool,
    /// Their ends are never told.
    pub never: bool,
    /// Their ends are told twice.
    pub twice: bool,
    /// They end like this. Of a partial success, the last page is missing.
    pub status: Option<Status>,
    /// Scans are not read, as where `tesseract` is not installed.
    pub no_scans: bool,
}

/// The stand-in.
pub struct Textract(Arc<Inner>);

struct Inner {
    settings: Settings,
    clock: Clock,
    s3: Arc<S3>,
    authority: Arc<Authority>,
    publish: Publish,
    jobs: Jobs,
    conduct: watch::Sender<Conduct>,
    free: Semaphore,
}

/// An error of Textract: its code, its message.
#[derive(Clone, Debug, PartialEq, Eq)]
struct TextractError(&'static str, String);

impl TextractError {
    fn invalid(message: impl Into<String>) -> Self {
        Self("InvalidParameterException", message.into())
    }

    fn invalid_object() -> Self {
        let message =
            "Unable to get object metadata from S3. Check object key, region and/or access permissions.";
        Self("InvalidS3ObjectException", message.to_owned())
    }

    fn internal(error: &io::Error) -> Self {
        tracing::error!(%error, "Textract's jobs cannot be written");
        Self("InternalServerError", "Internal server error".to_owned())
    }

    fn response(&self) -> Response {
        let status = match self.0 {
            "InternalServerError" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        Protocol::Json11.error(status, self.0, &self.1)
    }
}

/// Why a document is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// It is of a kind that is not read.
    Unsupported,
    /// It is broken.
    Unreadable,
    /// It is encrypted.
    Encrypted,
    /// It is too large, as it is or unpacked.
    TooLarge,
    /// It has too many pages.
    TooManyPages,
    /// It is a scan, and there is no program to read it.
    NoTesseract,
}

impl Trouble {
    /// What is said about a job that fails because of this.
    fn status_message(self) -> &'static str {
        match self {
            Self::Unsupported => "UNSUPPORTED_DOCUMENT",
            Self::Unreadable => "BAD_DOCUMENT",
            Self::Encrypted => "UNSUPPORTED_DOCUMENT: it is encrypted",
            Self::TooLarge => "DOCUMENT_TOO_LARGE",
            Self::TooManyPages => "DOCUMENT_TOO_LARGE: it has too many pages",
            Self::NoTesseract => {
                "UNSUPPORTED_DOCUMENT: the local system reads scans only where tesseract is installed"
            }
        }
    }
}

impl From<Trouble> for TextractError {
    fn from(trouble: Trouble) -> Self {
        let code = match trouble {
            Trouble::Unsupported | Trouble::Encrypted | Trouble::TooManyPages | Trouble::NoTesseract => {
                "UnsupportedDocumentException"
            }
            Trouble::Unreadable => "BadDocumentException",
            Trouble::TooLarge => "DocumentTooLargeException",
        };
        let message = match trouble {
            Trouble::NoTesseract => trouble.status_message(),
            Trouble::TooLarge => "Document exceeds the maximum size",
            _ => "Request has unsupported document format",
        };
        Self(code, message.to_owned())
    }
}

/// How a request fails.
enum Failure {
    Refused(Access),
    Error(TextractError),
}

impl<E: Into<TextractError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

impl Textract {
    /// Opens the stand-in; its jobs are kept in `directory` if there is one, and in memory otherwise.
    ///
    /// # Errors
    /// The jobs cannot be read.
    pub fn open(
        directory: Option<&Path>,
        settings: Settings,
        clock: Clock,
        s3: Arc<S3>,
        authority: Arc<Authority>,
        publish: Publish,
    ) -> io::Result<Self> {
        Ok(Self(Arc::new(Inner {
            jobs: Jobs::open(directory, clock.now())?,
            settings,
            clock,
            s3,
            authority,
            publish,
            conduct: watch::Sender::new(Conduct::default()),
            free: Semaphore::new(AT_ONCE),
        })))
    }

    /// Goes on with the jobs that an earlier process left.
    pub fn resume(&self) {
        for job in self.0.jobs.unfinished() {
            tokio::spawn(Arc::clone(&self.0).run(job));
        }
    }

    /// How jobs behave.
    #[must_use]
    pub fn conduct(&self) -> Conduct {
        self.0.conduct.borrow().clone()
    }

    /// Has jobs behave like this. What waited for that to be taken back goes on.
    pub fn set_conduct(&self, conduct: Conduct) {
        self.0.conduct.send_replace(conduct);
    }

    /// Whether scans are read.
    #[must_use]
    pub fn reads_scans(&self) -> bool {
        self.0.tesseract().is_some()
    }
}

impl Inner {
    fn tesseract(&self) -> Option<&Tesseract> {
        let tesseract = self.settings.tesseract.as_ref();
        tesseract.filter(|_| !self.conduct.borrow().no_scans)
    }

    async fn analyze(&self, principal: &Principal, body: &[u8]) -> Result<Value, Failure> {
        let request: AnalyzeDocument = request::read(body)?;
        let wanted = request.wanted()?;
        let bytes = match (&request.document.bytes, &request.document.s3_object) {
            (Some(bytes), None) => STANDARD
                .decode(bytes)
                .map_err(|_| TextractError::invalid("Bytes is not base64"))?,
            (None, Some(object)) => self.fetch(principal, object).await?,
            _ => return Err(TextractError::invalid("Document needs Bytes or S3Object").into()),
        };
        let pages = document::pages(bytes, Mode::Synchronous, self.tesseract()).await?;
        Ok(json!({
            "DocumentMetadata": { "Pages": pages.len() },
            "Blocks": found(&pages, &wanted),
            "AnalyzeDocumentModelVersion": MODEL,
        }))
    }

    async fn start(self: &Arc<Self>, principal: &Principal, body: &[u8]) -> Result<Value, Failure> {
        let request: StartDocumentAnalysis = request::read(body)?;
        request.wanted()?;
        request.check_names()?;
        if let Some(channel) = &request.notification_channel {
            self.authority
                .check_pass_role(principal, &channel.role_arn, SERVICE)
                .map_err(Failure::Refused)?;
            self.check_channel(channel)?;
        }
        match self.jobs.repeated(&request) {
            Some(Repeated::Same(id)) => return Ok(json!({ "JobId": id })),
            Some(Repeated::Different) => {
                let message = "ClientRequestToken was used before with other parameters";
                return Err(TextractError("IdempotentParameterMismatchException", message.to_owned()).into());
            }
            None => {}
        }
        let bytes = self
            .fetch(principal, &request.document_location.s3_object)
            .await?;
        document::check(&bytes, Mode::Asynchronous)?;
        let job = Job {
            id: job_id().map_err(|error| TextractError::internal(&error))?,
            told: request.notification_channel.is_none(),
            request,
            started: self.clock.now(),
            status: Status::InProgress,
            message: None,
            pages: 0,
        };
        let answer = json!({ "JobId": job.id });
        self.jobs
            .add(job.clone())
            .map_err(|error| TextractError::internal(&error))?;
        tokio::spawn(Arc::clone(self).run(job));
        Ok(answer)
    }

    /// Whether the end of a job can be told: the role is Textract's to take on, and may publish to the topic.
    fn check_channel(&self, channel: &NotificationChannel) -> Result<(), TextractError> {
        let role = self
            .settings
            .roles
            .iter()
            .find(|role| role.arn == channel.role_arn);
        let trusted = role.filter(|role| role.trusts.iter().any(|service| service == SERVICE));
        let Some(role) = trusted else {
            let message = format!(
                "the role {} does not exist, or {SERVICE} may not assume it",
                channel.role_arn
            );
            return Err(TextractError::invalid(message));
        };
        let publish = Access {
            action: "sns:Publish".to_owned(),
            resource: channel.topic.clone(),
        };
        if !self.settings.topics.contains(&channel.topic) || !iam::allows(&role.statements, &publish, None) {
            let message = format!(
                "the topic {} does not exist, or the role may not publish to it",
                channel.topic
            );
            return Err(TextractError::invalid(message));
        }
        Ok(())
    }

    fn get(&self, body: &[u8]) -> Result<Value, Failure> {
        let request: GetDocumentAnalysis = request::read(body)?;
        let Some((job, blocks)) = self.jobs.get(&request.job_id, self.clock.now()) else {
            let message = "Request has invalid Job Id".to_owned();
            return Err(TextractError("InvalidJobIdException", message).into());
        };
        let limit = match request.max_results {
            Some(0) => return Err(TextractError::invalid("MaxResults must be at least 1").into()),
            Some(limit) => limit.min(MAX_RESULTS),
            None => MAX_RESULTS,
        };
        let start = match &request.next_token {
            None => 0,
            Some(token) => offset(token, &job.id)
                .filter(|start| *start < blocks.len())
                .ok_or_else(|| TextractError::invalid("Request has invalid Next Token"))?,
        };
        let mut answer = json!({ "JobStatus": job.status.name(), "AnalyzeDocumentModelVersion": MODEL });
        if let Some(message) = &job.message {
            answer["StatusMessage"] = json!(message);
        }
        if matches!(job.status, Status::Succeeded | Status::PartialSuccess) {
            let end = blocks.len().min(start + limit);
            answer["DocumentMetadata"] = json!({ "Pages": job.pages });
            answer["Blocks"] = json!(blocks[start..end]);
            if job.status == Status::PartialSuccess {
                answer["Warnings"] = json!([{ "ErrorCode": "INTERNAL_ERROR", "Pages": [job.pages] }]);
            }
            if end < blocks.len() {
                answer["NextToken"] = json!(token(end, &job.id));
            }
        }
        Ok(answer)
    }

    /// An object, read with the caller's rights.
    async fn fetch(&self, principal: &Principal, object: &S3Object) -> Result<Vec<u8>, TextractError> {
        let read = Access {
            action: "s3:GetObject".to_owned(),
            resource: format!("arn:aws:s3:::{}/{}", object.bucket, object.name),
        };
        if !self.authority.check(principal, &read) {
            return Err(TextractError::invalid_object());
        }
        self.object(object)
            .await
            .ok_or_else(TextractError::invalid_object)
    }

    async fn object(&self, object: &S3Object) -> Option<Vec<u8>> {
        self.s3.object(&object.bucket, &object.name).await
    }

    /// Does a job's work, and tells its end.
    async fn run(self: Arc<Self>, job: Job) {
        let mut conduct = self.conduct.subscribe();
        let mut job = job;
        if job.status == Status::InProgress {
            if conduct.wait_for(|conduct| !conduct.stall).await.is_err() {
                return;
            }
            job = match self.work(job).await {
                Ok(job) => job,
                Err(error) => {
                    tracing::error!(%error, "a job of Textract could not be written down");
                    return;
                }
            };
        }
        if job.told {
            return;
        }
        let times = match conduct.wait_for(|conduct| !conduct.hold).await {
            Ok(conduct) if conduct.twice => 2,
            Ok(_) => 1,
            Err(_) => return,
        };
        for _ in 0..times {
            if let Err(error) = self.tell(&job) {
                tracing::error!(%error, "the end of a job of Textract could not be told");
                return;
            }
        }
        if let Err(error) = self.jobs.tell(&job.id) {
            tracing::error!(%error, "a job of Textract could not be written down");
        }
    }

    async fn work(&self, mut job: Job) -> io::Result<Job> {
        let Ok(_free) = self.free.acquire().await else {
            return Ok(job);
        };
        let wanted = job.request.wanted();
        let wished = self.conduct.borrow().status;
        job.told |= self.conduct.borrow().never;
        let bytes = self.object(&job.request.document_location.s3_object).await;
        let pages = match bytes {
            Some(bytes) => document::pages(bytes, Mode::Asynchronous, self.tesseract()).await,
            None => Err(Trouble::Unreadable),
        };
        let mut blocks = Vec::new();
        match (pages, wanted) {
            (Ok(pages), Ok(wanted)) if wished != Some(Status::Failed) => {
                job.status = wished.unwrap_or(Status::Succeeded);
                job.pages = pages.len();
                let missing = usize::from(job.status == Status::PartialSuccess);
                blocks = found(&pages[..pages.len().saturating_sub(missing)], &wanted);
            }
            (Err(trouble), _) => {
                job.status = Status::Failed;
                job.message = Some(trouble.status_message().to_owned());
            }
            _ => {
                job.status = Status::Failed;
                job.message = Some("INTERNAL_SERVER_ERROR".to_owned());
            }
        }
        self.jobs.finish(job.clone(), blocks)?;
        Ok(job)
    }

    /// Publishes that a job ended
    /// (<https://docs.aws.amazon.com/textract/latest/dg/async-notification-payload.html>).
    fn tell(&self, job: &Job) -> io::Result<()> {
        let Some(channel) = &job.request.notification_channel else {
            return Ok(());
        };
        let object = &job.request.document_location.s3_object;
        let mut message = json!({
            "JobId": job.id,
            "Status": job.status.name(),
            "API": "StartDocumentAnalysis",
            "Timestamp": self.clock.now().as_millisecond(),
            "DocumentLocation": { "S3ObjectName": object.name, "S3Bucket": object.bucket },
        });
        if let Some(tag) = &job.request.job_tag {
            message["JobTag"] = json!(tag);
        }
        (self.publish)(&channel.topic, &message.to_string())
    }
}

/// The blocks of a document, as a job finds them that is asked for forms and signatures and asks these questions, each
/// with its alias, on every page: for tests that read many documents and need no job of each.
///
/// # Errors
/// Why the document is not read, as the job would say it.
pub async fn analysis(
    document: Vec<u8>,
    questions: &[(&str, &str)],
    tesseract: Option<&Tesseract>,
) -> Result<Vec<Value>, &'static str> {
    let wanted = Wanted {
        features: vec![Feature::Forms, Feature::Queries, Feature::Signatures],
        queries: questions
            .iter()
            .map(|(alias, question)| Query {
                text: (*question).to_owned(),
                alias: Some((*alias).to_owned()),
                pages: Some(vec!["*".to_owned()]),
            })
            .collect(),
    };
    let pages = document::pages(document, Mode::Asynchronous, tesseract)
        .await
        .map_err(Trouble::status_message)?;
    Ok(found(&pages, &wanted))
}

/// The blocks of all pages.
fn found(pages: &[Page], wanted: &Wanted) -> Vec<Value> {
    let numbered = pages.iter().zip(1..);
    numbered
        .flat_map(|(page, number)| blocks::of(page, number, wanted))
        .collect()
}

/// An id in the form that Textract gives to its jobs.
fn job_id() -> io::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(hex::encode(bytes))
}

fn token(start: usize, job: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{start}.{job}"))
}

/// Where a token says to go on, if it is one of this job.
fn offset(token: &str, job: &str) -> Option<usize> {
    let token = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let (start, of) = token.split_once('.')?;
    start.parse().ok().filter(|_| of == job)
}

#[async_trait]
impl StandIn for Textract {
    fn service(&self) -> &'static str {
        "textract"
    }

    fn body_limit(&self) -> usize {
        BODY_LIMIT
    }

    fn needs(&self, request: &Request) -> Vec<Access> {
        let operation = target(request).map(|operation| Access {
            action: format!("textract:{operation}"),
            resource: "*".to_owned(),
        });
        operation.into_iter().collect()
    }

    async fn answer(&self, request: Request) -> Response {
        let Request { principal, body, .. } = &request;
        let answer = match target(&request) {
            Some("AnalyzeDocument") => self.0.analyze(principal, body).await,
            Some("StartDocumentAnalysis") => self.0.start(principal, body).await,
            Some("GetDocumentAnalysis") => self.0.get(body),
            _ => Err(TextractError("UnknownOperationException", String::new()).into()),
        };
        match answer {
            Ok(answer) => Protocol::Json11.answer(&answer),
            Err(Failure::Error(error)) => error.response(),
            Err(Failure::Refused(access)) => self.refuse(&Refusal::AccessDenied(principal.clone(), access)),
        }
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        Protocol::Json11.refusal(refusal)
    }
}

#[cfg(test)]
mod tests;
