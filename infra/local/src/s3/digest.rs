//! Whether a body is the one that was announced. `s3s-fs` compares as well, but has written the object by then.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use md5::Md5;
use sha2::{Digest as _, Sha256};

/// Whether the body has the digests that its headers say it has. A body that is streamed in chunks has them elsewhere.
pub(super) fn agrees(headers: &HeaderMap, body: &[u8]) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let is_chunked = |encoding: &str| encoding.contains("aws-chunked");
    if header("content-encoding").is_some_and(is_chunked) {
        return true;
    }
    let is = |announced: &str, digest: &[u8]| announced == STANDARD.encode(digest);
    header("content-md5").is_none_or(|announced| is(announced, &Md5::digest(body)))
        && header("x-amz-checksum-sha256").is_none_or(|announced| is(announced, &Sha256::digest(body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_was_not_announced_is_told_by_its_digest() {
        // The digests of "abc" in RFC 1321 and FIPS 180-4.
        let md5 = STANDARD.encode(hex::decode("900150983cd24fb0d6963f7d28e17f72").unwrap());
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let sha256 = STANDARD.encode(hex::decode(sha256).unwrap());
        for (name, digest) in [("content-md5", md5), ("x-amz-checksum-sha256", sha256)] {
            let headers = HeaderMap::from_iter([(name.parse().unwrap(), digest.parse().unwrap())]);
            assert!(agrees(&headers, b"abc"));
            assert!(!agrees(&headers, b"abd"), "{name}");
        }
        assert!(agrees(&HeaderMap::new(), b"anything"));
    }
}
