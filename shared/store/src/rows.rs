//! Rows as the database gives them, and what they mean.

use std::str::FromStr;

use serde::de::DeserializeOwned;

use super::StoreError;
use shared::{
    job::{Failure, Job, JobState, JobStatus, Progress, Stage},
    minutes::Minutes,
    segment::Segment,
};

/// Reads a struct from the columns that its fields are named after.
macro_rules! from_row {
    ($row:ident { $($column:ident),+ $(,)? }) => {
        impl<'r> sqlx::FromRow<'r, sqlx::any::AnyRow> for $row {
            fn from_row(row: &'r sqlx::any::AnyRow) -> Result<Self, sqlx::Error> {
                use sqlx::Row;
                Ok(Self { $($column: row.try_get(stringify!($column))?),+ })
            }
        }
    };
}

pub(super) use from_row;

/// The columns that [`StateRow`] reads: few, because every watcher asks for them again and again.
pub(super) const STATE_COLUMNS: &str = "last_event, status, stage, progress, eta_seconds";

/// Rows that one statement inserts at most; each database allows some ten thousand values in a statement.
pub(super) const MAX_ROWS_PER_INSERT: usize = 256;

/// `row`, such as `(?, ?, {now})`, as often as there are rows to insert.
pub(super) fn values(row: &str, rows: usize) -> String {
    vec![row; rows].join(", ")
}

pub(super) struct JobRow {
    id: String,
    job_type: String,
    status: String,
    title: String,
    file_name: String,
    size_bytes: i64,
    sha256: String,
    blob_key: String,
    options: String,
    metadata: String,
    room_id: Option<String>,
    member_id: Option<String>,
    duration_ms: Option<i64>,
    language: Option<String>,
    language_probability: Option<f64>,
    speech_model: Option<String>,
    coverage: Option<String>,
    segment_count: i64,
    stage: String,
    progress: f64,
    eta_seconds: Option<f64>,
    failure_code: Option<String>,
    failure_message: Option<String>,
    current_summary: Option<i64>,
    last_event: i64,
    attempts: i64,
    created_at: i64,
    updated_at: i64,
    finished_at: Option<i64>,
    has_peaks: i64,
    tags: String,
    transcript_revision: i64,
}

from_row!(JobRow {
    id,
    job_type,
    status,
    title,
    file_name,
    size_bytes,
    sha256,
    blob_key,
    options,
    metadata,
    room_id,
    member_id,
    duration_ms,
    language,
    language_probability,
    coverage,
    speech_model,
    segment_count,
    stage,
    progress,
    eta_seconds,
    failure_code,
    failure_message,
    current_summary,
    last_event,
    attempts,
    created_at,
    updated_at,
    finished_at,
    has_peaks,
    tags,
    transcript_revision
});

pub(super) struct StateRow {
    last_event: i64,
    status: String,
    stage: String,
    progress: f64,
    eta_seconds: Option<f64>,
}

from_row!(StateRow { last_event, status, stage, progress, eta_seconds });

impl TryFrom<StateRow> for JobState {
    type Error = StoreError;

    fn try_from(row: StateRow) -> Result<Self, StoreError> {
        let status: JobStatus = word("job status", &row.status)?;
        let progress = Progress {
            stage: stage(status, &row.stage)?,
            progress: row.progress,
            eta_seconds: row.eta_seconds,
            queue_position: None,
        };
        Ok(Self { last_event: row.last_event.cast_unsigned(), status, progress })
    }
}

/// What is done with a job: whoever waits is queued, wherever its last worker left it.
fn stage(status: JobStatus, stage: &str) -> Result<Stage, StoreError> {
    if status == JobStatus::Pending { Ok(Stage::Queued) } else { word("stage", stage) }
}

impl TryFrom<JobRow> for Job {
    type Error = StoreError;

    fn try_from(row: JobRow) -> Result<Self, StoreError> {
        let status: JobStatus = word("job status", &row.status)?;
        let stage = stage(status, &row.stage)?;
        let failure =
            row.failure_code.map(|code| Failure { code, message: row.failure_message.unwrap_or_default() });
        Ok(Self {
            job_id: word("job id", &row.id)?,
            job_type: word("job type", &row.job_type)?,
            status,
            title: row.title,
            file_name: row.file_name,
            size_bytes: row.size_bytes.cast_unsigned(),
            sha256: row.sha256,
            blob: row.blob_key,
            options: json("job's options", &row.options)?,
            metadata: json("job's metadata", &row.metadata)?,
            room_id: row.room_id,
            member_id: row.member_id,
            duration_seconds: row.duration_ms.map(seconds),
            language: row.language,
            language_probability: row.language_probability,
            speech_model: row.speech_model,
            coverage: row.coverage.map(|tally| json("job's coverage", &tally)).transpose()?,
            segment_count: row.segment_count.cast_unsigned(),
            progress: Progress {
                stage,
                progress: row.progress,
                eta_seconds: row.eta_seconds,
                queue_position: None,
            },
            failure,
            current_summary: row.current_summary.map(i64::cast_unsigned),
            last_event: row.last_event.cast_unsigned(),
            attempts: row.attempts.cast_unsigned(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            finished_at: row.finished_at,
            has_peaks: row.has_peaks != 0,
            tags: json("job's tags", &row.tags)?,
            transcript_revision: row.transcript_revision.cast_unsigned(),
        })
    }
}

/// The segments of a job, in the order of time; only an edit makes it another one than that of their numbers.
pub(super) const SEGMENTS: &str = "SELECT number, start_ms, end_ms, body, recognition, speaker, edited, merged \
     FROM segments WHERE job_id = ? ORDER BY start_ms, number";

pub(super) struct SegmentRow {
    number: i64,
    start_ms: i64,
    end_ms: i64,
    body: String,
    recognition: String,
    speaker: Option<String>,
    edited: i64,
    merged: String,
}

from_row!(SegmentRow { number, start_ms, end_ms, body, recognition, speaker, edited, merged });

impl TryFrom<SegmentRow> for Segment {
    type Error = StoreError;

    fn try_from(row: SegmentRow) -> Result<Self, StoreError> {
        Ok(Self {
            number: row.number.cast_unsigned(),
            start: seconds(row.start_ms),
            end: seconds(row.end_ms),
            text: row.body,
            recognition: json("segment's recognition", &row.recognition)?,
            speaker: row.speaker,
            edited: row.edited != 0,
            merged: json("segment's numbers", &row.merged)?,
        })
    }
}

/// Minutes, and the revision that the transcript has now.
pub(super) fn minutes((text, revision): (String, i64)) -> Result<Minutes, StoreError> {
    let minutes: Minutes = json("job's minutes", &text)?;
    let edited_since = minutes.transcript_revision != revision.cast_unsigned();
    Ok(Minutes { edited_since, ..minutes })
}

/// Reads JSON that this program wrote.
pub(super) fn json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt { what, reason: error.to_string() })
}

/// Reads a word or id that this program wrote.
pub(super) fn word<T: FromStr<Err: std::fmt::Display>>(
    what: &'static str,
    text: &str,
) -> Result<T, StoreError> {
    text.parse().map_err(|error: T::Err| StoreError::Corrupt { what, reason: error.to_string() })
}

/// Seconds of so many milliseconds.
pub(super) fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}
