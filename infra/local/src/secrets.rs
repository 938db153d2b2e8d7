//! The secrets of the local system: what Secrets Manager holds for a deployment.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use crate::rentcast;

/// The secret that Stripe's events are signed with, unless another is given.
pub const WEBHOOK_SECRET: &str = "whsec_local";
/// The key for the local Stripe, which takes any test key.
pub(crate) const STRIPE_KEY: &str = "sk_test_local";
/// The keys that are kept, each in a file: what was made with them outlives a restart.
const KEPT: [(&str, &str); 3] = [
    // Authenticates page cursors.
    ("cursor_key", "cursor-key"),
    // The secrets of links in mails are derived from it.
    ("link_key", "link-key"),
    // Seals small secrets in the table.
    ("sealing_keys", "sealing-key"),
];

/// Stripe's own secrets, where the real Stripe is used.
#[derive(Clone, Default)]
pub struct StripeSecrets {
    /// The secret key of a test account.
    pub secret_key: String,
    /// The signing secret of the webhook endpoint.
    pub webhook_secret: Option<String>,
}

/// All secrets, by the JSON key that `template.yaml` names them with. New ones are kept in `directory`, if there is
/// one.
///
/// # Errors
/// The directory cannot be read or written, or the machine has no randomness to give.
pub(crate) fn all(
    directory: Option<&Path>,
    stripe: Option<&StripeSecrets>,
) -> io::Result<BTreeMap<String, String>> {
    let stripe_key = stripe.map_or(STRIPE_KEY, |stripe| &stripe.secret_key);
    let webhook_secret = stripe.and_then(|stripe| stripe.webhook_secret.as_deref());
    let mut secrets = BTreeMap::from([
        ("stripe_secret_key".to_owned(), stripe_key.to_owned()),
        (
            "stripe_webhook_secrets".to_owned(),
            webhook_secret.unwrap_or(WEBHOOK_SECRET).to_owned(),
        ),
        ("rentcast_api_key".to_owned(), rentcast::KEY.to_owned()),
    ]);
    for (name, file) in KEPT {
        secrets.insert(name.to_owned(), kept(directory, file)?);
    }
    Ok(secrets)
}

/// The key in this file; a new one, if there is none yet.
fn kept(directory: Option<&Path>, file: &str) -> io::Result<String> {
    let Some(file) = directory.map(|directory| directory.join(file)) else {
        return random();
    };
    match std::fs::read_to_string(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = random()?;
            std::fs::write(file, &key)?;
            Ok(key)
        }
        key => key,
    }
}

/// A new secret: 256 bits in hexadecimal.
pub(crate) fn random() -> io::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(hex::encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_random_and_kept() {
        let directory = tempfile::tempdir().unwrap();
        let first = all(Some(directory.path()), None).unwrap();
        assert_eq!(all(Some(directory.path()), None).unwrap(), first);
        let others = all(None, None).unwrap();
        for (name, _) in KEPT {
            assert_eq!(first[name].len(), 64);
            assert_ne!(others[name], first[name]);
        }
    }

    #[test]
    fn with_the_real_stripe_its_own_secrets_are_used() {
        let stripe = StripeSecrets {
            secret_key: "sk_test_mine".into(),
            webhook_secret: None,
        };
        let secrets = all(None, Some(&stripe)).unwrap();
        assert_eq!(secrets["stripe_secret_key"], "sk_test_mine");
        assert_eq!(secrets["stripe_webhook_secrets"], WEBHOOK_SECRET);
    }
}
