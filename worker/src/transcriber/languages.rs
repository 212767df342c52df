//! Stretches of a window that are each in one language.

use std::ops::Range;

use super::{DetectedLanguage, SpokenText};
use crate::audio::SAMPLE_RATE;

/// A shorter span does not tell its language: 1 s.
const MIN_SPAN: usize = SAMPLE_RATE as usize;
/// A span in a language that is less probable than this goes with its neighbours.
const MIN_PROBABILITY: f32 = 0.6;
/// Where nearly all is in one language, a span is in another if it is so long (1.5 s) and that so probable.
const MIN_OTHER_SPAN: usize = SAMPLE_RATE as usize * 3 / 2;
const MIN_OTHER_PROBABILITY: f32 = 0.9;

/// A stretch in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) range: Range<usize>,
    pub(super) language: String,
}

impl Run {
    /// A sentence of it.
    pub(super) fn spoken(&self, text: SpokenText, low_confidence: bool) -> SpokenText {
        SpokenText { low_confidence, language: self.language.clone(), ..text }
    }
}

/// Cuts `all` in the pauses between spans of different languages, given what may be spoken in each span, in order. Most
/// is in the language `main`, if there is one.
pub(super) fn runs(
    all: Range<usize>,
    spans: &[(Range<usize>, Vec<DetectedLanguage>)],
    main: Option<&str>,
) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for ((span, _), language) in spans.iter().zip(languages(spans, main)) {
        match runs.last_mut() {
            Some(run) if run.language == language => run.range.end = span.end,
            Some(run) => {
                let pause = run.range.end.midpoint(span.start);
                run.range.end = pause;
                runs.push(Run { range: pause..span.end, language: language.to_owned() });
            }
            None => runs.push(Run { range: all.start..span.end, language: language.to_owned() }),
        }
    }
    match runs.last_mut() {
        Some(run) => run.range.end = all.end,
        None => runs.push(Run { range: all, language: main.unwrap_or("en").to_owned() }),
    }
    runs
}

/// The language of each span: the main one, or that of a neighbour, where it cannot be told.
fn languages<'a>(spans: &'a [(Range<usize>, Vec<DetectedLanguage>)], main: Option<&'a str>) -> Vec<&'a str> {
    let known: Vec<Option<&str>> =
        spans.iter().map(|(span, found)| language(span.len(), found, main)).collect();
    let longest = spans.iter().max_by_key(|(span, _)| span.len()).and_then(|(_, found)| found.first());
    let fallback = main.or(longest.map(|found| found.code.as_str())).unwrap_or("en");
    let neighbour = |at: usize| {
        let (before, behind) = known.split_at_checked(at).unwrap_or_default();
        before.iter().rev().chain(behind).flatten().next().copied()
    };
    let of =
        |(at, known): (usize, &Option<&'a str>)| known.or(main).or_else(|| neighbour(at)).unwrap_or(fallback);
    known.iter().enumerate().map(of).collect()
}

/// The language of a span of so many samples, if it can be told.
fn language<'a>(length: usize, found: &'a [DetectedLanguage], main: Option<&str>) -> Option<&'a str> {
    let DetectedLanguage { code, probability } = found.first()?;
    let (shortest, least) = match main {
        Some(main) if main == code => (0, 0.0),
        Some(_) => (MIN_OTHER_SPAN, MIN_OTHER_PROBABILITY),
        None => (MIN_SPAN, MIN_PROBABILITY),
    };
    (length >= shortest && *probability >= least).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: usize = SAMPLE_RATE as usize;

    /// Spans as (start, end) in seconds with their likeliest language.
    fn cut(spans: &[(usize, usize, &str, f32)], main: Option<&str>) -> Vec<(usize, usize, String)> {
        let span = |(start, end, code, probability): &(usize, usize, &str, f32)| {
            let found = DetectedLanguage { code: (*code).into(), probability: *probability };
            (start * SECOND..end * SECOND, vec![found])
        };
        let spans: Vec<_> = spans.iter().map(span).collect();
        let found = runs(0..30 * SECOND, &spans, main).into_iter();
        found.map(|run| (run.range.start / SECOND, run.range.end / SECOND, run.language)).collect()
    }

    #[test]
    fn a_window_is_cut_where_its_language_changes() {
        let spans = [(1, 5, "en", 0.9), (6, 9, "en", 0.8), (11, 15, "ko", 0.9), (17, 29, "en", 0.99)];
        let expected = [(0, 10, "en".into()), (10, 16, "ko".into()), (16, 30, "en".into())];
        assert_eq!(cut(&spans, None), expected);
        assert_eq!(cut(&spans, Some("en")), expected);
        assert_eq!(cut(&[], Some("fr")), [(0, 30, "fr".into())]);
    }

    #[test]
    fn what_is_uncertain_goes_with_its_neighbours() {
        let spans = [(1, 5, "cy", 0.3), (6, 9, "en", 0.8), (11, 15, "ja", 0.5), (17, 29, "ko", 0.9)];
        assert_eq!(cut(&spans, None), [(0, 16, "en".into()), (16, 30, "ko".into())]);
        assert_eq!(cut(&[(1, 5, "cy", 0.3)], None), [(0, 30, "cy".into())]);
    }

    #[test]
    fn another_language_than_the_main_one_must_be_sure() {
        let spans = [(1, 5, "nl", 0.8), (6, 7, "ko", 0.95), (8, 12, "en", 0.4), (14, 18, "fr", 0.95)];
        assert_eq!(cut(&spans, Some("en")), [(0, 13, "en".into()), (13, 30, "fr".into())]);
    }
}
