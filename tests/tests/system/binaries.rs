//! Each function's own binary, started as Lambda starts it, does what the function does in process: two systems live
//! through the story of `events/`, and in one of them every function is a process behind Lambda's Runtime API.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use lambda_http::Context;
use local::functions::{Entry, Function, FunctionError};
use local::platform::Product;
use local::product::product;
use local::story::{self, Payload, Story};
use runtime::Environment;
use runtime_api::{Instance, InvokeError, StartError};
use serde_json::{Value, json};
use tests::System;
use tokio::sync::Mutex;

use super::programs::program;
use super::workspace::template_functions;

/// What no two systems answer alike, by the name of a header or of a field of the body; and every time. A system's own ids,
/// tokens and addresses are turned into the story's. Everything else must be the same.
const DIFFERS: [&str; 3] = ["content-length", "requestId", "x-request-id"];
/// The attributes of items whose values are compared too. Of the others it is what they are: texts, numbers, maps.
const COMPARED: [&str; 7] = ["amount", "entity", "plan", "role", "status", "type", "version"];
/// A word of a mail that is longer than this is a secret in a link.
const LONGEST_WORD: usize = 80;
/// The listing that the story is about.
const LISTING: &str = "10482";
/// Variables that a function does without: Google's keys matter where a client is registered with Google.
const OPTIONAL: [&str; 3] = ["GOOGLE_CLIENT_ID", "GOOGLE_KEYS_URL", "LOG_LEVEL"];

/// The function's binary, as `template.yaml` names it.
fn binary(function: &str) -> &'static Path {
    let functions = template_functions();
    let (_, definition) = functions.iter().find(|(id, _)| id == function).unwrap();
    let name = definition["Metadata"]["BuildProperties"]["Binary"].as_str();
    program(name.unwrap())
}

/// A function whose every invocation goes to a process of its own binary.
struct OwnProcess {
    program: &'static Path,
    environment: Environment,
    instance: Mutex<Option<Instance>>,
    /// The most memory that a process of it has held, in bytes.
    peak: Arc<AtomicU64>,
}

impl OwnProcess {
    fn entry(of: &Entry) -> Entry {
        Self::measured(of, &Arc::default())
    }

    fn measured(of: &Entry, peak: &Arc<AtomicU64>) -> Entry {
        let id = of.id;
        let peak = Arc::clone(peak);
        let mut entry = Entry::new(id, move |runtime| {
            Ok(Arc::new(Self {
                program: binary(id),
                environment: runtime.environment.clone(),
                instance: Mutex::new(None),
                peak: Arc::clone(&peak),
            }))
        });
        entry.openapi = of.openapi;
        entry
    }

    async fn start(&self, context: &Context) -> Result<Instance, FunctionError> {
        let configuration = &context.env_config;
        let function = runtime_api::Function {
            program: self.program.to_owned(),
            arguments: Vec::new(),
            name: configuration.function_name.clone(),
            arn: context.invoked_function_arn.clone(),
            memory: configuration.memory.unsigned_abs(),
            timeout: Duration::from_secs(30),
            log_group: configuration.log_group.clone(),
            variables: variables(&self.environment),
        };
        let failed = |error: StartError| FunctionError::new("Runtime.ExitError", error.to_string());
        function.start().await.map_err(failed)
    }
}

#[async_trait]
impl Function for OwnProcess {
    async fn invoke(&self, event: Value, context: Context) -> Result<Value, FunctionError> {
        let mut instance = self.instance.lock().await;
        let mut running = match instance.take() {
            Some(running) => running,
            None => self.start(&context).await?,
        };
        let invocation = running.invoke(&event).await;
        self.peak
            .fetch_max(running.peak_memory().unwrap_or_default(), Ordering::Relaxed);
        if matches!(invocation, Ok(_) | Err(InvokeError::Failed(_))) {
            *instance = Some(running);
        }
        match invocation {
            Ok(invocation) => Ok(invocation.answer),
            Err(InvokeError::Failed(error)) => Err(FunctionError::new(error.error_type, error.error_message)),
            Err(error) => Err(FunctionError::new("Runtime.ExitError", error.to_string())),
        }
    }
}

