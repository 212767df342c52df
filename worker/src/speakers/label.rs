//! Segments get the names of those who speak in them, and are split where somebody else goes on.

use std::ops::Range;

use shared::segment::{Recognition, Segment, Word};

use super::{Turn, name};

/// Words that somebody says in between are theirs if they take so many seconds; less is a mistake.
const MIN_TURN_SECONDS: f64 = 0.7;

/// The segments that are new or different with the speakers of `turns`; one that is split keeps its number for the first
/// part, and the others have numbers that were never used.
pub fn label(segments: &[Segment], turns: &[Turn]) -> Vec<Segment> {
    let highest = segments.iter().map(|segment| segment.number).max().unwrap_or_default();
    let mut unused = highest + 1..;
    let mut changed = Vec::new();
    for segment in segments {
        for (place, mut part) in parts(segment, turns).into_iter().enumerate() {
            if let Some(number) = (place > 0).then(|| unused.next()).flatten() {
                part.number = number;
            }
            if part != *segment {
                changed.push(part);
            }
        }
    }
    changed
}

/// The segment, or what it is split into.
fn parts(segment: &Segment, turns: &[Turn]) -> Vec<Segment> {
    let words = &segment.recognition.words;
    let (Some(places), false) = (places(segment), words.is_empty()) else {
        let speaker = longest(segment.start..segment.end, turns).map(name);
        return vec![Segment { speaker, ..segment.clone() }];
    };
    let runs = runs(words, turns);
    let last = runs.len().saturating_sub(1);
    let part = |(at, run): (usize, &Run)| {
        let of = words.get(run.words.clone()).unwrap_or_default();
        let from = places.get(run.words.start).copied().filter(|_| at > 0).unwrap_or_default();
        let to = places.get(run.words.end).copied().filter(|_| at < last).unwrap_or(segment.text.len());
        Segment {
            start: of.first().filter(|_| at > 0).map_or(segment.start, |word| word.start),
            end: of.last().filter(|_| at < last).map_or(segment.end, |word| word.end),
            text: segment.text.get(from..to).unwrap_or_default().trim().to_owned(),
            recognition: Recognition { words: of.to_vec(), ..segment.recognition.clone() },
            speaker: run.speaker.map(name),
            ..segment.clone()
        }
    };
    runs.iter().enumerate().map(part).collect()
}

/// Where each word begins in the segment's text, in bytes; none if they are not its text's words.
fn places(segment: &Segment) -> Option<Vec<usize>> {
    let mut after = 0;
    let place = |word: &Word| {
        let begin = after + segment.text.get(after..)?.find(word.word.trim())?;
        after = begin + word.word.trim().len();
        Some(begin)
    };
    segment.recognition.words.iter().map(place).collect()
}

/// Words that one speaker says.
#[derive(Clone, Debug)]
struct Run {
    words: Range<usize>,
    time: Range<f64>,
    speaker: Option<usize>,
}

/// The words by who says them. Too short a run is its longer neighbour's.
fn runs(words: &[Word], turns: &[Turn]) -> Vec<Run> {
    let said = words.iter().enumerate().map(|(at, word)| {
        let speaker = nearest(f64::midpoint(word.start, word.end), turns);
        Run { words: at..at + 1, time: word.start..word.end, speaker }
    });
    let mut runs = joined(said);
    while runs.len() > 1
        && let Some(at) = shortest(&runs)
    {
        let length = |at: Option<usize>| {
            at.and_then(|at| runs.get(at)).map_or(0.0, |run| run.time.end - run.time.start)
        };
        let before = at.checked_sub(1);
        let heir = if length(before) >= length(Some(at + 1)) { before } else { Some(at + 1) };
        let speaker = heir.and_then(|heir| runs.get(heir)).and_then(|run| run.speaker);
        if let Some(run) = runs.get_mut(at) {
            run.speaker = speaker;
        }
        runs = joined(runs.into_iter());
    }
    runs
}

fn joined(runs: impl Iterator<Item = Run>) -> Vec<Run> {
    let mut joined: Vec<Run> = Vec::new();
    for run in runs {
        match joined.last_mut().filter(|last| last.speaker == run.speaker) {
            Some(last) => (last.words.end, last.time.end) = (run.words.end, run.time.end),
            None => joined.push(run),
        }
    }
    joined
}

/// The shortest run, if it is too short.
fn shortest(runs: &[Run]) -> Option<usize> {
    let lengths = runs.iter().map(|run| run.time.end - run.time.start).enumerate();
    lengths
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .filter(|(_, length)| *length < MIN_TURN_SECONDS)
        .map(|(at, _)| at)
}

