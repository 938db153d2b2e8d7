#![doc = include_str!("../README.md")]

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use domain::UserId;
use runtime::{ConfigError, Runtime};

/// How long a link is good.
pub const LINK_GOOD_FOR: Duration = Duration::from_secs(5 * 60);
/// What a browser calls the file.
const FILE: &str = "attachment; filename=\"apartment-locator-data.json\"";

/// The bucket of the copies. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Exports {
    client: Client,
    bucket: String,
}

/// The bucket did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bucket of the exports is not available: {0}")]
pub struct ExportsError(String);

impl Exports {
    /// The bucket that `EXPORTS_BUCKET` names.
    ///
    /// # Errors
    /// [`ConfigError`] if it names none, or the credentials are missing.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        Ok(Self {
            client: Client::new(&runtime.aws("S3")?),
            bucket: runtime.environment.required("EXPORTS_BUCKET")?.to_owned(),
        })
    }

    /// Lays a person's copy into the bucket, in the place of an older one.
    ///
    /// # Errors
    /// [`ExportsError`] if it is not known to lie there.
    pub async fn write(&self, user: UserId, document: Vec<u8>) -> Result<(), ExportsError> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key(user))
            .content_type("application/json")
            .body(ByteStream::from(document))
            .send()
            .await
            .map_err(failed)?;
        Ok(())
    }

    /// A link to a person's copy, good for [`LINK_GOOD_FOR`] from now on by S3's own clock, which is the only one that it
    /// is held to.
    ///
    /// # Errors
    /// [`ExportsError`] if none can be signed.
    pub async fn link(&self, user: UserId) -> Result<String, ExportsError> {
        let good_for = PresigningConfig::expires_in(LINK_GOOD_FOR);
        let good_for = good_for.map_err(|error| ExportsError(error.to_string()))?;
        let signed = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key(user))
            .response_content_disposition(FILE)
            .presigned(good_for)
            .await
            .map_err(failed)?;
        Ok(signed.uri().to_owned())
    }

    /// Removes a person's copy, if there is one.
    ///
    /// # Errors
    /// [`ExportsError`] if it is not known to be gone.
    pub async fn remove(&self, user: UserId) -> Result<(), ExportsError> {
        self.client
            .delete_object()
            .bucket(&self.bucket)
            .key(key(user))
            .send()
            .await
            .map_err(failed)?;
        Ok(())
    }
}

fn key(user: UserId) -> String {
    format!("{user}.json")
}

/// The code of the error, or what kind it is. S3's own texts stay out: they repeat what was asked for.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn failed<E, R>(error: SdkError<E, R>) -> ExportsError
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    let code = error.code().map(str::to_owned);
    ExportsError(code.unwrap_or_else(|| {
        match error {
            SdkError::TimeoutError(_) => "no answer in time",
            SdkError::DispatchFailure(_) => "no connection",
            SdkError::ResponseError(_) => "an unreadable answer",
            _ => "the request could not be made",
        }
        .to_owned()
    }))
}
