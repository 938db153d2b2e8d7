//! The jobs: what each was asked, how it ended, and what it found. In a data directory each job is a file, and what it
//! found another, so that a process that is killed loses no job that was answered for; the next one starts it again.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::request::StartDocumentAnalysis;
use crate::triggers::queues::replace_file;

/// How long results are kept.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// It is under way.
    InProgress,
    /// All pages were read.
    Succeeded,
    /// Nothing was read.
    Failed,
    /// Some pages were read.
    PartialSuccess,
}

impl Status {
    /// The name that Textract gives it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::PartialSuccess => "PARTIAL_SUCCESS",
        }
    }
}

/// A job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) request: StartDocumentAnalysis,
    pub(super) started: Timestamp,
    pub(super) status: Status,
    /// Why it failed.
    pub(super) message: Option<String>,
    pub(super) pages: usize,
    /// Whether its end was told, or need not be.
    pub(super) told: bool,
}

/// What a request with a token that was used before asks for.
pub(super) enum Repeated {
    /// The same.
    Same(String),
    /// Something else.
    Different,
}

/// Jobs by their ids, each with what it found.
type Kept = BTreeMap<String, (Job, Arc<Vec<Value>>)>;

/// All jobs.
pub(super) struct Jobs {
    directory: Option<PathBuf>,
    state: Mutex<Kept>,
}

impl Jobs {
    pub(super) fn open(directory: Option<&Path>, now: Timestamp) -> io::Result<Self> {
        let directory = directory.map(|directory| directory.join("textract"));
        let mut state = Kept::new();
        if let Some(directory) = &directory {
            std::fs::create_dir_all(directory)?;
            for entry in std::fs::read_dir(directory)? {
                let path = entry?.path();
                if path.extension().is_none_or(|extension| extension != "job") {
                    continue;
                }
                let job: Job = serde_json::from_slice(&std::fs::read(&path)?)?;
                let found = path.with_extension("blocks");
                if expired(&job, now) {
                    let _ = std::fs::remove_file(&found);
                    std::fs::remove_file(&path)?;
                    continue;
                }
                let blocks = match std::fs::read(found) {
                    Ok(blocks) => serde_json::from_slice(&blocks)?,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
                    Err(error) => return Err(error),
                };
                state.insert(job.id.clone(), (job, Arc::new(blocks)));
            }
        }
        Ok(Self {
            directory,
            state: Mutex::new(state),
        })
    }

    /// What the token was used for before, if it was.
    pub(super) fn repeated(&self, request: &StartDocumentAnalysis) -> Option<Repeated> {
        let token = request.client_request_token.as_ref()?;
        let state = self.lock();
        let (before, _) = state
            .values()
            .find(|(job, _)| job.request.client_request_token.as_ref() == Some(token))?;
        Some(if before.request == *request {
            Repeated::Same(before.id.clone())
        } else {
            Repeated::Different
        })
    }

    /// Takes a job on. When this returns, it outlives the process.
    pub(super) fn add(&self, job: Job) -> io::Result<()> {
        self.keep(job, Arc::default())
    }

    /// Enters how a job ended, and what it found.
    pub(super) fn finish(&self, job: Job, blocks: Vec<Value>) -> io::Result<()> {
        if let Some(directory) = &self.directory {
            let file = directory.join(&job.id).with_extension("blocks");
            replace_file(&file, &serde_json::to_vec(&blocks)?)?;
        }
        self.keep(job, Arc::new(blocks))
    }

    /// Enters that a job's end was told.
    pub(super) fn tell(&self, id: &str) -> io::Result<()> {
        let Some((mut job, blocks)) = self.lock().get(id).cloned() else {
            return Ok(());
        };
        job.told = true;
        self.keep(job, blocks)
    }

    fn keep(&self, job: Job, blocks: Arc<Vec<Value>>) -> io::Result<()> {
        if let Some(directory) = &self.directory {
            let file = directory.join(&job.id).with_extension("job");
            replace_file(&file, &serde_json::to_vec(&job)?)?;
        }
        self.lock().insert(job.id.clone(), (job, blocks));
        Ok(())
    }

    /// A job whose results are still kept.
    pub(super) fn get(&self, id: &str, now: Timestamp) -> Option<(Job, Arc<Vec<Value>>)> {
        self.lock().get(id).filter(|(job, _)| !expired(job, now)).cloned()
    }

    /// The jobs that are under way, or whose end was not told.
    pub(super) fn unfinished(&self) -> Vec<Job> {
        self.lock()
            .values()
            .map(|(job, _)| job)
            .filter(|job| job.status == Status::InProgress || !job.told)
            .cloned()
            .collect()
    }

    /// The jobs stay usable if a thread panicked while it held them.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn expired(job: &Job, now: Timestamp) -> bool {
    now.duration_since(job.started) > WEEK
}
