//! `DELETE /api/v1/jobs/{job_id}/chat`: the chat about a job is forgotten.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};

use crate::{
    App,
    access::job::JobPath,
    problem::{Problem, problems},
};

problems!(Problems: JobNotFound, StorageFull);

/// Forget the chat about a job.
#[utoipa::path(delete, path = "/api/v1/jobs/{job_id}/chat", operation_id = "clear_chat",
    params(("job_id" = String, Path, format = Uuid)),
    responses((status = 204, description = "Forgotten"), Problems))]
pub async fn clear(State(app): State<Arc<App>>, JobPath(job): JobPath) -> Result<StatusCode, Problem> {
    app.library.job(job).await?;
    app.library.clear_chat(job).await?;
    Ok(StatusCode::NO_CONTENT)
}
