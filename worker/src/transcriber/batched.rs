//! The crate `whisper`, which decodes several windows together on processors.

use std::ops::Range;
use std::path::Path;

use tokio_util::sync::CancellationToken;
use whisper::{DecodeOptions, Decoded, LanguageProbability, Model, Sampling, Session, SessionError, Token};

use super::attempts::Pass;
use super::engine::{Engine, SpeechModel};
use super::{DetectedLanguage, TranscriberError, WhisperSettings};

/// Windows that are decoded at the same time, unless it is said otherwise.
const WINDOWS: usize = 4;

/// A model in memory.
pub(super) struct BatchedModel {
    model: Model,
    parallel: usize,
    beam: u32,
}

impl BatchedModel {
    /// Loads a model, whose file was checked before.
    ///
    /// # Errors
    /// [`TranscriberError::UnreadableModel`], [`TranscriberError::UnsupportedModel`], or
    /// [`TranscriberError::EngineFailed`] when threads are short.
    pub(super) fn load(path: &Path, settings: &WhisperSettings) -> Result<Self, TranscriberError> {
        let parallel = if settings.parallel == 0 { WINDOWS } else { settings.parallel };
        let model = Model::load(path, settings.threads(), parallel);
        let model = model.map_err(|source| match source.kind() {
            std::io::ErrorKind::InvalidData => {
                TranscriberError::UnsupportedModel { path: path.to_owned(), what: source.to_string() }
            }
            std::io::ErrorKind::Other => TranscriberError::failed(source.to_string()),
            _ => TranscriberError::UnreadableModel { path: path.to_owned(), source },
        })?;
        Ok(Self { model, parallel, beam: settings.beam() })
    }
}

impl SpeechModel for BatchedModel {
    fn is_multilingual(&self) -> bool {
        self.model.is_multilingual()
    }

    fn knows(&self, language: &str) -> bool {
        self.model.knows(language)
    }

    fn parallel(&self) -> usize {
        self.parallel
    }

    fn beam(&self) -> u32 {
        self.beam
    }

    fn aligns(&self) -> bool {
        true
    }

    fn engine(&self) -> Result<Box<dyn Engine>, TranscriberError> {
        Ok(Box::new(self.model.session()))
    }
}

impl Engine for Session {
    fn set_audio(&mut self, samples: &[f32]) {
        Self::set_audio(self, samples);
    }

    fn pass(
        &mut self,
        options: &DecodeOptions,
        sampling: Sampling,
        halt: &CancellationToken,
    ) -> Result<Pass, TranscriberError> {
        let Decoded { tokens, avg_logprob, is_endless } = self.decode(options, sampling, halt)?;
        Ok(Pass { tokens, logprob: avg_logprob, endless: is_endless })
    }

    fn no_speech(&mut self) -> Result<f32, TranscriberError> {
        Ok(Self::no_speech(self)?)
    }

    fn languages(&mut self, span: &Range<usize>) -> Result<Vec<DetectedLanguage>, TranscriberError> {
        Ok(Self::languages(self, span)?.into_iter().map(DetectedLanguage::from).collect())
    }

    fn align(
        &mut self,
        options: &DecodeOptions,
        tokens: &mut [Token],
        halt: &CancellationToken,
    ) -> Result<(), TranscriberError> {
        Ok(Self::align(self, options, tokens, halt)?)
    }

    fn reset(&mut self) {
        Self::reset(self);
    }
}

impl From<LanguageProbability> for DetectedLanguage {
    fn from(LanguageProbability { code, probability }: LanguageProbability) -> Self {
        Self { code: code.to_owned(), probability }
    }
}

impl From<SessionError> for TranscriberError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Stopped => Self::Stopped,
            SessionError::BrokeDown => Self::failed(error.to_string()),
        }
    }
}
