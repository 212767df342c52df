//! Decoding token by token: greedily, with a beam, or by chance.

use crate::decoder::Sequence;
use crate::logit_filter::LogitFilter;
use crate::output::{RANDOM_HYPOTHESES, Sampling};

/// A token that was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ScoredToken {
    pub(crate) token: u32,
    pub(crate) logprob: f32,
}

/// Where a text ends.
#[derive(Clone, Copy)]
pub(crate) struct StopCriteria {
    /// The token that says so.
    pub(crate) token: u32,
    /// The time after which nothing can be said, as a token.
    pub(crate) time: u32,
    /// The most tokens: with one more, a text is given up.
    pub(crate) max_tokens: usize,
    /// Whether timestamps are written.
    pub(crate) timestamps: bool,
}

/// Texts for one window, of which one will be chosen.
pub(crate) struct DecodeState {
    sampling: Sampling,
    stop: StopCriteria,
    texts: Vec<Hypothesis>,
}

#[derive(Clone)]
pub(crate) struct Hypothesis {
    sampling: Sampling,
    sequence: Sequence,
    /// What is not yet read.
    pending: Vec<u32>,
    timestamps: bool,
    tokens: Vec<u32>,
    logprobs: Vec<f32>,
    finished: bool,
    rng: fastrand::Rng,
    /// What may come next.
    next: Vec<ScoredToken>,
}

impl Hypothesis {
    pub(crate) fn pending(&mut self) -> (&mut Sequence, &[u32]) {
        (&mut self.sequence, &self.pending)
    }

    fn logprob(&self) -> f32 {
        self.logprobs.iter().sum()
    }

    /// Scores what may come next, given the logits of all tokens.
    pub(crate) fn score(&mut self, filter: &LogitFilter, logits: &mut [f32]) {
        if let Sampling::Random(temperature) = self.sampling {
            logits.iter_mut().for_each(|logit| *logit /= temperature);
        }
        let all = filter.apply(logits, &self.tokens, self.timestamps);
        let first = self.tokens.is_empty();
        self.next = match self.sampling {
            Sampling::Greedy => top(logits, 1),
            Sampling::Beam(width) => top(logits, width as usize),
            Sampling::Random(_) => (0..if first { RANDOM_HYPOTHESES } else { 1 })
                .filter_map(|_| draw(logits, &mut self.rng))
                .collect(),
        };
        for written in &mut self.next {
            written.logprob -= all;
        }
    }

    fn with(mut self, written: ScoredToken, stop: StopCriteria) -> Self {
        self.tokens.push(written.token);
        self.logprobs.push(written.logprob);
        self.pending = vec![written.token];
        self.finished =
            written.token == stop.token || written.token >= stop.time || self.tokens.len() > stop.max_tokens;
        self
    }
}

impl DecodeState {
    /// A text that begins after `prompt`.
    pub(crate) fn new(sequence: Sequence, prompt: Vec<u32>, sampling: Sampling, stop: StopCriteria) -> Self {
        let text = Hypothesis {
            sampling,
            sequence,
            pending: prompt,
            timestamps: stop.timestamps,
            tokens: Vec::new(),
            logprobs: Vec::new(),
            finished: false,
            rng: fastrand::Rng::with_seed(0),
            next: Vec::new(),
        };
        Self { sampling, stop, texts: vec![text] }
    }

    /// The hypotheses that go on.
    pub(crate) fn active(&mut self) -> impl Iterator<Item = &mut Hypothesis> {
        self.texts.iter_mut().filter(|text| !text.finished)
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.texts.iter().all(|text| text.finished)
    }

