#![doc = include_str!("../README.md")]

use std::sync::Arc;

use documents::JobId;
use domain::lease::{Reason, VerificationStatus};
use guarantee::{Ended, Guarantee};
use lease_files::{FilesError, LeaseFiles};
use runtime::{ConfigError, JobError, Runtime, telemetry};
use serde::de::IgnoredAny;
use table::TableError;
use table::verification::{Begun, Outcome, Verification};

/// How many leases are dealt with in one run; the next one comes in two minutes.
const AT_MOST: u8 = 200;

/// What the job works with.
#[derive(Debug)]
pub struct Context {
    guarantee: Guarantee,
    files: LeaseFiles,
    function: String,
}

impl Context {
    /// The table, Textract and the bucket.
    ///
    /// # Errors
    /// [`ConfigError`] if a variable is missing or unusable.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        Ok(Self {
            guarantee: Guarantee::new(runtime)?,
            files: LeaseFiles::new(runtime)?,
            function: runtime
                .environment
                .required("AWS_LAMBDA_FUNCTION_NAME")?
                .to_owned(),
        })
    }
}

/// Ends what stands still.
///
/// # Errors
/// [`JobError::Retry`] if a lease could not be dealt with. What was done stays.
pub async fn handle(context: Arc<Context>, _: IgnoredAny) -> Result<(), JobError> {
    let (mut ended, mut failed) = (0_u64, 0_u64);
    for lease in context.guarantee.table.due_leases(AT_MOST).await.map_err(later)? {
        match context.end(&lease).await {
            Ok(()) => ended += 1,
            Err(error) => {
                tracing::error!(verification = %lease.id, %error, "a lease that is due could not be dealt with");
                failed += 1;
            }
        }
    }
    tracing::info!(ended, failed, "looked for leases that stand still");
    if failed == 0 {
        Ok(())
    } else {
        Err(JobError::Retry(format!(
            "{failed} leases could not be dealt with"
        )))
    }
}

impl Context {
    /// Deals with one lease. The index may be a moment old, so it is looked at anew.
    async fn end(&self, due: &Verification) -> Result<(), JobError> {
        let table = &self.guarantee.table;
        let Some(known) = table.verification(due.user, due.id).await.map_err(later)? else {
            return Ok(());
        };
        if known.status != due.status || known.since != due.since {
            return Ok(());
        }
        match known.status {
            VerificationStatus::AwaitingUpload if known.upload_until < table.now() => {
                self.give_up(&known).await
            }
            VerificationStatus::AwaitingUpload | VerificationStatus::NeedsReview => Ok(()),
            VerificationStatus::Processing => self.look_after(&known).await,
            _ => self.delete(&known).await,
        }
    }

    /// A link is over.
    async fn give_up(&self, known: &Verification) -> Result<(), JobError> {
        let table = &self.guarantee.table;
        let came = self.files.has(&known.object_key()).await.map_err(unreachable)?;
        let Some(file) = known.file.filter(|_| came) else {
            let outcome = Outcome::Rejected(Reason::FileNotSent);
            table.decide_lease(known, &outcome, None).await.map_err(later)?;
            return Ok(());
        };
        tracing::warn!(verification = %known.id, "a file came, and no word of it");
        match table.begin_reading(known, file).await.map_err(later)? {
            Begun::Now(begun) => {
                self.guarantee.review(&begun, Reason::ReadingTimedOut).await?;
            }
            Begun::SeenBefore => {
                let outcome = Outcome::Rejected(Reason::FileSeenBefore);
                table.decide_lease(known, &outcome, None).await.map_err(later)?;
            }
            Begun::Outdated => {}
        }
        Ok(())
    }

    /// A file is being read for too long. Whatever Textract answers, it ends here.
    async fn look_after(&self, known: &Verification) -> Result<(), JobError> {
        let ended = match &known.job {
            Some(job) => self.guarantee.finish(known, &JobId::new(job.as_str())).await,
            None => Ok(Ended::NotYet),
        };
        match ended {
            Ok(Ended::Now | Ended::Before) => Ok(()),
            Ok(Ended::NotYet) => self.time_out(known).await,
            Err(error) => {
                tracing::error!(verification = %known.id, %error, "a job that is late could not be asked");
                self.time_out(known).await
            }
        }
    }

    async fn time_out(&self, known: &Verification) -> Result<(), JobError> {
        let ended = self.guarantee.review(known, Reason::ReadingTimedOut).await?;
        if ended == Ended::Now {
            telemetry::count("LeasesTimedOut", &self.function, 1, self.guarantee.table.now());
        }
        Ok(())
    }

    /// A decision is old enough.
    async fn delete(&self, known: &Verification) -> Result<(), JobError> {
        self.files
            .delete(&known.object_key())
            .await
            .map_err(unreachable)?;
        // Something else may have written it meanwhile, such as a refund: it stays due, and is found again.
        self.guarantee.table.forget_lease(known).await.map_err(later)?;
        Ok(())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn later(error: TableError) -> JobError {
    JobError::Retry(error.to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn unreachable(error: FilesError) -> JobError {
    JobError::Retry(error.to_string())
}
