//! `HEAD /api/v1/uploads/{upload_id}`: how far an upload has come.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header::CACHE_CONTROL},
};

use shared::{job::JobId, upload::Upload};

use super::UploadPath;
use crate::{
    App,
    intake::{resumable, tus},
    problem::Problem,
    problem::problems,
};

problems!(Problems: TusVersion, UploadNotFound, WrongOffset, StorageFull);

/// Ask how far an upload has come: the next byte's number is in `Upload-Offset`.
///
/// Of a whole one, `Seogi-Job` names the job.
#[utoipa::path(head, path = "/api/v1/uploads/{upload_id}", operation_id = "head_upload",
    params(("upload_id" = String, Path, format = Uuid), ("Tus-Resumable" = String, Header, description = "The protocol's version", pattern = "^1\\.0\\.0$")),
    responses(
        (status = 200, description = "In `Upload-Offset`, `Upload-Length`, `Upload-Expires` and `Seogi-Job`"), Problems))]
pub async fn head(
    State(app): State<Arc<App>>,
    UploadPath(id): UploadPath,
) -> Result<(StatusCode, HeaderMap), Problem> {
    let upload = app.library.upload(id).await?;
    // A whole one is not done before it is a job, whoever died before.
    let job = if upload.is_whole() { Some(finish(app, upload.clone()).await?) } else { None };
    let mut state = tus::state(&upload, job);
    state.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok((StatusCode::OK, state))
}

async fn finish(app: Arc<App>, upload: Upload) -> Result<JobId, Problem> {
    // To its end, even if the client goes away.
    let finished = tokio::spawn(resumable::finish(app, upload)).await;
    finished.map_err(|error| Problem::internal(&error))?
}
