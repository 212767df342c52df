//! `DELETE /api/v1/models/{name}`: a speech model's file is deleted.

use std::sync::Arc;

use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::with_models;
use crate::{
    App,
    extract::Json,
    problem::{Problem, problems},
};

/// A model that is gone.
#[derive(Serialize, ToSchema)]
pub struct Removed {
    /// Bytes that came free.
    freed: u64,
}

problems!(Problems: ModelNotFound, ModelInUse, ModelsElsewhere);

/// Delete a speech model that is not in use, or end its fetching.
#[utoipa::path(delete, path = "/api/v1/models/{name}", operation_id = "remove_model",
    params(("name" = String, Path)),
    responses(
        (status = 200, body = Removed), Problems))]
pub async fn remove(State(app): State<Arc<App>>, Path(name): Path<String>) -> Result<Json<Removed>, Problem> {
    let freed = with_models(&app, move |manager| manager.remove(&name)).await?;
    Ok(Json(Removed { freed }))
}
