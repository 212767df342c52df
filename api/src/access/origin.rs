//! Which pages may change something here.

use axum::response::{IntoResponse, Response};
use tower_http::csrf::{CsrfLayer, ProtectionError};

use crate::problem::{Code, Problem};

type Refusal = fn(ProtectionError) -> Response;

/// Refuses what a page of another site wants to change.
pub fn layer() -> CsrfLayer<Refusal> {
    CsrfLayer::new().with_rejection_response(cross_origin as Refusal)
}

/// There is no log-in, so a browser must not let other sites' pages change things here.
fn cross_origin(_: ProtectionError) -> Response {
    Problem::new(
        Code::CrossOrigin,
        "Pages of other sites cannot change anything here; open Seogi's own page.",
    )
    .into_response()
}
