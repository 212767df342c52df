//! Writing a text token by token: always the most probable, with a beam, or by chance.

use super::decoder::Sequence;
use super::rules::Rules;
use crate::transcriber::attempts::{RANDOM_TEXTS, Sampling};

/// A token that was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Written {
    pub(super) token: u32,
    pub(super) logprob: f32,
}

/// Where a text ends.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    /// The token that says so.
    pub(super) token: u32,
    /// The time after which nothing can be said, as a token.
    pub(super) time: u32,
    /// The most tokens: with one more, a text is given up.
    pub(super) most: usize,
    /// Whether timestamps are written.
    pub(super) timestamps: bool,
}

/// Texts for one window, of which one will be chosen.
pub(super) struct Search {
    sampling: Sampling,
    ends: Ends,
    texts: Vec<Text>,
}

#[derive(Clone)]
pub(super) struct Text {
    sampling: Sampling,
    sequence: Sequence,
    /// What is not yet read.
    unread: Vec<u32>,
    timestamps: bool,
    tokens: Vec<u32>,
    logprobs: Vec<f32>,
    ended: bool,
    dice: fastrand::Rng,
    /// What may come next.
    next: Vec<Written>,
}

impl Text {
    pub(super) fn unread(&mut self) -> (&mut Sequence, &[u32]) {
        (&mut self.sequence, &self.unread)
    }

    fn logprob(&self) -> f32 {
        self.logprobs.iter().sum()
    }

    /// Thinks of what comes next, given the logits of all tokens.
    pub(super) fn look_ahead(&mut self, rules: &Rules, logits: &mut [f32]) {
        if let Sampling::Random(temperature) = self.sampling {
            logits.iter_mut().for_each(|logit| *logit /= temperature);
        }
        let all = rules.apply(logits, &self.tokens, self.timestamps);
        let first = self.tokens.is_empty();
        self.next = match self.sampling {
            Sampling::Greedy => top(logits, 1),
            Sampling::Beam(width) => top(logits, width as usize),
            Sampling::Random(_) => (0..if first { RANDOM_TEXTS } else { 1 })
                .filter_map(|_| draw(logits, &mut self.dice))
                .collect(),
        };
        for written in &mut self.next {
            written.logprob -= all;
        }
    }

    fn with(mut self, written: Written, ends: Ends) -> Self {
        self.tokens.push(written.token);
        self.logprobs.push(written.logprob);
        self.unread = vec![written.token];
        self.ended =
            written.token == ends.token || written.token >= ends.time || self.tokens.len() > ends.most;
        self
    }
}

impl Search {
    /// A text that begins after `prompt`.
    pub(super) fn new(sequence: Sequence, prompt: Vec<u32>, sampling: Sampling, ends: Ends) -> Self {
        let text = Text {
            sampling,
            sequence,
            unread: prompt,
            timestamps: ends.timestamps,
            tokens: Vec::new(),
            logprobs: Vec::new(),
            ended: false,
            dice: fastrand::Rng::with_seed(0),
            next: Vec::new(),
        };
        Self { sampling, ends, texts: vec![text] }
    }

    /// The texts that go on.
    pub(super) fn unended(&mut self) -> impl Iterator<Item = &mut Text> {
        self.texts.iter_mut().filter(|text| !text.ended)
    }

    pub(super) fn is_ended(&self) -> bool {
        self.texts.iter().all(|text| text.ended)
    }

    /// Writes what was thought of.
    pub(super) fn write(&mut self) {
        let first = self.texts.iter().all(|text| text.tokens.is_empty());
        let width = match self.sampling {
            _ if !first => self.texts.iter().filter(|text| !text.ended).count(),
            Sampling::Greedy => 1,
            Sampling::Beam(width) => width as usize,
            Sampling::Random(_) => RANDOM_TEXTS,
        };
        let (mut texts, going): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.texts).into_iter().partition(|text| text.ended);
        let mut ways: Vec<_> = going
            .iter()
            .enumerate()
            .flat_map(|(index, text)| {
                text.next.iter().map(move |next| (index, *next, text.logprob() + next.logprob))
            })
            .collect();
        if matches!(self.sampling, Sampling::Beam(_)) {
            ways.sort_by(|one, other| other.2.total_cmp(&one.2));
        }
        ways.truncate(width);
        let mut going: Vec<_> = going.into_iter().map(Some).collect();
        while let Some((index, next, _)) = ways.pop() {
            // A text that goes on in one way only need not be copied.
            let goes_on = ways.iter().any(|other| other.0 == index);
            let place = going.get_mut(index);
            let text = place.and_then(|text| if goes_on { text.clone() } else { text.take() });
            texts.extend(text.map(|text| {
                let dice =
                    if first { fastrand::Rng::with_seed(ways.len() as u64) } else { text.dice.clone() };
                Text { dice, ..text }.with(next, self.ends)
            }));
        }
        self.texts = texts;
    }

    /// The text whose tokens are the most probable on average; none if the model gave no probabilities.
    pub(super) fn best(&self) -> Option<Vec<Written>> {
        let average = |text: &Text| text.logprob() / text.tokens.len().max(1) as f32;
        let best = self.texts.iter().max_by(|one, other| average(one).total_cmp(&average(other)))?;
        let written = |(token, logprob): (&u32, &f32)| Written { token: *token, logprob: *logprob };
        Some(best.tokens.iter().zip(&best.logprobs).map(written).collect())
    }
}

