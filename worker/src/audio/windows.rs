//! Speech becomes windows that Whisper can take in one pass.

use std::collections::VecDeque;
use std::sync::Arc;

use super::spans::{Span, Spans};
use super::timemap::{Piece, TimeMap};
use super::{SpeechDetector, millis};

/// The longest window, in samples: a second less than Whisper can see.
const LONGEST: u64 = millis(29_000);
/// How much of a pause inside a window is kept, in samples.
const PAUSE: u64 = millis(300);

/// Speech to transcribe in one go: at most 29 s, with the long pauses taken out.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// 16 kHz mono samples in ±1.
    pub samples: Arc<[f32]>,
    /// The position in the recording (16 kHz samples) up to which all speech is in this window or in those
    /// before it: the checkpoint once its words are saved.
    pub end: u64,
    map: TimeMap,
}

impl Window {
    /// The position in the recording (16 kHz samples) of a sample of the window: exact, however long the
    /// recording is. Past the window's end it is the end of its speech.
    pub fn recording_position(&self, sample: usize) -> u64 {
        self.map.recording_position(sample)
    }

    /// A window in which nothing is heard.
    #[cfg(test)]
    pub(crate) fn silent(samples: usize) -> Self {
        Self { samples: vec![0.0; samples].into(), end: samples as u64, map: TimeMap::default() }
    }

    /// The span in the recording (16 kHz samples) of something that was said between two samples of the
    /// window. Where a pause was taken out, it ends before the pause or begins after it, not inside.
    pub fn recording_span(&self, start: usize, end: usize) -> (u64, u64) {
        self.map.recording_span(start, end)
    }
}

/// Packs the speech in a stream of 16 kHz mono samples into windows. What it makes of the same samples is
/// always the same, so that work can be taken up again after any window.
pub struct Windows {
    detector: Box<dyn SpeechDetector>,
    probabilities: Vec<f32>,
    spans: Spans,
    history: History,
    /// Where the next frame begins.
    frame: u64,
    resume_from: u64,
    packing: Packing,
    ready: VecDeque<Window>,
}

impl Windows {
    /// Windows of the speech that `detector` finds.
    pub fn new(detector: Box<dyn SpeechDetector>) -> Self {
        let spans = Spans::new(detector.frame_len(), LONGEST);
        Self {
            detector,
            probabilities: Vec::new(),
            spans,
            history: History::default(),
            frame: 0,
            resume_from: 0,
            packing: Packing::default(),
            ready: VecDeque::new(),
        }
    }

    /// Leaves out the speech up to `position` (16 kHz samples): a finished window's end. Call it before the
    /// first samples; all samples from the recording's start are still to be pushed.
    pub fn resume_from(&mut self, position: u64) {
        self.resume_from = position;
    }

    /// Takes the next samples, in ±1.
    pub fn push(&mut self, samples: &[f32]) {
        self.history.extend(samples);
        self.detector.push(samples, &mut self.probabilities);
        self.take_probabilities();
    }

    /// The recording is at its end: what is still being packed becomes the last window.
    pub fn finish(&mut self) {
        self.detector.finish(&mut self.probabilities);
        self.take_probabilities();
        self.spans.finish(self.history.end());
        self.take_spans();
        self.ready.extend(self.packing.wrap_up());
    }

    /// The next window, once it is complete.
    pub fn next_window(&mut self) -> Option<Window> {
        self.ready.pop_front()
    }

    fn take_probabilities(&mut self) {
        let frame_len = self.detector.frame_len() as u64;
        for probability in std::mem::take(&mut self.probabilities) {
            let frame = self.history.get(self.frame..self.frame + frame_len);
            let loudness = frame.iter().map(|sample| sample.abs()).sum();
            self.spans.push(probability, loudness);
            self.frame += frame_len;
        }
        self.take_spans();
        self.history.forget_before(self.spans.needed_from().saturating_sub(PAUSE));
    }

    fn take_spans(&mut self) {
        while let Some(mut span) = self.spans.next() {
            span.kept.start = span.kept.start.max(self.resume_from);
            span.speech.start = span.speech.start.max(self.resume_from);
            if span.kept.start < span.kept.end {
                self.ready.extend(self.packing.add(span, &self.history));
            }
        }
    }
}

/// The window that is being packed.
#[derive(Default)]
struct Packing {
    samples: Vec<f32>,
    map: TimeMap,
    end: u64,
}

impl Packing {
    /// Packs one more span; if it does not fit any more, gives the window before it.
    fn add(&mut self, span: Span, history: &History) -> Option<Window> {
        let pause = if self.samples.is_empty() { 0 } else { PAUSE.min(span.kept.start - self.end) };
        let from = span.kept.start - pause..span.kept.end;
        if self.samples.len() as u64 + (from.end - from.start) > LONGEST {
            let full = self.wrap_up();
            self.add(span, history);
            return full;
        }
        self.map.add(Piece { at: self.samples.len(), from: from.clone(), speech: span.speech });
        self.samples.extend_from_slice(history.get(from));
        self.end = span.kept.end;
        None
    }

    fn wrap_up(&mut self) -> Option<Window> {
        let Self { samples, map, end } = std::mem::take(self);
        (!samples.is_empty()).then(|| Window { samples: samples.into(), map, end })
    }
}

/// The last samples of the recording.
#[derive(Default)]
struct History {
    samples: Vec<f32>,
    start: u64,
}

impl History {
    fn extend(&mut self, samples: &[f32]) {
        self.samples.extend_from_slice(samples);
    }

    fn end(&self) -> u64 {
        self.start + self.samples.len() as u64
    }

    /// The samples at these positions in the recording, as far as they are there.
    fn get(&self, range: std::ops::Range<u64>) -> &[f32] {
        let place = |position: u64| (position.saturating_sub(self.start) as usize).min(self.samples.len());
        self.samples.get(place(range.start)..place(range.end)).unwrap_or_default()
    }

    /// Forgets in steps of a second, so that little is moved.
    fn forget_before(&mut self, position: u64) {
        let surplus = position.saturating_sub(self.start);
        if surplus >= millis(1000) {
            self.samples.drain(..(surplus as usize).min(self.samples.len()));
            self.start = position;
        }
    }
}

#[cfg(test)]
mod tests;
