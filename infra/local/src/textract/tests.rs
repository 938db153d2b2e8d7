//! Textract through the real client, over documents that are written here.

mod scans;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_textract::Client;
use aws_sdk_textract::error::ProvideErrorMetadata;
use aws_sdk_textract::operation::get_document_analysis::GetDocumentAnalysisOutput;
use aws_sdk_textract::operation::start_document_analysis::builders::StartDocumentAnalysisFluentBuilder;
use aws_sdk_textract::primitives::Blob;
use aws_sdk_textract::types::{
    Block, BlockType, Document, DocumentLocation, EntityType, FeatureType, JobStatus, NotificationChannel,
    QueriesConfig, Query, RelationshipType, S3Object,
};

use sample_leases::refused;

use super::*;
use crate::clock::MovableClock;
use crate::s3::Bucket;
use crate::wire::server::Context;
use crate::wire::test_client;

const BUCKET: &str = "leases";
const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:read";
const ROLE: &str = "arn:aws:iam::000000000000:role/textract";
const EVERYTHING: [&str; 3] = ["textract:*", "s3:*", "iam:PassRole"];

struct Running {
    client: Client,
    s3: aws_sdk_s3::Client,
    textract: Arc<Textract>,
    clock: Arc<MovableClock>,
    published: Arc<Mutex<Vec<Value>>>,
    _servers: [test_client::Running; 2],
}

fn role(service: &str, action: &str) -> RoleDefinition {
    let statement = json!({ "Effect": "Allow", "Action": action, "Resource": TOPIC });
    RoleDefinition {
        arn: ROLE.to_owned(),
        trusts: vec![service.to_owned()],
        statements: vec![iam::Statement::from_json(&statement).unwrap()],
    }
}

async fn start_with(allowed: &[&str], role: RoleDefinition, directory: Option<&Path>) -> Running {
    let context = test_client::context(allowed);
    let clock = Arc::new(MovableClock::open(None).unwrap());
    let time = Arc::clone(&clock);
    let time = Clock::from_fn(move || time.now());
    let s3 = open_s3(&context, &time, directory);
    let published: Arc<Mutex<Vec<Value>>> = Arc::default();
    let list = Arc::clone(&published);
    let settings = Settings {
        topics: vec![TOPIC.to_owned()],
        roles: vec![role],
        tesseract: Tesseract::find(),
    };
    let textract = Textract::open(
        directory,
        settings,
        time,
        Arc::clone(&s3),
        Arc::clone(&context.authority),
        Arc::new(move |topic: &str, message: &str| {
            assert_eq!(topic, TOPIC);
            list.lock().unwrap().push(serde_json::from_str(message).unwrap());
            Ok(())
        }),
    );
    let textract = Arc::new(textract.unwrap());
    let server = test_client::start(Arc::clone(&textract) as Arc<dyn StandIn>, Arc::clone(&context)).await;
    let storage = test_client::start(s3, context).await;
    // A function's time limits are meant for what a function sends, not for whole scans.
    let patient = aws_sdk_s3::config::Builder::from(&storage.runtime("s3").aws("s3").unwrap())
        .timeout_config(TimeoutConfig::disabled())
        .build();
    Running {
        client: Client::new(&server.runtime("textract").aws("textract").unwrap()),
        s3: aws_sdk_s3::Client::from_conf(patient),
        textract,
        clock,
        published,
        _servers: [server, storage],
    }
}

fn open_s3(context: &Arc<Context>, clock: &Clock, directory: Option<&Path>) -> Arc<S3> {
    let bucket = Bucket {
        name: BUCKET.into(),
        ..Bucket::default()
    };
    let s3 = S3::open(
        directory,
        [bucket],
        context.keys.clone(),
        Arc::clone(&context.authority),
        clock.clone(),
        Arc::new(|_| {}),
    );
    Arc::new(s3.unwrap())
}

async fn start() -> Running {
    start_with(&EVERYTHING, role(SERVICE, "sns:Publish"), None).await
}

impl Running {
    async fn put(&self, key: &str, document: Vec<u8>) {
        let put = self.s3.put_object().bucket(BUCKET).key(key);
        put.body(ByteStream::from(document)).send().await.unwrap();
    }

