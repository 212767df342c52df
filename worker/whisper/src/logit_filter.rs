//! Which tokens may follow which: times come in pairs and suppressed go back, and what nobody says is suppressed written.

use rten_simd::SimdOp;
use rten_vecmath::{MaxNum, SumExpSub};

use crate::vocabulary::Vocabulary;

/// The latest time that may be the first of a window, in steps of 0.02 s: 1 s.
const LATEST_START: usize = 50;

/// What holds for all texts of a model.
pub(crate) struct LogitFilter {
    suppressed: Vec<u32>,
    suppressed_first: Vec<u32>,
    end: usize,
    first_time: usize,
}

impl LogitFilter {
    pub(crate) fn of(vocabulary: &Vocabulary) -> Self {
        let signs = vocabulary.start..vocabulary.first_time;
        Self {
            suppressed: signs.chain(vocabulary.not_said()).collect(),
            suppressed_first: vocabulary.space().into_iter().chain([vocabulary.end]).collect(),
            end: vocabulary.end as usize,
            first_time: vocabulary.first_time as usize,
        }
    }

    /// Forbids, by a logit of minus infinity, what may not follow the `written` tokens, with or without timestamps among
    /// them, and gives what is to be taken off a logit for the logarithm of its probability.
    pub(crate) fn apply(&self, logits: &mut [f32], written: &[u32], timestamps: bool) -> f32 {
        let is_time = |token: &u32| *token as usize >= self.first_time;
        let (first, last_is_time) = (written.is_empty(), written.last().is_some_and(is_time));
        let in_pair = last_is_time && written.iter().nth_back(1).is_none_or(is_time);
        for token in self.suppressed.iter().chain(self.suppressed_first.iter().filter(|_| first)) {
            forbid(logits.get_mut(*token as usize));
        }
        let Some((text, times)) = logits.split_at_mut_checked(self.first_time) else { return 0.0 };
        if in_pair || !timestamps {
            times.fill(f32::NEG_INFINITY);
        } else if last_is_time {
            text.iter_mut().take(self.end).for_each(|logit| forbid(Some(logit)));
        }
        if first {
            times.iter_mut().skip(LATEST_START + 1).for_each(|logit| forbid(Some(logit)));
        } else if let Some(latest) = written.iter().rfind(|token| is_time(token)) {
            times.iter_mut().take(*latest as usize - self.first_time).for_each(|logit| forbid(Some(logit)));
        }
        let (most_text, most_time) = (log_sum(text), log_sum(times));
        let all = most_text.max(most_time) + (-(most_text - most_time).abs()).exp().ln_1p();
        // Times are many: that there is one may be more probable than any piece of text, though none of them is.
        if most_time > MaxNum::new(text).dispatch() {
            text.fill(f32::NEG_INFINITY);
        }
        all
    }
}

fn forbid(logit: Option<&mut f32>) {
    if let Some(logit) = logit {
        *logit = f32::NEG_INFINITY;
    }
}

