//! What is asked for with a recording.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::word_enum;

word_enum! {
    /// How much the minutes say.
    #[derive(Default)]
    Length {
        /// The essence alone.
        Short = "short",
        /// As is usual.
        #[default]
        Standard = "standard",
        /// With the details.
        Long = "long",
    }
}

/// How minutes are wanted; what is left out is as the server's configuration says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SummaryOptions {
    /// Name of a template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub template: Option<String>,
    /// Language of the minutes as an ISO 639-1 code; `auto`: the recording's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub language: Option<String>,
    /// How much they say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub length: Option<Length>,
}

impl SummaryOptions {
    /// Whether nothing is asked for in particular.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What the person who uploaded a recording asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct JobOptions {
    /// Spoken language as an ISO 639-1 code, or `multi`; none: found out from the recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub language: Option<String>,
    /// Name of the speech model; none: the server's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub model: Option<String>,
    /// What the speech becomes.
    #[serde(skip_serializing_if = "Task::is_default")]
    pub task: Task,
    /// Text as it could stand before the transcript, with its names and terms; none: the server's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub prompt: Option<String>,
    /// Words that the speech model shall expect, separated by commas; none: the server's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub hotwords: Option<String>,
    /// Whether its speakers are told apart.
    #[serde(flatten)]
    pub speakers: SpeakerOptions,
    /// What becomes of its channels.
    #[serde(skip_serializing_if = "Channels::is_default")]
    pub channels: Channels,
    /// How the minutes are wanted.
    #[serde(skip_serializing_if = "SummaryOptions::is_default")]
    pub summary: SummaryOptions,
}

/// Whether speakers are told apart by their voices, and what is known of their number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SpeakerOptions {
    /// Whether they are.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub diarize: bool,
    /// There are so many; none: that is found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub num_speakers: Option<u32>,
    /// There are at least so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub min_speakers: Option<u32>,
    /// There are at most so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub max_speakers: Option<u32>,
}

word_enum! {
    /// What speech becomes.
    #[derive(Default)]
    Task {
        /// Text in the language that is spoken.
        #[default]
        Transcribe = "transcribe",
        /// English text.
        Translate = "translate",
    }
}

word_enum! {
    /// What becomes of a recording's channels.
    #[derive(Default)]
    Channels {
        /// They are mixed.
        #[default]
        Mix = "mix",
        /// Each is a speaker of its own.
        Split = "split",
    }
}

impl Channels {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Task {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
