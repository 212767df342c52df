//! Probabilities of speech become spans of speech.

use std::collections::VecDeque;
use std::ops::Range;

use super::millis;

/// A frame at least this likely to be speech is speech.
const THRESHOLD: f32 = 0.5;
/// A span without a frame at least this likely is none: a click, or noise that sets in.
const SURE: f32 = 0.7;
/// What is kept on either side of speech, in samples.
pub(super) const PADDING: u64 = millis(150);
/// Padded spans closer than this are one, in samples.
const JOIN: u64 = millis(300);
/// A cut through speech looks for its place behind this share of the longest span: 6 of 10.
const CUT_FROM: (u64, u64) = (6, 10);
/// Frames on either side of a place that count when its calm is judged.
const CALM: usize = 9;

/// A stretch of the recording with speech in it, in 16 kHz samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// What is kept: speech and its padding. Spans do not overlap.
    pub(super) kept: Range<u64>,
    /// From the first frame of speech in it to the last.
    pub(super) speech: Range<u64>,
}

/// Finds spans in frames as they come. No span is longer than `longest`: speech without a pause is cut where
/// it is calmest.
pub(super) struct Spans {
    frame_len: u64,
    longest: u64,
    /// Where the next frame begins.
    position: u64,
    /// Where the last span ended: none may begin before.
    free_from: u64,
    open: Option<Span>,
    /// Whether the open span has a frame that is surely speech.
    sure: bool,
    /// How much speech is in each frame since the open span's first frame of speech.
    unrest: VecDeque<f32>,
    ready: VecDeque<Span>,
}

impl Spans {
    pub(super) fn new(frame_len: usize, longest: u64) -> Self {
        Self {
            frame_len: frame_len as u64,
            longest,
            position: 0,
            free_from: 0,
            open: None,
            sure: false,
            unrest: VecDeque::new(),
            ready: VecDeque::new(),
        }
    }

    /// Takes the next frame: how probably it is speech, and how loud it is (any measure).
    pub(super) fn push(&mut self, probability: f32, loudness: f32) {
        let frame = self.position..self.position + self.frame_len;
        self.position = frame.end;
        if self.open.is_some() || probability >= THRESHOLD {
            self.unrest.push_back(probability * loudness);
        }
        if probability >= THRESHOLD {
            let begin = frame.start.saturating_sub(PADDING).max(self.free_from);
            let open = self.open.get_or_insert(Span { kept: begin..begin, speech: frame.clone() });
            open.speech.end = frame.end;
            self.sure |= probability >= SURE;
            if frame.end + PADDING > open.kept.start + self.longest {
                self.cut();
            }
        } else if self.open.as_ref().is_some_and(|open| frame.end - open.speech.end >= 2 * PADDING + JOIN) {
            self.close(u64::MAX);
        }
    }

    /// The recording ends after `length` samples.
    pub(super) fn finish(&mut self, length: u64) {
        self.close(length);
    }

    /// The next span that is complete.
    pub(super) fn next(&mut self) -> Option<Span> {
        self.ready.pop_front()
    }

    /// No span to come reaches back behind this position.
    pub(super) fn needed_from(&self) -> u64 {
        let waiting = self.ready.front().or(self.open.as_ref());
        waiting.map_or(self.position.saturating_sub(PADDING).max(self.free_from), |span| span.kept.start)
    }

    fn close(&mut self, length: u64) {
        if let Some(mut span) = self.open.take() {
            span.speech.end = span.speech.end.min(length);
            span.kept.end = (span.speech.end + PADDING).min(length);
            self.give(span);
        }
        self.unrest.clear();
        self.sure = false;
    }

    /// Ends the open span at its calmest place and goes on from there.
    fn cut(&mut self) {
        let Some(mut span) = self.open.take() else { return };
        let first_frame = self.position - self.unrest.len() as u64 * self.frame_len;
        let earliest = span.kept.start + self.longest * CUT_FROM.0 / CUT_FROM.1;
        let skipped = earliest.saturating_sub(first_frame).div_ceil(self.frame_len) as usize;
        let calmest = (skipped.max(1)..self.unrest.len()).map(|frame| (self.unrest_around(frame), frame));
        let (_, frame) = calmest.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((0.0, skipped));
        let place = first_frame + frame as u64 * self.frame_len;
        self.unrest.drain(..frame.min(self.unrest.len()));
        self.open = Some(Span { kept: place..place, speech: place..span.speech.end });
        span.kept.end = place;
        span.speech.end = place;
        self.give(span);
    }

