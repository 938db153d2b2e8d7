//! The versions of objects: one of each, whose id is `null`, as in a bucket that keeps no others
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html>).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use http::{Extensions, HeaderMap, Method, Uri, header};
use jiff::Timestamp;
use s3s::route::S3Route;
use s3s::{Body, S3Request, S3Response, S3Result, s3_error};

use super::escaped;
use crate::iam::Authority;
use crate::wire::signature::Keys;
use crate::wire::{Access, aws};

/// The id of an object's one version.
pub(super) const ONLY: &str = "null";

/// The version that a request names.
pub(super) fn named(uri: &Uri) -> Option<String> {
    parameter(uri, "versionId")
}

fn parameter(uri: &Uri, name: &str) -> Option<String> {
    let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    query
        .into_iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// Answers `ListObjectVersions`, which `s3s-fs` does not.
pub(super) struct ListVersions {
    pub(super) keys: Keys,
    pub(super) authority: Arc<Authority>,
    pub(super) objects: PathBuf,
}

impl ListVersions {
    fn bucket(uri: &Uri) -> String {
        let path = uri.path().trim_matches('/');
        percent_encoding::percent_decode_str(path)
            .decode_utf8_lossy()
            .into_owned()
    }
}

#[async_trait]
impl S3Route for ListVersions {
    fn is_match(&self, method: &Method, uri: &Uri, _: &HeaderMap, _: &mut Extensions) -> bool {
        let is_bucket = !uri.path().trim_matches('/').contains('/');
        method == Method::GET && is_bucket && parameter(uri, "versions").is_some()
    }

    async fn check_access(&self, request: &mut S3Request<Body>) -> S3Result<()> {
        let signer = request
            .credentials
            .as_ref()
            .and_then(|credentials| self.keys.get(&credentials.access_key))
            .ok_or_else(|| s3_error!(AccessDenied, "Signature is required"))?;
        let access = Access {
            action: "s3:ListBucketVersions".to_owned(),
            resource: format!("arn:aws:s3:::{}", Self::bucket(&request.uri)),
        };
        if self.authority.check(&signer.principal, &access) {
            return Ok(());
        }
        Err(s3_error!(
            AccessDenied,
            "{}",
            aws::access_denied(&signer.principal, &access)
        ))
    }

    async fn call(&self, request: S3Request<Body>) -> S3Result<S3Response<Body>> {
        let bucket = Self::bucket(&request.uri);
        let directory = self.objects.join(&bucket);
        if bucket.contains("..") || !directory.is_dir() {
            return Err(s3_error!(NoSuchBucket));
        }
        let prefix = parameter(&request.uri, "prefix").unwrap_or_default();
        let mut versions = String::new();
        for (key, size, modified) in objects(&directory).map_err(|error| s3_error!(error, InternalError))? {
            if key.starts_with(&prefix) {
                versions.push_str(&format!(
                    "<Version><Key>{}</Key><VersionId>{ONLY}</VersionId><IsLatest>true</IsLatest>\
                     <LastModified>{modified}</LastModified><Size>{size}</Size>\
                     <StorageClass>STANDARD</StorageClass></Version>",
                    escaped(&key)
                ));
            }
        }
        let answer = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <ListVersionsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>{}</Name>\
             <Prefix>{}</Prefix><KeyMarker></KeyMarker><VersionIdMarker></VersionIdMarker>\
             <MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>{versions}</ListVersionsResult>",
            escaped(&bucket),
            escaped(&prefix)
        );
        let mut response = S3Response::new(Body::from(answer));
        response.headers.insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static("application/xml"),
        );
        Ok(response)
    }
}

/// The objects of a bucket: key, size, and when it was written, sorted by key.
fn objects(bucket: &Path) -> std::io::Result<Vec<(String, u64, String)>> {
    let mut objects = Vec::new();
    let mut directories = vec![bucket.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory)? {
            let entry = entry?;
            let (path, about) = (entry.path(), entry.metadata()?);
            if about.is_dir() {
                directories.push(path);
                continue;
            }
            let Some(key) = path.strip_prefix(bucket).ok().and_then(Path::to_str) else {
                continue;
            };
            let modified = Timestamp::try_from(about.modified()?).unwrap_or(Timestamp::UNIX_EPOCH);
            let modified = modified.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
            objects.push((key.to_owned(), about.len(), modified));
        }
    }
    objects.sort();
    Ok(objects)
}
