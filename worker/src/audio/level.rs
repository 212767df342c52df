//! Brings sound of any loudness to the one at which a detector of speech hears best.

use std::collections::VecDeque;

/// The loudness (root mean square) to which the loudest frame of the last half second is brought.
const LOUDNESS: f32 = 0.12;
/// Noise is brought no higher than this: behind speech, earshot takes it for speech from about 0.02 on.
const NOISE: f32 = 0.015;
/// From 40 dB down to 60 dB up.
const GAIN: std::ops::RangeInclusive<f32> = 0.01..=1000.0;
/// Seconds that a loud frame counts. A bang, or a voice at the microphone, must not hide who speaks next from afar; with less, what lies
/// between two words would be taken for faint speech.
const MEMORY: f32 = 0.5;
/// The faintest sound of so many seconds is noise: nobody speaks that long without a break.
const NOISE_MEMORY: f32 = 5.0;
/// Seconds over which that sound is averaged.
const NOISE_MEAN: f32 = 0.1;
/// Seconds until anything is called noise: a recording may begin in the middle of a word.
const NOISE_FROM: f32 = 1.0;

/// Tells by how much each frame is to be made louder.
pub(super) struct Leveller {
    loudest: Extreme,
    recent: VecDeque<f32>,
    means: usize,
    faintest: Extreme,
    noise_from: usize,
}

impl Leveller {
    /// One for frames of so many samples at 16 kHz.
    pub(super) fn new(frame_len: usize) -> Self {
        let frames = |seconds: f32| (seconds * super::SAMPLE_RATE as f32 / frame_len as f32).round() as usize;
        Self {
            loudest: Extreme::new(frames(MEMORY)),
            recent: VecDeque::new(),
            means: frames(NOISE_MEAN).max(1),
            faintest: Extreme::new(frames(NOISE_MEMORY)),
            noise_from: frames(NOISE_FROM),
        }
    }

    /// What the samples of the next frame are to be multiplied with.
    pub(super) fn gain(&mut self, frame: &[f32]) -> f32 {
        let power = frame.iter().map(|sample| sample * sample).sum::<f32>() / frame.len().max(1) as f32;
        self.recent.push_back(power);
        if self.recent.len() > self.means {
            self.recent.pop_front();
        }
        let mean = self.recent.iter().sum::<f32>() / self.recent.len() as f32;
        let loudest = self.loudest.push(power).sqrt();
        // The faintest is the greatest of what has its sign changed.
        let faintest = (-self.faintest.push(-mean)).max(0.0).sqrt();
        let noise = if self.faintest.count > self.noise_from { NOISE / faintest } else { f32::INFINITY };
        (LOUDNESS / loudest).min(noise).clamp(*GAIN.start(), *GAIN.end())
    }
}

/// The greatest of the last values.
struct Extreme {
    length: usize,
    count: usize,
    /// Values with their places, each greater than all behind it.
    candidates: VecDeque<(usize, f32)>,
}

impl Extreme {
    fn new(length: usize) -> Self {
        Self { length: length.max(1), count: 0, candidates: VecDeque::new() }
    }

    /// Takes the next value, and answers the greatest of the last ones.
    fn push(&mut self, value: f32) -> f32 {
        while self.candidates.pop_back_if(|(_, last)| *last <= value).is_some() {}
        self.candidates.push_back((self.count, value));
        self.count += 1;
        let oldest = self.count.saturating_sub(self.length);
        while self.candidates.pop_front_if(|(place, _)| *place < oldest).is_some() {}
        self.candidates.front().map_or(value, |(_, greatest)| *greatest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: usize = 256;

    /// The gains of frames that are as loud as that.
    fn gains(loudness: impl IntoIterator<Item = f32>) -> Vec<f32> {
        let mut leveller = Leveller::new(FRAME);
        loudness.into_iter().map(|level| leveller.gain(&[level; FRAME])).collect()
    }

    #[test]
    fn the_loudest_of_the_last_half_second_counts() {
        let found = gains([vec![0.0; 7], vec![0.1; 50], vec![0.001; 31], vec![0.001; 10]].concat());
        assert!((found[20] - 1.2).abs() < 1e-3, "{found:?}");
        assert!((found[57 + 29] - 1.2).abs() < 1e-3, "{found:?}");
        assert!((found[57 + 31] - 120.0).abs() < 0.1, "{found:?}");
    }

    #[test]
    fn noise_stays_faint_and_silence_gets_a_number_too() {
        let steady = gains([0.3; 500]);
        assert!((steady[30] * 0.3 - LOUDNESS).abs() < 1e-4, "not called noise yet: {steady:?}");
        assert!(steady[100..].iter().all(|gain| (gain * 0.3 - NOISE).abs() < 1e-4), "{steady:?}");
        assert!(gains([0.0; 10]).iter().all(|gain| gain.is_finite()));
        assert!(gains([1e-9; 10]).iter().all(|gain| *gain <= *GAIN.end()));
    }
}
