//! `DELETE /api/v1/uploads/{upload_id}`: an upload is given up.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};

use super::UploadPath;
use crate::{
    App,
    intake::resumable,
    problem::{Problem, problems},
};

problems!(Problems: TusVersion, UploadNotFound, StorageFull);

/// Give an upload up; a job that came of it stays.
#[utoipa::path(delete, path = "/api/v1/uploads/{upload_id}", operation_id = "terminate_upload",
    params(("upload_id" = String, Path, format = Uuid), ("Tus-Resumable" = String, Header, description = "The protocol's version", pattern = "^1\\.0\\.0$")),
    responses((status = 204, description = "Gone"), Problems))]
pub async fn terminate(
    State(app): State<Arc<App>>,
    UploadPath(id): UploadPath,
) -> Result<StatusCode, Problem> {
    app.library.end_upload(id).await?;
    // To its end, even if the client goes away. What this does not get to, the garbage collector does.
    let erased = tokio::spawn(async move { resumable::erase(&app, id).await }).await;
    erased.map_err(|error| Problem::internal(&error))??;
    Ok(StatusCode::NO_CONTENT)
}
