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
    /// Of the time, seconds in which it is not clear whose voice it is.
    pub unclear_seconds: f64,
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
        let vectors = self.embedder.measured(&self.voices);
        let groups = cluster(&vectors, self.apart, count);
        let clear = self.clear(&vectors, &groups);
        let mut known: Vec<usize> = Vec::new();
        let mut turns: Vec<Turn> = Vec::new();
        for ((voice, group), clear) in self.voices.iter().zip(groups).zip(clear) {
            let speaker = known.iter().position(|one| *one == group).unwrap_or_else(|| {
                known.push(group);
                known.len() - 1
            });
            let time = seconds(voice.cell.start)..seconds(voice.cell.end);
            let unclear_seconds = if clear { 0.0 } else { time.end - time.start };
            match turns.last_mut().filter(|turn| turn.speaker == speaker && turn.time.end >= time.start) {
                Some(turn) => {
                    turn.time.end = time.end;
                    turn.unclear_seconds += unclear_seconds;
                }
                None => turns.push(Turn { time, speaker, unclear_seconds }),
            }
        }
        turns
    }

    /// Whether each voice is clearly that of its group.
    fn clear(&self, vectors: &[Vec<f32>], groups: &[usize]) -> Vec<bool> {
        let Some(least) = self.embedder.min_clear_cosine() else { return vec![true; vectors.len()] };
        let count = groups.iter().max().map_or(0, |last| last + 1);
        let mut middles = vec![Vec::new(); count];
        for (vector, group) in vectors.iter().zip(groups) {
            if let Some(middle) = middles.get_mut(*group) {
                middle.resize(vector.len(), 0.0);
                middle.iter_mut().zip(vector).for_each(|(sum, number)| *sum += number);
            }
        }
        let like = |vector: &Vec<f32>, group: &usize| {
            middles.get(*group).map_or(1.0, |middle| cosine(vector, middle))
        };
        vectors.iter().zip(groups).map(|(vector, group)| like(vector, group) >= least).collect()
    }
}

fn cosine(one: &[f32], other: &[f32]) -> f32 {
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    product(one, other) / (product(one, one) * product(other, other)).sqrt().max(f32::MIN_POSITIVE)
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

    /// Voices that are their samples' first numbers.
    struct Plain;

    impl SpeakerEmbedder for Plain {
        fn embed(&mut self, _: &[f32]) -> Option<Vec<f32>> {
            None
        }

        fn measured(&self, voices: &[Voice]) -> Vec<Vec<f32>> {
            voices.iter().map(|voice| voice.vector.clone()).collect()
        }

        fn apart(&self) -> Apart {
            Apart { threshold: 1.0, chance: 0.0 }
        }

        fn min_clear_cosine(&self) -> Option<f32> {
            Some(0.9)
        }
    }

    #[test]
    fn a_voice_between_two_speakers_is_unclear() {
        let mut diariser = Diariser::new(Box::new(Plain), None);
        let vectors = [[1.0, 0.0], [1.0, 0.1], [1.0, 0.0], [0.7, 0.6], [0.0, 1.0], [0.1, 1.0], [0.0, 1.0]];
        diariser.voices = (0..)
            .zip(vectors)
            .map(|(at, vector)| Voice {
                cell: at * 16_000..(at + 1) * 16_000,
                speech: 0,
                vector: vector.to_vec(),
            })
            .collect();
        let turns = diariser.turns(Count { least: 2, most: 2 });
        let unclear: Vec<_> = turns.iter().map(|turn| (turn.speaker, turn.unclear_seconds)).collect();
        assert_eq!(unclear, [(0, 1.0), (1, 0.0)]);
    }

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
