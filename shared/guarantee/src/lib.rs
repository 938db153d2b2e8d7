#![doc = include_str!("../README.md")]

mod day;

use std::borrow::Cow;

use documents::{Block, Document, JobId, JobResult, Textract, TextractError, lease};
use domain::lease::{Evidence, Expected, Reason, Verdict, VerificationStatus};
use runtime::{ConfigError, JobError, Runtime};
use table::item::Consistency;
use table::verification::{Moved, Outcome, Verification};
use table::{Table, TableError};

/// How often a decision is made anew when the lease was written to meanwhile.
const ATTEMPTS: usize = 2;

/// The leases that are sent, and what reads them.
#[derive(Clone, Debug)]
pub struct Guarantee {
    /// The table.
    pub table: Table,
    /// Textract.
    pub textract: Textract,
}

/// A lease was not decided; it may come again.
#[derive(Debug, thiserror::Error)]
pub enum GuaranteeError {
    /// The table failed.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Textract failed.
    #[error(transparent)]
    Textract(#[from] TextractError),
}

impl From<GuaranteeError> for JobError {
    fn from(error: GuaranteeError) -> Self {
        Self::Retry(error.to_string())
    }
}

/// What became of a lease that was being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It is decided now, or waits for a person.
    Now,
    /// It was before.
    Before,
    /// It is still being read.
    NotYet,
}

/// What Textract recognised.
#[derive(Clone, Debug)]
pub struct Recognised {
    /// Everything, of all pages that were read.
    pub blocks: Vec<Block>,
    /// Whether these are all pages.
    pub complete: bool,
}

impl Guarantee {
    /// The table and Textract.
    ///
    /// # Errors
    /// [`ConfigError`] if a variable is missing or unusable.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(runtime)?,
            textract: Textract::new(runtime)?,
        })
    }

    /// Asks what became of the job that reads a lease, and decides by it.
    ///
    /// # Errors
    /// [`GuaranteeError`] if the table or Textract fails, and may not later.
    pub async fn finish(&self, known: &Verification, job: &JobId) -> Result<Ended, GuaranteeError> {
        if known.status != VerificationStatus::Processing {
            return Ok(Ended::Before);
        }
        match self.textract.result(job).await {
            Ok(JobResult::Pending) => Ok(Ended::NotYet),
            Ok(JobResult::Succeeded(blocks)) => {
                self.read(
                    known,
                    Recognised {
                        blocks,
                        complete: true,
                    },
                )
                .await
            }
            Ok(JobResult::PartialSuccess(blocks)) => {
                let recognised = Recognised {
                    blocks,
                    complete: false,
                };
                self.read(known, recognised).await
            }
            Ok(JobResult::Failed(why)) => {
                // Textract's word for it, such as INVALID_IMAGE_TYPE: nothing of the document.
                tracing::warn!(verification = %known.id, why, "Textract could not read a lease");
                self.review(known, Reason::ReadingFailed).await
            }
            Err(error) if error.is_retryable() => Err(error.into()),
            Err(error) => {
                tracing::warn!(verification = %known.id, %error, "what Textract read cannot be had");
                self.review(known, Reason::ReadingFailed).await
            }
        }
    }

    /// Reads a lease in what was recognised of it, and decides.
    ///
    /// # Errors
    /// [`GuaranteeError`] if the table fails.
    pub async fn read(&self, known: &Verification, recognised: Recognised) -> Result<Ended, GuaranteeError> {
        let account = self.table.account(known.user, Consistency::Strong).await?;
        let Some(account) = account else {
            tracing::info!(verification = %known.id, "a lease was read, and the account is gone");
            return Ok(Ended::Before);
        };
        let state = known
            .premises
            .as_ref()
            .map_or("", |premises| premises.place.state());
        let expected = expected(known, account.name.as_str().to_owned());
        let evidence = lease::read(&Document::new(recognised.blocks));
        let verdict = lease::judge(&evidence, &expected, day::latest(state, self.table.now()));
        let outcome = match verdict {
            Verdict::Verified(rent) if recognised.complete => Outcome::Verified(rent),
            Verdict::Verified(rent) => Outcome::NeedsReview {
                reasons: vec![Reason::ReadingFailed],
                likely: Some(rent),
            },
            Verdict::NeedsReview { mut reasons, likely } => {
                if !recognised.complete && !reasons.contains(&Reason::ReadingFailed) {
                    reasons.push(Reason::ReadingFailed);
                }
                Outcome::NeedsReview { reasons, likely }
            }
        };
        self.decide(known, &outcome, Some(&evidence)).await
    }

    /// Leaves a lease that is being read to a person.
    ///
    /// # Errors
    /// [`GuaranteeError`] if the table fails.
    pub async fn review(&self, known: &Verification, reason: Reason) -> Result<Ended, GuaranteeError> {
        let outcome = Outcome::NeedsReview {
            reasons: vec![reason],
            likely: None,
        };
        self.decide(known, &outcome, None).await
    }

    /// Decides, unless somebody has. While a lease is being read, nothing is written to it but which job reads it: a
    /// decision that this note overtakes is made over it.
    async fn decide(
        &self,
        known: &Verification,
        outcome: &Outcome,
        evidence: Option<&Evidence>,
    ) -> Result<Ended, GuaranteeError> {
        let mut known = Cow::Borrowed(known);
        for _ in 0..ATTEMPTS {
            match self.table.decide_lease(&known, outcome, evidence).await? {
                Moved::Now(verification) => {
                    tracing::info!(
                        verification = %verification.id,
                        status = ?verification.status,
                        reasons = ?verification.reasons,
                        "a lease was read"
                    );
                    return Ok(Ended::Now);
                }
                Moved::Outdated => match self.table.verification(known.user, known.id).await? {
                    Some(now) if now.status == VerificationStatus::Processing => known = Cow::Owned(now),
                    _ => return Ok(Ended::Before),
                },
            }
        }
        Err(TableError::Conflict.into())
    }
}

/// What the lease has to say.
fn expected(known: &Verification, tenant: String) -> Expected {
    let premises = known.premises.as_ref();
    let text = |of: Option<&str>| of.unwrap_or_default().to_owned();
    let state = text(premises.map(|premises| premises.place.state()));
    Expected {
        tenant: Some(tenant),
        address: text(premises.map(|premises| premises.address.as_str())),
        city: text(premises.map(|premises| premises.place.city())),
        zip_code: text(premises.map(|premises| premises.zip_code.as_str())),
        paid_on: day::earliest(&state, known.paid_at),
        state,
    }
}
