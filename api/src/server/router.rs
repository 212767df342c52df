//! The router: the routes, and what holds for every one of them.

use std::{io, sync::Arc, time::Instant};

use axum::{
    Router,
    body::HttpBody,
    extract::{DefaultBodyLimit, MatchedPath, Request},
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header},
    middleware::{self, Next},
    response::Response,
    routing::get,
};
use config::ServerConfig;
use tower::ServiceBuilder;
use tower_http::{
    compression::{CompressionLayer, Predicate, predicate::SizeAbove},
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer},
    set_header::SetResponseHeaderLayer,
    timeout::RequestBodyTimeoutLayer,
};
use tracing::{Instrument, Span};

use crate::{
    App,
    access::{
        client_address::{self, ClientAddress},
        host::{self, HostAllowList},
        origin,
    },
    problem::{Code, Problem, responses},
    routes,
    server::{measure::measure, page, protocol},
};

/// Longest body of a request that is no upload.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Bytes from which on it pays to compress an answer.
const MIN_COMPRESSED_BYTES: u64 = 1024;

/// What a page from here may load and do: nothing from elsewhere, and nothing in other people's frames.
const PAGE_POLICY: &str = "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; object-src 'none'; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

/// Which of a device's abilities a page from here may ask for: to hear, and to keep awake while it does.
const PERMISSIONS: &str = "microphone=(self), display-capture=(self), screen-wake-lock=(self), camera=(), \
                           geolocation=(), payment=(), usb=()";

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// Who may take in what is here: pages from here.
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The whole API, with the page.
///
/// # Errors
/// When an origin of the configuration is none.
pub fn router(app: Arc<App>, config: &ServerConfig) -> io::Result<Router> {
    let (router, mut openapi) = routes::routes(app.small_body_timeout).split_for_parts();
    responses::define(&mut openapi);
    let openapi = Arc::new(openapi);
    let router = router
        .route("/api/v1/openapi.json", get(async move || axum::Json(openapi)))
        .fallback(page::asset)
        .method_not_allowed_fallback(async || {
            Problem::new(Code::MethodNotAllowed, "This address knows other methods; see the header `Allow`.")
        });
    layered(router, app, config)
}

/// What is answered when as many clients are connected as may be: how the program is, and nothing else.
///
/// # Errors
/// As [`router`].
pub fn crowded_router(app: Arc<App>, config: &ServerConfig) -> io::Result<Router> {
    let router = routes::status().split_for_parts().0.fallback(async || {
        let sentence = "As many clients are connected as the server allows; try again in a moment.";
        Problem::new(Code::TooManyConnections, sentence)
    });
    layered(router, app, config)
}

/// The router with what holds for every request.
fn layered(router: Router<Arc<App>>, app: Arc<App>, config: &ServerConfig) -> io::Result<Router> {
    let hosts = Arc::new(HostAllowList::new(config, &app.auth));
    let origins: Arc<[_]> = config.origins.clone().into();
    // The first of these sees a request first and its answer last.
    let every_request = ServiceBuilder::new()
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(middleware::from_fn_with_state(Arc::new(config.clone()), client_address::note))
        .layer(middleware::from_fn(logged))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(middleware::from_fn(measure))
        .layer(middleware::from_fn(close_refused))
        .layer(middleware::from_fn(protocol::not_stored))
        .layer(constant(header::CONTENT_SECURITY_POLICY, PAGE_POLICY))
        .layer(constant(PERMISSIONS_POLICY, PERMISSIONS))
        .layer(constant(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(constant(header::REFERRER_POLICY, "no-referrer"))
        .layer(constant(RESOURCE_POLICY, "same-origin"))
        .layer(middleware::from_fn(protocol::followed))
        .layer(middleware::from_fn_with_state(hosts, host::check))
        .layer(middleware::from_fn_with_state(Arc::clone(&origins), origin::share))
        .layer(origin::layer(&origins)?)
        .layer(middleware::from_fn_with_state(origins, origin::check))
        .layer(RequestBodyTimeoutLayer::new(app.body_timeout))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES));
    let compression =
        CompressionLayer::new().compress_when(SizeAbove::new(MIN_COMPRESSED_BYTES).and(is_whole_text));
    Ok(router.layer(compression).layer(every_request).with_state(app))
}

/// The page, JSON and transcripts. A stream's events must not wait for each other, and sound is compressed already.
fn is_whole_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    let text = kind.starts_with("text/") || kind.ends_with("json") || kind.ends_with("+xml");
    text && kind != "text/event-stream"
}

/// What a process without the API says about itself: whether it lives, whether it is ready, its figures.
pub fn status_router(app: App) -> Router {
    routes::status().split_for_parts().0.with_state(Arc::new(app))
}

/// A refused body is not read to its end, so that nothing more can be asked on its connection; the client must know
/// before it tries.
async fn close_refused(request: Request, next: Next) -> Response {
    let has_body = !request.body().is_end_stream();
    let mut response = next.run(request).await;
    if has_body && !response.status().is_success() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn constant(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// Logs the request when its answer begins.
async fn logged(request: Request, next: Next) -> Response {
    let (span, begun) = (span(&request), Instant::now());
    let response = next.run(request).instrument(span.clone()).await;
    let (status, ms) = (response.status().as_u16(), begun.elapsed().as_millis() as u64);
    span.in_scope(|| tracing::info!(status, ms, "answered"));
    response
}

/// The request's place in the log: its route and where it comes from, and neither query nor body.
fn span(request: &Request) -> Span {
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
    let client = request
        .extensions()
        .get::<ClientAddress>()
        .map(|ClientAddress(client)| tracing::field::display(client));
    tracing::info_span!("request", method = %request.method(), route, id, client)
}