fn variables(environment: &Environment) -> BTreeMap<String, String> {
    let variables = environment.variables();
    variables
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The product, with a process for each function.
fn own_processes() -> Product {
    let product = product();
    Product {
        functions: product.functions.iter().map(OwnProcess::entry).collect(),
        ..product
    }
}

/// The product, with a process for one function, and the most memory that the process will have held, in bytes; only Linux
/// tells it.
pub(crate) fn measured(function: &str) -> (Product, Arc<AtomicU64>) {
    let peak = Arc::default();
    let product = product();
    let of = |entry: Entry| {
        if entry.id == function {
            OwnProcess::measured(&entry, &peak)
        } else {
            entry
        }
    };
    let functions = product.functions.into_iter().map(of).collect();
    (Product { functions, ..product }, peak)
}

/// A system, and the story in it.
struct World {
    system: System,
    story: Story,
}

impl World {
    async fn of(product: Product) -> Self {
        let system = System::running(product).await;
        system.listing(LISTING).await;
        Self {
            system,
            story: Story::default(),
        }
    }

    /// Gives a function the payload; what it answers, in the story's words.
    async fn lives_through(&mut self, payload: &Payload) -> Value {
        let name = &payload.name;
        if !["-http-", "-stripe-"].iter().any(|kind| name.contains(kind)) {
            // What the system sets going by itself must not come at the same time.
            self.system.at_rest().await;
        }
        let platform = &self.system.platform;
        let event = self.story.event(platform, name).unwrap();
        let invocation = platform.lambda().invoke(&payload.function, event, "event").await;
        let mut answer = invocation
            .outcome
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        self.story.remember(&answer);
        if let Some(body) = answer["body"]
            .as_str()
            .and_then(|body| serde_json::from_str(body).ok())
        {
            answer["body"] = body;
        }
        serde_json::from_str(&self.in_the_storys_words(&answer.to_string())).unwrap()
    }

    fn in_the_storys_words(&self, text: &str) -> String {
        let addresses = self.system.platform.addresses();
        let stripe = addresses.stripe.expect("a stand-in for Stripe");
        self.story
            .in_its_words(text)
            .replace(&addresses.api_url(), "http://api")
            .replace(&format!("http://{stripe}"), "http://stripe")
    }

    /// What the story left behind: the items of the table and the mails.
    async fn left(&self) -> Vec<String> {
        self.system.at_rest().await;
        let table = self.system.snapshot().await;
        let items = table.items().map(|item| shape("", item).to_string());
        let mails = self.system.platform.outbox();
        let mails = mails.iter().map(|mail| {
            let words = mail.text.iter().flat_map(|text| text.split_whitespace());
            let words: Vec<_> = words.filter(|word| word.len() <= LONGEST_WORD).collect();
            self.in_the_storys_words(&json!([mail.to, mail.subject, words.join(" ")]).to_string())
        });
        let mut left: Vec<_> = items.chain(mails).collect();
        left.sort();
        left
    }
}

/// An answer without what differs by nature.
fn comparable(answer: &Value) -> Value {
    match answer {
        Value::Object(fields) => {
            let known = fields
                .iter()
                .filter(|(name, _)| !DIFFERS.contains(&name.as_str()));
            known
                .map(|(name, field)| (name.clone(), comparable(field)))
                .collect()
        }
        Value::Array(items) => items.iter().map(comparable).collect(),
        Value::String(text) if text.parse::<Timestamp>().is_ok() => "a time".into(),
        other => other.clone(),
    }
}

/// What an item is made of. The names in a map of sessions or purchases are ids.
fn shape(name: &str, value: &Value) -> Value {
    match value {
        Value::Object(fields) if fields.keys().any(|name| name.contains('_')) => {
            fields.values().map(|field| shape("", field)).collect()
        }
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| (name.clone(), shape(name, field)))
            .collect(),
        Value::Array(items) => items.iter().map(|item| shape("", item)).collect(),
        value if COMPARED.contains(&name) => value.clone(),
        Value::String(_) => "a text".into(),
        Value::Number(_) => "a number".into(),
        other => other.clone(),
    }
}

