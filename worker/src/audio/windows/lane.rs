//! One channel on its way into windows.

use super::history::History;
use super::packing::Spoken;
use super::{LONGEST, PAUSE};
use crate::audio::SpeechDetector;
use crate::audio::bleed::Frame;
use crate::audio::spans::Spans;

/// Finds the spans of speech in one channel.
pub(super) struct Lane {
    channel: usize,
    detector: Box<dyn SpeechDetector>,
    /// Of the frames that are not judged yet.
    probabilities: Vec<f32>,
    spans: Spans,
    history: History,
    /// Where the next frame begins.
    frame: u64,
    ended: bool,
}

impl Lane {
    pub(super) fn new(channel: usize, detector: Box<dyn SpeechDetector>) -> Self {
        let spans = Spans::new(detector.frame_len(), LONGEST);
        let (probabilities, history) = (Vec::new(), History::default());
        Self { channel, detector, probabilities, spans, history, frame: 0, ended: false }
    }

    /// Takes its own of so many interleaved channels.
    pub(super) fn push(&mut self, samples: &[f32], channels: usize) {
        let begin = self.history.end();
        self.history.extend(samples.iter().skip(self.channel).step_by(channels).copied());
        self.detector.push(self.history.get(begin..u64::MAX), &mut self.probabilities);
    }

    /// There are no more samples.
    pub(super) fn finish(&mut self) {
        self.detector.finish(&mut self.probabilities);
    }

    /// The frames that are complete, to be judged beside those of the other channels.
    pub(super) fn frames(&mut self) -> impl Iterator<Item = Frame> {
        let (begin, length) = (self.frame, self.detector.frame_len());
        let probabilities = std::mem::take(&mut self.probabilities);
        self.frame += (probabilities.len() * length) as u64;
        let heard = self.history.get(begin..self.frame);
        let loudness = heard.chunks(length).map(|frame| frame.iter().map(|sample| sample.abs()).sum());
        // The last frame of all may be empty but for what the detector put in.
        let loudness = loudness.chain(std::iter::repeat(0.0));
        probabilities.into_iter().zip(loudness).map(|(probability, loudness)| Frame { probability, loudness })
    }

    /// Takes a frame back.
    pub(super) fn judge(&mut self, Frame { probability, loudness }: Frame) {
        self.spans.push(probability, loudness);
    }

    /// There are no more frames.
    pub(super) fn end(&mut self) {
        self.spans.finish(self.history.end());
        self.ended = true;
    }

    /// The next span that is complete, with its samples and some of the pause before it.
    pub(super) fn next_spoken(&mut self) -> Option<Spoken> {
        let span = self.spans.next()?;
        let from = span.kept.start.saturating_sub(PAUSE);
        let samples = self.history.get(from..span.kept.end).to_vec();
        Some(Spoken { samples, span })
    }

    /// Samples in memory.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.history.len()
    }

    /// Spans that end before this position are all complete. What lies before it is forgotten.
    pub(super) fn settled(&mut self) -> u64 {
        let needed = self.spans.needed_from();
        self.history.forget_before(needed.saturating_sub(PAUSE));
        if self.ended { u64::MAX } else { needed }
    }
}
