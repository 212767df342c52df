//! `POST /api/v1/jobs/{job_id}/segments/{number}/merge`: two segments become one.

use std::sync::Arc;

use axum::extract::State;
use shared::edit::Edit;

use super::{Edited, OnRevision, edit};
use crate::{
    App,
    access::job::SegmentPath,
    extract::Json,
    problem::{Problem, problems},
};

problems!(Problems: JobNotFound, SegmentNotFound, WrongStatus, StaleRevision, Timeout, BodyTooLarge, StorageFull);

/// Merge a segment with the one after it. It keeps its number, and lists the other's in `merged`.
#[utoipa::path(post, path = "/api/v1/jobs/{job_id}/segments/{number}/merge",
    params(("job_id" = String, Path, format = Uuid), ("number" = u64, Path, minimum = 1)), request_body = OnRevision,
    responses((status = 200, body = Edited), Problems))]
pub async fn merge(
    State(app): State<Arc<App>>,
    SegmentPath(id, number): SegmentPath,
    Json(OnRevision { revision }): Json<OnRevision>,
) -> Result<Json<Edited>, Problem> {
    edit(&app, id, revision, &Edit::Merge { number }).await
}
