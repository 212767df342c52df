//! What a model is asked for, and what it writes.

use std::sync::Arc;

/// Samples of a second: all sound is mono at 16 kHz, in ±1.
pub const SAMPLE_RATE: usize = 16_000;
/// The most samples that a model hears at once: 30 s.
pub const MAX_SAMPLES: usize = SAMPLE_RATE * 30;
/// Samples in one step of the encoder, and in one of a timestamp: 0.02 s.
pub const STEP_SAMPLES: usize = 320;
/// Shorter sound counts as if silence followed up to here, as in whisper.cpp: 1.25 s.
pub const MIN_SAMPLES: usize = SAMPLE_RATE * 5 / 4;
/// Texts among which chance picks the best.
pub const RANDOM_HYPOTHESES: usize = 5;

/// What a text is to be.
#[derive(Clone, Debug, Default)]
pub struct DecodeOptions {
    /// ISO 639-1 code of what is spoken.
    pub language: String,
    /// Whether it is wanted in English, whatever is spoken.
    pub translate: bool,
    /// Text as it could stand before the window; of a long one the end counts.
    pub prompt: Arc<str>,
    /// Whether timestamps are written. With them a text may end before its window does, at a sentence's end.
    pub timestamps: bool,
}

/// How the next token is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sampling {
    /// Always the most probable.
    Greedy,
    /// Of so many sequences, the most probable.
    Beam(u32),
    /// By chance, the more so the higher the temperature (0 to 1).
    Random(f32),
}

/// A text that was decoded.
#[derive(Clone, Debug, Default)]
pub struct Decoded {
    /// What was written, with timestamps among it if they were asked for.
    pub tokens: Vec<Token>,
    /// Average log-probability of all tokens, the last one that ends the text among them.
    pub avg_logprob: f32,
    /// Whether it had to be stopped because it found no end.
    pub is_endless: bool,
}

/// What the model wrote.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A piece of text.
    Text(TextToken),
    /// A timestamp, in steps of 0.02 s from the window's begin.
    Time(u32),
}

/// A piece of text.
#[derive(Clone, Debug, PartialEq)]
pub struct TextToken {
    /// Its bytes, which need not be whole letters.
    pub bytes: Vec<u8>,
    /// Logarithm of its probability.
    pub logprob: f32,
    /// When it is said, if that is known.
    pub time: Option<TokenTime>,
}

/// When a token is said, in samples of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenTime {
    /// Its first sample.
    pub start: usize,
    /// The sample after its last.
    pub end: usize,
    /// Where the model attends to it most.
    pub peak: usize,
}

impl Token {
    /// The piece of text, unless it is a timestamp.
    pub fn as_text_mut(&mut self) -> Option<&mut TextToken> {
        match self {
            Self::Text(text) => Some(text),
            Self::Time(_) => None,
        }
    }
}
