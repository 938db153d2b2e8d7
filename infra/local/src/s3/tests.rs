//! S3 through the real client, and through a browser's eyes.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use serde_json::json;

use super::*;
use crate::wire::test_client;

const BUCKET: &str = "leases";
const ORIGIN: &str = "https://app.example.com";

struct Running {
    client: Client,
    events: Arc<Mutex<Vec<Value>>>,
    server: test_client::Running,
}

async fn start(allowed: &[&str]) -> Running {
    let events: Arc<Mutex<Vec<Value>>> = Arc::default();
    let list = Arc::clone(&events);
    let rule = json!({
        "AllowedOrigins": ["https://*.example.com"],
        "AllowedMethods": ["PUT", "GET"],
        "AllowedHeaders": ["content-*"],
        "ExposedHeaders": ["ETag"],
        "MaxAge": 3000,
    });
    let bucket = Bucket {
        name: BUCKET.into(),
        cors: vec![serde_json::from_value(rule).unwrap()],
    };
    let context = test_client::context(allowed);
    let s3 = S3::open(
        None,
        [bucket],
        context.keys.clone(),
        Arc::clone(&context.authority),
        Clock::fixed("2026-01-02T03:04:05.678Z".parse().unwrap()),
        Arc::new(move |event| list.lock().unwrap().push(event)),
    );
    let server = test_client::start(Arc::new(s3.unwrap()), context).await;
    let client = Client::new(&server.runtime("s3").aws("s3").unwrap());
    Running {
        client,
        events,
        server,
    }
}

impl Running {
    async fn put(&self, key: &str, body: ByteStream) {
        self.client
            .put_object()
            .bucket(BUCKET)
            .key(key)
            .body(body)
            .send()
            .await
            .unwrap();
    }

    async fn get(&self, key: &str) -> Vec<u8> {
        let got = self
            .client
            .get_object()
            .bucket(BUCKET)
            .key(key)
            .send()
            .await
            .unwrap();
        got.body.collect().await.unwrap().to_vec()
    }

