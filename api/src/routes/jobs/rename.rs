//! `PATCH /api/v1/jobs/{job_id}`: a job gets another title.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use shared::job::Job;
use utoipa::ToSchema;

use crate::{
    App,
    extract::{JobPath, Json},
    problem::{Problem, ProblemBody},
    title,
};

/// What is to be changed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// One line of 1 to 200 letters.
    title: String,
}

/// Give a job another title.
#[utoipa::path(patch, path = "/api/v1/jobs/{job_id}", params(("job_id" = String, Path)), request_body = Change,
    responses((status = 200, body = Job), (status = "4XX", body = ProblemBody)))]
pub async fn rename(
    State(app): State<Arc<App>>,
    JobPath(id): JobPath,
    Json(change): Json<Change>,
) -> Result<Json<Job>, Problem> {
    Ok(Json(app.store.rename(id, &title::parse(&change.title)?).await?))
}
