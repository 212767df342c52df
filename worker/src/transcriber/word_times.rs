//! Words whose times an engine told are moved to the voice.
//!
//! Where one word ends and the next begins an engine tells well enough, but a pause between them may lie on either side, and
//! voice that no word was written for is given to a neighbour.

use whisper::TokenTime;

use super::words::{STEP, loudness};

/// A step is voiced when it has at least this share of the power of the loudest around it (-23 dB).
const VOICED: f32 = 0.005;
/// How far around a word that is looked for, in steps: 1 s.
const AROUND: usize = 100;
/// A pause of more steps than this ends a word: 0.2 s.
const PAUSE: usize = 20;
/// The longest that a word takes, in steps: so much, and so much more for each letter.
const LONGEST: f32 = 40.0;
const LONGEST_CHAR: f32 = 10.0;
/// How long before its peak a word that seems too long begins, in steps: 0.15 s.
const LEAD: usize = 15;

/// How loud a stretch of a window is, step by step.
pub(super) struct Voice {
    first: usize,
    loudness: Vec<f32>,
}

impl Voice {
    /// Of the samples around some words.
    pub(super) fn around(times: &[TokenTime], samples: &[f32]) -> Self {
        let first = times.first().map_or(0, |time| (time.start / STEP).saturating_sub(AROUND));
        let end = times.last().map_or(0, |time| time.end.div_ceil(STEP) + AROUND + 1) * STEP;
        let samples = samples.get(first * STEP..end.min(samples.len())).unwrap_or_default();
        Self { first, loudness: samples.chunks(STEP).map(loudness).collect() }
    }

    /// The voiced samples of a word of so many letters: from one pause to the next, and not too many.
    pub(super) fn within(&self, time: TokenTime, chars: f32) -> (usize, usize) {
        let step = |sample: usize| (sample / STEP).saturating_sub(self.first).min(self.loudness.len());
        let last = self.loudness.len().saturating_sub(1);
        let start = step(time.start).min(last);
        let (end, peak) = (step(time.end).max(start + 1), step(time.peak));
        let (mut start, mut end) = self.island(start, end, peak).unwrap_or((start, end));
        let longest = (LONGEST + LONGEST_CHAR * chars) as usize;
        if end - start > longest {
            start = start.max(peak.saturating_sub(LEAD).min(end - 1));
            end = end.min(start + longest);
        }
        ((self.first + start) * STEP, (self.first + end) * STEP)
    }

    /// The voiced steps between two pauses that are nearest to `peak`, of those between two steps.
    fn island(&self, start: usize, end: usize, peak: usize) -> Option<(usize, usize)> {
        let near = start.saturating_sub(AROUND)..(end + AROUND).min(self.loudness.len());
        let loudest = self.loudness.get(near)?.iter().copied().fold(0.0, f32::max);
        let mut islands: Vec<(usize, usize)> = Vec::new();
        for (step, loudness) in self.loudness.iter().enumerate().take(end).skip(start) {
            if *loudness < loudest * VOICED {
                continue;
            }
            match islands.last_mut().filter(|island| step - island.1 <= PAUSE) {
                Some(island) => island.1 = step + 1,
                None => islands.push((step, step + 1)),
            }
        }
        let far = |island: &(usize, usize)| island.0.saturating_sub(peak).max(peak.saturating_sub(island.1));
        islands.into_iter().min_by_key(far)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten seconds in which there is voice between some hundredths of a second.
    fn samples(voiced: &[(usize, usize)]) -> Vec<f32> {
        let mut samples = vec![0.001; 1000 * STEP];
        for (start, end) in voiced {
            samples[start * STEP..end * STEP].fill(0.3);
        }
        samples
    }

    /// The hundredths of a second of a word of so many letters.
    fn found(
        voiced: &[(usize, usize)],
        (start, end, peak): (usize, usize, usize),
        chars: f32,
    ) -> (usize, usize) {
        let time = TokenTime { start: start * STEP, end: end * STEP, peak: peak * STEP };
        let (start, end) = Voice::around(&[time], &samples(voiced)).within(time, chars);
        (start / STEP, end / STEP)
    }

    #[test]
    fn a_word_in_a_pause_moves_to_the_voice() {
        assert_eq!(found(&[(100, 150), (300, 350)], (260, 340, 310), 5.0), (300, 340));
        assert_eq!(found(&[(100, 150), (300, 350)], (120, 260, 130), 5.0), (120, 150));
    }

    #[test]
    fn of_two_sides_of_a_pause_it_is_where_it_is_clearest() {
        let voiced = [(100, 150), (180, 250)];
        assert_eq!(found(&voiced, (140, 230, 200), 5.0), (180, 230));
        assert_eq!(found(&voiced, (110, 190, 120), 5.0), (110, 150));
        assert_eq!(
            found(&[(100, 150), (165, 250)], (110, 190, 120), 5.0),
            (110, 190),
            "no pause but a plosive"
        );
    }

    #[test]
    fn voice_that_nothing_was_written_for_is_not_its_own() {
        assert_eq!(found(&[(100, 900)], (200, 800, 205), 5.0), (200, 290));
        assert_eq!(found(&[(100, 900)], (200, 800, 760), 5.0), (745, 800));
    }

    #[test]
    fn where_there_is_no_voice_or_no_time_it_stays() {
        assert_eq!(found(&[(100, 150)], (400, 430, 410), 5.0), (400, 430));
        assert_eq!(found(&[(100, 150)], (120, 120, 120), 5.0), (120, 121));
        let late = TokenTime { start: 2000 * STEP, end: 2100 * STEP, peak: 2050 * STEP };
        let (start, end) = Voice::around(&[late], &samples(&[])).within(late, 5.0);
        assert!(start < end, "{start} {end}");
    }
}
