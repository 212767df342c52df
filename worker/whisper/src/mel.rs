//! The log-mel spectrogram: bands of pitch as people tell them apart.

use std::f32::consts::TAU;
use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex};

/// Samples of one row, and from one to the next (16 kHz): 25 ms every 10 ms.
const FRAME: usize = 400;
/// Frequencies that are told apart in one row.
pub(crate) const FREQUENCIES: usize = FRAME / 2 + 1;
const STEP: usize = 160;
/// Rows of one window: 30 s.
const ROWS: usize = 3000;

pub(crate) struct MelSpectrogram {
    transform: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    /// For each band the first frequency that it takes of, and how much of it and the next.
    filters: Vec<(usize, Vec<f32>)>,
}

impl MelSpectrogram {
    /// `filters` say how much each band takes of each of the 201 frequencies.
    pub(crate) fn new(filters: &[f32]) -> Self {
        let window = (0..FRAME).map(|at| 0.5 - 0.5 * (TAU * at as f32 / FRAME as f32).cos()).collect();
        let filters = filters.chunks_exact(FREQUENCIES).map(|band| {
            let first = band.iter().position(|part| *part != 0.0).unwrap_or_default();
            let end = band.iter().rposition(|part| *part != 0.0).map_or(first, |last| last + 1);
            (first, band.get(first..end).unwrap_or_default().to_vec())
        });
        Self { transform: RealFftPlanner::new().plan_fft_forward(FRAME), window, filters: filters.collect() }
    }

    /// Rows of bands for 30 s, of which all after the samples are silent.
    pub(crate) fn of(&self, samples: &[f32]) -> Vec<f32> {
        // A row is in the middle of its samples, so what is before the first is mirrored.
        let mirrored = (1..=FRAME / 2).rev().map(|at| samples.get(at).copied().unwrap_or_default());
        let mut padded: Vec<f32> = mirrored.collect();
        padded.extend_from_slice(samples);
        padded.resize((padded.len() + FRAME).next_multiple_of(STEP), 0.0);
        let mut rows = Vec::with_capacity(ROWS * self.filters.len());
        let mut spectrum = self.transform.make_output_vec();
        let mut scratch = self.transform.make_scratch_vec();
        for frame in padded.windows(FRAME).step_by(STEP).take(ROWS) {
            let mut frame: Vec<f32> =
                frame.iter().zip(&self.window).map(|(sample, part)| sample * part).collect();
            let done = self.transform.process_with_scratch(&mut frame, &mut spectrum, &mut scratch);
            #[expect(clippy::expect_used, reason = "it fails for sizes that were not planned only")]
            done.expect("sizes that were planned");
            let powers: Vec<f32> = spectrum.iter().map(|number| number.norm_sqr()).collect();
            rows.extend(self.filters.iter().map(|(first, parts)| {
                let energy: f32 =
                    powers.iter().skip(*first).zip(parts).map(|(power, part)| power * part).sum();
                energy.max(1e-10).log10()
            }));
        }
        rows.resize(ROWS * self.filters.len(), -10.0);
        let floor = rows.iter().copied().fold(f32::MIN, f32::max) - 8.0;
        for value in &mut rows {
            *value = (value.max(floor) + 4.0) / 4.0;
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BANDS: usize = 10;

    /// Takes bands of 20 frequencies each, which are 40 Hz apart.
    fn spectrogram() -> MelSpectrogram {
        let takes = |band: usize, frequency: usize| f32::from(u8::from(frequency / 20 == band));
        let band = |band| (0..=FRAME / 2).map(move |frequency| takes(band, frequency));
        MelSpectrogram::new(&(0..BANDS).flat_map(band).collect::<Vec<_>>())
    }

    fn tone(hertz: f32, samples: usize) -> Vec<f32> {
        (0..samples).map(|at| (TAU * hertz * at as f32 / 16_000.0).sin()).collect()
    }

    #[test]
    fn a_tone_is_in_the_band_of_its_pitch() {
        let spectrum = spectrogram().of(&tone(1000.0, 16_000));
        // With this window a tone has an amplitude of 100 at its frequency and of 50 beside it.
        let (energy, loud): (f32, _) = (100.0 * 100.0 + 2.0 * 50.0 * 50.0, |value: &f32| *value > 0.5);
        for row in spectrum.chunks_exact(BANDS).skip(2).take(96) {
            assert!((row[1] - (energy.log10() + 4.0) / 4.0).abs() < 1e-3, "{row:?}");
            assert_eq!(row.iter().filter(|value| loud(value)).count(), 1, "{row:?}");
        }
        assert!(!spectrum.iter().skip(102 * BANDS).any(loud), "after its end");
    }

    #[test]
    fn silence_is_flat_and_as_far_below_a_sound_as_can_be() {
        assert!(spectrogram().of(&[0.0; 5000]).iter().all(|value| *value == -1.5));
        assert!(spectrogram().of(&[]).iter().all(|value| *value == -1.5));
        let spectrum = spectrogram().of(&tone(1000.0, 16_000));
        let most = spectrum.iter().copied().fold(f32::MIN, f32::max);
        let least = spectrum.iter().copied().fold(f32::MAX, f32::min);
        assert!((most - least - 2.0).abs() < 1e-6, "{least} to {most}");
        assert_eq!(spectrum.last(), Some(&least));
    }

    #[test]
    fn rows_are_those_of_30_seconds() {
        for samples in [0, 1, 200, 201, 399, 400, 16_000, 479_999, 480_000, 500_000] {
            let spectrum = spectrogram().of(&tone(440.0, samples));
            assert_eq!(spectrum.len(), ROWS * BANDS, "{samples} samples");
            assert!(spectrum.iter().all(|value| value.is_finite()), "{samples} samples");
        }
        let spectrum = spectrogram().of(&tone(1000.0, 480_000));
        assert!(spectrum.chunks_exact(BANDS).skip(2).all(|row| row[1] > 2.0), "until the end");
    }

    #[test]
    fn what_is_before_the_first_sample_is_mirrored() {
        let mut samples = vec![0.0; 1000];
        samples[3] = 1.0;
        let spectrum = spectrogram().of(&samples);
        let window = 0.5 + 0.5 * (TAU * 3.0 / FRAME as f32).cos();
        let energy: f32 =
            (0..20).map(|at| (2.0 * window * (TAU * 3.0 * at as f32 / FRAME as f32).cos()).powi(2)).sum();
        assert!((spectrum[0] - (energy.log10() + 4.0) / 4.0).abs() < 1e-4, "{}", spectrum[0]);
        assert_eq!(spectrogram().of(&samples[..10]), spectrum, "however few samples there are");
    }
}
