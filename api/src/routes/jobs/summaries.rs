//! `GET /api/v1/jobs/{job_id}/summaries`: every version of a job's minutes.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use shared::{job::JobId, minutes::Minutes};
use utoipa::ToSchema;

use crate::{
    App,
    extract::{JobPath, Json},
    problem::{Problem, ProblemBody},
};

/// A job's minutes.
#[derive(Serialize, ToSchema)]
pub struct Summaries {
    /// The job.
    job_id: JobId,
    /// Every version, the newest last.
    summaries: Vec<Minutes>,
}

/// List every version of a job's minutes, the newest last.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}/summaries", params(("job_id" = String, Path)), responses(
    (status = 200, body = Summaries), (status = 404, body = ProblemBody),
))]
pub async fn summaries(
    State(app): State<Arc<App>>,
    JobPath(job_id): JobPath,
) -> Result<Json<Summaries>, Problem> {
    app.store.job(job_id).await?;
    Ok(Json(Summaries { job_id, summaries: app.store.minutes(job_id).await? }))
}
