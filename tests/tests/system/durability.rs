//! The program itself: it is quick to start, loses nothing that it answered with success, and says what is wrong.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use tests::person::PASSWORD;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};

use super::process::{Ports, Process, run};
use super::workspace::read;

/// From its start to its first answer.
const SERVES_WITHIN: Duration = Duration::from_secs(3);
/// How long what happens in the background may take on a busy machine. No test waits for it to pass.
const DEADLINE: Duration = Duration::from_secs(30);
/// How long to wait for a second mail that must not come.
const NO_MORE: Duration = Duration::from_secs(1);
/// What the subject of a receipt begins with.
const RECEIPT: &str = "Your receipt";
/// People who write at the same time.
const WRITERS: usize = 4;

/// A person who is signed in.
struct Person {
    email: String,
    token: String,
}

impl Person {
    async fn sign_up(process: &Process, name: &str) -> Self {
        let email = format!("{name}@example.com");
        let new = json!({ "email": email, "password": PASSWORD });
        let answer = process.post("/api/auth/signup", None, &new).await;
        Self {
            token: answer.is(201).text_at("/token").to_owned(),
            email,
        }
    }

    async fn get(&self, process: &Process, path: &str) -> Value {
        process.get(path, Some(&self.token)).await.is(200).json.clone()
    }

    /// Begins to buy a plan; the page to pay on.
    async fn checkout(&self, process: &Process, plan: &str) -> String {
        let wish = json!({ "planId": plan });
        let answer = process
            .post("/api/payments/create-checkout", Some(&self.token), &wish)
            .await;
        answer.is(200).text_at("/url").to_owned()
    }

    async fn statuses(&self, process: &Process) -> Vec<String> {
        let list = self.get(process, "/api/purchases").await;
        let purchases = list["purchases"].as_array().expect("a list").iter();
        purchases
            .map(|purchase| purchase["status"].as_str().expect("a status").to_owned())
            .collect()
    }

    /// How many mails of this subject they got.
    async fn mails(&self, process: &Process, subject: &str) -> usize {
        let outbox = process.get("/_local/outbox", None).await;
        let messages = outbox.is(200).json["messages"]
            .as_array()
            .expect("a list")
            .clone();
        messages
            .iter()
            .filter(|message| message["to"].to_string().contains(&self.email))
            .filter(|message| message["subject"].to_string().contains(subject))
            .count()
    }
}

