//! A job: one recording on its way from upload to minutes, and the moves its status may make.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{coverage::SpeechCoverage, id::id};

id! {
    /// Names one job.
    JobId
}

/// An enum that is one upper- or lower-case word in the database, in JSON and on the command line.
///
/// The word is taken as `tt`: a `literal` would hide it from the derive of the OpenAPI schema.
macro_rules! word_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:tt),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that stands for the value everywhere outside the program.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|value| value.as_str().eq_ignore_ascii_case(word)).ok_or_else(|| {
                    UnknownWord { word: word.to_owned(), known: [$($word),+].join(", ") }
                })
            }
        }
    };
}

/// A word that names none of an enum's values.
#[derive(Debug, thiserror::Error)]
#[error("'{word}' is not one of {known}")]
pub struct UnknownWord {
    word: String,
    known: String,
}

word_enum! {
    /// How far a job has come.
    JobStatus {
        /// Accepted, not begun.
        Pending = "PENDING",
        /// A worker is, or was, decoding and transcribing it.
        Processing = "PROCESSING",
        /// All text is there, the summary is not yet.
        Transcribed = "TRANSCRIBED",
        /// Text and summary are there.
        Completed = "COMPLETED",
        /// Ended by a failure; what had been transcribed is kept.
        Failed = "FAILED",
        /// Ended by a person.
        Cancelled = "CANCELLED",
    }
}

impl JobStatus {
    /// Whether nothing more happens without a person asking for it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

word_enum! {
    /// Where the audio comes from.
    JobType {
        /// A recording that was uploaded whole.
        Batch = "BATCH",
        /// A live session.
        Realtime = "REALTIME",
    }
}

word_enum! {
    /// What a worker does with a job at the moment.
    Stage {
        /// Waiting for a worker.
        Queued = "queued",
        /// Fetching or loading the speech model.
        Loading = "loading",
        /// Decoding, finding speech and recognising it, all at once.
        Transcribing = "transcribing",
        /// Writing the minutes.
        Summarising = "summarising",
        /// Nothing more to do.
        Done = "done",
    }
}

/// How far a stage has come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Share of the stage that is done, from 0 to 1.
    pub progress: f64,
    /// Seconds until the stage ends, as far as can be told.
    #[schema(required)]
    pub eta_seconds: Option<f64>,
    /// Jobs that go first, while this one waits.
    #[schema(required)]
    pub queue_position: Option<u64>,
}

impl Progress {
    /// A stage at `progress`, with nothing known about its end.
    pub const fn at(stage: Stage, progress: f64) -> Self {
        Self { stage, progress, eta_seconds: None, queue_position: None }
    }
}

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
    /// Spoken language as an ISO 639-1 code, or [`SEVERAL`]; none: found out from the recording.
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

/// In place of a language: each window of the recording is heard in its own.
pub const SEVERAL: &str = "multi";

/// Whether this can be a language: an ISO 639 code, or [`SEVERAL`].
pub fn is_language(code: &str) -> bool {
    code == SEVERAL || (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_lowercase())
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

/// What of a job changes while others watch it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JobState {
    /// Sequence number of its newest event.
    pub last_event: u64,
    /// How far it has come.
    pub status: JobStatus,
    /// Where the work stands.
    pub progress: Progress,
}

/// Why a job ended without its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// Stable code in snake case, such as `no_speech`.
    pub code: String,
    /// One sentence for people that says what to do.
    pub message: String,
}

impl Failure {
    /// A failure with a stable code and a sentence for people.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

/// One recording and all that is known about it, without its segments.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Job {
    /// Its name for ever.
    pub job_id: JobId,
    /// Uploaded or live.
    pub job_type: JobType,
    /// How far it has come.
    pub status: JobStatus,
    /// What people call it; the file's name until somebody says otherwise.
    pub title: String,
    /// Name of the uploaded file, made safe to show and to save under.
    pub file_name: String,
    /// Size of the recording in bytes.
    pub size_bytes: u64,
    /// SHA-256 of the recording in lower-case hexadecimal digits.
    pub sha256: String,
    /// Where the recording lies in the blob storage.
    #[serde(skip)]
    pub blob: String,
    /// What was asked for.
    pub options: JobOptions,
    /// The text fields sent with the upload, as they came.
    pub metadata: Map<String, Value>,
    /// Conference that a live job belongs to.
    #[schema(required)]
    pub room_id: Option<String>,
    /// Participant that a live job belongs to.
    #[schema(required)]
    pub member_id: Option<String>,
    /// Length of the recording in seconds, once known.
    #[schema(required)]
    pub duration_seconds: Option<f64>,
    /// Language that was spoken as an ISO 639-1 code, once known.
    #[schema(required)]
    pub language: Option<String>,
    /// Probability of that language, from 0 to 1, where it was found out.
    #[schema(required)]
    pub language_probability: Option<f64>,
    /// Speech model that was used, by name.
    #[schema(required)]
    pub speech_model: Option<String>,
    /// How much of the speech is in the transcript so far; nothing before there is any.
    pub coverage: Option<SpeechCoverage>,
    /// Segments saved so far.
    pub segment_count: u64,
    /// Where the work stands.
    pub progress: Progress,
    /// Why it failed, if it did.
    #[schema(required)]
    pub failure: Option<Failure>,
    /// The version of its minutes that is shown, once there are any.
    #[schema(required)]
    pub current_summary: Option<u64>,
    /// Sequence number of its newest event.
    pub last_event: u64,
    /// Times a worker began or took over the work.
    pub attempts: u64,
    /// Milliseconds since 1970 (UTC), by the database's clock.
    pub created_at: i64,
    /// Milliseconds since 1970 (UTC) of the last change.
    pub updated_at: i64,
    /// Milliseconds since 1970 (UTC) at which it was completed, failed or cancelled.
    #[schema(required)]
    pub finished_at: Option<i64>,
    /// Whether `GET /api/v1/jobs/{job_id}/peaks` has the recording's waveform.
    pub has_peaks: bool,
    /// Words that people put on it to find it by, in their order.
    pub tags: Vec<String>,
    /// Names the transcript as it stands: 0 as recognised, otherwise the newest of its edits.
    pub transcript_revision: u64,
}

impl Job {
    /// The language of the transcript as an ISO 639-1 code, once known: what is spoken, unless it is translated.
    pub fn written_language(&self) -> Option<&str> {
        match self.options.task {
            Task::Transcribe => self.language.as_deref(),
            Task::Translate => Some("en"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_in_json_and_in_text() {
        for status in JobStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
            assert_eq!(status.as_str().parse::<JobStatus>().unwrap(), *status);
        }
        let error = "DONE".parse::<JobStatus>().unwrap_err().to_string();
        assert_eq!(
            error,
            "'DONE' is not one of PENDING, PROCESSING, TRANSCRIBED, COMPLETED, FAILED, CANCELLED"
        );
    }
}
