//! Voice activity.

use config::VoiceActivity;
use earshot::Detector;

use super::level::Leveller;
use super::{AudioError, Silero};

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

/// The detector of that name, for one channel of a recording.
///
/// # Errors
/// [`AudioError::NoDetector`] when it cannot be had.
pub fn detector(which: VoiceActivity) -> Result<Box<dyn SpeechDetector>, AudioError> {
    Ok(match which {
        VoiceActivity::Earshot => Box::<Earshot>::default(),
        VoiceActivity::Silero => Box::new(Silero::new()?),
    })
}

const FRAME: usize = 256;

/// [`SpeechDetector`] by the `earshot` crate: frames of 16 ms, its model inside the program. Voices of any loudness are
/// brought to the one at which it hears best.
pub struct Earshot {
    detector: Box<Detector>,
    leveller: Leveller,
    waiting: Vec<f32>,
    scaled: Vec<f32>,
}

impl Default for Earshot {
    fn default() -> Self {
        let (waiting, scaled) = (Vec::new(), Vec::new());
        Self { detector: Box::default(), leveller: Leveller::new(FRAME), waiting, scaled }
    }
}

impl Earshot {
    fn judge(&mut self, frame: &[f32]) -> f32 {
        let gain = self.leveller.gain(frame);
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

    fn recorded(name: &str) -> Vec<f32> {
        let path = ground_truth::recording(name).path();
        let (mut pcm, mut samples) = (Pcm::open(&path, &DecodeLimits::default()).unwrap(), Vec::new());
        while let Some(chunk) = pcm.next_chunk().unwrap() {
            samples.extend_from_slice(chunk);
        }
        samples
    }

    fn quieter(samples: &[f32], decibels: f32) -> Vec<f32> {
        samples.iter().map(|sample| sample * 10_f32.powf(-decibels / 20.0)).collect()
    }

    /// Between 0 and 1.
    fn noise(samples: usize) -> Vec<f32> {
        let mut seed = 1_u32;
        let sample = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) as f32 / 65_536.0
        });
        sample.take(samples).collect()
    }

    const ALL: [VoiceActivity; 2] = [VoiceActivity::Earshot, VoiceActivity::Silero];

    /// How many seconds of `samples` are speech.
    fn seconds_of_speech(which: VoiceActivity, samples: &[f32]) -> f32 {
        let (mut detector, mut probabilities) = (detector(which).unwrap(), Vec::new());
        detector.push(samples, &mut probabilities);
        let frames = probabilities.iter().filter(|probability| **probability > 0.5).count();
        (frames * detector.frame_len()) as f32 / 16_000.0
    }

    #[test]
    fn speech_is_found_however_quiet_the_recording_is() {
        let samples = recorded("stereo_44k.wav");
        for which in ALL {
            let (normal, quiet) =
                (seconds_of_speech(which, &samples), seconds_of_speech(which, &quieter(&samples, 40.0)));
            assert!(
                normal > 1.0 && (quiet - normal).abs() < normal / 20.0,
                "{which:?}: {quiet} s, not {normal}"
            );
        }
    }

    #[test]
    fn a_faint_voice_is_heard_after_a_loud_one_and_after_a_bang() {
        let samples = recorded("short_en.wav");
        let faint = quieter(&samples, 30.0);
        let bang: Vec<f32> = noise(3_000).iter().map(|sample| sample - 0.5).chain(vec![0.0; 1_000]).collect();
        for (which, missed) in ALL.into_iter().zip([0.05, 0.15]) {
            let alone = seconds_of_speech(which, &faint);
            for before in [&samples, &bang] {
                let both = seconds_of_speech(which, &[before.as_slice(), &faint].concat());
                let found = both - seconds_of_speech(which, before);
                assert!(found > alone * (1.0 - missed), "{which:?}: {found} s of speech instead of {alone}");
            }
        }
    }

    #[test]
    fn noise_behind_speech_is_none() {
        let samples = recorded("short_en.wav");
        let hiss: Vec<f32> = noise(160_000).iter().map(|sample| (sample - 0.5) * 0.02).collect();
        let voice: Vec<f32> = samples.iter().zip(&hiss).map(|(voice, hiss)| voice + hiss).collect();
        for which in ALL {
            let with = seconds_of_speech(which, &[voice.as_slice(), &hiss].concat());
            assert!(with < seconds_of_speech(which, &voice) + 0.16, "{which:?}: {with} s of speech");
        }
    }

    #[test]
    fn one_probability_for_every_frame_however_the_samples_come() {
        let noise = noise(10_000);
        for which in ALL {
            let run = |chunk: usize| {
                let (mut detector, mut probabilities) = (detector(which).unwrap(), Vec::new());
                noise.chunks(chunk).for_each(|part| detector.push(part, &mut probabilities));
                detector.finish(&mut probabilities);
                (detector.frame_len(), probabilities)
            };
            let (frame, all) = run(10_000);
            assert_eq!(all.len(), 10_000_usize.div_ceil(frame), "{which:?}");
            for chunk in [7, 300] {
                let (_, found) = run(chunk);
                assert!(found.iter().zip(&all).all(|(one, other)| (one - other).abs() < 1e-4), "{which:?}");
                assert_eq!(found.len(), all.len());
            }
        }
    }
}
