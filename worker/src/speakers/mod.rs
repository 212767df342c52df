//! Who speaks: a recording's voices are told apart.
//!
//! While the recording is heard, [`Diariser`] takes a voice of about every second of speech and keeps what a
//! [`SpeakerEmbedder`] makes of it: some numbers, and no sound. At the end, voices that are alike are one speaker's, and
//! [`label()`] gives the segments their names. The same recording always has the same speakers, also when a worker that died
//! has heard a part of it: the next one hears it from its beginning.
//!
//! SEAM: [`SpeakerEmbedder`]. To add a way to tell voices apart, give it a file of its own, implement that, and choose it in
//! `choice.rs`.

mod built_in;
mod choice;
mod cluster;
mod fbank;
mod label;
mod neural;
mod pitch;
mod scale;
#[cfg(test)]
mod tests;
mod turns;

pub use built_in::BuiltIn;
pub use choice::{Diarisers, SpeakerModelError};
pub use label::label;
pub use turns::{Diariser, Turn, Voice};

/// Turns the voice in some speech into numbers that are alike for the same speaker.
pub trait SpeakerEmbedder: Send {
    /// The numbers, always equally many, of the voice in `samples` (16 kHz mono in ±1, at most 2 s); none if
    /// there is too little voice.
    fn embed(&mut self, samples: &[f32]) -> Option<Vec<f32>>;

    /// The numbers of a voice that is heard between these two and overlaps with both, if they are so much alike that it need not be
    /// heard itself.
    fn between(&self, _one: &[f32], _other: &[f32]) -> Option<Vec<f32>> {
        None
    }

    /// The numbers of all voices of a recording in a measure in which distances tell speakers apart.
    fn measured(&self, voices: &[Voice]) -> Vec<Vec<f32>>;

    /// When two groups of voices are two speakers, in that measure.
    fn apart(&self) -> Apart;

    /// The cosine of a voice to the middle of its speaker's, in that measure, under which it is not clear whose it is: several
    /// may speak at once. None if that cannot be said.
    fn min_clear_cosine(&self) -> Option<f32> {
        None
    }
}

/// When two groups of voices are two speakers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Apart {
    /// The squared distance of their middles from which on they are.
    pub threshold: f32,
    /// By how many times the threshold, over their sizes, the middles of one speaker's groups may be apart by chance.
    pub chance: f32,
}

/// How many speakers there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// At least so many, as far as there are voices.
    pub least: usize,
    /// At most so many.
    pub most: usize,
}

/// What a speaker is called until somebody knows better: `Speaker 1` is the first (0).
pub fn name(place: usize) -> String {
    format!("Speaker {}", place + 1)
}
