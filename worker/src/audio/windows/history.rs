//! The last samples of a channel.

use std::ops::Range;

use crate::audio::millis;

/// The samples that may still be needed, with their places in the recording.
#[derive(Default)]
pub(super) struct History {
    samples: Vec<f32>,
    start: u64,
}

impl History {
    pub(super) fn extend(&mut self, samples: impl Iterator<Item = f32>) {
        self.samples.extend(samples);
    }

    pub(super) fn end(&self) -> u64 {
        self.start + self.samples.len() as u64
    }

    /// How many are held.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.samples.len()
    }

    /// The samples at these positions in the recording, as far as they are there.
    pub(super) fn get(&self, range: Range<u64>) -> &[f32] {
        let place = |position: u64| (position.saturating_sub(self.start) as usize).min(self.samples.len());
        self.samples.get(place(range.start)..place(range.end)).unwrap_or_default()
    }

    /// Forgets in steps of a second, so that little is moved.
    pub(super) fn forget_before(&mut self, position: u64) {
        let surplus = position.saturating_sub(self.start);
        if surplus >= millis(1000) {
            self.samples.drain(..(surplus as usize).min(self.samples.len()));
            self.start = position;
        }
    }
}
