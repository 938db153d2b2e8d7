//! The platform with small functions of its own: what sets them going, and what becomes of their failures.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::Context;
use reqwest::{Method, StatusCode};
use runtime::Runtime;
use serde_json::{Value, json};

use super::*;
use crate::functions::{Function, FunctionError};
use crate::wire::faults::{Fault, Kind};

const TEMPLATE: &str = r#"
Globals: {Function: {Timeout: 1}}
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: platform-tests
      KeySchema: [{AttributeName: PK, KeyType: HASH}, {AttributeName: SK, KeyType: RANGE}]
      StreamSpecification: {StreamViewType: NEW_IMAGE}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: tests}}
  Jobs:
    Type: AWS::SQS::Queue
    Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt DeadJobs.Arn, maxReceiveCount: 2}}
  DeadJobs: {Type: AWS::SQS::Queue}
  DeadRecords: {Type: AWS::SQS::Queue}
  ToJobs:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      EventPattern: {source: [tests]}
      Targets: [{Id: Jobs, Arn: !GetAtt Jobs.Arn}, {Id: Later, Arn: !GetAtt Later.Arn}]
  Front:
    Type: AWS::Serverless::Function
    Properties:
      Policies: [{Statement: [{Effect: Allow, Action: dynamodb:PutItem, Resource: !GetAtt Table.Arn}]}]
      Environment: {Variables: {TABLE_NAME: !Ref Table}}
      Events:
        Any: {Type: HttpApi, Properties: {Method: ANY, Path: '/front/{what}'}}
        Daily: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
  Records:
    Type: AWS::Serverless::Function
    Properties:
      Policies: [{Statement: [{Effect: Allow, Action: events:PutEvents, Resource: !GetAtt Bus.Arn}]}]
      Events:
        Stream:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Table.StreamArn
            StartingPosition: TRIM_HORIZON
            BisectBatchOnFunctionError: true
            MaximumRetryAttempts: 1
            FunctionResponseTypes: [ReportBatchItemFailures]
            FilterCriteria: {Filters: [{Pattern: '{"dynamodb":{"NewImage":{"kind":{"S":["wanted"]}}}}'}]}
            DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt DeadRecords.Arn}}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Queue: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn, FunctionResponseTypes: [ReportBatchItemFailures]}}
  Later:
    Type: AWS::Serverless::Function
    Properties: {Events: {Read: {Type: SNS, Properties: {Topic: !Ref Read}}}}
  Read: {Type: AWS::SNS::Topic}
  Reader:
    Type: AWS::IAM::Role
    Properties:
      RoleName: reader
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: textract.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - {PolicyDocument: {Statement: [{Effect: Allow, Action: sns:Publish, Resource: !Ref Read}]}}
  Files: {Type: AWS::S3::Bucket, Properties: {BucketName: files}}
"#;

/// What the functions saw.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<(&'static str, Value)>>>);

impl Seen {
    fn by(&self, id: &str) -> Vec<Value> {
        let seen = self.0.lock().unwrap();
        seen.iter()
            .filter(|(function, _)| *function == id)
            .map(|(_, event)| event.clone())
            .collect()
    }
}

/// Notes what it is given, and does what that asks for.
struct Double {
    id: &'static str,
    seen: Seen,
    runtime: Runtime,
}

#[async_trait]
impl Function for Double {
    async fn invoke(&self, event: Value, _: Context) -> Result<Value, FunctionError> {
        self.seen.0.lock().unwrap().push((self.id, event.clone()));
        match self.id {
            "Front" => self.front(&event).await,
            "Records" => Ok(failed(&event, |record| {
                (record["dynamodb"]["NewImage"]["SK"]["S"] == "poison")
                    .then(|| &record["dynamodb"]["SequenceNumber"])
            })),
            "Worker" => Ok(failed(&event, |record| {
                record["body"]
                    .as_str()?
                    .contains("poison")
                    .then(|| &record["messageId"])
            })),
            _ => Err(FunctionError::new("Error", "never works")),
        }
    }
}

