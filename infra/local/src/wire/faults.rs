//! Faults on demand: a stand-in fails as the real service may, at the call that a test or a person chose.

use std::collections::BTreeMap;
use std::future::{Future, pending};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::Principal;

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// The service asks to slow down. Nothing happened.
    Throttle,
    /// The service answers with an internal error. Nothing happened.
    InternalError,
    /// The service never answers. Nothing happened.
    TimeOut,
    /// The service did what it was asked, but the connection is lost before the answer.
    AnswerLost,
    /// The function's process ends as it makes the call. Nothing happened.
    DeathBefore,
    /// The service did what it was asked, but the function's process ends before the answer.
    DeathAfter,
}

/// A fault that waits for its call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// The service: `dynamodb`, `s3`, `ses`, `events`, `textract`, `stripe`, `rentcast`; empty for every service.
    pub service: String,
    /// A part of the operation's name, such as `PutItem` or `POST /v1/checkout/sessions`; empty for every operation.
    #[serde(default)]
    pub operation: String,
    /// The caller: a function's logical id; everybody unless given.
    #[serde(default)]
    pub principal: Option<String>,
    /// How the call fails.
    pub kind: Kind,
    /// How many matching calls are let pass first.
    #[serde(default)]
    pub after: u32,
    /// How many matching calls then fail.
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// A fault of the next call of `operation`.
    #[must_use]
    pub fn of(service: &str, operation: &str, kind: Kind) -> Self {
        Self {
            service: service.into(),
            operation: operation.into(),
            principal: None,
            kind,
            after: 0,
            times: once(),
        }
    }

    fn matches(&self, boundary: &Boundary) -> bool {
        (self.service.is_empty() || self.service == boundary.service)
            && boundary.operation.contains(&self.operation)
            && self
                .principal
                .as_ref()
                .is_none_or(|principal| *principal == boundary.principal)
    }
}

/// A place where a function meets the outside: whose call of which operation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Boundary {
    /// The caller: a function's logical id, `operator` or `anonymous`.
    pub principal: String,
    /// The service.
    pub service: String,
    /// The operation.
    pub operation: String,
}

/// The faults that are armed, and the boundaries that calls have crossed.
#[derive(Debug, Default)]
pub struct Faults {
    armed: Mutex<Vec<Fault>>,
    crossed: Mutex<BTreeMap<Boundary, u64>>,
    /// How often each function's processes were ended.
    deaths: watch::Sender<BTreeMap<String, u64>>,
}

impl Faults {
    /// Arms a fault. Where several match a call, the one armed first takes it.
    pub fn arm(&self, fault: Fault) {
        lock(&self.armed).push(fault);
    }

    /// Disarms all.
    pub fn clear(&self) {
        lock(&self.armed).clear();
    }

    /// What is still armed.
    #[must_use]
    pub fn armed(&self) -> Vec<Fault> {
        lock(&self.armed).clone()
    }

    /// Every boundary crossed since the start, and how often.
    #[must_use]
    pub fn boundaries(&self) -> BTreeMap<Boundary, u64> {
        lock(&self.crossed).clone()
    }

    /// A call crosses a boundary: how it fails, if it does.
    pub fn cross(&self, principal: &Principal, service: &str, operation: &str) -> Option<Kind> {
        let boundary = Boundary {
            principal: principal.to_string(),
            service: service.to_owned(),
            operation: operation.to_owned(),
        };
        let fault = self.strike(&boundary);
        *lock(&self.crossed).entry(boundary).or_default() += 1;
        fault
    }

    /// Ends the processes of a function: all of its invocations that are at work.
    pub fn end(&self, principal: &Principal) {
        self.deaths
            .send_modify(|deaths| *deaths.entry(principal.to_string()).or_default() += 1);
    }

    /// The end of a function's processes that are at work now: comes to be if they are ended.
    pub fn death_of(&self, function: &str) -> impl Future<Output = ()> + Send + 'static {
        let function = function.to_owned();
        let times = move |deaths: &BTreeMap<String, u64>| deaths.get(&function).copied().unwrap_or_default();
        let mut deaths = self.deaths.subscribe();
        let before = times(&deaths.borrow());
        async move {
            if deaths.wait_for(|deaths| times(deaths) > before).await.is_err() {
                pending::<()>().await;
            }
        }
    }

    fn strike(&self, boundary: &Boundary) -> Option<Kind> {
        let mut armed = lock(&self.armed);
        let matching = armed
            .iter_mut()
            .filter(|fault| fault.times > 0 && fault.matches(boundary));
        let mut struck = None;
        for fault in matching {
            if fault.after > 0 {
                fault.after -= 1;
            } else {
                fault.times -= 1;
                struck = Some(fault.kind);
                break;
            }
        }
        armed.retain(|fault| fault.times > 0);
        struck
    }
}