    fn give(&mut self, span: Span) {
        if self.sure {
            self.free_from = span.kept.end;
            self.ready.push_back(span);
        }
    }

    fn unrest_around(&self, frame: usize) -> f32 {
        let around = frame.saturating_sub(CALM)..(frame + CALM + 1).min(self.unrest.len());
        self.unrest.range(around.clone()).sum::<f32>() / around.len() as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: u64 = 256;
    const LONGEST: u64 = millis(29_000);

    /// Runs of (frames, probability, loudness) to spans.
    fn spans(runs: &[(u64, f32, f32)]) -> Vec<Span> {
        let mut spans = Spans::new(FRAME as usize, LONGEST);
        let mut found = Vec::new();
        for (frames, probability, loudness) in runs {
            for _ in 0..*frames {
                spans.push(*probability, *loudness);
                found.extend(spans.next());
            }
        }
        spans.finish(runs.iter().map(|run| run.0).sum::<u64>() * FRAME);
        found.extend(std::iter::from_fn(|| spans.next()));
        found
    }

    #[test]
    fn speech_is_padded_and_near_spans_are_joined() {
        let found =
            spans(&[(100, 0.0, 0.0), (50, 0.9, 1.0), (37, 0.1, 0.0), (10, 0.9, 1.0), (200, 0.0, 0.0)]);
        let speech = 100 * FRAME..197 * FRAME;
        assert_eq!(found, [Span { kept: speech.start - PADDING..speech.end + PADDING, speech }]);
        let apart =
            spans(&[(100, 0.0, 0.0), (50, 0.9, 1.0), (38, 0.1, 0.0), (10, 0.9, 1.0), (200, 0.0, 0.0)]);
        assert_eq!(apart.len(), 2);
        assert!(apart[1].kept.start - apart[0].kept.end < JOIN + FRAME);
    }

    #[test]
    fn padding_stays_inside_the_recording() {
        let found = spans(&[(20, 1.0, 1.0)]);
        assert_eq!(found, [Span { kept: 0..20 * FRAME, speech: 0..20 * FRAME }]);
    }

    #[test]
    fn what_is_never_surely_speech_is_none() {
        assert!(spans(&[(5000, 0.49, 1.0)]).is_empty());
        assert!(spans(&[(20, 0.65, 1.0), (100, 0.1, 1.0), (4000, 0.65, 1.0)]).is_empty());
        assert_eq!(spans(&[(20, 0.6, 1.0), (3, 0.8, 1.0), (20, 0.6, 1.0)]).len(), 1);
    }

    #[test]
    fn long_speech_is_cut_at_its_pause() {
        let found = spans(&[(1400, 0.99, 1.0), (30, 0.1, 0.1), (1000, 0.99, 1.0)]);
        assert_eq!(found.len(), 2);
        let pause = 1400 * FRAME..1430 * FRAME;
        assert!(pause.contains(&found[0].kept.end), "cut at {}", found[0].kept.end);
        assert_eq!(found[0].kept.end, found[1].kept.start);
    }

    #[test]
    fn endless_speech_is_cut_at_the_quietest_place_and_loses_nothing() {
        let mut runs = vec![(1300, 1.0, 1.0), (20, 1.0, 0.2)];
        runs.extend([(700, 1.0, 1.0), (20, 1.0, 0.2)].repeat(20));
        let found = spans(&runs);
        assert!((1300 * FRAME..1320 * FRAME).contains(&found[0].kept.end));
        assert!(found.windows(2).all(|pair| pair[0].kept.end == pair[1].kept.start));
        assert!(found.iter().all(|span| span.kept.end - span.kept.start <= LONGEST));
        assert_eq!(found.last().unwrap().kept.end, runs.iter().map(|run| run.0).sum::<u64>() * FRAME);
    }
}
