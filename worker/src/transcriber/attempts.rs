//! Decoding again when the first try is not to be trusted.

use super::checks::repeats_itself;
use super::sentences::Token;

/// Words whose average log-probability is lower than this are guesses.
const MIN_LOGPROB: f32 = -1.0;
/// With a probability of silence above this, doubtful words are made up.
const MAX_NO_SPEECH: f32 = 0.6;
/// The beam of the second try, which follows a greedy first.
const BEAM: u32 = 5;

/// How the next token is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sampling {
    /// Always the most probable.
    Greedy,
    /// Of so many sequences, the most probable.
    Beam(u32),
    /// By chance, the more so the higher the temperature (0 to 1).
    Random(f32),
}

/// One pass of the model over a window.
#[derive(Clone, Debug, Default)]
pub(super) struct Pass {
    /// What it wrote.
    pub(super) tokens: Vec<Token>,
    /// Average log-probability of the tokens.
    pub(super) logprob: f32,
    /// The probability that nobody speaks, 0 to 1.
    pub(super) no_speech: f32,
    /// Whether it had to be stopped because it found no end.
    pub(super) endless: bool,
}

impl Pass {
    fn text(&self) -> String {
        let bytes: Vec<u8> = self
            .tokens
            .iter()
            .flat_map(|token| match token {
                Token::Text(bytes) => bytes.as_slice(),
                Token::Time(_) => b" ",
            })
            .copied()
            .collect();
        String::from_utf8_lossy(&bytes).trim().to_owned()
    }

    /// How many of the checks it fails.
    fn faults(&self) -> usize {
        let text = self.text();
        let faults = [self.endless, self.logprob < MIN_LOGPROB, repeats_itself(&text)];
        if text.is_empty() { 0 } else { faults.into_iter().filter(|fault| *fault).count() }
    }
}

/// Tries one way of sampling after the other until the words hold up, `beam` being the width of the first
/// (1: greedy). If none does, the best of them counts, unless it was more probably silence.
pub(super) fn most_trusted<E>(
    beam: u32,
    mut pass: impl FnMut(Sampling) -> Result<Pass, E>,
) -> Result<Pass, E> {
    let first = if beam > 1 { Sampling::Beam(beam) } else { Sampling::Greedy };
    let second = if beam > 1 { Sampling::Random(0.2) } else { Sampling::Beam(BEAM) };
    let mut tried = Vec::new();
    for sampling in [first, second, Sampling::Random(0.4), Sampling::Random(0.8)] {
        let made = pass(sampling)?;
        match made.faults() {
            0 => return Ok(made),
            faults => tried.push((faults, made)),
        }
        tracing::debug!(?sampling, "a window's words do not hold up");
    }
    let least =
        |a: &(usize, Pass), b: &(usize, Pass)| a.0.cmp(&b.0).then(b.1.logprob.total_cmp(&a.1.logprob));
    let best = tried.into_iter().min_by(least).map(|(_, pass)| pass);
    Ok(best.filter(|pass| pass.no_speech <= MAX_NO_SPEECH).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn pass(text: &str, logprob: f32, no_speech: f32) -> Pass {
        Pass { tokens: vec![Token::Text(text.into())], logprob, no_speech, endless: false }
    }

    /// Runs the passes given, one for each try, and says which tries were made and what came out.
    fn run(beam: u32, passes: &[Pass]) -> (Vec<Sampling>, String) {
        let mut tries = Vec::new();
        let best = most_trusted(beam, |sampling| {
            tries.push(sampling);
            Ok::<_, Infallible>(passes[(tries.len() - 1).min(passes.len() - 1)].clone())
        });
        (tries, best.unwrap().text())
    }

    #[test]
    fn words_that_hold_up_are_taken_at_once() {
        assert_eq!(run(1, &[pass("Good.", -0.2, 0.9)]), (vec![Sampling::Greedy], "Good.".into()));
        assert_eq!(run(4, &[pass("Good.", -0.2, 0.0)]).0, [Sampling::Beam(4)]);
        assert_eq!(run(1, &[pass("", -9.0, 0.9)]).0, [Sampling::Greedy], "silence holds up");
    }

    #[test]
    fn doubtful_words_are_decoded_again() {
        let circle = pass(&"again and ".repeat(20), -0.1, 0.0);
        let (tries, text) = run(1, &[circle.clone(), pass("Fine.", -0.3, 0.0)]);
        assert_eq!((tries.last(), text.as_str()), (Some(&Sampling::Beam(5)), "Fine."));
        let endless = Pass { endless: true, ..pass("and", -0.1, 0.0) };
        assert_eq!(run(1, &[endless, circle, pass("Well.", -0.3, 0.0)]).1, "Well.");
    }

    #[test]
    fn the_best_of_doubtful_words_stays_unless_nobody_speaks() {
        let (tries, text) = run(1, &[pass("no", -3.0, 0.1), pass("maybe", -1.5, 0.1), pass("no", -2.0, 0.1)]);
        assert_eq!((tries.len(), text.as_str()), (4, "maybe"));
        assert_eq!(run(1, &[pass("Thanks for watching!", -1.5, 0.7)]).1, "");
    }
}
