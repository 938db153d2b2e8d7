#![doc = include_str!("../README.md")]

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::presigning::PresigningConfig;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::UserId;
use domain::lease::{BYTES_AT_MOST, FileKind, LeaseFile};
use runtime::{ConfigError, Runtime};
use table::verification::Verification;

/// How long a link to send a file by is good.
pub const GOOD_TO_SEND: Duration = Duration::from_secs(600);
/// How long a link to look at a file by is good.
pub const GOOD_TO_LOOK_AT: Duration = Duration::from_secs(300);
/// Headers that whoever sends the file sets by itself, and browsers let nobody else set.
const SET_BY_THE_SENDER: [&str; 2] = ["host", "content-length"];

/// The bucket. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LeaseFiles {
    client: Client,
    bucket: String,
}

/// S3 did not do what it was asked. The message names a code, and nothing of a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bucket of leases failed: {0}")]
pub struct FilesError(String);

impl<E: ProvideErrorMetadata, R> From<SdkError<E, R>> for FilesError {
    fn from(error: SdkError<E, R>) -> Self {
        let without_code = match &error {
            SdkError::TimeoutError(_) => "no answer in time",
            SdkError::DispatchFailure(_) => "no connection",
            SdkError::ConstructionFailure(_) => "the request could not be made",
            _ => "an unreadable answer",
        };
        Self(error.code().unwrap_or(without_code).to_owned())
    }
}

/// Where and how to send a file.
#[derive(Clone, Debug)]
pub struct LinkToSend {
    /// Where, by `PUT`.
    pub url: String,
    /// What to send with it, as it is here.
    pub headers: BTreeMap<String, String>,
}

/// What was fetched.
#[derive(Clone, Debug)]
pub enum Fetched {
    /// The whole file.
    Bytes(Vec<u8>),
    /// It is larger than any that we take, and was left there.
    TooLarge,
    /// There is none.
    Gone,
}

impl LeaseFiles {
    /// The bucket that `LEASES_BUCKET` names.
    ///
    /// # Errors
    /// [`ConfigError`] if it names none, or the credentials are missing.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        Ok(Self {
            client: Client::new(&runtime.aws("S3")?),
            bucket: runtime.environment.required("LEASES_BUCKET")?.to_owned(),
        })
    }

    /// The bucket's name.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The link to send this file by.
    ///
    /// # Errors
    /// [`FilesError`] if it cannot be signed.
    pub async fn link_to_send(&self, key: &str, file: &LeaseFile) -> Result<LinkToSend, FilesError> {
        let request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(file.kind.content_type())
            .content_length(i64::try_from(file.size).unwrap_or(i64::MAX))
            .checksum_sha256(STANDARD.encode(file.sha256.bytes()))
            .presigned(good_for(GOOD_TO_SEND)?)
            .await?;
        let headers = request
            .headers()
            .filter(|(name, _)| !SET_BY_THE_SENDER.contains(&name.to_ascii_lowercase().as_str()))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Ok(LinkToSend {
            url: request.uri().to_owned(),
            headers,
        })
    }

    /// The link to look at a file by. It is handed over as a file to save, of this kind, and never shown as a page: whoever
    /// sent it may have put anything into it.
    ///
    /// # Errors
    /// [`FilesError`] if it cannot be signed.
    pub async fn link_to_look_at(&self, key: &str, kind: FileKind) -> Result<String, FilesError> {
        let request = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .response_content_type(kind.content_type())
            .response_content_disposition("attachment; filename=\"lease\"")
            .response_cache_control("private, no-store")
            .presigned(good_for(GOOD_TO_LOOK_AT)?)
            .await?;
        Ok(request.uri().to_owned())
    }

    /// Fetches a file, if it is not too large.
    ///
    /// # Errors
    /// [`FilesError`] if S3 fails.
    pub async fn fetch(&self, key: &str) -> Result<Fetched, FilesError> {
        let answer = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .send()
            .await;
        let mut answer = match answer {
            Ok(answer) => answer,
            Err(SdkError::ServiceError(error)) if matches!(error.err(), GetObjectError::NoSuchKey(_)) => {
                return Ok(Fetched::Gone);
            }
            Err(error) => return Err(error.into()),
        };
        let at_most = usize::try_from(BYTES_AT_MOST).unwrap_or(usize::MAX);
        let announced = answer
            .content_length
            .and_then(|length| usize::try_from(length).ok());
        if announced.is_some_and(|announced| announced > at_most) {
            return Ok(Fetched::TooLarge);
        }
        let mut bytes = Vec::with_capacity(announced.unwrap_or_default());
        while let Some(part) = answer.body.next().await {
            let part = part.map_err(|_| FilesError("the file broke off".to_owned()))?;
            bytes.extend_from_slice(&part);
            if bytes.len() > at_most {
                return Ok(Fetched::TooLarge);
            }
        }
        Ok(Fetched::Bytes(bytes))
    }

    /// Whether there is a file of this key. Whoever may not read files learns it by the list of its versions.
    ///
    /// # Errors
    /// [`FilesError`] if S3 fails.
    pub async fn has(&self, key: &str) -> Result<bool, FilesError> {
        let page = self.versions(key, None, None).await?;
        Ok(page.versions().iter().any(|version| version.key() == Some(key)))
    }

    /// Deletes a file in all its versions, and the marks of earlier deletions.
    ///
    /// # Errors
    /// [`FilesError`] if S3 fails; what is deleted stays so.
    pub async fn delete(&self, key: &str) -> Result<(), FilesError> {
        self.delete_under(key).await
    }

    /// Deletes all files of a person, in all their versions.
    ///
    /// # Errors
    /// [`FilesError`] if S3 fails; what is deleted stays so.
    pub async fn delete_all_of(&self, user: UserId) -> Result<(), FilesError> {
        self.delete_under(&Verification::object_keys_of(user)).await
    }

    async fn delete_under(&self, prefix: &str) -> Result<(), FilesError> {
        let (mut after, mut after_version) = (None, None);
        loop {
            let page = self.versions(prefix, after, after_version).await?;
            let versions = page.versions().iter().map(|one| (one.key(), one.version_id()));
            let marks = page
                .delete_markers()
                .iter()
                .map(|one| (one.key(), one.version_id()));
            for (key, version) in versions.chain(marks) {
                self.client
                    .delete_object()
                    .bucket(&self.bucket)
                    .set_key(key.map(str::to_owned))
                    .set_version_id(version.map(str::to_owned))
                    .send()
                    .await?;
            }
            if page.is_truncated() != Some(true) {
                return Ok(());
            }
            (after, after_version) = (page.next_key_marker, page.next_version_id_marker);
        }
    }

    /// A page of the versions of what begins so. No key of ours begins with another.
    async fn versions(
        &self,
        prefix: &str,
        after: Option<String>,
        after_version: Option<String>,
    ) -> Result<ListObjectVersionsOutput, FilesError> {
        Ok(self
            .client
            .list_object_versions()
            .bucket(&self.bucket)
            .prefix(prefix)
            .set_key_marker(after)
            .set_version_id_marker(after_version)
            .send()
            .await?)
    }
}

fn good_for(time: Duration) -> Result<PresigningConfig, FilesError> {
    PresigningConfig::expires_in(time).map_err(|error| FilesError(error.to_string()))
}
