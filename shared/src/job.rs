//! A job: one recording on its way from upload to minutes, and the moves its status may make.

mod options;
mod status;

pub use options::{Channels, JobOptions, Length, SpeakerOptions, SummaryOptions, Task};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

pub use crate::words::UnknownWord;
use crate::{coverage::SpeechCoverage, id::id};
pub use status::{JobState, JobStatus, JobType, Progress, Stage};

id! {
    /// Names one job.
    JobId
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
