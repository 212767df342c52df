//! Which language is spoken: asked for, or decided after a few windows.

use std::collections::BTreeMap;

use shared::segment::Segment;
use store::Language;

use crate::{audio::Stretch, transcriber::DetectedLanguage};

/// Stretches after which a language is decided in any case.
const MAX_STRETCHES: usize = 3;
/// A language that is so probable is decided at once.
const CERTAIN_PROBABILITY: f64 = 0.8;

/// Stretches that wait until it is known what is spoken, and the languages detected in them.
#[derive(Default)]
pub(crate) struct LanguageDetection {
    /// In their order.
    pub(crate) stretches: Vec<Stretch>,
    probabilities: BTreeMap<String, f64>,
}

impl LanguageDetection {
    /// Adds a stretch and its languages; whether that is enough to decide.
    pub(crate) fn add(&mut self, stretch: Stretch, detected: Vec<DetectedLanguage>) -> bool {
        self.stretches.push(stretch);
        for DetectedLanguage { code, probability } in detected {
            *self.probabilities.entry(code).or_default() += f64::from(probability);
        }
        self.stretches.len() >= MAX_STRETCHES
            || self.language().is_some_and(|found| found.probability >= Some(CERTAIN_PROBABILITY))
    }

    /// The most probable language over all stretches so far.
    pub(crate) fn language(&self) -> Option<Language> {
        let stretches = self.stretches.len().max(1) as f64;
        let most = self.probabilities.iter().max_by(|(_, one), (_, other)| one.total_cmp(other));
        most.map(|(code, sum)| Language { code: code.clone(), probability: Some(sum / stretches) })
    }
}

/// The language that is spoken longest in a recording of several.
pub(crate) fn main_language(segments: &[Segment]) -> Option<Language> {
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

    fn detected(probabilities: &[(&str, f32)]) -> Vec<DetectedLanguage> {
        let language = |(code, probability): &(&str, f32)| DetectedLanguage {
            code: (*code).into(),
            probability: *probability,
        };
        probabilities.iter().map(language).collect()
    }

    /// Whether each window decided it, and the language in the end.
    fn decide(windows: &[&[(&str, f32)]]) -> (Vec<bool>, String, f64) {
        let mut detection = LanguageDetection::default();
        let decided = windows
            .iter()
            .map(|window| detection.add(Stretch::silent(SAMPLE_RATE as usize), detected(window)));
        let decided = decided.collect();
        let Language { code, probability } = detection.language().unwrap();
        (decided, code, probability.unwrap())
    }

    #[test]
    fn a_clear_case_is_decided_at_once() {
        let (decided, code, probability) = decide(&[&[("ko", 0.9), ("en", 0.1)]]);
        assert_eq!((decided, code.as_str()), (vec![true], "ko"));
        assert!((probability - 0.9).abs() < 1e-6);
    }

    #[test]
    fn a_greeting_in_another_tongue_does_not_decide() {
        let windows: [&[(&str, f32)]; 3] =
            [&[("en", 0.6), ("ko", 0.4)], &[("ko", 0.7), ("en", 0.3)], &[("ko", 0.7), ("ja", 0.3)]];
        let (decided, code, probability) = decide(&windows);
        assert_eq!((decided, code.as_str()), (vec![false, false, true], "ko"));
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
