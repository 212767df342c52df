//! What people should know of a transcript: what is missing in it, and what was guessed.

use shared::{
    coverage::{SpeechCoverage, SpeechStretch},
    job::Failure,
};
use store::Language;
use text::clock;

use crate::speakers::Turn;

/// Stretches that a notice names; the transcript has all.
const MAX_NAMED: usize = 10;
/// So much of the speech must be nobody's clearly to be worth a notice: a fifth, and 10 s.
const MIN_UNCLEAR_SHARE: f64 = 0.2;
const MIN_UNCLEAR_SECONDS: f64 = 10.0;
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

/// That speakers' names are not sure, where a good part of the speech is nobody's clearly.
pub(crate) fn of_turns(turns: &[Turn]) -> Option<Failure> {
    let all: f64 = turns.iter().map(|turn| turn.time.end - turn.time.start).sum();
    let unclear: f64 = turns.iter().map(|turn| turn.unclear_seconds).sum();
    (unclear >= MIN_UNCLEAR_SECONDS && unclear >= all * MIN_UNCLEAR_SHARE).then(|| {
        let message = format!(
            "In {:.0} % of the speech no single voice is clear, as where several people speak at once: the speakers' names are \
             less sure there.",
            unclear / all * 100.0
        );
        Failure::new("speakers_uncertain", message)
    })
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
    fn speech_that_is_nobodys_clearly_is_told() {
        let turn = |unclear_seconds| Turn { time: 0.0..30.0, speaker: 0, unclear_seconds };
        let notice = of_turns(&[turn(12.0), turn(15.0)]).unwrap();
        assert!(
            notice.message.starts_with("In 45 % of the speech no single voice is clear"),
            "{}",
            notice.message
        );
        assert_eq!(of_turns(&[turn(5.0), turn(5.0)]), None, "a sixth");
        assert_eq!(of_turns(&[turn(9.0)]), None, "9 s");
        assert_eq!(of_turns(&[]), None);
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
