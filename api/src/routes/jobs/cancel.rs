//! `POST /api/v1/jobs/{job_id}/cancel`: a job is not worked on any more.

use std::sync::Arc;

use axum::extract::State;
use shared::job::Job;

use crate::{
    App,
    access::job::JobPath,
    extract::Json,
    problem::{Problem, problems},
};

problems!(Problems: JobNotFound, WrongStatus, StorageFull);

/// Cancel a job that is not finished; what was transcribed is kept.
#[utoipa::path(post, path = "/api/v1/jobs/{job_id}/cancel", params(("job_id" = String, Path, format = Uuid)), responses(
    (status = 200, body = Job), Problems))]
pub async fn cancel(State(app): State<Arc<App>>, JobPath(id): JobPath) -> Result<Json<Job>, Problem> {
    Ok(Json(app.library.cancel(id).await?))
}
