//! `POST /api/v1/jobs/{job_id}/segments/{number}/split`: one segment becomes two.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use shared::edit::Edit;
use utoipa::ToSchema;

use super::{Edited, edit};
use crate::{
    App,
    access::job::SegmentPath,
    extract::Json,
    problem::{Problem, problems},
};

/// Where to split.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// The job's `transcript_revision`.
    revision: u64,
    /// Letters (Unicode scalar values) of the text that stay in the first part.
    #[schema(minimum = 1)]
    at: usize,
}

problems!(Problems: JobNotFound, SegmentNotFound, WrongStatus, StaleRevision, Timeout, BodyTooLarge, StorageFull);

/// Split a segment. The first part keeps the number; the second gets one that was never used, and begins where its
/// first word does, or at its share of the time where the words have no times.
#[utoipa::path(post, path = "/api/v1/jobs/{job_id}/segments/{number}/split",
    params(("job_id" = String, Path, format = Uuid), ("number" = u64, Path, minimum = 1)), request_body = Split,
    responses((status = 200, body = Edited), Problems))]
pub async fn split(
    State(app): State<Arc<App>>,
    SegmentPath(id, number): SegmentPath,
    Json(Split { revision, at }): Json<Split>,
) -> Result<Json<Edited>, Problem> {
    edit(&app, id, revision, &Edit::Split { number, at }).await
}
