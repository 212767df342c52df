//! `GET /api/v1/tags`: the tags that there are.

use std::sync::Arc;

use axum::extract::State;
use library::TagCount;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{App, extract::Json, problem::Problem, problem::problems};

/// The tags of all jobs.
#[derive(Serialize, ToSchema)]
pub struct Tags {
    /// The tags, the most used first.
    tags: Vec<TagCount>,
}

problems!(Problems:);

/// List every tag that a job has, and how many have it.
#[utoipa::path(get, path = "/api/v1/tags", responses((status = 200, body = Tags), Problems))]
pub async fn tags(State(app): State<Arc<App>>) -> Result<Json<Tags>, Problem> {
    Ok(Json(Tags { tags: app.library.tags().await? }))
}
