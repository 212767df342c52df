//! What the ear hears: the energies of 80 mel bands, every 10 ms. As Kaldi computes them, because speaker models are trained
//! on that.

use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};

use crate::audio::SAMPLE_RATE;

/// How many bands.
pub(super) const BANDS: usize = 80;
/// Samples of a frame: 25 ms.
const FRAME_SAMPLES: usize = 400;
/// Samples from one frame to the next: 10 ms.
pub(super) const HOP_SAMPLES: usize = 160;
const FFT_POINTS: usize = 512;
/// The lowest frequency of the lowest band, in Hz.
const MIN_HERTZ: f32 = 20.0;
const PRE_EMPHASIS: f32 = 0.97;

/// How a model was taught to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// As wespeaker does: Hamming's window over samples that count in 16 bits. So does what is built in.
    WeSpeaker,
    /// As 3D-Speaker does: Povey's window over samples in ±1.
    ThreeDSpeaker,
}

impl Style {
    /// What the sample at `place` of a frame is multiplied with.
    fn weight(self, place: usize) -> f32 {
        let turn = (std::f32::consts::TAU * place as f32 / (FRAME_SAMPLES - 1) as f32).cos();
        match self {
            Self::WeSpeaker => 32_768.0 * (0.54 - 0.46 * turn),
            Self::ThreeDSpeaker => (0.5 - 0.5 * turn).powf(0.85),
        }
    }
}

/// The energies of one frame, as natural logarithms.
pub(super) type Bands = [f32; BANDS];

/// Computes them.
pub(super) struct Fbank {
    transform: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    /// For each band its first point and the weights from there on.
    bands: Vec<(usize, Vec<f32>)>,
    frame: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
}

impl Fbank {
    /// One that hears in that style.
    pub(super) fn new(style: Style) -> Self {
        let transform = RealFftPlanner::new().plan_fft_forward(FFT_POINTS);
        let window = (0..FRAME_SAMPLES).map(|place| style.weight(place)).collect();
        let (frame, spectrum) = (transform.make_input_vec(), transform.make_output_vec());
        Self { transform, window, bands: (0..BANDS).map(band).collect(), frame, spectrum }
    }

    /// The frames that lie whole in `samples` (16 kHz mono in ±1).
    pub(super) fn frames(&mut self, samples: &[f32]) -> Vec<Bands> {
        samples.windows(FRAME_SAMPLES).step_by(HOP_SAMPLES).map(|frame| self.bands(frame)).collect()
    }

    fn bands(&mut self, samples: &[f32]) -> Bands {
        let mean = samples.iter().sum::<f32>() / FRAME_SAMPLES as f32;
        let mut before = samples.first().copied().unwrap_or_default() - mean;
        self.frame.fill(0.0);
        for ((place, sample), weight) in self.frame.iter_mut().zip(samples).zip(&self.window) {
            let level = sample - mean;
            *place = (level - PRE_EMPHASIS * before) * weight;
            before = level;
        }
        // It can only fail for buffers of other lengths than its own.
        let _ = self.transform.process(&mut self.frame, &mut self.spectrum);
        let power: Vec<f32> = self.spectrum.iter().map(Complex::norm_sqr).collect();
        let mut bands = [0.0; BANDS];
        for (place, (first, weights)) in bands.iter_mut().zip(&self.bands) {
            let energy: f32 =
                power.iter().skip(*first).zip(weights).map(|(power, weight)| power * weight).sum();
            *place = energy.max(f32::EPSILON).ln();
        }
        bands
    }
}

fn mel(hertz: f32) -> f32 {
    1127.0 * (1.0 + hertz / 700.0).ln()
}

/// A triangle over its neighbours' middles, evenly spaced in mel.
fn band(number: usize) -> (usize, Vec<f32>) {
    let nyquist = SAMPLE_RATE as f32 / 2.0;
    let step = (mel(nyquist) - mel(MIN_HERTZ)) / (BANDS + 1) as f32;
    let left = mel(MIN_HERTZ) + number as f32 * step;
    let weight = |point: usize| {
        let up = (mel(point as f32 * SAMPLE_RATE as f32 / FFT_POINTS as f32) - left) / step;
        up.min(2.0 - up)
    };
    let inside: Vec<(usize, f32)> =
        (0..FFT_POINTS / 2).map(|point| (point, weight(point))).filter(|(_, weight)| *weight > 0.0).collect();
    let first = inside.first().map_or(0, |(point, _)| *point);
    (first, inside.into_iter().map(|(_, weight)| weight).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_loudest_in_its_band() {
        let tone = |hertz: f32| -> Vec<f32> {
            let step = std::f32::consts::TAU * hertz / SAMPLE_RATE as f32;
            (0..1600).map(|at| 0.5 * (step * at as f32).sin()).collect()
        };
        let mut fbank = Fbank::new(Style::WeSpeaker);
        for (hertz, number) in [(200.0, 7), (1000.0, 27), (4000.0, 60)] {
            let frames = fbank.frames(&tone(hertz));
            assert_eq!(frames.len(), (1600 - 400) / 160 + 1);
            for bands in frames {
                let loudest = (0..BANDS).max_by(|a, b| bands[*a].total_cmp(&bands[*b])).unwrap();
                assert!(loudest.abs_diff(number) <= 1, "{hertz} Hz in band {loudest}");
            }
        }
        assert!(fbank.frames(&[0.0; 399]).is_empty());
    }

    #[test]
    fn silence_is_the_smallest_number() {
        assert!(
            Fbank::new(Style::WeSpeaker).frames(&[0.0; 400])[0].iter().all(|band| *band == f32::EPSILON.ln())
        );
    }
}
