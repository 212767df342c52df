//! The waveform of a recording, made while it is decoded.

use shared::peaks::Peaks;

/// Peaks that are kept at most; each is one byte on storage.
const MOST: usize = 8192;

/// Samples (16 kHz) of a peak at the beginning: 10 ms.
const FINEST: u64 = 160;

/// Makes peaks of samples, in memory that does not grow with them: where there are too many peaks, every two become
/// one.
#[derive(Debug)]
pub(super) struct PeakMeter {
    samples_per_peak: u64,
    done: Vec<u8>,
    loudest: f32,
    /// Samples that `loudest` is of.
    taken: u64,
}

impl Default for PeakMeter {
    fn default() -> Self {
        Self { samples_per_peak: FINEST, done: Vec::with_capacity(MOST), loudest: 0.0, taken: 0 }
    }
}

impl PeakMeter {
    /// Takes the next samples, in ±1.
    pub(super) fn push(&mut self, mut samples: &[f32]) {
        while !samples.is_empty() {
            let missing = (self.samples_per_peak - self.taken) as usize;
            let (now, later) = samples.split_at(missing.min(samples.len()));
            self.loudest = now.iter().fold(self.loudest, |loudest, sample| loudest.max(sample.abs()));
            self.taken += now.len() as u64;
            samples = later;
            if self.taken == self.samples_per_peak {
                self.end_peak();
            }
        }
    }

    /// The peaks of all samples so far.
    pub(super) fn peaks(&self) -> Peaks {
        let begun = (self.taken > 0).then(|| amplitude(self.loudest));
        let amplitudes = self.done.iter().copied().chain(begun).collect();
        Peaks { samples_per_peak: self.samples_per_peak, amplitudes }
    }

    fn end_peak(&mut self) {
        self.done.push(amplitude(self.loudest));
        (self.loudest, self.taken) = (0.0, 0);
        if self.done.len() == MOST {
            self.done = self.done.chunks(2).filter_map(|two| two.iter().max().copied()).collect();
            self.samples_per_peak *= 2;
        }
    }
}

fn amplitude(loudest: f32) -> u8 {
    (loudest * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peaks(samples: &[f32], chunk: usize) -> Peaks {
        let mut meter = PeakMeter::default();
        samples.chunks(chunk).for_each(|part| meter.push(part));
        meter.peaks()
    }

    #[test]
    fn each_peak_is_the_loudest_of_its_samples() {
        let mut samples = vec![0.1; 500];
        (samples[170], samples[499]) = (-1.0, 0.5);
        let expected = Peaks { samples_per_peak: 160, amplitudes: vec![26, 255, 26, 128] };
        for chunk in [1, 7, 160, 500] {
            assert_eq!(peaks(&samples, chunk), expected);
        }
        assert_eq!(peaks(&[], 1), Peaks { samples_per_peak: 160, amplitudes: vec![] });
    }

    #[test]
    fn a_long_recording_has_no_more_peaks_than_a_short_one() {
        // Three hours, with one loud sample in the last second.
        let mut meter = PeakMeter::default();
        for second in 0..10_800 {
            let mut samples = vec![0.25; 16_000];
            if second == 10_799 {
                samples[8000] = 1.0;
            }
            meter.push(&samples);
        }
        let made = meter.peaks();
        assert!((4096..=8192).contains(&made.amplitudes.len()), "{} peaks", made.amplitudes.len());
        let length = made.samples_per_peak * made.amplitudes.len() as u64;
        assert!((10_800 * 16_000..10_800 * 16_000 + made.samples_per_peak).contains(&length));
        assert_eq!((made.amplitudes[0], *made.amplitudes.last().unwrap()), (64, 255));
        assert!(serde_json::to_string(&made.amplitudes).unwrap().len() < 100 * 1024);
    }
}
