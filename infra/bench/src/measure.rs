//! Starts each program many times, and invokes it.

use serde_json::Value;

use crate::BenchError;
use crate::statistics::Sample;
use crate::subject::Subject;
use crate::world::World;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Amount {
    /// Starts of each program.
    starts: u32,
    /// Warm invocations in each of them.
    warm: u32,
}

impl Amount {
    pub(crate) const QUICK: Self = Self { starts: 7, warm: 20 };
    pub(crate) const WHOLE: Self = Self { starts: 40, warm: 50 };
}

/// What was measured of a program. Times are in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) subject: Subject,
    /// From the start of the process to its first question for an event.
    pub(crate) start: Sample,
    /// The first invocation of a process.
    pub(crate) first: Sample,
    /// The others.
    pub(crate) warm: Sample,
    /// The most memory that a process held, in bytes.
    pub(crate) memory: Sample,
    /// What it answered, at last or when it first refused.
    pub(crate) answer: Value,
}

/// What one process showed.
struct Life {
    start: f64,
    first: f64,
    warm: Vec<f64>,
    memory: Option<u64>,
    answer: Value,
}

/// Measures all of them in turns, so that whatever else the machine does at a time meets them all alike.
pub(crate) async fn measure(
    subjects: Vec<Subject>,
    amount: Amount,
    world: &World,
) -> Result<Vec<Measured>, BenchError> {
    let mut count = 0;
    let mut lives: Vec<Vec<Life>> = subjects.iter().map(|_| Vec::new()).collect();
    // The first start of each reads its program from the disk, and does not count.
    for round in 0..=amount.starts {
        for (subject, lives) in subjects.iter().zip(&mut lives) {
            let life = live(subject, amount.warm, world, &mut count).await?;
            if round > 0 {
                lives.push(life);
            }
        }
    }
    let measured = subjects.into_iter().zip(lives);
    Ok(measured
        .map(|(subject, lives)| summed_up(subject, &lives))
        .collect())
}

async fn live(subject: &Subject, warm: u32, world: &World, count: &mut u32) -> Result<Life, BenchError> {
    let lost = |error| BenchError::Invoke(subject.name.clone(), error);
    let mut news = || {
        *count += 1;
        world.event(&subject.payload, *count)
    };
    let started = subject.function.start().await;
    let mut instance = started.map_err(|error| BenchError::Start(subject.name.clone(), error))?;
    let first = instance.invoke(&news()?).await.map_err(lost)?;
    let mut life = Life {
        start: millis(instance.started_after()),
        first: millis(first.took),
        warm: Vec::new(),
        memory: None,
        answer: first.answer,
    };
    for _ in 0..warm {
        let invocation = instance.invoke(&news()?).await.map_err(lost)?;
        life.warm.push(millis(invocation.took));
        if tells_of_success(&life.answer) {
            life.answer = invocation.answer;
        }
    }
    life.memory = instance.peak_memory();
    instance.end().await;
    Ok(life)
}

/// Whether an answer, of a route or of a job, tells of success: a refusal is quickly given, and measures nothing.
pub(crate) fn tells_of_success(answer: &Value) -> bool {
    let refused = answer["statusCode"].as_u64().is_some_and(|status| status >= 400);
    let failures = answer["batchItemFailures"].as_array();
    !refused && failures.is_none_or(Vec::is_empty)
}

fn millis(duration: std::time::Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn summed_up(subject: Subject, lives: &[Life]) -> Measured {
    #[expect(clippy::cast_precision_loss, reason = "no process holds petabytes")]
    let memory = lives.iter().filter_map(|life| Some(life.memory? as f64));
    let mut answers = lives.iter().map(|life| &life.answer);
    Measured {
        start: lives.iter().map(|life| life.start).collect(),
        first: lives.iter().map(|life| life.first).collect(),
        warm: lives.iter().flat_map(|life| life.warm.iter().copied()).collect(),
        memory: memory.collect(),
        answer: answers
            .clone()
            .find(|answer| !tells_of_success(answer))
            .or_else(|| answers.next_back())
            .cloned()
            .unwrap_or_default(),
        subject,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_refusal_and_a_batch_that_is_not_done_are_no_success() {
        assert!(tells_of_success(&json!({ "statusCode": 200 })));
        assert!(tells_of_success(&json!({ "batchItemFailures": [] })));
        assert!(tells_of_success(&Value::Null));
        assert!(!tells_of_success(&json!({ "statusCode": 404 })));
        let failure = json!({ "itemIdentifier": "1" });
        assert!(!tells_of_success(&json!({ "batchItemFailures": [failure] })));
    }
}
