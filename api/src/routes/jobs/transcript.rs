//! `GET /api/v1/jobs/{job_id}/transcript`: what was said, as text, as subtitles or as JSON.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use shared::{
    coverage::SpeechCoverage,
    job::{JobId, JobStatus},
    segment::Segment,
};
use text::transcript;
use utoipa::ToSchema;

use crate::{
    App,
    access::job::JobPath,
    extract::{Json, Query},
    problem::{Problem, problems},
    text::Text,
};

/// A form that a transcript can have.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Segments with times.
    #[default]
    Json,
    /// A line for each segment.
    Txt,
    /// SubRip subtitles.
    Srt,
    /// WebVTT subtitles.
    Vtt,
}

/// How the transcript is wanted.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TranscriptQuery {
    /// Its form.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    /// Whether each line of `txt` begins with its time.
    #[serde(default)]
    times: bool,
    /// Whether the transcript is wanted as it was recognised, without anybody's edits.
    #[serde(default)]
    original: bool,
}

/// A transcript with times.
#[derive(Serialize, ToSchema)]
pub struct Transcript {
    /// The job.
    job_id: JobId,
    /// How far it has come; before `TRANSCRIBED` more may follow.
    status: JobStatus,
    /// Language as an ISO 639-1 code, once known.
    #[schema(required)]
    language: Option<String>,
    /// Length of the recording in seconds, once known.
    #[schema(required)]
    duration_seconds: Option<f64>,
    /// Names the transcript as it stands: 0 as recognised, otherwise the newest of its edits.
    transcript_revision: u64,
    /// How much of the speech is in it, once there is any.
    coverage: Option<SpeechCoverage>,
    /// A line for each segment.
    text: String,
    /// What was said, with times.
    segments: Vec<Segment>,
}

problems!(Problems: JobNotFound);

/// Show what was said, as far as it is transcribed.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}/transcript", params(("job_id" = String, Path, format = Uuid), TranscriptQuery), responses(
    (status = 200, content((Transcript = "application/json"), (String = "text/plain"), (String = "application/x-subrip"), (String = "text/vtt"))), Problems))]
pub async fn transcript(
    State(app): State<Arc<App>>,
    JobPath(job_id): JobPath,
    Query(query): Query<TranscriptQuery>,
) -> Result<Response, Problem> {
    let job = app.library.job(job_id).await?;
    let segments = match query.original {
        true => app.library.original_segments(job_id).await?,
        false => app.library.segments(job_id).await?,
    };
    let (kind, body) = match query.format {
        Format::Txt if query.times => ("text/plain", transcript::timed_text(&segments)),
        Format::Txt => ("text/plain", transcript::text(&segments)),
        Format::Srt => ("application/x-subrip", transcript::srt(&segments)),
        Format::Vtt => ("text/vtt", transcript::vtt(&segments)),
        Format::Json => {
            let (status, language, duration_seconds) = (job.status, job.language, job.duration_seconds);
            let text = transcript::text(&segments);
            let segments = segments.into_iter().map(Segment::with_speaker_of_words).collect();
            let transcript_revision = if query.original { 0 } else { job.transcript_revision };
            let transcript = Transcript {
                job_id,
                status,
                language,
                duration_seconds,
                transcript_revision,
                coverage: job.coverage,
                text,
                segments,
            };
            return Ok(Json(transcript).into_response());
        }
    };
    Ok(Text(kind, body).into_response())
}
