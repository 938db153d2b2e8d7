//! The way to Stripe.

use std::time::Duration;

use runtime::{ConfigError, Runtime};
use stripe::{Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError, StripeRequest};

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
#[derive(Debug, thiserror::Error)]
pub enum StripeFailure {
    /// Stripe refuses this request, and would again.
    #[error("Stripe refuses the request: {0}")]
    Refused(String),
    /// Stripe could not be reached or would not do it now; whether it was done is unknown, and the same idempotency key
    /// finds out.
    #[error("Stripe does not answer: {0}")]
    Unavailable(String),
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

    /// Sends `request` under `key`, which names the action: however often it is sent, Stripe does it once.
    pub(crate) async fn send<R>(&self, request: R, key: &str) -> Result<R::Output, StripeFailure>
    where
        R: StripeRequest,
        R::Output: miniserde::Deserialize,
    {
        let key = IdempotencyKey::new(key).map_err(|error| StripeFailure::Refused(error.to_string()))?;
        let mut wait = FIRST_WAIT;
        for attempt in 1.. {
            let strategy = RequestStrategy::Idempotent(key.clone());
            match request
                .customize()
                .request_strategy(strategy)
                .send(&self.client)
                .await
            {
                Ok(answer) => return Ok(answer),
                Err(error) => match failure(error) {
                    StripeFailure::Unavailable(reason) if attempt < ATTEMPTS => {
                        tracing::warn!(attempt, reason, "Stripe did not answer; trying again");
                    }
                    failure => return Err(failure),
                },
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        Err(StripeFailure::Unavailable("no attempt was made".to_owned()))
    }
}

/// What a failed attempt means. Stripe's own texts stay out: they may repeat what a buyer typed.
fn failure(error: StripeError) -> StripeFailure {
    match error {
        StripeError::Stripe(error, status) => {
            let code = error
                .code
                .map_or_else(|| error.type_.to_string(), |code| code.to_string());
            let what = format!("{status} {code}");
            // 409: the same key is at work in another attempt; 429: too fast (https://docs.stripe.com/error-low-level).
            if matches!(status, 409 | 424 | 429 | 500..) {
                StripeFailure::Unavailable(what)
            } else {
                StripeFailure::Refused(what)
            }
        }
        StripeError::Timeout => StripeFailure::Unavailable("no answer in time".to_owned()),
        StripeError::ClientError(_) => StripeFailure::Unavailable("no connection".to_owned()),
        StripeError::JSONDeserialize(reason) => {
            StripeFailure::Refused(format!("an answer we cannot read: {reason}"))
        }
        StripeError::ConfigError(_) => StripeFailure::Refused("the client is not configured".to_owned()),
    }
}
