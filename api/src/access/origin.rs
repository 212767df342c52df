//! Which pages may change something here.

use axum::{
    extract::Request,
    http::{
        HeaderMap, Uri,
        header::{HOST, ORIGIN, UPGRADE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_http::csrf::{CsrfLayer, ProtectionError};

use crate::problem::{Code, Problem};

type Refusal = fn(ProtectionError) -> Response;

/// Refuses what a page of another site wants to change.
pub fn layer() -> CsrfLayer<Refusal> {
    CsrfLayer::new().with_rejection_response(cross_origin as Refusal)
}

/// Refuses sockets to the pages of other sites: their handshake is a GET, which [`layer`] lets pass.
pub async fn check_upgrade(request: Request, next: Next) -> Response {
    if is_foreign_upgrade(request.headers()) { refusal() } else { next.run(request).await }
}

/// A client without `Origin` is no browser.
fn is_foreign_upgrade(headers: &HeaderMap) -> bool {
    let same_host = |origin: &[u8]| {
        let origin = Uri::try_from(origin).ok();
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        origin.as_ref().and_then(Uri::authority).zip(host).is_some_and(|(authority, host)| authority == host)
    };
    headers.contains_key(UPGRADE) && headers.get(ORIGIN).is_some_and(|origin| !same_host(origin.as_bytes()))
}

fn cross_origin(_: ProtectionError) -> Response {
    refusal()
}

/// There is no log-in, so a browser must not let other sites' pages change things here.
fn refusal() -> Response {
    Problem::new(
        Code::CrossOrigin,
        "Pages of other sites cannot change anything here; open Seogi's own page.",
    )
    .into_response()
}
