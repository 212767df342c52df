//! A segment: one timed piece of a transcript.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What was said between two moments of a recording.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Segment {
    /// Its name in the transcript for ever, which minutes and chats cite. As recognised, segments are numbered from 1
    /// without gaps, in the order in which they are saved: that of time, but where channels are kept apart and people speak at
    /// once; a segment that comes of a split has the next number that was never used.
    #[serde(rename = "segment_number")]
    pub number: u64,
    /// Begin in seconds of recording time.
    pub start: f64,
    /// End in seconds of recording time.
    pub end: f64,
    /// The words, trimmed.
    pub text: String,
    /// What the speech model knows beyond the words.
    #[serde(flatten)]
    pub recognition: Recognition,
    /// Who speaks, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub speaker: Option<String>,
    /// Whether a person has changed its text or its bounds.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub edited: bool,
    /// Numbers of the segments that were merged into this one; what cites them means this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<u64>,
}

/// What a speech model knows of what it wrote.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Recognition {
    /// How sure the model is of the words, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub confidence: Option<f64>,
    /// Whether the words are a guess that no second try made better.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub low_confidence: bool,
    /// ISO 639-1 code, where a recording is heard in several languages.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub language: Option<String>,
    /// The words one by one, in order; none where the model was not asked for their times.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<Word>,
}

/// One word of a segment, with the punctuation that belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Word {
    /// Begin in seconds of recording time.
    pub start: f64,
    /// End in seconds of recording time.
    pub end: f64,
    /// The word as it stands in the segment's text.
    pub word: String,
    /// How sure the model is of it, from 0 to 1.
    pub probability: f64,
    /// Who says it: the speaker of its segment, which is where it is kept; here it is only told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub speaker: Option<String>,
}

impl Segment {
    /// The segment with its speaker on each of its words, for those who read it word by word. Nobody speaks in the segment of
    /// another.
    pub fn with_speaker_of_words(mut self) -> Self {
        for word in &mut self.recognition.words {
            word.speaker.clone_from(&self.speaker);
        }
        self
    }

    /// The segment for those who read along: without its single words.
    pub fn without_words(mut self) -> Self {
        self.recognition.words.clear();
        self
    }
}