/// The lists stay usable if a thread panicked while it held them.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkout() -> Principal {
        Principal::Function("CheckoutFunction".into())
    }

    fn crossings(faults: &Faults, operation: &str, times: usize) -> Vec<Option<Kind>> {
        (0..times)
            .map(|_| faults.cross(&checkout(), "dynamodb", operation))
            .collect()
    }

    #[test]
    fn a_fault_lets_calls_pass_then_strikes_as_often_as_it_was_told() {
        let faults = Faults::default();
        faults.arm(Fault {
            after: 1,
            times: 2,
            ..Fault::of("dynamodb", "PutItem", Kind::Throttle)
        });
        assert_eq!(crossings(&faults, "GetItem", 1), [None]);
        assert_eq!(
            crossings(&faults, "PutItem", 4),
            [None, Some(Kind::Throttle), Some(Kind::Throttle), None]
        );
        assert!(faults.armed().is_empty());
    }

    #[test]
    fn a_fault_of_every_service_counts_the_calls_of_all() {
        let faults = Faults::default();
        faults.arm(Fault {
            after: 2,
            times: u32::MAX,
            ..Fault::of("", "", Kind::InternalError)
        });
        let cross = |service| faults.cross(&checkout(), service, "any");
        assert_eq!((cross("dynamodb"), cross("stripe")), (None, None));
        assert_eq!(
            (cross("stripe"), cross("dynamodb")),
            (Some(Kind::InternalError), Some(Kind::InternalError))
        );
    }

    #[test]
    fn a_fault_for_one_caller_spares_the_others() {
        let faults = Faults::default();
        let fault = Fault {
            principal: Some("AccessFunction".into()),
            ..Fault::of("dynamodb", "", Kind::TimeOut)
        };
        faults.arm(fault);
        assert_eq!(crossings(&faults, "GetItem", 1), [None]);
        let access = Principal::Function("AccessFunction".into());
        assert_eq!(faults.cross(&access, "dynamodb", "GetItem"), Some(Kind::TimeOut));
    }

    #[test]
    fn faults_armed_one_after_the_other_strike_in_that_order() {
        let faults = Faults::default();
        faults.arm(Fault::of("dynamodb", "PutItem", Kind::Throttle));
        faults.arm(Fault::of("dynamodb", "PutItem", Kind::AnswerLost));
        assert_eq!(
            crossings(&faults, "PutItem", 3),
            [Some(Kind::Throttle), Some(Kind::AnswerLost), None]
        );
    }

    #[test]
    fn every_boundary_is_counted_whether_it_failed_or_not() {
        let faults = Faults::default();
        faults.arm(Fault::of("dynamodb", "PutItem", Kind::Throttle));
        crossings(&faults, "PutItem", 3);
        let boundaries: Vec<_> = faults.boundaries().into_iter().collect();
        assert_eq!(boundaries.len(), 1);
        assert_eq!(boundaries[0].0.principal, "CheckoutFunction");
        assert_eq!(boundaries[0].1, 3);
    }

    #[tokio::test]
    async fn a_death_is_that_of_the_processes_that_are_at_work() {
        let faults = Faults::default();
        let (of_checkout, of_another) = (
            faults.death_of("CheckoutFunction"),
            faults.death_of("AccessFunction"),
        );
        faults.end(&checkout());
        of_checkout.await;
        let later = faults.death_of("CheckoutFunction");
        tokio::select! {
            biased;
            () = later => panic!("it began later"),
            () = of_another => panic!("it is another"),
            () = std::future::ready(()) => {}
        }
    }

    #[test]
    fn a_fault_is_read_from_json_and_an_unknown_field_is_refused() {
        let fault: Fault = serde_json::from_str(r#"{"service":"ses","kind":"answerLost"}"#).unwrap();
        assert_eq!(fault, Fault::of("ses", "", Kind::AnswerLost));
        assert!(serde_json::from_str::<Fault>(r#"{"service":"ses","kind":"throttle","time":1}"#).is_err());
    }
}
