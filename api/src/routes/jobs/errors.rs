//! `GET /api/v1/jobs/{job_id}/errors`: what went wrong while a job was worked on.

use std::sync::Arc;

use axum::extract::State;
use chrono::{DateTime, SecondsFormat};
use library::JobError;
use serde::Serialize;
use shared::job::JobId;
use utoipa::ToSchema;

use crate::{
    App,
    access::job::JobPath,
    extract::Json,
    problem::{Problem, problems},
};

/// What went wrong with a job.
#[derive(Serialize, ToSchema)]
pub struct JobErrors {
    /// The job.
    job_id: JobId,
    /// The errors, the oldest first.
    errors: Vec<ErrorEntry>,
    /// How many they are.
    error_count: usize,
}

/// One thing that went wrong.
#[derive(Serialize, ToSchema)]
pub struct ErrorEntry {
    /// Part of the program it came from.
    service_name: String,
    /// Stable code in snake case.
    code: String,
    /// One sentence for people.
    error_message: String,
    /// When, as ISO 8601 in UTC.
    reg_dttm: String,
}

impl From<JobError> for ErrorEntry {
    fn from(error: JobError) -> Self {
        let time = DateTime::from_timestamp_millis(error.created_at).unwrap_or_default();
        let reg_dttm = time.to_rfc3339_opts(SecondsFormat::Millis, true);
        Self { service_name: error.service, code: error.code, error_message: error.message, reg_dttm }
    }
}

problems!(Problems: JobNotFound);

/// List what went wrong while a job was worked on.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}/errors", params(("job_id" = String, Path, format = Uuid)), responses(
    (status = 200, body = JobErrors), Problems))]
pub async fn errors(
    State(app): State<Arc<App>>,
    JobPath(job_id): JobPath,
) -> Result<Json<JobErrors>, Problem> {
    app.library.job(job_id).await?;
    let errors: Vec<_> = app.library.errors(job_id).await?.into_iter().map(ErrorEntry::from).collect();
    Ok(Json(JobErrors { job_id, error_count: errors.len(), errors }))
}
