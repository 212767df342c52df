//! `POST /api/v1/jobs/{job_id}/retry`: a job that failed or was cancelled goes on from where it was.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use shared::job::Job;

use crate::{
    App,
    access::job::JobPath,
    extract::Json,
    problem::{Problem, problems},
};

problems!(Problems: JobNotFound, WrongStatus, StorageFull);

/// Set a failed or cancelled job going again.
#[utoipa::path(post, path = "/api/v1/jobs/{job_id}/retry", params(("job_id" = String, Path, format = Uuid)), responses(
    (status = 202, body = Job), Problems))]
pub async fn retry(
    State(app): State<Arc<App>>,
    JobPath(id): JobPath,
) -> Result<(StatusCode, Json<Job>), Problem> {
    Ok((StatusCode::ACCEPTED, Json(app.library.retry(id).await?)))
}