    fn analysis(&self, key: &str) -> StartDocumentAnalysisFluentBuilder {
        let object = S3Object::builder().bucket(BUCKET).name(key).build();
        let start = self
            .client
            .start_document_analysis()
            .document_location(DocumentLocation::builder().s3_object(object).build())
            .feature_types(FeatureType::Forms)
            .feature_types(FeatureType::Tables)
            .feature_types(FeatureType::Signatures)
            .feature_types(FeatureType::Queries);
        let query = Query::builder()
            .text("What is the monthly rent?")
            .alias("RENT")
            .pages("*");
        start.queries_config(
            QueriesConfig::builder()
                .queries(query.build().unwrap())
                .build()
                .unwrap(),
        )
    }

    async fn ended(&self, job: &str) -> GetDocumentAnalysisOutput {
        for _ in 0..12_000 {
            let got = self
                .client
                .get_document_analysis()
                .job_id(job)
                .send()
                .await
                .unwrap();
            if got.job_status != Some(JobStatus::InProgress) {
                return got;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the job does not end");
    }

    async fn read(&self, document: Vec<u8>) -> Found {
        self.put("document.pdf", document).await;
        let job = self
            .analysis("document.pdf")
            .send()
            .await
            .unwrap()
            .job_id
            .unwrap();
        let ended = self.ended(&job).await;
        assert_eq!(
            ended.job_status,
            Some(JobStatus::Succeeded),
            "{:?}",
            ended.status_message
        );
        Found(ended.blocks.unwrap())
    }

    async fn failure(&self, document: Vec<u8>) -> String {
        self.put("document.pdf", document).await;
        let job = self
            .analysis("document.pdf")
            .send()
            .await
            .unwrap()
            .job_id
            .unwrap();
        let ended = self.ended(&job).await;
        assert_eq!(ended.job_status, Some(JobStatus::Failed));
        assert!(ended.blocks.unwrap_or_default().is_empty());
        ended.status_message.unwrap()
    }

    fn published(&self) -> Vec<Value> {
        self.published.lock().unwrap().clone()
    }

    async fn publications(&self, count: usize) -> Vec<Value> {
        for _ in 0..1000 {
            if self.published().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.published()
    }
}

fn channel() -> NotificationChannel {
    NotificationChannel::builder()
        .sns_topic_arn(TOPIC)
        .role_arn(ROLE)
        .build()
        .unwrap()
}

struct Found(Vec<Block>);

impl Found {
    fn of(&self, kind: &BlockType) -> Vec<&Block> {
        self.0
            .iter()
            .filter(|block| block.block_type.as_ref() == Some(kind))
            .collect()
    }

    fn lines(&self) -> Vec<&str> {
        self.of(&BlockType::Line)
            .into_iter()
            .filter_map(Block::text)
            .collect()
    }

    fn related<'a>(&'a self, block: &'a Block, kind: &RelationshipType) -> Vec<&'a Block> {
        let ids = block
            .relationships()
            .iter()
            .filter(|relationship| relationship.r#type.as_ref() == Some(kind))
            .flat_map(aws_sdk_textract::types::Relationship::ids);
        ids.map(|id| {
            self.0
                .iter()
                .find(|block| block.id() == Some(id.as_str()))
                .unwrap()
        })
        .collect()
    }

    fn text(&self, block: &Block) -> String {
        let words = self.related(block, &RelationshipType::Child);
        words
            .into_iter()
            .filter_map(Block::text)
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn fields(&self) -> BTreeMap<String, String> {
        let keys = self.of(&BlockType::KeyValueSet);
        let keys = keys
            .into_iter()
            .filter(|block| block.entity_types().contains(&EntityType::Key));
        keys.map(|key| {
            let values = self.related(key, &RelationshipType::Value);
            (self.text(key), self.text(values[0]))
        })
        .collect()
    }

    fn answer(&self) -> Option<&str> {
        let query = self.of(&BlockType::Query)[0];
        self.related(query, &RelationshipType::Answer)
            .first()
            .and_then(|answer| answer.text())
    }
}

/// A PDF with a page for each of these contents, in letter size and with Helvetica as `/F1`.
fn pdf(pages: &[String]) -> Vec<u8> {
    let kids: Vec<String> = (0..pages.len())
        .map(|page| format!("{} 0 R", 4 + 2 * page))
        .collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!(
            "<< /Type /Pages /Kids [{}] /Count {} >>",
            kids.join(" "),
            pages.len()
        ),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    for (number, content) in pages.iter().enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {} 0 R \
             /Resources << /Font << /F1 3 0 R >> >> >>",
            5 + 2 * number
        ));
        objects.push(format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ));
    }
    let mut file = "%PDF-1.7\n".to_owned();
    let mut offsets = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        offsets.push(format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", number + 1));
    }
    let start = file.len();
    let size = objects.len() + 1;
    file.push_str(&format!(
        "xref\n0 {size}\n0000000000 65535 f \n{}",
        offsets.concat()
    ));
    file.push_str(&format!(
        "trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    ));
    file.into_bytes()
}

/// Text whose baseline starts there, measured from the bottom left corner as PDF does.
fn text(x: u32, y: u32, text: &str) -> String {
    format!("BT /F1 11 Tf {x} {y} Td ({text}) Tj ET\n")
}

fn rule(x: u32, y: u32, width: u32) -> String {
    format!("0.7 w {x} {y} m {} {y} l S\n", x + width)
}

/// A few strokes of a pen.
fn scribble(x: u32, y: u32) -> String {
    let at = |dx: u32, dy: u32| format!("{} {}", x + dx, y + dy);
    format!(
        "1.2 w {} m {} {} {} c {} {} {} c {} {} {} c S\n",
        at(0, 4),
        at(10, 30),
        at(20, 30),
        at(24, 2),
        at(30, 22),
        at(50, 25),
        at(60, 6),
        at(80, 20),
        at(95, 18),
        at(110, 8),
    )
}

#[tokio::test]
async fn a_text_document_is_read_with_its_lines_fields_answers_and_signatures() {
    let page = [
        text(72, 720, "RESIDENTIAL LEASE"),
        text(72, 690, "Monthly Rent: $1,850.00"),
        text(72, 670, "Tenant shall pay on the first day of each month."),
        text(72, 140, "Tenant signature"),
        rule(170, 138, 200),
        scribble(190, 138),
    ];
    let found = start().await.read(pdf(&[page.concat()])).await;
    assert_eq!(
        found.lines(),
        [
            "RESIDENTIAL LEASE",
            "Monthly Rent: $1,850.00",
            "Tenant shall pay on the first day of each month.",
            "Tenant signature"
        ]
    );
    assert_eq!(found.fields()["Monthly Rent:"], "$1,850.00");
    assert_eq!(found.answer(), Some("$1,850.00"));
    let query = found.of(&BlockType::Query)[0].query.as_ref().unwrap();
    assert_eq!(query.alias(), Some("RENT"));
    assert_eq!(found.of(&BlockType::Signature).len(), 1);
    let signed: Vec<&Block> = found
        .of(&BlockType::KeyValueSet)
        .into_iter()
        .filter(|block| found.text(block) == "Tenant signature")
        .collect();
    let value = found.related(signed[0], &RelationshipType::Value)[0];
    let written = found.related(value, &RelationshipType::Child);
    assert_eq!(written[0].block_type, Some(BlockType::Signature));
}

#[tokio::test]
async fn geometry_is_told_in_parts_of_the_page_from_its_top_left_corner() {
    let found = start().await.read(pdf(&[text(306, 720, "Rent")])).await;
    let word = found.of(&BlockType::Word)[0];
    assert!(word.confidence().unwrap() > 98.0);
    let geometry = word.geometry.as_ref().unwrap();
    let bounds = geometry.bounding_box.as_ref().unwrap();
    assert!((bounds.left - 0.5).abs() < 0.002, "{bounds:?}");
    assert!((bounds.top - 64.0 / 792.0).abs() < 0.01, "{bounds:?}");
    assert!((0.03..0.05).contains(&bounds.width), "{bounds:?}");
    assert_eq!(geometry.polygon().len(), 4);
    let page = found.of(&BlockType::Page)[0];
    let children = found.related(page, &RelationshipType::Child);
    assert!(
        children
            .iter()
            .any(|block| block.block_type == Some(BlockType::Line))
    );
}

#[tokio::test]
async fn what_cannot_be_seen_is_not_read() {
    let page = [
        text(72, 720, "Seen"),
        format!("3 Tr {}0 Tr\n", text(72, 700, "Unpainted")),
        format!("1 g {}0 g\n", text(72, 680, "White")),
        text(72, 660, "Covered"),
        "1 g 60 650 200 25 re f 0 g\n".to_owned(),
        text(700, 640, "Outside"),
        format!("q 0 0 10 10 re W n {}Q\n", text(72, 620, "Clipped")),
        format!("0 g 60 590 200 25 re f 1 g {}0 g\n", text(72, 600, "Reversed")),
    ];
    let found = start().await.read(pdf(&[page.concat()])).await;
    assert_eq!(found.lines(), ["Seen", "Reversed"]);
}

#[tokio::test]
async fn a_filled_blank_is_a_field_and_a_typed_name_is_no_signature() {
    let page = [
        text(72, 700, "Rent per month $"),
        text(170, 700, "1,400"),
        rule(165, 698, 80),
        text(72, 660, "Landlord ________________"),
        text(80, 122, "Jane Roe"),
        rule(72, 120, 180),
        text(72, 106, "Signature of tenant"),
    ];
    let found = start().await.read(pdf(&[page.concat()])).await;
    let fields = found.fields();
    assert_eq!(fields["Rent per month $"], "1,400");
    assert_eq!(fields["Landlord"], "");
    assert_eq!(fields["Signature of tenant"], "Jane Roe");
    assert!(found.of(&BlockType::Signature).is_empty());
}

#[tokio::test]
async fn a_table_has_cells_and_its_rows_of_two_are_fields() {
    let mut page = vec![
        text(80, 685, "Monthly rent"),
        text(260, 685, "$2,100.00"),
        text(80, 655, "Deposit"),
        text(260, 655, "$500.00"),
    ];
    page.extend([700, 670, 640].map(|y| rule(72, y, 340)));
    page.extend([72, 250, 412].map(|x| format!("{x} 640 m {x} 700 l S\n")));
    let found = start().await.read(pdf(&[page.concat()])).await;
    let cells = found.of(&BlockType::Cell);
    assert_eq!(found.of(&BlockType::Table).len(), 1);
    let last = cells.last().unwrap();
    assert_eq!((last.row_index, last.column_index), (Some(2), Some(2)));
    assert_eq!(found.text(last), "$500.00");
    assert_eq!(found.fields()["Monthly rent"], "$2,100.00");
    assert_eq!(found.answer(), Some("$2,100.00"));
}

#[tokio::test]
async fn an_answer_is_found_in_a_sentence_that_goes_over_several_lines() {
    let page = [
        text(
            72,
            720,
            "The security deposit is $300.00 and is due at once. Tenant agrees to pay",
        ),
        text(
            72,
            706,
            "a monthly rent of $1,234.56 to the landlord without notice.",
        ),
    ];
    let found = start().await.read(pdf(&[page.concat()])).await;
    assert_eq!(found.answer(), Some("$1,234.56"));
}

#[tokio::test]
async fn the_end_of_a_job_is_published_with_its_tag() {
    let running = start().await;
    running.put("a b/ü.pdf", pdf(&[text(72, 700, "Hello")])).await;
    let started = running
        .analysis("a b/ü.pdf")
        .job_tag("verification-1")
        .notification_channel(channel());
    let job = started.send().await.unwrap().job_id.unwrap();
    let published = running.publications(1).await;
    assert_eq!(published[0]["JobId"], job);
    assert_eq!(published[0]["Status"], "SUCCEEDED");
    assert_eq!(published[0]["API"], "StartDocumentAnalysis");
    assert_eq!(published[0]["JobTag"], "verification-1");
    assert!(published[0]["Timestamp"].is_i64());
    assert_eq!(
        published[0]["DocumentLocation"],
        json!({ "S3ObjectName": "a b/ü.pdf", "S3Bucket": BUCKET })
    );
}

#[tokio::test]
async fn a_token_starts_one_job_and_another_request_with_it_is_refused() {
    let running = start().await;
    running.put("a.pdf", pdf(&[text(72, 700, "Hello")])).await;
    let with_token = async |tag: &str| {
        let start = running
            .analysis("a.pdf")
            .client_request_token("once")
            .job_tag(tag);
        start.send().await
    };
    let first = with_token("a").await.unwrap().job_id;
    assert_eq!(with_token("a").await.unwrap().job_id, first);
    let other = with_token("b").await.unwrap_err();
    assert_eq!(other.code(), Some("IdempotentParameterMismatchException"));
}

#[tokio::test]
async fn results_come_in_pages_and_go_after_a_week() {
    let running = start().await;
    let words: Vec<String> = (0..60)
        .flat_map(|row| (0..20).map(move |column| (row, column)))
        .map(|(row, column)| text(20 + 28 * column, 780 - 12 * row, "w"))
        .collect();
    running.put("a.pdf", pdf(&[words.concat(), words.concat()])).await;
    let job = running.analysis("a.pdf").send().await.unwrap().job_id.unwrap();
    let first = running.ended(&job).await;
    assert_eq!(first.document_metadata.unwrap().pages, Some(2));
    let mut total = first.blocks.unwrap().len();
    assert_eq!(total, 1000);
    let mut next = first.next_token;
    while let Some(token) = next {
        let get = running
            .client
            .get_document_analysis()
            .job_id(&job)
            .max_results(700);
        let page = get.next_token(token).send().await.unwrap();
        total += page.blocks.unwrap().len();
        next = page.next_token;
    }
    // A page, its words and lines, and a query: twice.
    assert_eq!(total, 2 * (1 + 2 * 1200 + 1));
    let get = running.client.get_document_analysis().job_id(&job);
    let wrong = get.next_token("nonsense").send().await.unwrap_err();
    assert_eq!(wrong.code(), Some("InvalidParameterException"));
    running.clock.advance("P8D").unwrap();
    let gone = running
        .client
        .get_document_analysis()
        .job_id(&job)
        .send()
        .await
        .unwrap_err();
    assert_eq!(gone.code(), Some("InvalidJobIdException"));
}

#[tokio::test]
async fn a_caller_that_may_not_read_the_object_or_pass_the_role_starts_nothing() {
    let running = start_with(
        &["textract:*", "s3:PutObject"],
        role(SERVICE, "sns:Publish"),
        None,
    )
    .await;
    running.put("a.pdf", pdf(&[text(72, 700, "Hello")])).await;
    let unreadable = running.analysis("a.pdf").send().await.unwrap_err();
    assert_eq!(unreadable.code(), Some("InvalidS3ObjectException"));
    let channelled = running.analysis("a.pdf").notification_channel(channel());
    let refused = channelled.send().await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
    assert!(refused.message().unwrap().contains("iam:PassRole"));

    let nothing = start_with(&["s3:*"], role(SERVICE, "sns:Publish"), None).await;
    let refused = nothing.analysis("a.pdf").send().await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
}

#[tokio::test]
async fn a_role_that_textract_cannot_use_is_refused() {
    for role in [
        role("lambda.amazonaws.com", "sns:Publish"),
        role(SERVICE, "sns:Subscribe"),
    ] {
        let running = start_with(&EVERYTHING, role, None).await;
        running.put("a.pdf", pdf(&[text(72, 700, "Hello")])).await;
        let started = running.analysis("a.pdf").notification_channel(channel());
        let refused = started.send().await.unwrap_err();
        assert_eq!(refused.code(), Some("InvalidParameterException"));
    }
}

#[tokio::test]
async fn a_document_that_is_none_is_refused_and_a_broken_one_fails() {
    let running = start().await;
    running.put("a.docx", b"PK\x03\x04 and so on".to_vec()).await;
    let refused = running.analysis("a.docx").send().await.unwrap_err();
    assert_eq!(refused.code(), Some("UnsupportedDocumentException"));
    let missing = running.analysis("missing.pdf").send().await.unwrap_err();
    assert_eq!(missing.code(), Some("InvalidS3ObjectException"));
    assert_eq!(
        running.failure(b"%PDF-1.7 and nothing else".to_vec()).await,
        "BAD_DOCUMENT"
    );
}

#[tokio::test]
async fn a_stream_that_unpacks_to_more_than_is_allowed_fails_the_job() {
    use std::io::Write as _;
    let packed = |content: &[u8]| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    };
    let mut bomb = packed(&vec![b' '; 200 * 1024 * 1024]);
    for _ in 0..2 {
        let mut file = b"%PDF-1.7\n1 0 obj\n<< /Length 1 >>\nstream\n".to_vec();
        file.extend(&bomb);
        let running = start().await;
        assert_eq!(running.failure(file).await, "DOCUMENT_TOO_LARGE");
        // Packed once more, it is as large.
        bomb = packed(&bomb);
    }
}

#[tokio::test]
async fn an_encrypted_document_is_read_only_if_it_opens_without_a_password() {
    let running = start().await;
    let terms = sample_leases::corpus()[0].terms();
    let closed = running.failure(refused::encrypted(&terms, "1234")).await;
    assert_eq!(closed, "UNSUPPORTED_DOCUMENT: it is encrypted");
    let found = running.read(refused::locked(&terms, "1234")).await;
    let lines = found.lines();
    assert!(
        lines.iter().any(|line| line.contains("Jordan Whitfield")),
        "{lines:?}"
    );
}

#[tokio::test]
async fn one_page_is_analysed_while_the_caller_waits_and_several_are_not() {
    let running = start().await;
    let analyze = async |document: Vec<u8>| {
        let document = Document::builder().bytes(Blob::new(document)).build();
        let analyze = running.client.analyze_document().document(document);
        analyze.feature_types(FeatureType::Forms).send().await
    };
    let page = text(72, 700, "Unit: 4B");
    let found = Found(
        analyze(pdf(std::slice::from_ref(&page)))
            .await
            .unwrap()
            .blocks
            .unwrap(),
    );
    assert_eq!(found.fields()["Unit:"], "4B");
    let refused = analyze(pdf(&[page.clone(), page])).await.unwrap_err();
    assert_eq!(refused.code(), Some("UnsupportedDocumentException"));
}

#[tokio::test]
async fn jobs_stall_and_their_ends_are_held_lost_or_told_twice_on_demand() {
    let running = start().await;
    running.put("a.pdf", pdf(&[text(72, 700, "Hello")])).await;
    let begin = async || {
        let start = running.analysis("a.pdf").notification_channel(channel());
        start.send().await.unwrap().job_id.unwrap()
    };
    let conduct = |conduct: Conduct| running.textract.set_conduct(conduct);
    conduct(Conduct {
        stall: true,
        ..Conduct::default()
    });
    let job = begin().await;
    let get = running.client.get_document_analysis().job_id(&job);
    assert_eq!(get.send().await.unwrap().job_status, Some(JobStatus::InProgress));
    conduct(Conduct {
        hold: true,
        status: Some(Status::Failed),
        ..Conduct::default()
    });
    assert_eq!(running.ended(&job).await.job_status, Some(JobStatus::Failed));
    assert!(running.published().is_empty());
    conduct(Conduct {
        twice: true,
        ..Conduct::default()
    });
    let published = running.publications(2).await;
    assert_eq!(published.len(), 2);
    assert_eq!(published[1]["Status"], "FAILED");
    conduct(Conduct {
        never: true,
        ..Conduct::default()
    });
    running.ended(&begin().await).await;
    conduct(Conduct::default());
    begin().await;
    assert_eq!(running.publications(3).await.len(), 3);
}

#[tokio::test]
async fn a_job_outlives_the_process_and_its_end_is_told_by_the_next() {
    let directory = tempfile::tempdir().unwrap();
    let first = start_with(&EVERYTHING, role(SERVICE, "sns:Publish"), Some(directory.path())).await;
    first.put("a.pdf", pdf(&[text(72, 700, "Hello")])).await;
    first.textract.set_conduct(Conduct {
        stall: true,
        ..Conduct::default()
    });
    let start = first.analysis("a.pdf").notification_channel(channel());
    let job = start.send().await.unwrap().job_id.unwrap();
    drop(first);
    let again = start_with(&EVERYTHING, role(SERVICE, "sns:Publish"), Some(directory.path())).await;
    again.textract.resume();
    let ended = again.ended(&job).await;
    assert_eq!(Found(ended.blocks.unwrap()).lines(), ["Hello"]);
    assert_eq!(again.publications(1).await[0]["JobId"], job);
    let third = start_with(&EVERYTHING, role(SERVICE, "sns:Publish"), Some(directory.path())).await;
    let kept = third
        .client
        .get_document_analysis()
        .job_id(&job)
        .send()
        .await
        .unwrap();
    assert_eq!(Found(kept.blocks.unwrap()).lines(), ["Hello"]);
}
