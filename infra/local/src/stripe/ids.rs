//! Ids as Stripe makes them: a prefix that tells the kind, and letters and digits that tell nothing.

use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha512};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A source of ids that never repeats one, in this process or in another.
pub(super) struct Ids {
    seed: [u8; 32],
    made: AtomicU64,
}

impl Ids {
    /// A source with a seed of its own.
    pub(super) fn new() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        Ok(Self {
            seed,
            made: AtomicU64::new(0),
        })
    }

    /// The next id: `prefix` and `length` (at most 64) letters and digits.
    pub(super) fn next(&self, prefix: &str, length: usize) -> String {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let digest = Sha512::new()
            .chain_update(self.seed)
            .chain_update(number.to_be_bytes())
            .finalize();
        let letters = digest
            .iter()
            .take(length)
            .map(|byte| char::from(ALPHABET[usize::from(byte % 62)]));
        prefix.chars().chain(letters).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_id_is_made_twice() {
        let (one, other) = (Ids::new().unwrap(), Ids::new().unwrap());
        let ids: HashSet<String> = (0..500)
            .flat_map(|_| [one.next("pi_3", 23), other.next("pi_3", 23)])
            .collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.len() == 27 && id.starts_with("pi_3")));
    }
}
