//! What everything in a system stands on: its clock, its access keys, and what it counts and allows.

use std::io;
use std::path::Path;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use runtime::{Clock, Environment, Runtime};

use super::{Addresses, OPERATOR_KEY};
use crate::clock::MovableClock;
use crate::cost::Ledger;
use crate::iam::Authority;
use crate::lambda::marking_client;
use crate::template::{REGION, Template};
use crate::wire::Principal;
use crate::wire::faults::Faults;
use crate::wire::server;
use crate::wire::signature::Keys;

/// What everything stands on.
pub(super) struct Foundation {
    pub(super) clock: Arc<MovableClock>,
    pub(super) authority: Arc<Authority>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) faults: Arc<Faults>,
    pub(super) keys: Keys,
    /// The variables that point the clients of AWS to this machine.
    endpoints: [(&'static str, String); 5],
    http: SharedHttpClient,
}

impl Foundation {
    pub(super) fn lay(
        template: &Template,
        addresses: &Addresses,
        directory: Option<&Path>,
    ) -> io::Result<Self> {
        let functions = template.functions.iter();
        let statements = functions.map(|(id, function)| (id.clone(), function.statements.clone()));
        Ok(Self {
            clock: Arc::new(MovableClock::open(directory)?),
            authority: Arc::new(Authority::new(statements.collect())),
            ledger: Arc::default(),
            faults: Arc::default(),
            keys: Keys::default(),
            endpoints: [
                (
                    "AWS_ENDPOINT_URL_DYNAMODB",
                    format!("http://{}", addresses.dynamodb),
                ),
                (
                    "AWS_ENDPOINT_URL_EVENTBRIDGE",
                    format!("http://{}", addresses.eventbridge),
                ),
                ("AWS_ENDPOINT_URL_S3", format!("http://{}", addresses.s3)),
                ("AWS_ENDPOINT_URL_SESV2", format!("http://{}", addresses.ses)),
                (
                    "AWS_ENDPOINT_URL_TEXTRACT",
                    format!("http://{}", addresses.textract),
                ),
            ],
            http: marking_client(),
        })
    }

    /// The clock, as functions and stand-ins ask for the time.
    pub(super) fn clock(&self) -> Clock {
        let clock = Arc::clone(&self.clock);
        Clock::from_fn(move || clock.now())
    }

    /// What the servers of the stand-ins share.
    pub(super) fn server_context(&self) -> server::Context {
        server::Context {
            keys: self.keys.clone(),
            authority: Arc::clone(&self.authority),
            faults: Arc::clone(&self.faults),
            ledger: Arc::clone(&self.ledger),
        }
    }

    /// The operator's runtime. Its environment names the first table.
    pub(super) fn operator(&self, template: &Template) -> Runtime {
        let table = template
            .tables
            .first()
            .map(|table| ("TABLE_NAME", table.name.clone()));
        self.runtime(Principal::Operator, OPERATOR_KEY, OPERATOR_KEY, table)
    }

    /// The runtime of a principal, which from now on is known by this access key.
    pub(super) fn runtime<K, V>(
        &self,
        principal: Principal,
        key: &str,
        secret: &str,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Runtime
    where
        K: Into<String>,
        V: Into<String>,
    {
        self.keys.add(key, secret, principal);
        let own = variables
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        let given = [
            ("AWS_ACCESS_KEY_ID", key.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", secret.to_owned()),
            ("AWS_REGION", REGION.to_owned()),
        ];
        let given = given.into_iter().chain(self.endpoints.iter().cloned());
        let all = own.chain(given.map(|(name, value)| (name.to_owned(), value)));
        Runtime::new(Environment::from_iter(all), self.clock(), self.http.clone())
    }
}
