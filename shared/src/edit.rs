//! Edits of a transcript: what people do to it, and what that makes of its segments.

mod split;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::segment::{Recognition, Segment};

/// What a person does to a transcript. Segments are named by their numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Writes other words.
    Text {
        /// The segment.
        number: u64,
        /// The words, trimmed.
        text: String,
    },
    /// Cuts a segment in two. The first keeps the number.
    Split {
        /// The segment.
        number: u64,
        /// Letters (Unicode scalar values) of its text that stay in the first.
        at: usize,
    },
    /// Joins a segment with the one after it, whose number it takes over as well.
    Merge {
        /// The first of the two.
        number: u64,
    },
    /// Takes a segment out.
    Delete {
        /// The segment.
        number: u64,
    },
    /// Says who speaks in a segment.
    Speaker {
        /// The segment.
        number: u64,
        /// The name; none: not known.
        speaker: Option<String>,
    },
    /// Gives a speaker another name everywhere.
    RenameSpeaker {
        /// The name so far.
        from: String,
        /// The name from now on; it may be another speaker's, who then are one.
        to: String,
    },
}

/// Why an edit cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is no such segment.
    #[error("the transcript has no segment {0}; load it again")]
    NoSegment(u64),
    /// No segment has this speaker.
    #[error("nobody in the transcript is called '{0}'; load it again")]
    NoSpeaker(String),
    /// The segment is the last.
    #[error("segment {0} is the last, so there is none to merge it with")]
    Last(u64),
    /// The segment is all that there is.
    #[error("segment {0} is all that was said, so it cannot be deleted; delete the job")]
    Only(u64),
    /// One of the parts would be empty.
    #[error(
        "segment {0} cannot be split there: both parts need words, and time to say them; choose another place"
    )]
    NoPlace(u64),
}

/// The kind of a change, for those who are told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EditAction {
    /// Other words.
    Text,
    /// A segment was cut in two.
    Split,
    /// Two segments were joined.
    Merge,
    /// A segment was taken out.
    Delete,
    /// Somebody else speaks in a segment.
    Speaker,
    /// A speaker has another name everywhere.
    RenameSpeaker,
    /// The newest edit was taken back.
    Undo,
    /// The edit that was taken back was made again.
    Redo,
    /// The speakers were told apart; nobody's edit.
    Speakers,
}

/// What an edit changes, in a form that can be turned round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Segments give way to others.
    Segments {
        /// Those that were there.
        removed: Vec<Segment>,
        /// Those that are there instead.
        added: Vec<Segment>,
    },
    /// Segments are spoken by others.
    Speakers(Vec<SpeakerChange>),
}

/// Somebody else speaks in a segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpeakerChange {
    /// The segment.
    pub number: u64,
    /// Who spoke so far.
    pub before: Option<String>,
    /// Who speaks from now on.
    pub after: Option<String>,
}

impl Edit {
    /// Its kind.
    pub const fn action(&self) -> EditAction {
        match self {
            Self::Text { .. } => EditAction::Text,
            Self::Split { .. } => EditAction::Split,
            Self::Merge { .. } => EditAction::Merge,
            Self::Delete { .. } => EditAction::Delete,
            Self::Speaker { .. } => EditAction::Speaker,
            Self::RenameSpeaker { .. } => EditAction::RenameSpeaker,
        }
    }

