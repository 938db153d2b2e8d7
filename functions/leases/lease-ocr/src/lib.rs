#![doc = include_str!("../README.md")]

pub mod event;
pub mod file;

use std::sync::Arc;

use documents::textract::Unreadable;
use documents::{Image, JobId, Notification as Report, Object, Start, TextractError};
use domain::lease::{FileHash, FileKind, LeaseFile, Reason, VerificationStatus};
use guarantee::{Guarantee, Recognised};
use lease_files::{Fetched, LeaseFiles};
use runtime::{ConfigError, JobError, Runtime};
use sha2::{Digest, Sha256};
use table::TableError;
use table::verification::{Begun, Moved, Outcome, Verification};

use crate::event::{Notification, Record};

/// What the job works with.
#[derive(Debug)]
pub struct Context {
    guarantee: Guarantee,
    files: LeaseFiles,
    report: Report,
}

impl Context {
    /// The table, Textract, the bucket, and where Textract reports to.
    ///
    /// # Errors
    /// [`ConfigError`] if a variable is missing or unusable.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        let required = |name| runtime.environment.required(name).map(str::to_owned);
        Ok(Self {
            guarantee: Guarantee::new(runtime)?,
            files: LeaseFiles::new(runtime)?,
            report: Report {
                topic_arn: required("READ_TOPIC")?,
                role_arn: required("READ_TOPIC_ROLE")?,
            },
        })
    }
}

/// Looks at each file of a notification, and has it read.
///
/// # Errors
/// [`JobError::Retry`] if something outside fails. The same notification may come again: what is done is found done.
pub async fn handle(context: Arc<Context>, notification: Notification) -> Result<(), JobError> {
    for record in &notification.records {
        context.arrived(record).await?;
    }
    Ok(())
}

impl Context {
    async fn arrived(&self, record: &Record) -> Result<(), JobError> {
        let key = record.key().filter(|_| record.bucket() == self.files.bucket());
        let Some((user, id)) = key.and_then(|key| Verification::of_object_key(&key)) else {
            // A key that somebody else made up may hold anything: it is not repeated.
            tracing::warn!("an object arrived that is no lease of ours");
            return Ok(());
        };
        let Some(known) = self.guarantee.table.verification(user, id).await.map_err(later)? else {
            tracing::warn!(verification = %id, "a file arrived for a lease that nobody announced");
            return Ok(());
        };
        match known.status {
            VerificationStatus::AwaitingUpload => self.look(&known).await,
            VerificationStatus::Processing => match known.file.filter(|_| known.job.is_none()) {
                // Whoever began died before the job was noted, or is at it this moment.
                Some(file) => self.have_read(&known, file.kind).await,
                None => Ok(()),
            },
            VerificationStatus::NeedsReview => Ok(()),
            _ if known.has_file => Ok(()),
            _ => {
                tracing::info!(verification = %id, "a file arrived for a lease that was given up");
                let noted = self.guarantee.table.note_late_file(&known).await.map_err(later)?;
                settled(&noted)
            }
        }
    }

    /// Looks at a file, and begins to read it or turns it away.
    async fn look(&self, known: &Verification) -> Result<(), JobError> {
        let fetched = self.files.fetch(&known.object_key()).await;
        let looked = match fetched.map_err(|error| JobError::Retry(error.to_string()))? {
            Fetched::Gone => {
                tracing::warn!(verification = %known.id, "a file that arrived is not there");
                return Ok(());
            }
            Fetched::TooLarge => Err(Reason::FileTooLarge),
            Fetched::Bytes(bytes) => announced(known, &bytes)
                .and_then(|file| file::inspect(&bytes).map(|kind| LeaseFile { kind, ..file })),
        };
        let file = match looked {
            Ok(file) => file,
            Err(reason) => return self.turn_away(known, reason).await,
        };
        match self
            .guarantee
            .table
            .begin_reading(known, file)
            .await
            .map_err(later)?
        {
            Begun::Now(begun) => self.have_read(&begun, file.kind).await,
            Begun::SeenBefore => self.turn_away(known, Reason::FileSeenBefore).await,
            Begun::Outdated => Err(outdated()),
        }
    }

    /// Has a file read. Done again, it is the same job, and of two readings of an image one counts.
    async fn have_read(&self, known: &Verification, kind: FileKind) -> Result<(), JobError> {
        let object = Object {
            bucket: self.files.bucket().to_owned(),
            key: known.object_key(),
            version: None,
        };
        let textract = &self.guarantee.textract;
        let failed = match kind {
            FileKind::Png | FileKind::Jpeg => match textract.analyze(Image::Object(object)).await {
                Ok(blocks) => {
                    let recognised = Recognised {
                        blocks,
                        complete: true,
                    };
                    self.guarantee.read(known, recognised).await?;
                    return Ok(());
                }
                Err(error) => error,
            },
            FileKind::Pdf | FileKind::Tiff => {
                let start = Start {
                    object,
                    client_request_token: known.id.to_string(),
                    job_tag: known.job_tag(),
                    notification: self.report.clone(),
                };
                match textract.start(start).await {
                    Ok(job) => return self.note(known, &job).await,
                    Err(error) => error,
                }
            }
        };
        match failed {
            TextractError::Unreadable(Unreadable::TooLarge) => {
                self.turn_away(known, Reason::FileTooLarge).await
            }
            TextractError::Unreadable(Unreadable::Bad) => self.turn_away(known, Reason::FileDamaged).await,
            TextractError::Unreadable(Unreadable::Unsupported) => {
                self.turn_away(known, Reason::FileTypeUnsupported).await
            }
            error if error.is_retryable() => Err(JobError::Retry(error.to_string())),
            error => {
                tracing::error!(verification = %known.id, %error, "a lease could not be given to Textract");
                self.guarantee.review(known, Reason::ReadingFailed).await?;
                Ok(())
            }
        }
    }

    /// Notes the job that reads a file, unless its end came first.
    async fn note(&self, known: &Verification, job: &JobId) -> Result<(), JobError> {
        let table = &self.guarantee.table;
        match table.note_reading(known, job.as_str()).await.map_err(later)? {
            Moved::Now(_) => Ok(()),
            Moved::Outdated => match table.verification(known.user, known.id).await.map_err(later)? {
                Some(now) if now.status == VerificationStatus::Processing && now.job.is_none() => {
                    Err(outdated())
                }
                _ => Ok(()),
            },
        }
    }

    async fn turn_away(&self, known: &Verification, reason: Reason) -> Result<(), JobError> {
        tracing::info!(verification = %known.id, ?reason, "a file is turned away");
        let outcome = Outcome::Rejected(reason);
        let moved = self.guarantee.table.decide_lease(known, &outcome, None).await;
        settled(&moved.map_err(later)?)
    }
}

/// The file that was announced, if these are its bytes.
fn announced(known: &Verification, bytes: &[u8]) -> Result<LeaseFile, Reason> {
    if bytes.is_empty() {
        return Err(Reason::FileEmpty);
    }
    let hash = FileHash::new(Sha256::digest(bytes).into());
    known
        .file
        .filter(|file| file.sha256 == hash)
        .ok_or(Reason::FileDiffers)
}

/// What something else changed at the same moment has to be looked at anew: the event comes again.
fn settled(moved: &Moved) -> Result<(), JobError> {
    match moved {
        Moved::Now(_) => Ok(()),
        Moved::Outdated => Err(outdated()),
    }
}

fn outdated() -> JobError {
    JobError::Retry("the lease was changed at the same moment".to_owned())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn later(error: TableError) -> JobError {
    JobError::Retry(error.to_string())
}
