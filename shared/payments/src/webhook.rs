//! Events from Stripe. Nothing of a request is believed before its signature is
//! (<https://docs.stripe.com/webhooks#verify-manually>).

use std::str::FromStr;

use domain::text::is_stripe_id;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::ReportedEvent;

/// How old a signature may be, in seconds: Stripe's own default.
const AGE_AT_MOST: i64 = 300;
/// How far ahead of ours Stripe's clock may be, in seconds.
const AHEAD_AT_MOST: i64 = 5;
/// How many signatures of one header are looked at.
const SIGNATURES_AT_MOST: usize = 10;

/// Why an event is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Disbelief {
    /// The header is missing or has no time and no `v1` signature.
    #[error("the Stripe-Signature header is missing or is not `t=…,v1=…`")]
    NoSignature,
    /// It was signed too long ago, or in the future.
    #[error("the signature is too old, or from the future")]
    WrongTime,
    /// No signature fits the body and one of our secrets.
    #[error("no signature fits the body")]
    WrongSignature,
    /// The body is signed, and is not an event.
    #[error("the body is not an event")]
    NotAnEvent,
    /// A test event for the live system, or the other way round.
    #[error("the event is from the other mode, live or test")]
    WrongMode,
}

/// The endpoint's signing secrets; two while one replaces the other.
#[derive(Clone)]
pub struct Secrets(Vec<Vec<u8>>);

/// A text lists no secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it must list one or two signing secrets that start with whsec_, with a comma between them")]
pub struct SecretsError;

impl FromStr for Secrets {
    type Err = SecretsError;

    fn from_str(text: &str) -> Result<Self, SecretsError> {
        let secrets: Vec<_> = text.split(',').map(str::trim).collect();
        let fits = |secret: &&str| secret.len() > "whsec_".len() && secret.starts_with("whsec_");
        if secrets.len() > 2 || !secrets.iter().all(fits) {
            return Err(SecretsError);
        }
        Ok(Self(
            secrets
                .into_iter()
                .map(|secret| secret.as_bytes().to_vec())
                .collect(),
        ))
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

/// Believes `body`, or says why not. Looks at nothing else but the header, our secrets and the time.
///
/// # Errors
/// [`Disbelief`], in this order: the header, the time, the signature, the body, the mode.
pub fn believe(
    body: &[u8],
    header: Option<&str>,
    secrets: &Secrets,
    livemode: bool,
    now: Timestamp,
) -> Result<ReportedEvent, Disbelief> {
    let (time, signatures) = header.and_then(signature_header).ok_or(Disbelief::NoSignature)?;
    let age = now.as_second().saturating_sub(time);
    if !(-AHEAD_AT_MOST..=AGE_AT_MOST).contains(&age) {
        return Err(Disbelief::WrongTime);
    }
    let fits = |secret: &[u8], signature: &[u8]| {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
            return false;
        };
        mac.update(time.to_string().as_bytes());
        mac.update(b".");
        mac.update(body);
        mac.verify_slice(signature).is_ok()
    };
    if !secrets
        .0
        .iter()
        .any(|secret| signatures.iter().any(|signature| fits(secret, signature)))
    {
        return Err(Disbelief::WrongSignature);
    }
    let event: ReportedEvent = serde_json::from_slice(body).map_err(|_| Disbelief::NotAnEvent)?;
    if !is_stripe_id(&event.id, "evt_") {
        return Err(Disbelief::NotAnEvent);
    }
    if event.is_livemode() == livemode {
        Ok(event)
    } else {
        Err(Disbelief::WrongMode)
    }
}

/// The time and the `v1` signatures of a `Stripe-Signature` header.
fn signature_header(header: &str) -> Option<(i64, Vec<Vec<u8>>)> {
    let mut time = None;
    let mut signatures = Vec::new();
    for (name, value) in header.split(',').filter_map(|part| part.trim().split_once('=')) {
        match name {
            // Signed as text: a spelling other than the number's own would not fit.
            "t" => time = Some(value.parse().ok()?),
            "v1" if signatures.len() < SIGNATURES_AT_MOST => signatures.extend(hex::decode(value).ok()),
            _ => {}
        }
    }
    time.filter(|_| !signatures.is_empty())
        .map(|time| (time, signatures))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_767_225_600;

    fn now() -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }

    fn sign(body: &[u8], secret: &str, time: i64) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{time}.").as_bytes());
        mac.update(body);
        format!("t={time},v1={}", hex::encode(mac.finalize().into_bytes()))
    }

    fn body(kind: &str, object: &serde_json::Value) -> Vec<u8> {
        let event = json!({ "id": "evt_1", "type": kind, "created": NOW, "livemode": false,
            "data": { "object": object } });
        serde_json::to_vec(&event).unwrap()
    }

    fn judged(body: &[u8], header: Option<&str>) -> Result<ReportedEvent, Disbelief> {
        believe(
            body,
            header,
            &"whsec_new, whsec_old".parse().unwrap(),
            false,
            now(),
        )
    }

    #[test]
    fn an_event_under_either_secret_is_believed() {
        let body = body("customer.created", &json!({}));
        for secret in ["whsec_new", "whsec_old"] {
            assert!(judged(&body, Some(&sign(&body, secret, NOW))).is_ok());
        }
        let both = format!(
            "{},v0=00,{}",
            sign(&body, "whsec_other", NOW),
            sign(&body, "whsec_old", NOW)
        );
        assert!(judged(&body, Some(&both)).is_ok());
    }

    #[test]
    fn a_signature_lives_five_minutes_and_does_not_come_from_the_future() {
        let body = body("customer.created", &json!({}));
        let at = |time| judged(&body, Some(&sign(&body, "whsec_new", time))).map(|_| ());
        assert_eq!(at(NOW - 300), Ok(()));
        assert_eq!(at(NOW - 301), Err(Disbelief::WrongTime));
        assert_eq!(at(NOW + 6), Err(Disbelief::WrongTime));
    }

    #[test]
    fn a_wrong_secret_a_re_encoded_body_and_no_header_are_not_believed() {
        let body = body("customer.created", &json!({ "a": 1 }));
        let header = sign(&body, "whsec_new", NOW);
        assert_eq!(judged(&body, None).unwrap_err(), Disbelief::NoSignature);
        assert_eq!(judged(&body, Some("t=1")).unwrap_err(), Disbelief::NoSignature);
        let stranger = sign(&body, "whsec_stranger", NOW);
        assert_eq!(
            judged(&body, Some(&stranger)).unwrap_err(),
            Disbelief::WrongSignature
        );
        let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let again = serde_json::to_vec_pretty(&value).unwrap();
        assert_eq!(
            judged(&again, Some(&header)).unwrap_err(),
            Disbelief::WrongSignature
        );
    }

    #[test]
    fn a_live_event_is_refused_by_the_test_system() {
        let body = serde_json::to_vec(
            &json!({ "id": "evt_1", "type": "x", "created": NOW, "livemode": true,
            "data": { "object": {} } }),
        )
        .unwrap();
        let header = sign(&body, "whsec_new", NOW);
        assert_eq!(judged(&body, Some(&header)).unwrap_err(), Disbelief::WrongMode);
    }

    proptest! {
        #[test]
        fn one_changed_bit_anywhere_is_noticed(at: prop::sample::Index, bit in 0u8..8) {
            let body = body("checkout.session.completed", &json!({ "id": "cs_1" }));
            let header = sign(&body, "whsec_new", NOW);
            let mut changed = body.clone();
            changed[at.index(body.len())] ^= 1 << bit;
            prop_assert_eq!(judged(&changed, Some(&header)).unwrap_err(), Disbelief::WrongSignature);
        }

        #[test]
        fn no_header_brings_the_reader_down(header in "\\PC{0,200}") {
            let _ = judged(b"{}", Some(&header));
        }
    }
}