    /// What it changes in a transcript, in which no segment ever had the number `unused`; none: nothing.
    ///
    /// # Errors
    /// When it cannot be made there.
    pub fn change(&self, segments: &[Segment], unused: u64) -> Result<Option<Change>, EditError> {
        match self {
            Self::Text { number, text } => {
                let (_, before) = find(segments, *number)?;
                Ok((before.text != *text)
                    .then(|| replace(vec![before.clone()], vec![reworded(before, text)])))
            }
            Self::Split { number, at } => {
                let (_, before) = find(segments, *number)?;
                let parts = split::at(before, *at, unused).ok_or(EditError::NoPlace(*number))?;
                Ok(Some(replace(vec![before.clone()], parts.into())))
            }
            Self::Merge { number } => {
                let (place, first) = find(segments, *number)?;
                let second = segments.get(place + 1).ok_or(EditError::Last(*number))?;
                Ok(Some(replace(vec![first.clone(), second.clone()], vec![joined(first, second)])))
            }
            Self::Delete { number } => {
                let (_, before) = find(segments, *number)?;
                let others = segments.len() > 1;
                others
                    .then(|| Some(replace(vec![before.clone()], Vec::new())))
                    .ok_or(EditError::Only(*number))
            }
            Self::Speaker { number, speaker } => {
                let (_, before) = find(segments, *number)?;
                Ok(speakers(std::iter::once(before), speaker.as_ref()))
            }
            Self::RenameSpeaker { from, to } => {
                let theirs = || segments.iter().filter(|one| one.speaker.as_ref() == Some(from));
                theirs().next().ok_or_else(|| EditError::NoSpeaker(from.clone()))?;
                Ok(speakers(theirs(), Some(to)))
            }
        }
    }
}

impl Change {
    /// The change that takes this one back.
    pub fn inverse(self) -> Self {
        match self {
            Self::Segments { removed, added } => Self::Segments { removed: added, added: removed },
            Self::Speakers(changes) => {
                let inverse = |SpeakerChange { number, before, after }| SpeakerChange {
                    number,
                    before: after,
                    after: before,
                };
                Self::Speakers(changes.into_iter().map(inverse).collect())
            }
        }
    }

    /// Numbers of the segments that are no more after it.
    pub fn gone(&self) -> Vec<u64> {
        let Self::Segments { removed, added } = self else { return Vec::new() };
        let gone = |number: &u64| added.iter().all(|one| one.number != *number);
        removed.iter().map(|one| one.number).filter(gone).collect()
    }

    /// The segments that are new or different after it, of a transcript that it has not been made in yet.
    pub fn touched(&self, segments: &[Segment]) -> Vec<Segment> {
        match self {
            Self::Segments { added, .. } => added.clone(),
            Self::Speakers(changes) => {
                let speaks = |change: &SpeakerChange| {
                    let (_, segment) = find(segments, change.number).ok()?;
                    Some(Segment { speaker: change.after.clone(), ..segment.clone() })
                };
                changes.iter().filter_map(speaks).collect()
            }
        }
    }
}

fn find(segments: &[Segment], number: u64) -> Result<(usize, &Segment), EditError> {
    let found = segments.iter().enumerate().find(|(_, one)| one.number == number);
    found.ok_or(EditError::NoSegment(number))
}

const fn replace(removed: Vec<Segment>, added: Vec<Segment>) -> Change {
    Change::Segments { removed, added }
}

/// The segment with other words, of which no speech model knows anything.
fn reworded(before: &Segment, text: &str) -> Segment {
    let language = before.recognition.language.clone();
    let recognition = Recognition { language, ..Recognition::default() };
    Segment { text: text.to_owned(), edited: true, recognition, ..before.clone() }
}

fn joined(first: &Segment, second: &Segment) -> Segment {
    let words = [first.recognition.words.as_slice(), &second.recognition.words].concat();
    let recognition = Recognition { words, ..first.recognition.clone() };
    Segment {
        end: second.end.max(first.end),
        text: format!("{} {}", first.text, second.text),
        edited: true,
        merged: [first.merged.as_slice(), &[second.number], &second.merged].concat(),
        recognition,
        ..first.clone()
    }
}

fn speakers<'a>(of: impl Iterator<Item = &'a Segment>, after: Option<&String>) -> Option<Change> {
    let others = of.filter(|one| one.speaker.as_ref() != after);
    let change = |one: &Segment| SpeakerChange {
        number: one.number,
        before: one.speaker.clone(),
        after: after.cloned(),
    };
    let changes: Vec<SpeakerChange> = others.map(change).collect();
    (!changes.is_empty()).then_some(Change::Speakers(changes))
}
