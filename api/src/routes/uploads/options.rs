//! `OPTIONS /api/v1/uploads`: what the server understands of the protocol.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderName, StatusCode},
};

use crate::{
    App,
    intake::tus::{EXTENSIONS, TUS_EXTENSION, TUS_MAX_SIZE, TUS_VERSION},
    problem::problems,
};

problems!(Problems:);

/// Ask what uploads in pieces may be like.
#[utoipa::path(options, path = "/api/v1/uploads", responses(
    (status = 204, description = "In `Tus-Version`, `Tus-Extension` and `Tus-Max-Size` (bytes)"), Problems))]
pub async fn options(State(app): State<Arc<App>>) -> (StatusCode, [(HeaderName, String); 3]) {
    let max_bytes = app.limits.max_file_size.as_u64().to_string();
    let about = [
        (TUS_VERSION, "1.0.0".to_owned()),
        (TUS_EXTENSION, EXTENSIONS.to_owned()),
        (TUS_MAX_SIZE, max_bytes),
    ];
    (StatusCode::NO_CONTENT, about)
}