impl Double {
    async fn front(&self, event: &Value) -> Result<Value, FunctionError> {
        match event["pathParameters"]["what"].as_str().unwrap_or_default() {
            "panics" => panic!("on purpose"),
            "hangs" => std::future::pending().await,
            "fails" => Err(FunctionError::new("Error", "on purpose")),
            "puts" => Ok(json!({ "statusCode": put(&self.runtime, "direct", "other").await })),
            "reads" => {
                let client = client(&self.runtime);
                let read = client.scan().table_name("platform-tests").send().await;
                Ok(json!({ "statusCode": if read.is_ok() { 200 } else { 403 } }))
            }
            _ => Ok(json!({ "statusCode": 200, "body": event.to_string() })),
        }
    }
}

fn failed<'a>(event: &'a Value, id: impl Fn(&'a Value) -> Option<&'a Value>) -> Value {
    let failed = event["Records"].as_array().unwrap().iter().filter_map(id);
    json!({ "batchItemFailures": failed.map(|id| json!({ "itemIdentifier": id })).collect::<Vec<_>>() })
}

fn client(runtime: &Runtime) -> aws_sdk_dynamodb::Client {
    aws_sdk_dynamodb::Client::new(&runtime.aws("DYNAMODB").unwrap())
}

async fn put(runtime: &Runtime, sort: &str, kind: &str) -> u16 {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let put = client(runtime)
        .put_item()
        .table_name(runtime.environment.required("TABLE_NAME").unwrap());
    let put = put
        .item("PK", text("pk"))
        .item("SK", text(sort))
        .item("kind", text(kind));
    if put.send().await.is_ok() { 200 } else { 500 }
}

async fn put_event(platform: &Platform, detail: &str) {
    use aws_sdk_eventbridge::types::PutEventsRequestEntry;
    let client = aws_sdk_eventbridge::Client::new(&platform.runtime().aws("EVENTBRIDGE").unwrap());
    let entry = PutEventsRequestEntry::builder()
        .event_bus_name("tests")
        .source("tests")
        .detail_type("T");
    let answer = client
        .put_events()
        .entries(entry.detail(detail).build())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.failed_entry_count(), 0);
}

struct World {
    platform: Platform,
    seen: Seen,
    _template: tempfile::NamedTempFile,
}

async fn start(template: &str, directory: Option<&Path>) -> Result<World, StartError> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), template).unwrap();
    let seen = Seen::default();
    let entry = |id: &'static str| {
        let seen = seen.clone();
        Entry::new(id, move |runtime| {
            Ok(Arc::new(Double {
                id,
                seen: seen.clone(),
                runtime: runtime.clone(),
            }))
        })
    };
    let product = Product {
        functions: ["Front", "Records", "Worker", "Later"].map(entry).into(),
        grant: Arc::new(|_, _, role| {
            Box::pin(async move {
                if role == "admin" {
                    Ok(())
                } else {
                    Err("no such role".to_owned())
                }
            })
        }),
        seed: Arc::new(|_| Box::pin(async { Ok(()) })),
    };
    let config = Config {
        template: file.path().to_owned(),
        storage: directory.map_or(Storage::Memory, |directory| {
            Storage::Directory(directory.to_owned())
        }),
        ..Config::in_memory()
    };
    let platform = Platform::start(config, product).await?;
    Ok(World {
        platform,
        seen,
        _template: file,
    })
}

async fn world() -> World {
    start(TEMPLATE, None).await.unwrap()
}

impl World {
    async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        for _ in 0..500 {
            if holds(self) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("not in five seconds: {what}");
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        reqwest::Client::new().request(method, format!("{}{path}", self.platform.url()))
    }

    async fn status(&self, path: &str) -> StatusCode {
        self.request(Method::GET, path).send().await.unwrap().status()
    }

    fn dead(&self, queue: &str) -> Vec<Value> {
        let letters = self
            .platform
            .dead_letters()
            .into_iter()
            .filter(|letter| letter.queue.contains(queue));
        letters.map(|letter| letter.body).collect()
    }
}

