//! What people should know of a transcript: what is missing in it, and what was guessed.

use shared::{
    coverage::{SpeechCoverage, SpeechStretch},
    job::Failure,
};
use store::Language;
use text::clock;

/// Stretches that a notice names; the transcript has all.
const MAX_NAMED: usize = 10;
/// A language that is less probable than this is a guess.
const MIN_LANGUAGE_PROBABILITY: f64 = 0.5;

/// What could not be understood, and what was heard beside speech.
pub(crate) fn of_coverage(coverage: &SpeechCoverage) -> Vec<Failure> {
    let not_understood = listed(&coverage.given_up).map(|times| {
        let message = format!(
            "{times} could not be understood, and is not in the transcript. Listen to it there, or try a larger model."
        );
        Failure::new("not_understood", message)
    });
    let sounds = listed(&coverage.sounds)
        .map(|times| Failure::new("sounds", format!("Heard, but not said: {times}.")));
    not_understood.into_iter().chain(sounds).collect()
}

/// That the language is a guess, if it is.
pub(crate) fn of_language(Language { code, probability }: &Language) -> Option<Failure> {
    let probability = probability.filter(|probability| *probability < MIN_LANGUAGE_PROBABILITY)?;
    let message = format!(
        "It is not certain what is spoken: `{code}` was taken, with a probability of {:.0} %. If that is wrong, name the \
         language and transcribe the recording again.",
        probability * 100.0
    );
    Some(Failure::new("language_uncertain", message))
}

/// Stretches in words; none if there are none.
fn listed(stretches: &[SpeechStretch]) -> Option<String> {
    let one = |SpeechStretch { start, end, sound }: &SpeechStretch| {
        let sound = sound.as_ref().map(|sound| format!(" {sound}")).unwrap_or_default();
        format!("{} to {}{sound}", clock(*start), clock(end.ceil()))
    };
    let named: Vec<_> = stretches.iter().take(MAX_NAMED).map(one).collect();
    let more = stretches.len().saturating_sub(MAX_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!named.is_empty()).then(|| named.join(", ") + &more)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(start: f64, end: f64, sound: Option<&str>) -> SpeechStretch {
        SpeechStretch { start, end, sound: sound.map(str::to_owned) }
    }

    #[test]
    fn what_is_missing_is_told_with_its_place() {
        let coverage = SpeechCoverage {
            given_up: vec![stretch(72.3, 74.6, None), stretch(3601.0, 3605.0, None)],
            sounds: vec![stretch(0.0, 30.0, Some("[Music]"))],
            ..SpeechCoverage::default()
        };
        let messages: Vec<_> = of_coverage(&coverage).into_iter().map(|notice| notice.message).collect();
        assert!(
            messages[0].starts_with("1:12 to 1:15, 1:00:01 to 1:00:05 could not be understood"),
            "{messages:?}"
        );
        assert_eq!(messages[1], "Heard, but not said: 0:00 to 0:30 [Music].");
        assert_eq!(of_coverage(&SpeechCoverage::default()), []);
    }

    #[test]
    fn long_lists_are_cut() {
        let many =
            SpeechCoverage { given_up: vec![stretch(1.0, 2.0, None); 12], ..SpeechCoverage::default() };
        assert!(of_coverage(&many)[0].message.contains(" and 2 more could not"));
    }

    #[test]
    fn a_language_that_is_a_guess_is_told_as_one() {
        let language = |probability| Language { code: "pl".into(), probability };
        assert!(
            of_language(&language(Some(0.19)))
                .unwrap()
                .message
                .contains("`pl` was taken, with a probability of 19 %")
        );
        assert_eq!(of_language(&language(Some(0.5))), None);
        assert_eq!(of_language(&language(None)), None);
    }
}