/// Who speaks at a time, or nearest to it.
fn nearest(time: f64, turns: &[Turn]) -> Option<usize> {
    let after = turns.partition_point(|turn| turn.time.end < time);
    let around = [after.checked_sub(1), Some(after)].into_iter().flatten().filter_map(|at| turns.get(at));
    let distance = |turn: &Turn| (turn.time.start - time).max(time - turn.time.end).max(0.0);
    around.min_by(|a, b| distance(a).total_cmp(&distance(b))).map(|turn| turn.speaker)
}

/// Who speaks longest in a time; nobody for sure: who speaks nearest to its middle.
fn longest(time: Range<f64>, turns: &[Turn]) -> Option<usize> {
    let mut spoken: Vec<(usize, f64)> = Vec::new();
    for turn in turns.iter().filter(|turn| turn.time.start < time.end && turn.time.end > time.start) {
        let overlap = turn.time.end.min(time.end) - turn.time.start.max(time.start);
        match spoken.iter_mut().find(|(speaker, _)| *speaker == turn.speaker) {
            Some((_, sum)) => *sum += overlap,
            None => spoken.push((turn.speaker, overlap)),
        }
    }
    let longest = spoken.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(speaker, _)| speaker);
    longest.or_else(|| nearest(f64::midpoint(time.start, time.end), turns))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(start: f64, end: f64, speaker: usize) -> Turn {
        Turn { time: start..end, speaker, unclear_seconds: 0.0 }
    }

    /// A segment in which a word is said every half second.
    fn segment(number: u64, start: f64, text: &str) -> Segment {
        let word = |(at, word): (usize, &str)| {
            let start = start + at as f64 * 0.5;
            Word { start, end: start + 0.45, word: word.into(), probability: 0.9, speaker: None }
        };
        let words: Vec<Word> = text.split(' ').enumerate().map(word).collect();
        let end = words.last().unwrap().end;
        let recognition = Recognition { words, confidence: Some(0.9), ..Recognition::default() };
        Segment { number, start, end, text: text.into(), recognition, ..Segment::default() }
    }

    fn said(segments: &[Segment]) -> Vec<(u64, &str, &str)> {
        segments
            .iter()
            .map(|one| (one.number, one.speaker.as_deref().unwrap_or_default(), one.text.as_str()))
            .collect()
    }

    #[test]
    fn a_segment_with_two_speakers_is_split_at_a_word() {
        let segments = [segment(1, 0.0, "Shall we begin ? Yes please do so."), segment(2, 5.0, "Good then.")];
        let changed = label(&segments, &[turn(0.0, 2.1, 0), turn(2.1, 4.5, 1), turn(5.0, 6.0, 0)]);
        assert_eq!(
            said(&changed),
            [
                (1, "Speaker 1", "Shall we begin ?"),
                (3, "Speaker 2", "Yes please do so."),
                (2, "Speaker 1", "Good then.")
            ]
        );
        assert_eq!((changed[0].end, changed[1].start, changed[1].end), (1.95, 2.0, 3.95));
        assert_eq!(changed[0].recognition.words.len() + changed[1].recognition.words.len(), 8);
        assert!(!changed[0].edited);
    }

    #[test]
    fn a_slip_of_the_ear_splits_nothing() {
        let segments = [segment(1, 0.0, "We will check the website this month.")];
        let changed = label(&segments, &[turn(0.0, 1.4, 1), turn(1.4, 1.9, 0), turn(1.9, 4.0, 1)]);
        assert_eq!(said(&changed), [(1, "Speaker 2", "We will check the website this month.")]);
    }

    #[test]
    fn what_is_labelled_already_is_no_change() {
        let segments = [segment(1, 0.0, "Shall we begin ? Yes please do so.")];
        let turns = [turn(0.0, 2.0, 0), turn(2.0, 4.5, 1)];
        let labelled = label(&segments, &turns);
        assert_eq!(label(&labelled, &turns), []);
    }

    #[test]
    fn words_without_times_are_the_speakers_who_talks_longest() {
        let bare = Segment { recognition: Recognition::default(), ..segment(1, 0.0, "a b c d") };
        assert_eq!(
            label(std::slice::from_ref(&bare), &[turn(0.0, 0.5, 0), turn(0.5, 2.0, 1)])[0].speaker.as_deref(),
            Some("Speaker 2")
        );
        assert_eq!(
            label(std::slice::from_ref(&bare), &[turn(9.0, 9.5, 0)])[0].speaker.as_deref(),
            Some("Speaker 1")
        );
        assert_eq!(label(&[bare], &[]), []);
    }
}
