//! The waveform of a recording, as it is drawn.

/// How loud a recording is, from its beginning to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peaks {
    /// Samples (16 kHz) that each of them stands for; the last may stand for fewer.
    pub samples_per_peak: u64,
    /// The greatest amplitude of these samples, from 0 (silence) to 255 (full scale).
    pub amplitudes: Vec<u8>,
}
