//! The built-in decoders and the resampler behind them: any recording they know, to 16 kHz.

use std::io::{Read, Seek};

use super::{AudioError, DecodeLimits, Decoder, Resampler};

/// A recording that is decoded in this process.
pub struct BuiltIn {
    decoder: Decoder,
    resampler: Option<Resampler>,
    channels: usize,
    ended: bool,
}

/// What was wrong with a recording without making it useless.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Damage {
    /// It ended before its end.
    pub cut_short: bool,
    /// So many places in it were skipped.
    pub broken_places: u32,
}

impl BuiltIn {
    /// Finds out what `source` holds, and gets ready to decode it.
    ///
    /// # Errors
    /// As [`Decoder::open`].
    pub fn open<R>(source: R, limits: &DecodeLimits) -> Result<Self, AudioError>
    where
        R: Read + Seek + Send + Sync + 'static,
    {
        Ok(Self { decoder: Decoder::open(source, limits)?, resampler: None, channels: 1, ended: false })
    }

    /// The length in seconds that the container claims; it may lie.
    pub fn declared_duration(&self) -> Option<f64> {
        self.decoder.declared_duration()
    }

    /// How many channels the samples are of; known with the first.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// What was wrong so far; complete at the end.
    pub fn damage(&self) -> Damage {
        Damage { cut_short: self.decoder.cut_short(), broken_places: self.decoder.broken_places() }
    }

    /// Appends the next 16 kHz samples, in ±1, those of the channels interleaved; false at the end.
    ///
    /// # Errors
    /// As [`Decoder::next_chunk`].
    pub fn fill(&mut self, out: &mut Vec<f32>) -> Result<bool, AudioError> {
        let before = out.len();
        while out.len() == before && !self.ended {
            let Some(chunk) = self.decoder.next_chunk()? else {
                self.ended = true;
                self.resampler.as_mut().map_or(Ok(()), |resampler| resampler.finish(out))?;
                break;
            };
            self.channels = chunk.channels;
            match &mut self.resampler {
                Some(resampler) if resampler.rate() == chunk.rate => resampler.push(chunk.samples, out)?,
                slot => {
                    if let Some(before) = slot {
                        before.finish(out)?;
                    }
                    slot.insert(Resampler::new(chunk.rate, chunk.channels)?).push(chunk.samples, out)?;
                }
            }
        }
        Ok(out.len() > before)
    }
}
