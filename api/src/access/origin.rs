//! Which pages may use what is here: the own, and those of origins that the configuration names.

use std::{io, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode, Uri,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
            ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
            ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, COOKIE, HOST, ORIGIN, UPGRADE, VARY,
        },
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use config::Origin;
use tower_http::csrf::{CsrfLayer, ProtectionError};

use crate::problem::{Code, Problem};

/// What a page of another origin may ask with.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");

/// What it may read of an answer, besides what every page may.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Content-Disposition, Content-Range, ETag, Location, Retry-After, Tus-Resumable, Upload-Expires, Upload-Length, \
     Upload-Offset, X-Request-Id",
);

/// Seconds that a browser may remember what it was allowed.
const MAX_AGE_SECONDS: HeaderValue = HeaderValue::from_static("600");

type Refusal = fn(ProtectionError) -> Response;

/// Refuses what a page of another site wants to change.
///
/// # Errors
/// When an origin is none, which the configuration has ruled out.
pub fn layer(origins: &[Origin]) -> io::Result<CsrfLayer<Refusal>> {
    let add = |layer: CsrfLayer, origin: &Origin| layer.add_trusted_origin(origin.as_str());
    let layer = origins.iter().try_fold(CsrfLayer::new(), add).map_err(io::Error::other)?;
    Ok(layer.with_rejection_response(cross_origin as Refusal))
}

/// Refuses sockets and credentials to pages of other sites, which [`layer`] lets pass: a handshake is a GET, and so may
/// be a request with credentials. A client without `Origin` is no browser.
pub async fn check(State(origins): State<Arc<[Origin]>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let guarded = [UPGRADE, COOKIE, AUTHORIZATION].iter().any(|name| headers.contains_key(name));
    let foreign =
        headers.get(ORIGIN).is_some_and(|origin| !is_own(origin, headers) && !is_listed(origin, &origins));
    if guarded && foreign { refusal() } else { next.run(request).await }
}

/// Lets pages of the origins that are listed read what is answered (CORS).
pub async fn share(State(origins): State<Arc<[Origin]>>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(ORIGIN).filter(|origin| is_listed(origin, &origins)).cloned();
    let Some(origin) = origin else { return next.run(request).await };
    let is_preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_preflight { allowance(request.headers()) } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.append(VARY, HeaderValue::from_static("origin"));
    response
}

/// What a page may do, asked before it does it.
fn allowance(asked: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS);
    if let Some(names) = asked.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    response
}

fn is_listed(origin: &HeaderValue, origins: &[Origin]) -> bool {
    origins.iter().any(|listed| listed.as_str().as_bytes() == origin.as_bytes())
}

/// Whether a page was loaded from here, as far as its browser says.
fn is_own(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let origin = Uri::try_from(origin.as_bytes()).ok();
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    origin.as_ref().and_then(Uri::authority).zip(host).is_some_and(|(authority, host)| authority == host)
}

fn cross_origin(_: ProtectionError) -> Response {
    refusal()
}

fn refusal() -> Response {
    Problem::new(
        Code::CrossOrigin,
        "Pages of other sites cannot change anything here; open Seogi's own page, or name the site in server.origins.",
    )
    .into_response()
}
