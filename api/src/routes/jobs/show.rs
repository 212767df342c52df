//! `GET /api/v1/jobs/{job_id}`: the whole job, with its transcript and minutes.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use shared::{job::Job, minutes::Minutes, segment::Segment};
use text::transcript;
use utoipa::ToSchema;

use crate::{
    App,
    access::job::JobPath,
    extract::Json,
    problem::{Problem, problems},
};

/// A job with everything that came of it.
#[derive(Serialize, ToSchema)]
pub struct JobResult {
    #[serde(flatten)]
    job: Job,
    /// What was said, a line for each segment; none while there is nothing.
    #[schema(required)]
    original_transcript: Option<String>,
    /// The minutes: the version that is shown.
    #[schema(required)]
    structured_summary: Option<Minutes>,
    /// Why it failed, for people.
    #[schema(required)]
    error_message: Option<String>,
    /// What was said, with times; `…/transcript` has the times of single words, too.
    segments: Vec<Segment>,
}

problems!(Problems: JobNotFound);

/// Show a job with its transcript and minutes.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}", params(("job_id" = String, Path, format = Uuid)), responses(
    (status = 200, body = JobResult), Problems))]
pub async fn show(State(app): State<Arc<App>>, JobPath(id): JobPath) -> Result<Json<JobResult>, Problem> {
    let job = app.library.job(id).await?;
    let segments: Vec<Segment> =
        app.library.segments(id).await?.into_iter().map(Segment::without_words).collect();
    let structured_summary = match job.current_summary {
        Some(version) => Some(app.library.summary(id, Some(version)).await?),
        None => None,
    };
    let original_transcript = (!segments.is_empty()).then(|| transcript::text(&segments));
    let error_message = job.failure.as_ref().map(|failure| failure.message.clone());
    Ok(Json(JobResult { job, original_transcript, structured_summary, error_message, segments }))
}
