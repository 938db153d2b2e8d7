//! The event that S3 sends about an object that was created
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>).

use std::path::Path;

use http::header;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Admitted;
use crate::wire::aws::{ACCOUNT, REGION, uuid};
use crate::wire::{Principal, Response};

/// The event, if the request created an object under `objects`.
pub(super) fn event(
    request: &Admitted,
    response: &Response,
    objects: &Path,
    principal: &Principal,
    now: Timestamp,
) -> Option<Value> {
    let name = match request.operation.as_str() {
        "PutObject" => "ObjectCreated:Put",
        "PostObject" => "ObjectCreated:Post",
        "CopyObject" => "ObjectCreated:Copy",
        "CompleteMultipartUpload" => "ObjectCreated:CompleteMultipartUpload",
        _ => return None,
    };
    // Some answers have a success as their status before the outcome is known, and tell an error in the body.
    let size = std::fs::metadata(objects.join(&request.bucket).join(&request.key))
        .ok()?
        .len();
    let tag = entity_tag(response)?;
    let Admitted { bucket, key, .. } = request;
    Some(json!({
        "Records": [{
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": REGION,
            "eventTime": now.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
            "eventName": name,
            "userIdentity": { "principalId": format!("AWS:{principal}") },
            "requestParameters": { "sourceIPAddress": "127.0.0.1" },
            "responseElements": { "x-amz-request-id": uuid(), "x-amz-id-2": uuid() },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "local",
                "bucket": {
                    "name": bucket,
                    "ownerIdentity": { "principalId": ACCOUNT },
                    "arn": format!("arn:aws:s3:::{bucket}"),
                },
                "object": {
                    "key": url_encoded(key),
                    "size": size,
                    "eTag": tag,
                    "sequencer": format!("{:018X}", now.as_nanosecond()),
                },
            },
        }],
    }))
}

/// The object's tag, from the answer's header or body.
fn entity_tag(response: &Response) -> Option<String> {
    let quoted = match response.headers().get(header::ETAG) {
        Some(tag) => tag.to_str().ok()?.to_owned(),
        None => {
            let body = std::str::from_utf8(response.body()).ok()?;
            let (_, rest) = body.split_once("<ETag>")?;
            rest.split_once("</ETag>")?.0.replace("&quot;", "\"")
        }
    };
    Some(quoted.trim_matches('"').to_owned())
}

/// A key as events carry it: encoded like a form's field, slashes kept.
fn url_encoded(key: &str) -> String {
    let encoded = serde_urlencoded::to_string([("", key)]).unwrap_or_default();
    encoded.trim_start_matches('=').replace("%2F", "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_encoded_as_in_a_form_but_for_its_slashes() {
        assert_eq!(
            url_encoded("leases/2026/My lease (1)+é=.pdf"),
            "leases/2026/My+lease+%281%29%2B%C3%A9%3D.pdf"
        );
    }
}
