//! `GET /healthz`: whether the program lives.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{extract::Json, problem::problems};

/// Whether the program lives.
#[derive(Serialize, ToSchema)]
pub struct Alive {
    /// `ok`.
    status: &'static str,
}

problems!(Problems);

/// Whether the program lives.
#[utoipa::path(get, path = "/healthz", responses((status = 200, body = Alive), Problems))]
pub async fn alive() -> Json<Alive> {
    Json(Alive { status: "ok" })
}
