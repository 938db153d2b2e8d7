//! The signature of a webhook, <https://docs.stripe.com/webhooks#verify-manually>.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The `Stripe-Signature` header for `payload`: the time in seconds since 1970, and one signature for each secret that
/// is in force.
pub fn stripe_signature<S: AsRef<str>>(payload: &[u8], secrets: &[S], timestamp: i64) -> String {
    let signatures = secrets.iter().filter_map(|secret| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_ref().as_bytes()).ok()?;
        mac.update(format!("{timestamp}.").as_bytes());
        mac.update(payload);
        Some(format!(",v1={}", hex::encode(mac.finalize().into_bytes())))
    });
    format!("t={timestamp}{}", signatures.collect::<String>())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_is_what_openssl_computes() {
        // printf '1533204620.{"id":"evt_123"}' | openssl dgst -sha256 -hmac secret
        let expected = "957b6c00a28247f4fc8545b5bc553804bd980223df939fc93c027d3bdcf567eb";
        let header = stripe_signature(br#"{"id":"evt_123"}"#, &["secret"], 1_533_204_620);
        assert_eq!(header, format!("t=1533204620,v1={expected}"));
    }

    proptest! {
        #[test]
        fn it_changes_with_every_part(payload in prop::collection::vec(any::<u8>(), 1..64), bit in any::<prop::sample::Index>()) {
            let signature = stripe_signature(&payload, &["whsec_a"], 7);
            let mut changed = payload.clone();
            let bit = bit.index(payload.len() * 8);
            changed[bit / 8] ^= 1 << (bit % 8);
            prop_assert_ne!(&signature, &stripe_signature(&changed, &["whsec_a"], 7));
            prop_assert_ne!(&signature, &stripe_signature(&payload, &["whsec_b"], 7));
            prop_assert_ne!(&signature, &stripe_signature(&payload, &["whsec_a"], 8));
            let both = stripe_signature(&payload, &["whsec_b", "whsec_a"], 7);
            prop_assert_eq!(both.matches(",v1=").count(), 2);
            prop_assert!(both.ends_with(&signature["t=7".len()..]));
        }
    }
}
