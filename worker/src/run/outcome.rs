//! How a task ends, when not well.

use std::io;

use blobs::BlobError;
use shared::job::Failure;
use store::StoreError;
use text::{import::ImportError, sentence};

use crate::{
    audio::AudioError, engine::EngineError, speakers::SpeakerModelError, transcriber::TranscriberError,
};

/// Why a task ended before its end, and what becomes of its job.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    /// The job is given back, and tried again.
    #[error(transparent)]
    Retry(#[from] RetryReason),
    /// The job cannot be done.
    #[error("{service} failed with {}", .failure.code)]
    Fail {
        /// Part of the program.
        service: &'static str,
        /// What people read.
        failure: Failure,
    },
}

/// Why a job is tried again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RetryReason {
    /// The process stops, or the job was taken away: somebody goes on with it, or nobody shall.
    #[error("the work was interrupted")]
    Interrupted,
    /// The storage for recordings failed in a way that may pass.
    #[error("{0}")]
    Storage(String),
    /// This worker lacks a model that the job needs, and another may have it.
    #[error("{0}")]
    MissingModel(String),
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl RetryReason {
    /// The word that stands for it in metrics.
    pub(crate) const fn label(&self) -> &'static str {
        match self {
            Self::Interrupted => "interrupted",
            Self::Storage(_) => "storage_away",
            Self::MissingModel(_) => "left",
            Self::Store(_) => "database_away",
        }
    }
}

impl TaskError {
    fn fail(service: &'static str, code: &str, error: &dyn std::error::Error) -> Self {
        Self::Fail { service, failure: Failure::new(code, sentence(&error.to_string())) }
    }
}

impl From<StoreError> for TaskError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LeaseLost(_) => RetryReason::Interrupted.into(),
            error => RetryReason::Store(error).into(),
        }
    }
}

impl From<AudioError> for TaskError {
    fn from(error: AudioError) -> Self {
        match error {
            AudioError::UnreadableRecording(error) if error.kind() == io::ErrorKind::NotConnected => {
                RetryReason::Storage(error.to_string()).into()
            }
            AudioError::Interrupted => RetryReason::Interrupted.into(),
            error => Self::fail("decoder", error.code(), &error),
        }
    }
}

impl From<ImportError> for TaskError {
    fn from(error: ImportError) -> Self {
        Self::fail("transcript", "unreadable_transcript", &error)
    }
}

impl From<BlobError> for TaskError {
    fn from(error: BlobError) -> Self {
        if error.may_pass() {
            return RetryReason::Storage(error.to_string()).into();
        }
        Self::fail("storage", "unreadable_recording", &error)
    }
}

impl From<EngineError> for TaskError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Transcriber(error) => error.into(),
            EngineError::Elsewhere { .. } => RetryReason::MissingModel(sentence(&error.to_string())).into(),
            EngineError::Model(error) => Self::fail("models", "model_unavailable", &error),
            EngineError::NoGpu => Self::fail("stt", "no_gpu", &error),
        }
    }
}

impl From<SpeakerModelError> for TaskError {
    fn from(error: SpeakerModelError) -> Self {
        Self::fail("speakers", "model_unavailable", &error)
    }
}

impl From<TranscriberError> for TaskError {
    fn from(error: TranscriberError) -> Self {
        match error {
            TranscriberError::Stopped => RetryReason::Interrupted.into(),
            error => Self::fail("stt", error.code(), &error),
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::job::JobId;

    use super::*;

    #[test]
    fn every_failure_says_retry_or_fail() {
        let passing: [TaskError; 3] = [
            StoreError::LeaseLost(JobId::new()).into(),
            AudioError::UnreadableRecording(io::ErrorKind::NotConnected.into()).into(),
            TranscriberError::Stopped.into(),
        ];
        let labels = passing.map(|error| match error {
            TaskError::Retry(reason) => reason.label(),
            TaskError::Fail { service, .. } => service,
        });
        assert_eq!(labels, ["interrupted", "storage_away", "interrupted"]);
        let lasting: TaskError = AudioError::UnreadableRecording(io::ErrorKind::NotFound.into()).into();
        assert!(matches!(lasting, TaskError::Fail { service: "decoder", .. }), "{lasting}");
    }
}
