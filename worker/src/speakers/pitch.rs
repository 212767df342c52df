//! How high a voice is.

use crate::audio::SAMPLE_RATE;

/// Samples that become one before the search: 4 kHz hold every pitch there is.
const DECIMATION: usize = 4;
const RATE_HZ: f32 = SAMPLE_RATE as f32 / DECIMATION as f32;
/// Thin samples of a frame: 40 ms, two swings of the deepest voice.
const FRAME_SAMPLES: usize = 160;
/// Thin samples from one frame to the next: 20 ms.
const HOP_SAMPLES: usize = 80;
/// Thin samples of one swing: of a voice of 400 Hz, and of one of 60 Hz.
const PERIOD_SAMPLES: std::ops::RangeInclusive<usize> = 10..=66;
/// A frame that is so much like itself a swing later is voiced.
const MIN_VOICED_LIKENESS: f32 = 0.6;
/// Of two swings that fit nearly as well, the shorter is the voice's own: the longer is two of them.
const AS_GOOD: f32 = 0.9;

/// The pitches of the voiced frames in `samples` (16 kHz mono), as octaves above 1 Hz.
pub(super) fn pitches(samples: &[f32]) -> Vec<f32> {
    let thin: Vec<f32> = samples.chunks_exact(DECIMATION).map(|four| four.iter().sum()).collect();
    let longest = FRAME_SAMPLES + PERIOD_SAMPLES.end();
    thin.windows(longest).step_by(HOP_SAMPLES).filter_map(pitch).collect()
}

fn pitch(samples: &[f32]) -> Option<f32> {
    let likeness: Vec<f32> = PERIOD_SAMPLES.map(|period| likeness(samples, period)).collect();
    let best = likeness.iter().copied().fold(0.0, f32::max);
    if best < MIN_VOICED_LIKENESS {
        return None;
    }
    let peak =
        |pair: &(usize, &[f32])| matches!(pair.1, [a, b, c] if b >= a && b >= c && *b >= best * AS_GOOD);
    let (place, _) = likeness.windows(3).enumerate().find(peak)?;
    Some((RATE_HZ / (PERIOD_SAMPLES.start() + place + 1) as f32).log2())
}

/// How much a frame is like what comes `period` samples later: 1 is the same.
fn likeness(samples: &[f32], period: usize) -> f32 {
    let pairs = || samples.iter().zip(samples.iter().skip(period)).take(FRAME_SAMPLES);
    let (product, one, other) = pairs()
        .fold((0.0, 0.0, 0.0), |(product, one, other), (a, b)| (product + a * b, one + a * a, other + b * b));
    product / (one * other + f32::MIN_POSITIVE).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pitch_of_a_hum_is_found_and_noise_has_none() {
        for hertz in [80.0, 120.0, 210.0, 350.0] {
            let step = std::f32::consts::TAU * hertz / SAMPLE_RATE as f32;
            let hum: Vec<f32> = (0..16_000)
                .map(|at| (1..6).map(|n| (step * (n * at) as f32).sin() / n as f32).sum())
                .collect();
            let found = pitches(&hum);
            assert!(
                found.len() > 40 && found.iter().all(|pitch| (pitch - hertz.log2()).abs() < 0.1),
                "{hertz}: {found:?}"
            );
        }
        let mut seed = 1_u32;
        let noise = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) as f32 / 32_768.0 - 1.0
        });
        let noise: Vec<f32> = noise.take(16_000).collect();
        assert!(pitches(&noise).len() < 5);
    }
}
