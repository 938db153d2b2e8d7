#![doc = include_str!("../README.md")]

use std::sync::Arc;

use documents::JobId;
use guarantee::{Ended, Guarantee};
use runtime::{ConfigError, JobError, Runtime};
use serde::Deserialize;
use table::TableError;
use table::verification::Verification;

/// What the job works with.
#[derive(Debug)]
pub struct Context {
    guarantee: Guarantee,
}

impl Context {
    /// The table and Textract.
    ///
    /// # Errors
    /// [`ConfigError`] if a variable is missing or unusable.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        Ok(Self {
            guarantee: Guarantee::new(runtime)?,
        })
    }
}

/// What SNS hands over: messages that were published.
#[derive(Clone, Debug, Deserialize)]
pub struct Published {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Clone, Debug, Deserialize)]
struct Record {
    #[serde(rename = "Sns")]
    sns: Sns,
}

#[derive(Clone, Debug, Deserialize)]
struct Sns {
    #[serde(rename = "Message")]
    message: String,
}

/// What Textract says of a job (<https://docs.aws.amazon.com/textract/latest/dg/async-notification-payload.html>).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Report {
    job_id: String,
    #[serde(default)]
    job_tag: String,
}

/// Decides on each lease whose job has ended.
///
/// # Errors
/// [`JobError::Retry`] if something outside fails; [`JobError::GiveUp`] for a message that is none of Textract's.
pub async fn handle(context: Arc<Context>, published: Published) -> Result<(), JobError> {
    for record in &published.records {
        let report: Report = serde_json::from_str(&record.sns.message)
            .map_err(|error| JobError::GiveUp(format!("the message is no report of Textract's: {error}")))?;
        context.ended(&report).await?;
    }
    Ok(())
}

impl Context {
    async fn ended(&self, report: &Report) -> Result<(), JobError> {
        let Some((user, id)) = Verification::of_job_tag(&report.job_tag) else {
            tracing::warn!(job = report.job_id, "a job ended that reads no lease of ours");
            return Ok(());
        };
        let Some(known) = self.guarantee.table.verification(user, id).await.map_err(later)? else {
            tracing::warn!(verification = %id, "a job ended, and its lease is gone");
            return Ok(());
        };
        // The note of the job may not be written yet. One of another job, which nobody starts for the same lease, does not
        // count.
        if known.job.as_ref().is_some_and(|job| *job != report.job_id) {
            tracing::warn!(verification = %id, "a job ended that is not the one that reads this lease");
            return Ok(());
        }
        match self
            .guarantee
            .finish(&known, &JobId::new(report.job_id.as_str()))
            .await?
        {
            Ended::Now => Ok(()),
            Ended::Before => {
                tracing::info!(verification = %id, "a job ended whose lease was decided before");
                Ok(())
            }
            Ended::NotYet => Err(JobError::Retry("the job says that it has not ended".to_owned())),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn later(error: TableError) -> JobError {
    JobError::Retry(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_textract_publishes_is_understood() {
        let message = r#"{"JobId": "7d8e", "Status": "SUCCEEDED", "API": "StartDocumentAnalysis", "JobTag": "user_1:verif_1",
            "Timestamp": 1750000000000, "DocumentLocation": {"S3ObjectName": "leases/a/b", "S3Bucket": "leases"}}"#;
        let report: Report = serde_json::from_str(message).unwrap();
        assert_eq!(
            (report.job_id.as_str(), report.job_tag.as_str()),
            ("7d8e", "user_1:verif_1")
        );
        let published =
            serde_json::json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Message": message } }] });
        let published: Published = serde_json::from_value(published).unwrap();
        assert_eq!(published.records.len(), 1);
    }
}
