//! What can go wrong with a speech model.

use std::io;
use std::path::PathBuf;

/// Why there are no words.
#[derive(Debug, thiserror::Error)]
pub enum TranscriberError {
    /// The model's file cannot be read.
    #[error("The speech model {} could not be read ({source}): check the path and its permissions.", path.display())]
    UnreadableModel {
        /// Where it was looked for.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The model's file is not a whole Whisper model in ggml form.
    #[error("The speech model {} is damaged or no Whisper model ({what}): delete it and fetch it again.",
        path.display())]
    BrokenModel {
        /// Where it lies.
        path: PathBuf,
        /// What is wrong, as a short phrase.
        what: String,
    },
    /// The model is whole, but the engine that was chosen cannot work it.
    #[error("The batched engine cannot work the speech model {} ({what}): set `speech.engine` to `auto`.",
        path.display())]
    UnsupportedModel {
        /// Where it lies.
        path: PathBuf,
        /// Why, as a short phrase.
        what: String,
    },
    /// The model does not know the language.
    #[error(
        "The speech model does not know the language `{language}`: use an ISO 639-1 code such as `en`, and a \
        multilingual model for anything but English."
    )]
    UnsupportedLanguage {
        /// What was asked for.
        language: String,
    },
    /// The model knows English only.
    #[error(
        "This speech model knows only English and cannot translate: choose one without `.en` in its name."
    )]
    CannotTranslate,
    /// More than the model can hear at once.
    #[error(
        "A window of {samples} samples is longer than the 30 seconds that the speech model hears at once."
    )]
    WindowTooLong {
        /// Its length at 16 kHz.
        samples: usize,
    },
    /// It was told to stop.
    #[error("The transcription was stopped.")]
    Stopped,
    /// The engine broke down.
    #[error("The speech engine failed ({what}): try again, with a smaller model if memory is short.")]
    EngineFailed {
        /// What it said, as a short phrase.
        what: String,
    },
}

impl TranscriberError {
    /// The stable name that clients may rely on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnreadableModel { .. } => "unreadable_model",
            Self::BrokenModel { .. } => "broken_model",
            Self::UnsupportedModel { .. } => "unsupported_model",
            Self::UnsupportedLanguage { .. } => "unsupported_language",
            Self::CannotTranslate => "cannot_translate",
            Self::WindowTooLong { .. } => "window_too_long",
            Self::Stopped => "stopped",
            Self::EngineFailed { .. } => "engine_failed",
        }
    }

    pub(super) fn failed(what: impl Into<String>) -> Self {
        Self::EngineFailed { what: what.into() }
    }
}