/// The logarithm of the sum of what the numbers are the logarithms of.
pub(crate) fn log_sum(logits: &[f32]) -> f32 {
    let most = MaxNum::new(logits).dispatch();
    if most == f32::NEG_INFINITY { most } else { most + SumExpSub::new(logits, most).dispatch().ln() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPACE: u32 = 0;
    const TEXT: u32 = 1;
    const HASH: u32 = 2;
    const HYPHEN: u32 = 3;
    const END: u32 = 50_257;
    const FIRST_TIME: u32 = 50_364;

    fn vocabulary() -> Vocabulary {
        let words = [" ", "a", " #", "-"].map(|word| word.as_bytes().to_vec());
        Vocabulary::new(words.to_vec(), 51_865)
    }

    fn time(step: u32) -> u32 {
        FIRST_TIME + step
    }

    /// Which text and which times may follow, if text is more probable.
    fn followers(written: &[u32]) -> (Vec<u32>, Vec<u32>) {
        let mut logits = vec![0.0; 51_865];
        logits[time(0) as usize..].fill(-20.0);
        LogitFilter::of(&vocabulary()).apply(&mut logits, written, true);
        let may = (0..).zip(logits).filter(|(_, logit)| *logit > f32::NEG_INFINITY);
        may.map(|(token, _)| token).partition(|token| *token < FIRST_TIME)
    }

    /// All text that is ever said, and the end.
    fn all_text() -> Vec<u32> {
        (0..=END).filter(|token| *token != HASH).collect()
    }

    fn times_from(step: u32) -> Vec<u32> {
        (time(step)..=time(1500)).collect()
    }

    #[test]
    fn a_text_begins_with_words_or_an_early_time() {
        let (text, times) = followers(&[]);
        let words: Vec<_> = all_text().into_iter().filter(|token| *token != SPACE).collect();
        assert_eq!(text, words[..words.len() - 1], "neither a space nor the end");
        assert_eq!(times, (time(0)..=time(50)).collect::<Vec<_>>());
    }

    #[test]
    fn times_come_in_pairs_and_never_go_back() {
        assert_eq!(followers(&[time(10)]), (all_text(), vec![]));
        assert_eq!(followers(&[TEXT]), (all_text(), times_from(0)));
        assert_eq!(followers(&[time(10), TEXT]), (all_text(), times_from(10)));
        let end = vec![END];
        assert_eq!(followers(&[time(10), TEXT, time(20)]), (end, times_from(20)));
        assert_eq!(followers(&[time(10), TEXT, time(20), time(30)]), (all_text(), vec![]));
        assert_eq!(followers(&[time(10), TEXT, time(20), time(30), TEXT]), (all_text(), times_from(30)));
    }

    #[test]
    fn signs_and_what_nobody_says_are_never_written() {
        for written in [&[][..], &[TEXT], &[time(0)], &[time(0), TEXT, time(9)]] {
            let (text, _) = followers(written);
            assert!(text.iter().all(|token| *token <= END && *token != HASH));
        }
        assert!(followers(&[TEXT]).0.contains(&HYPHEN));
    }

    #[test]
    fn a_time_is_written_if_all_together_are_more_probable_than_any_text() {
        let times_at = |logit: f32| {
            let mut logits = vec![f32::NEG_INFINITY; 51_865];
            logits[TEXT as usize] = 0.0;
            logits[time(0) as usize..].fill(logit);
            let all = LogitFilter::of(&vocabulary()).apply(&mut logits, &[TEXT], true);
            (logits[TEXT as usize], logits[time(7) as usize], all)
        };
        // There are 1501 times, and ln(1501) is 7.3.
        assert_eq!(times_at(-7.2).0, f32::NEG_INFINITY);
        assert_eq!(times_at(-7.4).0, 0.0);
        let (_, time, all) = times_at(-7.0);
        let expected = 1.0 / (1501.0 + 7_f32.exp());
        assert!(((time - all).exp() / expected - 1.0).abs() < 1e-3, "text counts though it is forbidden");
    }

    #[test]
    fn probabilities_make_one() {
        let mut rng = fastrand::Rng::with_seed(1);
        let mut logits: Vec<f32> = (0..51_865).map(|_| rng.f32() * 8.0 + 20.0).collect();
        // More probable than all times together, but not than all text.
        logits[TEXT as usize] = 34.0;
        let all = LogitFilter::of(&vocabulary()).apply(&mut logits, &[time(5), TEXT], true);
        let sum: f64 = logits.iter().map(|logit| f64::from(logit - all).exp()).sum();
        assert!((sum - 1.0).abs() < 1e-3, "{sum}");
        assert!((log_sum(&[1.0, 2.0, 3.0]) - 3.407_606).abs() < 1e-5);
        assert_eq!(log_sum(&[f32::NEG_INFINITY; 5]), f32::NEG_INFINITY);
    }
}
