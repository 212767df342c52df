//! A model in memory, and how it is worked.

use std::path::Path;
use std::sync::Arc;

use whisper::{language_code, language_index};
use whisper_rs::{WhisperContext, WhisperContextParameters, install_logging_hooks};

use super::WhisperEngine;
use crate::transcriber::{
    TranscriberError, WhisperSettings,
    engine::{Engine, SpeechModel},
};

/// Whether the program can work on a GPU.
pub(crate) const BUILT_FOR_GPU: bool = cfg!(any(feature = "cuda", feature = "vulkan", feature = "hipblas"));

/// A model in memory, and how it is worked.
#[derive(Clone)]
pub(in super::super) struct LoadedModel {
    pub(super) context: Arc<WhisperContext>,
    /// Passes at the same time.
    parallel: usize,
    /// Threads of one pass.
    pub(super) threads: usize,
    pub(super) beam: u32,
}

impl LoadedModel {
    pub(in super::super) fn load(path: &Path, settings: &WhisperSettings) -> Result<Self, TranscriberError> {
        install_logging_hooks();
        let mut params = WhisperContextParameters::default();
        params.use_gpu(settings.use_gpu);
        let context = WhisperContext::new_with_params(path, params).map_err(|_| {
            TranscriberError::BrokenModel { path: path.to_owned(), what: "it cannot be loaded".to_owned() }
        })?;
        let threads = settings.threads();
        let parallel = match settings.parallel {
            0 if settings.use_gpu && BUILT_FOR_GPU => 1,
            0 => (threads / 4).clamp(2, 4).min(threads),
            asked => asked,
        };
        let threads = (threads / parallel).max(1);
        let beam = settings.beam();
        Ok(Self { context: Arc::new(context), parallel, threads, beam })
    }

    /// A language as whisper.cpp writes it.
    pub(super) fn language(&self, language: &str) -> Result<&'static str, TranscriberError> {
        let code = language_index(language).and_then(language_code);
        code.filter(|code| self.is_multilingual() || *code == "en")
            .ok_or_else(|| TranscriberError::UnsupportedLanguage { language: language.to_owned() })
    }
}

impl SpeechModel for LoadedModel {
    fn is_multilingual(&self) -> bool {
        self.context.is_multilingual()
    }

    fn knows(&self, language: &str) -> bool {
        self.language(language).is_ok()
    }

    fn parallel(&self) -> usize {
        self.parallel
    }

    fn beam(&self) -> u32 {
        self.beam
    }

    fn aligns(&self) -> bool {
        false
    }

    fn engine(&self) -> Result<Box<dyn Engine>, TranscriberError> {
        Ok(Box::new(WhisperEngine::new(self.clone())))
    }
}
