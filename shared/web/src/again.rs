//! Writes that meet others. What counts many things in one item is written by everybody who adds one, and the web client likes to
//! send many requests at once: DynamoDB then does one transaction and refuses the others, which are tried anew a little later.

use std::time::Duration;

use crate::Answer;
use domain::id::random_bytes;
use table::TableError;

/// How often a write is tried.
const ATTEMPTS: u32 = 8;
/// How long the first pause is at most, in milliseconds; each later one is twice as long.
const FIRST_PAUSE: u64 = 20;
/// No pause is longer.
const LONGEST_PAUSE: u64 = 500;

/// What became of an attempt.
#[derive(Debug)]
pub enum Attempt<T> {
    /// It is done.
    Done(T),
    /// Another write came between: look again.
    Again,
}

/// How often a write has met others.
#[derive(Debug, Default)]
pub struct Meetings(u32);

impl Meetings {
    /// Waits for the others to be through.
    ///
    /// # Errors
    /// 503 if that has been so too often.
    pub async fn wait(&mut self) -> Answer<()> {
        self.0 += 1;
        if self.0 >= ATTEMPTS {
            return Err(TableError::Conflict.into());
        }
        tokio::time::sleep(pause(self.0 - 1, random_bytes()?)).await;
        Ok(())
    }
}

/// What the table says, if it is not that another write came between.
///
/// # Errors
/// Whatever else the table says.
pub fn unless_met<T>(result: Result<T, TableError>) -> Answer<Attempt<T>> {
    match result {
        Ok(done) => Ok(Attempt::Done(done)),
        Err(TableError::Conflict) => Ok(Attempt::Again),
        Err(error) => Err(error.into()),
    }
}

/// How long to wait after so many attempts: a random part of what is doubled each time, so that those who met do not meet again
/// (<https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/>).
fn pause(tried: u32, random: [u8; 2]) -> Duration {
    let most = (FIRST_PAUSE << tried.min(16)).min(LONGEST_PAUSE);
    Duration::from_millis(most * u64::from(u16::from_be_bytes(random)) / u64::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_a_random_part_of_twice_the_last_one_and_bounded() {
        let milliseconds = |tried, random| pause(tried, random).as_millis();
        assert_eq!((milliseconds(0, [0, 0]), milliseconds(0, [255, 255])), (0, 20));
        assert_eq!((milliseconds(2, [255, 255]), milliseconds(2, [128, 0])), (80, 40));
        assert_eq!(milliseconds(30, [255, 255]), 500);
    }

    #[tokio::test]
    async fn a_write_that_meets_others_is_tried_anew_but_not_for_ever() {
        let mut meetings = Meetings::default();
        for _ in 1..ATTEMPTS {
            meetings.wait().await.unwrap();
        }
        assert_eq!(meetings.wait().await.unwrap_err().code(), "unavailable");
    }

    #[test]
    fn only_another_write_is_waited_for() {
        assert!(matches!(unless_met(Ok(7)), Ok(Attempt::Done(7))));
        assert!(matches!(
            unless_met(Err::<(), _>(TableError::Conflict)),
            Ok(Attempt::Again)
        ));
        let busy = unless_met(Err::<(), _>(TableError::Unavailable("busy".to_owned())));
        assert!(matches!(busy, Err(problem) if problem.code() == "unavailable"));
    }
}