#[tokio::test]
async fn each_binary_answers_and_writes_what_its_function_does_in_process() {
    let (mut in_process, mut own_processes) = (World::of(product()).await, World::of(own_processes()).await);
    for payload in story::payloads().unwrap() {
        let expected = in_process.lives_through(&payload).await;
        let answer = own_processes.lives_through(&payload).await;
        assert_eq!(
            comparable(&answer),
            comparable(&expected),
            "{payload:?}, the process on the left. What differs by nature is named in DIFFERS"
        );
    }
    assert_eq!(own_processes.left().await, in_process.left().await);
}

#[test]
fn every_function_of_the_template_has_a_payload_that_its_binary_is_tried_with() {
    let tried: Vec<_> = story::payloads()
        .unwrap()
        .into_iter()
        .map(|payload| payload.function)
        .collect();
    let untried: Vec<_> = template_functions()
        .into_iter()
        .map(|(id, _)| id)
        .filter(|id| !tried.contains(id))
        .collect();
    assert!(
        untried.is_empty(),
        "add a payload `events/NN-….json` and its row in events/README.md for {untried:?}"
    );
}

/// A function of a system, to be started by itself.
fn deployed(system: &System, id: &str) -> runtime_api::Function {
    let deployed = system
        .platform
        .lambda()
        .function(id)
        .expect("a function of the template");
    let definition = &deployed.definition;
    runtime_api::Function {
        program: binary(id).to_owned(),
        arguments: Vec::new(),
        name: definition.name.clone(),
        arn: definition.arn.clone(),
        memory: definition.memory,
        timeout: definition.timeout,
        log_group: definition.log_group.clone(),
        variables: variables(&deployed.environment),
    }
}

#[tokio::test]
async fn a_binary_that_lacks_a_variable_does_not_start_and_says_which() {
    let system = System::start().await;
    let ids: Vec<_> = system.platform.lambda().ids().map(str::to_owned).collect();
    for id in ids {
        let complete = deployed(&system, &id);
        let definition = &system.platform.lambda().function(&id).unwrap().definition;
        let needed = definition.environment.keys();
        for missing in needed.filter(|name| !OPTIONAL.contains(&name.as_str())) {
            let mut function = complete.clone();
            function.variables.remove(missing);
            match function.start().await {
                Err(StartError::Ended { status, log }) => {
                    assert!(
                        !status.success() && log.contains(missing),
                        "{id} without {missing}: {log}"
                    );
                }
                Err(error) => panic!("{id} without {missing}: {error}"),
                Ok(_) => panic!("{id} starts without {missing}: if that is right, name it in OPTIONAL"),
            }
        }
        complete
            .start()
            .await
            .unwrap_or_else(|error| panic!("{id}: {error}"));
    }
}

#[tokio::test]
async fn a_binary_whose_table_is_not_there_or_not_its_own_answers_a_problem_and_goes_on() {
    let system = System::start().await;
    let mut elsewhere = deployed(&system, "SessionsFunction");
    elsewhere
        .variables
        .insert("TABLE_NAME".into(), "another-table".into());
    let mut unsigned = deployed(&system, "SessionsFunction");
    unsigned
        .variables
        .insert("AWS_SECRET_ACCESS_KEY".into(), "wrong".into());
    for function in [elsewhere, unsigned] {
        let mut instance = function.start().await.unwrap();
        for name in ["01-http-signup", "02-http-signin"] {
            let answer = instance
                .invoke(&Story::default().event(&system.platform, name).unwrap())
                .await
                .unwrap()
                .answer;
            assert!(answer["statusCode"].as_u64() >= Some(500), "{name}: {answer}");
            assert_eq!(answer["headers"]["content-type"], "application/problem+json");
        }
        assert!(instance.end().await.contains("\"level\":\"ERROR\""));
    }
}
