//! What is on its way to functions.

use std::sync::Arc;

use super::queues::Queue;
use super::streams::Progress;

/// The queues that functions read, and how far they have come in the streams.
#[derive(Default)]
pub(crate) struct Backlog {
    pub(crate) queues: Vec<Arc<Queue>>,
    pub(crate) streams: Vec<Progress>,
}

impl Backlog {
    /// Whether nothing is on its way: every record is done with, and so is every message.
    pub(crate) fn is_empty(&self) -> bool {
        let positions = || self.streams.iter().map(Progress::position).collect::<Vec<_>>();
        let before = positions();
        let at_the_end = || {
            let mut streams = self.streams.iter().zip(before.clone());
            streams.all(|(stream, position)| stream.is_end(position))
        };
        // What was in a queue at the first look may be in a stream at the second.
        at_the_end()
            && self.queues.iter().all(|queue| queue.is_empty())
            && at_the_end()
            && positions() == before
    }
}