    /// Goes on with the best of what was scored.
    pub(crate) fn advance(&mut self) {
        let first = self.texts.iter().all(|text| text.tokens.is_empty());
        let width = match self.sampling {
            _ if !first => self.texts.iter().filter(|text| !text.finished).count(),
            Sampling::Greedy => 1,
            Sampling::Beam(width) => width as usize,
            Sampling::Random(_) => RANDOM_HYPOTHESES,
        };
        let (mut texts, going): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.texts).into_iter().partition(|text| text.finished);
        let mut candidates: Vec<_> = going
            .iter()
            .enumerate()
            .flat_map(|(index, text)| {
                text.next.iter().map(move |next| (index, *next, text.logprob() + next.logprob))
            })
            .collect();
        if matches!(self.sampling, Sampling::Beam(_)) {
            candidates.sort_by(|one, other| other.2.total_cmp(&one.2));
        }
        candidates.truncate(width);
        let mut going: Vec<_> = going.into_iter().map(Some).collect();
        while let Some((index, next, _)) = candidates.pop() {
            // A text that goes on in one way only need not be copied.
            let goes_on = candidates.iter().any(|other| other.0 == index);
            let place = going.get_mut(index);
            let text = place.and_then(|text| if goes_on { text.clone() } else { text.take() });
            texts.extend(text.map(|text| {
                let rng =
                    if first { fastrand::Rng::with_seed(candidates.len() as u64) } else { text.rng.clone() };
                Hypothesis { rng, ..text }.with(next, self.stop)
            }));
        }
        self.texts = texts;
    }

    /// The text whose tokens are the most probable on average; none if the model gave no probabilities.
    pub(crate) fn best(&self) -> Option<Vec<ScoredToken>> {
        let average = |text: &Hypothesis| text.logprob() / text.tokens.len().max(1) as f32;
        let best = self.texts.iter().max_by(|one, other| average(one).total_cmp(&average(other)))?;
        let written = |(token, logprob): (&u32, &f32)| ScoredToken { token: *token, logprob: *logprob };
        Some(best.tokens.iter().zip(&best.logprobs).map(written).collect())
    }
}

/// The most probable tokens, fewer where fewer may be written.
fn top(logits: &[f32], count: usize) -> Vec<ScoredToken> {
    let mut best: Vec<ScoredToken> = Vec::with_capacity(count + 1);
    for (token, logit) in (0..).zip(logits).filter(|(_, logit)| **logit > f32::NEG_INFINITY) {
        if best.len() < count || best.last().is_some_and(|last| *logit > last.logprob) {
            let place = best.partition_point(|other| other.logprob >= *logit);
            best.insert(place, ScoredToken { token, logprob: *logit });
            best.truncate(count);
        }
    }
    best
}

