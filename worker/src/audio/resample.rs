//! Any rate becomes 16 kHz.

use audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler as _};

use super::{AudioError, SAMPLE_RATE, mixdown::tame};

/// Input frames per transform: large enough for a steep filter, small enough to stay in the cache.
const BLOCK: usize = 1024;

/// Turns samples of one rate into 16 kHz, sample-exact in length: the filter's delay is cut off at
/// the front and its tail is flushed at the end.
pub struct Resampler {
    rate: u32,
    channels: usize,
    filter: Option<Fft<f32>>,
    waiting: Vec<f32>,
    block: Vec<f32>,
    delay: usize,
    taken: u64,
    given: u64,
}

impl Resampler {
    /// A resampler of so many interleaved channels from `rate` Hz; 16 kHz passes through untouched.
    ///
    /// # Errors
    /// [`AudioError::AbsurdMedia`] for a rate that no filter can be made for, such as 0.
    pub fn new(rate: u32, channels: usize) -> Result<Self, AudioError> {
        let filter = (rate != SAMPLE_RATE).then(|| filter(rate, channels)).transpose()?;
        let delay = filter.as_ref().map_or(0, |filter| filter.output_delay());
        let block = vec![0.0; filter.as_ref().map_or(0, |filter| filter.output_frames_max()) * channels];
        Ok(Self { rate, channels, filter, waiting: Vec::new(), block, delay, taken: 0, given: 0 })
    }

    /// The rate of the input in Hz.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Takes the next samples and appends to `out` what is ready at 16 kHz.
    ///
    /// # Errors
    /// [`AudioError::DecoderFailed`] if the filter refuses its own block size.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) -> Result<(), AudioError> {
        self.taken += (samples.len() / self.channels) as u64;
        let Some(size) = self.filter.as_ref().map(|filter| filter.input_frames_next()) else {
            out.extend_from_slice(samples);
            self.given += (samples.len() / self.channels) as u64;
            return Ok(());
        };
        self.waiting.extend_from_slice(samples);
        let waiting = std::mem::take(&mut self.waiting);
        let blocks = waiting.chunks_exact(size * self.channels);
        self.waiting.extend_from_slice(blocks.remainder());
        blocks.into_iter().try_for_each(|block| self.convert(block, out))
    }

    /// Appends what is still in the filter. Afterwards the output is as long as the input, to the sample.
    ///
    /// # Errors
    /// As [`Resampler::push`].
    pub fn finish(&mut self, out: &mut Vec<f32>) -> Result<(), AudioError> {
        let due = (self.taken * u64::from(SAMPLE_RATE) + u64::from(self.rate) / 2) / u64::from(self.rate);
        let mut rest = std::mem::take(&mut self.waiting);
        while self.given < due && self.filter.is_some() {
            self.convert(&rest, out)?;
            rest.clear();
        }
        let surplus = self.given.saturating_sub(due) as usize;
        out.truncate(out.len().saturating_sub(surplus * self.channels));
        self.given -= surplus as u64;
        Ok(())
    }

    /// Converts one block, which is short only at the end (silence stands in for the rest).
    fn convert(&mut self, block: &[f32], out: &mut Vec<f32>) -> Result<(), AudioError> {
        let Some(filter) = &mut self.filter else { return Ok(()) };
        let (channels, frames) = (self.channels, block.len() / self.channels);
        let room = self.block.len() / channels;
        let input = InterleavedSlice::new(block, channels, frames).map_err(|_| AudioError::DecoderFailed)?;
        let mut output = InterleavedSlice::new_mut(&mut self.block, channels, room)
            .map_err(|_| AudioError::DecoderFailed)?;
        let partial = Indexing {
            input_offset: 0,
            output_offset: 0,
            partial_len: Some(frames),
            active_channels_mask: None,
        };
        let (_, made) = filter
            .process_into_buffer(&input, &mut output, Some(&partial))
            .map_err(|_| AudioError::DecoderFailed)?;
        let late = self.delay.min(made);
        self.delay -= late;
        self.given += (made - late) as u64;
        out.extend(self.block.iter().take(made * channels).skip(late * channels).map(|sample| tame(*sample)));
        Ok(())
    }
}

fn filter(rate: u32, channels: usize) -> Result<Fft<f32>, AudioError> {
    Fft::new(rate as usize, SAMPLE_RATE as usize, BLOCK, channels, FixedSync::Both)
        .map_err(|_| AudioError::absurd(format!("a sample rate of {rate} Hz")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resample(rate: u32, samples: &[f32], chunk: usize) -> Vec<f32> {
        let mut resampler = Resampler::new(rate, 1).unwrap();
        let mut out = Vec::new();
        samples.chunks(chunk).for_each(|part| resampler.push(part, &mut out).unwrap());
        resampler.finish(&mut out).unwrap();
        out
    }

    fn tone(rate: u32, hertz: f64, count: usize) -> Vec<f32> {
        let step = std::f64::consts::TAU * hertz / f64::from(rate);
        (0..count).map(|n| (0.5 * (step * n as f64).sin()) as f32).collect()
    }

    #[test]
    fn the_output_is_as_long_as_the_input() {
        for rate in [4000, 8000, 11_025, 12_345, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 192_000] {
            for count in [0, 1, 7, 1023, 50_000] {
                let due = (count as u64 * 16_000 + u64::from(rate) / 2) / u64::from(rate);
                assert_eq!(resample(rate, &vec![0.1; count], 777).len() as u64, due, "{count} at {rate} Hz");
            }
        }
    }

    #[test]
    fn a_tone_keeps_its_pitch_place_and_level() {
        for rate in [8000, 22_050, 44_100, 48_000] {
            let got = resample(rate, &tone(rate, 440.0, rate as usize), 1000);
            let want = tone(16_000, 440.0, 16_000);
            let off =
                got[800..15_200].iter().zip(&want[800..]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            // Half a sample of the input stays of the delay where the filter is of odd length.
            assert!(off < 0.04, "off by {off} at {rate} Hz");
        }
    }

    #[test]
    fn how_it_is_cut_into_chunks_changes_nothing() {
        let samples = tone(44_100, 300.0, 30_000);
        assert_eq!(resample(44_100, &samples, 30_000), resample(44_100, &samples, 13));
        assert_eq!(resample(16_000, &samples, 512), samples);
    }

    #[test]
    fn channels_do_not_touch_each_other() {
        for rate in [16_000, 44_100] {
            let planes = [tone(rate, 300.0, 30_000), tone(rate, 440.0, 30_000), vec![0.0; 30_000]];
            let mut out = Vec::new();
            let mut resampler = Resampler::new(rate, planes.len()).unwrap();
            let frames: Vec<f32> =
                (0..30_000).flat_map(|frame| planes.iter().map(move |plane| plane[frame])).collect();
            frames.chunks(3 * 777).for_each(|part| resampler.push(part, &mut out).unwrap());
            resampler.finish(&mut out).unwrap();
            for (channel, plane) in planes.iter().enumerate() {
                let got: Vec<f32> = out.iter().skip(channel).step_by(planes.len()).copied().collect();
                assert_eq!(got, resample(rate, plane, 777), "channel {channel} at {rate} Hz");
            }
        }
    }

    #[test]
    fn a_rate_of_zero_is_refused() {
        assert_eq!(Resampler::new(0, 1).err().unwrap().code(), "damaged_media");
    }
}
