//! `GET /healthz`: whether the program lives.

use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::Json;

/// Whether the program lives.
#[derive(Serialize, ToSchema)]
pub struct Alive {
    /// `ok`.
    status: &'static str,
}

/// Whether the program lives.
#[utoipa::path(get, path = "/healthz", responses((status = 200, body = Alive)))]
pub async fn alive() -> Json<Alive> {
    Json(Alive { status: "ok" })
}
