//! How good minutes are, measured by what is known of the recording, and by no code of the program.

use std::{collections::HashSet, ops::AddAssign};

use shared::{minutes::Minutes, segment::Segment};

use crate::truth::{Kind, kind};

/// Counts over any number of minutes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Score {
    /// Tasks that there are, and those of them that are among the action items.
    pub actions: (u64, u64),
    /// Decisions that there are, and those of them that are among the decisions.
    pub decisions: (u64, u64),
    /// Action items and decisions in the minutes, and those of them that are true ones.
    pub claimed: (u64, u64),
    /// Entries of all lists, and those of them that the segments they name bear out.
    pub entries: (u64, u64),
    /// Minutes, and the sum of their coverage.
    pub coverage: (u64, f64),
}

impl Score {
    /// Scores the minutes of what was said in `segments`.
    pub fn of(minutes: &Minutes, segments: &[Segment]) -> Self {
        let mut score = Self { coverage: (1, minutes.coverage.share), ..Self::default() };
        let actions: Vec<(&str, &[u64])> =
            minutes.action_items.iter().map(|item| (item.task.as_str(), item.segments.as_slice())).collect();
        let points = |points: &'_ [shared::minutes::Point]| -> Vec<(String, Vec<u64>)> {
            points.iter().map(|point| (point.text.clone(), point.segments.clone())).collect()
        };
        let decisions = points(&minutes.decisions);
        let decisions: Vec<(&str, &[u64])> =
            decisions.iter().map(|(text, cited)| (text.as_str(), cited.as_slice())).collect();
        score.actions = found(segments, Kind::Action, &actions);
        score.decisions = found(segments, Kind::Decision, &decisions);
        for (list, expected) in [(&actions, Kind::Action), (&decisions, Kind::Decision)] {
            score.claimed.0 += list.len() as u64;
            let is_true =
                |(_, cited): &&(&str, &[u64])| cited.iter().any(|number| is(segments, *number, expected));
            score.claimed.1 += list.iter().filter(is_true).count() as u64;
        }
        let others = [points(&minutes.key_points), points(&minutes.open_questions)].concat();
        let others = others.iter().map(|(text, cited)| (text.as_str(), cited.as_slice()));
        for (text, cited) in actions.into_iter().chain(decisions).chain(others) {
            score.entries.0 += 1;
            score.entries.1 += u64::from(is_borne_out(text, cited, segments));
        }
        score
    }
}

impl AddAssign for Score {
    fn add_assign(&mut self, other: Self) {
        for (sum, more) in [
            (&mut self.actions, other.actions),
            (&mut self.decisions, other.decisions),
            (&mut self.claimed, other.claimed),
            (&mut self.entries, other.entries),
        ] {
            *sum = (sum.0 + more.0, sum.1 + more.1);
        }
        self.coverage = (self.coverage.0 + other.coverage.0, self.coverage.1 + other.coverage.1);
    }
}

/// How many sentences are of a kind, and how many of them an entry of `list` names.
fn found(segments: &[Segment], expected: Kind, list: &[(&str, &[u64])]) -> (u64, u64) {
    let true_ones: Vec<u64> =
        segments.iter().filter(|one| kind(&one.text) == expected).map(|one| one.number).collect();
    let named: HashSet<u64> = list.iter().flat_map(|(_, cited)| cited.iter().copied()).collect();
    (true_ones.len() as u64, true_ones.iter().filter(|number| named.contains(number)).count() as u64)
}

fn is(segments: &[Segment], number: u64, expected: Kind) -> bool {
    segments.iter().any(|segment| segment.number == number && kind(&segment.text) == expected)
}

/// Whether the segments exist, and half of the entry's longer words begin like words that were said there or beside.
fn is_borne_out(text: &str, cited: &[u64], segments: &[Segment]) -> bool {
    let exists = |number: &u64| segments.iter().any(|segment| segment.number == *number);
    let near = |segment: &&Segment| cited.iter().any(|number| segment.number.abs_diff(*number) <= 1);
    let said: HashSet<String> =
        segments.iter().filter(near).flat_map(|segment| beginnings(&segment.text)).collect();
    let words = beginnings(text);
    let borne = words.iter().filter(|word| said.contains(*word)).count();
    !cited.is_empty() && cited.iter().all(exists) && borne * 2 >= words.len()
}

/// The first letters of the longer words.
fn beginnings(text: &str) -> Vec<String> {
    let is_hangul = |character: char| ('가'..='힣').contains(&character);
    let words = text.split(|character: char| !character.is_alphanumeric());
    let long = words.filter(|word| word.chars().count() > if word.chars().any(is_hangul) { 1 } else { 3 });
    long.map(|word| {
        word.to_lowercase().chars().take(if word.chars().any(is_hangul) { 2 } else { 4 }).collect()
    })
    .collect()
}
