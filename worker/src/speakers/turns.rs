//! From voices to turns: who speaks when.

use std::ops::Range;

use super::{Apart, Count, SpeakerEmbedder, cluster::cluster};
use crate::audio::{Window, seconds};

/// Samples that one voice is taken of: 2 s. Less tells little, and more may be two people.
const CELL_SAMPLES: usize = 32_000;
/// Samples from one to the next, at most: they overlap by half.
const CELL_HOP_SAMPLES: usize = CELL_SAMPLES / 2;

/// Somebody speaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// Where in the recording, in seconds.
    pub time: Range<f64>,
    /// Who, from 0 in the order of their first turns.
    pub speaker: usize,
}

/// A voice that was heard.
pub struct Voice {
    /// The time that it stands for, in samples of the recording (16 kHz).
    cell: Range<u64>,
    /// Where in the recording the speech begins that it is part of.
    pub speech: u64,
    /// The numbers that tell it from others.
    pub vector: Vec<f32>,
}

/// Listens to a recording and tells its speakers apart at its end. It keeps some numbers for each voice and no sound.
pub struct Diariser {
    embedder: Box<dyn SpeakerEmbedder>,
    apart: Apart,
    voices: Vec<Voice>,
}

impl Diariser {
    /// One that has heard nothing yet. With a threshold, that counts and not the embedder's.
    pub fn new(embedder: Box<dyn SpeakerEmbedder>, threshold: Option<f32>) -> Self {
        let apart = embedder.apart();
        let apart = Apart { threshold: threshold.unwrap_or(apart.threshold), ..apart };
        Self { embedder, apart, voices: Vec::new() }
    }

    /// Listens to a window of speech.
    pub fn listen(&mut self, window: &Window) {
        for (speech, samples) in window.speech() {
            let (cells, spans): (Vec<_>, Vec<_>) = cells(samples.len()).unzip();
            for (cell, vector) in cells.into_iter().zip(self.vectors(samples, &spans)) {
                if let Some(vector) = vector {
                    let cell = speech + cell.start as u64..speech + cell.end as u64;
                    self.voices.push(Voice { cell, speech, vector });
                }
            }
        }
    }

    /// The voices in overlapping ranges of speech. Every other one is heard first, and those between only where somebody else may
    /// begin.
    fn vectors(&mut self, samples: &[f32], ranges: &[Range<usize>]) -> Vec<Option<Vec<f32>>> {
        let mut vectors: Vec<Option<Vec<f32>>> = vec![None; ranges.len()];
        for first in [0, 1] {
            for (at, range) in ranges.iter().enumerate().skip(first).step_by(2) {
                let neighbour = |at: Option<usize>| vectors.get(at?)?.as_deref();
                let between = neighbour(at.checked_sub(1))
                    .zip(neighbour(Some(at + 1)))
                    .and_then(|(one, other)| self.embedder.between(one, other));
                let vector =
                    between.or_else(|| self.embedder.embed(samples.get(range.clone()).unwrap_or_default()));
                if let Some(place) = vectors.get_mut(at) {
                    *place = vector;
                }
            }
        }
        vectors
    }

    /// Who spoke when.
    pub fn turns(self, count: Count) -> Vec<Turn> {
        let groups = cluster(&self.embedder.measured(&self.voices), self.apart, count);
        let mut known: Vec<usize> = Vec::new();
        let mut turns: Vec<Turn> = Vec::new();
        for (voice, group) in self.voices.iter().zip(groups) {
            let speaker = known.iter().position(|one| *one == group).unwrap_or_else(|| {
                known.push(group);
                known.len() - 1
            });
            let time = seconds(voice.cell.start)..seconds(voice.cell.end);
            match turns.last_mut().filter(|turn| turn.speaker == speaker && turn.time.end >= time.start) {
                Some(turn) => turn.time.end = time.end,
                None => turns.push(Turn { time, speaker }),
            }
        }
        turns
    }
}

/// Cuts speech of so many samples into equal cells, with what is heard for each: as much around its middle as a voice takes.
fn cells(length: usize) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
    let count =
        if length <= CELL_SAMPLES { 1 } else { (length - CELL_SAMPLES).div_ceil(CELL_HOP_SAMPLES) + 1 };
    (0..count).map(move |at| {
        let start = if count == 1 { 0 } else { (length - CELL_SAMPLES) * at / (count - 1) };
        (length * at / count..length * (at + 1) / count, start..(start + CELL_SAMPLES).min(length))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_cover_the_speech_and_are_heard_around_their_middle() {
        for length in [1, 9_000, CELL_SAMPLES, CELL_SAMPLES + 1, 100_000, 464_000] {
            let all: Vec<_> = cells(length).collect();
            assert_eq!((all[0].0.start, all.last().unwrap().0.end), (0, length));
            assert!(all.windows(2).all(|pair| pair[0].0.end == pair[1].0.start));
            for (cell, span) in all {
                assert!(span.end <= length && span.len() == CELL_SAMPLES.min(length));
                assert!(span.start <= cell.start && cell.end <= span.end, "{cell:?} {span:?}");
            }
        }
    }
}
