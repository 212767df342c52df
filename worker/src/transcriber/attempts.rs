//! Decoding again when the first try is not to be trusted.

use tokio_util::sync::CancellationToken;
use whisper::{DecodeOptions, Sampling, Token};

use super::TranscriberError;
use super::engine::Engine;
use super::hallucination::is_repetitive;

/// Words whose average log-probability is lower than this are guesses.
const MIN_LOGPROB: f32 = -1.0;
/// With a probability of silence above this, doubtful words are made up.
pub(super) const MAX_NO_SPEECH: f32 = 0.6;
/// The beam of the second try, if the first was narrower.
const BEAM: u32 = 5;
/// What is tried where the model lost its way.
const TEMPERATURES: [f32; 2] = [0.4, 0.8];

/// One pass of a model over a window.
#[derive(Clone, Debug, Default)]
pub(super) struct Pass {
    /// What it wrote.
    pub(super) tokens: Vec<Token>,
    /// Average log-probability of the tokens.
    pub(super) logprob: f32,
    /// Whether it had to be stopped because it found no end.
    pub(super) endless: bool,
}

impl Pass {
    fn text(&self) -> String {
        let bytes = self.tokens.iter().map(|token| match token {
            Token::Text(token) => token.bytes.as_slice(),
            Token::Time(_) => b" ",
        });
        String::from_utf8_lossy(&bytes.collect::<Vec<_>>().concat()).trim().to_owned()
    }

    /// What speaks against its words.
    pub(super) fn issue(&self) -> QualityIssue {
        let text = self.text();
        if text.is_empty() {
            QualityIssue::None
        } else if self.endless || is_repetitive(&text) {
            QualityIssue::Repetition
        } else if self.logprob < MIN_LOGPROB {
            QualityIssue::LowLogprob
        } else {
            QualityIssue::None
        }
    }
}

/// What speaks against the words of a pass, the worse the later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum QualityIssue {
    /// Nothing does.
    None,
    /// The model did not understand.
    LowLogprob,
    /// The model went in circles.
    Repetition,
}

/// Passes that may be spent on one window, so that what nobody could understand does not hold up the rest.
pub(super) struct Budget(u32);

impl Budget {
    pub(super) fn new(passes: u32) -> Self {
        Self(passes)
    }

    /// Takes one, if there is one left.
    pub(super) fn take(&mut self) -> bool {
        let left = self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        left
    }
}

/// What came of the tries at some samples.
pub(super) struct Attempt {
    /// The pass to be trusted most.
    pub(super) pass: Pass,
    /// The probability that nobody speaks, as far as somebody had to ask.
    pub(super) no_speech: Option<f32>,
}

/// Decodes what an engine listens to until the words hold up, `beam` being the width of the first try (1: greedy).
/// If none do, the best count, unless it is more probable that nobody speaks. Chance comes in only where the model
/// lost its way.
pub(super) fn decode_with_fallback(
    engine: &mut dyn Engine,
    beam: u32,
    options: &DecodeOptions,
    budget: &mut Budget,
    halt: &CancellationToken,
) -> Result<Attempt, TranscriberError> {
    let first = if beam > 1 { Sampling::Beam(beam) } else { Sampling::Greedy };
    let second = if beam < BEAM { Sampling::Beam(BEAM) } else { Sampling::Greedy };
    let mut best = engine.pass(options, first, halt)?;
    if best.issue() == QualityIssue::None {
        return Ok(Attempt { pass: best, no_speech: None });
    }
    let no_speech = Some(engine.no_speech()?);
    if no_speech > Some(MAX_NO_SPEECH) {
        return Ok(Attempt { pass: Pass::default(), no_speech });
    }
    let random = TEMPERATURES.map(|temperature| (Sampling::Random(temperature), QualityIssue::Repetition));
    for (sampling, least) in [(second, QualityIssue::LowLogprob)].into_iter().chain(random) {
        if best.issue() < least || !budget.take() {
            break;
        }
        tracing::debug!(issue = ?best.issue(), ?sampling, "decoding a window again");
        let other = engine.pass(options, sampling, halt)?;
        if (other.issue(), -other.logprob) < (best.issue(), -best.logprob) {
            best = other;
        }
    }
    Ok(Attempt { pass: best, no_speech })
}

