//! `POST /api/v1/jobs/{job_id}/transcript/undo`: the newest edit is taken back.

use std::sync::Arc;

use axum::extract::State;

use super::{Edited, OnRevision, edited};
use crate::{
    App,
    access::job::JobPath,
    extract::Json,
    problem::{Problem, problems},
};

problems!(Problems: JobNotFound, WrongStatus, StaleRevision, NothingToUndo, Timeout, BodyTooLarge, StorageFull);

/// Take the newest edit of the transcript back, whoever made it.
#[utoipa::path(post, path = "/api/v1/jobs/{job_id}/transcript/undo", params(("job_id" = String, Path, format = Uuid)),
    request_body = OnRevision, responses((status = 200, body = Edited), Problems))]
pub async fn undo(
    State(app): State<Arc<App>>,
    JobPath(id): JobPath,
    Json(OnRevision { revision }): Json<OnRevision>,
) -> Result<Json<Edited>, Problem> {
    Ok(edited(revision, Some(app.library.undo(id, revision).await?)))
}
