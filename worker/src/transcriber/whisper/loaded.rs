//! A model in memory, and how it is worked.

use std::path::Path;
use std::sync::Arc;
use std::thread::available_parallelism;

use serde::{Deserialize, Serialize};
use shared::config::{Device, SpeechConfig};
use whisper_rs::{
    WhisperContext, WhisperContextParameters, get_lang_id, get_lang_str, install_logging_hooks,
};

use super::WhisperEngine;
use crate::transcriber::{
    TranscriberError,
    engine::{Engine, SpeechModel},
    model_file,
};

/// What whisper.cpp can search at once.
const MAX_BEAM: u32 = 8;

/// How a model is worked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WhisperSettings {
    /// Threads of all passes together; 0 means one for every core.
    pub threads: usize,
    /// Windows worked on at the same time, each with its share of the threads; 0 chooses by the machine.
    pub parallel: usize,
    /// Sequences that are searched on the first try; 1 is greedy, which is fastest. At most 8 are used.
    pub beam_size: u32,
    /// Whether the encoder first hears no more than a short window, rather than 30 s.
    pub fit_windows: bool,
    /// Whether to work on a GPU, if the program was built for one.
    pub use_gpu: bool,
}

impl Default for WhisperSettings {
    fn default() -> Self {
        Self { threads: 0, parallel: 0, beam_size: 1, fit_windows: false, use_gpu: true }
    }
}

impl From<&SpeechConfig> for WhisperSettings {
    fn from(config: &SpeechConfig) -> Self {
        Self {
            threads: config.threads,
            parallel: config.parallel_windows,
            beam_size: config.beam_size,
            fit_windows: config.fit_windows,
            use_gpu: config.device != Device::Cpu,
        }
    }
}

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
    pub(super) fit_windows: bool,
}

impl LoadedModel {
    pub(in super::super) fn load(path: &Path, settings: &WhisperSettings) -> Result<Self, TranscriberError> {
        install_logging_hooks();
        model_file::check(path)?;
        let mut params = WhisperContextParameters::default();
        params.use_gpu(settings.use_gpu);
        let context = WhisperContext::new_with_params(path, params).map_err(|_| {
            TranscriberError::BrokenModel { path: path.to_owned(), what: "it cannot be loaded".to_owned() }
        })?;
        let threads = if settings.threads == 0 { cores() } else { settings.threads };
        let parallel = match settings.parallel {
            0 if settings.use_gpu && BUILT_FOR_GPU => 1,
            0 => (threads / 4).clamp(2, 4).min(threads),
            asked => asked,
        };
        let threads = (threads / parallel).max(1);
        let beam = settings.beam_size.clamp(1, MAX_BEAM);
        let (context, fit_windows) = (Arc::new(context), settings.fit_windows);
        Ok(Self { context, parallel, threads, beam, fit_windows })
    }

    /// A language as whisper.cpp writes it.
    pub(super) fn language(&self, language: &str) -> Result<&'static str, TranscriberError> {
        let plain = language.bytes().all(|byte| byte.is_ascii_alphabetic());
        let code = plain.then(|| get_lang_id(language)).flatten().and_then(get_lang_str);
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

    fn engine(&self) -> Result<Box<dyn Engine>, TranscriberError> {
        Ok(Box::new(WhisperEngine::new(self.clone())))
    }
}

/// Cores that do work of their own: whisper.cpp's threads only get into each other's way on the others.
fn cores() -> usize {
    available_parallelism().map_or(1, |cores| cores.get().min(num_cpus::get_physical())).max(1)
}