/// The most probable tokens, fewer where fewer may be written.
fn top(logits: &[f32], count: usize) -> Vec<Written> {
    let mut best: Vec<Written> = Vec::with_capacity(count + 1);
    for (token, logit) in (0..).zip(logits).filter(|(_, logit)| **logit > f32::NEG_INFINITY) {
        if best.len() < count || best.last().is_some_and(|last| *logit > last.logprob) {
            let place = best.partition_point(|other| other.logprob >= *logit);
            best.insert(place, Written { token, logprob: *logit });
            best.truncate(count);
        }
    }
    best
}

/// A token by chance, as probable as its logit says; none if none may be written.
fn draw(logits: &[f32], dice: &mut fastrand::Rng) -> Option<Written> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let all: f32 = logits.iter().map(|logit| (logit - most).exp()).sum();
    let mut left = dice.f32() * all;
    let mut drawn = None;
    for (token, logit) in (0..).zip(logits).filter(|(_, logit)| **logit > f32::NEG_INFINITY) {
        drawn = Some(Written { token, logprob: *logit });
        left -= (logit - most).exp();
        if left <= 0.0 {
            break;
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::super::vocabulary::Vocabulary;
    use super::*;

    const A: u32 = 0;
    const B: u32 = 1;
    const C: u32 = 2;
    const D: u32 = 3;
    const END: u32 = 50_257;
    const TIME: u32 = 50_364;

    /// Texts that ended. `chances` tells which tokens may follow others, and how probable each is.
    fn search(sampling: Sampling, chances: impl Fn(&[u32]) -> Vec<(u32, f32)>) -> Search {
        let rules = Rules::of(&Vocabulary::new(Vec::new(), 51_865));
        let ends = Ends { token: END, time: TIME + 50, most: 8, timestamps: true };
        let mut search = Search::new(Sequence::default(), vec![END + 1], sampling, ends);
        while !search.is_ended() {
            for text in search.unended() {
                let mut logits = vec![f32::NEG_INFINITY; 51_865];
                for (token, chance) in chances(&text.tokens) {
                    logits[token as usize] = chance.ln() + 3.0;
                }
                text.look_ahead(&rules, &mut logits);
            }
            search.write();
        }
        search
    }

    fn texts(search: &Search) -> Vec<Vec<u32>> {
        search.texts.iter().map(|text| text.tokens.clone()).collect()
    }

    fn best(sampling: Sampling, chances: impl Fn(&[u32]) -> Vec<(u32, f32)>) -> Vec<u32> {
        search(sampling, chances).best().unwrap().iter().map(|written| written.token).collect()
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
        let written = search(Sampling::Greedy, doubtful).best().unwrap();
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
        let both = texts(&search(Sampling::Beam(2), doubtful));
        assert!(both.contains(&vec![A, C, END]) && both.len() == 2, "{both:?}");
    }

    #[test]
    fn a_text_of_a_beam_may_go_on_in_two_ways() {
        let chances = |written: &[u32]| match written {
            [] => vec![(A, 0.9), (B, 0.1)],
            [A] | [B] => vec![(C, 0.6), (D, 0.4)],
            _ => vec![(END, 1.0)],
        };
        let mut found = texts(&search(Sampling::Beam(2), chances));
        found.sort_unstable();
        assert_eq!(found, [[A, C, END], [A, D, END]]);
    }

    #[test]
    fn a_beam_is_no_wider_than_there_are_ways() {
        let search = search(Sampling::Beam(5), doubtful);
        assert_eq!(search.texts.len(), 2);
        assert!(search.texts.iter().all(|text| text.logprob().is_finite()), "{:?}", texts(&search));
    }

    #[test]
    fn a_model_that_gives_no_probabilities_writes_nothing() {
        for sampling in [Sampling::Greedy, Sampling::Beam(2), Sampling::Random(0.5)] {
            assert!(search(sampling, |_| vec![(A, f32::NAN), (B, f32::NAN)]).best().is_none());
        }
    }

    #[test]
    fn chance_is_fair_and_always_the_same() {
        let chances = |written: &[u32]| match written.len() {
            0 => vec![(C, 1.0)],
            1..8 => vec![(A, 0.2), (B, 0.8)],
            _ => vec![(END, 1.0)],
        };
        let found = search(Sampling::Random(0.5), chances);
        assert_eq!(found.texts.len(), RANDOM_TEXTS);
        assert_eq!(texts(&found), texts(&search(Sampling::Random(0.5), chances)));
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
        let mut dice = fastrand::Rng::with_seed(1);
        let drawn: Vec<_> = (0..1000).filter_map(|_| draw(&logits, &mut dice)).collect();
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
