//! `POST /api/v1/jobs/{job_id}/transcript/redo`: the edit that was taken back last is made again.

use std::sync::Arc;

use axum::extract::State;

use super::{Edited, OnRevision, edited};
use crate::{
    App,
    access::job::JobPath,
    extract::Json,
    problem::{Problem, problems},
};

problems!(Problems: JobNotFound, WrongStatus, StaleRevision, NothingToRedo, Timeout, BodyTooLarge, StorageFull);

/// Make the edit again that was taken back last.
#[utoipa::path(post, path = "/api/v1/jobs/{job_id}/transcript/redo", params(("job_id" = String, Path, format = Uuid)),
    request_body = OnRevision, responses((status = 200, body = Edited), Problems))]
pub async fn redo(
    State(app): State<Arc<App>>,
    JobPath(id): JobPath,
    Json(OnRevision { revision }): Json<OnRevision>,
) -> Result<Json<Edited>, Problem> {
    Ok(edited(revision, Some(app.library.redo(id, revision).await?)))
}
