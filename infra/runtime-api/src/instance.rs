//! A process of a function: started, invoked, measured, ended.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::environment;
use crate::server::{Delivery, Report, ReportedError, Server, Told};

/// How long Lambda lets a function start.
const START_LIMIT: Duration = Duration::from_secs(10);
/// How long a process may take to notice that its connection is gone, before it is killed.
const END_LIMIT: Duration = Duration::from_secs(2);

/// A function as it is deployed.
#[derive(Clone, Debug)]
pub struct Function {
    /// The program: the function's binary, or a language's runtime.
    pub program: PathBuf,
    /// The program's arguments; a binary has none.
    pub arguments: Vec<OsString>,
    /// The function's name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its memory, in megabytes.
    pub memory: u32,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// The log group that it writes to.
    pub log_group: String,
    /// Its variables, with the region and the credentials.
    pub variables: BTreeMap<String, String>,
}

/// Why a function does not start. Each has what the process wrote.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no such program, or no port to serve it from.
    #[error("the program cannot be run: {0}")]
    NotRun(#[from] io::Error),
    /// It ended before it asked for an event: Lambda's `Runtime.ExitError`.
    #[error("the program ended before its first event: {status}\n{log}")]
    Ended {
        /// How.
        status: ExitStatus,
        /// What it wrote.
        log: String,
    },
    /// It said why.
    #[error("the program says that it cannot start: {error}\n{log}")]
    Reported {
        /// What it said.
        error: ReportedError,
        /// What it wrote.
        log: String,
    },
    /// It did not ask for an event in time.
    #[error("the program asked for no event within {START_LIMIT:?}\n{0}")]
    TimedOut(String),
}

/// Why an invocation has no answer.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// The function says so.
    #[error(transparent)]
    Failed(#[from] ReportedError),
    /// The process ended.
    #[error("the process ended while it handled an event: {0}")]
    Ended(ExitStatus),
    /// The process cannot be watched.
    #[error("the process is lost: {0}")]
    Lost(#[from] io::Error),
    /// It took longer than the function's time limit.
    #[error("the invocation timed out")]
    TimedOut,
    /// The answer belongs to another invocation, or is not JSON.
    #[error("the answer cannot be used: {0}")]
    Unusable(String),
}

/// An invocation that was answered.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// Its id.
    pub request_id: String,
    /// The answer.
    pub answer: Value,
    /// From handing over the event to having the answer.
    pub took: Duration,
}

/// A process of a function that waits for an event. It is killed when it is dropped.
pub struct Instance {
    function: Function,
    process: Child,
    log: Log,
    deliveries: mpsc::Sender<Delivery>,
    reports: mpsc::UnboundedReceiver<Report>,
    server: Server,
    started_after: Duration,
    invocations: u32,
}

impl Function {
    /// Starts a process of it, and waits until it asks for its first event.
    ///
    /// # Errors
    /// [`StartError`]; the process is gone then.
    pub async fn start(&self) -> Result<Instance, StartError> {
        let (deliveries, delivered) = mpsc::channel(1);
        let (report, mut reports) = mpsc::unbounded_channel();
        let server = Server::start(delivered, report).await?;
        let mut command = self.command(environment::of(self, server.address));
        let began = Instant::now();
        let mut process = command.spawn()?;
        let log = Log::of(&mut process);
        let first = tokio::select! {
            biased;
            report = reports.recv() => report,
            status = process.wait() => {
                return Err(StartError::Ended { status: status?, log: log.complete().await });
            }
            () = tokio::time::sleep(START_LIMIT) => return Err(StartError::TimedOut(log.text())),
        };
        match first {
            Some(Report {
                told: Told::Ready,
                at,
            }) => Ok(Instance {
                function: self.clone(),
                process,
                log,
                deliveries,
                reports,
                server,
                started_after: at - began,
                invocations: 0,
            }),
            Some(Report {
                told: Told::NoStart(error),
                ..
            }) => Err(StartError::Reported {
                error,
                log: log.text(),
            }),
            _ => Err(StartError::TimedOut(log.text())),
        }
    }

    fn command(&self, variables: BTreeMap<String, String>) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

impl Instance {
    /// From the start of the process to its first question for an event.
    #[must_use]
    pub fn started_after(&self) -> Duration {
        self.started_after
    }

