//! Which voiced time of a window its words reach: a model may end a text early, or jump over a stretch, with no doubt
//! in any of its scores.

use std::ops::Range;

use super::SpokenWord;
use super::words::weight;
use crate::audio::SAMPLE_RATE;

/// Voiced samples that may lie between two words, or beside them, without being missed: 1 s. Breath, laughter and slow
/// speech stay below it, and few sentences do.
const MIN_GAP: usize = SAMPLE_RATE as usize;
/// A word reaches so far to either side: 0.2 s, as much as its times may be off.
const SLACK: usize = SAMPLE_RATE as usize / 5;
/// The longest time that a word may take: 0.5 s and 0.15 s for each letter. One that is said to last longer stands in for
/// words that were left out.
const LONGEST_WORD: (f32, f32) = (0.5, 0.15);

/// The voiced stretches of a window that none of its words reaches, in order, without those too short to hold a
/// sentence.
pub(super) fn uncovered<'a>(
    voiced: &[Range<usize>],
    words: impl Iterator<Item = &'a SpokenWord>,
) -> Vec<Range<usize>> {
    let mut reached: Vec<Range<usize>> = words.map(reach).collect();
    reached.sort_by_key(|range| range.start);
    voiced.iter().flat_map(|voiced| without(voiced, &reached)).filter(|gap| gap.len() >= MIN_GAP).collect()
}

/// Ranges without another.
pub(super) fn subtract(ranges: &[Range<usize>], other: &Range<usize>) -> Vec<Range<usize>> {
    ranges.iter().flat_map(|range| without(range, std::slice::from_ref(other))).collect()
}

/// All samples in some ranges.
pub(super) fn total(ranges: &[Range<usize>]) -> usize {
    ranges.iter().map(ExactSizeIterator::len).sum()
}

/// What a word covers.
fn reach(word: &SpokenWord) -> Range<usize> {
    let longest = LONGEST_WORD.0 + LONGEST_WORD.1 * weight(&word.text);
    let end = word.end.min(word.start + (longest * SAMPLE_RATE as f32) as usize);
    word.start.saturating_sub(SLACK)..end + SLACK
}

/// What is left of a range without others, which are sorted by their starts.
fn without(range: &Range<usize>, others: &[Range<usize>]) -> Vec<Range<usize>> {
    let (mut left, mut from) = (Vec::new(), range.start);
    for other in others.iter().filter(|other| other.start < range.end && other.end > range.start) {
        if other.start > from {
            left.push(from..other.start);
        }
        from = from.max(other.end);
    }
    if from < range.end {
        left.push(from..range.end);
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: usize = SAMPLE_RATE as usize;

    fn word(text: &str, start: f32, end: f32) -> SpokenWord {
        let at = |seconds: f32| (seconds * SECOND as f32) as usize;
        SpokenWord { start: at(start), end: at(end), text: text.into(), probability: 1.0 }
    }

    fn gaps(voiced: &[(usize, usize)], words: &[SpokenWord]) -> Vec<(f32, f32)> {
        let voiced: Vec<_> = voiced.iter().map(|(start, end)| start * SECOND..end * SECOND).collect();
        let seconds = |gap: Range<usize>| (gap.start as f32 / 16_000.0, gap.end as f32 / 16_000.0);
        uncovered(&voiced, words.iter()).into_iter().map(seconds).collect()
    }

    #[test]
    fn what_no_word_reaches_is_found() {
        let words = [word(" Good", 0.2, 0.6), word(" morning", 0.6, 1.1), word(" all.", 4.0, 4.4)];
        assert_eq!(gaps(&[(0, 10)], &words), [(1.3, 3.8), (4.6, 10.0)]);
        assert_eq!(gaps(&[(0, 1), (4, 5)], &words), [], "pauses are not missed");
        assert_eq!(gaps(&[(2, 3)], &[]), [(2.0, 3.0)]);
        assert_eq!(gaps(&[], &words), []);
    }

    #[test]
    fn short_stretches_are_none() {
        assert_eq!(gaps(&[(0, 3)], &[word(" one", 0.0, 0.5), word(" two", 1.8, 2.4)]), []);
    }

    #[test]
    fn a_word_that_lasts_for_long_stands_for_others() {
        assert_eq!(gaps(&[(0, 12)], &[word(" and", 0.0, 12.0)]), [(1.15, 12.0)]);
    }
}