/// A token by chance, as probable as its logit says; none if none may be written.
fn draw(logits: &[f32], rng: &mut fastrand::Rng) -> Option<ScoredToken> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let all: f32 = logits.iter().map(|logit| (logit - most).exp()).sum();
    let mut left = rng.f32() * all;
    let mut drawn = None;
    for (token, logit) in (0..).zip(logits).filter(|(_, logit)| **logit > f32::NEG_INFINITY) {
        drawn = Some(ScoredToken { token, logprob: *logit });
        left -= (logit - most).exp();
        if left <= 0.0 {
            break;
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::Vocabulary;

    const A: u32 = 0;
    const B: u32 = 1;
    const C: u32 = 2;
    const D: u32 = 3;
    const END: u32 = 50_257;
    const TIME: u32 = 50_364;

    /// Texts that finished. `chances` tells which tokens may follow others, and how probable each is.
    fn state(sampling: Sampling, chances: impl Fn(&[u32]) -> Vec<(u32, f32)>) -> DecodeState {
        let filter = LogitFilter::of(&Vocabulary::new(Vec::new(), 51_865));
        let stop = StopCriteria { token: END, time: TIME + 50, max_tokens: 8, timestamps: true };
        let mut state = DecodeState::new(Sequence::default(), vec![END + 1], sampling, stop);
        while !state.is_finished() {
            for text in state.active() {
                let mut logits = vec![f32::NEG_INFINITY; 51_865];
                for (token, chance) in chances(&text.tokens) {
                    logits[token as usize] = chance.ln() + 3.0;
                }
                text.score(&filter, &mut logits);
            }
            state.advance();
        }
        state
    }

    fn texts(state: &DecodeState) -> Vec<Vec<u32>> {
        state.texts.iter().map(|text| text.tokens.clone()).collect()
    }

    fn best(sampling: Sampling, chances: impl Fn(&[u32]) -> Vec<(u32, f32)>) -> Vec<u32> {
        state(sampling, chances).best().unwrap().iter().map(|written| written.token).collect()
    }

    /// `A` is more probable than `B`, but nobody knows what comes then.
    fn doubtful(written: &[u32]) -> Vec<(u32, f32)> {
        match written {
            [] => vec![(A, 0.6), (B, 0.4)],
            [A] => vec![(B, 0.3), (C, 0.4), (D, 0.3)],
            [B] => vec![(C, 1.0)],
            _ => vec![(END, 1.0)],
        }
    }

    #[test]
    fn the_most_probable_token_is_written() {
        let written = state(Sampling::Greedy, doubtful).best().unwrap();
        for (written, (token, chance)) in written.iter().zip([(A, 0.6_f32), (C, 0.4), (END, 1.0)]) {
            assert_eq!(written.token, token);
            assert!((written.logprob - chance.ln()).abs() < 1e-4, "{written:?}");
        }
        assert_eq!(written.len(), 3);
    }

    #[test]
    fn a_beam_finds_what_is_more_probable_as_a_whole() {
        assert_eq!(best(Sampling::Beam(1), doubtful), [A, C, END]);
        assert_eq!(best(Sampling::Beam(2), doubtful), [B, C, END]);
        let both = texts(&state(Sampling::Beam(2), doubtful));
        assert!(both.contains(&vec![A, C, END]) && both.len() == 2, "{both:?}");
    }

    #[test]
    fn a_text_of_a_beam_may_go_on_in_two_ways() {
        let chances = |written: &[u32]| match written {
            [] => vec![(A, 0.9), (B, 0.1)],
            [A] | [B] => vec![(C, 0.6), (D, 0.4)],
            _ => vec![(END, 1.0)],
        };
        let mut found = texts(&state(Sampling::Beam(2), chances));
        found.sort_unstable();
        assert_eq!(found, [[A, C, END], [A, D, END]]);
    }

    #[test]
    fn a_beam_is_no_wider_than_there_are_ways() {
        let state = state(Sampling::Beam(5), doubtful);
        assert_eq!(state.texts.len(), 2);
        assert!(state.texts.iter().all(|text| text.logprob().is_finite()), "{:?}", texts(&state));
    }

    #[test]
    fn a_model_that_gives_no_probabilities_writes_nothing() {
        for sampling in [Sampling::Greedy, Sampling::Beam(2), Sampling::Random(0.5)] {
            assert!(state(sampling, |_| vec![(A, f32::NAN), (B, f32::NAN)]).best().is_none());
        }
    }

    #[test]
    fn chance_is_fair_and_always_the_same() {
        let chances = |written: &[u32]| match written.len() {
            0 => vec![(C, 1.0)],
            1..8 => vec![(A, 0.2), (B, 0.8)],
            _ => vec![(END, 1.0)],
        };
        let found = state(Sampling::Random(0.5), chances);
        assert_eq!(found.texts.len(), RANDOM_HYPOTHESES);
        assert_eq!(texts(&found), texts(&state(Sampling::Random(0.5), chances)));
        let all = texts(&found);
        assert!(all.iter().any(|text| *text != all[0]), "{all:?}");
        let drawn = all.iter().flatten().filter(|token| **token < C);
        let share = drawn.clone().filter(|token| **token == A).count() as f32 / drawn.count() as f32;
        assert!((0.0..0.2).contains(&share), "{share} instead of 0.06");
        for (token, logprob) in found.texts.iter().flat_map(|text| text.tokens.iter().zip(&text.logprobs)) {
            let chance: f32 = [0.04 / 0.68, 0.64 / 0.68, 1.0][(*token as usize).min(2)];
            assert!((logprob.exp() - chance).abs() < 1e-3, "{token}: {logprob}");
        }
    }

    #[test]
    fn a_draw_is_as_probable_as_its_logit_says() {
        let logits = [f32::NEG_INFINITY, 0.75_f32.ln(), f32::NEG_INFINITY, 0.25_f32.ln(), f32::NEG_INFINITY];
        let mut rng = fastrand::Rng::with_seed(1);
        let drawn: Vec<_> = (0..1000).filter_map(|_| draw(&logits, &mut rng)).collect();
        assert!(drawn.iter().all(|one| one.logprob == logits[one.token as usize] && one.logprob.is_finite()));
        let share = drawn.iter().filter(|one| one.token == 1).count();
        assert!((700..800).contains(&share), "{share} of 1000");
    }

    #[test]
    fn a_text_ends_with_the_window_or_when_it_is_too_long() {
        let at = |time: u32| {
            move |written: &[u32]| match written {
                [] => vec![(A, 1.0)],
                [A] => vec![(TIME + time, 1.0)],
                _ => vec![(END, 1.0)],
            }
        };
        assert_eq!(best(Sampling::Greedy, at(49)), [A, TIME + 49, END]);
        assert_eq!(best(Sampling::Greedy, at(50)), [A, TIME + 50]);
        assert_eq!(best(Sampling::Greedy, at(51)), [A, TIME + 51]);
        assert_eq!(best(Sampling::Greedy, |_| vec![(A, 1.0)]), [A; 9]);
    }

    #[test]
    fn the_best_on_average_is_taken() {
        let chances = |written: &[u32]| match written {
            [] => vec![(A, 0.6), (B, 0.4)],
            [B] | [B, C] => vec![(C, 1.0)],
            _ => vec![(END, 1.0)],
        };
        assert_eq!(best(Sampling::Beam(2), chances), [B, C, C, END], "though [A, END] is more probable");
    }
}