#[cfg(test)]
mod tests {
    use super::*;
    use whisper::TextToken;

    use crate::transcriber::DetectedLanguage;

    /// Gives one pass after the other, the last again and again, and notes the tries.
    struct Script {
        passes: Vec<Pass>,
        no_speech: f32,
        tries: Vec<Sampling>,
    }

    impl Engine for Script {
        fn set_audio(&mut self, _: &[f32]) {}

        fn pass(
            &mut self,
            _: &DecodeOptions,
            sampling: Sampling,
            _: &CancellationToken,
        ) -> Result<Pass, TranscriberError> {
            self.tries.push(sampling);
            Ok(self.passes[(self.tries.len() - 1).min(self.passes.len() - 1)].clone())
        }

        fn no_speech(&mut self) -> Result<f32, TranscriberError> {
            Ok(self.no_speech)
        }

        fn languages(
            &mut self,
            _: &std::ops::Range<usize>,
        ) -> Result<Vec<DetectedLanguage>, TranscriberError> {
            unreachable!("no try depends on it")
        }

        fn reset(&mut self) {}
    }

    fn pass(text: &str, logprob: f32) -> Pass {
        let token = TextToken { bytes: text.into(), logprob, time: None };
        Pass { tokens: vec![Token::Text(token)], logprob, endless: false }
    }

    /// The tries that were made, and the words that came out.
    fn run(beam: u32, no_speech: f32, passes: &[Pass]) -> (Vec<Sampling>, String) {
        run_within(9, beam, no_speech, passes)
    }

    fn run_within(budget: u32, beam: u32, no_speech: f32, passes: &[Pass]) -> (Vec<Sampling>, String) {
        let mut script = Script { passes: passes.to_vec(), no_speech, tries: Vec::new() };
        let (options, halt) = (DecodeOptions::default(), CancellationToken::new());
        let best =
            decode_with_fallback(&mut script, beam, &options, &mut Budget::new(budget), &halt).unwrap();
        (script.tries, best.pass.text())
    }

    #[test]
    fn words_that_hold_up_are_taken_at_once() {
        assert_eq!(run(1, 0.9, &[pass("Good.", -0.2)]), (vec![Sampling::Greedy], "Good.".into()));
        assert_eq!(run(4, 0.0, &[pass("Good.", -0.2)]).0, [Sampling::Beam(4)]);
        assert_eq!(run(1, 0.0, &[pass("", -9.0)]).0, [Sampling::Greedy], "silence holds up");
    }

    #[test]
    fn guesses_are_searched_once_and_the_likelier_stay() {
        let (tries, text) = run(1, 0.1, &[pass("no", -3.0), pass("maybe", -1.5)]);
        assert_eq!(
            (tries.as_slice(), text.as_str()),
            ([Sampling::Greedy, Sampling::Beam(5)].as_slice(), "maybe")
        );
        assert_eq!(run(3, 0.1, &[pass("maybe", -1.2), pass("no", -1.5)]).1, "maybe");
    }

    #[test]
    fn circles_are_left_by_chance() {
        let circle = pass(&"again and ".repeat(20), -0.1);
        let endless = Pass { endless: true, ..pass("and", -0.3) };
        let (tries, text) = run(1, 0.1, &[endless.clone(), circle.clone(), pass("Well.", -0.9)]);
        assert_eq!((tries.last(), text.as_str()), (Some(&Sampling::Random(0.4)), "Well."));
        assert_eq!(run(1, 0.1, &[endless, circle.clone(), pass("Hm.", -1.4)]).1, "Hm.");
        assert_eq!(run(1, 0.1, std::slice::from_ref(&circle)).0.len(), 4);
        assert_eq!(run_within(1, 1, 0.1, &[circle]).0.len(), 2, "no more than may be spent");
    }

    #[test]
    fn doubtful_words_are_nothing_when_nobody_speaks() {
        assert_eq!(
            run(1, 0.7, &[pass("Thanks for watching!", -1.5)]),
            (vec![Sampling::Greedy], String::new())
        );
    }
}
