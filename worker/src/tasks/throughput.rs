//! How fast a transcription goes.

use std::time::Instant;

use shared::job::{Progress, Stage};
use telemetry::metrics::METRICS;

use crate::audio::{SAMPLE_RATE, seconds};

/// Counts samples at 16 kHz from a position in the recording on.
pub(crate) struct Throughput {
    begun: Instant,
    from: u64,
    total: Option<f64>,
}

impl Throughput {
    /// The work begins now, at `from`.
    pub(crate) fn new(from: u64) -> Self {
        Self { begun: Instant::now(), from, total: None }
    }

    /// The recording says that it is so many seconds long.
    pub(crate) fn expect(&mut self, duration: Option<f64>) {
        self.total = duration.map(|seconds| seconds * f64::from(SAMPLE_RATE)).filter(|total| *total > 0.0);
    }

    /// Counts in the metrics how fast the work went until its end at `position`.
    pub(crate) fn observe(&self, position: u64) {
        let audio = seconds(position.saturating_sub(self.from));
        if audio > 0.0 {
            METRICS.audio_seconds.inc_by(audio);
            METRICS.real_time_factor.observe(self.begun.elapsed().as_secs_f64() / audio);
        }
    }

    /// Where the work stands at `position`; nothing is known of a recording that does not say how long it is.
    pub(crate) fn progress(&self, position: u64) -> Progress {
        let Some(total) = self.total else { return Progress::at(Stage::Transcribing, 0.0) };
        let (done, position) = (position.saturating_sub(self.from) as f64, position as f64);
        let eta =
            (done > 0.0).then(|| self.begun.elapsed().as_secs_f64() / done * (total - position).max(0.0));
        Progress { eta_seconds: eta, ..Progress::at(Stage::Transcribing, (position / total).min(1.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_a_share_of_the_length_that_the_recording_declares() {
        let mut throughput = Throughput::new(0);
        assert_eq!(throughput.progress(16_000).progress, 0.0);
        throughput.expect(Some(4.0));
        let half = throughput.progress(32_000);
        assert_eq!(half.progress, 0.5);
        assert!(half.eta_seconds.is_some_and(|eta| eta > 0.0));
        assert_eq!(throughput.progress(0).eta_seconds, None, "nothing is done yet");
        assert_eq!(throughput.progress(80_000).progress, 1.0, "it was longer than it said");
        throughput.expect(Some(0.0));
        assert_eq!(throughput.progress(32_000).progress, 0.0);
    }
}
