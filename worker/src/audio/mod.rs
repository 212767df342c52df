//! Recordings become windows of speech: decode → 16 kHz, mixed or channel by channel → voice activity → windows.
//!
//! Everything here blocks and streams: what is held in memory does not grow with the recording's length.
//! [`Recording`] ties the stages together, and lets a child process decode where it was given a program for that; each
//! stage ([`Decoder`], [`Resampler`], [`Pcm`], [`SpeechDetector`], [`Windows`]) also works alone, which is how the
//! benchmark times them.
//!
//! To add a voice activity detector, implement [`SpeechDetector`] and hand it to [`Windows::new`].

mod apart;
mod bleed;
mod built_in;
mod channels;
mod container;
mod decode;
mod error;
mod ffmpeg;
mod level;
mod limits;
mod mixdown;
mod pcm;
mod peaks;
mod recording;
mod resample;
mod silero;
mod spans;
mod timemap;
mod voice;
mod windows;

#[cfg(test)]
mod tests;

pub use apart::{DECODE_CHILD, decode_child};
pub use built_in::{BuiltIn, Damage};
pub use decode::{Chunk, Decoder};
pub use error::AudioError;
pub use limits::DecodeLimits;
pub use mixdown::Layout;
pub use pcm::Pcm;
pub use recording::Recording;
pub use resample::Resampler;
pub use silero::Silero;
pub use voice::{Earshot, SpeechDetector, detector};
pub use windows::{Stretch, Window, Windows};

/// Samples a second of everything behind the resampler: Whisper's rate. Positions in a recording are
/// counted in these samples.
pub const SAMPLE_RATE: u32 = 16_000;

/// Samples (16 kHz) in so many milliseconds.
const fn millis(milliseconds: u64) -> u64 {
    milliseconds * SAMPLE_RATE as u64 / 1000
}

/// So many samples (16 kHz) in seconds.
pub(crate) fn seconds(samples: u64) -> f64 {
    samples as f64 / f64::from(SAMPLE_RATE)
}
