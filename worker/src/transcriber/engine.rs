//! What an engine must be able to do, so that `recogniser.rs` can make sentences of windows with it.

use std::ops::Range;

use tokio_util::sync::CancellationToken;
use whisper::{DecodeOptions, Sampling, Token};

use super::attempts::Pass;
use super::{DetectedLanguage, TranscriberError};

/// A model in memory, which engines work.
pub(super) trait SpeechModel: Send + Sync {
    /// Whether it knows more than English.
    fn is_multilingual(&self) -> bool;

    /// Whether it knows a language, by its ISO 639-1 code in small letters.
    fn knows(&self, language: &str) -> bool;

    /// Windows worked on at the same time: so many engines are wanted of it.
    fn parallel(&self) -> usize;

    /// Sequences that are searched on the first try; 1 is greedy.
    fn beam(&self) -> u32;

    /// Whether its engines can tell when each token is said, so that they need not write timestamps.
    fn aligns(&self) -> bool;

    /// An engine for one thread.
    ///
    /// # Errors
    /// [`TranscriberError::EngineFailed`] when memory is short.
    fn engine(&self) -> Result<Box<dyn Engine>, TranscriberError>;
}

/// A speech engine in the hands of one thread, with one window before it at a time. It may be the share of one
/// thread in a model that others work too.
///
/// What can fail does so with [`TranscriberError::EngineFailed`], or with [`TranscriberError::Stopped`] once `halt`
/// is cancelled.
pub(super) trait Engine: Send {
    /// Takes up a window (16 kHz mono in ±1, at most 30 s, may be empty): all below is about it.
    fn set_audio(&mut self, samples: &[f32]);

    /// Decodes it, in a language that the model knows.
    fn pass(
        &mut self,
        options: &DecodeOptions,
        sampling: Sampling,
        halt: &CancellationToken,
    ) -> Result<Pass, TranscriberError>;

    /// The probability that nobody speaks in it, 0 to 1, once it was decoded; costs about half a pass.
    fn no_speech(&mut self) -> Result<f32, TranscriberError>;

    /// The languages that may be spoken in a span of it, the most probable first; never empty. For multilingual models only.
    fn languages(&mut self, span: &Range<usize>) -> Result<Vec<DetectedLanguage>, TranscriberError>;

    /// Tells when each token of text is said that was written of it, as far as the engine can tell.
    fn align(
        &mut self,
        options: &DecodeOptions,
        tokens: &mut [Token],
        halt: &CancellationToken,
    ) -> Result<(), TranscriberError> {
        let _ = (options, tokens, halt);
        Ok(())
    }

    /// Forgets everything but the model, after a panic.
    fn reset(&mut self);
}
