//! The way to Stripe.

use std::time::Duration;

use miniserde::json::Value;
use runtime::{ConfigError, Runtime};
use serde::de::DeserializeOwned;
use stripe::{Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError, StripeRequest};
use stripe_client_core::RequestBuilder;

/// Time for one attempt. Stripe answers in a few hundred milliseconds; three attempts fit into the 25 seconds that the function has.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(6);
/// Attempts for one action, the first included.
const ATTEMPTS: u32 = 3;
/// The wait before the second attempt; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// Stripe's API, under our secret key.
#[derive(Clone, Debug)]
pub struct Stripe {
    client: Client,
}

/// Stripe did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StripeFailure {
    /// Stripe refuses this request, and would again.
    #[error("Stripe refuses the request: {status} {code}")]
    Refused {
        /// The HTTP status of its answer.
        status: u16,
        /// Stripe's own code (<https://docs.stripe.com/error-codes>), or the kind of the error.
        code: String,
    },
    /// Stripe answers what we cannot read, or we ask what cannot be asked.
    #[error("Stripe cannot be talked to like this: {0}")]
    Unusable(String),
    /// Stripe could not be reached or would not do it now; whether it was done is unknown, and the same idempotency key
    /// finds out.
    #[error("Stripe does not answer: {0}")]
    Unavailable(String),
}

impl StripeFailure {
    /// Whether Stripe refuses with this code.
    #[must_use]
    pub fn is(&self, wanted: &str) -> bool {
        matches!(self, Self::Refused { code, .. } if code == wanted)
    }

    /// Whether there is no such thing at Stripe, or no longer.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. }) || self.is("resource_missing")
    }

    /// Whether the buyer's card does not pay.
    #[must_use]
    pub fn is_unpaid(&self) -> bool {
        matches!(self, Self::Refused { status: 402, .. })
    }
}

impl Stripe {
    /// Stripe at `STRIPE_API_URL`, with `STRIPE_SECRET_KEY`.
    ///
    /// # Errors
    /// [`ConfigError`] if one of them is missing or unusable.
    pub fn new(runtime: &Runtime) -> Result<Self, ConfigError> {
        let environment = &runtime.environment;
        let client = ClientBuilder::new(environment.required("STRIPE_SECRET_KEY")?)
            .url(environment.required("STRIPE_API_URL")?)
            .timeout(ATTEMPT_TIMEOUT)
            .build()
            // The message may repeat a part of the key.
            .map_err(|_| ConfigError::Invalid {
                name: "STRIPE_SECRET_KEY or STRIPE_API_URL".to_owned(),
                reason: "a secret key and the API's base URL were expected".to_owned(),
            })?;
        Ok(Self { client })
    }

    /// Sends `request` under `key`, which names the action: however often it is sent, Stripe does it once. The answer is
    /// read by our own small structures, the same that read Stripe's events.
    pub(crate) async fn act<T>(&self, request: &impl StripeRequest, key: &str) -> Result<T, StripeFailure>
    where
        T: DeserializeOwned,
    {
        let key = IdempotencyKey::new(key).map_err(|error| StripeFailure::Unusable(error.to_string()))?;
        self.send(|| request.build(), &RequestStrategy::Idempotent(key))
            .await
    }

    /// Sends `request`, which changes nothing.
    pub(crate) async fn ask<T>(&self, request: impl Fn() -> RequestBuilder) -> Result<T, StripeFailure>
    where
        T: DeserializeOwned,
    {
        self.send(request, &RequestStrategy::Once).await
    }

    async fn send<T>(
        &self,
        request: impl Fn() -> RequestBuilder,
        strategy: &RequestStrategy,
    ) -> Result<T, StripeFailure>
    where
        T: DeserializeOwned,
    {
        let mut wait = FIRST_WAIT;
        let mut attempt = 1;
        loop {
            let request = request().customize::<Value>().request_strategy(strategy.clone());
            match request.send(&self.client).await.map_err(failure) {
                Ok(answer) => return read(&answer),
                Err(StripeFailure::Unavailable(reason)) if attempt < ATTEMPTS => {
                    tracing::warn!(attempt, reason, "Stripe did not answer; trying again");
                }
                Err(failure) => return Err(failure),
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
            attempt += 1;
        }
    }
}

/// An answer of Stripe's. async-stripe reads with miniserde, whose values know no structures of serde's; the text between
/// the two is a few kilobytes.
fn read<T: DeserializeOwned>(answer: &Value) -> Result<T, StripeFailure> {
    serde_json::from_str(&miniserde::json::to_string(answer))
        .map_err(|error| StripeFailure::Unusable(format!("an answer we cannot read: {error}")))
}

/// What a failed attempt means. Stripe's own texts stay out: they may repeat what a buyer typed.
fn failure(error: StripeError) -> StripeFailure {
    match error {
        StripeError::Stripe(error, status) => {
            let code = error
                .code
                .map_or_else(|| error.type_.to_string(), |code| code.to_string());
            // 409: the same key is at work in another attempt; 429: too fast (https://docs.stripe.com/error-low-level).
            if matches!(status, 409 | 424 | 429 | 500..) {
                StripeFailure::Unavailable(format!("{status} {code}"))
            } else {
                StripeFailure::Refused { status, code }
            }
        }
        StripeError::Timeout => StripeFailure::Unavailable("no answer in time".to_owned()),
        StripeError::ClientError(_) => StripeFailure::Unavailable("no connection".to_owned()),
        StripeError::JSONDeserialize(reason) => {
            StripeFailure::Unusable(format!("an answer we cannot read: {reason}"))
        }
        StripeError::ConfigError(_) => StripeFailure::Unusable("the client is not configured".to_owned()),
    }
}
