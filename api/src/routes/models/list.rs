//! `GET /api/v1/models`: the speech models.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::with_models;
use crate::{
    App,
    extract::Json,
    models::ModelState,
    problem::{Problem, problems},
};

/// The speech models.
#[derive(Serialize, ToSchema)]
pub struct Models {
    /// Whether they lie with this process; otherwise `seogi models` tells more beside a worker.
    here: bool,
    /// Those that can be fetched, and those that are there.
    models: Vec<ModelState>,
}

problems!(Problems: ModelsElsewhere);

/// List the speech models, with the progress of those that are being fetched.
#[utoipa::path(get, path = "/api/v1/models", operation_id = "list_models", responses(
    (status = 200, body = Models), Problems))]
pub async fn list(State(app): State<Arc<App>>) -> Result<Json<Models>, Problem> {
    if app.models.is_none() {
        return Ok(Json(Models { here: false, models: Vec::new() }));
    }
    Ok(Json(Models { here: true, models: with_models(&app, |manager| manager.list()).await? }))
}
