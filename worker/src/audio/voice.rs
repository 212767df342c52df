//! Voice activity.

use earshot::Detector;

/// SEAM: tells speech from everything else in a stream of 16 kHz mono samples.
pub trait SpeechDetector: Send {
    /// How many samples one probability stands for.
    fn frame_len(&self) -> usize;

    /// Takes the next samples (in ±1) and appends a probability of speech (0 to 1) for every frame that
    /// is complete, in order.
    fn push(&mut self, samples: &[f32], probabilities: &mut Vec<f32>);

    /// The samples are at their end: appends the probabilities that are still due, the last frame being
    /// filled up with silence.
    fn finish(&mut self, probabilities: &mut Vec<f32>);
}

const FRAME: usize = 256;
/// The loudness (root mean square) to which the loudest frames are brought. There earshot tells speech from
/// noise: it takes steady noise for speech from about 0.15, and misses speech below about 0.01.
const LOUDNESS: f32 = 0.08;
/// No more than 40 dB either way.
const GAIN: std::ops::RangeInclusive<f32> = 0.01..=100.0;
/// What is left of the loudest frame after each further one: half after 74 s.
const FADING: f32 = 0.999_85;

/// [`SpeechDetector`] by the `earshot` crate: frames of 16 ms, its model inside the program. Recordings of
/// any loudness are brought to the one at which it hears best.
pub struct Earshot {
    detector: Box<Detector>,
    waiting: Vec<f32>,
    scaled: Vec<f32>,
    loudest: f32,
}

impl Default for Earshot {
    fn default() -> Self {
        Self { detector: Box::default(), waiting: Vec::new(), scaled: Vec::new(), loudest: 0.0 }
    }
}

impl Earshot {
    fn judge(&mut self, frame: &[f32]) -> f32 {
        let energy: f32 = frame.iter().map(|sample| sample * sample).sum();
        self.loudest = (energy / FRAME as f32).sqrt().max(self.loudest * FADING);
        let gain = (LOUDNESS / self.loudest).clamp(*GAIN.start(), *GAIN.end());
        self.scaled.clear();
        self.scaled.extend(frame.iter().map(|sample| (sample * gain).clamp(-1.0, 1.0)));
        self.detector.predict_f32(&self.scaled)
    }
}

impl SpeechDetector for Earshot {
    fn frame_len(&self) -> usize {
        FRAME
    }

    fn push(&mut self, samples: &[f32], probabilities: &mut Vec<f32>) {
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.extend_from_slice(samples);
        let frames = waiting.chunks_exact(FRAME);
        self.waiting.extend_from_slice(frames.remainder());
        probabilities.extend(frames.map(|frame| self.judge(frame)));
    }

    fn finish(&mut self, probabilities: &mut Vec<f32>) {
        if !self.waiting.is_empty() {
            let missing = FRAME - self.waiting.len();
            self.push(&vec![0.0; missing], probabilities);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{DecodeLimits, Pcm};

    #[test]
    fn speech_is_found_however_quiet_the_recording_is() {
        let path = ground_truth::recording("stereo_44k.wav").path();
        let (mut pcm, mut samples) = (Pcm::open(&path, &DecodeLimits::default()).unwrap(), Vec::new());
        while let Some(chunk) = pcm.next_chunk().unwrap() {
            samples.extend_from_slice(chunk);
        }
        let frames_of_speech = |decibels: f32| {
            let (mut detector, mut probabilities) = (Earshot::default(), Vec::new());
            let quiet: Vec<f32> =
                samples.iter().map(|sample| sample * 10_f32.powf(decibels / 20.0)).collect();
            detector.push(&quiet, &mut probabilities);
            probabilities.iter().filter(|probability| **probability > 0.5).count()
        };
        let (normal, quiet) = (frames_of_speech(0.0), frames_of_speech(-40.0));
        assert!(quiet.abs_diff(normal) < normal / 20, "{quiet} frames of speech instead of {normal}");
    }

    #[test]
    fn one_probability_for_every_frame_however_the_samples_come() {
        let noise: Vec<f32> =
            (0..10_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 16) as f32 / 65_536.0).collect();
        let run = |chunk: usize| {
            let (mut detector, mut probabilities) = (Earshot::default(), Vec::new());
            noise.chunks(chunk).for_each(|part| detector.push(part, &mut probabilities));
            detector.finish(&mut probabilities);
            probabilities
        };
        assert_eq!(run(10_000).len(), 10_000_usize.div_ceil(256));
        assert_eq!(run(10_000), run(7));
        assert_eq!(run(10_000), run(300));
    }
}
