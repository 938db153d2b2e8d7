//! The local system as a process: started, asked, interrupted, killed.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use tests::Answer;

use super::programs;

/// How long a process may take to start or to end on a busy machine. No test waits for it to pass.
const DEADLINE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The local system's program.
fn program() -> &'static Path {
    programs::program("local")
}

/// Runs the program to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    Command::new(program())
        .args(arguments)
        .env_remove("LOG_LEVEL")
        .output()
        .expect("the program runs")
}

/// Where a process listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ports {
    pub(crate) api: u16,
    pub(crate) dynamodb: u16,
    pub(crate) s3: u16,
    pub(crate) stripe: u16,
}

impl Ports {
    /// Any that are free.
    pub(crate) const FREE: Self = Self {
        api: 0,
        dynamodb: 0,
        s3: 0,
        stripe: 0,
    };

    pub(crate) fn options(self) -> [String; 8] {
        let option = |name: &str, port: u16| [format!("--{name}"), port.to_string()];
        let [a, b] = option("port", self.api);
        let [c, d] = option("dynamodb-port", self.dynamodb);
        let [e, f] = option("s3-port", self.s3);
        let [g, h] = option("stripe-port", self.stripe);
        [a, b, c, d, e, f, g, h]
    }

    /// The ports that the banner names, once it is complete.
    fn of_banner(banner: &str) -> Option<Self> {
        banner.contains("Ctrl-C stops it.").then(|| {
            let port = |name: &str| {
                let line = banner.lines().find(|line| line.trim_start().starts_with(name));
                let line = line.unwrap_or_else(|| panic!("no {name} in {banner}"));
                let behind = line
                    .rsplit_once("//")
                    .and_then(|(_, address)| address.split_once(':'));
                let (_, port) = behind.unwrap_or_else(|| panic!("no address in {line}"));
                let digits: String = port.chars().take_while(char::is_ascii_digit).collect();
                digits.parse().unwrap_or_else(|_| panic!("no port in {line}"))
            };
            Self {
                api: port("API"),
                dynamodb: port("DynamoDB"),
                s3: port("S3"),
                stripe: port("Stripe"),
            }
        })
    }
}

/// A running process; it is killed when it goes out of scope.
pub(crate) struct Process {
    child: Mutex<Child>,
    output: Arc<Mutex<String>>,
    errors: Arc<Mutex<String>>,
    http: Client,
    /// Where it listens.
    pub(crate) ports: Ports,
    /// How long it took until it answered.
    pub(crate) served_after: Duration,
}

impl Process {
    /// Starts the program on a data directory, and waits until it serves.
    pub(crate) async fn start(data: &Path, ports: Ports) -> Self {
        program();
        let started = Instant::now();
        let mut child = Command::new(program())
            .args(ports.options())
            .arg("--data")
            .arg(data)
            .env_remove("LOG_LEVEL")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let output = collect(child.stdout.take().expect("a pipe"));
        let errors = collect(child.stderr.take().expect("a pipe"));
        let http = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        let child = Mutex::new(child);
        let mut process = Self {
            child,
            output,
            errors,
            http,
            ports,
            served_after: Duration::ZERO,
        };
        process.ports = process
            .wait_for("its addresses", |process| {
                Ports::of_banner(&read(&process.output))
            })
            .await;
        while !process.answers().await {
            assert!(
                started.elapsed() < DEADLINE,
                "it does not serve: {}",
                process.errors()
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
        process.served_after = started.elapsed();
        process
    }

    async fn answers(&self) -> bool {
        let health = self.request("GET", "/api/health").send().await;
        health.is_ok_and(|answer| answer.status().is_success())
    }

    async fn wait_for<T>(&self, what: &str, found: impl Fn(&Self) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = found(self) {
                return found;
            }
            assert!(
                began.elapsed() < DEADLINE,
                "waited in vain for {what}: {}",
                self.errors()
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// What it wrote to its standard error.
    pub(crate) fn errors(&self) -> String {
        read(&self.errors)
    }

    /// A request to the API or to the system's own pages.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        self.http
            .request(method, format!("http://127.0.0.1:{}{path}", self.ports.api))
    }

    /// `GET`, with a session's token or without.
    pub(crate) async fn get(&self, path: &str, token: Option<&str>) -> Answer {
        let request = self.request("GET", path);
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        Answer::read(request.send().await.expect("an answer")).await
    }

    /// `POST` with a JSON body, with a session's token or without.
    pub(crate) async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Answer {
        let request = self.request("POST", path).json(body);
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        Answer::read(request.send().await.expect("an answer")).await
    }

    /// Ends a payment on its page.
    pub(crate) async fn pay(&self, page: &str) -> Answer {
        let request = self.http.post(page).form(&[("outcome", "paid")]);
        Answer::read(request.send().await.expect("an answer")).await
    }

    /// `kill -9`: the process has no time for anything.
    pub(crate) fn kill(&self) {
        let mut child = self.child.lock().expect("no one panicked");
        child.kill().expect("the process can be killed");
        child.wait().expect("the process ends");
    }

    /// Ctrl-C: how it ended.
    pub(crate) async fn interrupt(self) -> (ExitStatus, String) {
        let pid = self.child.lock().expect("no one panicked").id().to_string();
        let sent = Command::new("sh")
            .args(["-c", "kill -INT \"$0\"", &pid])
            .status()
            .expect("a shell");
        assert!(sent.success());
        let ended = |process: &Self| {
            process
                .child
                .lock()
                .expect("no one panicked")
                .try_wait()
                .expect("a child")
        };
        let status = self.wait_for("its end", ended).await;
        (status, self.errors())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Ok(child) = self.child.get_mut() {
            // It may have ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Reads a pipe to its end, in the background.
fn collect(pipe: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let collected = Arc::<Mutex<String>>::default();
    let into = Arc::clone(&collected);
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let mut text = into.lock().expect("no reader panicked");
            text.push_str(&line);
            text.push('\n');
        }
    });
    collected
}

fn read(text: &Mutex<String>) -> String {
    text.lock().expect("no reader panicked").clone()
}