#[tokio::test]
async fn a_request_goes_through_the_route_and_its_cost_comes_back() {
    let world = world().await;
    let answer = world
        .request(Method::POST, "/front/puts?x=1")
        .header("x-local-source-ip", "192.0.2.7");
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["x-cost"], "calls=1; rcu=0; wcu=1");
    assert!(answer.headers().contains_key("apigw-requestid"));
    let event = world.seen.by("Front").remove(0);
    assert_eq!(event["routeKey"], "ANY /front/{what}");
    assert_eq!(event["requestContext"]["http"]["sourceIp"], "192.0.2.7");
    assert!(world.platform.ledger().totals().contains_key("ANY /front/{what}"));
}

#[tokio::test]
async fn whatever_a_function_does_the_caller_gets_an_answer() {
    let world = world().await;
    for path in ["/front/panics", "/front/hangs", "/front/fails"] {
        assert_eq!(
            world.status(path).await,
            StatusCode::INTERNAL_SERVER_ERROR,
            "{path}"
        );
    }
    assert_eq!(world.status("/front/works").await, StatusCode::OK);
    assert_eq!(world.status("/nowhere").await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_body_over_the_limits_of_aws_is_refused() {
    let world = world().await;
    for size in [7, 11] {
        let body = vec![b'x'; size * 1024 * 1024];
        let answer = world
            .request(Method::POST, "/front/x")
            .header("content-type", "text/plain")
            .body(body);
        assert_eq!(
            answer.send().await.unwrap().status(),
            StatusCode::PAYLOAD_TOO_LARGE,
            "{size} MB"
        );
    }
    assert!(world.seen.by("Front").is_empty());
}

#[tokio::test]
async fn a_call_that_the_statements_do_not_allow_is_refused_and_noted() {
    let world = world().await;
    assert_eq!(world.status("/front/reads").await, StatusCode::FORBIDDEN);
    let denied = world.platform.authority().denied();
    assert!(
        denied
            .iter()
            .any(|right| right.action == "dynamodb:Scan" && right.function == "Front")
    );
}

#[tokio::test]
async fn records_reach_their_function_through_the_filter_and_a_bad_one_is_given_up_alone() {
    let world = world().await;
    let runtime = world.platform.runtime();
    for (sort, kind) in [
        ("a", "wanted"),
        ("b", "other"),
        ("poison", "wanted"),
        ("c", "wanted"),
    ] {
        assert_eq!(put(&runtime, sort, kind).await, 200);
    }
    world
        .until("the last record is handled", |world| {
            let seen = world.seen.by("Records");
            seen.iter()
                .any(|event| event.to_string().contains(r#""SK":{"S":"c"}"#))
                && !world.dead("DeadRecords").is_empty()
        })
        .await;
    assert!(
        !world
            .seen
            .by("Records")
            .iter()
            .any(|event| event.to_string().contains(r#""S":"other""#))
    );
    let dead = world.dead("DeadRecords");
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0]["DDBStreamBatchInfo"]["batchSize"], 1);
    assert_eq!(dead[0]["requestContext"]["condition"], "RetryAttemptsExhausted");
}

#[tokio::test]
async fn an_event_on_the_bus_reaches_the_queues_and_functions_of_its_rules() {
    let world = world().await;
    put_event(&world.platform, r#"{"n":1}"#).await;
    world
        .until("the worker has it", |world| !world.seen.by("Worker").is_empty())
        .await;
    let message = world.seen.by("Worker").remove(0)["Records"][0].clone();
    let event: Value = serde_json::from_str(message["body"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&event["detail-type"], &event["detail"]),
        (&json!("T"), &json!({ "n": 1 }))
    );
    world
        .until("the function has it", |world| {
            world.seen.by("Later").contains(&event)
        })
        .await;
}

#[tokio::test]
async fn what_fails_again_and_again_becomes_a_dead_letter() {
    let world = world().await;
    put_event(&world.platform, r#"{"n":"poison"}"#).await;
    let given_up = |world: &World| world.dead("DeadJobs").len() == 1 && world.dead("given-up").len() == 1;
    world.until("both are given up", given_up).await;
    assert_eq!(world.seen.by("Worker").len(), 2);
    assert_eq!(world.seen.by("Later").len(), 3);
}

#[tokio::test]
async fn a_system_is_idle_once_all_that_is_on_its_way_is_done_with() {
    let world = world().await;
    world
        .until("nothing is there", |world| world.platform.is_idle())
        .await;
    put(&world.platform.runtime(), "any", "wanted").await;
    world
        .until("the record is read", |world| world.platform.is_idle())
        .await;
    assert_eq!(world.seen.by("Records").len(), 1);
    put_event(&world.platform, r#"{"n":"poison"}"#).await;
    world
        .until("all is given up", |world| world.platform.is_idle())
        .await;
    assert_eq!(
        (world.dead("DeadJobs").len(), world.dead("given-up").len()),
        (1, 1)
    );
}

#[tokio::test]
async fn a_function_that_dies_in_a_call_is_not_heard_of_and_lives_again_the_next_time() {
    for (kind, written) in [(Kind::DeathBefore, 0), (Kind::DeathAfter, 1)] {
        let world = world().await;
        let faults = world.platform.faults();
        faults.arm(Fault::of("dynamodb", "PutItem", kind));
        assert_eq!(
            world.status("/front/puts").await,
            StatusCode::INTERNAL_SERVER_ERROR
        );
        // It did not try again, as it does when no answer comes.
        assert_eq!(faults.boundaries().values().sum::<u64>(), 1);
        let items = client(&world.platform.runtime())
            .scan()
            .table_name("platform-tests");
        assert_eq!(items.send().await.unwrap().count(), written, "{kind:?}");
        assert_eq!(world.status("/front/puts").await, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_schedule_follows_the_clock() {
    let world = world().await;
    world.platform.clock().advance("P1D").unwrap();
    world
        .until("the function runs", |world| !world.seen.by("Front").is_empty())
        .await;
    assert_eq!(world.seen.by("Front")[0]["detail-type"], "Scheduled Event");
}

#[tokio::test]
async fn the_next_process_goes_on_where_the_last_one_was() {
    let directory = tempfile::tempdir().unwrap();
    let first = start(TEMPLATE, Some(directory.path())).await.unwrap();
    put(&first.platform.runtime(), "before", "wanted").await;
    first
        .until("the record is handled", |world| {
            !world.seen.by("Records").is_empty()
        })
        .await;
    let locked = start(TEMPLATE, Some(directory.path())).await;
    assert!(matches!(locked, Err(StartError::DirectoryInUse(_))));
    first.platform.stop().await;

    // A message and a record that nobody has handled yet.
    let queues = directory.path().join("queues/apartment-locator-Jobs");
    let message = json!({
        "id": "m-1", "body": "left over", "sent": "2026-01-01T00:00:00Z", "receives": 0,
        "first_received": null, "error": null,
    });
    std::fs::write(queues.join("m-1.json"), message.to_string()).unwrap();
    let database =
        dynoxide::Database::new(&directory.path().join("dynamodb.sqlite").to_string_lossy()).unwrap();
    let item = json!({ "PK": { "S": "pk" }, "SK": { "S": "between" }, "kind": { "S": "wanted" } });
    let request = json!({ "TableName": "platform-tests", "Item": item });
    database
        .put_item(serde_json::from_value(request).unwrap())
        .unwrap();
    drop(database);

    let second = start(TEMPLATE, Some(directory.path())).await.unwrap();
    second
        .until("both are handled", |world| {
            !world.seen.by("Worker").is_empty() && !world.seen.by("Records").is_empty()
        })
        .await;
    let records = second.seen.by("Records");
    assert_eq!(records.len(), 1, "only what was not handled before: {records:?}");
    assert_eq!(
        records[0]["Records"][0]["dynamodb"]["NewImage"]["SK"]["S"],
        "between"
    );
}

#[tokio::test]
async fn what_does_not_fit_together_is_an_error_at_the_start() {
    let unknown = TEMPLATE
        .replace("  Later:\n", "  Sooner:\n")
        .replace("Later.Arn", "Sooner.Arn");
    assert!(matches!(
        start(&unknown, None).await,
        Err(StartError::NotInTemplate("Later"))
    ));
    let more = format!("{TEMPLATE}  Newer: {{Type: AWS::Serverless::Function, Properties: {{}}}}\n");
    assert!(matches!(start(&more, None).await, Err(StartError::NoSuchFunction(id)) if id == "Newer"));
    let circle = TEMPLATE.replace(
        "DeadJobs: {Type: AWS::SQS::Queue}",
        "DeadJobs: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Jobs.Arn, maxReceiveCount: 2}}}",
    );
    assert!(matches!(
        start(&circle, None).await,
        Err(StartError::DeadLetters(_))
    ));
}

#[tokio::test]
async fn a_trigger_whose_role_does_not_let_lambda_read_is_an_error_at_the_start() {
    let template = TEMPLATE.replace(
        "  Worker:\n    Type: AWS::Serverless::Function\n    Properties:\n",
        "  WorkerRole: {Type: AWS::IAM::Role, Properties: {}}\n  Worker:\n    Type: AWS::Serverless::Function\n    \
         Properties:\n      Role: !GetAtt WorkerRole.Arn\n",
    );
    let Err(error) = start(&template, None).await else {
        panic!("it starts")
    };
    assert!(
        error.to_string().contains("Worker") && error.to_string().contains("sqs:ReceiveMessage"),
        "{error}"
    );
}

#[tokio::test]
async fn a_port_in_use_is_an_error_that_names_the_option() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let config = Config {
        ports: Ports {
            s3: port,
            ..Ports::default()
        },
        ..Config::in_memory()
    };
    let Err(error) = Listeners::bind(&config).await else {
        panic!("it listens twice")
    };
    assert_eq!(
        error.to_string(),
        format!("port {port} is in use: choose another with --s3-port PORT")
    );
}

#[tokio::test]
async fn the_own_pages_show_and_steer() {
    let world = world().await;
    let get = async |path: &str| -> Value {
        world
            .request(Method::GET, path)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    };
    let post = async |path: &str, body: Value| {
        world
            .request(Method::POST, path)
            .json(&body)
            .send()
            .await
            .unwrap()
    };
    assert_eq!(get("/_local/outbox").await, json!({ "messages": [] }));
    assert_eq!(get("/_local/dead-letters").await, json!({ "deadLetters": [] }));
    assert_eq!(
        post("/_local/clock", json!({ "advance": "P8D" })).await.status(),
        200
    );
    assert!(get("/_local/clock").await["aheadMs"].as_i64().unwrap() >= 8 * 86_400_000);
    assert_eq!(
        post("/_local/clock", json!({ "advance": "-P8D" })).await.status(),
        400
    );
    assert_eq!(
        post("/_local/grant", json!({ "email": "a@b.c", "role": "admin" }))
            .await
            .status(),
        200
    );
    assert_eq!(
        post("/_local/grant", json!({ "email": "a@b.c", "role": "king" }))
            .await
            .status(),
        400
    );
    let invoked = post("/_local/invoke/Worker", json!({ "Records": [] })).await;
    assert_eq!(
        invoked.json::<Value>().await.unwrap()["answer"],
        json!({ "batchItemFailures": [] })
    );
    assert_eq!(post("/_local/invoke/Nobody", json!({})).await.status(), 404);
    let fault = json!({ "service": "dynamodb", "operation": "PutItem", "kind": "internalError", "times": 9 });
    assert_eq!(post("/_local/faults", fault).await.status(), 200);
    assert_eq!(
        world.status("/front/puts").await,
        StatusCode::INTERNAL_SERVER_ERROR
    );
    let page = world.request(Method::GET, "/_local/").send().await.unwrap();
    assert!(
        page.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("default-src 'none'")
    );
    let page = page.text().await.unwrap();
    assert!(page.contains("Worker") && !page.contains("{{"), "{page}");
}

#[tokio::test]
async fn a_form_of_the_page_leads_back_to_it() {
    let world = world().await;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let form = client
        .post(format!("{}/_local/clock", world.platform.url()))
        .form(&[("advance", "PT1H")]);
    let answer = form.send().await.unwrap();
    assert_eq!(
        (answer.status(), &answer.headers()["location"]),
        (StatusCode::SEE_OTHER, &"/_local/".parse().unwrap())
    );
}

#[tokio::test]
async fn the_own_pages_are_closed_to_other_names_and_the_api_is_not() {
    let world = world().await;
    let as_evil = |path| world.request(Method::GET, path).header("host", "evil.example");
    for path in ["/_local/", "/_local/outbox", "/docs/", "/openapi.json"] {
        assert_eq!(
            as_evil(path).send().await.unwrap().status(),
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    assert_eq!(as_evil("/front/x").send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn the_api_reference_needs_no_network() {
    let world = world().await;
    let page = world
        .request(Method::GET, "/docs/")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        page.contains("swagger-ui") && !page.contains("https://"),
        "{page}"
    );
    assert_eq!(world.status("/docs/swagger-ui-bundle.js").await, StatusCode::OK);
}

/// Has Textract read a file that it cannot read, and tell its end.
async fn start_reading(platform: &Platform) -> String {
    use aws_sdk_textract::types::{DocumentLocation, FeatureType, NotificationChannel, S3Object};
    let runtime = platform.runtime();
    let s3 = aws_sdk_s3::Client::new(&runtime.aws("S3").unwrap());
    let put = s3.put_object().bucket("files").key("a.pdf");
    put.body(b"%PDF-1.7".to_vec().into()).send().await.unwrap();
    let textract = aws_sdk_textract::Client::new(&runtime.aws("TEXTRACT").unwrap());
    let object = S3Object::builder().bucket("files").name("a.pdf").build();
    let channel = NotificationChannel::builder()
        .sns_topic_arn("arn:aws:sns:us-east-1:000000000000:apartment-locator-Read")
        .role_arn("arn:aws:iam::000000000000:role/reader");
    let start = textract
        .start_document_analysis()
        .document_location(DocumentLocation::builder().s3_object(object).build())
        .feature_types(FeatureType::Forms)
        .notification_channel(channel.build().unwrap());
    start.send().await.unwrap().job_id.unwrap()
}

#[tokio::test]
async fn the_end_of_a_reading_sets_off_who_subscribed_and_is_given_up_after_three_failures() {
    let world = world().await;
    let job = start_reading(&world.platform).await;
    world
        .until("the invocation is given up", |world| {
            !world.dead("given-up").is_empty()
        })
        .await;
    let seen = world.seen.by("Later");
    assert_eq!(seen.len(), 3);
    let record = &seen[0]["Records"][0];
    assert_eq!(record["EventSource"], "aws:sns");
    let message: Value = serde_json::from_str(record["Sns"]["Message"].as_str().unwrap()).unwrap();
    assert_eq!(message["JobId"], job);
    assert_eq!(message["Status"], "FAILED");
    assert_eq!(seen[0], world.dead("given-up")[0]);
}

#[tokio::test]
async fn the_ends_of_readings_are_held_on_demand() {
    let world = world().await;
    let hold = world
        .request(Method::POST, "/_local/textract")
        .json(&json!({ "hold": true }));
    assert_eq!(
        hold.send().await.unwrap().json::<Value>().await.unwrap()["hold"],
        true
    );
    start_reading(&world.platform).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(world.seen.by("Later").is_empty());
    let unknown = world
        .request(Method::POST, "/_local/textract")
        .json(&json!({ "held": true }));
    assert_eq!(unknown.send().await.unwrap().status(), StatusCode::BAD_REQUEST);
    world
        .request(Method::DELETE, "/_local/textract")
        .send()
        .await
        .unwrap();
    world
        .until("the end is told", |world| !world.seen.by("Later").is_empty())
        .await;
}
