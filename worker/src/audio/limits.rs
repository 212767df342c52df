//! How recordings are decoded, and how much they may ask of the decoder.

use std::{path::PathBuf, time::Duration};

use config::VoiceActivity;

use super::Layout;

/// Limits on decoding. They act on what is decoded, not on what a header claims.
#[derive(Clone, Debug)]
pub struct DecodeLimits {
    /// The longest recording that is decoded.
    pub max_duration: Duration,
    /// The most channels of one track.
    pub max_channels: usize,
    /// The sample rates, in Hz, that are believed.
    pub sample_rates: std::ops::RangeInclusive<u32>,
    /// Whether an ffmpeg on the `PATH` may decode what the built-in decoders cannot.
    pub ffmpeg: bool,
    /// What becomes of the channels.
    pub layout: Layout,
    /// The most channels that are taken for a speaker each, if they are to be split.
    pub max_split_channels: usize,
    /// What tells speech from other sounds.
    pub voice_activity: VoiceActivity,
    /// The program that decodes in a process of its own when it is started with [`super::DECODE_CHILD`]. None: it is
    /// done in this process, which a hostile recording may bring down, and where the limits below do not hold.
    pub program: Option<PathBuf>,
    /// Bytes of memory that decoding may take.
    pub memory: u64,
    /// Processor time that decoding may take, in whole seconds.
    pub computing: Duration,
    /// Time that is waited for the next samples.
    pub patience: Duration,
}

impl Default for DecodeLimits {
    fn default() -> Self {
        Self {
            max_duration: Duration::from_secs(24 * 60 * 60),
            max_channels: 64,
            sample_rates: 4_000..=384_000,
            ffmpeg: true,
            layout: Layout::Mix,
            max_split_channels: 8,
            voice_activity: VoiceActivity::Earshot,
            program: None,
            memory: 512 << 20,
            computing: Duration::from_secs(30 * 60),
            patience: Duration::from_secs(60),
        }
    }
}
