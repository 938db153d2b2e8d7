//! [`Runtime`]: what a function is built from, the same on Lambda and in the local system.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::{Clock, ConfigError, Environment};

/// The roots that AWS's endpoints are certified by (<https://www.amazontrust.com/repository/>). The system's hundred and
/// more would be read and parsed at every start, to trust others than the ones that we call.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");
/// Time to reach a service's endpoint; inside one region this takes single milliseconds.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Time for one attempt. DynamoDB and EventBridge answer in tens of milliseconds; a hung connection is given up early
/// enough that the retry still fits into the function's own time limit.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
/// Attempts for one call, the first included.
const ATTEMPTS: u32 = 3;

/// What a function is built from: its variables, the time, and the way to the network.
#[derive(Clone)]
pub struct Runtime {
    /// The function's variables.
    pub environment: Environment,
    /// The time.
    pub clock: Clock,
    http: SharedHttpClient,
}

impl Runtime {
    /// The runtime of this process on Lambda. Its way to the network leads to AWS alone: it trusts no other's certificate.
    #[must_use]
    pub fn of_process() -> Self {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(trusting(AMAZON_ROOTS))
            .build_https();
        Self::new(Environment::of_process(), Clock::system(), http)
    }

    /// A runtime put together by hand: the local system and tests.
    #[must_use]
    pub fn new(environment: Environment, clock: Clock, http: SharedHttpClient) -> Self {
        Self {
            environment,
            clock,
            http,
        }
    }

    /// The configuration of an AWS client for `service`, named as in the variable that may point it somewhere else:
    /// `AWS_ENDPOINT_URL_DYNAMODB`, `…_SESV2`, `…_EVENTBRIDGE`, `…_S3`.
    ///
    /// # Errors
    /// [`ConfigError`] if the region or the credentials, which Lambda always sets, are missing.
    pub fn aws(&self, service: &str) -> Result<SdkConfig, ConfigError> {
        let environment = &self.environment;
        let credentials = Credentials::new(
            environment.required("AWS_ACCESS_KEY_ID")?,
            environment.required("AWS_SECRET_ACCESS_KEY")?,
            environment.get("AWS_SESSION_TOKEN").map(str::to_owned),
            None,
            "environment",
        );
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(environment.required("AWS_REGION")?.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(self.http.clone())
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT_TIMEOUT)
                    .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                    .build(),
            );
        if let Some(endpoint) = environment.get(&format!("AWS_ENDPOINT_URL_{}", service.to_uppercase())) {
            config = config.endpoint_url(endpoint);
        }
        Ok(config.build())
    }
}

/// The side of TLS that trusts these certificates alone.
fn trusting(roots: &[u8]) -> TlsContext {
    let store = TrustStore::empty().with_pem_certificate(roots);
    let context = TlsContext::builder().with_trust_store(store).build();
    // It does not fail; if it did, the system's roots would be as good.
    context.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rustls::RootCertStore;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    use super::*;

    /// What Amazon's roots are called, of which there may come more.
    const NAMES: [&str; 2] = ["Amazon Root CA", "Starfield Services Root"];

    #[test]
    fn the_roots_are_all_that_mozilla_knows_of_amazon() {
        let mut ours = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(AMAZON_ROOTS) {
            ours.add(certificate.unwrap()).unwrap();
        }
        let known = webpki_roots::TLS_SERVER_ROOTS.iter().filter(|root| {
            let subject = String::from_utf8_lossy(&root.subject);
            NAMES.iter().any(|name| subject.contains(name))
        });
        let known: Vec<_> = known.collect();
        assert_eq!(ours.len(), known.len());
        for root in known {
            assert!(ours.roots.contains(root), "{root:?}");
        }
    }
}
