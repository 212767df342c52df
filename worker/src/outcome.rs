//! How work on a job ends, when not well.

use std::io;

use blobs::BlobError;
use shared::job::Failure;
use store::StoreError;

use crate::{
    audio::AudioError, engine::EngineError, speakers::SpeakerModelError, transcriber::TranscriberError,
};

/// Why work on a job ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum Unfinished {
    /// The process stops, or the job was taken away: somebody goes on with it, or nobody shall.
    #[error("the work was interrupted")]
    Interrupted,
    /// The job cannot be done.
    #[error("{service} failed with {}", .failure.code)]
    Failed {
        /// Part of the program.
        service: &'static str,
        /// What people are told.
        failure: Failure,
    },
    /// The storage for recordings failed in a way that may pass; the job is tried again in a while.
    #[error("{0}")]
    Storage(String),
    /// This worker lacks what the job needs, and another may have it.
    #[error("{0}")]
    Elsewhere(String),
    /// The database failed; the job is tried again when its lease has run out.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Unfinished {
    fn failed(service: &'static str, code: &str, error: &dyn std::error::Error) -> Self {
        Self::Failed { service, failure: Failure::new(code, sentence(&error.to_string())) }
    }
}

impl From<AudioError> for Unfinished {
    fn from(error: AudioError) -> Self {
        match error {
            AudioError::UnreadableRecording(error) if error.kind() == io::ErrorKind::NotConnected => {
                Self::Storage(error.to_string())
            }
            AudioError::Interrupted => Self::Interrupted,
            error => Self::failed("decoder", error.code(), &error),
        }
    }
}

impl From<BlobError> for Unfinished {
    fn from(error: BlobError) -> Self {
        if error.may_pass() {
            return Self::Storage(error.to_string());
        }
        Self::failed("storage", "unreadable_recording", &error)
    }
}

impl From<EngineError> for Unfinished {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Transcriber(error) => error.into(),
            EngineError::Elsewhere { .. } => Self::Elsewhere(sentence(&error.to_string())),
            EngineError::Model(error) => Self::failed("models", "model_unavailable", &error),
            EngineError::NoGpu => Self::failed("stt", "no_gpu", &error),
        }
    }
}

impl From<SpeakerModelError> for Unfinished {
    fn from(error: SpeakerModelError) -> Self {
        Self::failed("speakers", "model_unavailable", &error)
    }
}

impl From<TranscriberError> for Unfinished {
    fn from(error: TranscriberError) -> Self {
        match error {
            TranscriberError::Stopped => Self::Interrupted,
            error => Self::failed("stt", error.code(), &error),
        }
    }
}

/// An error's text as a sentence: with a capital and a full stop.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
