//! What S3 says of an object that was created
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>).

use serde::Deserialize;

/// A notification. A test notification of S3's has no records.
#[derive(Clone, Debug, Deserialize)]
pub struct Notification {
    /// What happened, usually one thing.
    #[serde(default, rename = "Records")]
    pub records: Vec<Record>,
}

/// One object.
#[derive(Clone, Debug, Deserialize)]
pub struct Record {
    s3: Place,
}

#[derive(Clone, Debug, Deserialize)]
struct Place {
    bucket: Bucket,
    object: Object,
}

#[derive(Clone, Debug, Deserialize)]
struct Bucket {
    name: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Object {
    key: String,
}

impl Record {
    /// The bucket.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.s3.bucket.name
    }

    /// The object's key, as it is called in the bucket: the event has it encoded like a form's field. `None` if it is not
    /// Unicode, as none of ours is.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        let spaced = self.s3.object.key.replace('+', " ");
        let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8();
        decoded.ok().map(std::borrow::Cow::into_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_with_a_plus_spaces_and_letters_of_any_alphabet_is_read_back() {
        for (encoded, key) in [
            ("leases/a+b", Some("leases/a b")),
            ("leases/a%2Bb", Some("leases/a+b")),
            ("leases/Mi%C3%A8te+%E7%A7%9F.pdf", Some("leases/Miète 租.pdf")),
            ("leases/%FF%FE", None),
        ] {
            let record = Record {
                s3: Place {
                    bucket: Bucket { name: String::new() },
                    object: Object {
                        key: encoded.to_owned(),
                    },
                },
            };
            assert_eq!(record.key().as_deref(), key);
        }
    }
}