    /// What the process wrote so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// The most memory that the process has held so far, in bytes: `VmHWM`, which only Linux tells.
    #[must_use]
    pub fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()?)).ok()?;
        peak_of(&status)
    }

    /// Hands the function an event, and waits until it has answered and asks for the next one.
    ///
    /// # Errors
    /// [`InvokeError`]; only after [`InvokeError::Failed`] can the instance be invoked again.
    pub async fn invoke(&mut self, event: &Value) -> Result<Invocation, InvokeError> {
        self.invocations += 1;
        let id = format!("00000000-0000-4000-8000-{:012x}", self.invocations);
        let delivery = Delivery {
            id: id.clone(),
            event: Bytes::from(event.to_string()),
            deadline: deadline(self.function.timeout),
            arn: self.function.arn.clone(),
        };
        let began = Instant::now();
        // Without a receiver the process is gone, which the wait below tells.
        let _ = self.deliveries.send(delivery).await;
        let answer = self.report().await?;
        let took = answer.at - began;
        let ready = self.report().await?;
        if ready.told != Told::Ready {
            return Err(unexpected(&ready.told));
        }
        match answer.told {
            Told::Answer(of, body) if of == id => Ok(Invocation {
                request_id: id,
                answer: serde_json::from_slice(&body)
                    .map_err(|error| InvokeError::Unusable(error.to_string()))?,
                took,
            }),
            Told::Failure(of, error) if of == id => Err(error.into()),
            told => Err(unexpected(&told)),
        }
    }

    async fn report(&mut self) -> Result<Report, InvokeError> {
        tokio::select! {
            biased;
            Some(report) = self.reports.recv() => Ok(report),
            status = self.process.wait() => Err(InvokeError::Ended(status?)),
            () = tokio::time::sleep(self.function.timeout) => Err(InvokeError::TimedOut),
        }
    }

    /// Ends the process as gently as it goes: its connection is closed, upon which a function's runtime gives up. Gives
    /// back all that it wrote.
    pub async fn end(self) -> String {
        let Self {
            mut process,
            log,
            server,
            ..
        } = self;
        drop(server);
        if tokio::time::timeout(END_LIMIT, process.wait()).await.is_err() {
            // It may have ended just now.
            let _ = process.kill().await;
        }
        log.complete().await
    }
}

fn unexpected(told: &Told) -> InvokeError {
    let told = match told {
        Told::Ready => "a question for the next event came instead of it",
        Told::Answer(..) | Told::Failure(..) => "it belongs to another invocation",
        Told::NoStart(_) => "the function says that it cannot start",
    };
    InvokeError::Unusable(told.to_owned())
}

fn deadline(limit: Duration) -> u128 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (now + limit).as_millis()
}

/// The peak in the kernel's account of a process, in bytes.
fn peak_of(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// What a process writes, on both of its outputs.
struct Log {
    text: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Log {
    fn of(process: &mut Child) -> Self {
        let text = Arc::default();
        let output = process
            .stdout
            .take()
            .map(|pipe| tokio::spawn(copy(pipe, Arc::clone(&text))));
        let errors = process
            .stderr
            .take()
            .map(|pipe| tokio::spawn(copy(pipe, Arc::clone(&text))));
        Self {
            text,
            readers: output.into_iter().chain(errors).collect(),
        }
    }

    fn text(&self) -> String {
        lock(&self.text).clone()
    }

    /// All of it, once the process has ended.
    async fn complete(self) -> String {
        for reader in self.readers {
            // A reader that cannot go on has read what there is.
            let _ = reader.await;
        }
        lock(&self.text).clone()
    }
}

async fn copy(pipe: impl AsyncRead + Unpin, into: Arc<Mutex<String>>) {
    let mut lines = BufReader::new(pipe).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut text = lock(&into);
        text.push_str(&line);
        text.push('\n');
    }
}

/// The text stays readable if a thread panicked while it held it.
fn lock(text: &Mutex<String>) -> std::sync::MutexGuard<'_, String> {
    text.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_of_memory_is_read_from_the_kernels_account() {
        let status = "Name:\tsessions\nVmPeak:\t  20480 kB\nVmHWM:\t    9216 kB\nVmRSS:\t    8192 kB\n";
        assert_eq!(peak_of(status), Some(9216 * 1024));
        assert_eq!(peak_of("Name:\tsessions\n"), None);
    }

    /// A function written in shell, which is told by its environment where to ask.
    fn shell(script: &str) -> Function {
        Function {
            program: "/bin/sh".into(),
            arguments: vec!["-c".into(), script.into()],
            name: "shell".into(),
            arn: "arn:aws:lambda:us-east-1:000000000000:function:shell".into(),
            memory: 128,
            timeout: Duration::from_secs(1),
            log_group: "/shell".into(),
            variables: BTreeMap::new(),
        }
    }

    #[tokio::test]
    async fn a_process_that_ends_before_its_first_event_has_not_started_and_its_words_are_kept() {
        let started = shell("echo no table >&2; exit 3").start().await;
        let Err(StartError::Ended { status, log }) = started else {
            panic!("it started")
        };
        assert_eq!((status.code(), log.trim()), (Some(3), "no table"));
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_an_error() {
        let mut function = shell("");
        function.program = "/no/such/program".into();
        assert!(matches!(function.start().await, Err(StartError::NotRun(_))));
    }

    #[tokio::test]
    async fn the_environment_holds_what_lambda_sets_and_nothing_else() {
        let mut function = shell("env; exit 1");
        function
            .variables
            .insert("TABLE_NAME".into(), "apartments".into());
        let Err(StartError::Ended { log, .. }) = function.start().await else {
            panic!("it started")
        };
        assert!(log.contains("TABLE_NAME=apartments\n") && log.contains("AWS_LAMBDA_FUNCTION_NAME=shell\n"));
        assert!(!log.contains("CARGO"), "{log}");
    }
}
