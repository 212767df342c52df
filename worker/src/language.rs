//! Which language is spoken: asked for, or settled on after listening to a few windows.

use std::collections::BTreeMap;

use shared::segment::Segment;
use store::Language;

use crate::{audio::Stretch, transcriber::DetectedLanguage};

/// Stretches that are listened to at most before a language is settled on.
const MOST_STRETCHES: usize = 3;
/// A language that is so probable is settled on at once.
const SURE: f64 = 0.8;

/// Stretches that wait until it is known what is spoken, and what was heard in them.
#[derive(Default)]
pub struct Undecided {
    /// In their order.
    pub stretches: Vec<Stretch>,
    probabilities: BTreeMap<String, f64>,
}

impl Undecided {
    /// Adds a stretch and what was heard in it; whether that is enough to settle on a language.
    pub fn add(&mut self, stretch: Stretch, heard: Vec<DetectedLanguage>) -> bool {
        self.stretches.push(stretch);
        for DetectedLanguage { code, probability } in heard {
            *self.probabilities.entry(code).or_default() += f64::from(probability);
        }
        self.stretches.len() >= MOST_STRETCHES
            || self.language().is_some_and(|found| found.probability >= Some(SURE))
    }

    /// The most probable language over all stretches so far.
    pub fn language(&self) -> Option<Language> {
        let heard = self.stretches.len().max(1) as f64;
        let most = self.probabilities.iter().max_by(|(_, one), (_, other)| one.total_cmp(other));
        most.map(|(code, sum)| Language { code: code.clone(), probability: Some(sum / heard) })
    }
}

/// The language that is spoken longest in a recording of several.
pub fn main_language(segments: &[Segment]) -> Option<Language> {
    let mut seconds: BTreeMap<&str, f64> = BTreeMap::new();
    for segment in segments {
        if let Some(code) = &segment.recognition.language {
            *seconds.entry(code).or_default() += segment.end - segment.start;
        }
    }
    let longest = seconds.into_iter().max_by(|(_, one), (_, other)| one.total_cmp(other));
    longest.map(|(code, _)| Language { code: code.to_owned(), probability: None })
}

#[cfg(test)]
mod tests {
    use shared::segment::Recognition;

    use super::*;
    use crate::audio::SAMPLE_RATE;

    fn heard(probabilities: &[(&str, f32)]) -> Vec<DetectedLanguage> {
        let language = |(code, probability): &(&str, f32)| DetectedLanguage {
            code: (*code).into(),
            probability: *probability,
        };
        probabilities.iter().map(language).collect()
    }

    /// Whether each window settled it, and the language in the end.
    fn settle(windows: &[&[(&str, f32)]]) -> (Vec<bool>, String, f64) {
        let mut undecided = Undecided::default();
        let settled =
            windows.iter().map(|window| undecided.add(Stretch::silent(SAMPLE_RATE as usize), heard(window)));
        let settled = settled.collect();
        let Language { code, probability } = undecided.language().unwrap();
        (settled, code, probability.unwrap())
    }

    #[test]
    fn a_clear_case_is_settled_at_once() {
        let (settled, code, probability) = settle(&[&[("ko", 0.9), ("en", 0.1)]]);
        assert_eq!((settled, code.as_str()), (vec![true], "ko"));
        assert!((probability - 0.9).abs() < 1e-6);
    }

    #[test]
    fn a_greeting_in_another_tongue_does_not_decide() {
        let windows: [&[(&str, f32)]; 3] =
            [&[("en", 0.6), ("ko", 0.4)], &[("ko", 0.7), ("en", 0.3)], &[("ko", 0.7), ("ja", 0.3)]];
        let (settled, code, probability) = settle(&windows);
        assert_eq!((settled, code.as_str()), (vec![false, false, true], "ko"));
        assert!((probability - 0.6).abs() < 1e-6);
    }

    #[test]
    fn the_main_language_is_the_one_spoken_longest() {
        let segment = |code: &str, end| {
            let recognition = Recognition { language: Some(code.into()), ..Recognition::default() };
            Segment { end, recognition, ..Segment::default() }
        };
        let main = main_language(&[segment("en", 2.0), segment("ko", 3.0), segment("en", 0.5)]);
        assert_eq!(main.unwrap().code, "ko");
        assert!(main_language(&[]).is_none());
    }
}
