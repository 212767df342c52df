//! `POST /api/v1/jobs/{job_id}/segments/{number}/merge`: two segments become one.

use std::sync::Arc;

use axum::extract::State;
use shared::edit::Edit;

use super::{Edited, OnRevision, edit};
use crate::{
    App,
    access::job::SegmentPath,
    extract::Json,
    problem::{Problem, ProblemBody},
};

/// Merge a segment with the one after it. It keeps its number, and lists the other's in `merged`.
#[utoipa::path(post, path = "/api/v1/jobs/{job_id}/segments/{number}/merge",
    params(("job_id" = String, Path), ("number" = u64, Path)), request_body = OnRevision,
    responses((status = 200, body = Edited), (status = "4XX", body = ProblemBody)))]
pub async fn merge(
    State(app): State<Arc<App>>,
    SegmentPath(id, number): SegmentPath,
    Json(OnRevision { revision }): Json<OnRevision>,
) -> Result<Json<Edited>, Problem> {
    edit(&app, id, revision, &Edit::Merge { number }).await
}