    fn events(&self) -> Vec<Value> {
        self.events.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn an_object_put_is_got_again_and_announced() {
    let running = start(&["s3:*"]).await;
    running.put("a b/ü.pdf", ByteStream::from_static(b"lease")).await;
    assert_eq!(running.get("a b/ü.pdf").await, b"lease");
    let events = running.events();
    let record = &events[0]["Records"][0];
    assert_eq!(events.len(), 1);
    assert_eq!(record["eventName"], "ObjectCreated:Put");
    assert_eq!(record["eventTime"], "2026-01-02T03:04:05.678Z");
    assert_eq!(record["s3"]["bucket"]["name"], BUCKET);
    assert_eq!(record["s3"]["object"]["key"], "a+b/%C3%BC.pdf");
    assert_eq!(record["s3"]["object"]["size"], 5);
    assert_eq!(record["s3"]["object"]["eTag"].as_str().unwrap().len(), 32);
}

#[tokio::test]
async fn a_body_streamed_from_a_file_arrives_whole() {
    let running = start(&["s3:*"]).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let content: Vec<u8> = (0..300_000_u32).map(|i| (i % 251) as u8).collect();
    std::fs::write(file.path(), &content).unwrap();
    running
        .put("large", ByteStream::from_path(file.path()).await.unwrap())
        .await;
    assert_eq!(running.get("large").await, content);
    assert_eq!(running.events()[0]["Records"][0]["s3"]["object"]["size"], 300_000);
}

#[tokio::test]
async fn an_upload_in_parts_is_announced_once_it_is_complete() {
    let running = start(&["s3:*"]).await;
    let client = &running.client;
    let upload = client
        .create_multipart_upload()
        .bucket(BUCKET)
        .key("parts")
        .send()
        .await
        .unwrap();
    let id = upload.upload_id().unwrap();
    let mut parts = Vec::new();
    for (number, size) in [(1, 5 * 1024 * 1024), (2, 10)] {
        let part = client
            .upload_part()
            .bucket(BUCKET)
            .key("parts")
            .upload_id(id)
            .part_number(number);
        let part = part
            .body(ByteStream::from(vec![b'x'; size]))
            .send()
            .await
            .unwrap();
        parts.push(
            CompletedPart::builder()
                .part_number(number)
                .set_e_tag(part.e_tag)
                .build(),
        );
    }
    assert!(running.events().is_empty());
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let complete = client
        .complete_multipart_upload()
        .bucket(BUCKET)
        .key("parts")
        .upload_id(id);
    complete.multipart_upload(parts).send().await.unwrap();
    let record = &running.events()[0]["Records"][0];
    assert_eq!(record["eventName"], "ObjectCreated:CompleteMultipartUpload");
    assert_eq!(record["s3"]["object"]["size"], 5 * 1024 * 1024 + 10);
}

#[tokio::test]
async fn a_presigned_url_lets_a_browser_put_until_it_expires() {
    let running = start(&["s3:*"]).await;
    let sign = async |seconds| {
        let expiry = PresigningConfig::expires_in(Duration::from_secs(seconds)).unwrap();
        let put = running
            .client
            .put_object()
            .bucket(BUCKET)
            .key("upload.pdf")
            .content_type("application/pdf");
        put.presigned(expiry).await.unwrap().uri().to_owned()
    };
    let put = async |url: String, kind: &str| {
        let request = reqwest::Client::new()
            .put(url)
            .header("content-type", kind)
            .header("origin", ORIGIN);
        request.body("lease").send().await.unwrap()
    };
    let answer = put(sign(60).await, "application/pdf").await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["access-control-allow-origin"], ORIGIN);
    assert_eq!(answer.headers()["access-control-expose-headers"], "ETag");
    assert_eq!(running.get("upload.pdf").await, b"lease");

    let another = sign(60).await.replace("upload.pdf", "another.pdf");
    assert_eq!(
        put(another, "application/pdf").await.status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        put(sign(60).await, "text/html").await.status(),
        StatusCode::FORBIDDEN
    );
    let short = sign(1).await;
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(
        put(short, "application/pdf").await.status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(running.events().len(), 1);
}

#[tokio::test]
async fn a_browser_that_asks_first_is_told_the_buckets_rules() {
    let running = start(&["s3:*"]).await;
    let ask = async |origin: &str, method: &str, headers: &str| {
        let request = reqwest::Client::new()
            .request(Method::OPTIONS, format!("{}/{BUCKET}/a", running.server.endpoint));
        let request = request
            .header("origin", origin)
            .header("access-control-request-method", method);
        request
            .header("access-control-request-headers", headers)
            .send()
            .await
            .unwrap()
    };
    let allowed = ask(ORIGIN, "PUT", "content-type, Content-MD5").await;
    assert_eq!(allowed.status(), StatusCode::OK);
    assert_eq!(allowed.headers()["access-control-allow-methods"], "PUT, GET");
    assert_eq!(allowed.headers()["access-control-max-age"], "3000");
    for (origin, method, headers) in [
        ("https://evil.org", "PUT", ""),
        (ORIGIN, "DELETE", ""),
        (ORIGIN, "PUT", "authorization"),
    ] {
        assert_eq!(ask(origin, method, headers).await.status(), StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn what_no_statement_allows_and_what_nobody_signed_is_refused() {
    let running = start(&["s3:GetObject"]).await;
    let put = running
        .client
        .put_object()
        .bucket(BUCKET)
        .key("a")
        .body(ByteStream::from_static(b"x"));
    let refused = put.send().await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDenied"));
    assert!(refused.message().unwrap().contains("s3:PutObject"), "{refused:?}");
    let unsigned = reqwest::get(format!("{}/{BUCKET}/a", running.server.endpoint))
        .await
        .unwrap();
    assert_eq!(unsigned.status(), StatusCode::FORBIDDEN);
    running.server.context.keys.add(
        test_client::ACCESS_KEY_ID,
        "another",
        crate::wire::Principal::Operator,
    );
    let forged = running
        .client
        .get_object()
        .bucket(BUCKET)
        .key("a")
        .send()
        .await
        .unwrap_err();
    assert_eq!(forged.code(), Some("SignatureDoesNotMatch"));
    assert!(running.events().is_empty());
}

#[tokio::test]
async fn a_fault_is_told_in_s3s_own_words_and_the_client_tries_again() {
    use crate::wire::faults::{Fault, Kind};
    let running = start(&["s3:*"]).await;
    running
        .server
        .context
        .faults
        .arm(Fault::of("s3", "PUT /leases", Kind::Throttle));
    running.put("a", ByteStream::from_static(b"x")).await;
    assert_eq!(running.server.cost().calls, 2);
}

#[tokio::test]
async fn an_upload_is_bound_to_the_size_the_type_and_the_checksum_that_were_signed() {
    use sha2::{Digest, Sha256};
    let running = start(&["s3:*"]).await;
    let sum = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        Sha256::digest(b"lease"),
    );
    let expiry = PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    let put = running.client.put_object().bucket(BUCKET).key("upload.pdf");
    let put = put
        .content_type("application/pdf")
        .content_length(5)
        .checksum_sha256(&sum);
    let signed = put.presigned(expiry).await.unwrap();
    for name in ["content-length", "content-type", "x-amz-checksum-sha256"] {
        assert!(
            signed
                .headers()
                .any(|(header, _)| header.eq_ignore_ascii_case(name)),
            "{name}"
        );
    }
    let send = async |body: &'static str, kind: &str, sum: &str| {
        let request = reqwest::Client::new()
            .put(signed.uri())
            .header("content-type", kind)
            .header("x-amz-checksum-sha256", sum);
        let answer = request.body(body).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    let other = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        Sha256::digest(b"other"),
    );
    for (body, kind, sum, code) in [
        ("larger", "application/pdf", &sum, "SignatureDoesNotMatch"),
        ("lease", "text/html", &sum, "SignatureDoesNotMatch"),
        ("other", "application/pdf", &other, "SignatureDoesNotMatch"),
        ("other", "application/pdf", &sum, "BadDigest"),
    ] {
        let (status, answer) = send(body, kind, sum).await;
        assert!(
            status.is_client_error() && answer.contains(code),
            "{body}, {kind}: {answer}"
        );
    }
    assert!(running.events().is_empty());
    let kept = running
        .client
        .head_object()
        .bucket(BUCKET)
        .key("upload.pdf")
        .send()
        .await;
    assert!(kept.unwrap_err().into_service_error().is_not_found());
    assert_eq!(send("lease", "application/pdf", &sum).await.0, StatusCode::OK);
    assert_eq!(running.get("upload.pdf").await, b"lease");
}

#[tokio::test]
async fn an_object_is_listed_and_deleted_with_its_one_version() {
    let running = start(&["s3:*"]).await;
    for key in ["in/a & b.pdf", "in/c.pdf", "out/a.pdf"] {
        running.put(key, ByteStream::from_static(b"lease")).await;
    }
    let list = || running.client.list_object_versions().bucket(BUCKET).prefix("in/");
    let listed = list().send().await.unwrap();
    let keys: Vec<&str> = listed
        .versions()
        .iter()
        .filter_map(|version| version.key())
        .collect();
    assert_eq!(keys, ["in/a & b.pdf", "in/c.pdf"]);
    assert_eq!(listed.is_truncated(), Some(false));
    let version = listed.versions()[0].version_id().unwrap();
    let delete = |version: &str| {
        let delete = running.client.delete_object().bucket(BUCKET).key("in/a & b.pdf");
        delete.version_id(version)
    };
    let unknown = delete("another").send().await.unwrap_err();
    assert_eq!(unknown.code(), Some("NoSuchVersion"));
    delete(version).send().await.unwrap();
    assert_eq!(list().send().await.unwrap().versions().len(), 1);
}

#[tokio::test]
async fn versions_have_rights_of_their_own() {
    let running = start(&["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:ListBucket"]).await;
    running.put("a", ByteStream::from_static(b"x")).await;
    let client = &running.client;
    let list = client.list_object_versions().bucket(BUCKET).send().await;
    let get = client
        .get_object()
        .bucket(BUCKET)
        .key("a")
        .version_id("null")
        .send()
        .await;
    let delete = client
        .delete_object()
        .bucket(BUCKET)
        .key("a")
        .version_id("null")
        .send()
        .await;
    for (right, message) in [
        (
            "s3:ListBucketVersions",
            list.unwrap_err().message().map(str::to_owned),
        ),
        (
            "s3:GetObjectVersion",
            get.unwrap_err().message().map(str::to_owned),
        ),
        (
            "s3:DeleteObjectVersion",
            delete.unwrap_err().message().map(str::to_owned),
        ),
    ] {
        assert!(message.is_some_and(|message| message.contains(right)), "{right}");
    }
}
