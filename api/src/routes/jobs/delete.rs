//! `DELETE /api/v1/jobs/{job_id}`: a job goes, with its recording and its events.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use shared::job::JobId;

use crate::{
    App,
    access::job::JobPath,
    problem::{Problem, problems},
};

problems!(Problems: JobNotFound, StorageFull);

/// Delete a job, its recording, its transcript and its events.
#[utoipa::path(delete, path = "/api/v1/jobs/{job_id}", params(("job_id" = String, Path, format = Uuid)), responses(
    (status = 204, description = "Gone"), Problems))]
pub async fn delete(State(app): State<Arc<App>>, JobPath(id): JobPath) -> Result<StatusCode, Problem> {
    // To its end, even if the client goes away: the recording shall not wait for the garbage collector.
    tokio::spawn(erase(app, id)).await.map_err(|error| Problem::internal(&error))??;
    Ok(StatusCode::NO_CONTENT)
}

async fn erase(app: Arc<App>, id: JobId) -> Result<(), Problem> {
    Ok(app.library.delete(id).await?)
}
