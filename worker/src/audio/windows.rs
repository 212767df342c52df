//! Speech becomes windows that Whisper can take in one pass.
//!
//! Where channels are kept apart, each has its own voice activity and its own windows, but they go in step: a
//! [`Stretch`] holds those of all channels, and a checkpoint lies between two stretches.

mod history;
mod lane;
mod packing;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use self::lane::Lane;
use self::packing::{Packings, Spoken};
use super::bleed::{Bleed, Frame};
use super::timemap::TimeMap;
use super::{SpeechDetector, millis};

/// The longest window, in samples: a little less than Whisper can see.
const LONGEST: u64 = millis(29_700);
/// How much of a pause inside a window is kept beside the padding of speech, in samples. More of it costs windows, and
/// less of it words.
const PAUSE: u64 = millis(100);

/// Speech to transcribe in one go: at most 29.7 s, with the long pauses taken out.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// 16 kHz mono samples in ±1.
    pub samples: Arc<[f32]>,
    /// The channel that they are of, from 0; none: the recording's channels were mixed.
    pub channel: Option<usize>,
    map: TimeMap,
}

impl Window {
    /// The position in the recording (16 kHz samples) of a sample of the window: exact, however long the
    /// recording is. Past the window's end it is the end of its speech.
    pub fn recording_position(&self, sample: usize) -> u64 {
        self.map.recording_position(sample)
    }

    /// Each stretch of speech in the window, without its padding: where it begins in the recording, and its samples.
    pub fn speech(&self) -> impl Iterator<Item = (u64, &[f32])> {
        self.map.speech().map(|(begin, place)| (begin, self.samples.get(place).unwrap_or_default()))
    }

    /// Where in the window there is voice.
    pub fn voiced(&self) -> Vec<Range<usize>> {
        self.map.speech().map(|(_, place)| place).collect()
    }

    /// The span in the recording (16 kHz samples) of a word that was said between two samples of the window. Where a
    /// pause was taken out, it lies before the pause or behind it.
    pub fn word_span(&self, start: usize, end: usize) -> (u64, u64) {
        self.map.word_span(start, end)
    }
}

/// The windows that a stretch of the recording makes: one for each channel in which somebody speaks, and so
/// just one where the channels are mixed.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// Never empty, in the order of their channels.
    pub windows: Vec<Window>,
    /// The position in the recording (16 kHz samples) up to which all speech is in this stretch or in those
    /// before it: the checkpoint once its words are saved.
    pub end: u64,
}

impl Stretch {
    /// A stretch in which nothing is heard.
    #[cfg(test)]
    pub(crate) fn silent(samples: usize) -> Self {
        let window = Window { samples: vec![0.0; samples].into(), channel: None, map: TimeMap::default() };
        Self { windows: vec![window], end: samples as u64 }
    }
}

/// Packs the speech in a stream of 16 kHz samples into windows. What it makes of the same samples is always the
/// same, so that work can be taken up again after any stretch.
pub struct Windows {
    lanes: Vec<Lane>,
    /// How many channels are interleaved in the samples.
    channels: usize,
    bleed: Bleed,
    /// Spans that are complete, by their end and their channel; one that is still open might go before them.
    waiting: BTreeMap<(u64, usize), Spoken>,
    packings: Packings,
    ready: VecDeque<Stretch>,
}

impl Windows {
    /// Windows of the speech that `detector` finds in mono samples.
    pub fn new(detector: Box<dyn SpeechDetector>) -> Self {
        Self::of(vec![Lane::new(0, detector)], 1, Packings::of(std::iter::once(None)))
    }

    /// Windows of the speech in some of the `channels` that are interleaved in the samples, each with its own detector.
    /// All detectors have frames of the same length.
    pub fn split(channels: usize, chosen: Vec<(usize, Box<dyn SpeechDetector>)>) -> Self {
        let packings = Packings::of(chosen.iter().map(|(channel, _)| Some(*channel)));
        let lanes = chosen.into_iter().map(|(channel, detector)| Lane::new(channel, detector));
        Self::of(lanes.collect(), channels, packings)
    }

    fn of(lanes: Vec<Lane>, channels: usize, packings: Packings) -> Self {
        let bleed = Bleed::of(lanes.len());
        Self { lanes, channels, bleed, waiting: BTreeMap::new(), packings, ready: VecDeque::new() }
    }

    /// Takes the next samples, in ±1.
    pub fn push(&mut self, samples: &[f32]) {
        for lane in &mut self.lanes {
            lane.push(samples, self.channels);
        }
        self.take_frames();
        self.pack();
    }

    /// The recording is at its end: what is still being packed becomes the last stretch.
    pub fn finish(&mut self) {
        self.lanes.iter_mut().for_each(Lane::finish);
        self.take_frames();
        self.lanes.iter_mut().for_each(Lane::end);
        self.pack();
        self.ready.extend(self.packings.wrap_up());
    }

    /// The next stretch, once it is complete.
    pub fn next_stretch(&mut self) -> Option<Stretch> {
        self.ready.pop_front()
    }

    /// Judges the frames of all channels side by side.
    fn take_frames(&mut self) {
        let mut heard: Vec<Vec<Frame>> = self.lanes.iter_mut().map(|lane| lane.frames().collect()).collect();
        self.bleed.silence(&mut heard);
        for (lane, frames) in self.lanes.iter_mut().zip(heard) {
            frames.into_iter().for_each(|frame| lane.judge(frame));
        }
    }

    /// Packs the spans before which no other can end any more, in the order of their ends. Those that end together
    /// come into the same stretch, so that its end tells which are in it.
    fn pack(&mut self) {
        for (at, lane) in self.lanes.iter_mut().enumerate() {
            self.waiting
                .extend(std::iter::from_fn(|| lane.next_spoken()).map(|spoken| ((spoken.end(), at), spoken)));
        }
        let settled = self.lanes.iter_mut().map(|lane| lane.settled()).min().unwrap_or_default();
        while let Some((&(end, _), _)) =
            self.waiting.first_key_value().filter(|((end, _), _)| *end <= settled)
        {
            let later = self.waiting.split_off(&(end + 1, 0));
            let together = std::mem::replace(&mut self.waiting, later);
            let together = together.into_iter().map(|((_, lane), spoken)| (lane, spoken)).collect();
            self.ready.extend(self.packings.add(together));
        }
    }
}
