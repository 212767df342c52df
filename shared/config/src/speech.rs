//! How speech is recognised; `default.toml` says what each key means.

use std::path::PathBuf;

use bytesize::ByteSize;
use serde::{Deserialize, Serialize};

use super::{ConfigError, require};
use shared::language;

/// What the speech model runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    /// A GPU if the program was built for one and one is there.
    Auto,
    /// The processor.
    Cpu,
    /// A GPU, and an error without one.
    #[serde(alias = "cuda")]
    Gpu,
}

/// What works the speech model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpeechEngine {
    /// On a GPU whisper.cpp, and on the processor the batched engine, if it can work the model.
    Auto,
    /// The texts of several windows grow together, on the processor.
    Batched,
    /// whisper.cpp, one text at a time.
    WhisperCpp,
}

/// What tells speech from silence, music and noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VoiceActivity {
    /// The `earshot` crate's network, at any loudness.
    Earshot,
    /// Silero's network.
    Silero,
}

/// How speech is recognised.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpeechConfig {
    /// Name or path of the model.
    pub model: String,
    /// Folder of fetched models.
    pub models: PathBuf,
    /// Folder of the models that come with the program; empty: beside it.
    pub bundled_models: PathBuf,
    /// Address of the folder that models are fetched from.
    pub model_url: String,
    /// What it runs on.
    pub device: Device,
    /// What works it.
    pub engine: SpeechEngine,
    /// What tells speech from other sounds.
    pub voice_activity: VoiceActivity,
    /// ISO 639-1 code, `multi`, or `auto`.
    pub language: String,
    /// Text as it could stand before every transcript.
    pub prompt: String,
    /// Words to expect in every recording.
    pub hotwords: String,
    /// Candidates kept while decoding.
    pub beam_size: u32,
    /// Threads; 0 chooses.
    pub threads: usize,
    /// Windows of speech recognised at the same time; 0 chooses by the machine.
    pub parallel_windows: usize,
    /// Whether ffmpeg may help to decode.
    pub ffmpeg: bool,
    /// Memory that decoding one recording may take.
    pub decode_memory: ByteSize,
    /// Seconds that decoding one recording may compute.
    pub decode_seconds: u64,
    /// Seconds that are waited for the decoder's next samples.
    pub decode_patience_seconds: u64,
    /// How speakers are told apart by their voices.
    pub speakers: SpeakersConfig,
}

/// How speakers are told apart by their voices.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpeakersConfig {
    /// `campplus`, `built-in`, or name or path of a model.
    pub model: String,
    /// Address of the folder that their models are fetched from.
    pub model_url: String,
    /// How far apart two groups of voices are two speakers; 0: as the model says.
    pub threshold: f32,
}

impl SpeakersConfig {
    /// The network that is compiled in.
    pub const BUNDLED: &str = "campplus";
    /// What needs no network.
    pub const BUILT_IN: &str = "built-in";

    /// The name or path of the model whose file is to be found, unless what is in the program does.
    pub fn model(&self) -> Option<&str> {
        Some(self.model.as_str()).filter(|model| ![Self::BUNDLED, Self::BUILT_IN].contains(model))
    }

    /// The threshold that was set.
    pub fn threshold(&self) -> Option<f32> {
        Some(self.threshold).filter(|threshold| *threshold > 0.0)
    }

    fn validate(&self) -> Result<(), ConfigError> {
        require(
            !self.model.is_empty(),
            "speech.speakers.model is empty; write `campplus` or `built-in`, or name a model",
        )?;
        require(
            self.threshold.is_finite() && self.threshold >= 0.0,
            "speech.speakers.threshold is no number from 0 on",
        )
    }
}

impl SpeechConfig {
    /// The language that was set, or none if it is to be found out.
    pub fn language(&self) -> Option<&str> {
        Some(self.language.as_str()).filter(|language| *language != "auto")
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        self.speakers.validate()?;
        require(!self.model.is_empty(), "speech.model is empty; name a model, such as `base-q5_1`")?;
        let plausible = self.language == language::AUTO || language::is_spoken(&self.language);
        let sentence =
            "speech.language is neither `auto` nor `multi` nor an ISO 639-1 code such as `en` or `ko`";
        require(plausible, sentence)?;
        require(
            (self.device, self.engine) != (Device::Gpu, SpeechEngine::Batched),
            "speech.engine `batched` works on the processor, and speech.device asks for a GPU; set one of them to `auto`",
        )?;
        require((1..=8).contains(&self.beam_size), "speech.beam_size is not between 1 and 8")?;
        require(
            self.decode_memory >= ByteSize::mib(16),
            "speech.decode_memory is under 16 MiB, in which hardly anything can be decoded",
        )?;
        require(
            self.decode_seconds > 0 && self.decode_patience_seconds > 0,
            "speech.decode_seconds or speech.decode_patience_seconds is 0, so that nothing could be decoded",
        )
    }
}