async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !holds().await {
        assert!(Instant::now() < deadline, "this never came to be: {what}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// Holds the person to get one receipt, and not a second.
async fn one_receipt(process: &Process, person: &Person) {
    eventually("the receipt is mailed", async || {
        person.mails(process, RECEIPT).await > 0
    })
    .await;
    sleep(NO_MORE).await;
    assert_eq!(person.mails(process, RECEIPT).await, 1);
}

/// Lets every call of a function to a service fail until the process ends.
async fn cut_off(process: &Process, function: &str, service: &str) {
    let fault =
        json!({ "service": service, "principal": function, "kind": "internalError", "times": 1_000_000 });
    process.post("/_local/faults", None, &fault).await.is(200);
}

#[tokio::test]
async fn it_serves_within_three_seconds_and_ctrl_c_ends_it_in_peace() {
    let data = tempfile::tempdir().unwrap();
    let process = Process::start(data.path(), Ports::FREE).await;
    assert!(
        process.served_after < SERVES_WITHIN,
        "it took {:?}",
        process.served_after
    );
    process.get("/_local/", None).await.is(200);
    process.get("/docs/", None).await.is(200);
    let person = Person::sign_up(&process, "mira").await;
    person.get(&process, "/api/auth/me").await;
    // Work that is cut off is told of; here there is none.
    eventually("the link is mailed", async || {
        person.mails(&process, "Confirm").await > 0
    })
    .await;
    sleep(NO_MORE).await;
    let (status, errors) = process.interrupt().await;
    assert_eq!(status.code(), Some(0), "{errors}");
    for alarming in ["ERROR", "WARN", "panicked"] {
        assert!(!errors.contains(alarming), "{errors}");
    }
    let again = Process::start(data.path(), Ports::FREE).await;
    assert!(
        again.served_after < SERVES_WITHIN,
        "the second start took {:?}",
        again.served_after
    );
    person.get(&again, "/api/auth/me").await;
}

/// What one writer was answered with success, until no more answers came.
#[derive(Default)]
struct Answered {
    people: Vec<Person>,
    /// Purchases that were begun, by the last of the people.
    purchases: usize,
}

/// Signs people up and begins purchases, one after the other, until the system does not answer.
async fn write_until_it_is_gone(process: &Process, writer: usize, enough: &Notify) -> Answered {
    let mut answered = Answered::default();
    for number in 0.. {
        let email = format!("writer-{writer}-{number}@example.com");
        let new = json!({ "email": email, "password": PASSWORD });
        let Some(signed_up) = ask(process, "/api/auth/signup", None, &new).await else {
            break;
        };
        let token = signed_up["token"].as_str().expect("a token").to_owned();
        answered.people.push(Person {
            email,
            token: token.clone(),
        });
        answered.purchases = 0;
        if number == 1 {
            enough.notify_one();
        }
        for _ in 0..3 {
            let wish = json!({ "planId": "pro" });
            let Some(_) = ask(process, "/api/payments/create-checkout", Some(&token), &wish).await else {
                return answered;
            };
            answered.purchases += 1;
        }
    }
    answered
}

/// The answer, if it is a success and comes whole.
async fn ask(process: &Process, path: &str, token: Option<&str>, body: &Value) -> Option<Value> {
    let request = process.request("POST", path).json(body);
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    let answer = request.send().await.ok()?.error_for_status().ok()?;
    answer.json().await.ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_system_killed_among_writes_has_everything_that_it_answered_with_success() {
    let data = tempfile::tempdir().unwrap();
    let process = Arc::new(Process::start(data.path(), Ports::FREE).await);
    let buyer = Person::sign_up(&process, "buyer").await;
    let page = buyer.checkout(&process, "basic").await;
    process.pay(&page).await.is(303);
    eventually("the purchase is paid", async || {
        buyer.statuses(&process).await == ["paid"]
    })
    .await;

    let enough = Arc::new(Notify::new());
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (process, enough) = (Arc::clone(&process), Arc::clone(&enough));
            tokio::spawn(async move { write_until_it_is_gone(&process, writer, &enough).await })
        })
        .collect();
    timeout(DEADLINE, enough.notified())
        .await
        .expect("the writers get on");
    process.kill();
    let answered: Vec<Answered> = join_all(writers)
        .await
        .into_iter()
        .map(|writer| writer.expect("a writer"))
        .collect();
    let again = Process::start(data.path(), Ports::FREE).await;
    assert!(
        again.served_after < SERVES_WITHIN,
        "the start after a kill took {:?}",
        again.served_after
    );
    for Answered { people, purchases } in &answered {
        let (last, others) = people.split_last().expect("every writer got an answer");
        for person in others {
            assert_eq!(person.statuses(&again).await.len(), 3, "{}", person.email);
        }
        // The one under way may have been written or not.
        let begun = last.statuses(&again).await.len();
        assert!(
            (*purchases..=purchases + 1).contains(&begun),
            "{begun} of {purchases} purchases are there"
        );
    }
    let signed_in = json!({ "email": buyer.email, "password": PASSWORD });
    again.post("/api/auth/signin", None, &signed_in).await.is(200);
    assert_eq!(buyer.statuses(&again).await, ["paid"]);
    let status = buyer.get(&again, "/api/access/status").await;
    assert_eq!(status["planType"], "basic");
    one_receipt(&again, &buyer).await;
}

/// A purchase is paid, and Stripe is answered; then the process is killed at this boundary, and started again.
async fn paid_and_killed_before(data: &Path, function: &str, service: &str) {
    let process = Process::start(data, Ports::FREE).await;
    let person = Person::sign_up(&process, "mira").await;
    let page = person.checkout(&process, "basic").await;
    cut_off(&process, function, service).await;
    process.pay(&page).await.is(303);
    eventually("the purchase is paid", async || {
        person.statuses(&process).await == ["paid"]
    })
    .await;
    assert_eq!(
        person.mails(&process, RECEIPT).await,
        0,
        "{function} is cut off from {service}"
    );
    process.kill();
    let again = Process::start(data, Ports::FREE).await;
    one_receipt(&again, &person).await;
    assert_eq!(person.statuses(&again).await, ["paid"]);
}

#[tokio::test]
async fn a_receipt_comes_once_if_the_system_is_killed_before_the_event_is_relayed() {
    let data = tempfile::tempdir().unwrap();
    paid_and_killed_before(data.path(), "OutboxRelayFunction", "events").await;
}

#[tokio::test]
async fn a_receipt_comes_once_if_the_system_is_killed_before_the_mail_is_claimed() {
    let data = tempfile::tempdir().unwrap();
    paid_and_killed_before(data.path(), "NoticesFunction", "dynamodb").await;
}

#[tokio::test]
async fn what_stripe_could_not_deliver_is_delivered_after_a_restart() {
    let data = tempfile::tempdir().unwrap();
    let process = Process::start(data.path(), Ports::FREE).await;
    let person = Person::sign_up(&process, "mira").await;
    let page = person.checkout(&process, "basic").await;
    cut_off(&process, "StripeWebhookFunction", "dynamodb").await;
    process.pay(&page).await.is(303);
    assert_eq!(person.statuses(&process).await, ["pending"]);
    process.kill();
    let again = Process::start(data.path(), Ports::FREE).await;
    eventually("the purchase is paid", async || {
        person.statuses(&again).await == ["paid"]
    })
    .await;
    one_receipt(&again, &person).await;
}

#[tokio::test]
async fn a_second_instance_says_which_option_to_change() {
    let data = tempfile::tempdir().unwrap();
    let first = Process::start(data.path(), Ports::FREE).await;
    let Ports {
        api,
        dynamodb,
        s3,
        stripe,
    } = first.ports;
    for (ports, port, option) in [
        (Ports { api, ..Ports::FREE }, api, "--port"),
        (
            Ports {
                dynamodb,
                ..Ports::FREE
            },
            dynamodb,
            "--dynamodb-port",
        ),
        (Ports { s3, ..Ports::FREE }, s3, "--s3-port"),
        (
            Ports {
                stripe,
                ..Ports::FREE
            },
            stripe,
            "--stripe-port",
        ),
    ] {
        let options = ports.options();
        let mut arguments: Vec<&str> = options.iter().map(String::as_str).collect();
        arguments.push("--memory");
        let said = refused(&arguments);
        assert!(
            said.contains(&port.to_string()) && said.contains(&format!("{option} ")),
            "{said}"
        );
    }
    let options = Ports::FREE.options();
    let mut arguments: Vec<&str> = options.iter().map(String::as_str).collect();
    let directory = data.path().to_string_lossy().into_owned();
    arguments.extend(["--data", &directory]);
    let said = refused(&arguments);
    assert!(said.contains(&directory) && said.contains("--data"), "{said}");
    // The first one did not notice.
    first.get("/api/health", None).await.is(200);
}

/// Runs the program, which must refuse to start; what it says, in one line.
fn refused(arguments: &[&str]) -> String {
    let output = run(arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{arguments:?}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

#[test]
fn the_demo_plays_the_story_step_by_step() {
    let output = run(&["demo"]);
    let (told, errors) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert!(output.status.success(), "{told}{errors}");
    let steps: Vec<&str> = told
        .lines()
        .filter(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    assert!(steps.len() >= 25, "{told}");
    for part in [
        "signs up",
        "pays",
        "unlocked",
        "receipt",
        "read and verified",
        "goes to a person",
        "approves",
    ] {
        assert!(told.contains(part), "nothing of \"{part}\" in the story: {told}");
    }
    // For the clear lease and for the doubtful one.
    assert_eq!(told.matches("\"Your lease paid off: $").count(), 2, "{told}");
    assert_eq!(errors, "");
}

#[test]
fn the_program_prints_the_committed_document_of_the_api() {
    let output = run(&["openapi"]);
    assert!(output.status.success());
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        read("infra/openapi.json")
    );
}
