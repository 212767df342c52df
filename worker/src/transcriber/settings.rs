//! How a speech model is worked.

use std::thread::available_parallelism;

use config::{Device, SpeechConfig, SpeechEngine};
use serde::{Deserialize, Serialize};

/// What can be searched at once.
const MAX_BEAM: u32 = 8;

/// How a model is worked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WhisperSettings {
    /// What works it.
    pub engine: SpeechEngine,
    /// Threads of all passes together; 0 means one for every core.
    pub threads: usize,
    /// Windows worked on at the same time, which share the threads; 0 chooses by engine and machine.
    pub parallel: usize,
    /// Sequences that are searched on the first try; 1 is greedy, which is fastest. At most 8 are used.
    pub beam_size: u32,
    /// Whether to work on a GPU, if the program was built for one.
    pub use_gpu: bool,
}

impl Default for WhisperSettings {
    fn default() -> Self {
        Self { engine: SpeechEngine::Auto, threads: 0, parallel: 0, beam_size: 3, use_gpu: true }
    }
}

impl From<&SpeechConfig> for WhisperSettings {
    fn from(config: &SpeechConfig) -> Self {
        Self {
            engine: config.engine,
            threads: config.threads,
            parallel: config.parallel_windows,
            beam_size: config.beam_size,
            use_gpu: config.device != Device::Cpu,
        }
    }
}

impl WhisperSettings {
    /// Threads of all passes together.
    pub(super) fn threads(&self) -> usize {
        if self.threads == 0 { cores() } else { self.threads }
    }

    /// Sequences that are searched on the first try.
    pub(super) fn beam(&self) -> u32 {
        self.beam_size.clamp(1, MAX_BEAM)
    }
}

/// Cores that do work of their own: threads only get into each other's way on the others.
fn cores() -> usize {
    available_parallelism().map_or(1, |cores| cores.get().min(num_cpus::get_physical())).max(1)
}
