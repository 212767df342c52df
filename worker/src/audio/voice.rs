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

/// [`SpeechDetector`] by the `earshot` crate: frames of 16 ms, its model inside the program.
pub struct Earshot {
    detector: Box<Detector>,
    waiting: Vec<f32>,
}

impl Default for Earshot {
    fn default() -> Self {
        Self { detector: Box::default(), waiting: Vec::with_capacity(FRAME) }
    }
}

impl SpeechDetector for Earshot {
    fn frame_len(&self) -> usize {
        FRAME
    }

    fn push(&mut self, samples: &[f32], probabilities: &mut Vec<f32>) {
        let missing = (FRAME - self.waiting.len()).min(samples.len());
        let (front, rest) = samples.split_at(missing);
        self.waiting.extend_from_slice(front);
        if self.waiting.len() < FRAME {
            return;
        }
        probabilities.push(self.detector.predict_f32(&self.waiting));
        let frames = rest.chunks_exact(FRAME);
        self.waiting.clear();
        self.waiting.extend_from_slice(frames.remainder());
        probabilities.extend(frames.map(|frame| self.detector.predict_f32(frame)));
    }

    fn finish(&mut self, probabilities: &mut Vec<f32>) {
        if !self.waiting.is_empty() {
            self.waiting.resize(FRAME, 0.0);
            probabilities.push(self.detector.predict_f32(&self.waiting));
            self.waiting.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
