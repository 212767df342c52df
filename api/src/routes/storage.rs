//! `GET /api/v1/storage`: how much room there is, and what takes it.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    App,
    extract::Json,
    intake::space,
    problem::{Problem, problems},
};

/// What is stored.
#[derive(Serialize, ToSchema)]
pub struct Storage {
    /// Recordings.
    recordings: u64,
    /// Bytes of all of them.
    recording_bytes: u64,
    /// Uploads that are not finished.
    uploads: u64,
    /// Bytes of these.
    upload_bytes: u64,
    /// Bytes that are free where the data folder lies; none where recordings lie in a bucket.
    #[schema(required)]
    free_bytes: Option<u64>,
    /// Bytes that have to stay free, or no recording is accepted.
    min_free_bytes: u64,
}

problems!(Problems: StorageFull);

/// See what takes room.
#[utoipa::path(get, path = "/api/v1/storage", responses(
    (status = 200, body = Storage), Problems))]
pub async fn storage(State(app): State<Arc<App>>) -> Result<Json<Storage>, Problem> {
    let counts = app.library.counts().await?;
    Ok(Json(Storage {
        recordings: counts.jobs.iter().map(|(_, jobs)| jobs).sum(),
        recording_bytes: counts.recording_bytes,
        uploads: counts.uploads,
        upload_bytes: counts.upload_bytes,
        free_bytes: space::free(&app).await?,
        min_free_bytes: app.limits.min_free_space.as_u64(),
    }))
}
