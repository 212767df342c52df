//! SEAM: windows of speech become words.
//!
//! [`Transcriber`] and the values around it are all that the rest of the house knows of a speech engine.
//! `whisper_cpp.rs` (whisper.cpp) and `batched.rs` (the crate `whisper`) are the ones there are. To add another, give it a file of its own beside
//! them, let it implement the two traits of `engine.rs` (`worker_pool.rs` keeps blocking engines on threads of their own,
//! `recogniser.rs` makes sentences with them), load it in `worker_pool.rs`, and run the tests of this folder on it.

mod attempts;
mod batched;
mod coverage;
mod engine;
mod error;
mod hallucination;
mod languages;
mod recogniser;
mod sentences;
mod settings;
mod sounds;
mod split_at_pause;
mod whisper_cpp;
mod word_times;
mod words;
mod worker_pool;

#[cfg(test)]
mod tests;

use std::{ops::Range, sync::Arc};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

pub use error::TranscriberError;
pub use settings::WhisperSettings;
pub(crate) use whisper_cpp::BUILT_FOR_GPU;
pub use worker_pool::Whisper;

/// A speech model in memory.
///
/// Cancelling `stop`, or dropping the future, stops the work; the call returns at once, and the engine is
/// free again after at most one pass of the model's encoder.
#[async_trait]
pub trait Transcriber: Send + Sync {
    /// Whether it knows more than English.
    fn is_multilingual(&self) -> bool;

    /// How many windows it works on at the same time.
    fn parallel(&self) -> usize;

    /// The languages that may be spoken in `samples` (16 kHz mono in ±1; the first 30 s count), the most probable
    /// first; never empty.
    ///
    /// # Errors
    /// [`TranscriberError::Stopped`] or [`TranscriberError::EngineFailed`].
    async fn detect_languages(
        &self,
        samples: Arc<[f32]>,
        stop: CancellationToken,
    ) -> Result<Vec<DetectedLanguage>, TranscriberError>;

    /// What is said in a window of at most 30 s.
    ///
    /// # Errors
    /// [`TranscriberError::UnsupportedLanguage`], [`TranscriberError::CannotTranslate`],
    /// [`TranscriberError::WindowTooLong`],
    /// [`TranscriberError::Stopped`] or [`TranscriberError::EngineFailed`].
    async fn transcribe(
        &self,
        request: TranscribeRequest,
        stop: CancellationToken,
    ) -> Result<Transcription, TranscriberError>;
}

/// A window to transcribe.
#[derive(Clone, Debug, Default)]
pub struct TranscribeRequest {
    /// 16 kHz mono samples in ±1, at most 30 s of them.
    pub samples: Arc<[f32]>,
    /// Where in them there is voice, in order: each stretch is to be found in the text, or to be given up. May be empty:
    /// then what the model says of the window counts.
    pub voiced: Vec<Range<usize>>,
    /// What is spoken.
    pub language: SpokenLanguage,
    /// Whether it is wanted in English, whatever is spoken.
    pub translate: bool,
    /// Text as it could stand before the window: names and terms in it are spelled alike. Of a long one the end counts.
    pub prompt: Arc<str>,
}

/// What is known of the language of a window, as ISO 639-1 codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SpokenLanguage {
    /// All is in one language, because somebody said so.
    Only(String),
    /// Nearly all is in one language, because it was heard before.
    Mostly(String),
    /// Nothing is known.
    #[default]
    Any,
}

/// What came of a window. All places are samples in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transcription {
    /// What is said, sentence by sentence, in order.
    pub spoken: Vec<SpokenText>,
    /// What is heard but not said.
    pub sounds: Vec<Sound>,
    /// Where there is voice: as the request says, but for stretches in which the model hears none.
    pub voiced: Vec<Range<usize>>,
    /// Voiced samples that were heard once more, because the first text left them out.
    pub decoded_again: usize,
    /// Voiced stretches in which nothing could be understood.
    pub given_up: Vec<Range<usize>>,
}

/// A sound that is no speech, such as music.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    /// Where in the window.
    pub range: Range<usize>,
    /// What the model calls it, in brackets.
    pub name: String,
}

/// A sentence, or what the model takes for one.
#[derive(Clone, Debug, PartialEq)]
pub struct SpokenText {
    /// Its first sample in the window.
    pub start: usize,
    /// The sample after its last.
    pub end: usize,
    /// The words, trimmed; never empty.
    pub text: String,
    /// How sure the model is of the words, 0 to 1.
    pub confidence: f32,
    /// Whether the words are a guess that no other try made better.
    pub low_confidence: bool,
    /// ISO 639-1 code of what is spoken.
    pub language: String,
    /// The words one by one, in order.
    pub words: Vec<SpokenWord>,
}

/// One word.
#[derive(Clone, Debug, PartialEq)]
pub struct SpokenWord {
    /// Its first sample in the window.
    pub start: usize,
    /// The sample after its last.
    pub end: usize,
    /// As it is written, with the space before it and the punctuation behind it.
    pub text: String,
    /// How sure the model is of it, 0 to 1.
    pub probability: f32,
}

/// What language it is.
#[derive(Clone, Debug, PartialEq)]
pub struct DetectedLanguage {
    /// ISO 639-1 code, such as `ko`.
    pub code: String,
    /// How sure the model is, 0 to 1.
    pub probability: f32,
}
