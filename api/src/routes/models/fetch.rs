//! `POST /api/v1/models/{name}`: a speech model is fetched.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::StatusCode,
};

use super::with_models;
use crate::{
    App,
    problem::{Problem, problems},
};

problems!(Problems: ModelNotFound, ModelsElsewhere);

/// Fetch a speech model; the list tells how far it is. One that is there is left as it is.
#[utoipa::path(post, path = "/api/v1/models/{name}", operation_id = "fetch_model",
    params(("name" = String, Path)),
    responses(
        (status = 202, description = "It is being fetched"), Problems))]
pub async fn fetch(State(app): State<Arc<App>>, Path(name): Path<String>) -> Result<StatusCode, Problem> {
    with_models(&app, move |manager| manager.fetch(&name)).await?;
    Ok(StatusCode::ACCEPTED)
}
