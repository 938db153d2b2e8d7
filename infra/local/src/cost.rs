//! What each invocation cost: AWS calls made and capacity units consumed, attributed to the function and the route.
//!
//! The function's HTTP client marks each call with the invocation it belongs to ([`INVOCATION_HEADER`], unsigned); the
//! stand-ins enter what they consumed into the [`Ledger`].

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Mutex;

use serde::Serialize;

/// The header that carries an invocation's id from a function's client to a stand-in.
pub const INVOCATION_HEADER: &str = "x-local-invocation";

tokio::task_local! {
    /// The invocation that the current task works for.
    pub static INVOCATION: String;
}

/// What was consumed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Cost {
    /// Calls to AWS services (Stripe's are not among them).
    pub calls: u32,
    /// Read capacity units.
    pub rcu: f64,
    /// Write capacity units.
    pub wcu: f64,
}

impl Cost {
    /// One call, with what it consumed.
    #[must_use]
    pub fn call(rcu: f64, wcu: f64) -> Self {
        Self { calls: 1, rcu, wcu }
    }

    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.rcu += other.rcu;
        self.wcu += other.wcu;
    }
}

/// The value of the `x-cost` header.
impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "calls={}; rcu={}; wcu={}", self.calls, self.rcu, self.wcu)
    }
}

/// What a route or a trigger has cost so far.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Total {
    /// Invocations.
    pub invocations: u32,
    /// The dearest single invocation, figure by figure.
    pub highest: Cost,
    /// All of them together.
    pub sum: Cost,
}

/// All costs since the start.
#[derive(Default)]
pub struct Ledger {
    open: Mutex<HashMap<String, Cost>>,
    totals: Mutex<BTreeMap<String, Total>>,
}

impl Ledger {
    /// Adds what a call consumed to its invocation; a call outside any invocation is not counted.
    pub fn enter(&self, invocation: Option<&str>, cost: Cost) {
        let Some(invocation) = invocation else { return };
        lock(&self.open)
            .entry(invocation.to_owned())
            .or_default()
            .add(cost);
    }

    /// Ends an invocation: what it cost, now also part of `name`'s total (`GET /api/auth/me`, or a function's id).
    pub fn close(&self, invocation: &str, name: &str) -> Cost {
        let cost = lock(&self.open).remove(invocation).unwrap_or_default();
        let mut totals = lock(&self.totals);
        let total = totals.entry(name.to_owned()).or_default();
        total.invocations += 1;
        total.sum.add(cost);
        total.highest = Cost {
            calls: total.highest.calls.max(cost.calls),
            rcu: total.highest.rcu.max(cost.rcu),
            wcu: total.highest.wcu.max(cost.wcu),
        };
        cost
    }

    /// The totals so far, by name.
    pub fn totals(&self) -> BTreeMap<String, Total> {
        lock(&self.totals).clone()
    }
}

/// The figures stay usable if a thread panicked while it held them.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
