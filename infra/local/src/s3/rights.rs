//! The IAM actions that a request needs, and on what
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>).

use super::Admitted;
use crate::wire::Access;

/// What the request needs; `source` is the object that a copy is made of, as `/bucket/key`, and `versioned` says whether
/// the request names a version of its object.
pub(super) fn needed(request: &Admitted, source: Option<&str>, versioned: bool) -> Vec<Access> {
    let bucket = format!("arn:aws:s3:::{}", request.bucket);
    let object = format!("{bucket}/{}", request.key);
    let mut needed = vec![match request.operation.as_str() {
        "ListBuckets" => access("ListAllMyBuckets", "*".to_owned()),
        "HeadBucket" | "ListObjects" | "ListObjectsV2" => access("ListBucket", bucket),
        "DeleteObjects" => access("DeleteObject", format!("{bucket}/*")),
        "HeadObject" | "GetObject" if versioned => access("GetObjectVersion", object),
        "HeadObject" => access("GetObject", object),
        "DeleteObject" if versioned => access("DeleteObjectVersion", object),
        "PostObject"
        | "CopyObject"
        | "CreateMultipartUpload"
        | "UploadPart"
        | "UploadPartCopy"
        | "CompleteMultipartUpload" => access("PutObject", object),
        "ListParts" => access("ListMultipartUploadParts", object),
        operation if request.key.is_empty() => access(operation, bucket),
        operation => access(operation, object),
    }];
    let source = source.filter(|_| matches!(request.operation.as_str(), "CopyObject" | "UploadPartCopy"));
    needed.extend(source.map(|source| {
        access(
            "GetObject",
            format!("arn:aws:s3:::{}", source.trim_start_matches('/')),
        )
    }));
    needed
}

fn access(action: &str, resource: String) -> Access {
    Access {
        action: format!("s3:{action}"),
        resource,
    }
}
