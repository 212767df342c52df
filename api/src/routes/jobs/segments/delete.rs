//! `DELETE /api/v1/jobs/{job_id}/segments/{number}`: a segment is taken out of the transcript.

use std::sync::Arc;

use axum::extract::State;
use shared::edit::Edit;

use super::{Edited, OnRevision, edit};
use crate::{
    App,
    access::job::SegmentPath,
    extract::{Json, Query},
    problem::{Problem, problems},
};

problems!(Problems: JobNotFound, SegmentNotFound, WrongStatus, StaleRevision, StorageFull);

/// Take a segment out of the transcript. It can be undone; the recording stays as it is.
#[utoipa::path(delete, path = "/api/v1/jobs/{job_id}/segments/{number}",
    params(("job_id" = String, Path, format = Uuid), ("number" = u64, Path, minimum = 1), OnRevision),
    responses((status = 200, body = Edited), Problems))]
pub async fn delete_segment(
    State(app): State<Arc<App>>,
    SegmentPath(id, number): SegmentPath,
    Query(OnRevision { revision }): Query<OnRevision>,
) -> Result<Json<Edited>, Problem> {
    edit(&app, id, revision, &Edit::Delete { number }).await
}
